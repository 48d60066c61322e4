/* Weights among the inputs of a graph (torch.onnx.export with export_params=False): those that are
 * of known shape, and that only operators' weights are read from. */
#include <string.h>

#include "traces/import_onnx_scope.h"

static const struct weight_slots {
    const char *type;
    uint16_t weights, matrices, maybe; /* bit i: input i */
} slots[] = {
    {"Add", 0, 0, 3},
    {"BatchNormalization", 0x1e, 0, 0},
    {"Conv", 6, 0, 0},
    {"ConvInteger", 0xe, 0, 0},
    {"ConvTranspose", 6, 0, 0},
    {"Div", 0, 0, 2},
    {"FusedConv", 6, 0, 0},
    {"FusedMatMul", 0, 2, 0},
    {"GRU", 0xe, 0, 0},
    {"Gather", 0, 0, 1},
    {"Gemm", 4, 2, 0},
    {"GroupNormalization", 6, 0, 0},
    {"InstanceNormalization", 6, 0, 0},
    {"LSTM", 0x8e, 0, 0},
    {"LayerNormalization", 6, 0, 0},
    {"MatMul", 0, 2, 0},
    {"MatMulInteger", 0xc, 2, 0},
    {"Mul", 0, 0, 3},
    {"PRelu", 2, 0, 0},
    {"QLinearConv", 0x1fe, 0, 0},
    {"QLinearMatMul", 0xf6, 8, 0},
    {"RMSNormalization", 2, 0, 0},
    {"RNN", 0xe, 0, 0},
    {"Sub", 0, 0, 2},
};

enum onnx_read onnx_read_of(const char *type, size_t slot)
{
    for (size_t i = 0; i < COUNT_OF(slots) && slot < 16; i++) {
        if (strcmp(slots[i].type, type) != 0)
            continue;
        return slots[i].weights >> slot & 1    ? READ_WEIGHT
               : slots[i].matrices >> slot & 1 ? READ_MATRIX
               : slots[i].maybe >> slot & 1    ? READ_MAYBE
                                               : READ_DATA;
    }
    return READ_DATA;
}

static bool all_fixed(const Onnx__TensorShapeProto *s)
{
    for (size_t i = 0; i < s->n_dim; i++)
        if (!onnx_is_fixed(s->dim[i]))
            return false;
    return true;
}

/* Is it only read as weights?  `maybe`: may it be a vector or table that looks like one? */
static bool is_weight(const struct onnx_value *v, const Onnx__ValueInfoProto *info, bool maybe)
{
    bool fits = v->reads != 0 && (v->reads & READ_DATA) == 0 &&
                ((v->reads & READ_MATRIX) == 0 || v->shape.dims == 2) &&
                ((v->reads & READ_MAYBE) == 0 ||
                 (maybe && v->shape.dims <= 2 && shape_elements(&v->shape) > 1));
    return fits && !onnx_is_integer(info) && all_fixed(onnx_tensor_shape(info));
}

/* Inputs that are weights become constants; how many. */
static int64_t take_weights(struct onnx_import *c, const Onnx__GraphProto *g, bool maybe)
{
    int64_t taken = 0;
    bool first = true; /* the network's own input is data whatever reads it */
    for (size_t i = 0; i < g->n_input; i++) {
        struct onnx_value *v = onnx_local(c, onnx_text(g->input[i]->name));
        if (v->constant)
            continue;
        if (!first && is_weight(v, g->input[i], maybe)) {
            v->constant = true;
            onnx_remark(c, "input '%.100s' is only read as weights, and taken for such",
                        import_clean_name(c->scratch, v->name, strlen(v->name)));
            taken++;
        }
        first = false;
    }
    return taken;
}

void onnx_find_weights(struct onnx_import *c, const Onnx__GraphProto *g)
{
    if (take_weights(c, g, false) > 0)
        take_weights(c, g, true);
}
