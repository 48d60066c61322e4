#include "core/base/diag.h"
#include "core/base/text.h"
#include "tests/check_main.h"

static const char *shown_of(const char *text, char *out, size_t size)
{
    text_show_all(text, out, size);
    return out;
}

START_TEST(a_character_that_steers_a_terminal_or_turns_the_reading_is_shown_as_its_escape)
{
    static const char *const cases[][2] = {
        {"plain, caf\u00e9 \u2192 \U0001F600", "plain, caf\u00e9 \u2192 \U0001F600"},
        {"a\x1b[31m\n\t\x7f", "a\\u001b[31m\\u000a\\u0009\\u007f"},
        {"\xc2\x9b"
         "2J\xc2\x85",
         "\\u009b2J\\u0085"},
        {"\u202a\u202b\u202c\u202d\u202e", "\\u202a\\u202b\\u202c\\u202d\\u202e"},
        {"\u2066\u2067\u2068\u2069\u061c\u200f", "\\u2066\\u2067\\u2068\\u2069\\u061c\\u200f"},
        {"\u2028\u2029", "\\u2028\\u2029"},
        {"\x9b"
         "2J\xff\xe2\x80",
         "\\x9b2J\\xff\\xe2\\x80"},
        {"\xc0\x9b\xed\xa0\x80", "\\xc0\\x9b\\xed\\xa0\\x80"},
    };
    char out[128];
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        ck_assert_str_eq(shown_of(cases[i][0], out, sizeof out), cases[i][1]);
}
END_TEST

START_TEST(a_text_that_is_too_long_is_cut_between_characters)
{
    char out[8];
    ck_assert_str_eq(shown_of("abcdef\u00e9", out, sizeof out), "abcdef");
    ck_assert_str_eq(shown_of("ab\u202e", out, sizeof out), "ab");
    ck_assert_str_eq(shown_of("abcdefghij", out, sizeof out), "abcdefg");
}
END_TEST

START_TEST(a_complaint_shows_the_names_that_it_holds)
{
    struct diag d = {0};
    char text[256];
    ck_assert(!diag_input(&d, "evil\x1b[2J.cfg", 3, "'%s' is no \xff key\n", "a\u202e"));
    diag_format(&d, text, sizeof text);
    ck_assert_str_eq(text, "evil\\u001b[2J.cfg:3: 'a\\u202e' is no \\xff key\\u000a");
}
END_TEST

START_TEST(what_the_machine_lacks_is_not_the_users_mistake)
{
    struct diag full = {0}, absent = {0};
    ck_assert(!diag_system(&full, "x", "cannot be written", 28 /* ENOSPC */));
    ck_assert(!diag_system(&absent, "x", "cannot be opened", 2 /* ENOENT */));
    ck_assert_int_eq(full.status, 1);
    ck_assert_int_eq(absent.status, 2);
    ck_assert_str_eq(absent.text, "cannot be opened: No such file or directory");
}
END_TEST

SUITE("text", a_character_that_steers_a_terminal_or_turns_the_reading_is_shown_as_its_escape,
      a_text_that_is_too_long_is_cut_between_characters, a_complaint_shows_the_names_that_it_holds,
      what_the_machine_lacks_is_not_the_users_mistake)
