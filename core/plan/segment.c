/* segment.c — when the weights do not all fit: segments that run one after the other.
 *
 * Stages keep the trace's order.  A layer wider than the chip is cut by outputs into parts first.
 * What one segment makes and a later one reads goes to memory and comes back. */
#include <string.h>

#include "core/plan/internal.h"

static double single_copies(const struct plan *p)
{
    double sum = 0;
    for (size_t i = 0; i < p->stage_count; i++)
        sum += p->stages[i].kind == STAGE_ARRAY ? (double)p->stages[i].arrays_per_copy : 0;
    return sum;
}

bool plan_is_resident(const struct plan *p)
{
    return single_copies(p) <= (double)p->system->arrays;
}

/* --- parts of a layer wider than the chip ------------------------------------------------ */

static void narrow_edge(struct edge *e, double low, double high)
{
    double span = e->channel[1] - e->channel[0], base = e->channel[0];
    e->channel[0] = base + span * low;
    e->channel[1] = base + span * high;
}

static void copy_edges(struct plan *p, int32_t from, int32_t to, double low, double high)
{
    size_t count = p->edge_count;
    for (size_t i = 0; i < count; i++) {
        struct edge e = p->edges[i];
        if (e.consumer == from) {
            int32_t n = plan_add_edge(p, e.producer, to, e.channel[0], e.channel[1]);
            p->edges[n].slides = e.slides;
            p->edges[n].whole = e.whole;
        } else if (e.producer == from) {
            int32_t n = plan_add_edge(p, to, e.consumer, e.channel[0], e.channel[1]);
            p->edges[n].slides = e.slides;
            p->edges[n].whole = e.whole;
            narrow_edge(&p->edges[n], low, high);
        }
    }
}

static bool cut_stage(struct plan *p, int32_t index, int64_t limit, struct diag *d)
{
    struct stage whole = p->stages[index];
    int64_t tiles = whole.n_tiles, per_part = limit / (whole.k_tiles * whole.group_tiles);
    if (per_part < 1)
        return diag_cannot(d,
                           "does not fit: op %d needs %lld arrays for one column of outputs, %s "
                           "has %lld",
                           whole.layer, (long long)(whole.k_tiles * whole.group_tiles),
                           p->system->name, (long long)p->system->arrays);
    int64_t parts = ceil_div(tiles, per_part);
    double cut = 1.0 / (double)parts;
    for (int64_t i = parts - 1; i >= 0; i--) { /* the first part stays where the layer stood */
        int32_t at = i ? plan_add_stage(p, STAGE_ARRAY, whole.op) : index;
        struct stage *s = &p->stages[at];
        *s = whole;
        s->part[0] = (double)i * cut;
        s->part[1] = (double)(i + 1) * cut;
        s->row_bytes = whole.row_bytes * cut;
        s->channels = ceil_div(whole.channels, parts);
        s->macs = whole.macs * cut;
        TRY(plan_tile(p, s, d));
        if (i)
            copy_edges(p, index, at, s->part[0], s->part[1]);
    }
    for (size_t e = 0; e < p->edge_count; e++)
        if (p->edges[e].producer == index)
            narrow_edge(&p->edges[e], 0, cut);
    return true;
}

static bool cut_wide_layers(struct plan *p, int64_t limit, struct diag *d)
{
    size_t count = p->stage_count;
    for (size_t i = 0; i < count; i++)
        if (p->stages[i].kind == STAGE_ARRAY && p->stages[i].arrays_per_copy > limit)
            TRY(cut_stage(p, (int32_t)i, limit, d));
    return true;
}

/* --- which stage in which segment -------------------------------------------------------- */

/* Stage indices in the order of their work: producers first, parts beside their layer. */
static void work_order(struct plan *p, int32_t *order)
{
    int32_t *waits = ARENA_ARRAY(p->arena, int32_t, p->stage_count);
    bool *placed = ARENA_ARRAY(p->arena, bool, p->stage_count);
    size_t done = 0;
    for (size_t i = 0; i < p->stage_count; i++)
        waits[i] = (int32_t)p->stages[i].in_count;
    while (done < p->stage_count) {
        int32_t best = -1;
        for (size_t i = 0; i < p->stage_count; i++) {
            if (placed[i] || waits[i] > 0)
                continue;
            if (best < 0 || p->stages[i].layer < p->stages[best].layer)
                best = (int32_t)i;
        }
        placed[best] = true;
        order[done++] = best;
        for (size_t k = 0; k < p->stages[best].out_count; k++)
            waits[p->edges[p->stages[best].out[k]].consumer]--;
    }
}

static int32_t latest_producer(const struct plan *p, const struct stage *s)
{
    int32_t latest = 0;
    for (size_t i = 0; i < s->in_count; i++) {
        int32_t segment = p->stages[p->edges[s->in[i]].producer].segment;
        latest = segment > latest ? segment : latest;
    }
    return latest;
}

/* Does equal work begin anew between these two layers? */
static bool crosses_block(const struct plan *p, const bool *starts, int32_t from, int32_t to)
{
    int64_t a = trace_index(p->trace, from), b = trace_index(p->trace, to);
    for (int64_t i = a + 1; i <= b; i++)
        if (starts[i])
            return true;
    return false;
}

/* Arrays of the work from order[k] on, up to the next block. */
static double block_arrays(const struct plan *p, const int32_t *order, const bool *starts, size_t k)
{
    double sum = 0;
    int32_t layer = p->stages[order[k]].layer;
    for (; k < p->stage_count; k++) {
        const struct stage *s = &p->stages[order[k]];
        if (s->kind != STAGE_ARRAY)
            continue;
        if (crosses_block(p, starts, layer, s->layer))
            break;
        sum += (double)s->arrays_per_copy;
        layer = s->layer;
    }
    return sum;
}

