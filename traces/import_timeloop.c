/* Timeloop's problem files (YAML): one convolution or matrix product.
 *
 *     problem: { shape: cnn-layer, C: 3, K: 64, P: 112, Q: 112, R: 7, S: 7, N: 1, Wstride: 2, ... }
 *     problem: { instance: { C: ..., M: ... }, shape: { dimensions: [...], data_spaces: [...] } }
 *
 * Dimensions have the names that Timeloop's own shapes give them: N batch, C and K (or M)
 * channels of a group, G groups, R x S the filter, P x Q the output, R and P along the width; M, N
 * and K of a product.  What the data spaces say of them is checked: a convolution's outputs hold
 * all but C, R and S (a depth-wise one's all but R and S), a product's all but one.  Densities,
 * widths in bits and histograms are left out and told.
 * Source: NVlabs/timeloop, problem-shapes/ and src/workload; the exercises of Timeloop v3 and v4.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

#include "traces/import_layers.h"

extern const struct importer timeloop_importer;

static const size_t FILE_MAX = (size_t)64 << 10;

enum { DEPTH_MAX = 8, NODES_MAX = 10000, BRACKETS_MAX = 64 };

enum dim { C, G, K, M, N, P, Q, R, S, HSTRIDE, WSTRIDE, HDILATION, WDILATION, DIM_COUNT };

static const char *const DIMS[DIM_COUNT] = {
    "C", "G", "K", "M", "N", "P", "Q", "R", "S", "Hstride", "Wstride", "Hdilation", "Wdilation"};

#define BIT(d) (1u << (d))
#define LETTERS (BIT(HSTRIDE) - 1)
#define PRODUCT (BIT(K) | BIT(M) | BIT(N))
#define WINDOW (BIT(P) | BIT(Q) | BIT(R) | BIT(S))

struct problem {
    struct csv_place at;
    struct layer_list layers;
    yaml_document_t document;
    int64_t size[DIM_COUNT];
    unsigned given, dims, outputs; /* sets of dimensions; outputs 0: not said */
    int looked_at;                 /* nodes of projections: aliases can make them endless */
};

/* --- nodes -------------------------------------------------------------------------------- */

static bool complain(struct problem *p, const yaml_node_t *n, const char *what, const char *name)
{
    const char *clean = import_clean_name(p->at.scratch, name, strlen(name));
    int line = n ? (int)n->start_mark.line + 1 : 1;
    return diag_input(p->at.d, p->at.path, line, "'%.40s' %s", clean, what);
}

static yaml_node_t *node_at(struct problem *p, int index)
{
    return yaml_document_get_node(&p->document, index);
}

/* The text of a scalar, or NULL. */
static const char *text_of(const yaml_node_t *n)
{
    return n && n->type == YAML_SCALAR_NODE ? (const char *)n->data.scalar.value : NULL;
}

static yaml_node_t *find(struct problem *p, const yaml_node_t *map, const char *key)
{
    if (!map || map->type != YAML_MAPPING_NODE)
        return NULL;
    const yaml_node_pair_t *pair = map->data.mapping.pairs.start;
    for (; pair < map->data.mapping.pairs.top; pair++) {
        const char *text = text_of(node_at(p, pair->key));
        if (text && strcmp(text, key) == 0)
            return node_at(p, pair->value);
    }
    return NULL;
}

static bool is_dim(const char *text, enum dim *out)
{
    for (int d = 0; d < DIM_COUNT; d++) {
        bool same = d < HSTRIDE ? strcmp(text, DIMS[d]) == 0 : strcasecmp(text, DIMS[d]) == 0;
        if (same)
            return *out = (enum dim)d, true;
    }
    return false;
}

