#include "tests/graphs/shrink.h"

#include <string.h>

struct shrinking {
    struct pair *pair;
    struct graph *graph;
    enum law law;
};

static void point_to_own(struct graph *g)
{
    g->trace.ops = g->ops;
    g->trace.marks = g->marks;
}

/* Takes `smaller` for the graph if it still breaks the law. */
static bool take_if_broken(struct shrinking *s, const struct graph *smaller, int64_t batch)
{
    struct graph kept = *s->graph;
    int64_t kept_batch = s->pair->batch;
    struct verdict v;
    *s->graph = *smaller;
    point_to_own(s->graph);
    s->pair->batch = batch;
    pair_judge(s->pair, &v);
    if (v.broken[s->law][0])
        return true;
    *s->graph = kept;
    point_to_own(s->graph);
    s->pair->batch = kept_batch;
    return false;
}

/* Lines [end, ...) fall away, and repeats of what is then cut. */
static void cut_end(struct graph *g, size_t end)
{
    g->trace.count = end;
    while (g->trace.mark_count && g->marks[g->trace.mark_count - 1].end > end)
        g->trace.mark_count--;
}

static bool keeps_data(const struct op *o)
{
    return o->n_inputs > 0 && shape_elements(&o->in) == shape_elements(&o->out) &&
           (o->kind == OP_ELEMENTWISE || o->kind == OP_NORM || o->kind == OP_SOFTMAX ||
            o->kind == OP_ROPE || o->kind == OP_RESHAPE || o->kind == OP_TRANSPOSE);
}

/* What read line `gone` reads what that read, where its data are the same; else the graph's own
 * input.  False: it needs both of its operands. */
static bool read_past(struct arena *a, struct op *o, const struct op *gone)
{
    int32_t *ids = ARENA_ARRAY(a, int32_t, o->n_inputs);
    struct shape *shapes = o->more_in ? ARENA_ARRAY(a, struct shape, o->n_inputs) : NULL;
    uint16_t count = 0;
    for (uint16_t i = 0; i < o->n_inputs; i++) {
        bool past = o->inputs[i] == gone->id;
        if (past && !keeps_data(gone))
            continue;
        if (shapes)
            shapes[count] = o->more_in[i];
        ids[count++] = past ? gone->inputs[0] : o->inputs[i];
    }
    bool whole = count == o->n_inputs || o->n_inputs == 1 || o->kind == OP_ELEMENTWISE;
    o->inputs = ids;
    o->more_in = shapes;
    o->n_inputs = count;
    return whole;
}

static bool cut_line(struct arena *a, struct graph *g, size_t line)
{
    struct op gone = g->ops[line];
    bool whole = true;
    for (size_t i = line; i + 1 < g->trace.count; i++) {
        g->ops[i] = g->ops[i + 1];
        g->macs[i] = g->macs[i + 1];
        whole = read_past(a, &g->ops[i], &gone) && whole;
    }
    g->trace.count--;
    for (size_t k = 0; k < g->trace.mark_count; k++)
        if (g->marks[k].end > line) {
            g->marks[k].repeat.lines -= line + (size_t)g->marks[k].repeat.lines >= g->marks[k].end;
            g->marks[k].end--;
        }
    return whole;
}

static void cut_ends(struct shrinking *s)
{
    for (size_t low = 1, high = s->graph->trace.count; low < high;) {
        struct graph smaller = *s->graph;
        size_t middle = (low + high) / 2;
        cut_end(&smaller, middle);
        if (take_if_broken(s, &smaller, s->pair->batch))
            high = middle;
        else
            low = middle + 1;
    }
}

static void cut_lines(struct arena *a, struct shrinking *s)
{
    for (size_t line = s->graph->trace.count; line-- > 0 && s->graph->trace.count > 1;) {
        struct graph smaller = *s->graph;
        if (cut_line(a, &smaller, line))
            take_if_broken(s, &smaller, s->pair->batch);
    }
}

static void cut_repeats(struct shrinking *s)
{
    while (s->graph->trace.mark_count) {
        struct graph smaller = *s->graph;
        smaller.trace.mark_count--;
        if (!take_if_broken(s, &smaller, s->pair->batch))
            return;
    }
}

static void cut_batch(struct shrinking *s)
{
    for (int64_t batch = 1; batch < s->pair->batch; batch *= 2) {
        struct graph same = *s->graph;
        if (take_if_broken(s, &same, batch))
            return;
    }
}

void shrink(struct arena *a, struct pair *p, struct graph *g, enum law l)
{
    struct shrinking s = {p, g, l};
    p->graph = g;
    point_to_own(g);
    cut_batch(&s);
    cut_ends(&s);
    cut_repeats(&s);
    cut_lines(a, &s);
    cut_batch(&s);
}
