/* machine.c — how many machines a model takes, and which part of it each has.
 *
 * Machines with a memory share its bytes: as few as hold weights, caches and what is on its way
 * between segments.  Where one cannot hold them, they share every layer, if heads divide by their
 * number and that saves more reading than their rings take; else they stand in a row.  A wafer is
 * cut into equal rectangles, a region for every segment: as few wafers as have regions that can
 * hold the largest equal block with its copies and buffers. */
#include <string.h>

#include "core/plan/internal.h"

enum {
    DEVICES_MAX = 4096,
    REGION_TILES = 2048 /* a region is no larger than this unless its weights ask for it: what it
                         * does not need only makes ways longer */
};

/* --- with a memory --------------------------------------------------------------------------- */

/* What memories must hold beside activations: all weights of a plan that reloads, and caches. */
static double memory_bytes(const struct plan *p)
{
    const struct trace *t = p->trace;
    double bytes = plan_is_resident(p) ? 0 : trace_weights(t) * t->header.weight_bits / 8;
    for (size_t i = 0; i < t->count; i++)
        bytes += t->ops[i].kind == OP_KV_READ ? (double)t->ops[i].u.move.bytes : 0;
    return bytes;
}

static bool would_idle(const struct plan *p, int64_t enough, struct diag *d)
{
    return diag_cannot(d, "%lld %s hold %s: more would stand idle", (long long)enough,
                       p->machine->name, p->trace->header.name);
}

/* As few devices as hold them, or as many as are asked for: groups of those that share layers, in a
 * row.  The stages have been built. */
static bool stand_in_a_row(struct plan *p, int64_t asked, struct diag *d)
{
    const struct system *m = p->system;
    double has = m->memory ? (double)m->memory->capacity_bytes : 0;
    double bytes = m->memory ? memory_bytes(p) : 0;
    int64_t devices = (bytes > has ? (int64_t)(bytes / has) + 1 : 1) * p->tensor;
    p->devices = devices > asked ? devices : asked;
    if (devices == 1 && asked > 1 && !m->has_next)
        return diag_cannot(d, "%s has no link to a second one: --devices 1", m->name);
    if (p->devices > 1 && !m->has_next)
        return diag_cannot(d,
                           "does not fit: weights and caches need %.2f GB of memory, %s has %.2f "
                           "GB and no link to a second one",
                           bytes * 1e-9, m->name, has * 1e-9);
    if (p->devices > p->tensor && plan_is_resident(p))
        return would_idle(p, p->tensor, d);
    return true;
}

/* Are there operands to be written into arrays, and room for them beside resident weights? */
static bool takes_operands(struct plan *p)
{
    double weights = 0, operands = 0, has = (double)p->system->arrays;
    struct diag why;
    memset(&why, 0, sizeof why);
    if (!plan_build_anew(p, &why))
        return false;
    for (size_t i = 0; i < p->stage_count; i++) {
        const struct stage *s = &p->stages[i];
        weights += stage_has_weights(s) ? (double)s->arrays_per_copy : 0;
        operands += s->dynamic ? (double)s->arrays_per_copy : 0;
    }
    return operands > 0 && (p->machine->wafer || weights > has || weights + operands <= has);
}

static bool build_as(struct plan *p, bool tight, struct diag *d)
{
    p->tight = tight;
    return plan_build_anew(p, d);
}

/* Arrays may stay idle for the sake of shorter ways, but not if weights then move that need not. */
static bool build_with_room(struct plan *p, struct diag *d)
{
    double arrays = 0;
    TRY(build_as(p, false, d));
    for (size_t i = 0; i < p->stage_count; i++)
        arrays += p->stages[i].kind == STAGE_ARRAY ? (double)p->stages[i].arrays_per_copy : 0;
    if (plan_is_resident(p) || arrays > (double)p->system->arrays)
        return true;
    TRY(build_as(p, true, d));
    return plan_is_resident(p) || build_as(p, false, d);
}

/* Each of `ways` devices has its share of every layer. */
static bool share_layers(struct plan *p, int64_t ways, struct diag *d)
{
    struct trace *share = NULL;
    if (ways > 1)
        TRY(plan_shard(p->arena, p->whole, ways, &share, d));
    p->trace = ways > 1 ? share : p->whole;
    p->tensor = ways;
    if (ways > 1 && !p->lanes_only) /* shares may fit where all did not, and leave less room */
        p->lanes_only = !takes_operands(p);
    return build_with_room(p, d);
}

