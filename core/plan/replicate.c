/* replicate.c — how many copies of each stage, and how many arrays it is given.
 *
 * Stage time = output rows x ceil(vectors per row / copies) x t_mvm.  The shortest time of the
 * slowest stage whose copies still fit is found by bisection.  A tile's buffer is shared by its
 * arrays, so a stage that needs more buffer than its arrays bring is given further arrays, which
 * stay idle. */
#include "core/plan/internal.h"

/* Work that copies can share, and how often it comes in a sample. */
static int64_t shared_units(const struct stage *s)
{
    return s->width > 1 ? s->width : s->rows_per_chunk;
}

static int64_t repeats(const struct stage *s)
{
    return s->width > 1 ? s->rows : s->chunks;
}

double stage_sample_ps(const struct stage *s)
{
    double sum = 0;
    for (int64_t k = 0; k < s->chunks; k++)
        sum += stage_rows_ps(s, stage_chunk_rows(s, k), NULL);
    return sum;
}

static int64_t copies_within(const struct stage *s, double budget_ps)
{
    double rounds = budget_ps / ((double)repeats(s) * s->mvm_ps);
    int64_t units = shared_units(s), each = rounds < 1 ? 1 : rounds > 1e9 ? 1000000000 : (int64_t)rounds;
    return ceil_div(units, each < units ? each : units);
}

/* Bytes of buffer that the stages living in `host` need at least. */
static double least_bytes(const struct plan *p, int32_t host)
{
    double sum = 0;
    for (size_t i = 0; i < p->stage_count; i++) {
        const struct stage *s = &p->stages[i];
        bool holds = s->kind == STAGE_ARRAY || s->kind == STAGE_VECTOR;
        if (holds && stage_host(p, (int32_t)i) == host)
            sum += s->min_chunks * (double)s->rows_per_chunk * s->row_bytes;
    }
    return sum;
}

int32_t stage_host(const struct plan *p, int32_t index)
{
    const struct stage *s = &p->stages[index];
    while (s->kind == STAGE_VECTOR) {
        int32_t producer = -1;
        for (size_t i = 0; i < s->in_count && producer < 0; i++)
            if (p->stages[p->edges[s->in[i]].producer].kind != STAGE_SOURCE)
                producer = p->edges[s->in[i]].producer;
        if (producer < 0)
            return index;
        index = producer;
        s = &p->stages[index];
    }
    return index;
}

static bool has_tiles(const struct plan *p, int32_t index)
{
    const struct stage *s = &p->stages[index];
    return (s->kind == STAGE_ARRAY || s->kind == STAGE_VECTOR) && stage_host(p, index) == index;
}

struct allotter {
    struct plan *p;
    const struct segment *g;
    double *least; /* buffer bytes by stage */
    double bytes_per_array;
};

static int64_t allotted(const struct allotter *m, int32_t index, int64_t copies)
{
    const struct stage *s = &m->p->stages[index];
    int64_t work = s->kind == STAGE_ARRAY ? copies * s->arrays_per_copy : 1;
    int64_t room = (int64_t)(m->least[index] / m->bytes_per_array) + 1;
    return work > room ? work : room;
}

static int64_t total_within(const struct allotter *m, double budget_ps)
{
    int64_t sum = 0;
    for (int32_t k = 0; k < m->g->stage_count; k++) {
        int32_t i = m->g->first_stage + k;
        const struct stage *s = &m->p->stages[i];
        if (has_tiles(m->p, i))
            sum += allotted(m, i, s->kind == STAGE_ARRAY ? copies_within(s, budget_ps) : 1);
    }
    return sum;
}

/* The shortest budget that fits: bisection between the slowest stage alone and no copies. */
static double shortest_budget(const struct allotter *m)
{
    double low = 0, high = 0;
    for (int32_t k = 0; k < m->g->stage_count; k++) {
        const struct stage *s = &m->p->stages[m->g->first_stage + k];
        if (s->kind != STAGE_ARRAY)
            continue;
        double floor_ps = (double)repeats(s) * s->mvm_ps;
        double alone = floor_ps * (double)shared_units(s);
        low = floor_ps > low ? floor_ps : low;
        high = alone > high ? alone : high;
    }
    if (total_within(m, low) <= m->p->system->arrays)
        return low;
    for (int i = 0; i < 100; i++) {
        double middle = 0.5 * (low + high);
        if (total_within(m, middle) <= m->p->system->arrays)
            high = middle;
        else
            low = middle;
    }
    return high;
}

static void allot(const struct allotter *m, double budget_ps, int64_t *used)
{
    int64_t next = 0;
    for (int32_t k = 0; k < m->g->stage_count; k++) {
        int32_t i = m->g->first_stage + k;
        struct stage *s = &m->p->stages[i];
        if (!has_tiles(m->p, i))
            continue;
        s->copies = s->kind == STAGE_ARRAY ? copies_within(s, budget_ps) : 1;
        s->arrays = allotted(m, i, s->copies);
        s->first_array = next;
        next += s->arrays;
    }
    *used = 0;
    for (int32_t k = 0; k < m->g->stage_count; k++) {
        const struct stage *s = &m->p->stages[m->g->first_stage + k];
        *used += s->kind == STAGE_ARRAY ? s->copies * s->arrays_per_copy : 0;
    }
}

/* Twice the least where there is room, so that producer and consumer overlap; more would only
 * delay the steady state. */
static void size_buffers(struct plan *p, const struct allotter *m)
{
    for (int32_t k = 0; k < m->g->stage_count; k++) {
        int32_t i = m->g->first_stage + k;
        struct stage *s = &p->stages[i];
        double share = 2;
        if (s->kind == STAGE_ARRAY || s->kind == STAGE_VECTOR) {
            int32_t host = stage_host(p, i);
            double room = (double)p->stages[host].arrays * m->bytes_per_array;
            share = room / m->least[host];
            s->tiles = (double)p->stages[host].arrays / (double)p->system->arrays_per_tile;
        }
        share = share > 2 ? 2 : share;
        s->capacity_chunks = (int32_t)((double)s->min_chunks * share);
    }
}

static bool replicate_segment(struct plan *p, struct segment *g, struct diag *d)
{
    struct allotter m;
    m.p = p;
    m.g = g;
    m.bytes_per_array = (double)p->system->buffer.bytes / (double)p->system->arrays_per_tile;
    m.least = ARENA_ARRAY(p->arena, double, p->stage_count);
    double bytes = 0;
    for (int32_t k = 0; k < g->stage_count; k++) {
        int32_t i = g->first_stage + k;
        if (has_tiles(p, i))
            bytes += m.least[i] = least_bytes(p, i);
    }
    int64_t least = total_within(&m, 1e300);
    if (least > p->system->arrays)
        return diag_cannot(d,
                           "does not fit: buffer: %.2f MB of rows in flight need %lld arrays' share "
                           "of the buffers beside the weights, %s has %lld",
                           bytes * 1e-6, (long long)least, p->system->name,
                           (long long)p->system->arrays);
    allot(&m, shortest_budget(&m), &g->arrays);
    size_buffers(p, &m);
    return true;
}

bool plan_replicate(struct plan *p, struct diag *d)
{
    p->arrays_used = 0;
    for (size_t g = 0; g < p->segment_count; g++) {
        TRY(replicate_segment(p, &p->segments[g], d));
        if (p->segments[g].arrays > p->arrays_used)
            p->arrays_used = p->segments[g].arrays;
    }
    return true;
}
