/* What fitting the chip power formula gave. */
#include "core/app/fit_accelerators.h"

#include "core/accelerator/accelerator_fit.h"
#include "core/app/result.h"
#include "core/base/cfg.h"

#define FAMILY "accelerators"

static bool fit_tree(const struct app *app, struct chip_data *data, struct accelerator_fit *f,
                     struct diag *d)
{
    const char *path =
        arena_printf(app->arena, "%s/configs/study/data/chips_structure.csv", cfg_home(app->arena));
    TRY(chip_data_read(app->arena, path, data, d));
    accelerator_fit(app->arena, data, f);
    return true;
}

static void put_factors(json_t *o, const struct accelerator_fit *f)
{
    json_t *list = put_list(o, "constants");
    for (int i = 0; i < CHIP_FACTORS; i++) {
        json_t *row = add_row(list);
        put_text(row, "constant", chip_factor_name(i));
        put_real(row, "fitted", f->factor[i]);
        put_real(row, "low", f->factor_low[i]);
        put_real(row, "high", f->factor_high[i]);
        put_real(row, "a_priori", 1);
        put_text(row, "meaning", chip_constant_source((enum chip_constant)(CHIP_FIT_MUL + i)));
    }
}

static void add_error(json_t *list, const char *from, const char *rows,
                      const struct ratio_statistics *s)
{
    json_t *row = add_row(list);
    put_text(row, "constants_from", from);
    put_text(row, "rows", rows);
    put_real(row, "geo_mean", s->geo_mean);
    put_real(row, "worst", s->worst);
    put_real(row, "sigma", log(s->interval) / 1.645);
    put_real(row, "within_2", s->within_2x);
    put_int(row, "chips", (int64_t)s->chips);
}

static void put_errors(json_t *o, const struct accelerator_fit *f)
{
    json_t *list = put_list(o, "errors");
    add_error(list, "a_priori", "measured", &f->blind);
    add_error(list, "in_sample", "measured", &f->fitted);
    add_error(list, "leave_one_chip_out", "measured", &f->leave_chip);
    add_error(list, "leave_one_vendor_out", "measured", &f->leave_vendor);
    add_error(list, "a_priori", "tdp", &f->blind_tdp);
    add_error(list, "leave_one_chip_out", "tdp", &f->leave_chip_tdp);
}

static void put_chips(json_t *o, const struct chip_data *data, const struct accelerator_fit *f)
{
    json_t *list = put_list(o, "chips");
    for (size_t i = 0; i < data->count; i++) {
        const struct accelerator_fit_row *r = &f->rows[i];
        json_t *row = add_row(list);
        put_text(row, "chip", data->rows[i].chip);
        put_text(row, "point", data->rows[i].name);
        put_text(row, "kind", chip_kind_names[data->rows[i].kind]);
        put_int(row, "line", data->rows[i].line);
        put_real(row, "published", r->published_w);
        put_real(row, "blind", r->blind_w);
        put_real(row, "fitted", r->fitted_w);
        put_real(row, "left_out", r->leave_chip_w);
        put_real(row, "ratio", r->leave_chip_w / r->published_w);
    }
}

bool fit_accelerators(const struct app *app, json_t **out, struct diag *d)
{
    struct chip_data data;
    struct accelerator_fit f;
    TRY(fit_tree(app, &data, &f, d));
    json_t *o = json_object();
    put_text(o, "family", FAMILY);
    put_text(o, "predicts", "power of a digital accelerator, NPU or GPU as a whole");
    put_text(o, "form", "data path x k + clock + leakage + traffic, over regulators");
    put_text(o, "unit", "W");
    put_int(o, "chip_count", (int64_t)f.leave_chip.chips);
    put_int(o, "point_count", (int64_t)f.leave_chip.points);
    put_real(o, "interval_90_factor", exp(1.645 * f.residual_sigma));
    put_real(o, "style_sigma", f.style_sigma);
    put_factors(o, &f);
    put_errors(o, &f);
    put_real(o, "shuffled_labels",
             accelerator_fit_shuffled(app->arena, &data, (uint64_t)app->common.seed));
    put_chips(o, &data, &f);
    *out = o;
    return true;
}

bool fit_accelerators_summary(const struct app *app, json_t *rows, struct diag *d)
{
    struct chip_data data;
    struct accelerator_fit f;
    TRY(fit_tree(app, &data, &f, d));
    json_t *row = add_row(rows);
    put_text(row, "family", FAMILY);
    put_int(row, "chips", (int64_t)f.leave_chip.chips);
    put_int(row, "points", (int64_t)f.leave_chip.points);
    put_real(row, "a_priori", f.blind.geo_mean);
    put_real(row, "in_sample", f.fitted.geo_mean);
    put_real(row, "left_out", f.leave_chip.geo_mean);
    put_real(row, "worst", f.leave_chip.worst);
    put_real(row, "cell_out", NAN);
    put_real(row, "shuffled",
             accelerator_fit_shuffled(app->arena, &data, (uint64_t)app->common.seed));
    put_real(row, "coverage", NAN);
    put_real(row, "width", exp(1.645 * f.residual_sigma));
    return true;
}
