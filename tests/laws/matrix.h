/* matrix.h — every sample on every shipped chip and package at a few batches, each run once, for
 * all laws.
 *
 * Chips are those of configs/chip and configs/package, samples those of traces/samples: new ones
 * join by themselves.  Image networks are asked at every batch (test_books.c); tests/shell/books.sh
 * asks every sample on every system once.
 */
#ifndef CIMARRON_TEST_MATRIX_H
#define CIMARRON_TEST_MATRIX_H

#include <jansson.h>

#include "core/report/run.h"
#include "core/sim/sim.h"
#include "tests/folder.h"
#include "tests/sim/child.h"

enum { NAMES_MAX = 64, BATCHES = 3 };

static const int64_t batches[BATCHES] = {1, 2, 4};

struct names {
    char *at[NAMES_MAX];
    size_t count;
};

/* The files of a folder that end like this, without their ending, sorted. */
static inline struct names names_in(const char *folder, const char *ending)
{
    struct arena *a = arena_open();
    struct folder_names files = folder_list(a, folder, "", ending);
    struct names n = {{NULL}, files.count};
    if (files.count > NAMES_MAX)
        child_fail("more names than NAMES_MAX");
    for (size_t i = 0; i < files.count; i++)
        n.at[i] = strdup(without_ending(a, files.at[i], ending));
    arena_close(a);
    return n;
}

static inline struct names names_joined(struct names some, struct names more)
{
    for (size_t i = 0; i < more.count; i++)
        some.at[some.count++] = more.at[i];
    return some;
}

/* The shipped systems: chips, then packages. */
static inline struct names shipped_systems(void)
{
    return names_joined(names_in("configs/chip", ".cfg"), names_in("configs/package", ".cfg"));
}

/* ... and wafers. */
static inline struct names all_systems(void)
{
    return names_joined(shipped_systems(), names_in("configs/wafer", ".cfg"));
}

/* Of the sample traces those whose work is counted in this unit: "image", "token". */
static inline struct names samples_of(const char *unit)
{
    struct names all = names_in("traces/samples", ".jsonl.gz"), kept = {{NULL}, 0};
    for (size_t i = 0; i < all.count; i++) {
        struct arena *a = arena_open();
        struct trace_reader *r = NULL;
        struct diag d = {.status = 0};
        const char *path = run_find_trace(a, all.at[i], &d);
        if (!path || !trace_open(path, &r, &d))
            child_fail(d.text);
        bool keeps = strcmp(trace_header(r)->work_unit, unit) == 0;
        trace_close(r);
        arena_close(a);
        if (keeps)
            kept.at[kept.count++] = all.at[i];
        else
            free(all.at[i]);
    }
    return kept;
}

static inline void names_free(struct names *n)
{
    for (size_t i = 0; i < n->count; i++)
        free(n->at[i]);
}

struct request {
    const char *chip, *trace;
    int64_t batch;
    bool exact;
};

/* The run's JSON, or {"status": S, "refused": "sentence"}. */
static void evaluate(const void *user, FILE *out)
{
    static const char *const no_gpu[] = {NULL};
    const struct request *r = user;
    struct run_request q = {.system = r->chip,
                            .trace = r->trace,
                            .batch = r->batch,
                            .baselines = no_gpu,
                            .seed = 1,
                            .exact = r->exact};
    struct arena *a = arena_open();
    struct diag d = {.status = 0};
    json_t *result = NULL;
    if (!run_evaluate(a, &q, &result, &d))
        result = json_pack("{s:i, s:s}", "status", d.status, "refused", d.text);
    json_object_del(result, "cpu_s");
    json_dumpf(result, out, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
    json_decref(result);
    arena_close(a);
}

static inline json_t *evaluated(const struct request *r)
{
    json_error_t error;
    char *text = child_text(evaluate, r);
    json_t *o = json_loads(text, 0, &error);
    if (!o)
        child_fail(error.text);
    free(text);
    return o;
}

static inline double number(const json_t *o, const char *key)
{
    const json_t *x = json_object_get(o, key);
    ck_assert_msg(json_is_number(x), "there is no number %s", key);
    return json_number_value(x);
}

static inline double sum_of(const json_t *object)
{
    const char *key;
    json_t *value;
    double sum = 0;
    json_object_foreach((json_t *)object, key, value) sum += json_number_value(value);
    return sum;
}

/* Parts and layers sum to the energy, causes to the time; nothing beats a bound or the peak. */
static inline void books_balance(const json_t *r)
{
    json_t *layer;
    size_t i;
    double layers = 0, energy_j = number(r, "energy_j"), time_s = number(r, "time_s");
    json_array_foreach(json_object_get(r, "layers"), i, layer) layers += number(layer, "energy_j");
    ASSERT_NEAR(sum_of(json_object_get(r, "energy_by_part_j")), energy_j, 1e-9);
    ASSERT_NEAR(layers, energy_j, 1e-9);
    ASSERT_NEAR(sum_of(json_object_get(r, "time_by_cause_s")), time_s, 1e-9);
    ck_assert_double_le(number(r, "lower_bound_s"), time_s * (1 + 1e-9));
    ck_assert_double_le(number(r, "tops"), number(r, "peak_tops"));
    ck_assert_double_le(number(r, "tops_per_w"), number(r, "peak_tops_per_w"));
}

static inline bool held(const json_t *o)
{
    return json_object_get(o, "refused") == NULL;
}

#endif
