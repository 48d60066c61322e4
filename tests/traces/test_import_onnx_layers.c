/* The ONNX importer: layers that are one node in the file and several operators in the trace. */
#include "tests/traces/onnx_fixture.h"

static void in_domain(Onnx__NodeProto *node, const char *domain)
{
    node->domain = arena_strdup(n->a, domain);
}

static size_t count_of(enum op_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < t.count; i++)
        count += t.ops[i].kind == kind;
    return count;
}

/* --- recurrent ------------------------------------------------------------------------------ */

/* x of [steps 7, batch 2, width 5], 3 states, gates as named, in so many directions. */
static Onnx__NodeProto *recurrent(const char *type, int64_t gates, int64_t directions)
{
    net_input(n, "x", INTS(7, 2, 5));
    net_weight(n, "w", INTS(directions, gates * 3, 5));
    net_weight(n, "r", INTS(directions, gates * 3, 3));
    Onnx__NodeProto *node = net_node(n, type, "layer", "x w r", "y h");
    net_set_int(n, node, "hidden_size", 3);
    return node;
}

START_TEST(a_recurrent_layer_multiplies_inputs_and_states_in_every_step)
{
    static const struct {
        const char *type;
        int64_t gates, directions;
    } kinds[] = {{"LSTM", 4, 1}, {"LSTM", 4, 2}, {"GRU", 3, 2}, {"RNN", 1, 1}};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        n = i == 0 ? n : net_open(13);
        int64_t gates = kinds[i].gates, directions = kinds[i].directions;
        recurrent(kinds[i].type, gates, directions);
        net_node(n, "Relu", "relu", "y", "z");
        net_node(n, "Abs", "last", "h", "a");
        net_output(n, "z");
        net_output(n, "a");
        finish();
        ck_assert_double_eq(trace_macs(&t), 14.0 * (double)(directions * gates * 3 * (5 + 3)));
        ck_assert_double_eq(trace_weights(&t), (double)(directions * gates * 3 * (5 + 3)));
        ASSERT_SHAPE(t.ops[t.count - 1].out, directions, 2, 3);
        ck_assert_int_eq(t.header.batch, 1); /* steps come first, not samples */
    }
}
END_TEST

START_TEST(a_recurrent_layer_may_have_the_batch_first)
{
    Onnx__NodeProto *node = recurrent("GRU", 3, 1);
    net_set_int(n, node, "layout", 1);
    net_node(n, "Relu", "relu", "y", "z");
    net_output(n, "z");
    finish();
    ASSERT_SHAPE(t.ops[t.count - 1].out, 7, 2, 1, 3);
}
END_TEST

/* --- einsum --------------------------------------------------------------------------------- */

START_TEST(an_einsum_is_a_product_of_what_its_letters_say)
{
    static const struct {
        const char *equation;
        int64_t x[4], y[4];
        size_t nx, ny;
        double macs;
    } rows[] = {
        {"ij,jk->ik", {2, 3}, {3, 4}, 2, 2, 24},
        {"ij,jk", {2, 3}, {3, 4}, 2, 2, 24},
        {"bhid,bhjd->bhij", {2, 4, 5, 8}, {2, 4, 6, 8}, 4, 4, 2 * 4 * 5 * 6 * 8},
        {"bij,jk->bik", {2, 5, 3}, {3, 4}, 3, 2, 2 * 5 * 3 * 4},
        {"...ij,...jk->...ik", {2, 5, 3}, {3, 4}, 3, 2, 2 * 5 * 3 * 4},
        {"i,j->ij", {5}, {7}, 1, 1, 0},
        {"ij,ij->i", {5, 3}, {5, 3}, 2, 2, 15},
        {"ij,ij->", {5, 3}, {5, 3}, 2, 2, 15},
        {"b c d , b d e -> b e c", {2, 3, 4}, {2, 4, 5}, 3, 3, 2 * 3 * 4 * 5},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        n = i == 0 ? n : net_open(13);
        net_input(n, "x", rows[i].x, rows[i].nx);
        net_input(n, "y", rows[i].y, rows[i].ny);
        Onnx__NodeProto *node = net_node(n, "Einsum", "sum", "x y", "z");
        net_set_text(n, node, "equation", rows[i].equation);
        net_node(n, "Relu", "relu", "z", "r");
        net_output(n, "r");
        finish();
        ck_assert_msg(trace_macs(&t) == rows[i].macs, "%s: %g", rows[i].equation, trace_macs(&t));
    }
}
END_TEST

