/* fixture.h — small traces written line by line, and plans of them or of the shipped samples. */
#ifndef CIMARRON_TEST_PLAN_H
#define CIMARRON_TEST_PLAN_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/plan/internal.h"
#include "core/plan/plan.h"
#include "tests/folder.h"
#include "traces/trace.h"

/* --- a trace in the making ------------------------------------------------------------------- */

enum { SMALL_OPS = 40 };

struct small {
    struct op ops[SMALL_OPS];
    int32_t inputs[SMALL_OPS][4];
    char weights[SMALL_OPS][8];
    size_t count;
    int bits;
};

static inline struct shape image(int64_t channels, int64_t height, int64_t width)
{
    return (struct shape){{1, channels, height, width}, 4};
}

/* The next op; its inputs are ids, -1: none.  Returns its id. */
static inline struct op *small_add(struct small *t, enum op_kind kind, const char *fn, int32_t one,
                                   int32_t two)
{
    struct op *o = &t->ops[t->count];
    memset(o, 0, sizeof *o);
    o->kind = (uint8_t)kind;
    o->id = (int32_t)t->count;
    o->name = "x";
    o->fn = fn;
    t->inputs[t->count][0] = one;
    t->inputs[t->count][1] = two;
    o->inputs = t->inputs[t->count];
    o->n_inputs = (uint16_t)((one >= 0) + (two >= 0));
    t->count++;
    return o;
}

static inline int32_t small_conv(struct small *t, int32_t input, struct shape in, int64_t channels,
                                 int32_t kernel, int32_t stride, int64_t groups)
{
    struct op *o = small_add(t, OP_CONV2D, NULL, input, -1);
    int32_t pad = kernel / 2;
    snprintf(t->weights[o->id], sizeof t->weights[0], "w%d", o->id);
    o->weight = t->weights[o->id];
    o->in = in;
    o->out = image(channels, (in.dim[2] + 2 * pad - kernel) / stride + 1,
                   (in.dim[3] + 2 * pad - kernel) / stride + 1);
    for (int i = 0; i < 2; i++) {
        o->u.conv.kernel[i] = kernel;
        o->u.conv.stride[i] = stride;
        o->u.conv.dilation[i] = 1;
    }
    for (int i = 0; i < 4; i++)
        o->u.conv.pad[i] = pad;
    o->u.conv.groups = groups;
    return o->id;
}

static inline int32_t small_point(struct small *t, const char *fn, int32_t one, int32_t two,
                                  struct shape s)
{
    struct op *o = small_add(t, OP_ELEMENTWISE, fn, one, two);
    o->in = o->out = s;
    return o->id;
}

static inline int32_t small_norm(struct small *t, int32_t input, struct shape s)
{
    struct op *o = small_add(t, OP_NORM, "batch", input, -1);
    o->in = o->out = s;
    return o->id;
}

static inline int32_t small_pool(struct small *t, int32_t input, struct shape in, int32_t kernel,
                                 int32_t stride)
{
    struct op *o = small_add(t, OP_POOL, "max", input, -1);
    o->in = in;
    o->out = image(in.dim[1], (in.dim[2] - kernel) / stride + 1, (in.dim[3] - kernel) / stride + 1);
    for (int i = 0; i < 2; i++) {
        o->u.conv.kernel[i] = kernel;
        o->u.conv.stride[i] = stride;
        o->u.conv.dilation[i] = 1;
    }
    o->u.conv.groups = 1;
    return o->id;
}

static inline int32_t small_matmul(struct small *t, int32_t input, int64_t m, int64_t k, int64_t n)
{
    struct op *o = small_add(t, OP_MATMUL, NULL, input, -1);
    snprintf(t->weights[o->id], sizeof t->weights[0], "w%d", o->id);
    o->weight = t->weights[o->id];
    o->u.matmul.batch = 1;
    o->u.matmul.m = m;
    o->u.matmul.k = k;
    o->u.matmul.n = n;
    return o->id;
}

