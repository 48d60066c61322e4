/* sweep as a user calls it. */
#include <signal.h>
#include <time.h>

#include "tests/app/program.h"

static const char knobs[] = "sweep isaac squeezenet --set tile.arrays=48,96 --set "
                            "noc.link_bits=32..128*2 --batch 1,2,4 -q";

/* Starts the words and kills them after that many milliseconds. */
static void run_and_kill(struct arena *a, const char *line, long after_ms)
{
    char *words[WORDS_MAX] = {arena_strdup(a, CIMARRON_PROGRAM)};
    int count = 1;
    for (char *word = strtok(arena_strdup(a, line), " "); word; word = strtok(NULL, " "))
        words[count++] = word;
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0)
        become(words, NULL, "/dev/null", "/dev/null");
    struct timespec t = {.tv_nsec = after_ms * 1000000};
    nanosleep(&t, NULL);
    kill(pid, SIGKILL);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

START_TEST(a_sweep_that_is_killed_goes_on_and_ends_with_the_same_table)
{
    struct arena *a = arena_open();
    char *folder = new_folder(a);
    const char *killed = arena_printf(a, "%s --jobs 1 --csv --db %s/killed.sqlite", knobs, folder);
    struct outcome whole = run(a, arena_printf(a, "%s --csv --db %s/whole.sqlite", knobs, folder));
    ck_assert_msg(whole.status == 0, "%s", whole.err);
    for (long after_ms = 5; after_ms <= 160; after_ms *= 2)
        run_and_kill(a, killed, after_ms);
    struct outcome last = run(a, killed);
    ck_assert_msg(last.status == 0, "%s", last.err);
    ck_assert_str_eq(last.out, whole.out);
    ck_assert_str_eq(run(a, killed).out, whole.out);
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

START_TEST(two_sweeps_do_not_write_one_file)
{
    struct arena *a = arena_open();
    char *folder = new_folder(a);
    const char *line = arena_printf(
        a, "sweep isaac resnet50 --set tile.arrays=90..120 --jobs 1 -q --db %s/s.sqlite", folder);
    pid_t first = fork();
    ck_assert_int_ge(first, 0);
    if (first == 0) {
        run_and_kill(a, line, 900);
        _exit(0);
    }
    struct timespec t = {.tv_nsec = 300000000};
    nanosleep(&t, NULL);
    struct outcome r = run(a, line);
    ck_assert_int_eq(waitpid(first, NULL, 0), first);
    ck_assert_int_eq(r.status, 1);
    ck_assert_msg(strstr(r.err, "another sweep is writing it") != NULL, "%s", r.err);
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

START_TEST(a_point_of_a_sweep_is_the_run_of_its_settings)
{
    struct arena *a = arena_open();
    char *folder = new_folder(a);
    json_t *sweep = run_json(a, arena_printf(a,
                                             "sweep isaac squeezenet --set tile.arrays=48 --batch "
                                             "2 --objective time_s,-tops_per_w --db %s/s.sqlite "
                                             "--format json",
                                             folder));
    json_t *alone =
        run_json(a, "run isaac squeezenet --set tile.arrays=48 --batch 2 --gpu none --format json");
    json_t *row = json_array_get(json_object_get(sweep, "front"), 0);
    ASSERT_NEAR(number_of(row, "time_s"), number_of(alone, "time_s"), 1e-12);
    ASSERT_NEAR(number_of(row, "tops_per_w"), number_of(alone, "tops_per_w"), 1e-12);
    json_decref(sweep);
    json_decref(alone);
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

START_TEST(a_point_that_fails_keeps_its_sentence_and_the_others_go_on)
{
    struct arena *a = arena_open();
    char *folder = new_folder(a);
    const char *line = arena_printf(
        a, "sweep isaac squeezenet --set tile.arrays=-1,96 -q --db %s/s.sqlite --csv", folder);
    struct outcome r = run(a, line);
    ck_assert_msg(r.status == 0, "%s", r.err);
    ck_assert_ptr_nonnull(strstr(r.out, "\n1,failed,"));
    ck_assert_ptr_nonnull(strstr(r.out, "--set tile.arrays=-1"));
    ck_assert_ptr_nonnull(strstr(r.out, "\n2,done,"));
    ck_assert_str_eq(run(a, line).out, r.out);
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

START_TEST(conditions_on_knobs_choose_points_and_random_points_are_as_many_as_asked)
{
    struct arena *a = arena_open();
    char *folder = new_folder(a);
    json_t *r = run_json(a, arena_printf(a,
                                         "%s --where batch<4 --where tile.arrays=96 --format json "
                                         "--db %s/a.sqlite",
                                         knobs, folder));
    json_t *some = run_json(
        a, arena_printf(a, "%s --sample random --points 5 --format json --db %s/b.sqlite --top 9",
                        knobs, folder));
    ck_assert_int_eq((int)number_of(r, "points"), 6);
    ck_assert_int_eq((int)number_of(some, "points"), 5);
    ck_assert_uint_eq(json_array_size(json_object_get(some, "best")), 5);
    json_decref(r);
    json_decref(some);
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

START_TEST(a_mistake_in_a_sweep_is_told_and_leaves_no_file)
{
    static const char *const wrong[][2] = {
        {"--set tile.arrays=8..4", "is no range"},
        {"--set tile.arrays=0.5..2", "is no range"},
        {"--set tile.arrays=4,4", "stands twice"},
        {"--set tile.arrayz=4,8", "tile.arrayz"},
        {"--batch 0", "--batch takes"},
        {"--sample sobol", "grid or random"},
        {"--sample random", "--points"},
        {"--where batch", "--where takes"},
        {"--where batch>9", "no point meets"},
    };
    struct arena *a = arena_open();
    char *folder = new_folder(a);
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct outcome r = run(
            a, arena_printf(a, "sweep isaac squeezenet %s --db %s/s.sqlite", wrong[i][0], folder));
        ck_assert_msg(r.status == 2, "%s: %d %s", wrong[i][0], r.status, r.err);
        ck_assert_msg(strstr(r.err, wrong[i][1]) != NULL, "%s: %s", wrong[i][0], r.err);
        ck_assert_int_eq(count_files(folder), 0);
    }
    write_whole(arena_printf(a, "%s/text.sqlite", folder), "this is a text, and no database\n");
    struct outcome r =
        run(a, arena_printf(a, "sweep isaac squeezenet --db %s/text.sqlite", folder));
    ck_assert_int_eq(r.status, 2);
    r = run(a, arena_printf(a, "sweep isaac squeezenet --objective tims --db %s/s.sqlite", folder));
    ck_assert_msg(r.status == 2 && strstr(r.err, "'tims'"), "%s", r.err);
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

SUITE("sweeps", a_sweep_that_is_killed_goes_on_and_ends_with_the_same_table,
      two_sweeps_do_not_write_one_file, a_point_of_a_sweep_is_the_run_of_its_settings,
      a_point_that_fails_keeps_its_sentence_and_the_others_go_on,
      conditions_on_knobs_choose_points_and_random_points_are_as_many_as_asked,
      a_mistake_in_a_sweep_is_told_and_leaves_no_file)
