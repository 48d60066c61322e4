/* The hand-worked bounds of docs/LARGE_MODELS.md, from the traces alone, against the figures in its
 * tables (which tests/shell/large_models.sh holds to the program).
 *
 * The hand's side knows the shapes of the layers and a dozen constants of the machines; it shares
 * no code with the planner. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/check_main.h"
#include "traces/trace.h"

enum { ROWS_MAX = 64, ARRAY_ROWS = 256, TILE_ARRAYS = 32, LANES = 128, SOFTMAX_OPS = 5 };

/* --- constants, as the document states them --------------------------------------------------- */

static const double HBM_BYTES_PER_S =
    8 * 819.2e9 * (1 - 1120.0 / 12480);                   /* refresh: tRFC a tREFI */
static const double HBM_PJ_PER_BIT = 2.68 + 0.80 + 0.111; /* read, I/O, a row of 8,192 bits */
static const double DELIVERY_PJ_PER_BIT = 1.52;           /* 9 routers, 8 links of 0.9 mm */
static const double PACKAGE_W = 24.19 + 5.11 + 8.45;      /* clocks, leakage, standing memory */
static const double PACKAGE_TILES = 1024;
static const double REGULATOR = 0.87;
static const double WAFER_TILES = 51072;
static const double WAFER_W = (1206.9 + 101.7) / 0.87 + 50; /* clocks, leakage; the edge */
static const double PORT_BYTES_PER_S = 32e9;                /* of a tile on the wafer's mesh */
static const double PACKAGE_PORT_BYTES_PER_S = 128e9;       /* of a tile on the package's */
static const double BUFFER_BYTES_PER_S = 128e9;             /* of a tile's buffer */
static const double HOP_S = 3e-9;                           /* two cycles of router, one of link */
static const double ARRAY_S = 35e-9;                        /* 8 bits of a vector in an array */
static const double MAC_PJ = 0.0746;                        /* 8 x 8 bits in an array */

/* --- a figure of the document ----------------------------------------------------------------- */

struct row {
    char name[96], system[32], trace[32];
    int batch, input_bits, weight_bits, devices;
    int tensor; /* devices that share every layer */
    double tokens_per_s, j_per_token, time_s, lower_bound_s;
};

static struct row rows[ROWS_MAX];
static int row_count;
static char document[1 << 16];

static void load_document(void)
{
    FILE *f = fopen(CIMARRON_SOURCE_DIR "/docs/LARGE_MODELS.md", "r");
    ck_assert_ptr_nonnull(f);
    document[fread(document, 1, sizeof document - 1, f)] = '\0';
    fclose(f);
}

/* "system trace --batch N --bits A,W" */
static void read_row_name(struct row *r, const char *name)
{
    const char *option;
    *r = (struct row){.batch = 1, .input_bits = 8, .weight_bits = 8, .devices = 1, .tensor = 1};
    snprintf(r->name, sizeof r->name, "%.95s", name);
    ck_assert_int_eq(sscanf(name, "%31s %31[a-z0-9_]", r->system, r->trace), 2);
    if ((option = strstr(name, "--batch ")) != NULL)
        r->batch = atoi(option + 8);
    if ((option = strstr(name, "--bits ")) != NULL)
        ck_assert_int_eq(sscanf(option, "--bits %d,%d", &r->input_bits, &r->weight_bits), 2);
}

/* | `name` | N | weights | tokens/s | J/token | ms | binds | scope | bound (by) | CPU s | */
static void read_rows(void)
{
    static char text[1 << 16];
    char *line, *rest;
    const char *begin = strstr(document, "<!-- runs -->"),
               *end = strstr(document, "<!-- /runs -->");
    ck_assert(begin && end);
    memcpy(text, begin, (size_t)(end - begin));
    text[end - begin] = '\0';
    row_count = 0;
    for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char name[96], weights[16], binds[16], scope[16];
        struct row r;
        double ms, bound_ms;
        if (sscanf(line, "| `%95[^`]` |", name) != 1)
            continue;
        read_row_name(&r, name);
        const char *figures = strchr(line + 3, '|');
        if (sscanf(figures, "| %d | %15s | %lf | %lf | %lf | %15s | %15s | %lf", &r.devices,
                   weights, &r.tokens_per_s, &r.j_per_token, &ms, binds, scope, &bound_ms) != 8)
            continue; /* not played, or does not fit */
        if (strcmp(r.system, "quad_dcim_hbm3") == 0 && !strstr(r.name, "--tensor 1"))
            r.tensor = r.devices;
        r.time_s = ms * 1e-3;
        r.lower_bound_s = bound_ms * 1e-3;
        ck_assert_int_lt(row_count, ROWS_MAX);
        rows[row_count++] = r;
    }
    ck_assert_int_ge(row_count, 5);
}

