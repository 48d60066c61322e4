/* run_layers.c — one row per operator: when, where, how much energy, how busy its arrays.  Copies
 * that a repeat in the trace makes share a row: energy and ops are of all of them, arrays of one.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/report/run_parts.h"

struct span { /* what the stages that did an op took together */
    double start_ps, end_ps, arrays;
    bool any;
};

static void join(struct span *s, const struct stage_times *t, double arrays)
{
    if (!s->any || t->start_ps < s->start_ps)
        s->start_ps = t->start_ps;
    if (!s->any || t->end_ps > s->end_ps)
        s->end_ps = t->end_ps;
    s->arrays += arrays;
    s->any = true;
}

/* A share of an operator has its id. */
static struct span *span_of(const struct run *r, struct span *spans, const struct op *o)
{
    return &spans[trace_index(&r->trace, o->id)];
}

static void find_spans(const struct run *r, struct span *spans)
{
    const struct plan *p = r->plan;
    for (size_t i = 0; i < p->stage_count; i++) {
        const struct stage *s = &p->stages[i];
        if (!s->op || stage_is_outside(s))
            continue;
        double arrays = s->kind == STAGE_ARRAY ? (double)(s->arrays * p->tensor) : 0;
        join(span_of(r, spans, s->op), &r->sim.stages[i], arrays);
        for (size_t k = 0; k < s->fused_count; k++)
            join(span_of(r, spans, s->fused[k]), &r->sim.stages[i], 0);
    }
}

static json_t *number_or_null(bool is, double x)
{
    return is ? json_real(x) : json_null();
}

/* The copies of one op that a repeat in the trace makes: a row together. */
struct row {
    const struct op *first;
    int64_t instances;
    count128 ops;
    double pj, start_ps, end_ps;
    double could; /* what the arrays could have done between start and end, all copies */
    bool any;
};

/* Of one array at the op's bits. */
static double ops_per_ps(const struct run *r, const struct op *o)
{
    return 2 * plan_least(r->leasts, o)->array_macs_per_ps / (double)r->system->arrays;
}

static void add_instance(struct row *row, const struct run *r, const struct op *o,
                         const struct span *s, double pj)
{
    row->instances++;
    row->ops += 2 * (count128)op_macs_exact(o);
    row->pj += pj;
    if (!s->any)
        return;
    if (s->arrays > 0)
        row->could += s->arrays * ops_per_ps(r, o) * (s->end_ps - s->start_ps);
    row->start_ps = row->any && row->start_ps < s->start_ps ? row->start_ps : s->start_ps;
    row->end_ps = row->any && row->end_ps > s->end_ps ? row->end_ps : s->end_ps;
    row->any = true;
}

static json_t *layer_row(const struct row *x, double arrays)
{
    json_t *row = json_object();
    const struct op *o = x->first;
    json_object_set_new(row, "id", json_integer(o->id));
    json_object_set_new(row, "name", json_string(o->name));
    json_object_set_new(row, "op", json_string(op_kind_name((enum op_kind)o->kind)));
    json_object_set_new(row, "instances", json_integer(x->instances));
    json_object_set_new(row, "ops", count_json(x->ops));
    json_object_set_new(row, "start_s", number_or_null(x->any, x->start_ps * 1e-12));
    json_object_set_new(row, "end_s", number_or_null(x->any, x->end_ps * 1e-12));
    json_object_set_new(row, "energy_j", json_real(x->pj * 1e-12));
    json_object_set_new(row, "utilization",
                        number_or_null(x->could > 0, x->could > 0 ? (double)x->ops / x->could : 0));
    json_object_set_new(row, "arrays", json_integer((json_int_t)arrays));
    return row;
}

static json_t *static_row(const struct run *r)
{
    json_t *row = json_object();
    json_object_set_new(row, "id", json_integer(LEDGER_STATIC));
    json_object_set_new(row, "name", json_string("static, background and refresh"));
    json_object_set_new(row, "op", json_string("-"));
    json_object_set_new(row, "instances", json_integer(1));
    json_object_set_new(row, "ops", count_json(0));
    json_object_set_new(row, "start_s", json_real(0));
    json_object_set_new(row, "end_s", json_real(r->sim.time_ps * 1e-12));
    json_object_set_new(row, "energy_j", json_real(r->static_pj * 1e-12));
    json_object_set_new(row, "utilization", json_null());
    json_object_set_new(row, "arrays", json_integer(0));
    return row;
}

/* Copies share the text of their name. */
static int by_name(const void *a, const void *b)
{
    const struct op *x = *(const struct op *const *)a, *y = *(const struct op *const *)b;
    uintptr_t u = (uintptr_t)x->name, v = (uintptr_t)y->name;
    return u != v ? (u < v ? -1 : 1) : x < y ? -1 : x > y;
}

/* By op: the first op that is a copy of the same. */
static size_t *find_firsts(const struct run *r)
{
    const struct trace *t = &r->trace;
    const struct op **sorted = ARENA_ARRAY(r->arena, const struct op *, t->count);
    size_t *firsts = ARENA_ARRAY(r->arena, size_t, t->count), first = 0;
    for (size_t i = 0; i < t->count; i++)
        sorted[i] = &t->ops[i];
    qsort(sorted, t->count, sizeof *sorted, by_name);
    for (size_t i = 0; i < t->count; i++) {
        if (i == 0 || !sorted[i]->name || sorted[i]->name != sorted[i - 1]->name)
            first = (size_t)(sorted[i] - t->ops);
        firsts[sorted[i] - t->ops] = first;
    }
    return firsts;
}

json_t *run_layers_json(const struct run *r)
{
    const struct trace *t = &r->trace;
    json_t *list = json_array();
    struct span *spans = ARENA_ARRAY(r->arena, struct span, t->count);
    struct row *rows = ARENA_ARRAY(r->arena, struct row, t->count);
    int32_t *ids = ARENA_ARRAY(r->arena, int32_t, t->count);
    double *pj = ARENA_ARRAY(r->arena, double, t->count);
    const size_t *firsts = find_firsts(r);
    find_spans(r, spans);
    for (size_t i = 0; i < t->count; i++)
        ids[i] = t->ops[i].id;
    ledger_sum_layers(r->sim.ledger, ids, t->count, pj);
    for (size_t i = 0; i < t->count; i++) {
        rows[firsts[i]].first = &t->ops[firsts[i]];
        add_instance(&rows[firsts[i]], r, &t->ops[i], &spans[i], pj[i]);
    }
    for (size_t i = 0; i < t->count; i++)
        if (rows[i].instances > 0)
            json_array_append_new(list, layer_row(&rows[i], spans[i].arrays));
    json_array_append_new(list, static_row(r));
    return list;
}
