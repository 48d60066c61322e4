/* bound.c — what no schedule of this plan can beat: each resource alone. */
#include <assert.h>
#include <math.h>
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

/* Bytes of one sample that a segment moves over memory, and the time of those over its links. */
static double outside_bytes(const struct plan *p, const struct segment *g, double *link_ps)
{
    double bytes = 0;
    for (int32_t k = 0; k < g->stage_count; k++) {
        const struct stage *s = &p->stages[g->first_stage + k];
        struct cost c;
        if (!stage_is_outside(s))
            continue;
        const struct link *over = plan_link(p, g, s);
        if (!over)
            bytes += s->row_bytes * (double)s->rows;
        else if (!s->handover || s->kind == STAGE_SOURCE) {
            plan_over_link(p, s, over, s->row_bytes * (double)s->rows, &c);
            *link_ps += c.duration_ps;
        }
    }
    return bytes;
}

static void load_flows(const struct plan *p, const struct flow *flows, size_t count, double rows,
                       double *load)
{
    for (size_t f = 0; f < count; f++) {
        struct transfer t = flow_transfer(&flows[f], flows[f].bytes_per_row * rows);
        network_add_load_tree(p->system->noc, &t, load);
    }
}

/* The same in whole flits, of `rows` rows that leave `together` at a time. */
static void load_flits(const struct plan *p, const struct flow *flows, size_t count, double rows,
                       double together, double *load)
{
    double flit = (double)p->system->noc->flit_bits / 8, at_once = fmin(rows, together);
    for (size_t f = 0; f < count; f++) {
        double flits = ceil(flows[f].bytes_per_row * at_once / flit - 1e-6);
        struct transfer t = flow_transfer(&flows[f], flits * flit * rows / at_once);
        network_add_load_tree(p->system->noc, &t, load);
    }
}

static double most_loaded_ps(const struct plan *p, const double *load)
{
    double most = 0;
    for (size_t i = 0; i < network_links(p->system->noc); i++) {
        double ps = load[i] > 0 ? load[i] / network_link_rate(p->system->noc, i) : 0;
        most = ps > most ? ps : most;
    }
    return most;
}

/* Bytes of one sample on every link. */
static double *segment_traffic(const struct plan *p, const struct segment *g)
{
    double *load = ARENA_ARRAY(p->arena, double, network_links(p->system->noc));
    for (int32_t i = 0; i < g->edge_count; i++) {
        const struct edge *e = &p->edges[g->first_edge + i];
        const struct stage *from = &p->stages[e->producer];
        load_flows(p, e->flows, e->flow_count, (double)from->rows, load);
        load_flows(p, e->to_hub, e->to_hub_count, (double)from->rows, load);
    }
    return load;
}

/* Whole flits of one sample on every link, partial sums with them. */
static double *segment_flits(const struct plan *p, const struct segment *g)
{
    double *load = ARENA_ARRAY(p->arena, double, network_links(p->system->noc));
    for (int32_t i = 0; i < g->edge_count; i++) {
        const struct edge *e = &p->edges[g->first_edge + i];
        const struct stage *from = &p->stages[e->producer];
        double together = (double)(e->together * from->rows_per_chunk);
        load_flits(p, e->flows, e->flow_count, (double)from->rows, together, load);
        load_flits(p, e->to_hub, e->to_hub_count, (double)from->rows, together, load);
    }
    for (int32_t k = 0; k < g->stage_count; k++) {
        const struct stage *s = &p->stages[g->first_stage + k];
        load_flits(p, s->partial_flows, s->partial_flow_count, (double)s->rows,
                   (double)s->rows_per_chunk, load);
    }
    return load;
}

/* Rows follow each other no closer than so many times what keeps the busiest link busy: routers
 * with one queue per input carry 60 to 80 % of a link's rate before rows queue for good where ways
 * meet (W. J. Dally and B. Towles, Principles and Practices of Interconnection Networks, 2004,
 * chapters 23 and 25; recalled).  With 1.04, 1.25 and 1.5 a step of 64 sequences takes 341, 314 and
 * 321 us for LLaMA-2-70B on wafer_cim, and 150, 162 and 171 for Mixtral. */
static const double LINKS_FULL = 1.25;

