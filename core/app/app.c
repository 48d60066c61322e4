#include "core/app/app.h"

#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/alloc.h"
#include "core/base/near.h"
#include "core/base/output.h"

#define COMMAND(symbol) extern const struct command command_##symbol;
#include "core/app/commands.def"
#undef COMMAND

const struct command *command_at(size_t index)
{
    const struct command *const commands[] = {
#define COMMAND(symbol) &command_##symbol,
#include "core/app/commands.def"
#undef COMMAND
    };
    return index < COUNT_OF(commands) ? commands[index] : NULL;
}

const struct option common_option_list[] = {
    {"set", 0, OPTION_TEXTS, offsetof(struct common_options, set), "PATH=VALUE", 0, 0,
     "override a value of the config, such as tile.arrays=48; repeatable"},
    {"format", 0, OPTION_TEXT, offsetof(struct common_options, format), "FORMAT", 0, 0,
     "text, json, csv, md, latex or html [text]"},
    {"output", 'o', OPTION_TEXT, offsetof(struct common_options, output), "FILE", 0, 0,
     "write to FILE, whole or not at all"},
    {"seed", 0, OPTION_INT, offsetof(struct common_options, seed), "N", 0, 0x1p63,
     "of all random streams [1]"},
    {"quiet", 'q', OPTION_FLAG, offsetof(struct common_options, quiet), NULL, 0, 0,
     "no remarks on stderr, only errors"},
    {"verbose", 'v', OPTION_FLAG, offsetof(struct common_options, verbose), NULL, 0, 0,
     "more remarks on stderr"},
    {"no-timing", 0, OPTION_FLAG, offsetof(struct common_options, no_timing), NULL, 0, 0,
     "leave out cpu_s and wall_s: two runs give the same bytes"},
    {"help", 'h', OPTION_FLAG, offsetof(struct common_options, help), NULL, 0, 0,
     "print this help"},
};
const size_t common_option_count = COUNT_OF(common_option_list);

/* --- finding the command ---------------------------------------------------------------------- */

/* "trace info" is two words; how many of argv's the name takes, 0 when it is another name. */
static int words_of_name(const char *name, int argc, char **argv)
{
    const char *space = strchr(name, ' ');
    size_t first = space ? (size_t)(space - name) : strlen(name);
    if (argc < 1 || strlen(argv[0]) != first || strncmp(argv[0], name, first) != 0)
        return 0;
    if (!space)
        return 1;
    return argc > 1 && !strcmp(argv[1], space + 1) ? 2 : 0;
}

static const struct command *find_command(int argc, char **argv, int *taken)
{
    const struct command *c;
    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        *taken = words_of_name(c->name, argc, argv);
        if (*taken)
            return c;
    }
    return NULL;
}

/* The words that may stand behind "trace", or NULL when no command begins with the word. */
static const char *second_words(struct arena *a, const char *first)
{
    const struct command *c;
    const char *list = NULL;
    size_t length = strlen(first);
    for (size_t i = 0; (c = command_at(i)) != NULL; i++)
        if (!strncmp(c->name, first, length) && c->name[length] == ' ')
            list = list ? arena_printf(a, "%s, %s", list, c->name + length + 1)
                        : arena_strdup(a, c->name + length + 1);
    return list;
}

static bool no_command(struct arena *a, int argc, char **argv, struct diag *d)
{
    const char *meant = NULL, *second = second_words(a, argv[0]);
    const struct command *c;
    size_t best = SIZE_MAX;
    if (second && argc > 1)
        return diag_input(d, NULL, 0, "'%s %s' is no command; behind %s stands %s", argv[0],
                          argv[1], argv[0], second);
    if (second)
        return diag_input(d, NULL, 0, "'%s' needs a second word: %s", argv[0], second);
    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        size_t distance = cfg_distance(argv[0], c->name, 4);
        if (cfg_is_near(argv[0], c->name) && distance < best) {
            best = distance;
            meant = c->name;
        }
    }
    if (meant)
        return diag_input(d, NULL, 0, "'%s' is no command; did you mean %s?", argv[0], meant);
    return diag_input(d, NULL, 0, "'%s' is no command; cimarron --help lists all", argv[0]);
}

/* --- preparing it ----------------------------------------------------------------------------- */

