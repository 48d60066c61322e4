#include <stdlib.h>

#include "core/report/escape.h"
#include "core/report/format.h"
#include "core/report/table.h"
#include "tests/check_main.h"

static char *escaped(void (*escape)(FILE *out, const char *text), const char *text)
{
    char *said;
    size_t size;
    FILE *out = open_memstream(&said, &size);
    ck_assert_ptr_nonnull(out);
    escape(out, text);
    fclose(out);
    return said;
}

START_TEST(a_cell_that_a_spreadsheet_would_run_is_text_and_numbers_stay_numbers)
{
    static const char *const cases[][2] = {
        {"=1+1", "\"'=1+1\""},
        {"+cmd|' /C calc'!A0", "\"'+cmd|' /C calc'!A0\""},
        {"-2+3", "\"'-2+3\""},
        {"@SUM(A1:A9)", "\"'@SUM(A1:A9)\""},
        {"\t=1", "\"'\\u0009=1\""},
        {"\r=1", "\"'\\u000d=1\""},
        {"=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\""},
        {"-1.25e-09", "-1.25e-09"},
        {"+7", "+7"},
        {"-", "-"},
        {"conv=1", "conv=1"},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *cell = escaped(escape_csv, cases[i][0]);
        ck_assert_str_eq(cell, cases[i][1]);
        free(cell);
    }
}
END_TEST

START_TEST(control_and_bidirectional_characters_are_escaped_wherever_a_name_is_written)
{
    const struct {
        void (*escape)(FILE *out, const char *text);
        const char *wanted;
    } cases[] = {
        {escape_csv, "a\\u001bb\\u202ec\\u009bd"},
        {escape_md, "a\\\\u001bb\\\\u202ec\\\\u009bd"},
        {escape_latex, "a\\textbackslash{}u001bb\\textbackslash{}u202ec\\textbackslash{}u009bd"},
        {escape_html, "a\\u001bb\\u202ec\\u009bd"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *text = escaped(cases[i].escape, "a\x1b"
                                              "b\u202ec\xc2\x9b"
                                              "d");
        ck_assert_str_eq(text, cases[i].wanted);
        free(text);
    }
}
END_TEST

START_TEST(columns_stay_aligned_beside_a_name_with_escapes)
{
    char *said;
    size_t size;
    FILE *out = open_memstream(&said, &size);
    struct arena *a = arena_open();
    struct table *t = table_open(a);
    table_column(t, "name", ALIGN_LEFT);
    table_column(t, "n", ALIGN_RIGHT);
    table_cell(t, "\u202ename");
    table_cell(t, "1");
    table_cell(t, "0123456789");
    table_cell(t, "2");
    table_write(out, t, TABLE_TEXT);
    fclose(out);
    const char *one = strstr(said, "\\u202ename"), *two = strstr(said, "0123456789");
    ck_assert_ptr_nonnull(one);
    ck_assert_ptr_nonnull(two);
    ck_assert_int_eq(strchr(one, '1') - one, strchr(two, '\n') - two - 1);
    ck_assert_int_eq(format_width("\u202ename"), 10);
    free(said);
    arena_close(a);
}
END_TEST

SUITE("escape", a_cell_that_a_spreadsheet_would_run_is_text_and_numbers_stay_numbers,
      control_and_bidirectional_characters_are_escaped_wherever_a_name_is_written,
      columns_stay_aligned_beside_a_name_with_escapes)
