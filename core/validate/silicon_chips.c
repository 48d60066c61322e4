/* Digital accelerators and GPUs: every operating point of the tree's table, blind and with factors
 * fitted on the other chips; other supplies and clocks of an anchored chip; GPUs at their limit. */
#include <math.h>

#include "core/accelerator/accelerator.h"
#include "core/accelerator/accelerator_fit.h"
#include "core/validate/validate.h"

enum { INTERVAL_SAMPLES = 400 };

/* Why a row's power is not that of its rate; NULL: it is. */
static const char *mark_of(const struct chip_row *row)
{
    switch (row->kind) {
    case CHIP_TDP:
        return "the published power is a limit (TDP), not power at the peak";
    case CHIP_CAPPED:
        return "a GPU's limit: at full clock it would draw more, so its clock falls";
    case CHIP_ESTIMATED:
        return "its maker's estimate of a layout, not measured";
    case CHIP_MEASURED:
    case CHIP_PREDICT:
        break;
    }
    return NULL;
}

static struct judged judged_row(const struct chip_row *row, enum judged_kind kind,
                                const char *metric)
{
    struct judged j = {.case_name = row->name,
                       .chip = row->chip,
                       .family = "accelerator",
                       .metric = metric,
                       .kind = kind,
                       .scored = row->kind == CHIP_MEASURED || row->kind == CHIP_ESTIMATED,
                       .mark = mark_of(row),
                       .source = row->source};
    return j;
}

/* TOPS/W of a point by these constants; a TDP row's as its data sheet would say. */
static void add_efficiency(struct judged_list *l, const struct chip_row *row, enum judged_kind kind,
                           const struct chip_constants *by)
{
    struct judged j = judged_row(row, kind, "tops_per_w");
    struct accelerator_interval w;
    double tops = 2 * row->point.tera_macs_per_s, power_w = chip_row_power_w(row, by);
    chip_interval(l->arena, &row->point, by, 0, 0, INTERVAL_SAMPLES, 1, &w);
    double tdp = row->kind == CHIP_TDP ? by->value[CHIP_FIT_TDP] : 1;
    j.predicted = tops / power_w;
    j.low = tops / (w.high * tdp);
    j.high = tops / (w.low * tdp);
    j.reference = tops / row->power_w;
    judged_add(l, &j);
}

/* The chip's own power at its anchor, moved to this supply and clock by the blind formula. */
static void add_point(struct judged_list *l, const struct chip_data *data,
                      const struct accelerator_fit *f, size_t at)
{
    const struct chip_row *row = &data->rows[at];
    struct judged j = judged_row(row, JUDGED_POINT, "power_w");
    if (row->anchor_row < 0)
        return;
    const struct accelerator_fit_row *anchor = &f->rows[row->anchor_row];
    j.predicted = anchor->published_w * f->rows[at].blind_w / anchor->blind_w;
    j.reference = row->power_w;
    j.limit_pct = 10;
    judged_add(l, &j);
}

/* The rate at which the board's limit holds a GPU, from its boost clock and law of supply. */
static void add_sustained(struct judged_list *l, const struct chip_row *row,
                          const struct chip_constants *by, enum judged_kind kind)
{
    const struct chip_voltage law = {row->point.vdd_v, row->point.clock_ghz, row->volt_per_ghz,
                                     0.65};
    struct judged j = judged_row(row, kind, "tops_at_cap");
    if (row->clock_max_ghz == 0)
        return;
    struct chip_point p =
        chip_point_under_cap(&row->point, &law, row->clock_max_ghz, row->power_w, by);
    j.predicted = 2 * p.tera_macs_per_s;
    j.reference = 2 * row->point.tera_macs_per_s;
    judged_add(l, &j);
}

bool silicon_chips(struct judged_list *l, struct diag *d)
{
    const struct chip_constants blind = chip_constants_blind();
    struct chip_data data;
    struct accelerator_fit f;
    const char *path =
        arena_printf(l->arena, "%s/configs/study/data/chips_structure.csv", cfg_home(l->arena));
    TRY(chip_data_read(l->arena, path, &data, d));
    accelerator_fit(l->arena, &data, &f);
    for (size_t i = 0; i < data.count; i++) {
        const struct chip_row *row = &data.rows[i];
        if (row->kind == CHIP_PREDICT || !judged_wanted(l, row->name, row->chip))
            continue;
        const struct chip_constants *others = &f.rows[i].without_chip;
        add_efficiency(l, row, JUDGED_BLIND, &blind);
        add_efficiency(l, row, JUDGED_LEAVE_ONE_OUT, others);
        add_point(l, &data, &f, i);
        add_sustained(l, row, &blind, JUDGED_BLIND);
        add_sustained(l, row, others, JUDGED_LEAVE_ONE_OUT);
    }
    return true;
}
