/* bank.c — two halves of every tile's arrays, in which segments take turns.
 *
 * While a segment computes in one half, the weights of the next are written into the other: reading
 * never waits for an array, and each segment has half the arrays, hence fewer copies.  That pays
 * where reading takes longer than computing.  Every tile has a share in both halves, so that all
 * ports, buffers and vector units serve either. */
#include <string.h>

#include "core/plan/internal.h"

/* The machine as it is for one bank. */
static const struct system *half_of(struct arena *a, const struct system *s)
{
    struct system *half = ARENA_NEW(a, struct system);
    *half = *s;
    half->arrays_per_tile = s->arrays_per_tile / 2;
    half->arrays = s->tiles * half->arrays_per_tile;
    return half;
}

bool plan_in_banks(const struct plan *whole, const struct plan_options *o, struct plan **out)
{
    const struct system *s = whole->machine;
    struct diag why;
    if (whole->resident || s->arrays_per_tile < 2 || s->facts.double_buffered)
        return false;
    struct plan *p = ARENA_NEW(whole->arena, struct plan);
    *p = (struct plan){.arena = whole->arena,
                       .machine = s,
                       .system = half_of(whole->arena, s),
                       .trace = whole->whole,
                       .whole = whole->whole,
                       .devices = 1,
                       .regions = 1,
                       .tensor = 1,
                       .banks = 2,
                       .exact = whole->exact,
                       .samples = whole->samples,
                       .input_bits = whole->input_bits,
                       .weight_bits = whole->weight_bits};
    memset(&why, 0, sizeof why);
    if (!plan_steps(p, o, &why) || plan_reload_estimate_ps(p) >= plan_reload_estimate_ps(whole))
        return false;
    *out = p;
    return true;
}
