#include "core/report/validation.h"

#include <string.h>

#include "core/report/run_views.h"
#include "core/report/scatter.h"
#include "core/report/validation_parts.h"

static size_t count_chips(const struct judged_list *l)
{
    size_t chips = 0;
    for (size_t i = 0; i < l->count; i++) {
        bool first = true;
        for (size_t k = 0; k < i && first; k++)
            first = strcmp(l->rows[k].chip, l->rows[i].chip) != 0;
        chips += first;
    }
    return chips;
}

static void count_verdict(struct validation *v, enum judged_verdict verdict)
{
    v->beyond += verdict_fails(verdict);
    v->known += verdict == VERDICT_KNOWN_MISS;
}

void validation_fill(struct arena *a, const char *suite, const struct judged_list *l,
                     struct validation *out)
{
    *out = (struct validation){.suite = suite, .list = l};
    out->families = statistics_by_family(a, l);
    out->chips = statistics_by_chip(a, l);
    out->chip_count = count_chips(l);
    if (!l->only && !l->extra)
        out->limits = statistics_judge(a, suite, &out->families);
    for (size_t i = 0; i < l->count; i++)
        count_verdict(out, judged_verdict(&l->rows[i]));
    for (size_t i = 0; i < out->limits.count; i++)
        count_verdict(out, out->limits.items[i].verdict);
}

/* --- documents -------------------------------------------------------------------------------- */

static void put_table(const struct document *d, const char *title, const char *about,
                      const struct table *t)
{
    if (!table_rows(t))
        return;
    document_heading(d, title);
    if (about)
        document_text(d, about);
    document_table(d, t);
}

struct drawing {
    const struct scatter *panels;
    size_t count;
};

static void draw(FILE *out, const void *user)
{
    const struct drawing *w = user;
    scatter_write(out, w->panels, w->count);
}

static void put_plot(const struct document *d, struct arena *a, const struct validation *v)
{
    struct drawing w;
    w.panels = validation_panels(a, v, &w.count);
    if (!w.count || d->format != REPORT_HTML)
        return;
    document_heading(d, "Predicted against published");
    document_text(d, "Shaded: within a factor of two.  Bars: 90 % intervals.  Hollow: not scored.  "
                     "Point at a mark for its figures.");
    document_picture(d, draw, &w);
}

static const char *headline(struct arena *a, const struct validation *v)
{
    return arena_printf(a,
                        "%zu figures of %zu %s, predicted beside published or measured; %zu "
                        "beyond a limit, %zu known misses.",
                        v->list->count, v->chip_count,
                        v->chip_count == 1 ? "chip or part" : "chips or parts", v->beyond,
                        v->known);
}

static void put_misses(const struct document *d, struct arena *a, const struct validation *v,
                       const char *title, bool known)
{
    size_t count = 0;
    for (size_t i = 0; i < v->list->count; i++) {
        const struct judged *j = &v->list->rows[i];
        if (!validation_is_miss(j, known))
            continue;
        if (!count++)
            document_heading(d, title);
        document_item(d, j->case_name, validation_miss(a, j));
    }
    if (count)
        document_items_end(d);
}

static void put_cases(const struct document *d, struct arena *a, const struct validation *v)
{
    struct footnotes notes = {.arena = a};
    const struct table *efficiency = validation_efficiency(a, v, &notes);
    const struct table *area = validation_area(a, v, &notes);
    put_table(
        d, "Rate and efficiency",
        "TOPS and TOPS/W as published, then as predicted, with the factor predicted / published "
        "in brackets.  Left out: by constants fitted on all chips but this one; the interval "
        "is that of this prediction, else of the blind one.",
        efficiency);
    put_table(d, "Power and area", "As published, then as predicted with the factor.", area);
    document_footnotes(d, &notes);
    put_table(d, "Operating points, closed forms, breakdowns and other figures",
              "Shares of a breakdown are compared in points of 100.", validation_others(a, v));
    put_table(d, "Signal to quantisation and noise of analog macros",
              "At the bits of the published figures (inputs x weights), over random operands; 200: "
              "every result is exact.  No accuracy of a network is claimed from it.",
              validation_sqnr(a, v));
}

static void put_validation(const struct document *d, struct arena *a, const struct validation *v)
{
    document_text(d, headline(a, v));
    if (d->format != REPORT_TEXT)
        document_text(d, arena_printf(a,
                                      "Written by the command cimarron validate %s.  "
                                      "docs/MODELS.md has the models behind the predictions, "
                                      "docs/SOURCES.md the data; every figure with its source "
                                      "stands in the command's json.",
                                      v->suite));
    put_plot(d, a, v);
    put_table(d, "How far off",
              "One weight per chip.  x/÷: geometric mean of the factor between predicted and "
              "published; bias above 1 is too high; in 90: share inside the 90 % interval; width: "
              "its half as a factor.",
              validation_statistics(a, v, true));
    put_table(d, "Limits asked for", NULL, validation_limits(a, v));
    put_table(d, "Limits on single figures",
              "Every scored figure of the row is held to the limit; of shares it is in points of "
              "100.",
              validation_figure_limits(a, v));
    put_misses(d, a, v, "Beyond their limits", false);
    put_misses(d, a, v, "Known misses", true);
    put_cases(d, a, v);
    put_table(d, "Not scored, for themselves",
              "Published power that is a limit, a design's, a board's or a workload's; designs and "
              "figures whose meaning is not certain.  No statistic above counts these.",
              validation_statistics(a, v, false));
}

static bool put_document(FILE *out, struct arena *a, const struct validation *v, size_t count,
                         enum report_format f, const json_t *data, struct diag *d)
{
    struct document doc = {out, f};
    for (size_t i = 0; i < count; i++) {
        const char *title = arena_printf(a, "Validation: %s", v[i].suite);
        if (i == 0)
            document_begin(&doc, title);
        else
            document_heading(&doc, title);
        put_validation(&doc, a, &v[i]);
    }
    return document_end(&doc, data, d);
}

bool report_validations(FILE *out, const struct validation *v, size_t count, enum report_format f,
                        const json_t *data, struct diag *d)
{
    if (f == REPORT_JSON)
        return report_json(out, data, d);
    struct arena *a = arena_open();
    bool ok = true;
    if (f == REPORT_CSV) {
        table_write(out, validation_rows(a, v, count), TABLE_CSV);
        ok = report_flushed(out, d);
    } else {
        ok = put_document(out, a, v, count, f, data, d);
    }
    arena_close(a);
    return ok;
}
