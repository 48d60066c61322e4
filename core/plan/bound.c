/* bound.c — what no schedule of this plan can beat: each resource alone. */
#include <assert.h>
#include <string.h>

#include "core/plan/internal.h"

/* The slowest stage of a segment, and what bounds it. */
static double segment_arrays_ps(const struct plan *p, const struct segment *g,
                                enum work_bound *bound)
{
    double slowest = 0;
    for (int32_t k = 0; k < g->stage_count; k++) {
        const struct stage *s = &p->stages[g->first_stage + k];
        double t = stage_sample_ps(s);
        if (t > slowest) {
            slowest = t;
            stage_rows_ps(s, s->rows_per_chunk, bound);
        }
    }
    return slowest;
}

static double outside_bytes(const struct plan *p, const struct segment *g)
{
    double bytes = 0;
    for (int32_t k = 0; k < g->stage_count; k++) {
        const struct stage *s = &p->stages[g->first_stage + k];
        if (s->kind == STAGE_SOURCE || s->kind == STAGE_SINK)
            bytes += s->row_bytes * (double)s->rows;
    }
    return bytes;
}

static double segment_noc_ps(const struct plan *p, const struct segment *g)
{
    size_t links = network_links(p->system->noc);
    double *load = ARENA_ARRAY(p->arena, double, links), most = 0;
    for (int32_t i = 0; i < g->edge_count; i++) {
        const struct edge *e = &p->edges[g->first_edge + i];
        const struct stage *from = &p->stages[e->producer];
        for (size_t f = 0; f < e->flow_count; f++) {
            struct transfer t =
                flow_transfer(&e->flows[f], e->flows[f].bytes_per_row * (double)from->rows);
            network_add_load_tree(p->system->noc, &t, load);
        }
    }
    for (size_t i = 0; i < links; i++)
        most = load[i] > most ? load[i] : most;
    return most / p->system->noc->link_bytes_per_ps;
}

static void raise_to(struct plan_bound *b, double ps, const char *name)
{
    if (ps > b->largest_ps) {
        b->largest_ps = ps;
        b->name = name;
    }
}

static const char *work_name(enum work_bound b)
{
    return b == BOUND_ARRAY ? "array" : b == BOUND_VECTOR ? "vector" : "buffer";
}

/* What one segment asks of each resource, for one sample. */
struct demands {
    double work_ps, noc_ps, outside_bytes;
    enum work_bound bound;
};

static struct demands *segment_demands(const struct plan *p)
{
    struct demands *all = ARENA_ARRAY(p->arena, struct demands, p->segment_count);
    for (size_t i = 0; i < p->segment_count; i++) {
        const struct segment *g = &p->segments[i];
        if (g->twin >= 0) {
            all[i] = all[g->twin];
            continue;
        }
        all[i].work_ps = segment_arrays_ps(p, g, &all[i].bound);
        all[i].noc_ps = segment_noc_ps(p, g);
        all[i].outside_bytes = outside_bytes(p, g);
    }
    return all;
}

void plan_bound(const struct plan *p, int64_t samples, struct plan_bound *out)
{
    const struct system *m = p->system;
    const struct demands *all = segment_demands(p);
    double n = (double)samples, memory_bytes = 0, link_bytes = 0, worst = 0;
    const char *work = "array";
    memset(out, 0, sizeof *out);
    out->name = "array";
    for (size_t i = 0; i < p->segment_count; i++) {
        const struct segment *g = &p->segments[i];
        double work_ps = all[i].work_ps * n;
        out->arrays_ps += work_ps;
        if (work_ps > worst) {
            worst = work_ps;
            work = work_name(all[i].bound);
        }
        out->noc_ps += all[i].noc_ps * n;
        *(m->memory ? &memory_bytes : &link_bytes) += all[i].outside_bytes * n;
        if (!p->resident) {
            memory_bytes += g->weight_bytes;
            out->reload_ps += g->write_ps;
        }
    }
    out->memory_ps = m->memory ? memory_bytes / m->memory->peak_bytes_per_ps : 0;
    out->link_ps = m->memory ? 0 : link_bytes / (m->host.gb_per_s * 1e-3);
    assert(p->resident || m->memory); /* weights are reloaded from a memory */
    if (!p->resident) /* reading and writing weights never overlaps with computing */
        for (size_t i = 0; i < p->segment_count; i++)
            out->reload_ps += p->segments[i].weight_bytes / m->memory->peak_bytes_per_ps;
    raise_to(out, out->arrays_ps + out->reload_ps,
             out->reload_ps > out->arrays_ps ? "reload" : work);
    raise_to(out, out->memory_ps, "memory");
    raise_to(out, out->noc_ps + out->reload_ps, "noc");
    raise_to(out, out->link_ps, "link");
}
