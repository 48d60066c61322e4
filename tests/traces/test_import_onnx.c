/* The ONNX importer: shapes inferred, norms folded, every operator where it belongs. */
#include "tests/traces/onnx_fixture.h"

START_TEST(a_convolution_keeps_its_window)
{
    Onnx__NodeProto *conv = first_conv();
    net_set_ints(n, conv, "strides", INTS(2, 1));
    net_set_ints(n, conv, "dilations", INTS(1, 2));
    net_set_ints(n, conv, "pads", INTS(1, 0, 2, 3));
    finish();
    ck_assert_uint_eq(t.count, 1);
    const struct op *op = &t.ops[0];
    ck_assert_int_eq(op->kind, OP_CONV2D);
    ck_assert_str_eq(op->name, "conv");
    ck_assert_str_eq(op->weight, "w");
    ck_assert_int_eq(op->n_inputs, 0);
    ASSERT_SHAPE(op->in, 1, 3, 8, 8);
    ASSERT_SHAPE(op->out, 1, 4, 5, 7);
    ck_assert_int_eq(op->u.conv.pad[2], 2);
    ck_assert_int_eq(op->u.conv.pad[3], 3);
    ck_assert_int_eq(op->u.conv.dilation[1], 2);
    ck_assert_double_eq(op_macs(op), 4.0 * 5 * 7 * 27);
}
END_TEST

START_TEST(a_grouped_convolution_counts_its_own_channels)
{
    net_input(n, "x", INTS(1, 6, 5, 5));
    net_weight(n, "w", INTS(6, 1, 3, 3));
    net_set_int(n, net_node(n, "Conv", "dw", "x w", "y"), "group", 6);
    finish();
    ck_assert_int_eq(t.ops[0].u.conv.groups, 6);
    ck_assert_double_eq(op_macs(&t.ops[0]), 6.0 * 9 * 9);
    ck_assert_double_eq(op_weight_elements(&t.ops[0]), 54.0);
}
END_TEST

START_TEST(channels_that_do_not_fit_the_weights_are_refused)
{
    net_input(n, "x", INTS(1, 4, 8, 8));
    net_weight(n, "w", INTS(4, 3, 3, 3));
    net_node(n, "Conv", "conv", "x w", "y");
    refuse("node 'conv' (Conv): 4 input channels in 1 groups do not fit weights for 3");
}
END_TEST

START_TEST(same_padding_gives_the_odd_row_to_the_named_end)
{
    const char *modes[] = {"SAME_UPPER", "SAME_LOWER"};
    for (int i = 0; i < 2; i++) {
        n = i == 0 ? n : net_open(13);
        Onnx__NodeProto *conv = first_conv();
        net_set_text(n, conv, "auto_pad", modes[i]);
        net_set_ints(n, conv, "strides", INTS(2, 2));
        finish();
        ASSERT_SHAPE(t.ops[0].out, 1, 4, 4, 4);
        ck_assert_int_eq(t.ops[0].u.conv.pad[0], i);
        ck_assert_int_eq(t.ops[0].u.conv.pad[2], 1 - i);
    }
}
END_TEST

START_TEST(ceil_mode_lets_the_last_window_hang_over)
{
    net_input(n, "x", INTS(1, 2, 6, 6));
    Onnx__NodeProto *pool = net_node(n, "MaxPool", "pool", "x", "y");
    net_set_ints(n, pool, "kernel_shape", INTS(3, 3));
    net_set_ints(n, pool, "strides", INTS(2, 2));
    net_set_int(n, pool, "ceil_mode", 1);
    finish();
    ASSERT_SHAPE(t.ops[0].out, 1, 2, 3, 3);
    ck_assert_str_eq(t.ops[0].fn, "max");
}
END_TEST

START_TEST(a_window_that_would_begin_in_the_far_pad_is_dropped)
{
    net_input(n, "x", INTS(1, 1, 4, 4));
    Onnx__NodeProto *pool = net_node(n, "AveragePool", "pool", "x", "y");
    net_set_ints(n, pool, "kernel_shape", INTS(1, 1));
    net_set_ints(n, pool, "strides", INTS(3, 3));
    net_set_ints(n, pool, "pads", INTS(0, 0, 1, 1));
    net_set_int(n, pool, "ceil_mode", 1);
    finish();
    ASSERT_SHAPE(t.ops[0].out, 1, 1, 2, 2);
}
END_TEST

