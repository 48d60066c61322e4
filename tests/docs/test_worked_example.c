/* The hand derivation of docs/WORKED_EXAMPLE.md, from the trace alone, against the program.
 *
 * The hand's side knows the shapes of the layers and the structure and prices of the paper's
 * Table I; it shares no code with the planner or the array models. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "tests/check_main.h"
#include "traces/trace.h"

#define TOLERANCE 0.05

enum { LAYERS_MAX = 64, ROWS = 128, COLUMNS = 128, CELL_BITS = 2, ARRAYS = 16128 };

struct hand_layer {
    int id;
    int64_t k, n, height, width; /* of the GEMM; of the output */
    int64_t k_tiles, n_tiles, copies;
};

struct hand {
    int bits;
    struct hand_layer layers[LAYERS_MAX];
    int count;
    double relu_pool; /* compares of the first layer's ReLU and max-pool */
    int64_t single, arrays;
    double slowest_us, conversions, dac_steps, cell_reads;
};

/* --- by hand ---------------------------------------------------------------------------------- */

static int64_t up(int64_t a, int64_t b)
{
    return a / b + (a % b != 0);
}

static void add_layer(struct hand *h, const struct op *o)
{
    struct hand_layer *l = &h->layers[h->count];
    if (o->kind == OP_CONV2D)
        *l = (struct hand_layer){.k = o->in.dim[1] * o->u.conv.kernel[0] * o->u.conv.kernel[1],
                                 .n = o->out.dim[1],
                                 .height = o->out.dim[2],
                                 .width = o->out.dim[3]};
    else if (o->kind == OP_MATMUL)
        *l = (struct hand_layer){
            .k = o->u.matmul.k, .n = o->u.matmul.n, .height = o->u.matmul.m, .width = 1};
    else
        return;
    l->id = o->id;
    l->k_tiles = up(l->k, ROWS);
    l->n_tiles = up(l->n * (h->bits / CELL_BITS), COLUMNS);
    h->count++;
}

static double read_us(const struct hand *h)
{
    return 0.1 * h->bits; /* one-bit inputs, 100 ns a step */
}

/* Stage time with so many vectors of a row in turn. */
static double stage_us(const struct hand *h, const struct hand_layer *l, int64_t rounds)
{
    return (double)(l->height * rounds) * read_us(h);
}

static int64_t copies_for(const struct hand *h, const struct hand_layer *l, double budget_us)
{
    int64_t rounds = (int64_t)(budget_us / stage_us(h, l, 1) + 1e-9);
    rounds = rounds < 1 ? 1 : rounds > l->width ? l->width : rounds;
    return up(l->width, rounds);
}

static int64_t arrays_for(const struct hand *h, double budget_us)
{
    int64_t sum = 0;
    for (int i = 0; i < h->count; i++)
        sum +=
            copies_for(h, &h->layers[i], budget_us) * h->layers[i].k_tiles * h->layers[i].n_tiles;
    return sum;
}

/* The shortest stage time that all layers can keep within the arrays: every candidate is tried. */
static double shortest_us(const struct hand *h)
{
    double best = INFINITY, least = 0;
    for (int i = 0; i < h->count; i++)
        least = fmax(least, stage_us(h, &h->layers[i], 1));
    for (int i = 0; i < h->count; i++)
        for (int64_t rounds = 1; rounds <= h->layers[i].width; rounds++) {
            double t = stage_us(h, &h->layers[i], rounds);
            if (t >= least - 1e-9 && t < best && arrays_for(h, t) <= ARRAYS)
                best = t;
        }
    return best;
}

static void count_actions(struct hand *h, const struct hand_layer *l)
{
    double vectors = (double)(l->height * l->width * h->bits); /* steps of all vectors */
    double columns = (double)(l->n * (h->bits / CELL_BITS));
    h->conversions += vectors * (double)l->k_tiles * columns;
    h->dac_steps += vectors * (double)(l->k * l->n_tiles);
    h->cell_reads += vectors * (double)l->k * columns;
}

/* Four compares a cycle at 1.2 GHz in each of the tiles that hold the first layer's arrays. */
static double first_vector_us(const struct hand *h)
{
    const struct hand_layer *l = &h->layers[0];
    double tiles = (double)(l->copies * l->k_tiles * l->n_tiles) / 96;
    return h->relu_pool / (tiles * 4 * 1200);
}

static struct hand hand_of(int bits)
{
    struct arena *a = arena_open();
    struct trace t;
    struct diag d = {0};
    struct hand h = {.bits = bits};
    ck_assert_msg(
        trace_load(a, CIMARRON_SOURCE_DIR "/traces/samples/resnet50.jsonl.gz", 10000, &t, &d), "%s",
        d.text);
    for (size_t i = 0; i < t.count; i++)
        add_layer(&h, &t.ops[i]);
    h.relu_pool = 64.0 * 112 * 112 + 64.0 * 56 * 56 * 9;
    double budget = shortest_us(&h);
    for (int i = 0; i < h.count; i++) {
        struct hand_layer *l = &h.layers[i];
        l->copies = copies_for(&h, l, budget);
        h.single += l->k_tiles * l->n_tiles;
        h.arrays += l->copies * l->k_tiles * l->n_tiles;
        h.slowest_us = fmax(h.slowest_us, stage_us(&h, l, up(l->width, l->copies)));
        count_actions(&h, l);
    }
    h.slowest_us = fmax(h.slowest_us, first_vector_us(&h));
    arena_close(a);
    return h;
}

