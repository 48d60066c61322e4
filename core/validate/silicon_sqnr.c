/* Signal to quantisation-and-noise ratio of analog macros at the bits they were published at: no
 * accuracy of a network follows from it.  Part of the outputs and few vectors settle a tenth of a
 * dB; `cimarron macro NAME --sqnr` takes all. */
#include <math.h>
#include <string.h>

#include "core/validate/judged_macro.h"

enum { SAMPLES = 32, OUTPUTS = 8, SEED = 1 };

static bool is_analog(const struct array *x)
{
    static const char *const analog[] = {"charge", "resistive", "neuron"};
    for (size_t i = 0; i < COUNT_OF(analog); i++)
        if (!strcmp(x->ops->kind, analog[i]))
            return x->ops->compute != NULL;
    return false;
}

static bool judge(const struct judged_macro *m, const struct macro_points *points, struct diag *d)
{
    (void)points;
    (void)d;
    if (!is_analog(m->array) || judged_macro_is_components(m))
        return true;
    struct array_job job = array_full_job(m->array, MACRO_INPUT_DENSITY, MACRO_WEIGHT_DENSITY);
    const char *metric =
        arena_printf(m->list->arena, "sqnr_db.%dx%d", job.input_bits, job.weight_bits);
    struct judged j = judged_macro_row(m, JUDGED_BLIND, metric);
    struct arena *scratch = arena_open();
    if (job.outputs > OUTPUTS)
        job.outputs = OUTPUTS;
    j.predicted = array_sqnr_db(scratch, m->array, &job, SAMPLES, SEED);
    arena_close(scratch);
    j.reference = m->published.sqnr_db;
    j.scored = false; /* a level, not a figure whose ratio counts */
    j.mark = NULL;
    if (!j.family)
        j.family = m->array->ops->kind;
    judged_add(m->list, &j);
    return true;
}

bool silicon_sqnr(struct judged_list *l, struct diag *d)
{
    return judged_macro_each(l, judge, d);
}
