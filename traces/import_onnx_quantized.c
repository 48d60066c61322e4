/* Quantised forms of operators: the same shapes and products, with scales and zero points between
 * the inputs that matter.  Rounding to integers is part of what arrays and converters do: only
 * scales that are computed while the network runs are work of their own. */
#include "traces/import_onnx.h"

/* Leaves the inputs of these places, in this order; then the handler takes the node. */
static bool with_inputs(struct onnx_import *c, const size_t places[], size_t n,
                        onnx_handler *handler, const char *fn)
{
    struct onnx_value **in = ARENA_ARRAY(c->scratch, struct onnx_value *, n);
    for (size_t i = 0; i < n; i++)
        in[i] = places[i] < c->n_in ? c->in[places[i]] : NULL;
    c->in = in;
    c->n_in = n;
    return handler(c, fn);
}

#define WITH_INPUTS(c, handler, fn, ...)                                                           \
    with_inputs(c, (const size_t[]){__VA_ARGS__},                                                  \
                sizeof((const size_t[]){__VA_ARGS__}) / sizeof(size_t), handler, fn)

bool onnx_qlinear_conv(struct onnx_import *c, const char *fn)
{
    return WITH_INPUTS(c, onnx_conv, fn, 0, 3, 8);
}

bool onnx_conv_integer(struct onnx_import *c, const char *fn)
{
    return WITH_INPUTS(c, onnx_conv, fn, 0, 1);
}

bool onnx_qlinear_matmul(struct onnx_import *c, const char *fn)
{
    return WITH_INPUTS(c, onnx_matmul, fn, 0, 3);
}

bool onnx_matmul_integer(struct onnx_import *c, const char *fn)
{
    return WITH_INPUTS(c, onnx_matmul, fn, 0, 1);
}

bool onnx_qgemm(struct onnx_import *c, const char *fn)
{
    return WITH_INPUTS(c, onnx_gemm, fn, 0, 3, 6);
}

bool onnx_qattention(struct onnx_import *c, const char *fn)
{
    return WITH_INPUTS(c, onnx_packed_attention, fn, 0, 1, 2, 5);
}

bool onnx_qlinear_binary(struct onnx_import *c, const char *fn)
{
    return WITH_INPUTS(c, onnx_binary, fn, 0, 3);
}

bool onnx_qlinear_unary(struct onnx_import *c, const char *fn)
{
    return WITH_INPUTS(c, onnx_unary, fn, 0);
}

bool onnx_qlinear_softmax(struct onnx_import *c, const char *fn)
{
    return WITH_INPUTS(c, onnx_softmax, fn, 0);
}

bool onnx_qlinear_reduce(struct onnx_import *c, const char *fn)
{
    return WITH_INPUTS(c, onnx_reduce, fn, 0);
}

/* Scale and zero point of the result, then three inputs a part. */
bool onnx_qlinear_concat(struct onnx_import *c, const char *fn)
{
    size_t n = c->n_in > 2 ? (c->n_in - 2) / 3 : 0;
    size_t *places = ARENA_ARRAY(c->scratch, size_t, n);
    for (size_t i = 0; i < n; i++)
        places[i] = 2 + 3 * i;
    return with_inputs(c, places, n, onnx_concat, fn);
}

/* y, its scale and zero point; the largest and smallest element decide. */
bool onnx_dynamic_quantize(struct onnx_import *c, const char *fn)
{
    struct onnx_value *y;
    const struct shape one = {.dims = 0};
    TRY(onnx_need(c, 1));
    TRY(onnx_step(c, OP_ELEMENTWISE, fn, c->in[0], &c->in[0]->shape, &c->in[0]->shape, &y));
    TRY(onnx_give(c, 0, y));
    for (size_t i = 1; i < 3; i++)
        TRY(onnx_alias(c, i, y, &one));
    return true;
}

/* --- channels last ------------------------------------------------------------------------ */

static struct shape channels_to(const struct shape *s, bool last)
{
    struct shape t = *s;
    for (int i = 1; i < s->dims; i++)
        t.dim[i] = s->dim[last ? (i + 1 < s->dims ? i + 1 : 1) : (i > 1 ? i - 1 : s->dims - 1)];
    return t;
}

/* The handler sees [N, C, H, W] where the file has [N, H, W, C]: nothing moves. */
static bool channels_last(struct onnx_import *c, onnx_handler *handler, const char *fn)
{
    TRY(onnx_need(c, 1));
    struct onnx_value *seen = onnx_nameless(c);
    *seen = *c->in[0];
    seen->shape = channels_to(&seen->shape, false);
    c->in[0] = seen;
    TRY(handler(c, fn));
    for (size_t i = 0; i < c->node->n_output; i++) {
        struct onnx_value *out = onnx_local(c, c->node->output[i]);
        out->shape = channels_to(&out->shape, true);
    }
    return true;
}

bool onnx_nhwc_pool(struct onnx_import *c, const char *fn)
{
    return channels_last(c, onnx_pool, fn);
}

bool onnx_nhwc_norm(struct onnx_import *c, const char *fn)
{
    return onnx_int(c, "channels_last", 1) != 0 ? channels_last(c, onnx_norm, fn)
                                                : onnx_norm(c, fn);
}

bool onnx_qlinear_pool(struct onnx_import *c, const char *fn)
{
    return onnx_int(c, "channels_last", 0) != 0 ? channels_last(c, onnx_pool, fn)
                                                : WITH_INPUTS(c, onnx_pool, fn, 0);
}

bool onnx_qlinear_global_pool(struct onnx_import *c, const char *fn)
{
    return onnx_int(c, "channels_last", 0) != 0 ? channels_last(c, onnx_global_pool, fn)
                                                : WITH_INPUTS(c, onnx_global_pool, fn, 0);
}
