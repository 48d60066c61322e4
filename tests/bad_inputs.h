/* bad_inputs.h — is every broken input of one kind refused with the sentence written for it?
 *
 * A folder tests/bad/PREFIXCASE holds one input, in.ENDING (and what it includes), and in `error`
 * the one line that diag_format() must give of the complaint: file, line and sentence, compared
 * whole.  The complaint is about the input, so its status is 2.  Every case is tried, in the order
 * of the names, and each that is wrong is told on stderr with its folder before the test fails.
 *
 * Paths are relative to the repository's top, where the suites run.  Cases that a reader refuses
 * only by a diag belong here; those that look at a whole process are tests/app/test_bad_app.c. */
#ifndef CIMARRON_TEST_BAD_INPUTS_H
#define CIMARRON_TEST_BAD_INPUTS_H

#include <stdio.h>

#include "core/base/cfg.h"
#include "tests/folder.h"

#define BAD_INPUTS "tests/bad"

enum { BAD_LINE_MAX = DIAG_FILE_MAX + DIAG_TEXT_MAX + 32 };

struct bad_tally {
    size_t cases, wrong;
};

/* Reads the input at `path`: true, or false and a complaint in `d`. */
typedef bool bad_open(struct arena *a, const char *path, struct diag *d, void *user);

/* Reads the group of a config: true, or false and a complaint in `d`. */
typedef bool bad_open_group(struct arena *a, const struct cfg_group *g, struct diag *d);

/* The one file in.* of a case. */
static inline char *bad_input_of(struct arena *a, const char *folder)
{
    struct folder_names inputs = folder_list(a, folder, "in.", "");
    ck_assert_msg(inputs.count == 1, "%s has %zu inputs, not one", folder, inputs.count);
    return arena_printf(a, "%s/%s", folder, inputs.at[0]);
}

/* The one line of a case's `error`, without its end. */
static inline void bad_sentence_of(struct arena *a, const char *folder, char *line, size_t size)
{
    FILE *file = fopen(arena_printf(a, "%s/error", folder), "r");
    ck_assert_msg(file != NULL, "%s has no file `error`", folder);
    size_t length = fread(line, 1, size - 1, file);
    fclose(file);
    line[length] = '\0';
    char *end = strchr(line, '\n');
    ck_assert_msg(end && end > line && !end[1], "%s: `error` is not one line", folder);
    *end = '\0';
}

static inline bool bad_input_is_refused(struct arena *a, const char *folder, bad_open *open,
                                        void *user)
{
    char expected[BAD_LINE_MAX], actual[BAD_LINE_MAX] = "nothing: it was accepted";
    struct diag d = {.status = 0};
    bad_sentence_of(a, folder, expected, sizeof expected);
    bool refused = !open(a, bad_input_of(a, folder), &d, user);
    if (refused)
        diag_format(&d, actual, sizeof actual);
    if (refused && d.status == 2 && strcmp(actual, expected) == 0)
        return true;
    fprintf(stderr, "%s (status %d)\n  expected %s\n  says     %s\n", folder, d.status, expected,
            actual);
    return false;
}

/* How many cases start with `prefix`, and how many of them are not refused as they should be. */
static inline struct bad_tally bad_inputs_tally(const char *prefix, bad_open *open, void *user)
{
    struct bad_tally tally = {0, 0};
    struct arena *all = arena_open();
    struct folder_names cases = folder_list(all, BAD_INPUTS, prefix, "");
    for (size_t i = 0; i < cases.count; i++) {
        struct arena *a = arena_open();
        tally.cases++;
        tally.wrong +=
            !bad_input_is_refused(a, arena_printf(a, BAD_INPUTS "/%s", cases.at[i]), open, user);
        arena_close(a);
    }
    arena_close(all);
    return tally;
}

/* Fails unless there are `least` (at least one) such cases and every one is refused as it should
 * be; returns how many. */
static inline size_t bad_inputs_walk(const char *prefix, size_t least, bad_open *open, void *user)
{
    struct bad_tally tally = bad_inputs_tally(prefix, open, user);
    ck_assert_msg(tally.wrong == 0, "%zu of the %zu cases %s* are wrong", tally.wrong, tally.cases,
                  prefix);
    ck_assert_uint_ge(tally.cases, least);
    ck_assert_uint_ge(tally.cases, 1);
    return tally.cases;
}

struct bad_group_reader {
    bad_open_group *open;
};

static inline bool bad_open_config(struct arena *a, const char *path, struct diag *d, void *user)
{
    const struct bad_group_reader *reader = user;
    struct cfg *c = NULL;
    bool good = cfg_open(a, path, NULL, 0, &c, d) && reader->open(a, cfg_root(c), d);
    cfg_close(c);
    return good;
}

/* The same for configs, of which `open` reads the root. */
static inline size_t bad_configs_walk(const char *prefix, size_t least, bad_open_group *open)
{
    struct bad_group_reader reader = {open};
    return bad_inputs_walk(prefix, least, bad_open_config, &reader);
}

#endif
