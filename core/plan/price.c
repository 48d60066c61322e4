/* price.c — what one output row of a stage takes and does; what writing the weights costs. */
#include <string.h>

#include "core/plan/internal.h"

double stage_rows_ps(const struct stage *s, int64_t rows, enum work_bound *bound)
{
    double units =
        (double)(s->width > 1 ? ceil_div(s->width, s->copies) * rows : ceil_div(rows, s->copies));
    double times[3] = {s->kind == STAGE_ARRAY ? units * s->mvm_ps : 0,
                       s->vector_row_ps * (double)rows, s->buffer_row_ps * (double)rows};
    int worst = BOUND_ARRAY;
    for (int i = 0; i < 3; i++)
        if (times[i] > times[worst])
            worst = i;
    if (s->kind == STAGE_VECTOR && worst == BOUND_ARRAY)
        worst = BOUND_VECTOR;
    if (bound)
        *bound = (enum work_bound)worst;
    return times[worst];
}

/* --- rows ---------------------------------------------------------------------------------- */

int32_t stage_cost_layer(const struct stage *s, size_t entry)
{
    return entry == 0 ? s->layer : s->fused[entry - 1]->id;
}

static struct row_cost *next_cost(struct stage *s)
{
    struct row_cost *c = &s->costs[s->cost_count++];
    cost_clear(&c->cost);
    return c;
}

static double out_elements(const struct stage *s)
{
    return (double)s->width * (double)s->channels;
}

static void price_arrays(const struct plan *p, struct stage *s, struct cost *row)
{
    struct tile_shape shapes[4];
    size_t count = stage_tile_shapes(p, s, shapes);
    double vectors = (double)s->width;
    for (size_t i = 0; i < count; i++) {
        struct array_job job;
        struct cost c;
        stage_job(p, s, &shapes[i], &job);
        p->system->array->ops->mvm(p->system->array, &job, &c);
        cost_append(row, &c, vectors * (double)shapes[i].times);
    }
    double outputs = (double)(s->gemm_n * s->groups) * vectors;
    cost_add(row, PART_ARRAY_SHIFT_ADD, "add partial sum", (double)(s->k_tiles - 1) * outputs,
             p->system->accumulate.energy_pj);
}

/* Bytes read from tile buffers to feed the arrays with the windows of one row: every tile of a
 * copy reads each of its K tiles once and broadcasts it to its arrays. */
static double window_bytes(const struct plan *p, const struct stage *s)
{
    int in_bits, w_bits;
    double reads = 0, rows = (double)p->system->facts.rows;
    plan_bits(p, s->op, &in_bits, &w_bits);
    int64_t per_tile = p->system->arrays_per_tile;
    int64_t used = s->arrays_per_copy / s->experts; /* a row goes to one expert */
    double copy_tiles = (double)ceil_div(used, per_tile);
    double k_rows = (double)s->gemm_k * (double)s->groups;
    if (s->dynamic && s->k_tiles <= per_tile) /* a group's tiles read its rows, no others do */
        return k_rows * (double)ceil_div(s->k_tiles * s->n_tiles, per_tile) * in_bits / 8;
    if (s->k_tiles * s->group_tiles / s->experts <= per_tile)
        reads = k_rows * copy_tiles;
    else /* each tile holds only some K tiles */
        reads = (double)used * rows < k_rows * (double)s->n_tiles ? (double)used * rows
                                                                  : k_rows * (double)s->n_tiles;
    return reads * (double)s->width * in_bits / 8;
}

/* The share that the consumer of an edge has in what comes with the flows of `lead`. */
static double share_of_flows(const struct plan *p, const struct edge *lead, const struct edge *e)
{
    double all = lead->readers;
    for (size_t i = 0; i < lead->rider_count; i++)
        all += p->edges[lead->riders[i]].readers;
    return lead->rider_count > 0 && all > 0 ? e->readers / all : 1;
}

/* Bytes that cross the stage's tile borders per output row. */
static void border_bytes(const struct plan *p, const struct stage *s, double *sent, double *got,
                         double *local)
{
    *sent = *got = *local = 0;
    for (size_t i = 0; i < s->out_count; i++) {
        const struct edge *e = &p->edges[s->out[i]];
        for (size_t f = 0; f < e->flow_count; f++)
            *sent += e->flows[f].bytes_per_row;
        for (size_t f = 0; f < e->to_hub_count; f++)
            *sent += e->to_hub[f].bytes_per_row;
    }
    for (size_t i = 0; i < s->in_count; i++) {
        const struct edge *own = &p->edges[s->in[i]];
        const struct edge *e = own->rides ? &p->edges[own->with] : own;
        double scale = (double)p->stages[e->producer].rows / (double)s->rows;
        scale *= share_of_flows(p, e, own);
        for (size_t f = 0; f < e->flow_count; f++)
            *got += e->flows[f].bytes_per_row * e->flows[f].count * scale;
        for (size_t f = 0; f < e->to_hub_count; f++)
            *got += e->to_hub[f].bytes_per_row * e->to_hub[f].count * scale;
        *local += e->local_bytes_per_row * scale;
    }
}