static bool read_overrides(struct app *app, struct diag *d)
{
    const struct texts *given = &app->common.set;
    if (given->count && !app->command->takes_set)
        return diag_input(d, NULL, 0, "--set has nothing to set: %s reads no config",
                          app->command->name);
    app->set = ARENA_ARRAY(app->arena, struct cfg_override, given->count);
    for (size_t i = 0; i < given->count; i++) {
        const char *equals = strchr(given->items[i], '=');
        if (!equals || equals == given->items[i])
            return diag_input(d, NULL, 0, "--set takes PATH=VALUE, not '%s'", given->items[i]);
        app->set[i].path =
            arena_strndup(app->arena, given->items[i], (size_t)(equals - given->items[i]));
        app->set[i].value = equals + 1;
    }
    return true;
}

static bool read_format(struct app *app, struct diag *d)
{
    const char *name = app->common.format;
    if (name && !report_format_find(name, &app->format))
        return diag_input(d, NULL, 0, "--format takes text, json, csv, md, latex or html, not '%s'",
                          name);
    return true;
}

static bool count_words(const struct command *c, size_t count, struct diag *d)
{
    if (count < c->words_min)
        return diag_input(d, NULL, 0,
                          "something is missing: cimarron %s %s (see cimarron %s --help)", c->name,
                          c->words, c->name);
    if (count > c->words_max)
        return diag_input(d, NULL, 0, "one word too many: cimarron %s %s (see cimarron %s --help)",
                          c->name, c->words, c->name);
    return true;
}

static bool prepare(struct app *app, const struct texts *words, struct diag *d)
{
    TRY(count_words(app->command, words->count, d));
    TRY(read_format(app, d));
    TRY(read_overrides(app, d));
    return output_check(app->arena, app->common.output, d);
}

static int run_command(struct app *app, int argc, char **argv)
{
    struct diag d = {0};
    struct texts words = {0};
    const struct command *c = app->command;
    void *values = arena_alloc(app->arena, 1, c->values_size);
    if (c->defaults)
        memcpy(values, c->defaults, c->values_size);
    struct option_table tables[] = {
        {c->options, c->option_count, values},
        {common_option_list, common_option_count, &app->common},
    };
    bool parsed = options_parse(app->arena, argc, argv, tables, COUNT_OF(tables), &words, &d);
    if (app->common.help) {
        help_command(stdout, c);
        return EXIT_DONE;
    }
    if (!parsed || !prepare(app, &words, &d))
        return app_fail(&d);
    return c->run(app, &words, values);
}

/* --- the program ------------------------------------------------------------------------------ */

static bool is_word(const char *text, const char *one, const char *other)
{
    return !strcmp(text, one) || !strcmp(text, other);
}

/* `help run` is `run --help`; `trace --help` is the list of its commands. */
static int help(struct arena *a, int argc, char **argv)
{
    int taken;
    struct diag d = {0};
    if (argc == 0 || (argc == 1 && second_words(a, argv[0]))) {
        help_program(stdout);
        return EXIT_DONE;
    }
    const struct command *c = find_command(argc, argv, &taken);
    if (!c) {
        no_command(a, argc, argv, &d);
        return app_fail(&d);
    }
    help_command(stdout, c);
    return EXIT_DONE;
}

static int dispatch(struct arena *a, int argc, char **argv)
{
    int taken;
    struct diag d = {0};
    if (argc == 0) {
        help_program(stderr);
        return EXIT_INPUT;
    }
    if (is_word(argv[0], "--help", "-h") || is_word(argv[0], "help", "--help"))
        return help(a, argc - 1, argv + 1);
    if (is_word(argv[0], "--version", "version")) {
        puts("cimarron " CIMARRON_VERSION);
        return EXIT_DONE;
    }
    struct app app = {.arena = a, .common = {.seed = 1}};
    app.command = find_command(argc, argv, &taken);
    if (app.command)
        return run_command(&app, argc - taken, argv + taken);
    if (argc > 1 && is_word(argv[1], "--help", "-h") && second_words(a, argv[0]))
        return help(a, 0, NULL);
    no_command(a, argc, argv, &d);
    return app_fail(&d);
}

/* Nothing that was printed for a reader may be lost in silence. */
static int close_stdout(int status)
{
    struct output out = {.stream = stdout};
    struct diag d = {0};
    if (status == EXIT_DONE && !output_commit(&out, &d))
        return app_fail(&d);
    return status;
}

/* What the caller has closed stays unusable: a file of ours must not become stdin or stdout. */
static void hold_standard_files(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            _exit(EXIT_FAILED);
}

int app_main(int argc, char **argv)
{
    hold_standard_files();
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL); /* a write that fails is told by its writer */
    sigaction(SIGXFSZ, &ignore, NULL);
    json_set_alloc_funcs(alloc_bytes, free);
    struct arena *a = arena_open();
    int status = close_stdout(dispatch(a, argc > 0 ? argc - 1 : 0, argv + 1));
    arena_close(a);
    return status;
}
