/* Tables of comma-separated values: what a cell is, and what is refused. */
#include <string.h>
#include <unistd.h>

#include "core/base/csv.h"
#include "tests/check_main.h"

/* Reads `text` like a user's file, which is gone afterwards. */
static bool read_text(struct arena *a, const char *text, struct csv_table *t, struct diag *d)
{
    char path[] = "/tmp/cimarron_test_XXXXXX";
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
    close(file);
    bool good = csv_read(a, path, t, d);
    unlink(path);
    return good;
}

START_TEST(cells_stand_under_their_columns)
{
    struct arena *a = arena_open();
    struct csv_table t;
    struct diag d = {0};
    ck_assert(read_text(a, "name, volts\n# a remark\n\n x ,0.9\ny,1.2\n", &t, &d));
    ck_assert_uint_eq(t.rows, 2);
    ck_assert_str_eq(csv_text(&t, 0, csv_column(&t, "name")), "x");
    ck_assert_str_eq(csv_text(&t, 1, csv_column(&t, "volts")), "1.2");
    ck_assert_int_eq(t.lines[0], 4);
    ck_assert_int_eq(csv_column(&t, "amps"), -1);
    arena_close(a);
}
END_TEST

START_TEST(a_quoted_cell_holds_commas_and_quotes)
{
    struct arena *a = arena_open();
    struct csv_table t;
    struct diag d = {0};
    ck_assert(read_text(a, "a,b,c\n\"x, y\" , \"a \"\"b\"\"\",\"\"\n", &t, &d));
    ck_assert_str_eq(csv_text(&t, 0, 0), "x, y");
    ck_assert_str_eq(csv_text(&t, 0, 1), "a \"b\"");
    ck_assert_str_eq(csv_text(&t, 0, 2), "");
    arena_close(a);
}
END_TEST

START_TEST(a_row_that_ends_early_has_empty_cells)
{
    struct arena *a = arena_open();
    struct csv_table t;
    struct diag d = {0};
    ck_assert(read_text(a, "a,b,c\n1\n", &t, &d));
    ck_assert_str_eq(csv_text(&t, 0, 2), "");
    arena_close(a);
}
END_TEST

START_TEST(numbers_are_finite_and_in_range)
{
    static const char *const bad[] = {"nan", "inf", "1e999", "7", "-1", "1x", "x"};
    struct arena *a = arena_open();
    struct csv_table t;
    struct diag d = {0};
    double value;
    ck_assert(read_text(a, "v,w\n0.5,\nnan,\ninf,\n1e999,\n7,\n-1,\n1x,\nx,\n", &t, &d));
    ck_assert(csv_real(&t, 0, 0, 0, 1, &value, &d));
    ck_assert_double_eq(value, 0.5);
    ck_assert(csv_real_or(&t, 0, 1, 0, 1, NAN, &value, &d));
    ck_assert(isnan(value));
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct diag refused = {0};
        ck_assert_msg(!csv_real(&t, i + 1, 0, 0, 1, &value, &refused), "%s was taken", bad[i]);
        ck_assert_int_eq(refused.line, (int)i + 3);
    }
    arena_close(a);
}
END_TEST

START_TEST(broken_tables_are_refused_at_their_line)
{
    static const struct {
        const char *text, *sentence;
        int line;
    } cases[] = {
        {"", "the file is empty: the first line must name the columns", 0},
        {"a,a\n", "column 'a' stands twice", 1},
        {"a,,b\n", "column 2 has no name", 1},
        {"a,b\n1,2,3\n", "3 cells, but the first line names 2 columns", 2},
        {"a,b\n1,2\n\"x,2\n", "a quoted cell has no closing quote in its line", 3},
        {"a\n\"x\"\"\n", "a quoted cell has no closing quote in its line", 2},
        {"a,b\n\"x\"y,2\n", "text stands behind a closing quote: a comma must follow", 2},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena *a = arena_open();
        struct csv_table t;
        struct diag d = {0};
        ck_assert_msg(!read_text(a, cases[i].text, &t, &d), "accepted: %s", cases[i].text);
        ck_assert_str_eq(d.text, cases[i].sentence);
        ck_assert_int_eq(d.line, cases[i].line);
        ck_assert_int_eq(d.status, 2);
        arena_close(a);
    }
}
END_TEST

SUITE("csv", cells_stand_under_their_columns, a_quoted_cell_holds_commas_and_quotes,
      a_row_that_ends_early_has_empty_cells, numbers_are_finite_and_in_range,
      broken_tables_are_refused_at_their_line)