/* The letters in a node, however deep: those of a data space's projection. */
static unsigned letters_in(struct problem *p, const yaml_node_t *n, int depth)
{
    unsigned found = 0;
    enum dim d;
    const char *text = text_of(n);
    if (text)
        return is_dim(text, &d) && d < HSTRIDE ? BIT(d) : 0;
    if (!n || n->type != YAML_SEQUENCE_NODE || depth > DEPTH_MAX || p->looked_at > NODES_MAX)
        return 0;
    p->looked_at += (int)(n->data.sequence.items.top - n->data.sequence.items.start);
    const yaml_node_item_t *item = n->data.sequence.items.start;
    for (; item < n->data.sequence.items.top; item++)
        found |= letters_in(p, node_at(p, *item), depth + 1);
    return found;
}

/* --- sizes -------------------------------------------------------------------------------- */

static bool read_size(struct problem *p, const yaml_node_t *n, enum dim d)
{
    const char *text = text_of(n);
    char *end = NULL;
    long long value = text ? strtoll(text, &end, 10) : 0;
    if (!text || end == text || *end != '\0' || value < 1 || value > INT32_MAX)
        return complain(p, n, "needs a whole number from 1 to 2147483647", DIMS[d]);
    if (p->given & BIT(d))
        return complain(p, n, "stands twice", DIMS[d]);
    p->size[d] = value;
    p->given |= BIT(d);
    return true;
}

static void tell_left_out(struct problem *p, const char *key)
{
    static const char *const fine[] = {"shape", "instance", "version", "name", "notes", "dnn_name"};
    for (size_t i = 0; i < COUNT_OF(fine); i++)
        if (strcmp(key, fine[i]) == 0)
            return;
    layer_list_remark(&p->layers,
                      arena_printf(p->layers.keep, "\"%.40s\" of the problem is left out",
                                   import_clean_name(p->at.scratch, key, strlen(key))));
}

static bool read_sizes(struct problem *p, const yaml_node_t *map)
{
    const yaml_node_pair_t *pair = map->data.mapping.pairs.start;
    enum dim d;
    for (; pair < map->data.mapping.pairs.top; pair++) {
        const char *key = text_of(node_at(p, pair->key));
        if (key && is_dim(key, &d))
            TRY(read_size(p, node_at(p, pair->value), d));
        else if (key)
            tell_left_out(p, key);
    }
    return true;
}

static bool find_sizes(struct problem *p, const yaml_node_t *problem)
{
    const yaml_node_t *instance = find(p, problem, "instance");
    for (int d = 0; d < DIM_COUNT; d++)
        p->size[d] = 1;
    TRY(read_sizes(p, problem));
    if (!instance)
        return true;
    if (instance->type != YAML_MAPPING_NODE)
        return complain(p, instance, "is no list of sizes: C: 3, M: 64, ... are needed",
                        "instance");
    return read_sizes(p, instance);
}

/* --- shape -------------------------------------------------------------------------------- */

static bool read_dimensions(struct problem *p, const yaml_node_t *list)
{
    if (!list || list->type != YAML_SEQUENCE_NODE)
        return complain(p, list, "is missing in the shape: [C, M, R, S, ...]", "dimensions");
    const yaml_node_item_t *item = list->data.sequence.items.start;
    for (; item < list->data.sequence.items.top; item++) {
        const char *text = text_of(node_at(p, *item));
        enum dim d;
        if (!text || !is_dim(text, &d) || d >= HSTRIDE)
            return complain(p, node_at(p, *item),
                            "is no dimension of a convolution or matrix product: those are C, G, "
                            "K, M, N, P, Q, R and S",
                            text ? text : "?");
        p->dims |= BIT(d);
    }
    return true;
}

/* The data space that is written. */
static void find_outputs(struct problem *p, const yaml_node_t *spaces)
{
    if (!spaces || spaces->type != YAML_SEQUENCE_NODE)
        return;
    const yaml_node_item_t *item = spaces->data.sequence.items.start;
    for (; item < spaces->data.sequence.items.top; item++) {
        const yaml_node_t *space = node_at(p, *item), *mark = find(p, space, "read_write");
        const char *text = text_of(mark ? mark : find(p, space, "read-write"));
        if (text && strcasecmp(text, "true") == 0)
            p->outputs = letters_in(p, find(p, space, "projection"), 0);
    }
}

