/* cimarron fit: constants of families, fitted on the published chips in the tree. */
#include <string.h>

#include "core/app/app.h"
#include "core/app/fit_accelerators.h"
#include "core/app/result.h"
#include "core/fit/interval.h"
#include "core/report/format.h"

static void add_error(json_t *list, const char *constants_from, const struct fit_error *e)
{
    json_t *row = add_row(list);
    put_text(row, "constants_from", constants_from);
    put_real(row, "geo_mean", e->geo_mean);
    put_real(row, "worst", e->worst);
    put_real(row, "sigma", e->sigma);
    put_real(row, "within_1_5", e->within_1_5);
    put_real(row, "within_2", e->within_2);
    put_int(row, "groups", (int64_t)e->groups);
}

static void put_errors(struct arena *a, json_t *o, const struct fit_law *law,
                       const struct fit_result *r)
{
    json_t *list = put_list(o, "errors");
    add_error(list, "a_priori", &r->a_priori_error);
    add_error(list, "in_sample", &r->in_sample_error);
    add_error(list, "leave_one_chip_out", &r->left_out_error);
    for (int g = 0; g < FIT_GROUPINGS; g++)
        if (r->group_error[g].groups > 0)
            add_error(list, arena_printf(a, "leave_one_%s_out", fit_grouping_words[g]),
                      &r->group_error[g]);
    if (law->relabel)
        add_error(list, "shuffled_labels", &r->shuffled_labels);
    add_error(list, "shuffled_chips", &r->shuffled_chips);
}

static void put_constants(json_t *o, const struct fit_law *law, const struct fit_result *r)
{
    json_t *list = put_list(o, "constants");
    for (size_t i = 0; i < law->constant_count; i++) {
        json_t *row = add_row(list);
        put_text(row, "constant", law->constants[i].name);
        put_real(row, "fitted", r->constants[i]);
        put_real(row, "a_priori", law->constants[i].a_priori);
        put_text(row, "unit", law->constants[i].unit);
        put_text(row, "meaning", law->constants[i].help);
    }
}

static void put_chips(struct arena *a, json_t *o, const struct fit_set *s,
                      const struct fit_result *r)
{
    json_t *list = put_list(o, "chips");
    for (size_t i = 0; i < s->count; i++) {
        json_t *row = add_row(list);
        put_text(row, "chip", s->points[i].chip);
        put_text(row, "title", format_cut(a, s->points[i].title, 40));
        put_int(row, "line", s->points[i].line);
        put_real(row, "published", s->points[i].published);
        put_real(row, "fitted", s->points[i].published * exp(r->in_sample[i]));
        put_real(row, "left_out", s->points[i].published * exp(r->left_out[i]));
        put_real(row, "ratio", exp(r->left_out[i]));
    }
}

/* A family with its points and what fitting them gave. */
struct fitted {
    const struct fit_family *family;
    struct fit_set points, excluded;
    struct fit_result r;
    struct fit_coverage coverage;
};

static struct fitted fit_one(const struct app *app, const struct fit_family *f,
                             const struct benchmark *b)
{
    struct fitted t = {.family = f,
                       .points = fit_family_points(app->arena, f, b),
                       .excluded = fit_family_excluded(app->arena, f, b)};
    fit_evaluate(app->arena, &f->law, &t.points, FIT_GROUPINGS, (uint64_t)app->common.seed, &t.r);
    t.coverage = fit_family_coverage(f, b, (uint64_t)app->common.seed);
    return t;
}

/* Rows that took no part, under the fitted constants, and why they did not. */
static void put_excluded(struct arena *a, json_t *o, const struct fitted *t)
{
    json_t *list = put_list(o, "rows_taken_out");
    for (size_t i = 0; i < t->excluded.count; i++) {
        const struct fit_point *p = &t->excluded.points[i];
        json_t *row = add_row(list);
        put_text(row, "chip", p->chip);
        put_text(row, "title", format_cut(a, p->title, 24));
        put_real(row, "published", p->published);
        put_real(row, "ratio", exp(fit_residual(&t->family->law, t->r.constants, p)));
        put_text(row, "why", p->note);
    }
}

