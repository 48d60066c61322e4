/* hunt.c — random graphs on systems without end: `graphs [OPTION...]`, from the top of the tree.
 *
 *   --first N     seed of the first graph (1)
 *   --count N     so many graphs (without end)
 *   --seconds N   stop after so long
 *   --systems A,B those only (all that are shipped); each graph goes to all of them, with --turns
 * to one of them
 *   --turns
 *   --laws A,B    names of laws.def whose failures are told (those that no known pair breaks)
 *   --shrink      make failing graphs small
 *   --out FOLDER  where traces of failures are put (build/graphs)
 *   --print SEED  the trace of a seed, nothing else
 *
 * Each failure is a line with its law, seed and system, and the command that runs it again.  Ends
 * with status 1 when there was one. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "tests/graphs/shrink.h"

struct hunt {
    uint64_t first, count;
    double seconds;
    const char *systems, *laws, *out;
    bool shrinks, turns;
    uint64_t pairs, ran, found[LAW_COUNT];
};

static const char *const LAW_NAMES[] = {
#define LAW(id, promise, known) #id,
#include "tests/graphs/laws.def"
#undef LAW
};

static const int KNOWN[] = {
#define LAW(id, promise, known) known,
#include "tests/graphs/laws.def"
#undef LAW
};

static bool is_told(const struct hunt *h, enum law l)
{
    char list[512], name[64];
    if (!h->laws)
        return KNOWN[l] == 0;
    snprintf(list, sizeof list, ",%s,", h->laws);
    snprintf(name, sizeof name, ",%s,", LAW_NAMES[l]);
    return strstr(list, name) != NULL;
}

static void save(const struct graph *g, const char *path)
{
    size_t length;
    char *text = graph_text(g, &length);
    FILE *out = fopen(path, "w");
    if (!out || fwrite(text, 1, length, out) != length || fclose(out) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    free(text);
}

static void tell(struct hunt *h, struct pair p, enum law l, const struct verdict *v)
{
    char path[512], command[1024];
    struct arena *a = arena_open();
    struct graph g = *p.graph;
    struct verdict small = *v;
    snprintf(path, sizeof path, "%s/%s-%s-%" PRIu64 ".jsonl", h->out, LAW_NAMES[l], p.name, g.seed);
    if (h->shrinks) {
        shrink(a, &p, &g, l);
        pair_judge(&p, &small);
    }
    save(&g, path);
    pair_command(&p, path, command, sizeof command);
    printf("%s seed %" PRIu64 " on %s: %s\n  %s\n", LAW_NAMES[l], g.seed, p.name, small.broken[l],
           command);
    fflush(stdout);
    arena_close(a);
}

static void judge_pair(struct hunt *h, const struct graph *g, const char *name, struct system *s)
{
    struct pair p = pair_of(g, name, s);
    struct verdict v;
    pair_judge(&p, &v);
    h->pairs++;
    h->ran += v.ran;
    for (int l = 0; l < LAW_COUNT; l++)
        if (v.broken[l][0]) {
            h->found[l]++;
            if (is_told(h, (enum law)l))
                tell(h, p, (enum law)l, &v);
        }
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void judge_all(struct hunt *h)
{
    struct arena *held = arena_open();
    struct systems s = systems_open(held, h->systems);
    double end = h->seconds > 0 ? now_s() + h->seconds : 1e18;
    for (uint64_t seed = h->first; seed - h->first < h->count && now_s() < end; seed++) {
        struct arena *a = arena_open();
        const struct graph *g = graph_draw(a, seed);
        for (size_t i = 0; i < s.count && now_s() < end; i++)
            if (!h->turns || (seed - 1) % s.count == i) /* as the suite has it */
                judge_pair(h, g, s.name[i], s.at[i]);
        arena_close(a);
    }
    arena_close(held);
}

/* Whether a law was broken that is told. */
static bool sum_up(const struct hunt *h)
{
    bool any = false;
    printf("%" PRIu64 " pairs, %" PRIu64 " of them ran\n", h->pairs, h->ran);
    for (int l = 0; l < LAW_COUNT; l++) {
        if (h->found[l])
            printf("  %-16s broken by %" PRIu64 "\n", LAW_NAMES[l], h->found[l]);
        any = any || (h->found[l] && is_told(h, (enum law)l));
    }
    return any;
}

static void print_graph(uint64_t seed)
{
    size_t length;
    struct arena *a = arena_open();
    const struct graph *g = graph_draw(a, seed);
    char *text = graph_text(g, &length);
    fwrite(text, 1, length, stdout);
    free(text);
    arena_close(a);
}

static uint64_t number_of(const char *text)
{
    char *end;
    uint64_t n = strtoull(text ? text : "", &end, 10);
    if (!text || end == text || *end) {
        fprintf(stderr, "graphs: '%s' is no number\n", text ? text : "");
        exit(2);
    }
    return n;
}

static bool take_option(struct hunt *h, const char *word, const char *value)
{
    if (strcmp(word, "--first") == 0)
        h->first = number_of(value);
    else if (strcmp(word, "--count") == 0)
        h->count = number_of(value);
    else if (strcmp(word, "--seconds") == 0)
        h->seconds = (double)number_of(value);
    else if (strcmp(word, "--systems") == 0)
        h->systems = value;
    else if (strcmp(word, "--laws") == 0)
        h->laws = value;
    else if (strcmp(word, "--out") == 0)
        h->out = value;
    else
        return false;
    return true;
}

int main(int argc, char **argv)
{
    struct hunt h = {.first = 1, .count = UINT64_MAX, .out = "build/graphs"};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--print") == 0) {
            print_graph(number_of(argv[i + 1]));
            return EXIT_SUCCESS;
        }
        if (strcmp(argv[i], "--shrink") == 0)
            h.shrinks = true;
        else if (strcmp(argv[i], "--turns") == 0)
            h.turns = true;
        else if (take_option(&h, argv[i], argv[i + 1]))
            i++;
        else {
            fprintf(stderr, "graphs: no option '%s'; they stand at the top of hunt.c\n", argv[i]);
            return 2;
        }
    }
    mkdir(h.out, 0777);
    judge_all(&h);
    return sum_up(&h) ? EXIT_FAILURE : EXIT_SUCCESS;
}