/* conv -> batch norm -> relu */
static void conv_norm_relu(void)
{
    first_conv();
    net_weight(n, "s", INTS(4));
    net_node(n, "BatchNormalization", "bn", "y s s s s", "z");
    net_node(n, "Relu", "relu", "z", "r");
}

START_TEST(a_batch_norm_after_a_convolution_is_folded)
{
    conv_norm_relu();
    finish();
    ck_assert_uint_eq(t.count, 2);
    ck_assert_int_eq(t.ops[1].kind, OP_ELEMENTWISE);
    ck_assert_int_eq(t.ops[1].inputs[0], 0);
}
END_TEST

START_TEST(a_batch_norm_is_kept_when_asked)
{
    conv_norm_relu();
    o.keep_norm = true;
    finish();
    ck_assert_uint_eq(t.count, 3);
    ck_assert_int_eq(t.ops[1].kind, OP_NORM);
    ck_assert_str_eq(t.ops[1].fn, "batch");
}
END_TEST

START_TEST(a_batch_norm_is_kept_when_something_else_reads_the_convolution)
{
    conv_norm_relu();
    net_node(n, "Add", "add", "r y", "out");
    finish();
    ck_assert_uint_eq(t.count, 4);
    ck_assert_int_eq(t.ops[1].kind, OP_NORM);
}
END_TEST

START_TEST(a_batch_norm_is_kept_when_the_convolution_is_an_output)
{
    conv_norm_relu();
    net_output(n, "y");
    net_output(n, "r");
    finish();
    ck_assert_uint_eq(t.count, 3);
}
END_TEST

START_TEST(scales_and_shifts_per_channel_are_folded)
{
    first_conv();
    net_weight(n, "s", INTS(1, 4, 1, 1));
    net_node(n, "Mul", "scale", "y s", "z");
    net_node(n, "Add", "shift", "s z", "r");
    finish();
    ck_assert_uint_eq(t.count, 1);
}
END_TEST

START_TEST(a_constant_as_large_as_the_image_is_not_folded)
{
    first_conv();
    net_weight(n, "s", INTS(1, 4, 6, 6));
    net_node(n, "Mul", "mask", "y s", "z");
    finish();
    ck_assert_uint_eq(t.count, 2);
    ck_assert_str_eq(t.ops[1].fn, "mul");
    ck_assert_int_eq(t.ops[1].n_inputs, 1);
}
END_TEST

START_TEST(a_residual_addition_names_both_producers)
{
    first_conv();
    net_node(n, "Relu", "relu", "y", "r");
    net_node(n, "Add", "add", "r y", "z");
    finish();
    ck_assert_int_eq(t.ops[2].n_inputs, 2);
    ck_assert_int_eq(t.ops[2].inputs[0], 1);
    ck_assert_int_eq(t.ops[2].inputs[1], 0);
    ck_assert_str_eq(t.ops[2].fn, "add");
}
END_TEST

START_TEST(a_pad_joins_the_convolution_behind_it)
{
    net_input(n, "x", INTS(1, 3, 8, 8));
    net_ints(n, "p", INTS(0, 0, 1, 1, 0, 0, 2, 2));
    net_weight(n, "w", INTS(4, 3, 3, 3));
    net_node(n, "Pad", "pad", "x p", "padded");
    net_node(n, "Conv", "conv", "padded w", "y");
    finish();
    ck_assert_uint_eq(t.count, 1);
    ASSERT_SHAPE(t.ops[0].in, 1, 3, 8, 8);
    ASSERT_SHAPE(t.ops[0].out, 1, 4, 9, 9);
    ck_assert_int_eq(t.ops[0].u.conv.pad[0], 1);
    ck_assert_int_eq(t.ops[0].u.conv.pad[3], 2);
}
END_TEST