static json_t *family_result(const struct app *app, const struct fitted *t)
{
    const struct fit_family *f = t->family;
    json_t *o = json_object();
    put_text(o, "family", f->name);
    put_text(o, "predicts", f->help);
    put_text(o, "form", f->form);
    put_text(o, "unit", f->unit);
    put_int(o, "chip_count", (int64_t)t->r.chips);
    put_int(o, "point_count", (int64_t)t->points.count);
    put_real(o, "coverage", t->coverage.share);
    put_real(o, "median_width", t->coverage.median_width);
    put_constants(o, &f->law, &t->r);
    put_errors(app->arena, o, &f->law, &t->r);
    put_chips(app->arena, o, &t->points, &t->r);
    put_excluded(app->arena, o, t);
    return o;
}

static void add_summary(json_t *rows, const struct fitted *t)
{
    json_t *row = add_row(rows);
    put_text(row, "family", t->family->name);
    put_int(row, "chips", (int64_t)t->r.chips);
    put_int(row, "points", (int64_t)t->points.count);
    put_real(row, "a_priori", t->r.a_priori_error.geo_mean);
    put_real(row, "in_sample", t->r.in_sample_error.geo_mean);
    put_real(row, "left_out", t->r.left_out_error.geo_mean);
    put_real(row, "worst", t->r.left_out_error.worst);
    put_real(row, "cell_out", t->r.group_error[0].groups ? t->r.group_error[0].geo_mean : NAN);
    put_real(row, "shuffled", t->r.shuffled_chips.geo_mean);
    put_real(row, "coverage", t->coverage.share);
    put_real(row, "width", t->coverage.median_width);
}

static json_t *all_families(const struct app *app, const struct benchmark *b)
{
    json_t *rows = json_array();
    for (size_t i = 0; fit_family_at(i); i++) {
        struct fitted t = fit_one(app, fit_family_at(i), b);
        add_summary(rows, &t);
    }
    return rows;
}

static int run_accelerators(struct app *app)
{
    struct diag d = {0};
    json_t *result = NULL;
    return fit_accelerators(app, &result, &d) ? app_report(app, result) : app_fail(&d);
}

static int run_all(struct app *app, const struct benchmark *b)
{
    struct diag d = {0};
    json_t *rows = all_families(app, b);
    if (fit_accelerators_summary(app, rows, &d))
        return app_report(app, rows);
    json_decref(rows);
    return app_fail(&d);
}

static const char *family_names(struct arena *a)
{
    const char *names = "all, accelerators";
    for (size_t i = 0; fit_family_at(i); i++)
        names = arena_printf(a, "%s, %s", names, fit_family_at(i)->name);
    return names;
}

static int run(struct app *app, const struct texts *words, void *values)
{
    const char *name = words->items[0];
    const struct fit_family *f = fit_family_find(name);
    struct benchmark b;
    struct diag d = {0};
    (void)values;
    if (strcmp(name, "accelerators") == 0)
        return run_accelerators(app);
    if (!f && strcmp(name, "all") != 0) {
        diag_record(&d, EXIT_INPUT, NULL, 0, "no family '%.40s': %s", name,
                    family_names(app->arena));
        return app_fail(&d);
    }
    if (!benchmark_open(app->arena, &b, &d))
        return app_fail(&d);
    if (!f)
        return run_all(app, &b);
    struct fitted t = fit_one(app, f, &b);
    return app_report(app, family_result(app, &t));
}

const struct command command_fit = {
    .name = "fit",
    .summary = "constants of a family of chips, fitted on published ones",
    .words = "FAMILY|all",
    .about =
        "Fits the law of a family on the chips of configs/study/data, in the logarithm of\n"
        "predicted over published, one weight a chip; then judges it by chips left out.\n"
        "Families: analog_sram, resistive, resistive_untimed, digital (energy), analog_area,\n"
        "resistive_area, digital_area, digital_step (cycle), accelerators (power of whole digital\n"
        "chips; GPU limits take no part, TDPs by a factor of their own).\n"
        "\n"
        "RESULT\n"
        "  constants   a priori and fitted\n"
        "  errors      geo_mean, worst, sigma of the logarithm, shares within 1.5x and 2x: in\n"
        "              sample, leaving out a chip, a cell type, a venue's year, a node, and with\n"
        "              labels or whole figures dealt to other chips (median of 20, --seed)\n"
        "  coverage    of published figures by the 90 % intervals of left-out chips, which reach\n"
        "              x and / of median_width\n"
        "  chips       published, fitted, left_out, ratio of left_out to published\n"
        "  rows_taken_out, and why\n"
        "  With all: a row per family.\n"
        "\n"
        "EXAMPLES\n"
        "  cimarron fit all\n"
        "  cimarron fit analog_sram --format csv\n",
    .words_min = 1,
    .words_max = 1,
    .run = run,
};
