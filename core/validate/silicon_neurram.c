/* NeuRRAM's energy by part at eight precisions, and its area by part. */
#include <string.h>

#include "core/cim/macro.h"
#include "core/validate/silicon_designs.h"

#define TOTAL_LIMIT_PCT 15.0

/* What NeuRRAM's paper tells apart, fJ per operation. */
enum neurram_part { WORD_LINE, NEURON, INPUT, NEURRAM_PARTS };

static const char *const neurram_metrics[NEURRAM_PARTS] = {"fj_word_line", "fj_neuron", "fj_input"};
static const char *const neurram_shares[NEURRAM_PARTS] = {"share.word_line", "share.neuron",
                                                          "share.input"};

/* The published parts at a pair of bits; false: none. */
static bool neurram_published(const struct judged_macro *m, const struct macro_points *points,
                              const struct macro_point *at, double out[NEURRAM_PARTS])
{
    int found = 0;
    for (size_t i = 0; i < points->count; i++) {
        const struct macro_point *p = &points->at[i];
        if (strcmp(p->chip, m->published.chip) != 0 || p->input_bits != at->input_bits ||
            p->output_bits != at->output_bits)
            continue;
        for (int k = 0; k < NEURRAM_PARTS; k++)
            if (!strcmp(p->metric, neurram_metrics[k])) {
                out[k] = p->value;
                found++;
            }
    }
    return found == NEURRAM_PARTS;
}

static bool neurram_predicted(const struct judged_macro *m, const struct macro_point *at,
                              double out[NEURRAM_PARTS], struct diag *d)
{
    struct arena *a = m->list->arena;
    const struct cfg_override set[] = {{"input_bits", arena_printf(a, "%d", at->input_bits)},
                                       {"output_bits", arena_printf(a, "%d", at->output_bits)}};
    struct macro_result r;
    struct array *array;
    struct cfg *c;
    TRY(cfg_open(a, m->path, set, COUNT_OF(set), &c, d));
    bool ok = array_open(a, cfg_root(c), &array, d);
    cfg_close(c);
    if (!ok || !macro_evaluate(a, array, MACRO_INPUT_DENSITY, MACRO_WEIGHT_DENSITY, 0, &r, d))
        return false;
    double to_fj = 1e3 / (r.tops_per_w * r.energy_pj); /* 1 / operations */
    out[WORD_LINE] = r.part_pj[PART_ARRAY_DRIVER] * to_fj;
    out[INPUT] = (r.part_pj[PART_ARRAY_CELLS] + r.part_pj[PART_ARRAY_DAC]) * to_fj;
    out[NEURON] = r.energy_pj * to_fj - out[WORD_LINE] - out[INPUT];
    return true;
}

static double sum_of(const double part[NEURRAM_PARTS])
{
    return part[WORD_LINE] + part[NEURON] + part[INPUT];
}

static bool add_precision(const struct judged_macro *m, const struct macro_points *points,
                          const struct macro_point *at, struct diag *d)
{
    double published[NEURRAM_PARTS], predicted[NEURRAM_PARTS];
    if (!neurram_published(m, points, at, published))
        return true;
    TRY(neurram_predicted(m, at, predicted, d));
    const char *where = arena_printf(m->list->arena, "in%d_out%d", at->input_bits, at->output_bits);
    const char *name = arena_printf(m->list->arena, "%s@%s", m->name, where);
    struct judged total = design_row(name, &m->published, JUDGED_COMPONENT, "fj_per_op");
    total.predicted = sum_of(predicted);
    total.reference = sum_of(published);
    total.limit_pct = TOTAL_LIMIT_PCT;
    judged_macro_know(m, where, &total);
    judged_add(m->list, &total);
    for (int k = 0; k < NEURRAM_PARTS; k++) {
        struct judged j = design_row(name, &m->published, JUDGED_COMPONENT, neurram_shares[k]);
        j.predicted = predicted[k] / sum_of(predicted);
        j.reference = published[k] / sum_of(published);
        j.limit_pct = DESIGN_SHARE_POINTS;
        judged_add(m->list, &j);
    }
    return true;
}

bool design_add_neurram(const struct judged_macro *m, const struct macro_points *points,
                        struct diag *d)
{
    const struct published *p = &m->published;
    for (size_t i = 0; i < points->count; i++)
        if (!strcmp(points->at[i].metric, neurram_metrics[WORD_LINE]))
            TRY(add_precision(m, points, &points->at[i], d));
    double neurons = m->at_home.part_um2[PART_ARRAY_SAMPLE] + m->at_home.part_um2[PART_ARRAY_ADC] +
                     m->at_home.part_um2[PART_ARRAY_SHIFT_ADD];
    for (size_t i = 0; i < p->area_breakdown_count; i++) {
        const char *part = p->area_breakdown[i].part;
        bool is_neuron = !strcmp(part, "accumulate");
        struct judged j =
            design_row(m->name, p, JUDGED_COMPONENT,
                       arena_printf(m->list->arena, "share.area.%s", is_neuron ? "neuron" : part));
        double um2 = is_neuron ? neurons : design_share(part, m->at_home.part_um2);
        j.predicted = um2 / m->at_home.area_um2;
        j.reference = p->area_breakdown[i].share;
        j.limit_pct = DESIGN_SHARE_POINTS;
        j.mark = "the 39 % of the core that the paper does not name are taken as published";
        design_add(m->list, p, &j);
    }
    return true;
}