static void price_buffers(const struct plan *p, struct stage *s, struct cost *row)
{
    struct cost c;
    double sent, got, local, windows = 0, accesses = (double)p->system->buffer.access_bits / 8;
    border_bytes(p, s, &sent, &got, &local);
    if (s->kind == STAGE_ARRAY)
        windows = window_bytes(p, s);
    double read = sent + (s->kind == STAGE_ARRAY ? windows : got + local);
    double written = got + s->row_bytes;
    read += s->cache_read_bytes / (double)s->rows;
    cost_clear(&c);
    buffer_cost(&p->system->buffer, read, written, &c);
    cost_append(row, &c, 1);
    s->buffer_row_ps = c.duration_ps;
    cost_add(row, PART_BUS, "feed arrays", windows / accesses, p->system->bus.energy_pj);
    cost_add(row, PART_ARRAY_REGISTER, "collect outputs", s->row_bytes / accesses,
             p->system->output_register.energy_pj);
}

static void price_vector(const struct plan *p, struct stage *s, const struct op *o,
                         struct cost *row)
{
    struct cost c;
    double elements = o == s->op ? out_elements(s)
                                 : (double)shape_elements(&o->out) / (double)p->samples /
                                       (double)s->rows * (s->part[1] - s->part[0]);
    cost_clear(&c);
    vector_cost(&p->system->vector, o, elements, 1, &c);
    s->vector_row_ps += c.duration_ps;
    cost_append(row, &c, 1);
}

static void price_stage(struct plan *p, struct stage *s)
{
    s->costs = ARENA_ARRAY(p->arena, struct row_cost, 1 + s->fused_count);
    s->cost_count = 0;
    s->vector_row_ps = s->buffer_row_ps = 0;
    if (s->kind != STAGE_ARRAY && s->kind != STAGE_VECTOR)
        return;
    struct row_cost *own = next_cost(s);
    if (s->kind == STAGE_ARRAY)
        price_arrays(p, s, &own->cost);
    if (s->dynamic)
        stage_operand_cost(p, s, &own->cost);
    if (s->kind == STAGE_VECTOR)
        price_vector(p, s, s->op, &own->cost);
    if (stage_sums_positions(p, s))
        cost_add(&own->cost, PART_ARRAY_SHIFT_ADD, "add partial sum",
                 plan_wide_sums(p, s) * out_elements(s), p->system->accumulate.energy_pj);
    price_buffers(p, s, &own->cost);
    for (size_t i = 0; i < s->fused_count; i++)
        price_vector(p, s, s->fused[i], &next_cost(s)->cost);
}

/* --- weights ------------------------------------------------------------------------------- */

static void price_writes(struct plan *p, struct segment *g)
{
    g->writes = ARENA_ARRAY(p->arena, struct row_cost, g->stage_count);
    for (int32_t k = 0; k < g->stage_count; k++) {
        const struct stage *s = &p->stages[g->first_stage + k];
        struct tile_shape shapes[4];
        if (!stage_has_weights(s))
            continue;
        struct row_cost *w = &g->writes[g->write_count++];
        w->stage = k;
        cost_clear(&w->cost);
        size_t count = stage_tile_shapes(p, s, shapes);
        for (size_t i = 0; i < count; i++) {
            struct array_job job;
            struct cost c;
            stage_job(p, s, &shapes[i], &job);
            p->system->array->ops->write(p->system->array, &job, &c);
            cost_append(&w->cost, &c, (double)(shapes[i].times * s->copies));
            g->write_ps = c.duration_ps > g->write_ps ? c.duration_ps : g->write_ps;
        }
        g->weight_bytes += stage_weight_bytes(p, s);
    }
}

/* The first writing of resident weights: read once over the memory or the host link of each
 * device, then written into all arrays side by side. */
static void price_load(struct plan *p)
{
    const struct system *m = p->system;
    struct cost link;
    double bytes = 0, write_ps = 0, pj = 0, ps;
    for (size_t k = 0; k < p->segment_count; k++) {
        const struct segment *g = plan_model(p, &p->segments[k]);
        bytes += g->weight_bytes;
        write_ps = g->write_ps > write_ps ? g->write_ps : write_ps;
        for (size_t i = 0; i < g->write_count; i++)
            pj += cost_energy_pj(&g->writes[i].cost);
    }
    if (m->memory) {
        ps = bytes / m->memory->peak_bytes_per_ps;
        pj += bytes * 8 * m->memory->stream_pj_per_bit.value;
    } else {
        cost_clear(&link);
        link_cost(&m->host, bytes, &link);
        ps = link.duration_ps / (double)p->devices;
        pj += cost_energy_pj(&link);
    }
    p->load_s = (ps + write_ps) * 1e-12;
    p->load_energy_pj = pj;
}

void plan_price(struct plan *p)
{
    for (size_t i = 0; i < p->stage_count; i++)
        if (!plan_is_twin(p, &p->stages[i]))
            price_stage(p, &p->stages[i]);
    plan_share(p);
    for (size_t g = 0; g < p->segment_count; g++)
        if (p->segments[g].twin < 0)
            price_writes(p, &p->segments[g]);
    if (p->resident)
        price_load(p);
}
