/* tile.c — the GEMM view of an op (M vectors x K x N) cut into arrays.
 *
 * A copy takes ceil(K / rows) x ceil(N / outputs) arrays for each group.  Groups smaller than an
 * array share one block-diagonally: what lies off the diagonal is lost, as in silicon. */
#include <assert.h>

#include "core/plan/internal.h"

static void gemm_view(const struct plan *p, struct stage *s)
{
    const struct op *o = s->op;
    s->experts = 1;
    if (o->kind == OP_MATMUL) {
        s->gemm_k = o->u.matmul.k;
        s->gemm_n = o->u.matmul.n;
        s->groups = s->dynamic ? o->u.matmul.batch / p->samples : 1;
        s->experts = s->dynamic                ? 1
                     : o->u.matmul.experts > 0 ? o->u.matmul.experts
                                               : o->u.matmul.batch;
        return;
    }
    s->groups = o->u.conv.groups;
    s->gemm_k = o->in.dim[1] / s->groups * o->u.conv.kernel[0] * o->u.conv.kernel[1];
    s->gemm_n = o->out.dim[1] / s->groups;
}

/* What a part of a layer makes, when the layer is cut by outputs. */
static void cut_part(struct stage *s, int64_t outputs)
{
    double n = (double)s->gemm_n;
    int64_t first = (int64_t)(s->part[0] * n + 0.5), last = (int64_t)(s->part[1] * n + 0.5);
    s->gemm_n = last - first;
    s->n_tiles = ceil_div(s->gemm_n, outputs);
}

static void add_shape(struct tile_shape out[4], size_t *count, int64_t rows, int64_t outputs,
                      int64_t times)
{
    if (rows <= 0 || outputs <= 0 || times <= 0)
        return;
    out[*count].rows = rows;
    out[*count].outputs = outputs;
    out[*count].times = times;
    (*count)++;
}

size_t stage_tile_shapes(const struct plan *p, const struct stage *s, struct tile_shape out[4])
{
    const struct array *x = p->system->array;
    int in_bits, w_bits;
    size_t count = 0;
    plan_bits(p, s->op, &in_bits, &w_bits);
    if (!x->ops->precision(x, &in_bits, &w_bits))
        return 0;
    int64_t outputs = x->ops->outputs(x, w_bits), rows = p->system->facts.rows;
    if (s->groups_per_array > 1) { /* several groups in one array, all of their rows active */
        int64_t full = s->groups / s->groups_per_array, rest = s->groups % s->groups_per_array;
        add_shape(out, &count, s->gemm_k * s->groups_per_array, s->gemm_n * s->groups_per_array,
                  full);
        add_shape(out, &count, s->gemm_k * rest, s->gemm_n * rest, 1);
        return count;
    }
    int64_t k_rest = s->gemm_k - (s->k_tiles - 1) * rows;
    int64_t n_rest = s->gemm_n - (s->n_tiles - 1) * outputs;
    add_shape(out, &count, rows, outputs, (s->k_tiles - 1) * (s->n_tiles - 1) * s->groups);
    add_shape(out, &count, k_rest, outputs, (s->n_tiles - 1) * s->groups);
    add_shape(out, &count, rows, n_rest, (s->k_tiles - 1) * s->groups);
    add_shape(out, &count, k_rest, n_rest, s->groups);
    return count;
}

void stage_job(const struct plan *p, const struct stage *s, const struct tile_shape *t,
               struct array_job *job)
{
    plan_bits(p, s->op, &job->input_bits, &job->weight_bits);
    job->rows = t->rows;
    job->outputs = t->outputs;
    job->vectors = s->rows * s->width;
    job->input = op_activation_stats(s->op);
    job->weight = op_weight_stats(s->op);
    if (s->dynamic && job->weight.is_default)
        job->weight = stats_default_weight(job->weight_bits); /* not those of layers' weights */
    bool can =
        p->system->array->ops->precision(p->system->array, &job->input_bits, &job->weight_bits);
    assert(can); /* plan_tile has asked */
    (void)can;
}

static double slowest_mvm(const struct plan *p, const struct stage *s)
{
    struct tile_shape shapes[4];
    size_t count = stage_tile_shapes(p, s, shapes);
    double slowest = 0;
    for (size_t i = 0; i < count; i++) {
        struct array_job job;
        struct cost c;
        stage_job(p, s, &shapes[i], &job);
        p->system->array->ops->mvm(p->system->array, &job, &c);
        if (c.duration_ps > slowest)
            slowest = c.duration_ps;
    }
    return slowest;
}

bool plan_tile(const struct plan *p, struct stage *s, struct diag *d)
{
    const struct array *x = p->system->array;
    int in_bits, w_bits;
    plan_bits(p, s->op, &in_bits, &w_bits);
    int asked_in = in_bits, asked_w = w_bits;
    if (!x->ops->precision(x, &in_bits, &w_bits))
        return diag_cannot(d, "op %d: %s has no way to run %d-bit inputs with %d-bit weights",
                           s->layer, p->system->name, asked_in, asked_w);
    int64_t outputs = x->ops->outputs(x, w_bits), rows = p->system->facts.rows;
    if (outputs < 1)
        return diag_cannot(d, "op %d: a %d-bit weight is wider than an array of %s", s->layer,
                           w_bits, p->system->name);
    gemm_view(p, s);
    cut_part(s, outputs);
    s->k_tiles = ceil_div(s->gemm_k, rows);
    s->groups_per_array = 1;
    if (s->groups > 1 && s->k_tiles == 1 && s->n_tiles == 1)
        s->groups_per_array = least(s->groups, least(rows / s->gemm_k, outputs / s->gemm_n));
    s->group_tiles = ceil_div(s->groups, s->groups_per_array) * s->experts;
    s->arrays_per_copy = s->k_tiles * s->n_tiles * s->group_tiles;
    s->mvm_ps = slowest_mvm(p, s);
    plan_slabs(p, s);
    s->write_ps = stage_operand_ps(p, s);
    return true;
}