START_TEST(a_pad_before_anything_else_is_a_copy)
{
    net_input(n, "x", INTS(1, 3, 8, 8));
    net_ints(n, "p", INTS(0, 0, 1, 1, 0, 0, 1, 1));
    net_node(n, "Pad", "pad", "x p", "padded");
    net_node(n, "Relu", "relu", "padded", "y");
    finish();
    ck_assert_uint_eq(t.count, 2);
    ck_assert_str_eq(t.ops[0].fn, "pad");
    ASSERT_SHAPE(t.ops[1].out, 1, 3, 10, 10);
}
END_TEST

START_TEST(a_transposed_convolution_multiplies_no_zeros)
{
    net_input(n, "x", INTS(1, 8, 4, 4));
    net_weight(n, "w", INTS(8, 2, 4, 4));
    Onnx__NodeProto *up = net_node(n, "ConvTranspose", "up", "x w", "y");
    net_set_ints(n, up, "strides", INTS(2, 2));
    net_set_ints(n, up, "pads", INTS(1, 1, 1, 1));
    finish();
    ck_assert_double_eq(trace_macs(&t), 8.0 * 16 * 2 * 16);
    ck_assert_double_eq(trace_weights(&t), 8.0 * 2 * 16);
    ASSERT_SHAPE(t.ops[0].in, 1, 8, 4, 4);
    ASSERT_SHAPE(t.ops[0].out, 1, 32, 4, 4);
    ck_assert_str_eq(t.ops[1].fn, "add");
    ASSERT_SHAPE(t.ops[2].out, 1, 2, 8, 8);
}
END_TEST

START_TEST(kernels_that_do_not_overlap_are_only_moved)
{
    net_input(n, "x", INTS(1, 3, 2, 2));
    net_weight(n, "w", INTS(3, 1, 2, 2));
    net_set_ints(n, net_node(n, "ConvTranspose", "up", "x w", "y"), "strides", INTS(2, 2));
    finish();
    ck_assert_uint_eq(t.count, 2);
    ck_assert_double_eq(trace_macs(&t), 48);
    ck_assert_int_eq(t.ops[1].kind, OP_TRANSPOSE);
    ASSERT_SHAPE(t.ops[1].out, 1, 1, 4, 4);
}
END_TEST

START_TEST(a_batch_norm_behind_a_transposed_convolution_is_folded)
{
    net_input(n, "x", INTS(1, 8, 4, 4));
    net_weight(n, "w", INTS(8, 2, 3, 3));
    net_weight(n, "s", INTS(2));
    net_set_ints(n, net_node(n, "ConvTranspose", "up", "x w", "y"), "strides", INTS(2, 2));
    net_node(n, "BatchNormalization", "bn", "y s s s s", "z");
    finish();
    ck_assert_uint_eq(t.count, 3);
    ASSERT_SHAPE(t.ops[2].out, 1, 2, 9, 9);
}
END_TEST

START_TEST(a_convolution_over_depth_counts_every_slice_that_its_kernel_reads)
{
    net_input(n, "x", INTS(2, 4, 6, 8, 8));
    net_weight(n, "w", INTS(10, 2, 3, 3, 3));
    Onnx__NodeProto *conv = net_node(n, "Conv", "conv", "x w", "y");
    net_set_int(n, conv, "group", 2);
    net_set_ints(n, conv, "strides", INTS(2, 1, 1));
    net_set_ints(n, conv, "pads", INTS(1, 0, 0, 1, 0, 0));
    net_node(n, "Relu", "relu", "y", "z");
    finish();
    ck_assert_double_eq(trace_macs(&t), 2.0 * 10 * 3 * 6 * 6 * 2 * 27);
    ck_assert_double_eq(trace_weights(&t), 10.0 * 2 * 27);
    ck_assert_int_eq(t.ops[1].kind, OP_CONV2D);
    ASSERT_SHAPE(t.ops[1].in, 6, 12, 8, 8);
    ASSERT_SHAPE(t.ops[2].out, 2, 10, 3, 6, 6);
}
END_TEST

