/* product.c — the least that one multiply-accumulate takes on a system, whatever is mapped how.
 *
 * An array's product of a vector costs its actions and what feeds it: the tile's buffer gives the
 * vector once for all arrays of the tile, over the bus; each result leaves for the buffer, or is
 * added to that of another array, whichever is cheaper.  Of all shapes that an array holds, the one
 * with the least energy and the one with the highest rate count.  A shape may use few rows: where
 * row groups take turns, those of a single group toggle less. */
#include <math.h>
#include <string.h>

#include "core/system/internal.h"

enum { SHAPES_TRIED = 1024 }; /* along rows, and along outputs */

static struct array_job job_of(const struct system_work *w, const struct system_least *l)
{
    return (struct array_job){.input_bits = l->input_bits,
                              .weight_bits = l->weight_bits,
                              .input = w->input,
                              .weight = w->weight};
}

/* Mean accesses of a tile's buffer for so many elements. */
static double accesses(const struct system *s, double elements, int bits)
{
    return elements * bits / (double)s->buffer.access_bits;
}

static void add_feeding(const struct system *s, const struct array_job *job, int bits,
                        struct cost *out)
{
    double shared = accesses(s, (double)job->rows, bits) / (double)s->arrays_per_tile;
    double outputs = (double)job->outputs, leaving = accesses(s, outputs, bits);
    double leaving_pj = leaving * (s->buffer.write_pj.value + s->output_register.energy_pj.value);
    cost_add(out, PART_BUFFER, "read", shared, s->buffer.read_pj);
    cost_add(out, PART_BUS, "feed arrays", shared, s->bus.energy_pj);
    if (outputs * s->accumulate.energy_pj.value < leaving_pj) {
        cost_add(out, PART_ARRAY_SHIFT_ADD, "add partial sum", outputs, s->accumulate.energy_pj);
        return;
    }
    cost_add(out, PART_BUFFER, "write", leaving, s->buffer.write_pj);
    cost_add(out, PART_ARRAY_REGISTER, "collect outputs", leaving, s->output_register.energy_pj);
}

/* The best shapes so far: of which energy, and how fast. */
struct best {
    int64_t rows, outputs;
    double pj, macs_per_ps;
};

static void product_cost(const struct system *s, const struct array_job *job, int bits,
                         struct cost *out)
{
    s->array->ops->mvm(s->array, job, out);
    add_feeding(s, job, bits, out);
}

static void try_shape(const struct system *s, struct array_job job, int bits, struct best *best)
{
    struct cost c;
    double macs = (double)(job.rows * job.outputs);
    product_cost(s, &job, bits, &c);
    double pj = cost_energy_pj(&c) / macs;
    best->macs_per_ps = fmax(best->macs_per_ps, macs / c.duration_ps);
    if (pj >= best->pj)
        return;
    best->pj = pj;
    best->rows = job.rows;
    best->outputs = job.outputs;
}

/* All outputs with every number of rows, then the best of these with every number of outputs. */
static struct best best_shape(const struct system *s, struct array_job job, int bits)
{
    struct best best = {.pj = INFINITY};
    int64_t rows = s->facts.rows, outputs = s->array->ops->outputs(s->array, job.weight_bits);
    job.outputs = outputs;
    for (job.rows = rows; job.rows > 0; job.rows -= ceil_div(rows, SHAPES_TRIED))
        try_shape(s, job, bits, &best);
    job.rows = best.rows;
    for (job.outputs = outputs; job.outputs > 0; job.outputs -= ceil_div(outputs, SHAPES_TRIED))
        try_shape(s, job, bits, &best);
    return best;
}

static void take_price(const struct cost *c, double macs, struct system_least *out)
{
    memset(out->part_pj, 0, sizeof out->part_pj);
    memset(out->part_sigma_pj, 0, sizeof out->part_sigma_pj);
    for (unsigned i = 0; i < c->count; i++) {
        const struct action *a = &c->actions[i];
        double pj = a->count * a->pj.value / macs, *sigma = &out->part_sigma_pj[a->part];
        out->part_pj[a->part] += pj;
        *sigma = hypot(*sigma, pj * quantity_spread(&a->pj));
    }
}

static double price_pj(const struct system_least *l)
{
    double sum = 0;
    for (int p = 0; p < PART_COUNT; p++)
        sum += l->part_pj[p];
    return sum;
}

static void in_arrays(const struct system *s, const struct system_work *w, struct system_least *out)
{
    struct array_job job = job_of(w, out);
    struct best best = best_shape(s, job, w->input_bits);
    struct cost c;
    job.rows = best.rows;
    job.outputs = best.outputs;
    product_cost(s, &job, w->input_bits, &c);
    take_price(&c, (double)(job.rows * job.outputs), out);
    out->array_macs_per_ps = (double)s->arrays * best.macs_per_ps;
}

static void in_lanes(const struct system *s, struct system_least *out)
{
    struct cost c;
    cost_clear(&c);
    cost_add(&c, PART_VECTOR, "mac", 1, s->vector.mac_pj);
    out->lane_macs_per_ps = (double)s->tiles * s->vector.lanes * s->vector.clock_mhz * 1e-6;
    if (out->array_macs_per_ps == 0 || cost_energy_pj(&c) < price_pj(out))
        take_price(&c, 1, out);
}

bool system_least(const struct system *s, const struct system_work *w, struct system_least *out,
                  struct diag *d)
{
    memset(out, 0, sizeof *out);
    out->input_bits = w->input_bits;
    out->weight_bits = w->weight_bits;
    bool can = s->array->ops->precision(s->array, &out->input_bits, &out->weight_bits) &&
               s->array->ops->outputs(s->array, out->weight_bits) > 0;
    if (!can && !w->of_operands)
        return diag_cannot(d, "%s cannot compute with %d-bit inputs and %d-bit weights", s->name,
                           w->input_bits, w->weight_bits);
    if (can && (!w->of_operands || s->operands_in_arrays))
        in_arrays(s, w, out);
    if (w->of_operands)
        in_lanes(s, out);
    return true;
}

struct system_work system_usual_work(const struct system *s, int input_bits, int weight_bits)
{
    int in = input_bits ? input_bits : s->facts.input_bits;
    int w = weight_bits ? weight_bits : s->facts.weight_bits;
    return (struct system_work){.input_bits = in,
                                .weight_bits = w,
                                .input = stats_default_activation(in),
                                .weight = stats_default_weight(w)};
}
