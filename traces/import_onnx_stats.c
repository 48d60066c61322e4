/* What the weights in the file look like once quantised: symmetric, one scale per tensor, the
 * largest magnitude at the end of the range (Jacob et al., CVPR 2018, section 2, with zero point
 * 0).  Taken before batch norms are folded: their scale per channel is not applied. */
#include <math.h>
#include <string.h>

#include "traces/import_onnx.h"

enum { BINS_LOG2 = 8, FLOAT32 = 1 };

static float weight_at(const Onnx__TensorProto *t, size_t i)
{
    float x;
    if (t->n_float_data > 0)
        return t->float_data[i];
    memcpy(&x, t->raw_data.data + i * sizeof x, sizeof x);
    return x;
}

/* 0 when the tensor's content is elsewhere, of another type, or not what its shape says. */
static size_t stored_weights(const Onnx__TensorProto *t, const struct shape *s)
{
    int64_t want = shape_elements(s);
    size_t have = t->n_float_data > 0 ? t->n_float_data : t->raw_data.len / sizeof(float);
    return t->data_type == FLOAT32 && want > 1 && (uint64_t)want == have ? have : 0;
}

/* The largest magnitude; 0 when a weight is not a number. */
static double largest(const Onnx__TensorProto *t, size_t n)
{
    double most = 0;
    for (size_t i = 0; i < n; i++) {
        double x = fabs((double)weight_at(t, i));
        if (!isfinite(x))
            return 0;
        most = x > most ? x : most;
    }
    return most;
}

void onnx_weight_stats(struct onnx_import *c, struct op *op, const struct onnx_value *w)
{
    double bins[1 << BINS_LOG2] = {0};
    size_t n = w->tensor != NULL ? stored_weights(w->tensor, &w->shape) : 0;
    double most = n > 0 ? largest(w->tensor, n) : 0;
    int bits = op->weight_bits, top = bits < BINS_LOG2 ? bits : BINS_LOG2;
    if (!(most > 0) || bits < 2)
        return;
    double half = ldexp(1, bits - 1), scale = (half - 1) / most, width = ldexp(1, bits - top);
    for (size_t i = 0; i < n; i++) {
        double level = nearbyint((double)weight_at(w->tensor, i) * scale);
        double bin = floor((level + half) / width), last = ldexp(1, top) - 1;
        bins[(size_t)(bin < 0 ? 0 : bin > last ? last : bin)] += 1 / (double)n;
    }
    struct op_stats *stats = ARENA_NEW(c->keep, struct op_stats);
    stats->activation = stats_default_activation(op->activation_bits);
    stats->weights = stats_from_histogram(bins, (size_t)1 << top, bits, true);
    op->stats = stats;
}