START_TEST(a_pool_over_depth_pools_slices_and_then_depth)
{
    net_input(n, "x", INTS(1, 4, 6, 8, 8));
    Onnx__NodeProto *pool = net_node(n, "MaxPool", "pool", "x", "y");
    net_set_ints(n, pool, "kernel_shape", INTS(3, 2, 2));
    net_set_ints(n, pool, "strides", INTS(3, 2, 2));
    net_node(n, "GlobalAveragePool", "all", "y", "z");
    net_node(n, "Relu", "relu", "z", "r");
    finish();
    ck_assert_uint_eq(t.count, 5);
    ASSERT_SHAPE(t.ops[0].out, 1, 24, 4, 4);
    ASSERT_SHAPE(t.ops[1].in, 1, 4, 6, 16);
    ASSERT_SHAPE(t.ops[1].out, 1, 4, 2, 16);
    ASSERT_SHAPE(t.ops[4].out, 1, 4, 1, 1, 1);
}
END_TEST

START_TEST(gemm_reads_its_second_operand_either_way)
{
    net_input(n, "x", INTS(2, 10));
    net_weight(n, "w", INTS(7, 10));
    net_weight(n, "b", INTS(7));
    net_set_int(n, net_node(n, "Gemm", "fc", "x w b", "y"), "transB", 1);
    finish();
    const struct op *op = &t.ops[0];
    ck_assert_int_eq(op->u.matmul.m, 2);
    ck_assert_int_eq(op->u.matmul.k, 10);
    ck_assert_int_eq(op->u.matmul.n, 7);
    ck_assert_str_eq(op->weight, "w");
}
END_TEST

START_TEST(a_product_with_constant_weights_is_one_tall_matrix)
{
    net_input(n, "x", INTS(2, 5, 10));
    net_weight(n, "w", INTS(10, 7));
    net_weight(n, "b", INTS(7));
    net_node(n, "MatMul", "proj", "x w", "y");
    net_node(n, "Add", "bias", "y b", "z");
    finish();
    ck_assert_uint_eq(t.count, 1);
    ck_assert_int_eq(t.ops[0].u.matmul.batch, 1);
    ck_assert_int_eq(t.ops[0].u.matmul.m, 10);
    ck_assert_double_eq(op_macs(&t.ops[0]), 700.0);
}
END_TEST

START_TEST(a_product_of_two_activations_has_no_weight)
{
    net_input(n, "x", INTS(2, 3, 5, 10));
    net_set_ints(n, net_node(n, "Transpose", "t", "x", "k"), "perm", INTS(0, 1, 3, 2));
    net_node(n, "MatMul", "qk", "x k", "s");
    net_node(n, "Softmax", "soft", "s", "p");
    net_node(n, "MatMul", "pv", "p x", "y");
    finish();
    ck_assert_uint_eq(t.count, 4);
    ck_assert_ptr_null(t.ops[1].weight);
    ck_assert_int_eq(t.ops[1].u.matmul.batch, 6);
    ck_assert_int_eq(t.ops[1].u.matmul.m, 5);
    ck_assert_int_eq(t.ops[1].u.matmul.k, 10);
    ck_assert_int_eq(t.ops[1].u.matmul.n, 5);
    ASSERT_SHAPE(t.ops[2].in, 2, 3, 5, 5);
    ck_assert_int_eq(t.ops[3].inputs[0], 2);
}
END_TEST

START_TEST(softmax_before_opset_13_takes_everything_behind_its_axis_as_one_row)
{
    arena_close(n->a);
    n = net_open(9);
    net_input(n, "x", INTS(2, 10, 1, 1));
    net_node(n, "Softmax", "soft", "x", "y");
    finish();
    ASSERT_SHAPE(t.ops[0].in, 2, 10);
}
END_TEST

START_TEST(an_open_first_axis_takes_the_batch_asked_for)
{
    net_input(n, "x", INTS(-1, 3, 8, 8));
    net_weight(n, "w", INTS(4, 3, 3, 3));
    net_node(n, "Conv", "conv", "x w", "y");
    o.batch = 5;
    finish();
    ASSERT_SHAPE(t.ops[0].in, 5, 3, 8, 8);
    ck_assert_int_eq(t.header.batch, 5);
    ck_assert_double_eq(t.header.work_count, 5);
    ck_assert_str_eq(t.header.work_unit, "image");
}
END_TEST