START_TEST(an_einsum_with_constants_has_weights)
{
    net_input(n, "x", INTS(2, 7, 16));
    net_weight(n, "w", INTS(16, 4, 5));
    net_set_text(n, net_node(n, "Einsum", "heads", "x w", "z"), "equation", "btd,dhk->bthk");
    finish();
    ck_assert_str_eq(t.ops[0].weight, "w");
    ck_assert_double_eq(trace_weights(&t), 16.0 * 20);
    ck_assert_double_eq(trace_macs(&t), 14.0 * 16 * 20);
}
END_TEST

START_TEST(an_einsum_of_three_goes_from_the_left)
{
    net_input(n, "x", INTS(3, 4));
    net_weight(n, "v", INTS(4, 5));
    net_weight(n, "w", INTS(5, 6));
    net_set_text(n, net_node(n, "Einsum", "chain", "x v w", "z"), "equation", "ij,jk,kl->il");
    finish();
    ck_assert_double_eq(trace_macs(&t), 3.0 * 4 * 5 + 3 * 5 * 6);
}
END_TEST

/* --- attention ------------------------------------------------------------------------------ */

START_TEST(attention_scores_every_query_with_every_key)
{
    net_input(n, "q", INTS(2, 10, 32));
    net_input(n, "k", INTS(2, 12, 16));
    net_input(n, "v", INTS(2, 12, 16));
    Onnx__NodeProto *node = net_node(n, "Attention", "attend", "q k v", "y");
    net_set_int(n, node, "q_num_heads", 4);
    net_set_int(n, node, "kv_num_heads", 2);
    net_node(n, "Relu", "relu", "y", "z");
    finish();
    ck_assert_uint_eq(count_of(OP_SOFTMAX), 1);
    ck_assert_double_eq(trace_macs(&t), 2.0 * 4 * 10 * 12 * 8 * 2);
    ASSERT_SHAPE(t.ops[t.count - 1].out, 2, 10, 32);
}
END_TEST

START_TEST(attention_reads_what_is_kept_of_the_past)
{
    net_input(n, "q", INTS(1, 4, 1, 8));
    net_input(n, "k", INTS(1, 4, 1, 8));
    net_input(n, "v", INTS(1, 4, 1, 8));
    net_input(n, "pk", INTS(1, 4, 15, 8));
    net_input(n, "pv", INTS(1, 4, 15, 8));
    net_node(n, "Attention", "attend", "q k v - pk pv", "y nk nv");
    net_node(n, "Relu", "relu", "nk", "z");
    net_output(n, "y");
    net_output(n, "z");
    finish();
    ck_assert_double_eq(trace_macs(&t), 4.0 * 16 * 8 * 2);
    ASSERT_SHAPE(t.ops[t.count - 1].out, 1, 4, 16, 8);
}
END_TEST

START_TEST(packed_attention_makes_its_own_queries_keys_and_values)
{
    net_input(n, "x", INTS(2, 16, 32));
    net_weight(n, "w", INTS(32, 96));
    net_weight(n, "b", INTS(96));
    Onnx__NodeProto *node = net_node(n, "Attention", "attend", "x w b", "y");
    in_domain(node, "com.microsoft");
    net_set_int(n, node, "num_heads", 4);
    finish();
    ck_assert_double_eq(trace_macs(&t), 32.0 * 32 * 96 + 2.0 * 4 * 16 * 16 * 8 * 2);
    ck_assert_double_eq(trace_weights(&t), 32.0 * 96);
}
END_TEST

