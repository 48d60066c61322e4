/* Real networks: the shipped samples hold what the papers say, and the public files that they
 * were made from still import to the same.  Those files are looked for in
 * ../shared/reference/workloads; without them these tests say that they skip. */
#include "tests/traces/onnx_build.h"

#include <dirent.h>

#define REFERENCE "../shared/reference/workloads"

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

static bool there(const char *path)
{
    if (access(path, R_OK) == 0)
        return true;
    printf("skipped: %s is not there\n", path);
    return false;
}

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

START_TEST(shipped_samples_are_what_their_graphs_import_to)
{
    if (!there(REFERENCE "/onnx_light"))
        return;
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        char path[512];
        struct arena *a = arena_open();
        struct trace t = shipped(a, &samples[i]), fresh;
        struct diag d = {.status = 0};
        struct import_options o = plain_options();
        snprintf(path, sizeof path, REFERENCE "/onnx_light/%s", samples[i].graph);
        ck_assert_msg(importer_find("onnx")->import(a, path, &o, &fresh, &d), "%s", d.text);
        ck_assert_ptr_nonnull(strstr(t.header.source, samples[i].graph));
        ck_assert_uint_eq(t.count, fresh.count);
        for (size_t k = 0; k < t.count; k++)
            assert_same_operator(&t.ops[k], &fresh.ops[k]);
        arena_close(a);
    }
}
END_TEST

struct tally {
    int read, refused;
};

static void import_one(const char *path, struct tally *tally)
{
    char line[2048];
    struct arena *a = arena_open();
    struct trace t;
    struct diag d = {.status = 0};
    struct import_options o = plain_options();
    const struct importer *importer = importer_for(path);
    if (importer != NULL && importer->import(a, path, &o, &t, &d)) {
        tally->read++;
    } else if (importer != NULL) {
        tally->refused++;
        ck_assert_int_eq(d.status, 2);
        diag_format(&d, line, sizeof line);
        printf("refused: %s\n", line);
    }
    arena_close(a);
}

static void import_folder(const char *folder, int depth, struct tally *tally)
{
    DIR *entries = opendir(folder);
    if (entries == NULL) {
        import_one(folder, tally);
        return;
    }
    for (struct dirent *e; (e = readdir(entries)) != NULL;) {
        char path[1024];
        int length = snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        if (length < (int)sizeof path && e->d_name[0] != '.' && depth < 4)
            import_folder(path, depth + 1, tally);
    }
    closedir(entries);
}

START_TEST(nine_in_ten_public_topologies_import_and_the_others_say_why_not)
{
    struct tally tally = {0, 0};
    if (!there(REFERENCE "/scalesim"))
        return;
    import_folder(REFERENCE "/scalesim", 0, &tally);
    printf("SCALE-Sim topologies: %d read, %d refused\n", tally.read, tally.refused);
    ck_assert_int_gt(tally.read, 0);
    ck_assert_int_le(tally.refused * 10, tally.read + tally.refused);
}
END_TEST

START_TEST(every_public_light_graph_imports)
{
    struct tally tally = {0, 0};
    if (!there(REFERENCE "/onnx_light"))
        return;
    import_folder(REFERENCE "/onnx_light", 0, &tally);
    printf("ONNX graphs: %d read, %d refused\n", tally.read, tally.refused);
    ck_assert_int_gt(tally.read, 0);
    ck_assert_int_eq(tally.refused, 0);
}
END_TEST

SUITE("real networks", shipped_samples_hold_the_published_macs_and_weights,
      shipped_samples_are_what_their_graphs_import_to,
      nine_in_ten_public_topologies_import_and_the_others_say_why_not,
      every_public_light_graph_imports)
