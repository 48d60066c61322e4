#include "tests/graphs/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/input.h"
#include "tests/graphs/pen.h"
#include "traces/write_json.h"

/* --- drawing ---------------------------------------------------------------------------------- */

/* What a family of graphs is made of: how it begins, and what follows with which weight. */
struct step {
    bool (*draw)(struct pen *p);
    int weight;
};

struct family {
    int weight;
    int64_t most_lines;
    bool (*begin)(struct pen *p);
    struct step steps[16];
};

static const struct family FAMILIES[] = {
    {15, 3, draw_image, {{draw_skipping, 6}, {draw_conv, 3}, {draw_pool, 2}, {draw_unary, 1}}},
    {35,
     GRAPH_LINES_MAX,
     draw_image,
     {{draw_conv, 10},
      {draw_skipping, 1},
      {draw_pool, 3},
      {draw_unary, 4},
      {draw_add, 3},
      {draw_concat, 3},
      {draw_residual, 3},
      {draw_slice, 1},
      {draw_global_pool, 1},
      {draw_gate, 1},
      {draw_product, 1}}},
    {15,
     GRAPH_LINES_MAX,
     draw_image,
     {{draw_conv, 3},
      {draw_pool, 1},
      {draw_product, 3},
      {draw_unary, 2},
      {draw_dynamic, 2},
      {draw_image, 1},
      {draw_rows, 1},
      {draw_concat, 1},
      {draw_add, 1}}},
    {15,
     12,
     draw_rows,
     {{draw_product, 6},
      {draw_unary, 3},
      {draw_add, 1},
      {draw_dynamic, 2},
      {draw_mlp, 2},
      {draw_rows, 1}}},
    {20,
     GRAPH_LINES_MAX,
     draw_tokens,
     {{draw_attention, 4}, {draw_mlp, 4}, {draw_unary, 1}, {draw_product, 1}}},
};

static const struct family *draw_family(struct pen *p)
{
    int64_t at = pen_between(p, 0, 99);
    const struct family *f = FAMILIES;
    while (at >= f->weight)
        at -= (f++)->weight;
    return f;
}

static bool draw_step(struct pen *p, const struct family *f)
{
    int64_t all = 0;
    const struct step *s = f->steps;
    for (; s->draw; s++)
        all += s->weight;
    int64_t at = pen_between(p, 0, all - 1);
    for (s = f->steps; at >= s->weight; s++)
        at -= s->weight;
    return s->draw(p);
}

static int64_t draw_batch(struct pen *p)
{
    static const int64_t usual[] = {1, 1, 1, 2, 3, 4, 8, 10, 15, 16, 17, 31, 40, 64};
    return pen_chance(p, 0.8) ? usual[pen_between(p, 0, (int64_t)COUNT_OF(usual) - 1)]
                              : pen_between(p, 1, 64);
}

static void draw_header(struct pen *p)
{
    static const int bits[][2] = {{8, 8}, {8, 8}, {8, 8}, {4, 4}, {1, 1},   {2, 2},
                                  {8, 4}, {4, 8}, {8, 5}, {3, 7}, {16, 16}, {1, 8}};
    const int *chosen = bits[pen_between(p, 0, (int64_t)COUNT_OF(bits) - 1)];
    p->graph->trace.header = (struct trace_header){
        .name = arena_printf(p->arena, "graph%llu", (unsigned long long)p->graph->seed),
        .source = "random",
        .work_unit = "image",
        .phase = "inference",
        .work_count = 1,
        .batch = 1,
        .activation_bits = chosen[0],
        .weight_bits = chosen[1],
        .kv_bits = chosen[0]};
}

static const double MACS_MOST = 4e7;

struct graph *graph_draw(struct arena *a, uint64_t seed)
{
    struct graph *g = ARENA_NEW(a, struct graph);
    struct pen p = {.arena = a, .rng = rng_open(seed, "graph"), .graph = g, .macs_left = MACS_MOST};
    g->seed = seed;
    g->trace.ops = g->ops;
    g->trace.marks = g->marks;
    draw_header(&p);
    g->batch = draw_batch(&p);
    p.with_stats = pen_chance(&p, 0.4);
    const struct family *f = draw_family(&p);
    p.lines = GRAPH_LINES_MAX; /* the beginning takes what it needs */
    f->begin(&p);
    p.lines = (size_t)pen_between(&p, 1, f->most_lines);
    for (int refused = 0; pen_has_room(&p, 1) && refused < 20 && p.macs_left > 0;)
        refused += !draw_step(&p, f);
    return g;
}

/* --- what it amounts to ----------------------------------------------------------------------- */

double graph_macs(const struct graph *g)
{
    double sum = 0;
    for (size_t i = 0; i < g->trace.count; i++) {
        double times = 1;
        for (size_t k = 0; k < g->trace.mark_count; k++) {
            const struct trace_mark *m = &g->marks[k];
            if (i < m->end && i + (size_t)m->repeat.lines >= m->end)
                times += (double)m->repeat.times;
        }
        sum += g->macs[i] * times;
    }
    return sum;
}

char *graph_text(const struct graph *g, size_t *length)
{
    struct json_text t = {0};
    const struct trace_header *h = &g->trace.header;
    size_t mark = 0;
    write_json_header(&t, h);
    json_text_newline(&t);
    for (size_t i = 0; i < g->trace.count; i++) {
        write_json_op(&t, &g->ops[i], h->activation_bits, h->weight_bits);
        json_text_newline(&t);
        for (; mark < g->trace.mark_count && g->marks[mark].end == i + 1; mark++) {
            write_json_repeat(&t, &g->marks[mark].repeat);
            json_text_newline(&t);
        }
    }
    if (t.failure) {
        fprintf(stderr, "graph %llu cannot be written: %s\n", (unsigned long long)g->seed,
                t.failure);
        abort();
    }
    *length = t.length;
    return t.text;
}

bool graph_load(struct arena *a, const struct graph *g, struct trace *out, struct diag *d)
{
    size_t length;
    char *text = graph_text(g, &length);
    struct fuzz_input in = fuzz_input_open((const uint8_t *)text, length);
    bool fine = trace_load(a, in.path, 100000, out, d);
    fuzz_input_close(&in);
    free(text);
    return fine;
}