double plan_segment_pace_ps(const struct plan *p, const struct segment *g)
{
    double link_ps = 0, arrays_ps = 0;
    for (int32_t k = 0; k < g->stage_count; k++)
        arrays_ps = fmax(arrays_ps, stage_arrays_ps(&p->stages[g->first_stage + k]));
    outside_bytes(p, g, &link_ps);
    return fmax(arrays_ps, fmax(LINKS_FULL * most_loaded_ps(p, segment_flits(p, g)), link_ps));
}

/* Bytes of its weights on every link. */
static double *weight_traffic(const struct plan *p, const struct segment *g)
{
    double *load = ARENA_ARRAY(p->arena, double, network_links(p->system->noc));
    for (size_t i = 0; i < g->load_count; i++) {
        struct transfer t = flow_transfer(&g->loads[i].flow, g->loads[i].bytes);
        network_add_load_tree(p->system->noc, &t, load);
    }
    return load;
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
    double work_ps, noc_ps, memory_bytes, link_ps;
    const double *traffic, *weight_traffic; /* bytes on every link; NULL: resident */
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
        all[i].traffic = segment_traffic(p, g);
        all[i].weight_traffic = p->resident ? NULL : weight_traffic(p, g);
        all[i].noc_ps = most_loaded_ps(p, all[i].traffic);
        all[i].memory_bytes = outside_bytes(p, g, &all[i].link_ps);
    }
    return all;
}

/* A link carries so many times what tiles send for a sample, and weights beside it. */
static void add_traffic(double *sum, size_t links, const double *traffic, double samples,
                        const double *weights)
{
    for (size_t k = 0; k < links; k++)
        sum[k] += traffic[k] * samples + weights[k];
}

/* Weights move in behind the segment under way. */
static double reloaded_noc_ps(const struct plan *p, const struct demands *all, double samples)
{
    size_t links = network_links(p->system->noc);
    double *sum = ARENA_ARRAY(p->arena, double, links);
    for (size_t i = 0; i < p->segment_count; i++)
        add_traffic(sum, links, all[i].traffic, samples, all[i].weight_traffic);
    return most_loaded_ps(p, sum);
}

double plan_stretch_noc_ps(const struct plan *p, int32_t first, int32_t count)
{
    size_t links = network_links(p->system->noc);
    double *sum = ARENA_ARRAY(p->arena, double, links);
    for (int32_t i = first; i < first + count; i++) {
        const struct segment *g = plan_model(p, &p->segments[i]);
        add_traffic(sum, links, segment_traffic(p, g), (double)p->samples, weight_traffic(p, g));
    }
    return most_loaded_ps(p, sum);
}

/* Segments one after the other: each resource serves all of them. */
static void bound_in_turn(const struct plan *p, const struct demands *all, double samples,
                          double bytes_per_ps, struct plan_bound *out)
{
    double bytes = 0, weights = 0;
    assert(p->resident || bytes_per_ps > 0); /* weights are reloaded from a memory */
    for (size_t i = 0; i < p->segment_count; i++) {
        out->arrays_ps += all[i].work_ps * samples;
        out->noc_ps += all[i].noc_ps * samples;
        out->link_ps += all[i].link_ps * samples;
        bytes += all[i].memory_bytes * samples;
        weights += p->resident ? 0 : p->segments[i].weight_bytes;
    }
    out->memory_ps = bytes_per_ps > 0 ? (bytes + weights) / bytes_per_ps : 0;
    out->reload_ps = bytes_per_ps > 0 ? weights / bytes_per_ps : 0;
    if (!p->resident)
        out->noc_ps = fmax(out->noc_ps, reloaded_noc_ps(p, all, samples));
}

/* --- an estimate of plans that reload --------------------------------------------------- */

/* A chunk on its way over an edge: as long as its busiest link takes. */
static double edge_ps(const struct plan *p, const struct edge *e, double *load)
{
    double rows = (double)p->stages[e->producer].rows_per_chunk;
    memset(load, 0, network_links(p->system->noc) * sizeof *load);
    load_flows(p, e->flows, e->flow_count, rows, load);
    load_flows(p, e->to_hub, e->to_hub_count, rows, load);
    return most_loaded_ps(p, load);
}

/* The longest way through a segment: of its first chunk with the ways between stages, or of a whole
 * sample without. */
