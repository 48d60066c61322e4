/* Timeloop's problem files: the forms of its versions, by the MACs and maps that they mean. */
#include "tests/traces/onnx_build.h"

#define SPACES(weights, inputs, outputs)                                                           \
    "    data_spaces:\n"                                                                           \
    "    - {name: Weights, projection: " weights "}\n"                                             \
    "    - {name: Inputs, projection: " inputs "}\n"                                               \
    "    - {name: Outputs, projection: " outputs ", read_write: True}\n"

static struct trace imported(struct arena *a, const char *text)
{
    struct trace t;
    struct diag d = {.status = 0};
    struct import_options o = plain_options();
    bool ok = import_bytes(a, "timeloop", "prob.yaml", text, strlen(text), &o, &t, &d);
    ck_assert_msg(ok, "line %d: %s", d.line, d.text);
    ck_assert_uint_eq(t.count, 1);
    return t;
}

START_TEST(sizes_beside_a_named_shape_are_a_convolution)
{
    struct arena *a = arena_open();
    struct trace t = imported(a, "# ResNet's first\nproblem:\n  shape: cnn-layer\n  C: 3\n  K: 64\n"
                                 "  N: 1\n  P: 112\n  Q: 110\n  R: 7\n  S: 5\n  Hstride: 1\n"
                                 "  Wstride: 2\n  Hdilation: 1\n  Wdilation: 1\n");
    const struct op *o = &t.ops[0];
    ck_assert_int_eq(o->kind, OP_CONV2D);
    ck_assert_double_eq(op_macs(o), 112.0 * 110 * 64 * 3 * 7 * 5);
    ck_assert_int_eq(o->in.dim[2], 114); /* Q and S lie along the height */
    ck_assert_int_eq(o->in.dim[3], 111 * 2 + 7);
    ck_assert_int_eq(o->u.conv.stride[1], 2);
    ck_assert_str_eq(o->name, "prob");
    arena_close(a);
}
END_TEST

START_TEST(an_instance_with_its_shape_written_out_is_one_too)
{
    struct arena *a = arena_open();
    struct trace t = imported(
        a, "problem:\n  version: 0.4\n  name: conv3\n"
           "  instance: {C: 64, M: 128, N: 2, P: 28, Q: 28, R: 3, S: 3, HStride: 2, WStride: 2}\n"
           "  shape:\n    name: CNN_Layer\n    dimensions: [C, M, R, S, N, P, Q]\n" SPACES(
               "[[[C]],[[M]],[[R]],[[S]]]", "[[[N]],[[C]],[[R,Wdilation],[P,Wstride]],[[S],[Q]]]",
               "[[[N]],[[M]],[[Q]],[[P]]]"));
    const struct op *o = &t.ops[0];
    ck_assert_double_eq(op_macs(o), 2.0 * 28 * 28 * 128 * 64 * 9);
    ck_assert_int_eq(o->in.dim[0], 2);
    ck_assert_int_eq(o->in.dim[2], 57);
    ck_assert_str_eq(o->name, "conv3");
    ck_assert_int_eq(t.warnings, 0);
    arena_close(a);
}
END_TEST

START_TEST(outputs_that_hold_the_channels_make_it_depthwise)
{
    struct arena *a = arena_open();
    struct trace t = imported(a, "problem:\n  instance: {C: 32, N: 1, P: 14, Q: 14, R: 3, S: 3}\n"
                                 "  shape:\n    dimensions: [R, S, P, Q, C, N]\n" SPACES(
                                     "[[[C]],[[R]],[[S]]]", "[[[N]],[[C]],[[R],[P]],[[S],[Q]]]",
                                     "[[[N]],[[C]],[[Q]],[[P]]]"));
    ck_assert_int_eq(t.ops[0].u.conv.groups, 32);
    ck_assert_double_eq(op_macs(&t.ops[0]), 14.0 * 14 * 32 * 9);
    arena_close(a);
}
END_TEST

START_TEST(a_product_is_deep_along_what_its_outputs_lack)
{
    struct arena *a = arena_open();
    struct trace t = imported(a, "problem:\n  shape: gemm-ABZ\n  M: 1024\n  N: 512\n  K: 64\n");
    ck_assert_int_eq(t.ops[0].kind, OP_MATMUL);
    ck_assert_int_eq(t.ops[0].u.matmul.k, 64);
    t = imported(a, "problem:\n  instance: {M: 5, N: 6, K: 7, densities: {A: 0.5}}\n"
                    "  shape:\n    dimensions: [M, N, K]\n" SPACES("[[[M]],[[N]]]", "[[[M]],[[K]]]",
                                                                   "[[[N]],[[K]]]"));
    ck_assert_int_eq(t.ops[0].u.matmul.k, 5);
    ck_assert_int_eq(t.ops[0].u.matmul.m * t.ops[0].u.matmul.n, 42);
    ck_assert_ptr_nonnull(strstr(t.warning, "densities"));
    arena_close(a);
}
END_TEST

SUITE("timeloop importer", sizes_beside_a_named_shape_are_a_convolution,
      an_instance_with_its_shape_written_out_is_one_too,
      outputs_that_hold_the_channels_make_it_depthwise,
      a_product_is_deep_along_what_its_outputs_lack)
