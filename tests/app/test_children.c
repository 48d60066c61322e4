#include <signal.h>
#include <time.h>

#include "core/app/children.h"
#include "tests/app/program.h"

static const char *label(const void *user, size_t index)
{
    static const char *const names[] = {"zero", "one", "two", "three", "four", "five"};
    (void)user;
    return names[index % COUNT_OF(names)];
}

/* The later ones end first. */
static bool count(struct arena *a, const void *user, size_t index, json_t **out, struct diag *d)
{
    struct timespec pause = {0, 1000000L * (long)(20 - 2 * index)};
    (void)a;
    (void)user;
    (void)d;
    nanosleep(&pause, NULL);
    *out = json_pack("{s:i, s:f}", "index", (int)index, "third", 1.0 / 3);
    return true;
}

/* Indices at and above *user fail, the larger the sooner. */
static bool fail_from(struct arena *a, const void *user, size_t index, json_t **out, struct diag *d)
{
    const size_t *from = user;
    if (index < *from)
        return count(a, user, index, out, d);
    struct timespec pause = {0, 1000000L * (long)(30 - 5 * index)};
    nanosleep(&pause, NULL);
    return diag_input(d, "file.cfg", (int)index, "number %d is wrong \xff", (int)index);
}

static bool crash(struct arena *a, const void *user, size_t index, json_t **out, struct diag *d)
{
    if (index == 1)
        raise(SIGKILL);
    return count(a, user, index, out, d);
}

static bool leave(struct arena *a, const void *user, size_t index, json_t **out, struct diag *d)
{
    (void)a;
    (void)user;
    (void)index;
    (void)out;
    (void)d;
    _exit(7);
}

static bool large(struct arena *a, const void *user, size_t index, json_t **out, struct diag *d)
{
    size_t size = 3 << 20;
    char *text = arena_alloc(a, size + 1, 1);
    (void)user;
    (void)index;
    (void)d;
    memset(text, 'x', size);
    *out = json_pack("{s:s}", "text", text);
    return true;
}

START_TEST(results_come_back_in_order_exact_and_with_their_cpu_time)
{
    struct arena *a = arena_open();
    struct children c = {.work = count, .count = 6, .label = label};
    struct diag d = {0};
    json_t *list;
    ck_assert(children_run(a, &c, &list, &d));
    ck_assert_uint_eq(json_array_size(list), 6);
    for (size_t i = 0; i < 6; i++) {
        const json_t *one = json_array_get(list, i);
        ck_assert_double_eq(number_of(one, "index"), (double)i);
        ck_assert_double_eq(number_of(one, "third"), 1.0 / 3);
        ck_assert_double_ge(number_of(one, "cpu_s"), 0);
    }
    json_decref(list);
    arena_close(a);
}
END_TEST

START_TEST(untimed_results_say_nothing_of_the_time_they_took)
{
    struct arena *a = arena_open();
    struct children c = {.work = count, .count = 1, .label = label, .manner.untimed = true};
    struct diag d = {0};
    json_t *list;
    ck_assert(children_run(a, &c, &list, &d));
    ck_assert_ptr_null(json_object_get(json_array_get(list, 0), "cpu_s"));
    json_decref(list);
    arena_close(a);
}
END_TEST

START_TEST(the_complaint_of_the_first_in_order_is_told_whichever_fails_first)
{
    struct arena *a = arena_open();
    size_t from = 2;
    struct children c = {.work = fail_from, .user = &from, .count = 6, .label = label};
    for (int i = 0; i < 5; i++) {
        struct diag d = {0};
        json_t *list;
        ck_assert(!children_run(a, &c, &list, &d));
        ck_assert_ptr_null(list);
        ck_assert_int_eq(d.status, 2);
        ck_assert_int_eq(d.line, 2);
        ck_assert_str_eq(d.file, "file.cfg");
        ck_assert_str_eq(d.text, "number 2 is wrong \\xff");
    }
    arena_close(a);
}
END_TEST

START_TEST(a_child_that_is_killed_is_told_by_its_label_and_signal)
{
    struct arena *a = arena_open();
    struct children c = {.work = crash, .count = 3, .label = label};
    struct diag d = {0};
    json_t *list;
    ck_assert(!children_run(a, &c, &list, &d));
    ck_assert_int_eq(d.status, 1);
    ck_assert_ptr_nonnull(strstr(d.text, "one: its process was ended by signal 9"));
    arena_close(a);
}
END_TEST

START_TEST(a_child_that_leaves_without_a_result_is_told)
{
    struct arena *a = arena_open();
    struct diag d = {0};
    json_t *out;
    ck_assert(!children_run_one(a, leave, NULL, "quitter", (struct children_manner){0}, &out, &d));
    ck_assert_int_eq(d.status, 1);
    ck_assert_str_eq(d.text, "quitter: its process ended with status 7 and no result");
    arena_close(a);
}
END_TEST

START_TEST(a_result_larger_than_a_pipe_comes_whole)
{
    struct arena *a = arena_open();
    struct diag d = {0};
    json_t *out;
    ck_assert(children_run_one(a, large, NULL, "large", (struct children_manner){0}, &out, &d));
    ck_assert_uint_eq(json_string_length(json_object_get(out, "text")), 3 << 20);
    json_decref(out);
    arena_close(a);
}
END_TEST

/* Waits to be killed, holding the pipe's end that user points at. */
static bool wait_for_ever(struct arena *a, const void *user, size_t index, json_t **out,
                          struct diag *d)
{
    (void)a;
    (void)index;
    (void)out;
    (void)d;
    ck_assert_int_eq(write(*(const int *)user, "!", 1), 1);
    for (;;)
        pause();
    return true;
}

START_TEST(children_end_with_their_parent)
{
    int ends[2], status;
    char said;
    ck_assert_int_eq(pipe(ends), 0);
    pid_t parent = fork();
    if (parent == 0) {
        struct diag d = {0};
        json_t *out;
        signal(SIGTERM, SIG_DFL); /* Check has a handler of its own */
        close(ends[0]);
        bool ended = children_run_one(arena_open(), wait_for_ever, &ends[1], "patient",
                                      (struct children_manner){0}, &out, &d);
        _exit(ended ? 0 : 1);
    }
    close(ends[1]);
    ck_assert_int_eq(read(ends[0], &said, 1), 1); /* the child is there */
    kill(parent, SIGTERM);
    ck_assert_int_eq(waitpid(parent, &status, 0), parent);
    ck_assert_int_eq(read(ends[0], &said, 1), 0); /* it is gone: nobody holds the other end */
    close(ends[0]);
}
END_TEST

SUITE("children", results_come_back_in_order_exact_and_with_their_cpu_time,
      untimed_results_say_nothing_of_the_time_they_took,
      the_complaint_of_the_first_in_order_is_told_whichever_fails_first,
      a_child_that_is_killed_is_told_by_its_label_and_signal, children_end_with_their_parent,
      a_child_that_leaves_without_a_result_is_told, a_result_larger_than_a_pipe_comes_whole)