/* A shape by name, written out, or none: then cnn-layer, as Timeloop has it. */
static bool read_shape(struct problem *p, const yaml_node_t *problem)
{
    const yaml_node_t *shape = find(p, problem, "shape");
    const char *name = text_of(shape);
    if (shape && shape->type == YAML_MAPPING_NODE) {
        const yaml_node_t *spaces = find(p, shape, "data_spaces");
        TRY(read_dimensions(p, find(p, shape, "dimensions")));
        find_outputs(p, spaces ? spaces : find(p, shape, "data-spaces"));
    } else if (!name || strcasecmp(name, "cnn-layer") == 0 || strcasecmp(name, "cnn_layer") == 0) {
        p->dims = LETTERS & ~(p->given & BIT(M) ? BIT(K) : BIT(M)) & ~(~p->given & BIT(G));
    } else if (strncasecmp(name, "gemm", 4) == 0) {
        p->dims = PRODUCT;
    } else {
        return complain(p, shape, "is no shape that is known: cnn_layer and gemm_ABZ are", name);
    }
    for (int d = 0; d < HSTRIDE; d++) {
        if (p->given & ~p->dims & BIT(d))
            return complain(p, shape, "has a size but is no dimension of the shape", DIMS[d]);
        if (p->dims & ~p->given & BIT(d) && (d != N || p->dims == PRODUCT))
            return complain(p, problem, "is a dimension of the shape and needs a size", DIMS[d]);
    }
    return true;
}

/* --- the operator ------------------------------------------------------------------------- */

static bool refuse_spaces(struct problem *p, const char *what)
{
    return diag_input(p->at.d, p->at.path, p->at.line, "the data spaces are not those of %s", what);
}

/* [0] along the height, [1] along the width. */
static bool fill_conv(struct problem *p, struct op *o)
{
    const int64_t *n = p->size;
    unsigned filters = p->dims & (BIT(K) | BIT(M)), depth = BIT(C) | BIT(R) | BIT(S);
    bool depthwise = !filters && p->outputs & BIT(C);
    if (filters == (BIT(K) | BIT(M)))
        return diag_input(p->at.d, p->at.path, p->at.line,
                          "a convolution has one dimension of output channels, K or M, not both");
    if (p->outputs && p->outputs != (p->dims & ~(depthwise ? depth & ~BIT(C) : depth)))
        return refuse_spaces(p, "a convolution");
    int64_t batch = p->given & BIT(N) ? n[N] : layer_list_batch(&p->layers);
    int64_t groups = depthwise ? n[C] * n[G] : n[G];
    const int64_t out[] = {(depthwise ? n[C] : n[K] * n[M]) * n[G], n[Q], n[P]};
    const int64_t in[] = {n[C] * n[G], (n[Q] - 1) * n[HSTRIDE] + (n[S] - 1) * n[HDILATION] + 1,
                          (n[P] - 1) * n[WSTRIDE] + (n[R] - 1) * n[WDILATION] + 1};
    const int64_t kernel[] = {n[S], n[R]}, stride[] = {n[HSTRIDE], n[WSTRIDE]};
    layer_fill_conv(o, batch, in, out, kernel, stride);
    o->u.conv.groups = groups;
    o->u.conv.dilation[0] = (int32_t)n[HDILATION];
    o->u.conv.dilation[1] = (int32_t)n[WDILATION];
    return true;
}

static bool fill_product(struct problem *p, struct op *o)
{
    const int64_t *n = p->size;
    unsigned depth = p->outputs ? p->dims & ~p->outputs : BIT(K);
    if (p->dims != PRODUCT)
        return diag_input(p->at.d, p->at.path, p->at.line,
                          "the dimensions are neither those of a convolution nor M, N, K");
    if (depth != BIT(K) && depth != BIT(M) && depth != BIT(N))
        return refuse_spaces(p, "a matrix product");
    enum dim k = depth == BIT(K) ? K : depth == BIT(M) ? M : N;
    layer_fill_product(o, k == M ? n[N] : n[M], n[k], k == K ? n[N] : n[K]);
    return true;
}