START_TEST(heads_may_share_keys_and_come_packed)
{
    net_input(n, "x", INTS(1, 16, 64));
    net_weight(n, "w", INTS(64, 96)); /* four heads of queries, one of keys, one of values */
    net_node(n, "MatMul", "qkv", "x w", "p");
    Onnx__NodeProto *node = net_node(n, "GroupQueryAttention", "attend", "p", "y");
    net_set_int(n, node, "num_heads", 4);
    net_set_int(n, node, "kv_num_heads", 1);
    net_input(n, "m", INTS(1, 16, 4, 3, 8));
    node = net_node(n, "MultiHeadAttention", "other", "m", "z");
    net_set_int(n, node, "num_heads", 4);
    finish();
    ck_assert_double_eq(trace_macs(&t),
                        16.0 * 64 * 96 + 4.0 * 16 * 16 * 16 * 2 + 4.0 * 16 * 16 * 8 * 2);
}
END_TEST

START_TEST(an_encoder_of_fused_nodes_counts_its_products)
{
    net_input(n, "ids", INTS(2, 16));
    net_input(n, "segments", INTS(2, 16));
    net_weight(n, "words", INTS(50, 32));
    net_weight(n, "places", INTS(64, 32));
    net_weight(n, "kinds", INTS(2, 32));
    net_weight(n, "g", INTS(32));
    net_weight(n, "b", INTS(64));
    net_weight(n, "up", INTS(32, 64));
    net_weight(n, "down", INTS(32, 64));
    net_node(n, "EmbedLayerNormalization", "embed", "ids segments words places kinds g g", "e m");
    net_node(n, "MatMul", "up", "e up", "u");
    net_node(n, "BiasGelu", "gelu", "u b", "v");
    Onnx__NodeProto *down = net_node(n, "FusedMatMul", "down", "v down", "d");
    net_set_int(n, down, "transB", 1);
    net_node(n, "SkipLayerNormalization", "skip", "d e g g", "y");
    finish();
    ck_assert_uint_eq(count_of(OP_EMBEDDING), 2);
    ck_assert_uint_eq(count_of(OP_NORM), 2);
    ck_assert_double_eq(trace_macs(&t), 32.0 * 32 * 64 * 2);
    ASSERT_SHAPE(t.ops[t.count - 1].out, 2, 16, 32);
}
END_TEST

/* --- quantised ------------------------------------------------------------------------------ */

START_TEST(quantised_forms_count_as_what_they_are_made_from)
{
    net_input(n, "x", INTS(1, 3, 8, 8));
    net_weight(n, "s", NULL, 0);
    net_weight(n, "z", NULL, 0);
    net_weight(n, "w", INTS(4, 3, 3, 3));
    net_weight(n, "b", INTS(4));
    net_weight(n, "fc", INTS(144, 10));
    net_weight(n, "fc2", INTS(5, 10));
    net_ints(n, "flat", INTS(1, 144));
    net_node(n, "QuantizeLinear", "q", "x s z", "xq");
    net_node(n, "QLinearConv", "conv", "xq s z w s z s z b", "c");
    net_node(n, "QLinearLeakyRelu", "act", "c s z s z", "a");
    net_node(n, "QLinearAdd", "add", "a s z c s z s z", "d");
    net_node(n, "Reshape", "flatten", "d flat", "f");
    net_node(n, "QLinearMatMul", "fc", "f s z fc s z s z", "g");
    net_set_int(n, net_node(n, "QGemm", "fc2", "g s z fc2 s z - s z", "h"), "transB", 1);
    net_node(n, "DequantizeLinear", "dq", "h s z", "y");
    net_output(n, "y");
    finish();
    ck_assert_uint_eq(t.count, 6);
    ck_assert_double_eq(trace_macs(&t), 36.0 * 4 * 27 + 144 * 10 + 10 * 5);
    ck_assert_str_eq(t.ops[1].fn, "leaky_relu");
    ck_assert_int_eq(t.ops[2].n_inputs, 2);
}
END_TEST

