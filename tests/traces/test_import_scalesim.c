/* The SCALE-Sim importer: header variants, chaining, sparsity. */
#include "tests/traces/onnx_build.h"

#define CONV_HEADER                                                                                \
    "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, "   \
    "Strides,"

static struct trace imported(struct arena *a, const char *text)
{
    struct trace t;
    struct diag d = {.status = 0};
    struct import_options o = plain_options();
    bool ok = import_bytes(a, "scalesim", "net.csv", text, strlen(text), &o, &t, &d);
    ck_assert_msg(ok, "line %d: %s", d.line, d.text);
    return t;
}

START_TEST(a_row_is_a_valid_convolution_over_its_input_map)
{
    struct arena *a = arena_open();
    struct trace t = imported(a, CONV_HEADER "\nConv1, 224, 220, 7, 5, 3, 64, 2,\n");
    const struct op *op = &t.ops[0];
    ck_assert_uint_eq(t.count, 1);
    ck_assert_int_eq(op->kind, OP_CONV2D);
    ck_assert_str_eq(op->name, "Conv1");
    ck_assert_int_eq(op->out.dim[1], 64);
    ck_assert_int_eq(op->out.dim[2], 109);
    ck_assert_int_eq(op->out.dim[3], 108);
    ck_assert_double_eq(op_macs(op), 109.0 * 108 * 64 * 3 * 7 * 5);
    arena_close(a);
}
END_TEST

START_TEST(layers_are_chained_whole)
{
    struct arena *a = arena_open();
    struct trace t =
        imported(a, CONV_HEADER "\na,8,8,3,3,3,4,1,\nb,8,8,1,1,4,4,1,\na,9,9,1,1,4,4,1");
    ck_assert_uint_eq(t.count, 3);
    ck_assert_int_eq(t.ops[0].n_inputs, 0);
    ck_assert_int_eq(t.ops[1].inputs[0], 0);
    ck_assert_int_eq(t.ops[2].inputs[0], 1);
    ck_assert_str_ne(t.ops[0].weight, t.ops[2].weight);
    arena_close(a);
}
END_TEST

START_TEST(a_title_row_starts_another_chain)
{
    struct arena *a = arena_open();
    struct trace t =
        imported(a, CONV_HEADER "\n\nFirst,\na,8,8,3,3,3,4,1,\n,,,\nSecond,\nb,8,8,1,1,4,4,1,\n");
    ck_assert_uint_eq(t.count, 2);
    ck_assert_int_eq(t.ops[1].n_inputs, 0);
    arena_close(a);
}
END_TEST

START_TEST(byte_order_marks_carriage_returns_tabs_and_comments_are_taken)
{
    struct arena *a = arena_open();
    struct trace t =
        imported(a, "\xef\xbb\xbfLayer name,\xc2\xa0Ifmap height,w,r,s,c,m,strides,\r\n"
                    "a,8,8,3,3,3,4,1,#dw\r\n"
                    "b\t8\t8\t1\t1\t4\t4\t1\t\r\n");
    ck_assert_uint_eq(t.count, 2);
    ck_assert_int_eq(t.ops[1].in.dim[1], 4);
    arena_close(a);
}
END_TEST

START_TEST(a_product_row_is_a_matmul_with_stored_weights)
{
    struct arena *a = arena_open();
    struct trace t = imported(a, "Layer,M,N,K,\nqk,1024,512,64,\n");
    ck_assert_int_eq(t.ops[0].kind, OP_MATMUL);
    ck_assert_int_eq(t.ops[0].u.matmul.m, 1024);
    ck_assert_int_eq(t.ops[0].u.matmul.n, 512);
    ck_assert_int_eq(t.ops[0].u.matmul.k, 64);
    ck_assert_ptr_nonnull(t.ops[0].weight);
    arena_close(a);
}
END_TEST

START_TEST(sparsity_is_the_density_of_the_weights)
{
    struct arena *a = arena_open();
    struct trace t = imported(a, "Layer Name, M, N, K, Sparsity,\ng,3,5,16,1:4,\n");
    ck_assert_double_eq(op_weight_stats(&t.ops[0]).density, 0.25);
    t = imported(a, CONV_HEADER " Sparsity,\nc,5,5,3,3,2,6,1,2:4\n");
    ck_assert_double_eq(op_weight_stats(&t.ops[0]).density, 0.5);
    ck_assert(op_activation_stats(&t.ops[0]).is_default);
    ck_assert_ptr_nonnull(strstr(t.warning, "column Sparsity"));
    arena_close(a);
}
END_TEST

START_TEST(a_column_that_is_left_out_is_told)
{
    struct arena *a = arena_open();
    struct trace t = imported(a, CONV_HEADER " Dataflow,\nc,5,5,3,3,2,6,1,ws\n");
    ck_assert_int_eq(t.warnings, 1);
    ck_assert_ptr_nonnull(strstr(t.warning, "Dataflow"));
    arena_close(a);
}
END_TEST

START_TEST(a_batch_column_is_the_batch)
{
    struct arena *a = arena_open();
    struct trace t = imported(a, CONV_HEADER " Batch Size,\nc,5,5,3,3,2,6,1,7,\n");
    ck_assert_int_eq(t.ops[0].in.dim[0], 7);
    ck_assert_int_eq(t.header.batch, 7);
    arena_close(a);
}
END_TEST

START_TEST(a_file_without_a_header_is_told_by_its_columns)
{
    struct arena *a = arena_open();
    ck_assert_int_eq(imported(a, "c,5,5,3,3,2,6,1\n").ops[0].kind, OP_CONV2D);
    ck_assert_int_eq(imported(a, "g,5,5,3\n").ops[0].kind, OP_MATMUL);
    arena_close(a);
}
END_TEST

START_TEST(every_importer_is_found_by_kind_and_by_file_name)
{
    ck_assert_str_eq(importer_find("onnx")->kind, "onnx");
    ck_assert_ptr_null(importer_find("fortran"));
    ck_assert_str_eq(importer_for("a/b.ONNX")->kind, "onnx");
    ck_assert_str_eq(importer_for("b.csv")->kind, "scalesim");
    ck_assert_ptr_null(importer_for("no/such/file.xyz"));
    size_t count = 0;
    while (importer_at(count) != NULL)
        count++;
    ck_assert_uint_ge(count, 2);
}
END_TEST

SUITE("scale-sim importer", a_row_is_a_valid_convolution_over_its_input_map,
      layers_are_chained_whole, a_title_row_starts_another_chain,
      byte_order_marks_carriage_returns_tabs_and_comments_are_taken,
      a_product_row_is_a_matmul_with_stored_weights, sparsity_is_the_density_of_the_weights,
      a_column_that_is_left_out_is_told, a_batch_column_is_the_batch,
      a_file_without_a_header_is_told_by_its_columns,
      every_importer_is_found_by_kind_and_by_file_name)