/* Fills segments in the order of work; a block that does not fit whole begins a new one. */
static void assign(struct plan *p, const int32_t *order, double limit)
{
    const bool *starts = plan_block_starts(p);
    double used = 0;
    int32_t segment = 0, layer = -1;
    for (size_t k = 0; k < p->stage_count; k++) {
        struct stage *s = &p->stages[order[k]];
        if (s->kind != STAGE_ARRAY) {
            s->segment = latest_producer(p, s);
            continue;
        }
        bool anew = layer >= 0 && crosses_block(p, starts, layer, s->layer) &&
                    used + block_arrays(p, order, starts, k) > limit;
        if (used > 0 && (anew || used + (double)s->arrays_per_copy > limit)) {
            segment++;
            used = 0;
        }
        used += (double)s->arrays_per_copy;
        s->segment = segment;
        layer = s->layer;
    }
    p->segment_count = (size_t)segment + 1;
    for (size_t i = 0; i < p->stage_count; i++) { /* memory is read when it is needed */
        struct stage *s = &p->stages[i];
        for (size_t k = 0; s->kind == STAGE_SOURCE && k < s->out_count; k++) {
            int32_t reader = p->stages[p->edges[s->out[k]].consumer].segment;
            s->segment = k == 0 || reader < s->segment ? reader : s->segment;
        }
    }
}

/* --- through memory ---------------------------------------------------------------------- */

static int32_t twin(struct plan *p, int32_t producer, enum stage_kind kind, int32_t segment)
{
    int32_t index = plan_add_stage(p, kind, NULL);
    struct stage from = p->stages[producer];
    struct stage *s = &p->stages[index];
    s->layer = from.layer;
    s->rows = from.rows;
    s->width = from.width;
    s->channels = from.channels;
    s->row_bytes = from.row_bytes;
    s->segment = segment;
    return index;
}

/* The source in `segment` that brings back what `producer` made; made on first demand. */
static int32_t source_for(struct plan *p, int32_t producer, int32_t segment, int32_t *made)
{
    if (made[segment] >= 0)
        return made[segment];
    if (p->stages[producer].kind != STAGE_SOURCE) {
        bool stored = false;
        for (size_t k = 0; k < p->segment_count; k++)
            stored = stored || made[k] >= 0;
        if (!stored) {
            int32_t sink = twin(p, producer, STAGE_SINK, p->stages[producer].segment);
            plan_add_edge(p, producer, sink, 0, 1);
        }
    }
    return made[segment] = twin(p, producer, STAGE_SOURCE, segment);
}

static void cut_edges(struct plan *p)
{
    size_t stages = p->stage_count, edges = p->edge_count;
    int32_t *made = ARENA_ARRAY(p->arena, int32_t, p->segment_count);
    for (size_t i = 0; i < stages; i++) {
        for (size_t k = 0; k < p->segment_count; k++)
            made[k] = -1;
        for (size_t e = 0; e < edges; e++) {
            int32_t segment = p->stages[p->edges[e].consumer].segment;
            if (p->edges[e].producer != (int32_t)i || segment == p->stages[i].segment)
                continue;
            int32_t source = source_for(p, (int32_t)i, segment, made);
            p->edges[e].producer = source;
        }
    }
}

/* Stages of a segment side by side, in work order: indices are renumbered. */
static void sort_stages(struct plan *p)
{
    plan_link_edges(p);
    int32_t *order = ARENA_ARRAY(p->arena, int32_t, p->stage_count);
    int32_t *moved = ARENA_ARRAY(p->arena, int32_t, p->stage_count);
    struct stage *sorted = ARENA_ARRAY(p->arena, struct stage, p->stage_count);
    size_t n = 0;
    work_order(p, order);
    p->segments = ARENA_ARRAY(p->arena, struct segment, p->segment_count);
    for (size_t g = 0; g < p->segment_count; g++) {
        p->segments[g].first_stage = (int32_t)n;
        for (size_t k = 0; k < p->stage_count; k++) {
            if (p->stages[order[k]].segment != (int32_t)g)
                continue;
            moved[order[k]] = (int32_t)n;
            sorted[n++] = p->stages[order[k]];
        }
        p->segments[g].stage_count = (int32_t)n - p->segments[g].first_stage;
    }
    p->stages = sorted;
    for (size_t e = 0; e < p->edge_count; e++) {
        p->edges[e].producer = moved[p->edges[e].producer];
        p->edges[e].consumer = moved[p->edges[e].consumer];
    }
    plan_link_edges(p);
}

bool plan_segment(struct plan *p, double fill, struct diag *d)
{
    double arrays = (double)p->system->arrays, needed = single_copies(p);
    p->segment_count = 1;
    p->resident = plan_is_resident(p) && fill >= 1;
    if (!p->resident && !p->system->can_reload)
        return diag_cannot(d,
                           "does not fit: needs %.0f arrays for the weights, %s has %.0f and no "
                           "weight memory to reload from",
                           needed, p->system->name, arrays);
    if (!p->resident) {
        TRY(cut_wide_layers(p, (int64_t)(fill * arrays), d));
        plan_link_edges(p);
        int32_t *order = ARENA_ARRAY(p->arena, int32_t, p->stage_count);
        work_order(p, order);
        assign(p, order, fill * arrays);
        cut_edges(p);
    }
    sort_stages(p);
    return true;
}
