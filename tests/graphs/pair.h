/* pair.h — a random graph on a system, and the laws that every such pair keeps.
 *
 * Each run takes place in a process of its own with so much CPU time; systems are opened once,
 * before.  pair_judge says which laws were broken, and how. */
#ifndef CIMARRON_TEST_PAIR_H
#define CIMARRON_TEST_PAIR_H

#include <jansson.h>

#include "core/system/system.h"
#include "tests/graphs/graph.h"

/* Under the sanitizers a run takes some ten times as long. */
#if defined(__SANITIZE_ADDRESS__)
#define GRAPHS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GRAPHS_SANITIZED 1
#endif
#endif
#ifdef GRAPHS_SANITIZED
enum { PAIR_CPU_S = 200 };
#else
enum { PAIR_CPU_S = 20 };
#endif

enum law {
#define LAW(id, promise, known) LAW_##id,
#include "tests/graphs/laws.def"
#undef LAW
    LAW_COUNT
};

const char *law_promise(enum law l);

struct pair {
    const struct graph *graph;
    const char *name; /* of the system */
    struct system *system;
    int64_t batch;
    int activation_bits, weight_bits; /* the graph's, or what the system can do */
    int cpu_s;                        /* that a run may take */
};

/* `graph` as it was drawn, at bits that the system can do. */
struct pair pair_of(const struct graph *g, const char *name, struct system *s);

struct verdict {
    bool ran;                    /* else refused, or it did not end */
    char said[256];              /* why it was refused */
    char broken[LAW_COUNT][256]; /* "": kept */
};

void pair_judge(const struct pair *p, struct verdict *out);

/* The command that runs it again, from a file. */
void pair_command(const struct pair *p, const char *file, char *out, size_t size);

/* --- systems ---------------------------------------------------------------------------------- */

enum { SYSTEMS_MAX = 32 };

struct systems {
    char *name[SYSTEMS_MAX];
    struct system *at[SYSTEMS_MAX];
    size_t count;
};

/* All that `run` takes: configs/chip, package, wafer; or, of a list with commas, these. */
struct systems systems_open(struct arena *a, const char *list);

#endif