static void set_up(void)
{
    load_document();
    read_rows();
}

/* --- by hand ---------------------------------------------------------------------------------- */

struct hand {
    double weight_bytes, kv_bytes, tokens;
    double array_macs;     /* of static weights; for a prompt attention's, too */
    double attention_s[2]; /* on all vector lanes of the package, of a wafer's region: products, for
                            * a prompt softmax alone */
    double layers, hidden_bytes; /* hidden: of a row of activations between layers */
    /* wafer */
    double ports_s;             /* inputs and sums of products through the port of a tile */
    double arrays_s, hops_s;    /* the first vector's other stations, and ways between them */
    double caches_s;            /* work of attention on the tiles that are best, and their ways */
    double widest_s;            /* the longest of the ports */
    double lanes_s;             /* attention of a layer and sequence on a whole region */
    double tiles, work, scores; /* of the last product; of the attention under way */
};

static double up(double a, double b)
{
    return ceil(a / b);
}

static double static_arrays(const struct row *r, const struct op *o)
{
    return up((double)o->u.matmul.k, ARRAY_ROWS) *
           up((double)o->u.matmul.n, (double)ARRAY_ROWS / r->weight_bits);
}

static bool is_static(const struct op *o)
{
    return o->kind == OP_MATMUL && o->weight != NULL;
}

static double layers_of(const struct trace *t)
{
    double n = 0;
    for (size_t i = 0; i < t->count; i++)
        n += t->ops[i].kind == OP_SOFTMAX;
    return n;
}

/* Tiles of a region at most, when every layer and what follows the last has one. */
static double region_tiles(const struct row *r, double layers)
{
    return WAFER_TILES * r->devices / (layers + 1);
}

/* Bytes that the port of a tile takes for a vector of a product.  Its 32 arrays, full, hold `wide`
 * of the parts of 256 inputs for as many outputs as fit beside: its part of the inputs comes in,
 * and of 4-byte sums over all parts of the inputs all but its share.  At best. */
static double port_s(const struct row *r, const struct op *o)
{
    double k = (double)o->u.matmul.k, parts = up(k, ARRAY_ROWS), best = INFINITY;
    double outputs = (double)ARRAY_ROWS / r->weight_bits,
           blocks = up((double)o->u.matmul.n, outputs);
    for (double wide = 1; wide <= fmin(TILE_ARRAYS, parts); wide++) {
        double slabs = up(parts, wide), beside = fmin(floor(TILE_ARRAYS / wide), blocks);
        double inputs = k / slabs * r->input_bits / 8;
        best = fmin(best, inputs + beside * outputs * 4 * (1 - 1 / slabs));
    }
    return best / PORT_BYTES_PER_S;
}

/* Each of m tiles needs something of each of n others.  The differences of their places fill an
 * area of at least (sqrt n + sqrt m)^2 (Brunn and Minkowski); all differences of at most R hops
 * fill 2 R^2.  So two of them are this far apart. */
static double way_s(double n, double m)
{
    return (sqrt(n) + sqrt(m)) / sqrt(2) * HOP_S;
}

/* Attention on the best number of tiles: its work, queries in and results out, and through the port
 * of each tile of a head all of the head's scores, or the sums over its positions. */
static double attention_s(const struct hand *h, double region)
{
    double best = INFINITY;
    for (double n = 1; n <= region; n++)
        best = fmin(best, h->work / n + 2 * way_s(h->tiles, n));
    return best + h->scores;
}

static void pass_product(struct hand *h, const struct row *r, const struct op *o)
{
    double port = port_s(r, o), tiles = static_arrays(r, o) / TILE_ARRAYS;
    h->ports_s += port;
    h->arrays_s += ARRAY_S * r->input_bits / 8;
    h->hops_s += h->tiles > 0 ? way_s(h->tiles, tiles) : 0;
    h->widest_s = fmax(h->widest_s, port);
    h->tiles = tiles;
}

/* Attention of a sequence, at its softmax. */
static void pass_attention(struct hand *h, double region)
{
    h->caches_s += attention_s(h, region);
    h->lanes_s = fmax(h->lanes_s, h->work / region);
}