START_TEST(an_open_axis_elsewhere_is_refused)
{
    net_input(n, "x", INTS(1, 3, -1, 8));
    net_node(n, "Relu", "relu", "x", "y");
    refuse("input 'x' leaves dimension 2 open");
}
END_TEST

/* The way exporters write a flatten: Shape, Gather, Unsqueeze, Concat, Reshape. */
START_TEST(shape_arithmetic_is_done_while_importing)
{
    first_conv();
    net_ints(n, "zero", INTS(0));
    net_ints(n, "rest", INTS(-1));
    net_node(n, "Shape", "shape", "y", "s");
    net_node(n, "Gather", "batch", "s zero", "b");
    net_set_int(n, net_node(n, "Concat", "cat", "b rest", "target"), "axis", 0);
    net_node(n, "Reshape", "flat", "y target", "z");
    finish();
    ck_assert_uint_eq(t.count, 2);
    ck_assert_int_eq(t.ops[1].kind, OP_RESHAPE);
    ASSERT_SHAPE(t.ops[1].out, 1, 144);
}
END_TEST

START_TEST(a_reshape_that_loses_elements_is_refused)
{
    first_conv();
    net_ints(n, "s", INTS(1, 143));
    net_node(n, "Reshape", "flat", "y s", "z");
    refuse("node 'flat' (Reshape): 144 elements cannot take a shape of 143");
}
END_TEST

START_TEST(a_look_up_in_a_constant_table_is_an_embedding)
{
    net_input(n, "ids", INTS(2, 16));
    net_weight(n, "table", INTS(1000, 64));
    net_node(n, "Gather", "embed", "table ids", "y");
    finish();
    ck_assert_int_eq(t.ops[0].kind, OP_EMBEDDING);
    ck_assert_int_eq(t.ops[0].u.embedding.rows, 1000);
    ck_assert_int_eq(t.ops[0].u.embedding.width, 64);
    ck_assert_int_eq(t.ops[0].u.embedding.count, 32);
    ck_assert_str_eq(t.header.work_unit, "token");
}
END_TEST

START_TEST(a_concatenation_lists_the_shapes_it_joins)
{
    first_conv();
    net_node(n, "Relu", "relu", "y", "r");
    net_set_int(n, net_node(n, "Concat", "cat", "y r y", "z"), "axis", 1);
    finish();
    const struct op *op = &t.ops[2];
    ck_assert_int_eq(op->kind, OP_CONCAT);
    ck_assert_int_eq(op->n_inputs, 3);
    ASSERT_SHAPE(op->more_in[1], 1, 4, 6, 6);
    ASSERT_SHAPE(op->out, 1, 12, 6, 6);
}
END_TEST

START_TEST(a_split_cuts_a_slice_per_output)
{
    first_conv();
    net_set_int(n, net_node(n, "Split", "split", "y", "p q"), "axis", 1);
    net_node(n, "Add", "add", "p q", "z");
    finish();
    ck_assert_uint_eq(t.count, 4);
    ck_assert_int_eq(t.ops[2].kind, OP_SLICE);
    ASSERT_SHAPE(t.ops[2].out, 1, 2, 6, 6);
    ck_assert_int_eq(t.ops[3].inputs[1], 2);
}
END_TEST

START_TEST(a_slice_counts_from_the_end_too)
{
    net_input(n, "x", INTS(1, 3, 8, 8));
    net_ints(n, "from", INTS(-3));
    net_ints(n, "to", INTS(INT64_MAX));
    net_ints(n, "axis", INTS(3));
    net_ints(n, "step", INTS(2));
    net_node(n, "Slice", "slice", "x from to axis step", "y");
    finish();
    ASSERT_SHAPE(t.ops[0].out, 1, 3, 8, 2);
}
END_TEST

START_TEST(a_mean_over_height_and_width_is_a_global_pool)
{
    first_conv();
    Onnx__NodeProto *mean = net_node(n, "ReduceMean", "mean", "y", "m");
    net_set_ints(n, mean, "axes", INTS(2, 3));
    net_set_int(n, mean, "keepdims", 0);
    net_weight(n, "fc", INTS(4, 10));
    net_node(n, "MatMul", "out", "m fc", "z");
    finish();
    ck_assert_int_eq(t.ops[1].kind, OP_POOL);
    ck_assert_int_eq(t.ops[1].u.conv.kernel[0], 6);
    ck_assert_int_eq(t.ops[1].u.conv.kernel[1], 6);
    ck_assert_int_eq(t.ops[2].u.matmul.m, 1);
}
END_TEST

