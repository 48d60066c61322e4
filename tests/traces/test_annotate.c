/* Value histograms from a side file: which product takes which row, and what the values amount
 * to. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "tests/data_table.h"
#include "traces/annotate.h"

#define TITLES "net,op,dims,hist_inputs,hist_weights\n"

static const char *side_file(struct arena *a, const char *text)
{
    const char *path = arena_printf(a, "/tmp/cimarron-test-annotate-%ld.csv", (long)getpid());
    FILE *f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
    return path;
}

/* Two products of 8 x 4 with weights and one of two activations. */
static struct trace small_trace(struct arena *a)
{
    static const int32_t first[] = {0}, second[] = {1};
    struct trace t = {.header.name = "small", .count = 3};
    t.ops = ARENA_ARRAY(a, struct op, 3);
    for (int i = 0; i < 3; i++) {
        t.ops[i] = (struct op){.kind = OP_MATMUL, .id = i, .activation_bits = 8, .weight_bits = 8};
        t.ops[i].name = "product";
        t.ops[i].weight = i == 2 ? NULL : "w";
        t.ops[i].inputs = i == 2 ? second : first;
        t.ops[i].n_inputs = i > 0;
        t.ops[i].u.matmul.batch = t.ops[i].u.matmul.m = 1;
        t.ops[i].u.matmul.k = 8;
        t.ops[i].u.matmul.n = 4;
    }
    return t;
}

static struct annotated annotate(struct arena *a, struct trace *t, const char *text)
{
    struct annotated out;
    struct diag d = {.status = 0};
    const char *path = side_file(a, text);
    ck_assert_msg(trace_annotate(a, t, path, "net", &out, &d), "%s", d.text);
    unlink(path);
    return out;
}

START_TEST(products_take_the_rows_of_their_sizes_in_order)
{
    struct arena *a = arena_open();
    struct trace t = small_trace(a);
    struct annotated out = annotate(a, &t,
                                    TITLES "other,Linear,C=8 M=4,0.2 0.6 0.2,0.2 0.6 0.2\n"
                                           "net,Linear,C=9 M=4,0.2 0.6 0.2,0.2 0.6 0.2\n"
                                           "net,Linear,C=8 M=4,0 0.6 0.4,0.2 0.6 0.2\n"
                                           "net,Linear,M=4 C=8,0 0.2 0.8,0.2 0.6 0.2\n");
    ck_assert_int_eq(out.matched, 2);
    ck_assert_int_eq(out.products, 3);
    ck_assert_double_lt(t.ops[0].stats->activation.mean, t.ops[1].stats->activation.mean);
    ck_assert_ptr_null(t.ops[2].stats);
    arena_close(a);
}
END_TEST

START_TEST(products_of_activations_take_the_rows_of_attention)
{
    struct arena *a = arena_open();
    struct trace t = small_trace(a);
    struct annotated out =
        annotate(a, &t, TITLES "net,SelfAttention,C=77 M=5,0 0.6 0.4,0.1 0.8 0.1\n");
    ck_assert_int_eq(out.matched, 1);
    ck_assert_ptr_nonnull(t.ops[2].stats);
    arena_close(a);
}
END_TEST

/* Four bits, three bins: half a range is 1.5 bins of 10 levels; 0.2 of the 0.6 around zero are
 * small values, as dense as the 0.4 above, and 0.1 of them still round to zero. */
START_TEST(zeros_behind_a_relu_are_told_from_small_values)
{
    struct arena *a = arena_open();
    struct trace t = small_trace(a);
    t.ops[0].activation_bits = 4;
    annotate(a, &t, TITLES "net,Linear,C=8 M=4,0 0.6 0.4,0.2 0.6 0.2\n");
    ASSERT_NEAR(t.ops[0].stats->activation.density, 1 - 0.4 - 0.2 * 0.5 / 5, 1e-9);
    arena_close(a);
}
END_TEST

START_TEST(broken_side_files_are_refused_with_a_sentence)
{
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        {"", "the column net is missing"},
        {"net,op,dims,hist_inputs\n", "the column hist_weights is missing"},
        {TITLES, "there is no row of the net net"},
        {TITLES "net,Linear,C=0 M=4,0.5 0 0.5,0.5 0 0.5\n", "C= is no size"},
        {TITLES "net,Linear,C=nan M=4,0.5 0 0.5,0.5 0 0.5\n", "C= is no size"},
        {TITLES "net,Linear,C=8 M=4,0.5 0 0.6,0.5 0 0.5\n", "that sum to 1"},
        {TITLES "net,Linear,C=8 M=4,0.5 0.5,0.5 0 0.5\n", "odd number of bins"},
        {TITLES "net,Linear,C=8 M=4,-0.5 1 0.5,0.5 0 0.5\n", "shares from 0 to 1"},
        {TITLES "net,Linear,C=8 M=4,nan 1 0,0.5 0 0.5\n", "shares from 0 to 1"},
        {TITLES "net,Linear,C=8 M=5,0.2 0.6 0.2,0.2 0.6 0.2\n", "has the sizes of a product"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena *a = arena_open();
        struct trace t = small_trace(a);
        struct annotated out;
        struct diag d = {.status = 0};
        const char *path = side_file(a, cases[i].text);
        ck_assert(!trace_annotate(a, &t, path, "net", &out, &d));
        ck_assert_msg(strstr(d.text, cases[i].sentence) != NULL, "'%s' does not say '%s'", d.text,
                      cases[i].sentence);
        ck_assert_int_eq(d.status, 2);
        unlink(path);
        arena_close(a);
    }
}
END_TEST

START_TEST(every_product_of_a_measured_network_finds_its_row)
{
    const char *csv = DATA "gpt2_medium_values.csv", *json = DATA "hf/gpt2_med.json";
    const char *path = "/tmp/cimarron-test-annotate.jsonl.gz";
    struct arena *a = arena_open();
    struct trace shape, t;
    struct annotated out;
    struct diag d = {.status = 0};
    struct import_options o = {.activation_bits = 8, .weight_bits = 8, .phase = "prefill"};
    ck_assert(importer_find("hf")->import(a, json, &o, &shape, &d));
    ck_assert(trace_save(&shape, path, &d) && trace_load(a, path, 100000, &t, &d));
    unlink(path);
    ck_assert_msg(trace_annotate(a, &t, csv, "gpt2_medium", &out, &d), "%s", d.text);
    ck_assert_int_eq(out.products, 145);
    ck_assert_int_eq(out.matched, 145);
    arena_close(a);
}
END_TEST

SUITE("annotation", products_take_the_rows_of_their_sizes_in_order,
      products_of_activations_take_the_rows_of_attention,
      zeros_behind_a_relu_are_told_from_small_values, broken_side_files_are_refused_with_a_sentence,
      every_product_of_a_measured_network_finds_its_row)