static bool is_prompt(const struct row *r)
{
    return strstr(r->trace, "decode") == NULL;
}

/* Rows of a prompt stream through arrays that hold keys and values: lanes have softmax left. */
static void add_prompt_op(struct hand *h, const struct row *r, const struct op *o, double region)
{
    double scores = (double)shape_elements(&o->out);
    if (o->kind == OP_MATMUL)
        h->array_macs += op_macs(o);
    if (is_static(o)) { /* what all tiles take in, through all ports of the region */
        h->ports_s +=
            (double)o->u.matmul.m * port_s(r, o) * static_arrays(r, o) / TILE_ARRAYS / region;
        h->widest_s = fmax(h->widest_s, port_s(r, o));
    }
    if (o->kind == OP_SOFTMAX) {
        h->attention_s[0] += scores * SOFTMAX_OPS / (PACKAGE_TILES * LANES * 1e9);
        h->attention_s[1] += scores * SOFTMAX_OPS / (region * LANES * 1e9);
    }
}

static void add_op(struct hand *h, const struct row *r, const struct op *o, double region,
                   bool reads_anew)
{
    if (is_prompt(r))
        add_prompt_op(h, r, o, region);
    if (is_static(o)) {
        double weights = (double)o->u.matmul.k * (double)o->u.matmul.n;
        h->weight_bytes += weights * r->weight_bits / 8;
        h->array_macs += is_prompt(r) ? 0 : weights * (double)o->u.matmul.m;
        if (reads_anew && !is_prompt(r)) /* a vector passes one product after the other */
            pass_product(h, r, o);
    } else if (o->kind == OP_MATMUL && !is_prompt(r)) {
        double macs = (double)o->u.matmul.batch * (double)o->u.matmul.m * (double)o->u.matmul.k *
                      (double)o->u.matmul.n;
        h->attention_s[0] += macs / (PACKAGE_TILES * LANES * 1e9);
        h->work = fmax(h->work, 2 * macs / r->batch / (LANES * 1e9)); /* with values as many */
        h->scores = (double)o->u.matmul.m / PORT_BYTES_PER_S *
                    fmin((double)o->u.matmul.n * r->input_bits / 8, 4 * (double)o->u.matmul.k);
    } else if (o->kind == OP_EMBEDDING) {
        h->hidden_bytes =
            (double)o->u.embedding.count * (double)o->u.embedding.width * r->input_bits / 8;
    } else if (o->kind == OP_KV_READ) {
        h->kv_bytes += (double)o->u.move.bytes;
        h->work = (double)o->u.move.bytes / r->batch / BUFFER_BYTES_PER_S;
    } else if (o->kind == OP_SOFTMAX && !is_prompt(r)) {
        pass_attention(h, region);
    }
}

static struct hand hand_of(const struct row *r)
{
    struct arena *a = arena_open();
    struct trace t;
    struct diag d = {.status = 0};
    struct hand h = {.tokens = 0};
    char path[256];
    int32_t last_input = -1;
    snprintf(path, sizeof path, "%s/traces/samples/%s.jsonl.gz", CIMARRON_SOURCE_DIR, r->trace);
    ck_assert_msg(trace_load(a, path, 100000, &t, &d) && trace_scale_batch(&t, r->batch, &d), "%s",
                  d.text);
    h.layers = layers_of(&t);
    h.tokens = t.header.work_count;
    double region = region_tiles(r, h.layers);
    for (size_t i = 0; i < t.count; i++) {
        const struct op *o = &t.ops[i];
        bool anew = is_static(o) && o->inputs[0] != last_input; /* q, k and v take in the same */
        last_input = anew ? o->inputs[0] : last_input;
        add_op(&h, r, o, region, anew);
    }
    arena_close(a);
    return h;
}

static bool on_package(const struct row *r)
{
    return strcmp(r->system, "quad_dcim_hbm3") == 0;
}

/* Two all-reduces a layer, as rings of NVLink-C2C. */
static double rings_s(const struct row *r, const struct hand *h)
{
    double steps = 2.0 * (r->tensor - 1);
    return 2 * h->layers * steps * (h->hidden_bytes / r->tensor / 450e9 + 5e-9);
}

/* Rows one after the other through the only copy of every layer that there is room for, no closer
 * than its arrays and the widest of its ports allow. */
