/* view.c — what an op's tensors are to the pipeline: rows, columns and channels of one sample.
 *
 * A 4-D tensor has rows and columns of its own; any other is rows of channels.  A static product
 * makes a row of N channels per vector, a dynamic one has the heads of a sample side by side. */
#include "core/plan/internal.h"

bool op_has_arrays(const struct op *o)
{
    return o->kind == OP_CONV2D || (o->kind == OP_MATMUL && o->weight);
}

static bool split_by_sample(const struct plan *p, const struct op *o, int64_t total, int64_t *each,
                            struct diag *d)
{
    if (total % p->samples != 0)
        return diag_cannot(d, "op %d (%s): %lld does not divide into %lld samples", o->id,
                           o->name ? o->name : "", (long long)total, (long long)p->samples);
    *each = total / p->samples;
    return true;
}

static bool view_shape(const struct plan *p, const struct op *o, const struct shape *s,
                       struct tensor_view *v, struct diag *d)
{
    int64_t lead = 0, n = s->dims;
    TRY(split_by_sample(p, o, n > 0 ? s->dim[0] : 1, &lead, d));
    v->channels = n == 4 ? s->dim[1] : n > 1 ? s->dim[n - 1] : 1;
    v->width = n == 4 ? s->dim[3] : 1;
    v->rows = shape_elements(s) / p->samples / (v->channels * v->width);
    return true;
}

static bool view_matmul(const struct plan *p, const struct op *o, int64_t inner,
                        struct tensor_view *v, struct diag *d)
{
    v->width = 1;
    if (o->weight) {
        v->channels = inner;
        return split_by_sample(p, o, o->u.matmul.batch * o->u.matmul.m, &v->rows, d);
    }
    int64_t heads = 0;
    TRY(split_by_sample(p, o, o->u.matmul.batch, &heads, d));
    v->rows = o->u.matmul.m;
    v->channels = heads * inner;
    return true;
}

bool plan_view_out(const struct plan *p, const struct op *o, struct tensor_view *v, struct diag *d)
{
    if (o->kind == OP_MATMUL)
        return view_matmul(p, o, o->u.matmul.n, v, d);
    if (o->kind == OP_EMBEDDING) {
        v->width = 1;
        v->channels = o->u.embedding.width;
        return split_by_sample(p, o, o->u.embedding.count, &v->rows, d);
    }
    return view_shape(p, o, &o->out, v, d);
}

bool plan_view_in(const struct plan *p, const struct op *o, struct tensor_view *v, struct diag *d)
{
    if (o->kind == OP_MATMUL)
        return view_matmul(p, o, o->u.matmul.k, v, d);
    if (o->kind == OP_EMBEDDING) {
        v->width = v->channels = 1;
        return split_by_sample(p, o, o->u.embedding.count, &v->rows, d);
    }
    return view_shape(p, o, &o->in, v, d);
}

/* Keys and values keep their bits, whatever those of weights are; any other operand has those of
 * activations. */
static int operand_bits(const struct trace *t, const struct op *o)
{
    const struct op *from = &t->ops[trace_index(t, o->inputs[1])];
    bool cached = from->kind == OP_KV_READ || from->kind == OP_KV_APPEND;
    return cached ? t->header.kv_bits : o->activation_bits;
}

void plan_bits_in(const struct trace *t, const struct op *o, int *input_bits, int *weight_bits)
{
    *input_bits = o ? o->activation_bits : t->header.activation_bits;
    *weight_bits = o ? o->weight_bits : t->header.weight_bits;
    if (o && o->kind == OP_MATMUL && !o->weight && o->n_inputs == 2)
        *weight_bits = operand_bits(t, o);
}

void plan_bits(const struct plan *p, const struct op *o, int *input_bits, int *weight_bits)
{
    plan_bits_in(p->trace, o, input_bits, weight_bits);
}
