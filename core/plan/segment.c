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
        sum += p->stages[i].kind == STAGE_ARRAY ? (double)p->stages[i].span : 0;
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

/* The edges of a stage, oldest first. */
static int32_t *edges_of(struct plan *p, int32_t stage, bool incoming, size_t *count)
{
    const struct stage *s = &p->stages[stage];
    *count = 0;
    for (int32_t e = incoming ? s->last_in : s->last_out; e >= 0;
         e = incoming ? p->edges[e].next_in : p->edges[e].next_out)
        (*count)++;
    int32_t *list = ARENA_ARRAY(p->arena, int32_t, *count);
    size_t n = *count;
    for (int32_t e = incoming ? s->last_in : s->last_out; e >= 0;
         e = incoming ? p->edges[e].next_in : p->edges[e].next_out)
        list[--n] = e;
    return list;
}

static void copy_edge(struct plan *p, const struct edge *e, int32_t producer, int32_t consumer)
{
    struct edge like = *e; /* adding may move the edge */
    int32_t n = plan_add_edge(p, producer, consumer, like.channel[0], like.channel[1]);
    p->edges[n].slides = like.slides;
    p->edges[n].whole = like.whole;
    p->edges[n].aside = like.aside;
    p->edges[n].written = like.written;
}

static void copy_edges(struct plan *p, int32_t from, int32_t to, double low, double high)
{
    size_t in_count, out_count;
    const int32_t *in = edges_of(p, from, true, &in_count);
    const int32_t *out = edges_of(p, from, false, &out_count);
    for (size_t i = 0; i < in_count; i++)
        copy_edge(p, &p->edges[in[i]], p->edges[in[i]].producer, to);
    for (size_t i = 0; i < out_count; i++) {
        copy_edge(p, &p->edges[out[i]], to, p->edges[out[i]].consumer);
        narrow_edge(&p->edges[p->edge_count - 1], low, high);
    }
}

/* The limit is what a segment should take; one column of outputs may take all arrays. */
static bool cut_stage(struct plan *p, int32_t index, int64_t limit, struct diag *d)
{
    struct stage whole = p->stages[index];
    int64_t column = whole.k_tiles * whole.group_tiles;
    if (column > p->system->arrays)
        return diag_cannot(d,
                           "does not fit: op %d needs %lld arrays for one column of outputs, %s "
                           "has %lld",
                           whole.layer, (long long)column, p->system->name,
                           (long long)p->system->arrays);
    int64_t per_part = column < limit ? limit / column : 1;
    int64_t parts = ceil_div(whole.n_tiles, per_part);
    if (parts == 1)
        return true;
    TRY(plan_check_stages(p, whole.op, (double)parts, d));
    double cut = 1.0 / (double)parts;
    for (int64_t i = parts - 1; i >= 0; i--) { /* the first part stays where the layer stood */
        int32_t at = i ? plan_add_stage(p, STAGE_ARRAY, whole.op) : index;
        struct stage *s = &p->stages[at];
        *s = whole;
        if (i)
            s->last_in = s->last_out = -1;
        s->part[0] = (double)i * cut;
        s->part[1] = (double)(i + 1) * cut;
        s->row_bytes = whole.row_bytes * cut;
        s->channels = ceil_div(whole.channels, parts);
        s->macs = whole.macs * cut;
        TRY(plan_tile(p, s, d));
        if (i)
            copy_edges(p, index, at, s->part[0], s->part[1]);
    }
    for (int32_t e = p->stages[index].last_out; e >= 0; e = p->edges[e].next_out)
        narrow_edge(&p->edges[e], 0, cut);
    return true;
}

static bool cut_wide_layers(struct plan *p, int64_t limit, struct diag *d)
{
    size_t count = p->stage_count;
    for (size_t i = 0; i < count; i++)
        if (stage_has_weights(&p->stages[i]) && p->stages[i].arrays_per_copy > limit)
            TRY(cut_stage(p, (int32_t)i, limit, d));
    return true;
}

/* --- which stage in which segment -------------------------------------------------------- */

