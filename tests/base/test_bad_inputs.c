/* The walk over broken inputs itself: what it must not let pass. */
#include "tests/bad_inputs.h"

#define FEW "cfg-empty-" /* cfg-empty-file and cfg-empty-source */

static bool accept(struct arena *a, const char *path, struct diag *d, void *user)
{
    (void)a;
    (void)path;
    (void)d;
    (void)user;
    return true;
}

/* Refuses with the expected sentence, its status and a tail from `user`. */
struct echo {
    int status;
    const char *tail;
};

static bool refuse(struct arena *a, const char *path, struct diag *d, void *user)
{
    const struct echo *e = user;
    char line[BAD_LINE_MAX];
    bad_sentence_of(a, without_ending(a, path, "/in.cfg"), line, sizeof line);
    d->status = e->status;
    snprintf(d->text, sizeof d->text, "%.900s%s", line, e->tail);
    return false;
}

static size_t wrong_of(int status, const char *tail)
{
    struct echo e = {status, tail};
    struct bad_tally tally = bad_inputs_tally(FEW, refuse, &e);
    ck_assert_uint_eq(tally.cases, 2);
    return tally.wrong;
}

START_TEST(a_refusal_with_its_sentence_is_right)
{
    ck_assert_uint_eq(wrong_of(2, ""), 0);
}
END_TEST

START_TEST(an_input_that_is_accepted_is_wrong)
{
    struct bad_tally tally = bad_inputs_tally(FEW, accept, NULL);
    ck_assert_uint_eq(tally.cases, 2);
    ck_assert_uint_eq(tally.wrong, 2);
}
END_TEST

START_TEST(a_refusal_with_another_sentence_or_status_is_wrong)
{
    ck_assert_uint_eq(wrong_of(2, " more"), 2);
    ck_assert_uint_eq(wrong_of(2, "\n"), 2);
    ck_assert_uint_eq(wrong_of(1, ""), 2);
}
END_TEST

START_TEST(the_names_of_a_folder_come_sorted_and_only_those_asked_for)
{
    struct arena *a = arena_open();
    struct folder_names n = folder_list(a, BAD_INPUTS, "cfg-include-", "p");
    ck_assert_uint_eq(n.count, 4);
    ck_assert_str_eq(n.at[0], "cfg-include-closes-group");
    ck_assert_str_eq(n.at[1], "cfg-include-loop");
    ck_assert_str_eq(n.at[2], "cfg-include-opens-group");
    ck_assert_str_eq(n.at[3], "cfg-include-too-deep");
    ck_assert_uint_eq(folder_list(a, BAD_INPUTS, "no-such-prefix", "").count, 0);
    ck_assert_str_eq(without_ending(a, "a.jsonl.gz", ".jsonl.gz"), "a");
    arena_close(a);
}
END_TEST

SUITE("walk over bad inputs", a_refusal_with_its_sentence_is_right,
      an_input_that_is_accepted_is_wrong, a_refusal_with_another_sentence_or_status_is_wrong,
      the_names_of_a_folder_come_sorted_and_only_those_asked_for)
