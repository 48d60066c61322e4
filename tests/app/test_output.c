#include "tests/app/program.h"

static const char *const formats[] = {"text", "json", "csv", "md", "latex", "html"};

START_TEST(a_file_gets_what_stdout_would)
{
    struct arena *a = arena_open();
    char *folder = new_folder(a), *file = arena_printf(a, "%s/out.txt", folder);
    struct outcome r = run(a, arena_printf(a, "peak isaac -o %s", file));
    ck_assert_int_eq(r.status, 0);
    ck_assert_str_eq(r.out, "");
    ck_assert_str_eq(read_whole(a, file), run(a, "peak isaac").out);
    ck_assert_int_eq(count_files(folder), 1);
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

START_TEST(a_command_that_fails_leaves_the_old_file_and_nothing_beside_it)
{
    struct arena *a = arena_open();
    char *folder = new_folder(a), *file = arena_printf(a, "%s/out.txt", folder);
    write_whole(file, "old");
    static const char *const lines[] = {"peak no_such_system", "macro isaac_xbar --vdd 9",
                                        "trace cat tests/bad/trace-gzip-cut/in.jsonl.gz",
                                        "run isaac no_such_trace --gpu none",
                                        "trace import tests/bad/import-onnx-truncated/in.onnx"};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct outcome r = run(a, arena_printf(a, "%s -o %s", lines[i], file));
        ck_assert_msg(r.status != 0, "'%s' succeeds", lines[i]);
        ck_assert_str_eq(read_whole(a, file), "old");
        ck_assert_int_eq(count_files(folder), 1);
    }
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

START_TEST(a_link_stays_a_link_and_its_target_is_written)
{
    struct arena *a = arena_open();
    char *folder = new_folder(a), *file = arena_printf(a, "%s/target", folder);
    char *link_path = arena_printf(a, "%s/link", folder);
    struct stat info;
    write_whole(file, "old");
    ck_assert_int_eq(symlink("target", link_path), 0);
    ck_assert_int_eq(run(a, arena_printf(a, "list parts -o %s", link_path)).status, 0);
    ck_assert_int_eq(lstat(link_path, &info), 0);
    ck_assert(S_ISLNK(info.st_mode));
    ck_assert_str_eq(read_whole(a, file), run(a, "list parts").out);
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

static void check_full(struct arena *a, const char *line)
{
    char *words[WORDS_MAX] = {NULL};
    int count = 1;
    char *text = arena_strdup(a, line);
    for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
        words[count++] = word;
    struct outcome r = run_words(a, words, NULL, "/dev/full");
    ck_assert_msg(r.status == 1, "'%s' ends with %d: %s", line, r.status, r.err);
    ck_assert_msg(strstr(r.err, "could not be written in full") != NULL, "%s: %s", line, r.err);
}

START_TEST(a_full_disk_is_told_and_not_passed_over)
{
    struct arena *a = arena_open();
    static const char *const lines[] = {"--help",
                                        "--version",
                                        "list parts",
                                        "peak isaac",
                                        "peak --help",
                                        "trace cat resnet50",
                                        "check isaac",
                                        "trace info resnet50 --format json",
                                        "run isaac squeezenet --gpu none"};
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        check_full(a, lines[i]);
    struct outcome r = run(a, "peak isaac -o /dev/full");
    ck_assert_int_eq(r.status, 1);
    arena_close(a);
}
END_TEST

/* The status of a program whose stdout nobody reads any more; *said is its stderr. */
static int run_unread(struct arena *a, const char *line, const char **said)
{
    char *folder = new_folder(a), *err = arena_printf(a, "%s/err", folder);
    char *shell[] = {arena_strdup(a, "sh"), arena_strdup(a, "-c"),
                     arena_printf(a, "exec %s %s 2> %s", CIMARRON_PROGRAM, line, err), NULL};
    int ends[2], status = 0;
    ck_assert_int_eq(pipe(ends), 0);
    close(ends[0]);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], 1);
        execv("/bin/sh", shell);
        _exit(127);
    }
    close(ends[1]);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    *said = read_whole(a, err);
    remove_folder(a, folder);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

START_TEST(a_reader_that_has_seen_enough_ends_the_output_in_silence)
{
    struct arena *a = arena_open();
    static const char *const lines[] = {"trace cat densenet121",
                                        "list",
                                        "list systems",
                                        "--help",
                                        "peak isaac --format json",
                                        "run isaac squeezenet --gpu none --format html",
                                        "list parts -o /dev/stdout"};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        const char *said;
        int status = run_unread(a, lines[i], &said);
        ck_assert_msg(status == 0 && !*said, "'%s' ends with %d: %s", lines[i], status, said);
    }
    arena_close(a);
}
END_TEST

START_TEST(every_command_prints_every_format)
{
    struct arena *a = arena_open();
    static const char *const lines[] = {"peak isaac",
                                        "macro isaac_xbar",
                                        "dram hbm3_6400 --requests 1000",
                                        "noc isaac --warmup 100 --cycles 100",
                                        "gpu h100_sxm --shape 64,64,64",
                                        "trace info resnet50",
                                        "trace info resnet50 vgg19",
                                        "trace check resnet50",
                                        "list",
                                        "list arrays",
                                        "check isaac",
                                        "run isaac squeezenet --gpu none"};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        for (size_t f = 0; f < COUNT_OF(formats); f++) {
            struct outcome r = run(a, arena_printf(a, "%s --format %s", lines[i], formats[f]));
            ck_assert_msg(r.status == 0 && *r.out, "'%s' in %s: %d %s", lines[i], formats[f],
                          r.status, r.err);
            json_t *value = f == 1 ? json_loads(r.out, 0, NULL) : NULL;
            ck_assert_msg(f != 1 || value, "'%s' prints no JSON", lines[i]);
            json_decref(value);
        }
    }
    arena_close(a);
}
END_TEST

START_TEST(an_imported_trace_is_read_back)
{
    struct arena *a = arena_open();
    char *folder = new_folder(a), *file = arena_printf(a, "%s/net.jsonl.gz", folder);
    write_whole(arena_printf(a, "%s/net.csv", folder),
                "Layer name,IFMAP Height,IFMAP Width,Filter Height,Filter Width,Channels,"
                "Num Filter,Strides,\nConv1,34,34,3,3,16,32,1,\nConv2,32,32,1,1,32,8,1,\n");
    struct outcome r = run(a, arena_printf(a,
                                           "trace import %s/net.csv --from scalesim --bits 8,4 "
                                           "--name small -o %s",
                                           folder, file));
    ck_assert_msg(r.status == 0, "%s", r.err);
    ck_assert_str_eq(r.out, "");
    json_t *info = run_json(a, arena_printf(a, "trace info %s --format json", file));
    ck_assert_str_eq(json_string_value(json_object_get(info, "name")), "small");
    ck_assert_double_eq(number_of(info, "weight_bits"), 4);
    ck_assert_double_eq(number_of(info, "macs"), 32.0 * 32 * 32 * 144 + 32.0 * 32 * 8 * 32);
    json_decref(info);
    ck_assert_int_eq(count_files(folder), 2);
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

SUITE("output", a_file_gets_what_stdout_would,
      a_command_that_fails_leaves_the_old_file_and_nothing_beside_it,
      a_link_stays_a_link_and_its_target_is_written, a_full_disk_is_told_and_not_passed_over,
      a_reader_that_has_seen_enough_ends_the_output_in_silence, every_command_prints_every_format,
      an_imported_trace_is_read_back)
