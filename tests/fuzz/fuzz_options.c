/* fuzz_options.c — any lines as the words behind a command's name: refused with a sentence, or
 * every number lies in its range. */
#include "core/app/app.h"
#include "tests/fuzz/judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WORDS_MAX = 64 };

static size_t command_count(void)
{
    size_t count = 0;
    while (command_at(count))
        count++;
    return count;
}

static void check_range(const struct option *o, const char *values)
{
    if (o->type == OPTION_INT) {
        int64_t n = *(const int64_t *)(const void *)(values + o->offset);
        if (n != 0 && ((double)n < o->min || (double)n > o->max)) /* 0: not given */
            abort();
    }
    const struct reals *r = (const struct reals *)(const void *)(values + o->offset);
    for (size_t i = 0; o->type == OPTION_REALS && i < r->count; i++)
        if (!(r->items[i] >= o->min && r->items[i] <= o->max))
            abort();
}

static void parse(struct arena *a, const struct command *c, int argc, char **argv)
{
    struct common_options common = {.seed = 1};
    struct texts words = {0};
    struct diag d = {.status = 0};
    void *values = arena_alloc(a, 1, c->values_size);
    struct option_table tables[] = {{c->options, c->option_count, values},
                                    {common_option_list, common_option_count, &common}};
    if (!fuzz_took(options_parse(a, argc, argv, tables, COUNT_OF(tables), &words, &d), &d))
        return;
    for (size_t i = 0; i < c->option_count; i++)
        check_range(&c->options[i], values);
    if (words.count > (size_t)argc || common.set.count > (size_t)argc)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_open();
    char *argv[WORDS_MAX + 1] = {NULL}, *rest = NULL;
    int argc = 0;
    if (size > 0) {
        char *text = arena_strndup(a, (const char *)data + 1, size - 1);
        for (char *word = strtok_r(text, "\n", &rest); word && argc < WORDS_MAX;
             word = strtok_r(NULL, "\n", &rest))
            argv[argc++] = word;
        parse(a, command_at(data[0] % command_count()), argc, argv);
    }
    arena_close(a);
    return 0;
}