/* What the rings of a step take. */
static double rings_ps(const struct plan *p)
{
    double ps = 0;
    for (size_t i = 0; i < p->stage_count; i++) {
        const struct stage *s = &p->stages[i];
        struct cost c;
        if (s->kind != STAGE_RING)
            continue;
        double latency_ps =
            plan_over_link(p, s, &p->system->next, s->row_bytes * (double)s->rows, &c);
        ps += latency_ps + c.duration_ps * (double)p->samples;
    }
    return ps;
}

/* Layers shared by as many of `devices` as divide their heads, where reading a part of the bytes
 * saves more time than the rings take; else by none. */
static bool choose_sharing(struct plan *p, int64_t devices, struct diag *d)
{
    double peak = p->system->memory->peak_bytes_per_ps, whole = memory_bytes(p);
    for (int64_t ways = devices; ways > 1; ways--) {
        struct diag why;
        memset(&why, 0, sizeof why);
        if (devices % ways != 0 || !share_layers(p, ways, &why))
            continue;
        double saved_ps = (whole - memory_bytes(p)) / peak;
        if (stand_in_a_row(p, devices, &why) && p->devices == devices && rings_ps(p) < saved_ps)
            return true;
    }
    return share_layers(p, 1, d) && stand_in_a_row(p, devices, d);
}

static bool share_as_asked(struct plan *p, const struct plan_options *o, struct diag *d)
{
    if (o->devices % o->tensor != 0)
        return diag_input(d, NULL, 0,
                          "--devices %lld is no multiple of --tensor %lld, the devices that share "
                          "each layer",
                          (long long)o->devices, (long long)o->tensor);
    if (o->tensor > 1 && !p->system->has_next)
        return diag_input(d, NULL, 0, "%s has no link to a second one: --tensor 1",
                          p->system->name);
    TRY(share_layers(p, o->tensor, d));
    return stand_in_a_row(p, o->devices, d) && plan_find(p, d);
}

static bool share_memory(struct plan *p, const struct plan_options *o, struct diag *d)
{
    if (o->tensor > 0)
        return share_as_asked(p, o, d);
    TRY(build_with_room(p, d));
    const struct memory *m = p->system->memory;
    bool one_holds = !m || memory_bytes(p) <= (double)m->capacity_bytes;
    TRY(stand_in_a_row(p, o->devices, d));
    if (!one_holds)
        TRY(choose_sharing(p, p->devices, d));
    return plan_find(p, d);
}

/* --- on wafers ------------------------------------------------------------------------------- */

/* Stretches of work that get a region each; the arrays of the largest, and the room that they take.
 */
struct stretches {
    int64_t count;
    double arrays, largest;
};

static struct stretches find_stretches(const struct plan *p)
{
    const bool *starts = plan_block_starts(p);
    struct stretches s = {1, 1, 1}; /* work without arrays has a place, too */
    double arrays = 0, room = 0;
    size_t stage = 0;
    for (size_t i = 0; i < p->trace->count; i++) {
        if (starts[i] && room > 0) {
            s.count++;
            arrays = room = 0;
        }
        for (; stage < p->stage_count &&
               (!p->stages[stage].op || p->stages[stage].op <= &p->trace->ops[i]);
             stage++)
            if (p->stages[stage].kind == STAGE_ARRAY) {
                arrays += (double)p->stages[stage].arrays_per_copy;
                room += (double)p->stages[stage].span;
            }
        s.arrays = arrays > s.arrays ? arrays : s.arrays;
        s.largest = room > s.largest ? room : s.largest;
    }
    return s;
}

static bool try_regions(struct plan *p, const struct stretches *s, int64_t count, struct diag *d)
{
    struct system *region;
    TRY(system_region(p->arena, p->machine, count, &region, d));
    if ((double)region->arrays < s->largest)
        return diag_cannot(d, "does not fit: a block of %s needs %.0f arrays, a whole %s has %lld",
                           p->trace->header.name, s->largest, p->machine->name,
                           (long long)p->machine->arrays);
    p->system = region;
    p->regions = region->regions;
    return plan_find(p, d);
}

/* Regions that one wafer has when they are as large as is of use. */
static int64_t useful_regions(const struct plan *p, const struct stretches *s)
{
    const struct system *m = p->machine;
    double useful = 1.5 * s->largest / (double)m->arrays_per_tile;
    int64_t tiles = useful > REGION_TILES ? (int64_t)useful : REGION_TILES;
    return m->tiles > tiles ? m->tiles / tiles : 1;
}

