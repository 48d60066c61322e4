/* Chips of the fit data that no config describes, by the law of their family with the chip left
 * out. */
#include <math.h>
#include <stdlib.h>

#include "core/fit/interval.h"
#include "core/validate/silicon_macros.h"

static void judge_row(struct judged_list *l, const struct fit_family *f, const struct benchmark *b,
                      const struct fit_point *p)
{
    int64_t chip = strtoll(p->chip, NULL, 10);
    const double fj_per_tops_w = 2e3; /* per 1-b multiply-accumulate: two operations */
    struct fit_estimate e;
    if (!fit_family_estimate(l->arena, f, b, p->facts, &chip, 1, &e))
        return;
    struct fit_draws draws = {FIT_SAMPLES, SILICON_MACROS_SEED, NAN, NAN};
    struct fit_interval w = fit_family_interval(f, &e, p->facts, &draws);
    double reference = fj_per_tops_w / p->mac_fj, ratio = p->published * reference;
    struct judged j = {.case_name = arena_printf(l->arena, "uiuc_%s:%d", p->chip, p->line),
                       .chip = arena_printf(l->arena, "uiuc_%s", p->chip),
                       .family = array_family_words[f->of],
                       .metric = "tops_per_w",
                       .predicted = ratio / e.value,
                       .low = ratio / w.high,
                       .high = ratio / w.low,
                       .reference = reference,
                       .kind = JUDGED_LEAVE_ONE_OUT,
                       .scored = true,
                       .source = "UIUC in-memory-computing benchmark, 1b-normalised"};
    judged_add(l, &j);
    j.kind = JUDGED_BLIND;
    j.mark = silicon_macros_one_look;
    j.predicted = ratio / e.a_priori;
    j.low = j.high = NAN;
    judged_add(l, &j);
}

void silicon_macros_judge_data(struct judged_list *l, const struct benchmark *b,
                               const bool *described)
{
    static const struct fit_family *const families[] = {&fit_family_analog_sram,
                                                        &fit_family_resistive, &fit_family_digital};
    for (size_t f = 0; f < COUNT_OF(families); f++) {
        struct fit_set s = fit_family_points(l->arena, families[f], b);
        for (size_t i = 0; i < s.count; i++) {
            long long chip = strtoll(s.points[i].chip, NULL, 10);
            if (chip < 0 || chip >= SILICON_MACROS_CHIPS || !described[chip])
                judge_row(l, families[f], b, &s.points[i]);
        }
    }
}
