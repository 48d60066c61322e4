/* Real networks: the shipped samples hold what the papers say, and the public files that they
 * were made from still import to the same. */
#include "tests/traces/onnx_build.h"

#include <zlib.h>

#include "tests/folder.h"

#define GRAPHS "tests/data/onnx"
#define TOPOLOGIES "tests/data/scalesim"

/* Multiply-accumulates of one image and stored weights.  ResNet-50: 3.86e9 multiply-adds with
 * stride in the first 1x1 (He et al., CVPR 2016, table 1), 4.09e9 with stride in the 3x3, as this
 * graph has it, 25.5e6 weights.  VGG-19: 19.6e9, 144e6 with biases (Simonyan and Zisserman, ICLR
 * 2015, table 2).  AlexNet: 61e6 (Krizhevsky et al., NIPS 2012).  SqueezeNet: 1.25e6 (Iandola et
 * al., 2016).  DenseNet-121: 8e6 with norms (Huang et al., CVPR 2017). */
static const struct sample {
    const char *name, *graph;
    double macs, weights, within;
} samples[] = {
    {"alexnet", "light_bvlc_alexnet.onnx", 0.655e9, 60.97e6, 0.01},
    {"densenet121", "light_densenet121.onnx", 2.83e9, 7.9e6, 0.01},
    {"resnet50", "light_resnet50.onnx", 4.09e9, 25.5e6, 0.005},
    {"squeezenet", "light_squeezenet.onnx", 0.349e9, 1.235e6, 0.01},
    {"vgg19", "light_vgg19.onnx", 19.6e9, 143.67e6, 0.005},
};

static struct trace shipped(struct arena *a, const struct sample *s)
{
    char path[512];
    struct trace t;
    struct diag d = {.status = 0};
    snprintf(path, sizeof path, "traces/samples/%s.jsonl.gz", s->name);
    ck_assert_msg(trace_load(a, path, 100000, &t, &d), "%s: %s", path, d.text);
    return t;
}

START_TEST(shipped_samples_hold_the_published_macs_and_weights)
{
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        struct arena *a = arena_open();
        struct trace t = shipped(a, &samples[i]);
        ck_assert_str_eq(t.header.name, samples[i].name);
        ck_assert_str_eq(t.header.work_unit, "image");
        ck_assert_double_eq(t.header.work_count, 1);
        ck_assert_int_eq(t.warnings, 0);
        ASSERT_NEAR(trace_macs(&t), samples[i].macs, samples[i].within);
        ASSERT_NEAR(trace_weights(&t), samples[i].weights, samples[i].within);
        arena_close(a);
    }
}
END_TEST

static void assert_same_operator(const struct op *x, const struct op *y)
{
    ck_assert_int_eq(x->kind, y->kind);
    ck_assert_str_eq(x->name, y->name);
    ck_assert_int_eq(x->n_inputs, y->n_inputs);
    for (size_t i = 0; i < x->n_inputs; i++)
        ck_assert_int_eq(x->inputs[i], y->inputs[i]);
    ck_assert_double_eq(op_macs(x), op_macs(y));
    ck_assert_int_eq(shape_elements(&x->out), shape_elements(&y->out));
}

static struct diag import_one(struct arena *a, const char *path, struct trace *out)
{
    const struct importer *importer = importer_for(path);
    struct import_options o = plain_options();
    struct diag d = {.status = 0};
    ck_assert_msg(importer != NULL, "%s: no importer takes it", path);
    if (!importer->import(a, path, &o, out, &d))
        ck_assert_int_eq(d.status, 2);
    return d;
}

/* Graphs are carried packed. */
static struct diag import_graph(struct arena *a, const char *name, struct trace *out)
{
    char bytes[4096];
    const char *path = arena_printf(a, "/tmp/cimarron-test-%ld-%s", (long)getpid(), name);
    gzFile packed = gzopen(arena_printf(a, GRAPHS "/%s.gz", name), "rb");
    FILE *f = fopen(path, "wb");
    ck_assert(packed != NULL && f != NULL);
    for (int n; (n = gzread(packed, bytes, sizeof bytes)) > 0;)
        fwrite(bytes, 1, (size_t)n, f);
    gzclose(packed);
    fclose(f);
    struct diag d = import_one(a, path, out);
    unlink(path);
    return d;
}

