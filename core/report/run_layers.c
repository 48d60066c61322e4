/* run_layers.c — one row per operator: when, where, how much energy, how busy its arrays. */
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

static void find_spans(const struct run *r, struct span *spans)
{
    const struct plan *p = r->plan;
    for (size_t i = 0; i < p->stage_count; i++) {
        const struct stage *s = &p->stages[i];
        if (!s->op)
            continue;
        double arrays = s->kind == STAGE_ARRAY ? (double)s->arrays : 0;
        join(&spans[s->op - r->trace.ops], &r->sim.stages[i], arrays);
        for (size_t k = 0; k < s->fused_count; k++)
            join(&spans[s->fused[k] - r->trace.ops], &r->sim.stages[i], 0);
    }
}

static json_t *number_or_null(bool is, double x)
{
    return is ? json_real(x) : json_null();
}

/* Share of what the op's arrays could have done between its start and its end. */
static json_t *utilization(const struct run *r, const struct op *o, const struct span *s)
{
    double each = r->peak.tops / (double)r->system->arrays; /* ops per ps */
    double could = s->arrays * each * (s->end_ps - s->start_ps);
    return number_or_null(s->arrays > 0 && could > 0, could > 0 ? 2 * op_macs(o) / could : 0);
}

static json_t *layer_row(const struct run *r, const struct op *o, const struct span *s, double pj)
{
    json_t *row = json_object();
    json_object_set_new(row, "id", json_integer(o->id));
    json_object_set_new(row, "name", json_string(o->name));
    json_object_set_new(row, "op", json_string(op_kind_name((enum op_kind)o->kind)));
    json_object_set_new(row, "instances", json_integer(1));
    json_object_set_new(row, "ops", json_real(2 * op_macs(o)));
    json_object_set_new(row, "start_s", number_or_null(s->any, s->start_ps * 1e-12));
    json_object_set_new(row, "end_s", number_or_null(s->any, s->end_ps * 1e-12));
    json_object_set_new(row, "energy_j", json_real(pj * 1e-12));
    json_object_set_new(row, "utilization", utilization(r, o, s));
    json_object_set_new(row, "arrays", json_integer((json_int_t)s->arrays));
    return row;
}

static json_t *static_row(const struct run *r)
{
    json_t *row = json_object();
    json_object_set_new(row, "id", json_integer(LEDGER_STATIC));
    json_object_set_new(row, "name", json_string("static, background and refresh"));
    json_object_set_new(row, "op", json_string("-"));
    json_object_set_new(row, "instances", json_integer(1));
    json_object_set_new(row, "ops", json_real(0));
    json_object_set_new(row, "start_s", json_real(0));
    json_object_set_new(row, "end_s", json_real(r->sim.time_ps * 1e-12));
    json_object_set_new(row, "energy_j", json_real(r->static_pj * 1e-12));
    json_object_set_new(row, "utilization", json_null());
    json_object_set_new(row, "arrays", json_integer(0));
    return row;
}

json_t *run_layers_json(const struct run *r)
{
    const struct trace *t = &r->trace;
    json_t *rows = json_array();
    struct span *spans = ARENA_ARRAY(r->arena, struct span, t->count);
    int32_t *ids = ARENA_ARRAY(r->arena, int32_t, t->count);
    double *pj = ARENA_ARRAY(r->arena, double, t->count);
    find_spans(r, spans);
    for (size_t i = 0; i < t->count; i++)
        ids[i] = t->ops[i].id;
    ledger_sum_layers(r->sim.ledger, ids, t->count, pj);
    for (size_t i = 0; i < t->count; i++)
        json_array_append_new(rows, layer_row(r, &t->ops[i], &spans[i], pj[i]));
    json_array_append_new(rows, static_row(r));
    return rows;
}