static bool take_problem(struct problem *p)
{
    const yaml_node_t *root = yaml_document_get_root_node(&p->document);
    const yaml_node_t *problem = find(p, root, "problem");
    if (!problem || problem->type != YAML_MAPPING_NODE)
        return diag_input(p->at.d, p->at.path, 1,
                          "this is no problem of Timeloop: the key \"problem\" with its sizes is "
                          "missing");
    p->at.line = (int)problem->start_mark.line + 1;
    TRY(find_sizes(p, problem));
    TRY(read_shape(p, problem));
    const char *name = text_of(find(p, problem, "name"));
    struct op *o = layer_list_next(&p->layers);
    TRY(layer_list_name(&p->layers, &p->at, name ? name : import_stem(p->at.scratch, p->at.path)));
    TRY(p->dims & (WINDOW | BIT(C)) ? fill_conv(p, o) : fill_product(p, o));
    return layer_list_add(&p->layers, &p->at);
}

/* --- the importer ------------------------------------------------------------------------- */

/* libyaml takes minutes for brackets nested by the ten thousand. */
static bool check_brackets(struct problem *p, const char *text)
{
    int depth = 0, line = 1;
    for (; *text; text++) {
        line += *text == '\n';
        depth += (*text == '[' || *text == '{') - (*text == ']' || *text == '}');
        if (depth > BRACKETS_MAX)
            return diag_input(p->at.d, p->at.path, line, "brackets nest more than %d deep",
                              BRACKETS_MAX);
    }
    return true;
}

static bool load(struct problem *p, const struct import_file *f)
{
    yaml_parser_t parser;
    TRY(check_brackets(p, (const char *)f->bytes));
    if (strstr((const char *)f->bytes, "{{"))
        return diag_input(p->at.d, p->at.path, 1,
                          "this is a template ({{...}}), as CiMLoop and timeloopfe write them: "
                          "give what it expands to");
    if (!yaml_parser_initialize(&parser))
        return diag_cannot(p->at.d, "there is not enough memory to read %s", p->at.path);
    yaml_parser_set_input_string(&parser, f->bytes, f->size);
    bool ok = yaml_parser_load(&parser, &p->document);
    if (!ok)
        diag_input(p->at.d, p->at.path, (int)parser.problem_mark.line + 1, "this is not YAML: %s",
                   parser.problem ? parser.problem : "it cannot be read");
    yaml_parser_delete(&parser);
    return ok;
}

static bool import_problem(struct problem *p, const struct import_file *f, struct trace *out)
{
    TRY(load(p, f));
    bool ok = take_problem(p);
    yaml_document_delete(&p->document);
    if (ok)
        layer_list_trace(&p->layers, p->at.path, "Timeloop problem", out);
    return ok;
}

static bool import_timeloop(struct arena *a, const char *path, const struct import_options *o,
                            struct trace *out, struct diag *d)
{
    struct import_file f;
    struct problem p = {.at = {.path = path, .d = d}};
    *out = (struct trace){0};
    TRY(import_file_open(path, FILE_MAX, &f, d));
    p.at.scratch = arena_open();
    bool ok = layer_list_open(&p.layers, a, p.at.scratch, o, d) && import_problem(&p, &f, out);
    arena_close(p.at.scratch);
    import_file_close(&f);
    return ok;
}

static bool recognises_yaml(const char *path)
{
    return import_has_suffix(path, ".yaml") || import_has_suffix(path, ".yml");
}

const struct importer timeloop_importer = {
    .kind = "timeloop",
    .help = "Timeloop's problem file, YAML (one convolution or matrix product)",
    .recognises = recognises_yaml,
    .import = import_timeloop,
};
