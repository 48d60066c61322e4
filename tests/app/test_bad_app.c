/* tests/bad/app-NAME/: args (a word per line, {DIR} is the folder), error (what stderr must hold),
 * status (1 or 2). */
#include "tests/app/program.h"
#include "tests/folder.h"

static struct outcome run_case(struct arena *a, const char *folder)
{
    char *words[WORDS_MAX] = {NULL};
    char *text = read_whole(a, arena_printf(a, "%s/args", folder));
    int count = 1;
    for (char *next; *text && count < WORDS_MAX - 1; text = next) {
        next = text + strcspn(text, "\n");
        if (*next)
            *next++ = '\0';
        char *dir = strstr(text, "{DIR}");
        words[count++] =
            dir ? arena_printf(a, "%.*s%s%s", (int)(dir - text), text, folder, dir + 5) : text;
    }
    return run_words(a, words, NULL, NULL);
}

static void check_case(struct arena *a, const char *folder)
{
    char *error = read_whole(a, arena_printf(a, "%s/error", folder));
    char *status = read_whole(a, arena_printf(a, "%s/status", folder));
    struct outcome r = run_case(a, folder);
    error[strcspn(error, "\n")] = '\0';
    ck_assert_msg(r.status == atoi(status), "%s ends with %d, not %s: %s", folder, r.status, status,
                  r.err);
    ck_assert_msg(strstr(r.err, error) != NULL, "%s says '%s'", folder, r.err);
    ck_assert_msg(!*r.out, "%s prints on stdout: %s", folder, r.out);
    ck_assert_msg(strchr(r.err, '\n') == r.err + strlen(r.err) - 1, "%s: more than one line: %s",
                  folder, r.err);
}

START_TEST(every_mistake_is_told_in_one_line_on_stderr_with_its_status)
{
    struct arena *a = arena_open();
    struct folder_names cases = folder_list(a, "tests/bad", "app-", "");
    for (size_t i = 0; i < cases.count; i++)
        check_case(a, arena_printf(a, "tests/bad/%s", cases.at[i]));
    ck_assert_uint_ge(cases.count, 20);
    arena_close(a);
}
END_TEST

SUITE("mistakes on the command line", every_mistake_is_told_in_one_line_on_stderr_with_its_status)