/* Writes the ops to a file and reads them back, so that what is planned is what a user can have. */
static inline void small_trace(struct arena *a, struct small *s, struct trace *out)
{
    char path[] = "/tmp/cimarron-plan-XXXXXX";
    struct diag d = {.status = 0};
    struct trace_writer *w = NULL;
    int bits = s->bits ? s->bits : 8, file = mkstemp(path);
    struct trace_header h = {.name = "small",
                             .source = "",
                             .work_unit = "image",
                             .phase = "inference",
                             .work_count = 1,
                             .batch = 1,
                             .activation_bits = bits,
                             .weight_bits = bits,
                             .kv_bits = bits};
    close(file);
    bool ok = trace_create(path, &h, &w, &d);
    for (size_t i = 0; ok && i < s->count; i++) {
        s->ops[i].activation_bits = s->ops[i].weight_bits = (uint8_t)bits;
        ok = trace_write(w, &s->ops[i], &d);
    }
    ok = ok && trace_commit(w, &d) && trace_load(a, path, 1000, out, &d);
    unlink(path);
    ck_assert_msg(ok, "%s", d.text);
}

/* --- plans ----------------------------------------------------------------------------------- */

static inline struct system *plan_chip(struct arena *a, const char *name,
                                       const struct cfg_override *set, size_t count)
{
    struct system *s = NULL;
    struct diag d = {.status = 0};
    ck_assert_msg(system_open(a, name, set, count, &s, &d), "%s: %s", name, d.text);
    return s;
}

/* Tests look into every segment: none is left to its twin. */
static const struct plan_options every_segment = {.exact = true};

static inline struct plan *planned(struct arena *a, const struct system *s, const struct trace *t)
{
    struct plan *p = NULL;
    struct diag d = {.status = 0};
    ck_assert_msg(plan_make_with(a, s, t, &every_segment, &p, &d), "%s", d.text);
    return p;
}

static inline struct plan *planned_small(struct arena *a, const char *chip, struct small *s)
{
    struct trace *t = ARENA_NEW(a, struct trace);
    small_trace(a, s, t);
    return planned(a, plan_chip(a, chip, NULL, 0), t);
}

/* A shipped sample, its bits changed unless 0. */
static inline struct trace *sample_trace(struct arena *a, const char *name, int bits)
{
    struct trace *t = ARENA_NEW(a, struct trace);
    struct diag d = {.status = 0};
    char *path = arena_printf(a, "traces/samples/%s.jsonl.gz", name);
    ck_assert_msg(trace_load(a, path, 100000, t, &d), "%s", d.text);
    for (size_t i = 0; bits && i < t->count; i++)
        t->ops[i].activation_bits = t->ops[i].weight_bits = (uint8_t)bits;
    if (bits)
        t->header.activation_bits = t->header.weight_bits = bits;
    return t;
}

/* Plans every sample on every shipped chip that holds it. */
static inline size_t each_plan(void (*check)(const struct plan *p))
{
    static const char *const samples[] = {"alexnet", "densenet121", "resnet50", "squeezenet",
                                          "vgg19"};
    size_t count = 0;
    struct arena *all = arena_open();
    struct folder_names chips = folder_list(all, "configs/chip", "", ".cfg");
    for (size_t c = 0; c < chips.count; c++) {
        for (size_t i = 0; i < COUNT_OF(samples); i++) {
            struct arena *a = arena_open();
            struct plan *p = NULL;
            struct diag d = {.status = 0};
            char *path = arena_printf(a, "configs/chip/%s", chips.at[c]);
            if (plan_make_with(a, plan_chip(a, path, NULL, 0), sample_trace(a, samples[i], 0),
                               &every_segment, &p, &d)) {
                check(p);
                count++;
            }
            arena_close(a);
        }
    }
    arena_close(all);
    return count;
}

static inline const struct stage *stage_of(const struct plan *p, int32_t id)
{
    for (size_t i = 0; i < p->stage_count; i++)
        if (p->stages[i].op && p->stages[i].op->id == id)
            return &p->stages[i];
    return NULL;
}

static inline size_t stages_of_kind(const struct plan *p, enum stage_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < p->stage_count; i++)
        n += p->stages[i].kind == kind;
    return n;
}

static inline bool fuses(const struct stage *s, int32_t id)
{
    for (size_t i = 0; i < s->fused_count; i++)
        if (s->fused[i]->id == id)
            return true;
    return false;
}

static inline const struct edge *edge_between(const struct plan *p, const struct stage *from,
                                              const struct stage *to)
{
    for (size_t e = 0; e < p->edge_count; e++)
        if (&p->stages[p->edges[e].producer] == from && &p->stages[p->edges[e].consumer] == to)
            return &p->edges[e];
    return NULL;
}

#endif