static double longest_path_ps(const struct plan *p, const struct segment *g, bool first_chunk)
{
    double *load = ARENA_ARRAY(p->arena, double, network_links(p->system->noc)), longest = 0;
    double *done = ARENA_ARRAY(p->arena, double, g->stage_count);
    for (int32_t i = 0; i < g->stage_count; i++) { /* producers come first */
        const struct stage *s = &p->stages[g->first_stage + i];
        for (size_t k = 0; k < s->in_count; k++) {
            const struct edge *e = &p->edges[s->in[k]];
            double way = first_chunk ? edge_ps(p, e, load) : 0;
            done[i] = fmax(done[i], done[e->producer - g->first_stage] + way);
        }
        done[i] += first_chunk ? s->write_ps + stage_rows_ps(s, s->rows_per_chunk, NULL)
                               : stage_sample_ps(s);
        longest = fmax(longest, done[i]);
    }
    return longest;
}

double plan_longest_path_ps(const struct plan *p, const struct segment *g)
{
    return longest_path_ps(p, g, false);
}

/* Times of a segment that is reloaded, each alone. */
static double work_ps(const struct plan *p, const struct segment *g, const struct demands *of)
{
    return longest_path_ps(p, g, true) + fmax(of->work_ps, of->noc_ps) * (double)p->samples;
}

static double read_ps(const struct plan *p, const struct segment *g, const struct demands *of)
{
    return fmax(g->weight_bytes / p->system->memory->peak_bytes_per_ps,
                most_loaded_ps(p, of->weight_traffic));
}

/* Reading and computing overlap whole with two banks; else about half of the shorter one shows. */
double plan_reload_estimate_ps(const struct plan *p)
{
    const struct demands *all = segment_demands(p);
    double *each = ARENA_ARRAY(p->arena, double, p->segment_count);
    double sum = 0, exposed = p->banks == 2 ? 0 : 0.5;
    for (size_t i = 0; i < p->segment_count; i++) {
        const struct segment *g = &p->segments[i];
        if (g->twin < 0) {
            double work = work_ps(p, g, &all[i]), read = read_ps(p, g, &all[i]);
            each[i] = fmax(work, read) + exposed * fmin(work, read);
        } else
            each[i] = each[g->twin];
        sum += each[i];
    }
    return sum;
}

/* Regions side by side: the first sample passes all of them, the others wait for the slowest. */
static double passed(double sum, double worst, double samples)
{
    return sum + worst * (samples - 1);
}

static void bound_side_by_side(const struct plan *p, const struct demands *all, double samples,
                               struct plan_bound *out)
{
    double work = 0, noc = 0, link = 0;
    for (size_t i = 0; i < p->segment_count; i++) {
        out->arrays_ps += all[i].work_ps;
        out->noc_ps += all[i].noc_ps;
        out->link_ps += all[i].link_ps;
        work = all[i].work_ps > work ? all[i].work_ps : work;
        noc = all[i].noc_ps > noc ? all[i].noc_ps : noc;
        link = all[i].link_ps > link ? all[i].link_ps : link;
    }
    out->arrays_ps = passed(out->arrays_ps, work, samples);
    out->noc_ps = passed(out->noc_ps, noc, samples);
    out->link_ps = passed(out->link_ps, link, samples);
}

void plan_bound(const struct plan *p, int64_t samples, struct plan_bound *out)
{
    const struct memory *m = p->system->memory;
    plan_bound_with_memory(p, samples, m ? m->peak_bytes_per_ps * 1e3 : 0, out);
}

void plan_bound_with_memory(const struct plan *p, int64_t samples, double gb_per_s,
                            struct plan_bound *out)
{
    const struct demands *all = segment_demands(p);
    const struct demands *worst = &all[0];
    memset(out, 0, sizeof *out);
    out->name = "array";
    for (size_t i = 1; i < p->segment_count; i++)
        worst = all[i].work_ps > worst->work_ps ? &all[i] : worst;
    if (p->spread)
        bound_side_by_side(p, all, (double)samples, out);
    else
        bound_in_turn(p, all, (double)samples, gb_per_s * 1e-3, out);
    raise_to(out, out->arrays_ps, work_name(worst->bound));
    raise_to(out, out->memory_ps, 2 * out->reload_ps > out->memory_ps ? "reload" : "memory");
    raise_to(out, out->noc_ps, "noc");
    raise_to(out, out->link_ps, "link");
}
