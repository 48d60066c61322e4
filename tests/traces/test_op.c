#include "tests/check_main.h"
#include "traces/op.h"
#include "traces/op_check.h"

static struct op conv(void)
{
    return (struct op){.name = "c",
                       .weight = "w",
                       .kind = OP_CONV2D,
                       .activation_bits = 8,
                       .weight_bits = 8,
                       .in = {{1, 64, 56, 56}, 4},
                       .out = {{1, 128, 28, 28}, 4},
                       .u.conv = {{3, 3}, {2, 2}, {1, 1, 1, 1}, {1, 1}, 1}};
}

START_TEST(every_kind_is_found_by_its_name)
{
    for (int k = 0; k < OP_KIND_COUNT; k++) {
        enum op_kind found = OP_KIND_COUNT;
        ck_assert(op_kind_find(op_kind_name((enum op_kind)k), &found));
        ck_assert_int_eq((int)found, k);
    }
    enum op_kind none;
    ck_assert(!op_kind_find("conv3d", &none));
}
END_TEST

START_TEST(a_convolution_counts_outputs_times_depth)
{
    struct op o = conv();
    ASSERT_NEAR(op_macs(&o), 128.0 * 28 * 28 * 64 * 9, 0);
    ASSERT_NEAR(op_weight_elements(&o), 128.0 * 64 * 9, 0);
    o.u.conv.groups = 64;
    ASSERT_NEAR(op_macs(&o), 128.0 * 28 * 28 * 9, 0);
    ASSERT_NEAR(op_weight_elements(&o), 128.0 * 9, 0);
}
END_TEST

START_TEST(a_matrix_product_counts_b_m_n_k)
{
    struct op o = {.kind = OP_MATMUL, .u.matmul = {.batch = 32, .m = 128, .n = 128, .k = 64}};
    ASSERT_NEAR(op_macs(&o), 32.0 * 128 * 128 * 64, 0);
    ASSERT_NEAR(op_weight_elements(&o), 0, 0);
    ASSERT_NEAR(op_out_elements(&o), 32.0 * 128 * 128, 0);
    o.weight = "w";
    ASSERT_NEAR(op_weight_elements(&o), 32.0 * 128 * 64, 0);
}
END_TEST

START_TEST(a_shape_too_large_to_count_saturates)
{
    struct shape s = {{INT64_C(1) << 40, INT64_C(1) << 40}, 2};
    ck_assert_int_eq(shape_elements(&s), INT64_MAX);
}
END_TEST

START_TEST(the_batch_scales_macs_and_leaves_weights)
{
    struct op o = conv();
    double macs = op_macs(&o), weights = op_weight_elements(&o);
    ck_assert(op_scale_batch(&o, 64));
    ASSERT_NEAR(op_macs(&o), 64 * macs, 0);
    ASSERT_NEAR(op_weight_elements(&o), weights, 0);
    char why[OP_WHY_MAX];
    ck_assert_msg(op_check(&o, why), "%s", why);
}
END_TEST

START_TEST(a_static_product_scales_m_and_a_dynamic_one_batch)
{
    struct op o = {.kind = OP_MATMUL, .u.matmul = {.batch = 2, .m = 3, .n = 4, .k = 5}};
    ck_assert(op_scale_batch(&o, 7));
    ck_assert_int_eq(o.u.matmul.batch, 14);
    o.weight = "w";
    ck_assert(op_scale_batch(&o, 7));
    ck_assert_int_eq(o.u.matmul.batch, 14);
    ck_assert_int_eq(o.u.matmul.m, 21);
}
END_TEST

START_TEST(a_concat_scales_all_its_shapes)
{
    struct shape in[] = {{{1, 8, 4, 4}, 4}, {{1, 4, 4, 4}, 4}};
    int32_t inputs[] = {0, 1};
    struct op o = {.name = "cat",
                   .kind = OP_CONCAT,
                   .id = 2,
                   .activation_bits = 8,
                   .weight_bits = 8,
                   .inputs = inputs,
                   .n_inputs = 2,
                   .more_in = in,
                   .in = in[0],
                   .out = {{1, 12, 4, 4}, 4}};
    char why[OP_WHY_MAX];
    ck_assert(op_scale_batch(&o, 3));
    ck_assert_int_eq(in[1].dim[0], 3);
    ck_assert_msg(op_check(&o, why), "%s", why);
}
END_TEST

START_TEST(a_batch_too_large_changes_nothing)
{
    struct op o = conv();
    ck_assert(!op_scale_batch(&o, INT64_C(1) << 50));
    ck_assert_int_eq(o.in.dim[0], 1);
    ck_assert_int_eq(o.out.dim[0], 1);
}
END_TEST

START_TEST(the_optimizer_and_gradient_sums_do_not_grow_with_the_batch)
{
    struct op sum = {.kind = OP_ALL_REDUCE, .weight = "w", .u.move = {.bytes = 100, .group = 8}};
    struct op state = {.kind = OP_OPTIMIZER, .u.move = {.bytes = 100, .parameters = 25}};
    struct op cache = {.kind = OP_KV_READ, .u.move = {.bytes = 100}};
    ck_assert(op_scale_batch(&sum, 4) && op_scale_batch(&state, 4) && op_scale_batch(&cache, 4));
    ck_assert_int_eq(sum.u.move.bytes, 100);
    ck_assert_int_eq(state.u.move.bytes, 100);
    ck_assert_int_eq(cache.u.move.bytes, 400);
}
END_TEST

START_TEST(pooling_may_round_up_and_convolution_may_not)
{
    struct op o = conv();
    char why[OP_WHY_MAX];
    o.in = (struct shape){{1, 64, 112, 112}, 4};
    o.out = (struct shape){{1, 64, 56, 56}, 4};
    o.u.conv.pad[0] = o.u.conv.pad[1] = o.u.conv.pad[2] = o.u.conv.pad[3] = 0;
    ck_assert(!op_check(&o, why));
    o.kind = OP_POOL;
    o.fn = "max";
    ck_assert_msg(op_check(&o, why), "%s", why);
    o.out.dim[2] = 57;
    ck_assert(!op_check(&o, why));
}
END_TEST

START_TEST(uneven_pads_and_dilation_enter_the_formula)
{
    struct op o = conv();
    char why[OP_WHY_MAX];
    o.in = (struct shape){{1, 64, 10, 20}, 4};
    o.out = (struct shape){{1, 128, 11, 16}, 4};
    o.u.conv.stride[0] = o.u.conv.stride[1] = 1;
    o.u.conv.pad[0] = 0;
    o.u.conv.pad[1] = 0;
    o.u.conv.pad[2] = 3; /* height: 10 + 3 - 2 = 11 */
    o.u.conv.pad[3] = 0;
    o.u.conv.dilation[1] = 2; /* width: 20 - 4 = 16 */
    ck_assert_msg(op_check(&o, why), "%s", why);
}
END_TEST

SUITE("op", every_kind_is_found_by_its_name, a_convolution_counts_outputs_times_depth,
      a_matrix_product_counts_b_m_n_k, a_shape_too_large_to_count_saturates,
      the_batch_scales_macs_and_leaves_weights, a_static_product_scales_m_and_a_dynamic_one_batch,
      a_concat_scales_all_its_shapes, a_batch_too_large_changes_nothing,
      the_optimizer_and_gradient_sums_do_not_grow_with_the_batch,
      pooling_may_round_up_and_convolution_may_not, uneven_pads_and_dilation_enter_the_formula)