START_TEST(scales_that_are_computed_are_work)
{
    net_input(n, "x", INTS(5, 16));
    net_weight(n, "w", INTS(16, 8));
    net_weight(n, "ws", NULL, 0);
    net_node(n, "DynamicQuantizeLinear", "q", "x", "xq s z");
    net_node(n, "MatMulInteger", "fc", "xq w z", "y");
    net_node(n, "Mul", "scale", "s ws", "both");
    net_node(n, "Mul", "back", "y both", "r");
    net_output(n, "r");
    finish();
    ck_assert_uint_eq(t.count, 4);
    ck_assert_str_eq(t.ops[0].fn, "quantize");
    ck_assert_double_eq(trace_macs(&t), 5.0 * 16 * 8);
    ASSERT_SHAPE(t.ops[2].out, 1);
}
END_TEST

START_TEST(images_may_have_their_channels_last)
{
    net_input(n, "x", INTS(1, 8, 6, 3));
    Onnx__NodeProto *pool = net_node(n, "NhwcMaxPool", "pool", "x", "y");
    net_set_ints(n, pool, "kernel_shape", INTS(2, 2));
    net_set_ints(n, pool, "strides", INTS(2, 2));
    net_node(n, "Relu", "relu", "y", "z");
    finish();
    ASSERT_SHAPE(t.ops[0].in, 1, 3, 8, 6);
    ASSERT_SHAPE(t.ops[1].out, 1, 4, 3, 3);
}
END_TEST

START_TEST(weights_of_few_bits_count_by_their_attributes)
{
    net_input(n, "x", INTS(1, 4, 64));
    net_weight(n, "packed", INTS(32, 2, 16));
    net_weight(n, "scales", INTS(64));
    Onnx__NodeProto *node = net_node(n, "MatMulNBits", "fc", "x packed scales", "y");
    net_set_int(n, node, "K", 64);
    net_set_int(n, node, "N", 32);
    finish();
    ck_assert_double_eq(trace_macs(&t), 4.0 * 64 * 32);
    ck_assert_double_eq(trace_weights(&t), 64.0 * 32);
}
END_TEST

/* --- picking and comparing ------------------------------------------------------------------ */

START_TEST(the_largest_k_are_kept)
{
    net_input(n, "x", INTS(4, 10));
    net_ints(n, "k", INTS(3));
    net_node(n, "TopK", "top", "x k", "v i");
    net_node(n, "Relu", "relu", "i", "y");
    finish();
    ASSERT_SHAPE(t.ops[t.count - 1].out, 4, 3);
}
END_TEST

START_TEST(masks_are_made_of_triangles_and_comparisons)
{
    net_input(n, "x", INTS(1, 2, 6, 6));
    net_weight(n, "ones", INTS(6, 6));
    net_weight(n, "low", NULL, 0);
    net_node(n, "Trilu", "tri", "ones", "m");
    net_node(n, "Cast", "cast", "m", "mask");
    net_node(n, "Where", "masked", "mask x low", "w");
    net_node(n, "GreaterOrEqual", "ge", "w low", "a");
    net_node(n, "LessOrEqual", "le", "w low", "b");
    net_node(n, "And", "both", "a b", "c");
    net_node(n, "Mod", "mod", "c low", "y");
    finish();
    ck_assert_uint_eq(t.count, 5);
    ck_assert_str_eq(t.ops[1].fn, "greater_equal");
    ck_assert_str_eq(t.ops[4].fn, "mod");
}
END_TEST

