/* pieces.c — chunks of output rows, what each step needs, and the least buffers.
 *
 * A step makes one chunk of consecutive output rows; a pool over all rows instead takes its input
 * chunk by chunk and emits once.  needs[k] and frees[k] count the producer's chunks within a
 * sample.  The least buffer of a stage is the most chunks that live at once when the pipeline is
 * run by demand, one step at a time: a schedule exists in that space, and since the pipeline is
 * determinate it cannot deadlock in it.  One more chunk lets producer and consumer overlap. */
#include "core/plan/internal.h"

int64_t stage_chunk_rows(const struct stage *s, int64_t chunk)
{
    int64_t left = s->rows - chunk * s->rows_per_chunk;
    return left < s->rows_per_chunk ? left : s->rows_per_chunk;
}

/* A pool (or mean) whose window covers all input rows at once. */
static bool reduces_all(const struct stage *s)
{
    return s->kind == STAGE_VECTOR && s->op->kind == OP_POOL && s->rows == 1 &&
           s->op->in.dims == 4 && s->op->u.conv.kernel[0] >= s->op->in.dim[2];
}

static void cut_chunks(struct plan *p, struct stage *s, int64_t target)
{
    if (stage_is_wide(p, s) && s->in_count > 0) { /* in no more pieces than its first operand */
        int64_t given = p->stages[p->edges[s->in[0]].producer].chunks;
        target = given > 0 && given < target ? given : target;
    }
    s->rows_per_chunk = ceil_div(s->rows, target);
    s->chunks = ceil_div(s->rows, s->rows_per_chunk);
    s->steps = s->chunks;
    s->emits_last_only = reduces_all(s) && s->in_count == 1;
    if (s->emits_last_only)
        s->steps = p->stages[p->edges[s->in[0]].producer].chunks;
}

static int64_t clamp(int64_t x, int64_t low, int64_t high)
{
    return x < low ? low : x > high ? high : x;
}

/* The input rows [*first, *last) that output rows [a, b) of a window op read. */
static void window_rows(const struct op *o, int64_t a, int64_t b, int64_t in_rows, int64_t *first,
                        int64_t *last)
{
    int64_t stride = o->u.conv.stride[0];
    int64_t reach = (int64_t)(o->u.conv.kernel[0] - 1) * o->u.conv.dilation[0];
    *first = clamp(a * stride - o->u.conv.pad[0], 0, in_rows);
    *last = clamp((b - 1) * stride - o->u.conv.pad[0] + reach + 1, 1, in_rows);
}

/* Producer rows that output rows [a, b) of the consumer read over this edge. */
static void rows_read(const struct edge *e, const struct stage *from, const struct stage *to,
                      int64_t a, int64_t b, int64_t *first, int64_t *last)
{
    *first = 0;
    *last = from->rows;
    if (e->whole)
        return;
    if (e->slides && to->op->in.dims == 4 && to->op->in.dim[2] == from->rows)
        window_rows(to->op, a, b, from->rows, first, last);
    else if (from->rows == to->rows &&
             (to->kind != STAGE_ARRAY || to->op->kind != OP_CONV2D || !e->slides)) {
        *first = a;
        *last = b;
    }
}

static void fill_edge(struct plan *p, struct edge *e)
{
    const struct stage *from = &p->stages[e->producer], *to = &p->stages[e->consumer];
    e->needs = ARENA_ARRAY(p->arena, int32_t, to->steps);
    e->frees = ARENA_ARRAY(p->arena, int32_t, to->steps);
    for (int64_t k = 0; k < to->steps; k++) {
        if (to->emits_last_only) {
            e->needs[k] = e->frees[k] = (int32_t)(k + 1);
            continue;
        }
        int64_t a = k * to->rows_per_chunk, b = a + stage_chunk_rows(to, k), first, last, next;
        rows_read(e, from, to, a, b, &first, &last);
        e->needs[k] = (int32_t)ceil_div(last, from->rows_per_chunk);
        e->frees[k] = (int32_t)from->chunks;
        if (k + 1 < to->steps && !e->written) { /* what is written is free after the first step */
            rows_read(e, from, to, b, b + stage_chunk_rows(to, k + 1), &next, &last);
            e->frees[k] = (int32_t)(next / from->rows_per_chunk);
        }
        if (k > 0 && e->needs[k] < e->needs[k - 1])
            e->needs[k] = e->needs[k - 1];
        if (k > 0 && e->frees[k] < e->frees[k - 1])
            e->frees[k] = e->frees[k - 1];
    }
}