/* --- by the program --------------------------------------------------------------------------- */

static json_t *run(int bits)
{
    char command[1024];
    json_error_t e;
    snprintf(command, sizeof command,
             "'%s' run isaac resnet50 --bits %d,%d --gpu none --format json 2>/dev/null",
             CIMARRON_PROGRAM, bits, bits);
    FILE *p = popen(command, "r");
    ck_assert_ptr_nonnull(p);
    json_t *r = json_loadf(p, 0, &e);
    ck_assert_int_eq(pclose(p), 0);
    ck_assert_msg(r != NULL, "%s", e.text);
    return r;
}

static double number(const json_t *r, const char *key)
{
    const json_t *n = json_object_get(r, key);
    ck_assert_msg(json_is_number(n), "no number %s", key);
    return json_number_value(n);
}

static double part_j(const json_t *r, const char *part)
{
    return number(json_object_get(r, "energy_by_part_j"), part);
}

static double layer_arrays(const json_t *r, int id)
{
    size_t i;
    const json_t *layer;
    json_array_foreach(json_object_get(r, "layers"), i,
                       layer) if ((int)number(layer, "id") == id) return number(layer, "arrays");
    ck_abort_msg("no layer %d", id);
    return 0;
}

START_TEST(one_copy_of_the_network_takes_the_arrays_of_the_document)
{
    ck_assert_int_eq(hand_of(16).single, 12504);
    ck_assert_int_eq(hand_of(8).single, 6260);
}
END_TEST

/* What a promise asks of one width. */
static void check_copies(int bits)
{
    struct hand h = hand_of(bits);
    json_t *r = run(bits);
    for (int i = 0; i < h.count; i++) {
        const struct hand_layer *l = &h.layers[i];
        double one = (double)(l->k_tiles * l->n_tiles);
        ASSERT_NEAR(layer_arrays(r, l->id) / one, (double)l->copies, TOLERANCE);
    }
    ASSERT_NEAR(number(r, "arrays_used"), (double)h.arrays, TOLERANCE);
    json_decref(r);
}

START_TEST(every_layer_gets_the_copies_of_the_hand)
{
    check_copies(16);
    check_copies(8);
}
END_TEST

/* A stage is bound by its arrays or by the vector units of its tiles. */
static void check_slowest(int bits)
{
    json_t *r = run(bits);
    const char *by = json_string_value(json_object_get(r, "lower_bound_by"));
    ck_assert_msg(strcmp(by, "array") == 0 || strcmp(by, "vector") == 0, "bound by %s", by);
    ASSERT_NEAR(number(r, "lower_bound_s") * 1e6, hand_of(bits).slowest_us, TOLERANCE);
    json_decref(r);
}

START_TEST(the_slowest_stage_takes_the_time_of_the_hand)
{
    check_slowest(16);
    check_slowest(8);
}
END_TEST

static void check_energy(int bits)
{
    struct hand h = hand_of(bits);
    json_t *r = run(bits);
    ASSERT_NEAR(part_j(r, "array.adc"), h.conversions * 1.5625e-12, TOLERANCE);
    ASSERT_NEAR(part_j(r, "array.dac"), h.dac_steps * 0.390625e-12, TOLERANCE);
    ASSERT_NEAR(part_j(r, "array.cells"), h.cell_reads * 1.831e-15, TOLERANCE);
    json_decref(r);
}

START_TEST(converters_drivers_and_cells_take_the_energy_of_the_hand)
{
    check_energy(16);
    check_energy(8);
}
END_TEST

/* --- the document ----------------------------------------------------------------------------- */

static void expect(const char *document, const char *format, double value)
{
    char text[64];
    snprintf(text, sizeof text, format, value);
    ck_assert_msg(strstr(document, text) != NULL, "docs/WORKED_EXAMPLE.md does not say %s", text);
}

static void check_document(const char *document, int bits)
{
    struct hand h = hand_of(bits);
    char arrays[32];
    snprintf(arrays, sizeof arrays, "**%d,%03d**", (int)h.arrays / 1000, (int)h.arrays % 1000);
    ck_assert_msg(strstr(document, arrays) != NULL, "docs/WORKED_EXAMPLE.md does not say %s",
                  arrays);
    expect(document, "%.1f us", h.slowest_us);
    expect(document, "= %.3f mJ", h.conversions * 1.5625e-9);
    expect(document, "= %.3f mJ", h.dac_steps * 0.390625e-9);
    expect(document, "= %.3f mJ", h.cell_reads * 1.831e-12);
}

START_TEST(the_document_states_the_figures_that_are_computed_here)
{
    static char document[1 << 16];
    FILE *f = fopen(CIMARRON_SOURCE_DIR "/docs/WORKED_EXAMPLE.md", "r");
    ck_assert_ptr_nonnull(f);
    document[fread(document, 1, sizeof document - 1, f)] = '\0';
    fclose(f);
    check_document(document, 16);
    check_document(document, 8);
}
END_TEST

SUITE("worked example", one_copy_of_the_network_takes_the_arrays_of_the_document,
      every_layer_gets_the_copies_of_the_hand, the_slowest_stage_takes_the_time_of_the_hand,
      converters_drivers_and_cells_take_the_energy_of_the_hand,
      the_document_states_the_figures_that_are_computed_here)
