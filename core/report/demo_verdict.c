#include <math.h>
#include <stdint.h>

#include "core/report/format.h"
#include "core/report/run_views.h"

/* The device that a chip is judged beside: the H100 board where the result has it. */
static bool judge_of(struct arena *a, const struct run_facts *run, struct baseline_facts *b)
{
    if (facts_find_baseline(a, run, "h100_sxm", b) || facts_find_baseline(a, run, "h100", b))
        return true;
    if (run->baselines > 0)
        facts_baseline(a, run, run->baselines - 1, b);
    return run->baselines > 0;
}

/* "0.426x its images/s on 0.077x its area": the area where the result knows both. */
static const char *rate_on_area(struct arena *a, const struct run_facts *run,
                                const struct baseline_facts *b)
{
    const char *text = arena_printf(a, "%s its %ss/s",
                                    format_times(run->units_per_s / b->units_per_s).s, run->unit);
    if (!isfinite(run->area_mm2 / b->area_mm2))
        return text;
    return arena_printf(a, "%s on %s its area", text, format_times(run->area_mm2 / b->area_mm2).s);
}

static const char *against(struct arena *a, const struct run_facts *run,
                           const struct baseline_facts *b)
{
    struct baseline_facts best;
    const char *rate_text = rate_on_area(a, run, b);
    if (!facts_same_scope(run->scope, b->scope))
        return arena_printf(
            a,
            "Beside %s (power at the %s), %s (power at the %s) gives %s; power at different places "
            "allows no energy gain to be stated",
            b->title, b->scope, run->title, run->scope, rate_text);
    const char *at_best = "";
    if (facts_best_batch(a, run, b, &best))
        at_best = arena_printf(a, " (%s at the GPU's best batch)",
                               format_times(run->units_per_j / best.units_per_j).s);
    return arena_printf(a, "At equal %s power, %s gives %s the %ss/J of %s%s and %s", run->scope,
                        run->title, format_times(run->units_per_j / b->units_per_j).s, run->unit,
                        b->title, at_best, rate_text);
}

static const char *limits(struct arena *a, const struct run_facts *run)
{
    struct shares energy =
        facts_shares(a, json_object_get(run->json, "energy_by_part_j"), SIZE_MAX);
    struct shares time = facts_shares(a, json_object_get(run->json, "time_by_cause_s"), SIZE_MAX);
    if (energy.count == 0 || time.count == 0)
        return "";
    return arena_printf(a, "; the largest share of its time is %s (%s), of its energy %s (%s)",
                        time.items[0].name, format_percent(time.items[0].fraction).s,
                        energy.items[0].name, format_percent(energy.items[0].fraction).s);
}

const char *demo_verdict(struct arena *a, const json_t *demo)
{
    struct run_facts run;
    struct baseline_facts judge;
    facts_run(a, json_array_get(json_object_get(demo, "runs"), 0), &run);
    const char *says = judge_of(a, &run, &judge)
                           ? against(a, &run, &judge)
                           : arena_printf(a, "%s stands alone: no baseline was run", run.title);
    const char *assumed = "";
    if (isfinite(run.assumed))
        assumed = arena_printf(a, ", and %s of its energy rests on assumed unit costs",
                               format_percent(run.assumed).s);
    return arena_printf(a, "%s%s%s.", says, limits(a, &run), assumed);
}