START_TEST(nodes_that_do_nothing_leave_no_operator)
{
    first_conv();
    net_node(n, "Dropout", "drop", "y", "a");
    net_node(n, "Identity", "same", "a", "b");
    net_set_int(n, net_node(n, "Cast", "cast", "b", "c"), "to", 1);
    net_node(n, "Relu", "relu", "c", "z");
    finish();
    ck_assert_uint_eq(t.count, 2);
    ck_assert_int_eq(t.ops[1].inputs[0], 0);
}
END_TEST

START_TEST(tied_weights_keep_one_name)
{
    net_input(n, "ids", INTS(1, 4));
    net_weight(n, "table", INTS(100, 16));
    net_node(n, "Gather", "embed", "table ids", "e");
    net_node(n, "Transpose", "tr", "table", "head");
    net_node(n, "MatMul", "logits", "e head", "y");
    finish();
    ck_assert_uint_eq(t.count, 2);
    ck_assert_str_eq(t.ops[0].weight, t.ops[1].weight);
}
END_TEST

START_TEST(numbered_nodes_are_named_after_their_weights)
{
    net_input(n, "x", INTS(1, 3, 8, 8));
    net_weight(n, "stem.weight", INTS(4, 3, 3, 3));
    net_node(n, "Conv", "", "x stem.weight", "1");
    net_node(n, "Relu", "", "1", "2");
    finish();
    ck_assert_str_eq(t.ops[0].name, "stem");
    ck_assert_str_eq(t.ops[1].name, "stem.relu");
}
END_TEST

START_TEST(bits_are_the_ones_asked_for)
{
    first_conv();
    o.activation_bits = 4;
    o.weight_bits = 2;
    finish();
    ck_assert_int_eq(t.header.activation_bits, 4);
    ck_assert_int_eq(t.ops[0].weight_bits, 2);
}
END_TEST

START_TEST(stored_weights_are_quantised_and_measured)
{
    net_input(n, "x", INTS(1, 4));
    net_weight(n, "w", INTS(4, 2));
    float values[8] = {0, 0, 0, 0, 0.001f, 1, -1, 0.5f};
    Onnx__TensorProto *w = n->tensors[0];
    w->has_raw_data = 1;
    w->raw_data.len = sizeof values;
    w->raw_data.data = (uint8_t *)values;
    net_node(n, "MatMul", "fc", "x w", "y");
    finish();
    struct operand_stats s = op_weight_stats(&t.ops[0]);
    ck_assert(!s.is_default);
    ASSERT_NEAR(s.density, 3.0 / 8, 1e-9); /* 0.001 of the largest rounds to zero */
    ck_assert(op_activation_stats(&t.ops[0]).is_default);
}
END_TEST

START_TEST(bits_that_no_number_has_are_refused)
{
    struct diag d = {.status = 0};
    first_conv();
    o.weight_bits = 65;
    ck_assert(!net_try(n, a, &o, &t, &d));
    ck_assert_str_eq(d.text, "bits are 8 and 65; 1 to 64 are possible");
}
END_TEST

START_TEST(an_unknown_operator_is_named)
{
    net_input(n, "x", INTS(1, 3, 8, 8));
    net_node(n, "NonMaxSuppression", "nms", "x", "y");
    refuse("node 'nms' (NonMaxSuppression): this operator type is not supported");
}
END_TEST

START_TEST(an_input_that_nobody_makes_is_named)
{
    net_input(n, "x", INTS(1, 3, 8, 8));
    net_node(n, "Add", "add", "x later", "y");
    refuse("node 'add' (Add): it uses 'later', which nothing before it defines");
}
END_TEST

START_TEST(a_node_that_reads_itself_is_refused)
{
    net_input(n, "x", INTS(1, 3, 8, 8));
    net_node(n, "Add", "add", "x y", "y");
    refuse("it uses 'y', which nothing before it defines");
}
END_TEST