/* Stages that may be worked on, the lowest layer (then index) first: a binary heap. */
struct ready {
    const struct plan *p;
    int32_t *at;
    size_t count;
};

static bool goes_first(const struct ready *r, int32_t a, int32_t b)
{
    int32_t x = r->p->stages[a].layer, y = r->p->stages[b].layer;
    return x != y ? x < y : a < b;
}

static void put_ready(struct ready *r, int32_t stage)
{
    size_t i = r->count++;
    for (; i > 0 && goes_first(r, stage, r->at[(i - 1) / 2]); i = (i - 1) / 2)
        r->at[i] = r->at[(i - 1) / 2];
    r->at[i] = stage;
}

static int32_t take_ready(struct ready *r)
{
    int32_t first = r->at[0], last = r->at[--r->count];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < r->count; i = child) {
        if (child + 1 < r->count && goes_first(r, r->at[child + 1], r->at[child]))
            child++;
        if (!goes_first(r, r->at[child], last))
            break;
        r->at[i] = r->at[child];
    }
    r->at[i] = last;
    return first;
}

/* Stage indices in the order of their work: producers first, parts beside their layer. */
static void work_order(struct plan *p, int32_t *order)
{
    int32_t *waits = ARENA_ARRAY(p->arena, int32_t, p->stage_count);
    struct ready r = {p, ARENA_ARRAY(p->arena, int32_t, p->stage_count), 0};
    for (size_t i = 0; i < p->stage_count; i++) {
        waits[i] = (int32_t)p->stages[i].in_count;
        if (waits[i] == 0)
            put_ready(&r, (int32_t)i);
    }
    for (size_t n = 0; n < p->stage_count; n++) {
        const struct stage *s = &p->stages[order[n] = take_ready(&r)];
        for (size_t k = 0; k < s->out_count; k++)
            if (--waits[p->edges[s->out[k]].consumer] == 0)
                put_ready(&r, p->edges[s->out[k]].consumer);
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
        sum += (double)s->span;
        layer = s->layer;
    }
    return sum;
}

/* Fills segments in the order of work; a block that does not fit whole begins a new one. */
static void assign(struct plan *p, const int32_t *order, double limit)
{
    if (p->spread)
        limit = (double)p->system->arrays;
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
                    (p->spread || used + block_arrays(p, order, starts, k) > limit);
        if (used > 0 && (anew || used + (double)s->span > limit)) {
            segment++;
            used = 0;
        }
        used += (double)s->span;
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

static int32_t handover(struct plan *p, int32_t producer, enum stage_kind kind, int32_t segment)
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
    s->handover = true;
    return index;
}

/* By segment: the source there of what a stage makes, and whose that is. */
struct handed {
    int32_t producer, source;
};

/* What a stage hands to later segments: a sink beside it, and a source in each of them. */
static void cut_stage_edges(struct plan *p, int32_t producer, struct handed *to)
{
    const int32_t *out = p->stages[producer].out;
    size_t count = p->stages[producer].out_count;
    int32_t own = p->stages[producer].segment;
    bool stored = p->stages[producer].kind == STAGE_SOURCE; /* memory has it */
    for (size_t i = 0; i < count; i++) {
        int32_t segment = p->stages[p->edges[out[i]].consumer].segment;
        if (segment == own)
            continue;
        bool made = to[segment].producer == producer; /* for an earlier reader */
        int32_t source = made ? to[segment].source : -1;
        if (source < 0 && !stored) {
            int32_t sink = handover(p, producer, STAGE_SINK, own);
            plan_add_edge(p, producer, sink, 0, 1);
            stored = true;
        }
        if (source < 0)
            source = handover(p, producer, STAGE_SOURCE, segment);
        to[segment] = (struct handed){producer, source};
        p->edges[out[i]].producer = source;
    }
}

static void cut_edges(struct plan *p)
{
    size_t stages = p->stage_count;
    struct handed *to = ARENA_ARRAY(p->arena, struct handed, p->segment_count);
    for (size_t g = 0; g < p->segment_count; g++)
        to[g].producer = -1;
    for (size_t i = 0; i < stages; i++)
        cut_stage_edges(p, (int32_t)i, to);
}

