/* peak.c — what the devices of a plan can do at most with the products of its trace, each at its
 * own bits and on its own data: a mix, however they are mapped. */
#include <assert.h>
#include <string.h>

#include "core/plan/internal.h"

static struct system_work work_of(const struct trace *t, const struct op *o)
{
    struct system_work w = {.of_operands = !op_has_arrays(o)};
    plan_bits_in(t, o, &w.input_bits, &w.weight_bits);
    w.input = op_activation_stats(o);
    w.weight = op_weight_stats(o);
    if (w.of_operands && w.weight.is_default)
        w.weight = stats_default_weight(w.weight_bits); /* not those of layers' weights */
    return w;
}

/* --- equal products -------------------------------------------------------------------------- */

enum { KIND_NUMBERS = 15, KINDS_KEPT = 256 }; /* a block may come a million times */

/* All that makes products differ, numbers by their bits. */
struct kind {
    uint64_t of[KIND_NUMBERS];
};

static void put_stats(uint64_t *at, const struct operand_stats *s)
{
    const double numbers[] = {s->density, s->bit_density, s->bit_toggle, s->mean, s->mean_square};
    if (s->is_default)
        return;
    at[0] = 1;
    memcpy(at + 1, numbers, sizeof numbers);
}

static struct kind kind_of(const struct trace *t, const struct op *o)
{
    struct kind k = {{0}};
    int in, w;
    plan_bits_in(t, o, &in, &w);
    k.of[0] = (uint64_t)in;
    k.of[1] = (uint64_t)w;
    k.of[2] = op_has_arrays(o);
    if (o->stats) {
        put_stats(&k.of[3], &o->stats->activation);
        put_stats(&k.of[9], &o->stats->weights);
    }
    return k;
}

static size_t place_of(const struct kind *k)
{
    uint64_t h = 0;
    for (int i = 0; i < KIND_NUMBERS; i++) {
        h = (h ^ k->of[i]) * 0x9e3779b97f4a7c15u;
        h ^= h >> 29;
    }
    return h % KINDS_KEPT;
}

struct known {
    bool any;
    struct kind kind;
    struct system_least least;
};

struct plan_leasts {
    const struct plan *plan;
    struct known at[KINDS_KEPT];
};

struct plan_leasts *plan_leasts_open(const struct plan *p)
{
    struct plan_leasts *l = ARENA_NEW(p->arena, struct plan_leasts);
    l->plan = p;
    return l;
}

const struct system_least *plan_least(struct plan_leasts *l, const struct op *o)
{
    struct kind k = kind_of(l->plan->whole, o);
    struct known *at = &l->at[place_of(&k)];
    struct diag why = {.status = 0};
    if (at->any && memcmp(&at->kind, &k, sizeof k) == 0)
        return &at->least;
    struct system_work w = work_of(l->plan->whole, o);
    at->kind = k;
    at->any = system_least(l->plan->machine, &w, &at->least, &why);
    assert(at->any); /* the planner has found a place for it */
    return &at->least;
}

/* --- the mix --------------------------------------------------------------------------------- */

static void times_devices(const struct plan *p, struct system_peak *out)
{
    double devices = (double)p->devices;
    out->tops *= devices;
    out->power.total_w *= devices;
    for (int i = 0; i < PART_COUNT; i++) {
        out->power.part_w[i] *= devices;
        out->power.part_sigma_w[i] *= devices;
    }
}

bool plan_peak(struct plan_leasts *l, struct system_peak *out, struct diag *d)
{
    const struct plan *p = l->plan;
    struct system_mix m = system_mix_open(p->machine);
    for (size_t i = 0; i < p->whole->count; i++) {
        const struct op *o = &p->whole->ops[i];
        double macs = op_macs(o);
        if (macs > 0)
            system_mix_add(&m, plan_least(l, o), macs);
    }
    if (m.macs > 0)
        system_mix_peak(&m, out);
    else {
        struct system_work usual = system_usual_work(p->machine, p->input_bits, p->weight_bits);
        TRY(system_peak(p->machine, &usual, out, d));
    }
    times_devices(p, out);
    return true;
}