static double copy_s(const struct row *r, const struct hand *h, double vectors)
{
    double port = h->widest_s * PORT_BYTES_PER_S / PACKAGE_PORT_BYTES_PER_S;
    return h->layers * vectors * fmax(ARRAY_S * r->input_bits / 8, port) / r->tensor;
}

/* Decode on a wafer: a vector passes all stations; the others follow it no closer than the slowest
 * of them allows. */
static double hand_s(const struct row *r, const struct hand *h)
{
    if (on_package(r)) {
        double read_s = (h->weight_bytes + h->kv_bytes) / HBM_BYTES_PER_S / r->tensor;
        double lanes_s = h->attention_s[0] / r->tensor;
        double copies_s = copy_s(r, h, is_prompt(r) ? h->tokens : r->batch);
        return fmax(read_s, fmax(copies_s, lanes_s)) + rings_s(r, h);
    }
    if (is_prompt(r))
        return h->ports_s + h->attention_s[1];
    return h->ports_s + h->arrays_s + h->hops_s + h->caches_s +
           (r->batch - 1) * fmax(h->widest_s, h->lanes_s);
}

/* What moves, products in arrays, and what is spent at rest in the row's own time; per token. */
static double hand_j(const struct row *r, const struct hand *h)
{
    double bits = r->input_bits * r->weight_bits / 64.0;
    double macs_j = h->array_macs * MAC_PJ * 1e-12 * bits;
    if (!on_package(r))
        return (WAFER_W * r->devices * r->time_s + macs_j / REGULATOR) / h->tokens;
    double moved = 8e-12 * (h->weight_bytes + h->kv_bytes) * (HBM_PJ_PER_BIT + DELIVERY_PJ_PER_BIT);
    return (moved + macs_j + PACKAGE_W * r->devices * r->time_s) / REGULATOR / h->tokens;
}

/* --- the figures ------------------------------------------------------------------------------ */

#define FOR_EACH_ROW(r)                                                                            \
    set_up();                                                                                      \
    for (const struct row *r = rows; r < rows + row_count; r++)

START_TEST(no_figure_takes_less_time_than_its_hand_worked_bound)
{
    FOR_EACH_ROW(r)
    {
        struct hand h = hand_of(r);
        ck_assert_msg(r->time_s >= hand_s(r, &h), "%s: %g s, by hand %g s", r->name, r->time_s,
                      hand_s(r, &h));
    }
}
END_TEST

/* Rows that lie further from their bounds than the quarter that is aimed at, and by how much; the
 * document says why.  None may get worse by 5 %. */
struct miss {
    const char *name;
    double time, energy; /* over the bound; 0: within a quarter */
};

static const struct miss known_misses[] = {
    {"wafer_cim llama2_7b_decode", 1.99, 0},
    {"wafer_cim llama2_7b_decode --batch 64", 3.18, 0},
    {"wafer_cim llama2_7b_decode --bits 8,4", 2.06, 0},
    {"wafer_cim llama2_7b_decode --bits 8,4 --batch 64", 3.38, 0},
    {"wafer_cim llama2_7b_decode --bits 16,16", 2.07, 0},
    {"wafer_cim llama2_7b_prefill", 6.13, 0},
    {"wafer_cim llama2_70b_decode", 2.41, 0},
    {"wafer_cim llama2_70b_decode --batch 64", 3.89, 0},
    {"wafer_cim gpt3_175b_decode", 2.30, 0},
    {"quad_dcim_hbm3 llama2_7b_prefill", 4.92, 1.53},
    {"wafer_cim llama2_7b_decode --bits 16,16 --batch 64", 3.38, 0},
    {"wafer_cim gpt3_175b_decode --batch 64", 3.43, 0},
    {"quad_dcim_hbm3 llama2_7b_decode --batch 64", 1.33, 0},
    {"quad_dcim_hbm3 llama2_7b_decode --bits 8,4 --batch 64", 1.28, 0},
    {"quad_dcim_hbm3 llama2_7b_decode --bits 16,16 --batch 64", 1.29, 1.29},
};

static const struct miss *known_miss(const struct row *r)
{
    static const struct miss none = {"", 0, 0};
    for (size_t i = 0; i < COUNT_OF(known_misses); i++)
        if (strcmp(known_misses[i].name, r->name) == 0)
            return &known_misses[i];
    return &none;
}

/* How far above its bound a figure may lie. */
static double at_most(double miss)
{
    return miss > 0 ? 1.05 * miss : 1.25;
}