/* --- running by demand ------------------------------------------------------------------ */

struct call { /* chunks wanted of a stage; the next input to ask for them */
    int32_t stage;
    int64_t chunks;
    size_t input;
};

struct demand {
    struct plan *p;
    struct call *calls;   /* as deep as there are stages */
    int64_t *steps_done;  /* by stage */
    int64_t *chunks_made; /* by stage */
    int64_t *freed;       /* by edge */
};

static int64_t live_chunks(const struct demand *m, const struct stage *s, int64_t made)
{
    int64_t freed = made;
    for (size_t i = 0; i < s->out_count; i++)
        if (m->freed[s->out[i]] < freed)
            freed = m->freed[s->out[i]];
    return made - freed;
}

static void run_step(struct demand *m, int32_t index)
{
    struct stage *s = &m->p->stages[index];
    int64_t k = m->steps_done[index]++;
    bool emits = !s->emits_last_only || k + 1 == s->steps;
    if (emits) {
        int64_t live = live_chunks(m, s, ++m->chunks_made[index]);
        if (live > s->min_chunks)
            s->min_chunks = (int32_t)live;
    }
    for (size_t i = 0; i < s->in_count; i++)
        m->freed[s->in[i]] = m->p->edges[s->in[i]].frees[k];
}

/* Runs stage `index` until it has made `chunks` chunks, asking its producers first. */
static void demand_chunks(struct demand *m, int32_t index, int64_t chunks)
{
    size_t depth = 0;
    m->calls[depth++] = (struct call){index, chunks, 0};
    while (depth > 0) {
        struct call *c = &m->calls[depth - 1];
        const struct stage *s = &m->p->stages[c->stage];
        if (m->chunks_made[c->stage] >= c->chunks) {
            depth--;
        } else if (c->input < s->in_count) {
            const struct edge *e = &m->p->edges[s->in[c->input++]];
            int64_t needed = e->needs[m->steps_done[c->stage]];
            m->calls[depth++] = (struct call){e->producer, needed, 0};
        } else {
            run_step(m, c->stage);
            c->input = 0;
        }
    }
}

static void least_buffers(struct plan *p)
{
    struct demand m;
    m.p = p;
    m.calls = ARENA_ARRAY(p->arena, struct call, p->stage_count + 1);
    m.steps_done = ARENA_ARRAY(p->arena, int64_t, p->stage_count);
    m.chunks_made = ARENA_ARRAY(p->arena, int64_t, p->stage_count);
    m.freed = ARENA_ARRAY(p->arena, int64_t, p->edge_count);
    int64_t most = 1;
    for (size_t i = 0; i < p->stage_count; i++) {
        p->stages[i].min_chunks = 1;
        if (plan_is_twin(p, &p->stages[i]))
            continue;
        if (p->stages[i].kind == STAGE_SINK && p->stages[i].chunks > most)
            most = p->stages[i].chunks;
    }
    for (int64_t k = 1; k <= most; k++) /* all results advance side by side */
        for (size_t i = 0; i < p->stage_count; i++)
            if (p->stages[i].kind == STAGE_SINK && !plan_is_twin(p, &p->stages[i]))
                demand_chunks(&m, (int32_t)i, p->stages[i].chunks * k / most);
    for (size_t i = 0; i < p->stage_count; i++)
        p->stages[i].min_chunks += 1;
}

void plan_pieces(struct plan *p, int64_t target_chunks)
{
    int64_t target = plan_pieces_within(p, target_chunks);
    for (size_t i = 0; i < p->stage_count; i++)
        if (!plan_is_twin(p, &p->stages[i]))
            cut_chunks(p, &p->stages[i], target);
    for (size_t e = 0; e < p->edge_count; e++)
        if (!plan_is_twin(p, &p->stages[p->edges[e].consumer]))
            fill_edge(p, &p->edges[e]);
    least_buffers(p);
}
