/* Files that the program reads and writes: their rights, links, pipes, and ends that come early. */
#include <signal.h>
#include <time.h>

#include "tests/app/program.h"

/* Runs a shell script in a folder, "$P" being the program: its exit status. */
static int script(struct arena *a, const char *folder, const char *text)
{
    char *words[] = {arena_strdup(a, "sh"), arena_strdup(a, "-c"),
                     arena_printf(a, "P=%s; %s", CIMARRON_PROGRAM, text), NULL};
    int status = 0;
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        if (chdir(folder) == 0)
            execv("/bin/sh", words);
        _exit(127);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static const char *text_of(struct arena *a, const char *folder, const char *name)
{
    return read_whole(a, arena_printf(a, "%s/%s", folder, name));
}

static unsigned rights_of(struct arena *a, const char *folder, const char *name)
{
    struct stat info;
    ck_assert_int_eq(stat(arena_printf(a, "%s/%s", folder, name), &info), 0);
    return info.st_mode & 07777;
}

START_TEST(the_rights_of_a_file_that_is_overwritten_are_kept)
{
    struct arena *a = arena_open();
    char *folder = new_folder(a);
    ck_assert_int_eq(script(a, folder,
                            "umask 027; touch old trace; chmod 604 old trace;"
                            "$P list parts -o old && $P list parts -o new &&"
                            "$P trace generate --model llama2_7b -q -o trace"),
                     0);
    ck_assert_uint_eq(rights_of(a, folder, "old"), 0604);
    ck_assert_uint_eq(rights_of(a, folder, "trace"), 0604);
    ck_assert_uint_eq(rights_of(a, folder, "new"), 0640);
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

START_TEST(a_link_to_a_file_that_is_not_there_yet_is_written_through)
{
    struct arena *a = arena_open();
    struct stat info;
    char *folder = new_folder(a);
    ck_assert_int_eq(script(a, folder,
                            "ln -s second first; ln -s ./target second;"
                            "$P list parts -o first && ln -s circle circle &&"
                            "! $P list parts -o circle 2> err"),
                     0);
    ck_assert_int_eq(lstat(arena_printf(a, "%s/second", folder), &info), 0);
    ck_assert(S_ISLNK(info.st_mode));
    ck_assert_str_eq(text_of(a, folder, "target"), run(a, "list parts").out);
    ck_assert_ptr_nonnull(strstr(text_of(a, folder, "err"), "circle: cannot be written"));
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

START_TEST(an_empty_name_is_refused)
{
    struct arena *a = arena_open();
    char *words[] = {NULL,
                     arena_strdup(a, "list"),
                     arena_strdup(a, "parts"),
                     arena_strdup(a, "-o"),
                     arena_strdup(a, ""),
                     NULL};
    struct outcome r = run_words(a, words, NULL, NULL);
    ck_assert_int_eq(r.status, 2);
    ck_assert_str_eq(r.out, "");
    ck_assert_str_eq(r.err, "cimarron: the output's name is empty: -o takes the name of a file\n");
    arena_close(a);
}
END_TEST

START_TEST(stdout_and_pipes_are_written_to_as_they_are)
{
    struct arena *a = arena_open();
    char *folder = new_folder(a);
    const char *parts = run(a, "list parts").out;
    ck_assert_int_eq(
        script(a, folder,
               "{ printf 'before '; $P list parts -o /dev/stdout; } > out;"
               "{ printf 'before ' >&2; $P list parts -o /dev/stderr; } 2> err;"
               "$P list parts -o - > dash;"
               "$P trace generate --model llama2_7b -q -o - | gzip -dc | head -c 20 > trace;"
               "mkfifo pipe; cat pipe > through & $P list parts -o pipe && wait && test -p pipe"),
        0);
    ck_assert_str_eq(text_of(a, folder, "out"), arena_printf(a, "before %s", parts));
    ck_assert_str_eq(text_of(a, folder, "err"), arena_printf(a, "before %s", parts));
    ck_assert_str_eq(text_of(a, folder, "dash"), parts);
    ck_assert_str_eq(text_of(a, folder, "trace"), "{\"cimarron_trace\":1,");
    ck_assert_str_eq(text_of(a, folder, "through"), parts);
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

START_TEST(a_pipe_that_nobody_writes_to_is_told_within_two_seconds)
{
    struct arena *a = arena_open();
    static const char *const lines[] = {"check pipe",
                                        "run isaac pipe --gpu none",
                                        "trace info pipe",
                                        "trace cat pipe",
                                        "trace check pipe",
                                        "trace import pipe -o new",
                                        "trace annotate squeezenet pipe -o new",
                                        "dram hbm3_6400 --pattern ./pipe",
                                        "gpu h100_sxm --batch pipe"};
    char *folder = new_folder(a);
    ck_assert_int_eq(script(a, folder, "mkfifo pipe"), 0);
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        time_t begun = time(NULL);
        struct outcome r = run_in(a, folder, lines[i]);
        ck_assert_msg(r.status == 2, "'%s' ends with %d: %s", lines[i], r.status, r.err);
        ck_assert_msg(strstr(r.err, "pipe: ") && strchr(r.err, '\n')[1] == 0, "%s", r.err);
        ck_assert_msg(time(NULL) - begun <= 2 * 4, "'%s' waits", lines[i]); /* a busy machine */
        ck_assert_int_eq(count_files(folder), 1);
    }
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

START_TEST(a_pipe_whose_writer_comes_late_is_read)
{
    struct arena *a = arena_open();
    char *folder = new_folder(a);
    ck_assert_int_eq(script(a, folder,
                            "mkfifo pipe; { sleep 0.3; echo 'R 0x40'; echo 'W 80'; } > pipe &"
                            "$P dram hbm3_6400 --pattern ./pipe --format csv > out"),
                     0);
    ck_assert_ptr_nonnull(strstr(text_of(a, folder, "out"), "\nreads,2\n"));
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

START_TEST(a_closed_stdout_is_an_error_and_no_file_takes_its_place)
{
    struct arena *a = arena_open();
    char *folder = new_folder(a);
    ck_assert_int_eq(script(a, folder,
                            "$P list parts >&- 2> err; test $? = 1 || exit 3;"
                            "$P list parts -o out <&- >&- || exit 4;"
                            "$P run isaac squeezenet --gpu none <&- >&- 2> run; test $? = 1"),
                     0);
    ck_assert_str_eq(text_of(a, folder, "out"), run(a, "list parts").out);
    ck_assert_ptr_nonnull(strstr(text_of(a, folder, "err"), "could not be written in full"));
    ck_assert_ptr_null(strstr(text_of(a, folder, "run"), "{"));
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

/* A trace that takes minutes to print whole. */
static const char long_trace[] =
    "{\"cimarron_trace\": 1, \"name\": \"n\", \"batch\": 1, \"activation_bits\": 8,"
    " \"weight_bits\": 8}\n"
    "{\"id\": 0, \"name\": \"m\", \"op\": \"matmul\", \"inputs\": [], \"weight\": \"w\", \"m\": 1,"
    " \"k\": 1, \"n\": 1}\n"
    "{\"repeat\": {\"lines\": 1, \"times\": 100000000, \"weights\": \"shared\"}}\n";

static pid_t start_long(struct arena *a, const char *folder)
{
    char *words[] = {arena_strdup(a, CIMARRON_PROGRAM),
                     arena_strdup(a, "trace"),
                     arena_strdup(a, "cat"),
                     arena_strdup(a, "long"),
                     arena_strdup(a, "--expand"),
                     arena_strdup(a, "-o"),
                     arena_strdup(a, "out"),
                     NULL};
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        if (chdir(folder) == 0)
            execv(words[0], words);
        _exit(127);
    }
    return pid;
}

/* All names in the folder, hidden ones too. */
static int count_names(const char *path)
{
    int count = 0;
    DIR *folder = opendir(path);
    ck_assert_ptr_nonnull(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count - 2; /* "." and ".." */
}

START_TEST(an_end_by_a_signal_leaves_the_old_file_and_nothing_beside_it)
{
    static const int signals[] = {SIGHUP, SIGINT, SIGTERM, SIGKILL};
    struct arena *a = arena_open();
    struct timespec pause = {0, 300 * 1000 * 1000};
    char *folder = new_folder(a);
    write_whole(arena_printf(a, "%s/long", folder), long_trace);
    write_whole(arena_printf(a, "%s/out", folder), "old");
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        int status;
        pid_t pid = start_long(a, folder);
        nanosleep(&pause, NULL);
        ck_assert_int_eq(waitpid(pid, &status, WNOHANG), 0);
        kill(pid, signals[i]);
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == signals[i]);
        ck_assert_str_eq(text_of(a, folder, "out"), "old");
        ck_assert_int_eq(count_names(folder), 2);
    }
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

SUITE("files", the_rights_of_a_file_that_is_overwritten_are_kept,
      a_link_to_a_file_that_is_not_there_yet_is_written_through, an_empty_name_is_refused,
      stdout_and_pipes_are_written_to_as_they_are,
      a_pipe_that_nobody_writes_to_is_told_within_two_seconds,
      a_pipe_whose_writer_comes_late_is_read,
      a_closed_stdout_is_an_error_and_no_file_takes_its_place,
      an_end_by_a_signal_leaves_the_old_file_and_nothing_beside_it)