START_TEST(no_figure_takes_a_quarter_longer_than_its_bound_but_for_known_misses)
{
    FOR_EACH_ROW(r)
    {
        struct hand h = hand_of(r);
        ck_assert_msg(r->time_s <= at_most(known_miss(r)->time) * hand_s(r, &h),
                      "%s: %g s, by hand %g s", r->name, r->time_s, hand_s(r, &h));
    }
}
END_TEST

START_TEST(no_figure_takes_less_time_than_the_bound_of_its_plan)
{
    FOR_EACH_ROW(r) ck_assert_double_ge(r->time_s * 1.001, r->lower_bound_s);
}
END_TEST

/* Four digits are printed. */
START_TEST(energies_lie_above_their_bound_by_less_than_a_quarter_but_for_known_misses)
{
    FOR_EACH_ROW(r)
    {
        struct hand h = hand_of(r);
        double hand = hand_j(r, &h);
        ck_assert_msg(r->j_per_token * 1.001 >= hand &&
                          r->j_per_token <= at_most(known_miss(r)->energy) * hand,
                      "%s: %g J/token, by hand %g", r->name, r->j_per_token, hand);
    }
}
END_TEST

START_TEST(steps_follow_from_tokens_per_second)
{
    FOR_EACH_ROW(r)
    {
        struct hand h = hand_of(r);
        ASSERT_NEAR(h.tokens / r->time_s, r->tokens_per_s, 2e-3);
    }
}
END_TEST

/* The line of the document's table of bounds. */
START_TEST(the_document_states_the_bounds_that_are_computed_here)
{
    int missing = 0;
    FOR_EACH_ROW(r)
    {
        struct hand h = hand_of(r);
        char line[320];
        snprintf(line, sizeof line, "| `%.95s` | %.4g | %.4g | %.2f | %.4g | %.4g | %.2f |",
                 r->name, hand_s(r, &h) * 1e3, r->time_s * 1e3, r->time_s / hand_s(r, &h),
                 hand_j(r, &h), r->j_per_token, r->j_per_token / hand_j(r, &h));
        if (strstr(document, line))
            continue;
        printf("%s\n", line);
        missing++;
    }
    fflush(stdout);
    ck_assert_msg(missing == 0, "docs/LARGE_MODELS.md lacks the lines above");
}
END_TEST

static void expect(const char *format, double value)
{
    char text[64];
    snprintf(text, sizeof text, format, value);
    ck_assert_msg(strstr(document, text) != NULL, "docs/LARGE_MODELS.md does not say %s", text);
}

START_TEST(the_worked_arithmetic_is_that_of_this_test)
{
    struct row r;
    set_up();
    read_row_name(&r, "quad_dcim_hbm3 llama2_7b_decode");
    struct hand h = hand_of(&r);
    expect("%.3f GB of weights", h.weight_bytes * 1e-9);
    expect("%.4f GB of keys and values", h.kv_bytes * 1e-9);
    expect("= %.3f ms of reading", (h.weight_bytes + h.kv_bytes) / HBM_BYTES_PER_S * 1e3);
    expect("= %.4f J of reading", 8e-12 * (h.weight_bytes + h.kv_bytes) * HBM_PJ_PER_BIT);
    expect("= %.4f J of delivery", 8e-12 * (h.weight_bytes + h.kv_bytes) * DELIVERY_PJ_PER_BIT);
    expect("%.2f W at rest", PACKAGE_W);
    read_row_name(&r, "wafer_cim llama2_7b_decode");
    h = hand_of(&r);
    expect("= %.1f us of ports", h.ports_s * 1e6);
    expect("= %.1f us of arrays", h.arrays_s * 1e6);
    expect("%.1f us of attention", h.caches_s * 1e6);
    expect("%.1f us of ways", h.hops_s * 1e6);
    expect("%.0f W at rest", WAFER_W);
}
END_TEST

SUITE("large models", no_figure_takes_less_time_than_its_hand_worked_bound,
      no_figure_takes_a_quarter_longer_than_its_bound_but_for_known_misses,
      no_figure_takes_less_time_than_the_bound_of_its_plan,
      energies_lie_above_their_bound_by_less_than_a_quarter_but_for_known_misses,
      steps_follow_from_tokens_per_second, the_document_states_the_bounds_that_are_computed_here,
      the_worked_arithmetic_is_that_of_this_test)