/* Rows of a table are found by computed indices; content follows through every step. */
START_TEST(small_constants_are_computed_in_any_number_of_dimensions)
{
    net_input(n, "x", INTS(2, 3, 4));
    net_ints(n, "p", INTS(1, 2, 3, 4, 5, 6));
    net_ints(n, "pairs", INTS(3, 2));
    net_ints(n, "from", INTS(-1));
    net_ints(n, "to", INTS(INT64_MIN));
    net_ints(n, "axis", INTS(0));
    net_ints(n, "back", INTS(-1));
    net_ints(n, "all", INTS(-1));
    net_node(n, "Reshape", "rows", "p pairs", "r");              /* [[1 2] [3 4] [5 6]] */
    net_node(n, "Slice", "reverse", "r from to axis back", "s"); /* [[5 6] [3 4] [1 2]] */
    net_set_ints(n, net_node(n, "Transpose", "turn", "s", "u"), "perm", INTS(1, 0));
    net_node(n, "Reshape", "flat", "u all", "f"); /* 5 3 1 6 4 2 */
    net_ints(n, "two", INTS(2));
    net_ints(n, "four", INTS(4));
    net_node(n, "Slice", "middle", "f two four", "m"); /* 1 6 */
    net_ints(n, "four4", INTS(4));
    net_set_int(n, net_node(n, "Concat", "shape", "m four4", "target"), "axis", 0); /* 1 6 4 */
    net_node(n, "Reshape", "use", "x target", "y");
    finish();
    ASSERT_SHAPE(t.ops[0].out, 1, 6, 4);
}
END_TEST

START_TEST(a_negative_pad_crops)
{
    net_input(n, "x", INTS(1, 3, 8, 8));
    net_ints(n, "p", INTS(0, 0, -1, 0, 0, 0, 0, -2));
    net_node(n, "Pad", "crop", "x p", "y");
    net_node(n, "Relu", "relu", "y", "z");
    finish();
    ck_assert_int_eq(t.ops[0].kind, OP_SLICE);
    ASSERT_SHAPE(t.ops[1].out, 1, 3, 7, 6);
}
END_TEST

START_TEST(sizes_may_be_given_for_some_axes_alone)
{
    net_input(n, "x", INTS(1, 3, 8, 8));
    net_ints(n, "sizes", INTS(16, 12));
    Onnx__NodeProto *node = net_node(n, "Resize", "up", "x - - sizes", "y");
    net_set_ints(n, node, "axes", INTS(2, 3));
    finish();
    ASSERT_SHAPE(t.ops[0].out, 1, 3, 16, 12);
}
END_TEST

START_TEST(a_bias_that_is_computed_is_added)
{
    net_input(n, "x", INTS(2, 10));
    net_weight(n, "w", INTS(10, 10));
    net_node(n, "Gemm", "fc", "x w x", "y");
    finish();
    ck_assert_uint_eq(t.count, 2);
    ck_assert_str_eq(t.ops[1].fn, "add");
}
END_TEST

ONNX_SUITE("onnx layers", a_recurrent_layer_multiplies_inputs_and_states_in_every_step,
           a_recurrent_layer_may_have_the_batch_first,
           an_einsum_is_a_product_of_what_its_letters_say, an_einsum_with_constants_has_weights,
           an_einsum_of_three_goes_from_the_left, attention_scores_every_query_with_every_key,
           attention_reads_what_is_kept_of_the_past,
           packed_attention_makes_its_own_queries_keys_and_values,
           heads_may_share_keys_and_come_packed, an_encoder_of_fused_nodes_counts_its_products,
           quantised_forms_count_as_what_they_are_made_from, scales_that_are_computed_are_work,
           images_may_have_their_channels_last, weights_of_few_bits_count_by_their_attributes,
           the_largest_k_are_kept, masks_are_made_of_triangles_and_comparisons,
           small_constants_are_computed_in_any_number_of_dimensions, a_negative_pad_crops,
           sizes_may_be_given_for_some_axes_alone, a_bias_that_is_computed_is_added)
