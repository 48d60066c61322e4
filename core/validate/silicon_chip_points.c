/* Further supplies and clocks of accelerators that only a config describes: its published TOPS/W,
 * moved to the point by the blind formula.  Chips of the fit's table are judged with their points.
 */
#include <math.h>
#include <string.h>

#include "core/accelerator/accelerator.h"
#include "core/accelerator/chip_data.h"
#include "core/validate/data_sheet.h"
#include "core/validate/validate.h"

static const double point_limit_pct = 10;

struct anchored {
    const char *name;
    const struct accelerator *x;
    const struct published *p;
};

static double anchor_of(const struct published *p)
{
    return published_efficiency(p->tops_per_w, p->tops, p->power_w);
}

static bool is_in_table(const struct chip_data *data, const char *chip)
{
    for (size_t i = 0; i < data->count; i++)
        if (strcmp(data->rows[i].chip, chip) == 0)
            return true;
    return false;
}

/* Only the same precision can be anchored: another one's power is another experiment. */
static bool can_be_anchored(const struct anchored *c, const struct published_point *point)
{
    struct accelerator_point at;
    struct diag d = {0};
    bool same =
        !point->precision || !c->p->precision || strcmp(point->precision, c->p->precision) == 0;
    return same && accelerator_point(c->x, point->name, &at, &d) &&
           !isnan(published_efficiency(point->tops_per_w, point->tops, point->power_w));
}

static bool add_point(struct judged_list *l, const struct anchored *c,
                      const struct published_point *point, struct diag *d)
{
    const struct chip_constants blind = chip_constants_blind();
    int precision = c->p->precision ? chip_word(chip_precision_names, c->p->precision) : -1;
    struct accelerator_job job = {.precision = precision >= 0 ? (enum chip_precision)precision
                                                              : accelerator_headline(c->x),
                                  .by = &blind};
    struct accelerator_peak own, moved;
    TRY(accelerator_peak(c->x, &job, &own, d));
    job.point = point->name;
    TRY(accelerator_peak(c->x, &job, &moved, d));
    struct judged j = {.case_name = arena_printf(l->arena, "%s@%s", c->name, point->name),
                       .chip = c->p->chip,
                       .family = "accelerator",
                       .metric = "tops_per_w",
                       .predicted = anchor_of(c->p) * moved.tops_per_w / own.tops_per_w,
                       .reference =
                           published_efficiency(point->tops_per_w, point->tops, point->power_w),
                       .limit_pct = point_limit_pct,
                       .kind = JUDGED_POINT,
                       .scored = point->scored && c->p->scored && published_counts_power(c->p),
                       .mark = point->mark,
                       .source = point->source ? point->source : c->p->source};
    judged_know(&j, c->p);
    judged_add(l, &j);
    return true;
}

static bool add_config(struct judged_list *l, const struct chip_data *data, const char *path,
                       struct diag *d)
{
    struct cfg *file;
    struct accelerator *x;
    struct published p;
    bool found;
    TRY(cfg_open(l->arena, path, NULL, 0, &file, d));
    bool ok = accelerator_open(l->arena, cfg_root(file), &x, d) &&
              published_read(l->arena, cfg_root(file), &p, &found, d) &&
              data_sheet_points(l->arena, path, &p, x, d);
    cfg_close(file);
    TRY(ok);
    const struct anchored c = {judged_base_name(l->arena, path), x, &p};
    if (isnan(anchor_of(&p)) || is_in_table(data, p.chip) || !judged_wanted(l, c.name, p.chip))
        return true;
    for (size_t i = 0; i < p.point_count; i++)
        if (can_be_anchored(&c, &p.points[i]))
            TRY(add_point(l, &c, &p.points[i], d));
    return true;
}

bool silicon_chip_points(struct judged_list *l, struct diag *d)
{
    struct judged_files f = judged_files(l, "accelerator");
    struct chip_data data;
    const char *path =
        arena_printf(l->arena, "%s/configs/study/data/chips_structure.csv", cfg_home(l->arena));
    TRY(chip_data_read(l->arena, path, &data, d));
    for (size_t i = 0; i < f.count; i++)
        TRY(add_config(l, &data, f.paths[i], d));
    return true;
}
