/* program.h — the program as a process: words in; exit status, stdout and stderr out. */
#ifndef CIMARRON_TEST_PROGRAM_H
#define CIMARRON_TEST_PROGRAM_H

#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "tests/check_main.h"

enum { WORDS_MAX = 64 };

struct outcome {
    int status; /* exit status; -1: ended by a signal */
    char *out, *err;
};

static inline char *read_whole(struct arena *a, const char *path)
{
    FILE *f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "cannot open %s", path);
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    char *text = arena_alloc(a, (size_t)size + 1, 1);
    ck_assert_uint_eq(fread(text, 1, (size_t)size, f), (size_t)size);
    fclose(f);
    return text;
}

static inline void write_whole(const char *path, const char *text)
{
    FILE *f = fopen(path, "wb");
    ck_assert_msg(f != NULL, "cannot write %s", path);
    fputs(text, f);
    fclose(f);
}

/* An own folder of one test. */
static inline char *new_folder(struct arena *a)
{
    char *path = arena_strdup(a, "/tmp/cimarron-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(path));
    return path;
}

static inline void remove_folder(struct arena *a, const char *path)
{
    DIR *folder = opendir(path);
    ck_assert_ptr_nonnull(folder);
    for (struct dirent *e; (e = readdir(folder)) != NULL;)
        if (e->d_name[0] != '.')
            unlink(arena_printf(a, "%s/%s", path, e->d_name));
    closedir(folder);
    rmdir(path);
}

static inline int count_files(const char *path)
{
    int count = 0;
    DIR *folder = opendir(path);
    ck_assert_ptr_nonnull(folder);
    for (struct dirent *e; (e = readdir(folder)) != NULL;)
        count += e->d_name[0] != '.';
    closedir(folder);
    return count;
}

/* In the child: stdout to `out` (a path), stderr to `err`, the working folder `where`. */
static inline void become(char **words, const char *where, const char *out, const char *err)
{
    int o = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    int e = open(err, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (o < 0 || e < 0 || dup2(o, 1) < 0 || dup2(e, 2) < 0 || (where && chdir(where) != 0))
        _exit(126);
    execv(CIMARRON_PROGRAM, words);
    _exit(127);
}

/* Words end with NULL; words[0] is filled here.  `out` NULL: stdout is caught. */
static inline struct outcome run_words(struct arena *a, char **words, const char *where,
                                       const char *out)
{
    struct outcome r = {0};
    char *folder = new_folder(a);
    char *caught = arena_printf(a, "%s/out", folder), *err = arena_printf(a, "%s/err", folder);
    int status = 0;
    words[0] = arena_strdup(a, CIMARRON_PROGRAM);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0)
        become(words, where, out ? out : caught, err);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    r.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    r.out = out ? arena_strdup(a, "") : read_whole(a, caught);
    r.err = read_whole(a, err);
    remove_folder(a, folder);
    return r;
}

/* "run isaac alexnet": words between blanks. */
static inline struct outcome run_in(struct arena *a, const char *where, const char *line)
{
    char *words[WORDS_MAX] = {NULL};
    int count = 1;
    char *text = arena_strdup(a, line);
    for (char *word = strtok(text, " "); word && count < WORDS_MAX - 1; word = strtok(NULL, " "))
        words[count++] = word;
    return run_words(a, words, where, NULL);
}

static inline struct outcome run(struct arena *a, const char *line)
{
    return run_in(a, NULL, line);
}

/* A run that must succeed and print JSON. */
static inline json_t *run_json(struct arena *a, const char *line)
{
    struct outcome r = run(a, line);
    json_error_t error;
    ck_assert_msg(r.status == 0, "'%s' ends with %d: %s", line, r.status, r.err);
    json_t *value = json_loads(r.out, 0, &error);
    ck_assert_msg(value != NULL, "'%s' prints no JSON: %s", line, error.text);
    return value;
}

static inline double number_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    ck_assert_msg(json_is_number(value), "no number %s", key);
    return json_number_value(value);
}

static inline double sum_of(const json_t *object, const char *key)
{
    double sum = 0;
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(object, key), name, value) sum += json_number_value(value);
    return sum;
}

#endif
