/* LSTM, GRU and RNN layers: the products of the inputs with W, those of the states with R, and
 * what the gates do.
 *
 * The steps of a sequence are rows of one product.  Each really waits for the state of the one
 * before: a run takes a recurrent layer for faster than it is where rows of a product overlap. */
#include <string.h>

#include "traces/import_onnx.h"

struct layer {
    int64_t gates, hidden, directions, steps, batch, width;
    int64_t rows; /* steps x batch */
    bool batch_first;
};

/* X [steps, batch, width], W [directions, gates x hidden, width], R [.., .., hidden]; `layout` 1
 * puts the batch first. */
static bool read_layer(struct onnx_import *c, const char *fn, struct layer *l)
{
    TRY(onnx_need(c, 3));
    const struct shape *x = &c->in[0]->shape, *w = &c->in[1]->shape, *r = &c->in[2]->shape;
    l->gates = strcmp(fn, "lstm") == 0 ? 4 : strcmp(fn, "gru") == 0 ? 3 : 1;
    if (!c->in[1]->constant || !c->in[2]->constant)
        return onnx_fail(c, "its weights are computed while the network runs; constant ones, or "
                            "inputs of known shape, are needed");
    if (x->dims != 3 || w->dims != 3 || r->dims != 3)
        return onnx_fail(c, "its inputs and weights need three dimensions each");
    l->batch_first = onnx_int(c, "layout", 0) != 0;
    l->steps = x->dim[l->batch_first ? 1 : 0];
    l->batch = x->dim[l->batch_first ? 0 : 1];
    l->width = x->dim[2];
    l->directions = w->dim[0];
    l->hidden = r->dim[2];
    if (w->dim[1] != l->gates * l->hidden || r->dim[1] != w->dim[1] || w->dim[2] != l->width ||
        r->dim[0] != l->directions || l->directions < 1 || l->directions > 2)
        return onnx_fail(c, "its weights do not fit %lld gates, %lld values in and %lld states",
                         (long long)l->gates, (long long)l->width, (long long)l->hidden);
    return onnx_times(c, l->steps, l->batch, &l->rows);
}

static bool multiply(struct onnx_import *c, const struct layer *l, const struct onnx_value *from,
                     const struct onnx_value *weight, int64_t k, const struct shape *out,
                     struct onnx_value **made)
{
    struct onnx_product p = {from, NULL, weight, l->directions, l->rows, k, l->gates * l->hidden};
    return onnx_multiply(c, &p, out, made);
}

/* One elementwise step of each state. */
static bool state_step(struct onnx_import *c, const char *fn, const struct shape *states,
                       struct onnx_value **v)
{
    return onnx_step(c, OP_ELEMENTWISE, fn, *v, states, states, v);
}

/* Sum of both products, the gates' functions, and what they do to the states: an LSTM forgets and
 * adds to a cell and lets it out, a GRU mixes the old state with the new one. */
static bool run_gates(struct onnx_import *c, const struct layer *l, const struct onnx_value *x,
                      const struct onnx_value *h, const struct shape *states,
                      struct onnx_value **out)
{
    static const char *const lstm[] = {"mul", "mul", "add", "tanh", "mul"};
    static const char *const gru[] = {"mul", "mul", "add"};
    TRY(onnx_step2(c, OP_ELEMENTWISE, "add", x, h, &x->shape, out));
    TRY(onnx_step(c, OP_ELEMENTWISE, l->gates > 1 ? "sigmoid" : "tanh", *out, &x->shape, &x->shape,
                  out));
    if (l->gates == 1)
        return true;
    size_t n = l->gates == 4 ? COUNT_OF(lstm) : COUNT_OF(gru);
    TRY(onnx_step(c, OP_SLICE, NULL, *out, &x->shape, states, out));
    for (size_t i = 0; i < n; i++)
        TRY(state_step(c, l->gates == 4 ? lstm[i] : gru[i], states, out));
    return true;
}

/* Y: all states, [steps, directions, batch, hidden]; Y_h and Y_c: the last. */
static bool give_states(struct onnx_import *c, const struct layer *l, const struct onnx_value *y)
{
    struct shape all = onnx_shape4(l->steps, l->directions, l->batch, l->hidden);
    struct shape last = {.dim = {l->directions, l->batch, l->hidden}, .dims = 3};
    if (l->batch_first) {
        all = onnx_shape4(l->batch, l->steps, l->directions, l->hidden);
        last = (struct shape){.dim = {l->batch, l->directions, l->hidden}, .dims = 3};
    }
    TRY(onnx_alias(c, 0, y, &all));
    for (size_t i = 1; i < c->node->n_output && i < 3; i++) {
        struct onnx_value *v;
        if (c->node->output[i][0] == '\0')
            continue;
        TRY(onnx_step(c, OP_SLICE, NULL, y, &all, &last, &v));
        TRY(onnx_give(c, i, v));
    }
    return true;
}

bool onnx_recurrent(struct onnx_import *c, const char *fn)
{
    struct layer l;
    struct onnx_value *x, *h, *y;
    TRY(read_layer(c, fn, &l));
    struct shape states = {.dim = {l.rows, l.directions, l.hidden}, .dims = 3};
    struct shape gates = {.dim = {l.rows, l.directions, l.gates * l.hidden}, .dims = 3};
    TRY(multiply(c, &l, c->in[0], c->in[1], l.width, &gates, &x));
    TRY(multiply(c, &l, x, c->in[2], l.hidden, &gates, &h));
    TRY(run_gates(c, &l, x, h, &states, &y));
    return give_states(c, &l, y);
}