/* The fewest wafers that hold all stretches, when the largest takes the room of so many arrays. */
static int64_t fewest_wafers(const struct plan *p, const struct stretches *s, double largest)
{
    int64_t per_wafer = (int64_t)((double)p->machine->arrays / largest);
    return per_wafer < 1 ? s->count : ceil_div(s->count, per_wafer);
}

/* Arrays may stay idle for the sake of shorter ways; but not if that takes a wafer more. */
static bool build_stretches(struct plan *p, struct stretches *s, struct diag *d)
{
    TRY(build_as(p, false, d));
    *s = find_stretches(p);
    int64_t wafers = fewest_wafers(p, s, s->largest);
    if (wafers == fewest_wafers(p, s, s->arrays))
        return true;
    TRY(build_as(p, true, d));
    *s = find_stretches(p);
    if (fewest_wafers(p, s, s->largest) < wafers)
        return true;
    TRY(build_as(p, false, d));
    *s = find_stretches(p);
    return true;
}

/* As few wafers as do, with regions as small as do: larger ones have longer ways.  Where buffers or
 * caches ask for more room, regions grow, and with them the count of wafers. */
static bool share_wafers(struct plan *p, int64_t asked, struct diag *d)
{
    p->spread = true;
    struct stretches s;
    TRY(build_stretches(p, &s, d));
    int64_t least = fewest_wafers(p, &s, s.largest), last = 0;
    int64_t small = ceil_div(s.count, least), useful = useful_regions(p, &s);
    for (int64_t n = least > asked ? least : asked; n <= DEVICES_MAX; n++) {
        int64_t fewest = ceil_div(s.count, n), count = useful > small ? useful : small;
        for (; count >= fewest; count -= (count + 7) / 8) {
            struct diag why;
            memset(&why, 0, sizeof why);
            p->devices = n;
            if (count != last && try_regions(p, &s, count, &why)) {
                int64_t enough = ceil_div((int64_t)p->segment_count, p->regions);
                return enough >= asked || would_idle(p, enough, d);
            }
            if (count != last)
                *d = why;
            last = count;
        }
        if (fewest == 1) /* a wafer for each of them did not do */
            return false;
    }
    return false;
}

static bool share(struct plan *p, const struct plan_options *o, struct diag *d)
{
    if (!p->machine->wafer)
        return share_memory(p, o, d);
    if (o->tensor > 1)
        return diag_input(d, NULL, 0,
                          "%s is a wafer: its regions hold whole layers, and none is shared by "
                          "several (--tensor 1)",
                          p->machine->name);
    return share_wafers(p, o->devices, d);
}

/* Where operands and what they bring with them do not fit, vector units do their products. */
bool plan_on_machines(struct plan *p, const struct plan_options *o, struct diag *d)
{
    const struct system *given = p->system; /* in banks half of the machine */
    struct diag why;
    memset(&why, 0, sizeof why);
    p->lanes_only = !p->system->operands_in_arrays || !takes_operands(p);
    if (!p->lanes_only && share(p, o, &why))
        return true;
    p->lanes_only = true;
    p->system = given;
    p->trace = p->whole;
    p->devices = p->regions = p->tensor = 1;
    return share(p, o, d);
}

/* --- between them ---------------------------------------------------------------------------- */

const struct link *plan_link(const struct plan *p, const struct segment *g, const struct stage *s)
{
    const struct system *m = p->system;
    if (s->kind == STAGE_RING || (s->handover && g->crosses))
        return &m->next;
    if (s->handover && p->spread)
        return &m->handover;
    return m->memory ? NULL : &m->host;
}

double plan_over_link(const struct plan *p, const struct stage *s, const struct link *over,
                      double bytes, struct cost *out)
{
    double moved = bytes, steps = 1;
    bool sums = s->kind == STAGE_RING && s->op->kind == OP_ALL_REDUCE;
    if (s->kind == STAGE_RING) {
        double others = (double)p->tensor - 1;
        steps = (sums ? 2 : 1) * others;
        moved = steps * bytes / (double)p->tensor;
    }
    cost_clear(out);
    link_cost(over, moved, out);
    if (sums)
        cost_add(out, PART_ARRAY_SHIFT_ADD, "add partial sum",
                 moved / 2 * 8 / s->op->activation_bits, p->system->accumulate.energy_pj);
    return steps * over->latency_ns * 1e3;
}
