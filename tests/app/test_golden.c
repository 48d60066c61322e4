/* tests/golden/NAME/: args (a word per line) and stdout, compared text by text and number by number
 * to 1e-9.  CIMARRON_ACCEPT=1 writes stdout anew: look at the difference before committing it. */
#include "tests/app/program.h"
#include "tests/folder.h"

static bool begins_number(const char *text, const char *start)
{
    bool inside = text > start && ((text[-1] >= '0' && text[-1] <= '9') || text[-1] == '_' ||
                                   (text[-1] >= 'a' && text[-1] <= 'z'));
    return !inside && *text >= '0' && *text <= '9';
}

/* NULL when equal, else where `is` differs. */
static const char *difference(const char *is, const char *should)
{
    const char *is_start = is, *should_start = should;
    while (*is && *should) {
        if (begins_number(is, is_start) && begins_number(should, should_start)) {
            char *is_end, *should_end;
            double x = strtod(is, &is_end), y = strtod(should, &should_end);
            if (fabs(x - y) > 1e-9 * fabs(y))
                return is;
            is = is_end;
            should = should_end;
        } else if (*is++ != *should++) {
            return is - 1;
        }
    }
    return *is || *should ? is : NULL;
}

static char *output_of(struct arena *a, const char *folder)
{
    char *line = read_whole(a, arena_printf(a, "%s/args", folder));
    for (char *c = line; *c; c++)
        if (*c == '\n')
            *c = ' ';
    struct outcome r = run(a, line);
    ck_assert_msg(r.status == 0, "%s ends with %d: %s", folder, r.status, r.err);
    return r.out;
}

static void check_case(struct arena *a, const char *folder)
{
    const char *path = arena_printf(a, "%s/stdout", folder);
    const char *is = output_of(a, folder), *accept = getenv("CIMARRON_ACCEPT");
    if (accept && *accept == '1')
        write_whole(path, is);
    const char *wrong = difference(is, read_whole(a, path));
    ck_assert_msg(!wrong, "%s differs from here: %.200s", folder, wrong ? wrong : "");
}

START_TEST(every_golden_result_comes_out_again)
{
    struct arena *a = arena_open();
    struct folder_names cases = folder_list(a, "tests/golden", "", "");
    for (size_t i = 0; i < cases.count; i++)
        check_case(a, arena_printf(a, "tests/golden/%s", cases.at[i]));
    ck_assert_uint_ge(cases.count, 4);
    arena_close(a);
}
END_TEST

START_TEST(a_golden_comparison_sees_a_number_that_moves_by_a_millionth)
{
    ck_assert_ptr_null(difference("{\"a\": 1.0}", "{\"a\": 1.0000000000001}"));
    ck_assert_ptr_nonnull(difference("{\"a\": 1.0}", "{\"a\": 1.000001}"));
    ck_assert_ptr_nonnull(difference("{\"a\": 1.0}", "{\"b\": 1.0}"));
    ck_assert_ptr_nonnull(difference("{\"a\": 1.0}", "{\"a\": 1.0, \"b\": 2}"));
}
END_TEST

SUITE("golden results", every_golden_result_comes_out_again,
      a_golden_comparison_sees_a_number_that_moves_by_a_millionth)
