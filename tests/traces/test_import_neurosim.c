/* NeuroSim's NetWork.csv: networks whose MACs are known, padded and not. */
#include "tests/traces/onnx_build.h"

static struct trace imported(struct arena *a, const char *text)
{
    struct trace t;
    struct diag d = {.status = 0};
    struct import_options o = plain_options();
    bool ok = import_bytes(a, "neurosim", "NetWork.csv", text, strlen(text), &o, &t, &d);
    ck_assert_msg(ok, "line %d: %s", d.line, d.text);
    return t;
}

/* NetWork_VGG8.csv of DNN+NeuroSim: every 3 x 3 convolution keeps its map. */
START_TEST(vgg8_has_its_macs)
{
    struct arena *a = arena_open();
    struct trace t = imported(a, "32,32,3,3,3,128,0,1\n32,32,128,3,3,128,1,1\n"
                                 "16,16,128,3,3,256,0,1\n16,16,256,3,3,256,1,1\n"
                                 "8,8,256,3,3,512,0,1\n8,8,512,3,3,512,1,1\n"
                                 "1,1,8192,1,1,1024,0,1\n1,1,1024,1,1,10,0,1\n");
    double macs = 1024.0 * 128 * 9 * (3 + 128) + 256.0 * 256 * 9 * (128 + 256) +
                  64.0 * 512 * 9 * (256 + 512) + 8192.0 * 1024 + 1024 * 10;
    ck_assert_double_eq(trace_macs(&t), macs);
    ck_assert_uint_eq(t.count, 8 + 3);
    ck_assert_int_eq(t.ops[0].u.conv.pad[0], 1);
    ck_assert_int_eq(t.ops[2].kind, OP_POOL);
    ck_assert_int_eq(t.ops[2].out.dim[2], 16);
    ck_assert_int_eq(t.ops[9].kind, OP_MATMUL);
    arena_close(a);
}
END_TEST

/* NetWork_ResNet18.csv: strides of two, a shortcut after its block, a global pool. */
START_TEST(resnet18_has_its_macs)
{
    struct arena *a = arena_open();
    struct trace t =
        imported(a, "224,224,3,7,7,64,1,2\n56,56,64,3,3,64,0,1\n56,56,64,3,3,64,0,1\n"
                    "56,56,64,3,3,64,0,1\n56,56,64,3,3,64,0,1\n56,56,64,3,3,128,0,2\n"
                    "28,28,128,3,3,128,0,1\n56,56,64,1,1,128,0,2\n28,28,128,3,3,128,0,1\n"
                    "28,28,128,3,3,128,0,1\n28,28,128,3,3,256,0,2\n14,14,256,3,3,256,0,1\n"
                    "28,28,128,1,1,256,0,2\n14,14,256,3,3,256,0,1\n14,14,256,3,3,256,0,1\n"
                    "14,14,256,3,3,512,0,2\n7,7,512,3,3,512,0,1\n14,14,256,1,1,512,0,2\n"
                    "7,7,512,3,3,512,0,1\n7,7,512,3,3,512,1,1\n1,1,512,1,1,1000,0,1\n");
    ck_assert_double_eq(trace_macs(&t), 1814073344);
    ck_assert_int_eq(t.ops[1].out.dim[2], 56);
    const struct op *global = &t.ops[t.count - 2];
    ck_assert_int_eq(global->u.conv.kernel[0], 7);
    ck_assert_int_eq(global->out.dim[2], 1);
    arena_close(a);
}
END_TEST

/* LeNet-5 has no padding, which the maps of the next rows show; seven columns are stride 1. */
START_TEST(maps_that_are_not_padded_are_told_by_the_next_row)
{
    struct arena *a = arena_open();
    struct trace t = imported(a, "\xef\xbb\xbf"
                                 "32,32,1,5,5,6,1\r\n14,14,6,5,5,16,1\r\n1,1,400,1,1,120,0\r\n"
                                 "1,1,120,1,1,84,0\r\n1,1,84,1,1,10,0\r\n\r\n");
    ck_assert_double_eq(trace_macs(&t), 416520);
    ck_assert_int_eq(t.ops[0].out.dim[3], 28);
    ck_assert_int_eq(t.ops[0].u.conv.pad[3], 0);
    arena_close(a);
}
END_TEST

/* Version 1.4 states the window of a pool in a ninth column; its maps are those of DenseNet. */
START_TEST(a_ninth_column_is_the_window_of_the_pool)
{
    struct arena *a = arena_open();
    struct trace t = imported(a, "56,56,256,1,1,128,1,1,2\n28,28,128,1,1,128,0,1,0\n");
    ck_assert_uint_eq(t.count, 3);
    ck_assert_int_eq(t.ops[1].u.conv.stride[0], 2);
    ck_assert_int_eq(t.ops[1].out.dim[2], 28);
    arena_close(a);
}
END_TEST

START_TEST(a_table_of_numbers_alone_is_neurosims_and_others_are_not)
{
    static const struct {
        const char *text, *kind;
    } files[] = {{"32,32,3,3,3,128,0,1\n", "neurosim"},
                 {"32, 32, 3, 3, 3, 128, 1\r\n", "neurosim"},
                 {"Conv1,34,34,3,3,16,32,1,\n", "scalesim"},
                 {"1,34,34,3,3,16,32,1,\n", "scalesim"},
                 {"Layer name,M,N,K,\n", "scalesim"}};
    struct arena *a = arena_open();
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        const char *path = arena_printf(a, "/tmp/cimarron-test-neurosim-%ld.csv", (long)getpid());
        FILE *f = fopen(path, "wb");
        ck_assert_ptr_nonnull(f);
        fputs(files[i].text, f);
        fclose(f);
        ck_assert_str_eq(importer_for(path)->kind, files[i].kind);
        unlink(path);
    }
    arena_close(a);
}
END_TEST

SUITE("neurosim importer", vgg8_has_its_macs, resnet18_has_its_macs,
      maps_that_are_not_padded_are_told_by_the_next_row, a_ninth_column_is_the_window_of_the_pool,
      a_table_of_numbers_alone_is_neurosims_and_others_are_not)