START_TEST(shipped_samples_are_what_their_graphs_import_to)
{
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        struct arena *a = arena_open();
        struct trace t = shipped(a, &samples[i]), fresh;
        struct diag d = import_graph(a, samples[i].graph, &fresh);
        ck_assert_msg(d.status == 0, "%s", d.text);
        ck_assert_ptr_nonnull(strstr(t.header.source, samples[i].graph));
        ck_assert_uint_eq(t.count, fresh.count);
        for (size_t k = 0; k < t.count; k++)
            assert_same_operator(&t.ops[k], &fresh.ops[k]);
        arena_close(a);
    }
}
END_TEST

START_TEST(nine_in_ten_public_topologies_import_and_the_others_say_why_not)
{
    struct arena *a = arena_open();
    struct folder_names folders = folder_list(a, TOPOLOGIES, "", "");
    size_t all = 0, refused = 0;
    for (size_t i = 0; i < folders.count; i++) {
        const char *folder = arena_printf(a, TOPOLOGIES "/%s", folders.at[i]);
        struct folder_names files = folder_list(a, folder, "", ".csv");
        for (size_t k = 0; k < files.count; k++, all++) {
            struct trace t;
            struct diag d = import_one(a, arena_printf(a, "%s/%s", folder, files.at[k]), &t);
            refused += d.status != 0;
            if (d.status != 0)
                printf("refused: %s:%d: %s\n", d.file, d.line, d.text);
        }
    }
    printf("SCALE-Sim topologies: %zu, %zu of them refused\n", all, refused);
    ck_assert_uint_ge(all, 60);
    ck_assert_uint_le(refused * 10, all);
    arena_close(a);
}
END_TEST

START_TEST(every_public_light_graph_imports)
{
    struct arena *a = arena_open();
    struct folder_names graphs = folder_list(a, GRAPHS, "", ".gz");
    ck_assert_uint_eq(graphs.count, 7);
    for (size_t i = 0; i < graphs.count; i++) {
        struct trace t;
        struct diag d = import_graph(a, without_ending(a, graphs.at[i], ".gz"), &t);
        ck_assert_msg(d.status == 0, "%s: %s", graphs.at[i], d.text);
    }
    arena_close(a);
}
END_TEST

/* SqueezeNet again, whole or its end, at few bits. */
START_TEST(narrow_samples_are_the_layers_of_a_shipped_one_at_fewer_bits)
{
    static const struct {
        struct sample sample;
        int bits;
    } narrow[] = {{{.name = "squeezenet_int1"}, 1}, {{.name = "squeezenet_end_int4"}, 4}};
    for (size_t i = 0; i < COUNT_OF(narrow); i++) {
        struct arena *a = arena_open();
        struct trace t = shipped(a, &narrow[i].sample), all = shipped(a, &samples[3]);
        size_t before = all.count - t.count;
        for (size_t k = 0; k < t.count; k++) {
            const struct op *o = &t.ops[k];
            ck_assert_int_eq(o->activation_bits, narrow[i].bits);
            ck_assert_int_eq(o->weight_bits, narrow[i].bits);
            if (k > 0)
                assert_same_operator(o, &all.ops[before + k]);
        }
        ck_assert_str_eq(t.ops[0].name, all.ops[before].name);
        ck_assert_int_eq(t.ops[0].n_inputs, 0);
        arena_close(a);
    }
}
END_TEST

SUITE("real networks", narrow_samples_are_the_layers_of_a_shipped_one_at_fewer_bits,
      shipped_samples_hold_the_published_macs_and_weights,
      shipped_samples_are_what_their_graphs_import_to,
      nine_in_ten_public_topologies_import_and_the_others_say_why_not,
      every_public_light_graph_imports)