START_TEST(sizes_beyond_a_double_are_refused)
{
    net_input(n, "x", INTS(1, 1 << 30, 1 << 30, 8));
    net_node(n, "Relu", "relu", "x", "y");
    refuse("input 'x' has more than 2^53 elements");
}
END_TEST

START_TEST(a_graph_without_work_is_refused)
{
    net_input(n, "x", INTS(1, 3));
    net_node(n, "Identity", "same", "x", "y");
    refuse("the graph holds no operator that does any work");
}
END_TEST

START_TEST(an_imported_graph_reads_back_as_it_was_written)
{
    char path[512];
    struct trace again;
    struct diag d = {.status = 0};
    conv_norm_relu();
    finish();
    write_input("net.jsonl.gz", "", 0, path);
    ck_assert_msg(trace_save(&t, path, &d), "%s", d.text);
    ck_assert_msg(trace_load(a, path, 100, &again, &d), "%s", d.text);
    ck_assert_uint_eq(again.count, t.count);
    ck_assert_double_eq(trace_macs(&again), trace_macs(&t));
    ck_assert_str_eq(again.header.source, "imported from net.onnx, maker");
    remove_input(path);
}
END_TEST

START_TEST(the_operator_table_is_sorted_so_that_it_can_be_searched)
{
    static const char *const types[] = {
#define ONNX_OP(type, handler, fn) type,
#include "traces/import_onnx_ops.def"
#undef ONNX_OP
    };
    for (size_t i = 1; i < COUNT_OF(types); i++)
        ck_assert_msg(strcmp(types[i - 1], types[i]) < 0, "%s before %s", types[i - 1], types[i]);
}
END_TEST

ONNX_SUITE(
    "onnx importer", a_convolution_keeps_its_window, a_grouped_convolution_counts_its_own_channels,
    channels_that_do_not_fit_the_weights_are_refused,
    same_padding_gives_the_odd_row_to_the_named_end, ceil_mode_lets_the_last_window_hang_over,
    a_window_that_would_begin_in_the_far_pad_is_dropped, a_batch_norm_after_a_convolution_is_folded,
    a_batch_norm_is_kept_when_asked, a_batch_norm_is_kept_when_something_else_reads_the_convolution,
    a_batch_norm_is_kept_when_the_convolution_is_an_output,
    scales_and_shifts_per_channel_are_folded, a_constant_as_large_as_the_image_is_not_folded,
    a_residual_addition_names_both_producers, a_pad_joins_the_convolution_behind_it,
    a_pad_before_anything_else_is_a_copy, a_transposed_convolution_multiplies_no_zeros,
    kernels_that_do_not_overlap_are_only_moved,
    a_batch_norm_behind_a_transposed_convolution_is_folded,
    a_convolution_over_depth_counts_every_slice_that_its_kernel_reads,
    a_pool_over_depth_pools_slices_and_then_depth, gemm_reads_its_second_operand_either_way,
    a_product_with_constant_weights_is_one_tall_matrix, a_product_of_two_activations_has_no_weight,
    softmax_before_opset_13_takes_everything_behind_its_axis_as_one_row,
    an_open_first_axis_takes_the_batch_asked_for, an_open_axis_elsewhere_is_refused,
    shape_arithmetic_is_done_while_importing, a_reshape_that_loses_elements_is_refused,
    a_look_up_in_a_constant_table_is_an_embedding, a_concatenation_lists_the_shapes_it_joins,
    a_split_cuts_a_slice_per_output, a_slice_counts_from_the_end_too,
    a_mean_over_height_and_width_is_a_global_pool, nodes_that_do_nothing_leave_no_operator,
    tied_weights_keep_one_name, numbered_nodes_are_named_after_their_weights,
    bits_are_the_ones_asked_for, stored_weights_are_quantised_and_measured,
    bits_that_no_number_has_are_refused, an_unknown_operator_is_named,
    an_input_that_nobody_makes_is_named, a_node_that_reads_itself_is_refused,
    sizes_beyond_a_double_are_refused, a_graph_without_work_is_refused,
    an_imported_graph_reads_back_as_it_was_written,
    the_operator_table_is_sorted_so_that_it_can_be_searched)
