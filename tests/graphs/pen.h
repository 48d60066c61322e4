/* pen.h — a graph in the making: random choices, and lines with the shapes that come out of them.
 * Nobody but tests/graphs/draw_*.c and graph.c includes it. */
#ifndef CIMARRON_TEST_PEN_H
#define CIMARRON_TEST_PEN_H

#include "core/base/rng.h"
#include "tests/graphs/graph.h"

struct pen {
    struct arena *arena;
    struct rng rng;
    struct graph *graph;
    struct shape made[GRAPH_LINES_MAX]; /* what each line makes; no dimensions: nothing to read */
    size_t lines;                       /* room for so many */
    double macs_left;                   /* so that runs stay short */
    bool with_stats;
};

/* --- choices (pen.c) -------------------------------------------------------------------------- */

bool pen_chance(struct pen *p, double share);
int64_t pen_between(struct pen *p, int64_t low, int64_t high); /* both may be drawn */
int64_t pen_width(struct pen *p); /* channels or features: 1, powers of two, odd, prime, any */
int64_t pen_divisor(struct pen *p, int64_t of);
const char *pen_word(struct pen *p, const char *const *words, size_t count);
#define PEN_WORD(p, ...)                                                                           \
    pen_word((p), (const char *const[]){__VA_ARGS__},                                              \
             COUNT_OF(((const char *const[]){__VA_ARGS__})))

/* --- lines (pen.c) ---------------------------------------------------------------------------- */

static inline size_t pen_lines(const struct pen *p)
{
    return p->graph->trace.count;
}

static inline bool pen_has_room(const struct pen *p, size_t lines)
{
    return pen_lines(p) + lines <= p->lines;
}

static inline int32_t pen_last(const struct pen *p)
{
    return (int32_t)pen_lines(p) - 1;
}

/* The next line; it makes `out`.  Inputs are lines, -1: none; all -1: the graph's own input. */
struct op *pen_line(struct pen *p, enum op_kind kind, const char *fn, const int32_t *inputs,
                    size_t count, const struct shape *out);
struct op *pen_one(struct pen *p, enum op_kind kind, const char *fn, int32_t input,
                   const struct shape *out);
void pen_weight(struct pen *p, struct op *o, double macs); /* a tensor of its own */
void pen_macs(struct pen *p, double macs);                 /* of the last line */

/* A line with `dims` dimensions in what it makes, most often the last such; -1: there is none. */
int32_t pen_pick(struct pen *p, int dims);
/* The same, of exactly this shape, not `but`. */
int32_t pen_pick_alike(struct pen *p, const struct shape *s, int32_t but);

static inline struct shape shape_of(int dims, int64_t a, int64_t b, int64_t c, int64_t d)
{
    return (struct shape){{a, b, c, d}, dims};
}

static inline bool shapes_equal(const struct shape *a, const struct shape *b)
{
    bool equal = a->dims == b->dims;
    for (int i = 0; equal && i < a->dims; i++)
        equal = a->dim[i] == b->dim[i];
    return equal;
}

/* --- what is drawn: false where it cannot stand here ------------------------------------------ */

bool draw_image(struct pen *p);    /* the graph's input, through a convolution or a pool */
bool draw_conv(struct pen *p);     /* draw_image.c */
bool draw_skipping(struct pen *p); /* a convolution or pool that leaves the last rows unread */
bool draw_pool(struct pen *p);
bool draw_global_pool(struct pen *p);
bool draw_unary(struct pen *p);
bool draw_add(struct pen *p);
bool draw_gate(struct pen *p); /* an image times one value a channel */
bool draw_concat(struct pen *p);
bool draw_residual(struct pen *p); /* a block that keeps its shape, perhaps repeated */
bool draw_slice(struct pen *p);

bool draw_rows(struct pen *p); /* draw_rows.c: the graph's input as rows, through a product */
bool draw_tokens(struct pen *p);
bool draw_product(struct pen *p);
bool draw_dynamic(struct pen *p); /* a product of two operands */
bool draw_attention(struct pen *p);
bool draw_mlp(struct pen *p); /* up, act, down, add, perhaps repeated */

/* Repeats the lines from `first` to the last, which make what the line before them made. */
void draw_repeat(struct pen *p, int32_t first);

#endif
