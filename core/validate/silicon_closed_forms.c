/* Closed forms of published chips against their measured points.  Limits are the largest errors of
 * these forms that the design of this simulator asks for. */
#include <math.h>
#include <string.h>

#include "core/cim/closed_form.h"
#include "core/validate/macro_points.h"
#include "core/validate/validate.h"

struct form {
    const char *chip, *family, *metric;
    double (*predict)(const struct macro_point *p); /* NAN: the form does not cover this point */
    double limit_pct;
};

static double kim_tops(const struct macro_point *p)
{
    return 1e-3 * colonnade_gops(p->input_bits, p->weight_bits, p->registers);
}

static double kim_latency_ns(const struct macro_point *p)
{
    return 1e3 * colonnade_latency_us(p->input_bits, p->weight_bits, p->registers);
}

static double kim_fj_per_mac(const struct macro_point *p)
{
    return colonnade_fj_per_mac(p->vdd_v, p->input_bits, p->weight_bits);
}

static double wan_tops(const struct macro_point *p)
{
    return neurram_tops(p->input_bits, p->output_bits, p->phases == 2);
}

static double jia_rate(const struct macro_point *p)
{
    return jia_tops(p->vdd_v, p->input_bits);
}

static double jia_efficiency(const struct macro_point *p)
{
    return jia_tops_per_w(p->vdd_v);
}

static double sinangil_rate(const struct macro_point *p)
{
    return p->average_output < 15 ? NAN : sinangil_tops(p->vdd_v); /* stands thrice in its table */
}

static double wang_rate(const struct macro_point *p)
{
    return wang_tops(p->vdd_v);
}

static const struct form forms[] = {
    {"kim_2021", "digital", "tops", kim_tops, 2.5},
    {"kim_2021", "digital", "latency_ns", kim_latency_ns, 8.1},
    {"kim_2021", "digital", "fj_per_mac", kim_fj_per_mac, 11.5},
    {"wan_2022", "resistive", "tops", wan_tops, 9.1},
    {"jia_2020", "analog_sram", "tops", jia_rate, 0.2},
    {"jia_2020", "analog_sram", "tops_per_w", jia_efficiency, 0.4},
    {"sinangil_2020", "analog_sram", "tops", sinangil_rate, 0.3},
    {"wang_2022", "analog_sram", "tops", wang_rate, 3.1},
};

static const struct form *form_of(const struct macro_point *p)
{
    for (size_t i = 0; i < COUNT_OF(forms); i++)
        if (!strcmp(forms[i].chip, p->chip) && !strcmp(forms[i].metric, p->metric))
            return &forms[i];
    return NULL;
}

/* "kim_2021@8x8,16 registers,0.8V" */
static const char *case_of(struct arena *a, const struct macro_point *p)
{
    const char *name = arena_printf(a, "%s@%dx%d", p->chip, p->input_bits, p->weight_bits);
    if (p->registers > 0)
        name = arena_printf(a, "%s,%d registers", name, p->registers);
    if (p->phases > 0)
        name = arena_printf(a, "%s,%d phases", name, p->phases);
    return p->vdd_v > 0 ? arena_printf(a, "%s,%gV", name, p->vdd_v) : name;
}

static void add_point(struct judged_list *l, const struct form *form, const struct macro_point *p)
{
    struct judged j = {.chip = p->chip,
                       .family = form->family,
                       .metric = p->metric,
                       .predicted = form->predict(p),
                       .reference = p->value,
                       .limit_pct = form->limit_pct,
                       .kind = JUDGED_CLOSED_FORM,
                       .scored = true,
                       .source = p->source,
                       .known_miss = p->known_miss,
                       .known_value = p->known_value};
    if (isnan(j.predicted))
        return;
    j.case_name = case_of(l->arena, p);
    if (!strcmp(p->measured, "layout"))
        j.mark = "reference: simulated after layout";
    judged_add(l, &j);
}

bool silicon_closed_forms(struct judged_list *l, struct diag *d)
{
    struct macro_points points;
    TRY(macro_points_read(l->arena, &points, d));
    for (size_t i = 0; i < points.count; i++) {
        const struct form *form = form_of(&points.at[i]);
        if (form)
            add_point(l, form, &points.at[i]);
    }
    return true;
}