/* Counting sort: where each segment's items begin, given how many each has, shifted by one. */
static void add_up(int32_t *first, size_t segments)
{
    for (size_t g = 0; g < segments; g++)
        first[g + 1] += first[g];
}

/* Stages of a segment side by side, in work order: indices are renumbered. */
static void sort_stages(struct plan *p)
{
    plan_link_edges(p);
    int32_t *order = ARENA_ARRAY(p->arena, int32_t, p->stage_count);
    int32_t *moved = ARENA_ARRAY(p->arena, int32_t, p->stage_count);
    int32_t *first = ARENA_ARRAY(p->arena, int32_t, p->segment_count + 1);
    struct stage *sorted = ARENA_ARRAY(p->arena, struct stage, p->stage_count);
    work_order(p, order);
    for (size_t k = 0; k < p->stage_count; k++)
        first[p->stages[k].segment + 1]++;
    add_up(first, p->segment_count);
    p->segments = ARENA_ARRAY(p->arena, struct segment, p->segment_count);
    for (size_t g = 0; g < p->segment_count; g++) {
        p->segments[g].twin = -1;
        p->segments[g].first_stage = first[g];
        p->segments[g].stage_count = first[g + 1] - first[g];
    }
    for (size_t k = 0; k < p->stage_count; k++) {
        int32_t at = first[p->stages[order[k]].segment]++;
        moved[order[k]] = at;
        sorted[at] = p->stages[order[k]];
    }
    p->stages = sorted;
    for (size_t e = 0; e < p->edge_count; e++) {
        p->edges[e].producer = moved[p->edges[e].producer];
        p->edges[e].consumer = moved[p->edges[e].consumer];
    }
}

/* Edges of a segment side by side.  They never join two segments. */
static void sort_edges(struct plan *p)
{
    int32_t *first = ARENA_ARRAY(p->arena, int32_t, p->segment_count + 1);
    struct edge *sorted = ARENA_ARRAY(p->arena, struct edge, p->edge_count);
    for (size_t e = 0; e < p->edge_count; e++)
        first[p->stages[p->edges[e].consumer].segment + 1]++;
    add_up(first, p->segment_count);
    for (size_t g = 0; g < p->segment_count; g++) {
        p->segments[g].first_edge = first[g];
        p->segments[g].edge_count = first[g + 1] - first[g];
    }
    for (size_t e = 0; e < p->edge_count; e++)
        sorted[first[p->stages[p->edges[e].consumer].segment]++] = p->edges[e];
    p->edges = sorted;
    plan_link_edges(p);
}

/* Which device each segment is on: regions in order, or as many segments for each.  The count of
 * devices follows from the regions; it is given where a memory holds the weights. */
static void number_devices(struct plan *p)
{
    int64_t count = (int64_t)p->segment_count;
    if (p->spread)
        p->devices =
            p->devices > ceil_div(count, p->regions) ? p->devices : ceil_div(count, p->regions);
    int64_t each = p->spread ? p->regions : ceil_div(count, p->devices / p->tensor);
    for (int64_t g = 1; g < count; g++)
        p->segments[g].crosses = g / each != (g - 1) / each;
}

bool plan_segment(struct plan *p, double fill, struct diag *d)
{
    double arrays = (double)p->system->arrays, needed = single_copies(p);
    p->segment_count = 1;
    p->resident = p->spread || (plan_is_resident(p) && fill >= 1);
    if (!p->resident && !p->system->can_reload)
        return diag_cannot(d,
                           "does not fit: needs %.0f arrays for the weights, %s has %.0f and no "
                           "weight memory to reload from",
                           needed, p->system->name, arrays);
    if (!p->resident || p->spread) {
        TRY(cut_wide_layers(p, (int64_t)(fill * arrays), d));
        plan_link_edges(p);
        int32_t *order = ARENA_ARRAY(p->arena, int32_t, p->stage_count);
        work_order(p, order);
        assign(p, order, fill * arrays);
        cut_edges(p);
    }
    sort_stages(p);
    sort_edges(p);
    number_devices(p);
    return true;
}
