/* app.h — what every command of the program is given, and the words it answers with.
 *
 * A command is a row of constants (name, options, help) and one function.  The function works
 * first and opens the output last, so that a command that fails has printed nothing.  Results go
 * to stdout or the file of -o, everything else to stderr.  All printing is on this floor or in
 * core/report.
 *
 * New command: core/app/cmd_NAME.c and a line in commands.def. */
#ifndef CIMARRON_APP_H
#define CIMARRON_APP_H

#include <jansson.h>
#include <stdio.h>

#include "core/app/options.h"
#include "core/base/cfg.h"
#include "core/report/render.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The program's exit status. */
enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_INPUT = 2 };

/* Options that every command takes. */
struct common_options {
    struct texts set;
    const char *format, *output; /* NULL: not given */
    int64_t seed;
    bool quiet, verbose, no_timing, help;
};

struct app;

struct command {
    const char *name;    /* "run", "trace info" */
    const char *summary; /* one line, for the list of commands */
    const char *words;   /* what stands behind the name: "SYSTEM TRACE..." */
    const char *about;   /* paragraphs and examples of its help, wrapped */
    const struct option *options;
    size_t option_count;
    size_t values_size;   /* of the struct that the options fill; 0: none */
    const void *defaults; /* such a struct; NULL: all zero */
    size_t words_min, words_max;
    bool takes_set; /* reads a config, so that --set means something */
    int (*run)(struct app *app, const struct texts *words, void *values);
};

struct app {
    struct arena *arena;
    const struct command *command;
    struct common_options common;
    enum report_format format;
    struct cfg_override *set; /* of --set, common.set.count of them */
};

/* Runs the program: the exit status. */
int app_main(int argc, char **argv);

/* Commands in the order of their help; NULL past the end. */
const struct command *command_at(size_t index);

/* --- answers ---------------------------------------------------------------------------------- */

/* Prints the complaint on stderr and returns its exit status. */
int app_fail(const struct diag *d);

/* A remark on stderr unless -q; a detail on stderr with -v. */
void app_note(const struct app *app, const char *format, ...) PRINTF_LIKE(2, 3);
void app_detail(const struct app *app, const char *format, ...) PRINTF_LIKE(2, 3);

/* Prints a result of report_table's shape in the format asked for, drops it, and returns the exit
 * status.  Of several formats only json and csv keep keys as they stand. */
int app_report(const struct app *app, json_t *result);

/* --- words on the command line ---------------------------------------------------------------- */

/* Finds and opens a config of one of the roles (NULL-terminated), overrides applied. */
FALLIBLE bool app_open_config(const struct app *app, const char *name, const char *const *roles,
                              struct cfg **out, const char **path, struct diag *d);

/* "netA" of "configs/chip/netA.cfg". */
const char *app_base_name(struct arena *a, const char *path);

/* Two bit widths from --NAME A,W: whole numbers. */
FALLIBLE bool app_bits(const char *option, const struct reals *given, int *activation, int *weight,
                       struct diag *d);

/* --- help (help.c) ---------------------------------------------------------------------------- */

void help_program(FILE *out);
void help_command(FILE *out, const struct command *c);

extern const struct option common_option_list[];
extern const size_t common_option_count;

#ifdef __cplusplus
}
#endif
#endif
