#include "core/app/app.h"
#include "tests/app/program.h"

START_TEST(without_words_the_help_goes_to_stderr_and_the_status_is_2)
{
    struct arena *a = arena_open();
    struct outcome r = run(a, "");
    ck_assert_int_eq(r.status, 2);
    ck_assert_str_eq(r.out, "");
    ck_assert_ptr_nonnull(strstr(r.err, "COMMANDS"));
    arena_close(a);
}
END_TEST

START_TEST(the_help_of_the_program_names_every_command)
{
    struct arena *a = arena_open();
    struct outcome r = run(a, "--help");
    ck_assert_int_eq(r.status, 0);
    ck_assert_str_eq(r.err, "");
    for (size_t i = 0; command_at(i); i++)
        ck_assert_ptr_nonnull(strstr(r.out, command_at(i)->summary));
    arena_close(a);
}
END_TEST

/* Every option of its table, within 100 columns, and examples that begin with the command. */
START_TEST(the_help_of_every_command_names_its_options_and_fits_the_screen)
{
    struct arena *a = arena_open();
    for (size_t i = 0; command_at(i); i++) {
        const struct command *c = command_at(i);
        struct outcome r = run(a, arena_printf(a, "%s --help", c->name));
        ck_assert_int_eq(r.status, 0);
        ck_assert_str_eq(r.err, "");
        for (size_t k = 0; k < c->option_count; k++)
            ck_assert_msg(strstr(r.out, arena_printf(a, "--%s", c->options[k].name)) != NULL,
                          "%s --help does not name --%s", c->name, c->options[k].name);
        ck_assert_ptr_nonnull(strstr(r.out, arena_printf(a, "\n  cimarron %s", c->name)));
        for (char *line = strtok(r.out, "\n"); line; line = strtok(NULL, "\n"))
            ck_assert_msg(strlen(line) <= 100, "%s --help: '%s'", c->name, line);
    }
    arena_close(a);
}
END_TEST

START_TEST(help_as_a_word_is_the_same_as_the_option)
{
    struct arena *a = arena_open();
    ck_assert_str_eq(run(a, "help peak").out, run(a, "peak --help").out);
    ck_assert_str_eq(run(a, "help trace cat").out, run(a, "trace cat --help").out);
    ck_assert_str_eq(run(a, "help").out, run(a, "--help").out);
    ck_assert_str_eq(run(a, "trace --help").out, run(a, "--help").out);
    arena_close(a);
}
END_TEST

START_TEST(the_version_is_one_line)
{
    struct arena *a = arena_open();
    struct outcome r = run(a, "--version");
    ck_assert_int_eq(r.status, 0);
    ck_assert_int_eq(strncmp(r.out, "cimarron ", 9), 0);
    ck_assert_ptr_eq(strchr(r.out, '\n'), r.out + strlen(r.out) - 1);
    arena_close(a);
}
END_TEST

START_TEST(a_value_may_stand_behind_an_equals_sign_or_a_blank)
{
    struct arena *a = arena_open();
    struct outcome one = run(a, "macro isaac_xbar --input-density=0.25 --format=json");
    struct outcome other = run(a, "macro --format json isaac_xbar --input-density 0.25");
    ck_assert_int_eq(one.status, 0);
    ck_assert_str_eq(one.out, other.out);
    ck_assert_str_ne(one.out, run(a, "macro isaac_xbar --format json").out);
    arena_close(a);
}
END_TEST

START_TEST(an_override_changes_the_result_and_a_second_one_too)
{
    struct arena *a = arena_open();
    json_t *plain = run_json(a, "peak isaac --format json");
    json_t *set = run_json(a, "peak isaac --format json --set tiles=84 --set tile.arrays=48");
    ASSERT_NEAR(number_of(set, "tops"), number_of(plain, "tops") / 4, 1e-9);
    json_decref(plain);
    json_decref(set);
    arena_close(a);
}
END_TEST

SUITE("help and options", without_words_the_help_goes_to_stderr_and_the_status_is_2,
      the_help_of_the_program_names_every_command,
      the_help_of_every_command_names_its_options_and_fits_the_screen,
      help_as_a_word_is_the_same_as_the_option, the_version_is_one_line,
      a_value_may_stand_behind_an_equals_sign_or_a_blank,
      an_override_changes_the_result_and_a_second_one_too)
