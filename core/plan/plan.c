#include "core/plan/plan.h"

#include <string.h>

#include "core/plan/internal.h"

struct attempt {
    int64_t chunks; /* per sample, at most */
    double slack;   /* buffers over the least */
    double fill;    /* share of the arrays that single copies may take */
};

bool plan_build_anew(struct plan *p, struct diag *d)
{
    p->stages = NULL;
    p->edges = NULL;
    p->stage_count = p->edge_count = 0;
    return plan_build(p, d);
}

static bool try_plan(struct plan *p, const struct attempt *t, struct diag *d)
{
    TRY(plan_build_anew(p, d));
    TRY(plan_segment(p, t->fill, d));
    if (!p->exact)
        plan_twins(p);
    plan_pieces(p, t->chunks);
    return plan_replicate(p, t->slack, d);
}

static bool try_each(struct plan *p, const struct attempt *tries, size_t count, struct diag *d)
{
    for (size_t i = 0; i < count; i++) {
        struct diag why;
        memset(&why, 0, sizeof why);
        if (tries[i].fill < 1 && !p->system->can_reload)
            return false;
        if (try_plan(p, &tries[i], &why))
            return true;
        *d = why;
    }
    return false;
}

enum { SINGLE = 1 << 30 }; /* chunks: of a row each, unless they were too many for a plan */

/* Coarse chunks with room to overlap first, then single rows (less buffer), then less overlap, then
 * segments that leave arrays free, each with chunks as coarse as fit.  Operands for arrays wait
 * whole in buffers, however fine the chunks: beside them emptier segments come first. */
bool plan_find(struct plan *p, struct diag *d)
{
    static const struct attempt coarse[] = {{56, 2, 1}, {56, 1.5, 0.8}, {56, 1.5, 0.6}};
    static const struct attempt tries[] = {
        {56, 2, 1},       {SINGLE, 2, 1},      {56, 1.5, 1},    {256, 1.5, 1},   {512, 1.5, 1},
        {SINGLE, 1.5, 1}, {56, 1, 1},          {256, 1, 1},     {SINGLE, 1, 1},  {56, 1.5, 0.95},
        {256, 1.5, 0.95}, {SINGLE, 1.5, 0.95}, {56, 1.5, 0.8},  {256, 1.5, 0.8}, {SINGLE, 1.5, 0.8},
        {SINGLE, 1, 0.6}, {SINGLE, 1, 0.3},    {SINGLE, 1, 0.1}};
    if (p->lanes_only)
        return try_each(p, tries, COUNT_OF(tries), d);
    return try_each(p, coarse, COUNT_OF(coarse), d) ||
           try_each(p, tries + 1, COUNT_OF(tries) - 1, d);
}

static void sum_up(struct plan *p)
{
    for (size_t i = 0; i < p->stage_count && p->tensor == 1; i++)
        p->macs += p->stages[i].macs * (double)p->samples;
    if (p->tensor > 1)
        p->macs = trace_macs(p->whole);
    for (size_t i = 0; i < p->stage_count; i++) {
        const struct op *o = p->stages[i].op;
        if (p->stages[i].kind == STAGE_ARRAY &&
            (op_activation_stats(o).is_default || op_weight_stats(o).is_default))
            p->default_stats = true;
    }
}

/* What is told of a twin's arrays, though nothing else of it is planned. */
static void tell_twins(struct plan *p)
{
    for (size_t k = 0; k < p->segment_count; k++) {
        struct segment *g = &p->segments[k];
        const struct segment *model = plan_model(p, g);
        if (g->twin < 0)
            continue;
        g->arrays = model->arrays;
        g->weight_bytes = model->weight_bytes;
        g->write_ps = model->write_ps;
        for (int32_t i = 0; i < g->stage_count; i++) {
            p->stages[g->first_stage + i].arrays = p->stages[model->first_stage + i].arrays;
            p->stages[g->first_stage + i].copies = p->stages[model->first_stage + i].copies;
        }
    }
}

bool plan_steps(struct plan *p, const struct plan_options *o, struct diag *d)
{
    TRY(plan_on_machines(p, o, d));
    plan_place(p);
    plan_flows(p);
    plan_price(p);
    plan_loads(p);
    tell_twins(p);
    sum_up(p);
    return true;
}

bool plan_make(struct arena *a, const struct system *s, const struct trace *t, struct plan **out,
               struct diag *d)
{
    static const struct plan_options usual = {false};
    return plan_make_with(a, s, t, &usual, out, d);
}

bool plan_make_with(struct arena *a, const struct system *s, const struct trace *t,
                    const struct plan_options *o, struct plan **out, struct diag *d)
{
    struct plan *p = ARENA_NEW(a, struct plan);
    p->arena = a;
    p->system = p->machine = s;
    p->devices = p->regions = p->tensor = p->banks = 1;
    p->trace = p->whole = t;
    p->exact = o->exact;
    p->samples = t->header.batch;
    p->input_bits = t->header.activation_bits;
    p->weight_bits = t->header.weight_bits;
    if (!s->array->ops->precision(s->array, &p->input_bits, &p->weight_bits))
        return diag_cannot(d, "%s cannot run %d-bit activations with %d-bit weights", s->name,
                           t->header.activation_bits, t->header.weight_bits);
    TRY(plan_check_ops(p, d));
    TRY(plan_steps(p, o, d));
    if (!plan_in_banks(p, o, out))
        *out = p;
    return true;
}
