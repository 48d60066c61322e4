#include "core/validate/data_sheet.h"

#include <math.h>
#include <string.h>

double data_sheet_factor(const struct published *p, const struct accelerator *x,
                         const struct chip_constants *by)
{
    bool is_limit = strcmp(p->power_is, "tdp") == 0 || strcmp(p->power_is, "design") == 0;
    return is_limit && x->design_class != CLASS_GPU ? by->value[CHIP_FIT_TDP] : 1;
}

static bool has_point(const struct accelerator *x, const char *name)
{
    struct accelerator_point at;
    struct diag d = {0};
    return accelerator_point(x, name, &at, &d);
}

bool data_sheet_points(struct arena *a, const char *path, const struct published *p,
                       struct accelerator *x, struct diag *d)
{
    struct accelerator_point *all =
        ARENA_ARRAY(a, struct accelerator_point, x->point_count + p->point_count + 1);
    size_t count = x->point_count;
    for (size_t i = 0; i < count; i++)
        all[i] = x->points[i];
    for (size_t i = 0; i < p->point_count; i++) {
        const struct published_point *at = &p->points[i];
        if (has_point(x, at->name))
            continue;
        if (isnan(at->vdd_v) || isnan(at->clock_ghz))
            return diag_input(d, path, 0,
                              "published point '%s' needs vdd_v and clock_ghz, or an operating "
                              "point of that name in the config's own points group",
                              at->name);
        all[count++] = (struct accelerator_point){at->name, at->vdd_v, at->clock_ghz};
    }
    x->points = all;
    x->point_count = count;
    return true;
}
