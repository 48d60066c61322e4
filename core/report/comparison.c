#include "core/report/comparison.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/report/document.h"
#include "core/report/format.h"
#include "core/report/run_views.h"

enum { REMARKS_MAX = 10 };

/* --- footnotes -------------------------------------------------------------------------------- */

static const char *power_remark(struct arena *a, const struct compare_figures *f)
{
    const char *is = f->has_published ? f->published.power_is : "";
    if (f->published.mark) /* says it in the source's own terms */
        return NULL;
    if (!strcmp(is, "tdp"))
        return "published power is a TDP, not power at the peak; not scored";
    if (!strcmp(is, "design"))
        return "published power is a design's estimate; not scored";
    if (!strcmp(is, "workload"))
        return "published power is that of a workload; not scored";
    if ((!strcmp(is, "board") || !strcmp(is, "system")) && strcmp(is, f->scope) != 0 && *f->scope)
        return arena_printf(a, "published power is that of the %s, predicted power of the %s", is,
                            f->scope);
    return !strcmp(is, "board") ? "power of the board" : NULL;
}

static const char *trust_remark(struct arena *a, const struct compare_figures *f)
{
    const struct published *p = &f->published;
    if (!f->has_published || (!p->recalled && !p->assumed))
        return NULL;
    return arena_printf(a, "of the published figures some are %s",
                        p->recalled && p->assumed ? "recalled from the paper, some derived"
                        : p->recalled             ? "recalled from the paper, not looked up"
                                                  : "derived or assumed");
}

size_t comparison_remarks(struct arena *a, const struct comparison_row *r, const char **out,
                          size_t room)
{
    const struct compare_figures *f = &r->f;
    const char *const all[] = {
        r->asked->mark,
        f->remark,
        f->published.mark,
        power_remark(a, f),
        trust_remark(a, f),
        !strcmp(f->by, "component") ? "predicted from the design's own component powers" : NULL,
        !strcmp(f->by, "model") ? "predicted by the models of arrays, without its published figures"
                                : NULL,
        r->asked->sparse && !r->asked->mark ? "counts 2:4 structured sparsity as work done" : NULL,
        r->asked->sustained ? "at the clock that the power cap allows" : NULL,
    };
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(all) && count < room; i++) {
        bool said = !all[i];
        for (size_t k = 0; k < count && !said; k++)
            said = !strcmp(out[k], all[i]);
        if (!said)
            out[count++] = all[i];
    }
    return count;
}

static int by_number(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* "RaPiD [1, 3]" */
static const char *name_cell(struct arena *a, const struct comparison_row *r, struct footnotes *n)
{
    const char *remarks[REMARKS_MAX], *text = r->f.title;
    size_t numbers[REMARKS_MAX], count = comparison_remarks(a, r, remarks, REMARKS_MAX);
    for (size_t i = 0; i < count; i++)
        numbers[i] = footnote_number(n, remarks[i]);
    if (count)
        qsort(numbers, count, sizeof *numbers, by_number);
    for (size_t i = 0; i < count; i++)
        text = arena_printf(a, "%s%s%zu", text, i ? ", " : " [", numbers[i]);
    return count ? arena_printf(a, "%s]", text) : text;
}

/* --- cells ------------------------------------------------------------------------------------ */

/* Two significant digits: what the end of a band deserves. */
static double two_digits(double value)
{
    char text[32];
    snprintf(text, sizeof text, "%.2g", value);
    return strtod(text, NULL);
}

static const char *band(struct arena *a, double low, double high)
{
    if (!isfinite(high) || !isfinite(low) || high < 1.03 * low)
        return format_three(a, low);
    return arena_printf(a, "%s..%s", format_plain(two_digits(low)).s,
                        format_plain(two_digits(high)).s);
}

static const char *node_cell(struct arena *a, const struct compare_figures *f)
{
    return isfinite(f->node_nm) ? arena_printf(a, "%g", f->node_nm) : "-";
}

static const char *precision_of(const struct compare_figures *f)
{
    return f->precision ? f->precision : f->has_published ? f->published.precision : NULL;
}

/* A published figure that counts sparsity stands where the row does. */
static double row_tops(const struct comparison_row *r)
{
    const struct published *p = &r->f.published;
    return r->asked->sparse && !isnan(p->tops_sparse) ? p->tops_sparse : p->tops;
}

static double row_efficiency(const struct comparison_row *r)
{
    const struct published *p = &r->f.published;
    return r->asked->sparse && !isnan(p->tops_sparse) ? p->tops_sparse / p->power_w : p->tops_per_w;
}

/* --- published beside predicted --------------------------------------------------------------- */

static void put_main(struct arena *a, struct table *t, const struct comparison_row *r,
                     struct footnotes *n)
{
    const struct compare_figures *f = &r->f;
    const struct published *p = &f->published;
    bool space = !strcmp(f->by, "space");
    table_cell(t, name_cell(a, r, n));
    table_cell(t, node_cell(a, f));
    table_cell(t, precision_of(f));
    table_cell(t, band(a, row_tops(r), p->tops_high));
    table_cell(t, band(a, f->tops, f->tops_high));
    table_cell(t, band(a, p->power_w, p->power_w_high));
    table_cell(t, space ? "-" : format_three(a, f->power_w)); /* a space is made to have these */
    table_cell(t, band(a, row_efficiency(r), p->tops_per_w_high));
    table_cell(t, format_three(a, f->tops_per_w));
    table_cell(t, format_factor(a, f->tops_per_w / row_efficiency(r)));
    table_cell(t, isfinite(f->low) && !space ? band(a, f->low, f->high) : "-");
    table_cell(t, format_three(a, f->blind_tops_per_w));
}

/* Columns of words are left-aligned; one titled `beside` continues the one before it. */
static void put_columns(struct table *t, const char *const *titles, size_t count,
                        const char *beside)
{
    for (size_t i = 0; i < count; i++) {
        bool word = !strcmp(titles[i], "system") || !strcmp(titles[i], "type");
        if (!strcmp(titles[i], beside))
            table_column_beside(t, titles[i], ALIGN_RIGHT);
        else
            table_column(t, titles[i], word ? ALIGN_LEFT : ALIGN_RIGHT);
    }
}

static struct table *main_table(struct arena *a, const struct comparison *c, struct footnotes *n)
{
    static const char *const titles[] = {"system", "nm",     "type",  "TOPS",   "pred.", "W",
                                         "pred.",  "TOPS/W", "pred.", "factor", "90 %",  "blind"};
    struct table *t = table_open(a);
    const char *section = NULL;
    put_columns(t, titles, COUNT_OF(titles), "pred.");
    for (size_t i = 0; i < c->table->count; i++) {
        const char *of = c->rows[i].asked->section;
        if (of && (!section || strcmp(of, section) != 0))
            table_section(t, of);
        section = of;
        put_main(a, t, &c->rows[i], n);
    }
    table_drop_empty(t);
    return t;
}

/* --- normalised ------------------------------------------------------------------------------- */

static void put_normalised(struct arena *a, struct table *t, const struct comparison *c,
                           const struct comparison_row *r)
{
    const struct compare_figures *f = &r->f;
    double to = c->table->node_nm > 0 ? c->table->node_nm : (double)NAN;
    double energy = compare_energy_gain(f->node_nm, to),
           area = compare_density_gain(f->node_nm, to);
    double shown = row_efficiency(r);
    table_cell(t, f->title);
    table_cell(t, precision_of(f));
    table_cell(t, format_three(a, compare_one_bit(f, shown)));
    table_cell(t, format_three(a, compare_one_bit(f, f->tops_per_w)));
    table_cell(t, format_three(a, shown * energy));
    table_cell(t, format_three(a, f->tops_per_w * energy));
    table_cell(t, format_three(a, f->tops_per_mm2));
    table_cell(t, format_three(a, f->tops_per_mm2 * area));
    table_cell(t, r->asked->sparse ? "-" : band(a, f->tops, f->tops_high));
    table_cell(t, format_three(a, f->tops_sparse));
    table_cell(t, format_three(a, f->tops_at_cap));
}

static struct table *normalised_table(struct arena *a, const struct comparison *c)
{
    struct table *t = table_open(a);
    const char *node = arena_printf(a, "at %g nm", c->table->node_nm);
    const char *const titles[] = {"system", "type", "1b",    "pred.", node,    "pred.",
                                  "/mm2",   node,   "dense", "2:4",   "at cap"};
    put_columns(t, titles, COUNT_OF(titles), "pred.");
    for (size_t i = 0; i < c->table->count; i++)
        put_normalised(a, t, c, &c->rows[i]);
    table_drop_empty(t);
    return t;
}

/* --- csv -------------------------------------------------------------------------------------- */

static const char *exact(struct arena *a, double value)
{
    return arena_strdup(a, format_exact(value).s);
}

static const char *all_remarks(struct arena *a, const struct comparison_row *r)
{
    const char *remarks[REMARKS_MAX], *text = "";
    size_t count = comparison_remarks(a, r, remarks, REMARKS_MAX);
    for (size_t i = 0; i < count; i++)
        text = arena_printf(a, "%s%s%s", text, i ? "; " : "", remarks[i]);
    return text;
}

static struct table *csv_table(struct arena *a, const struct comparison *c)
{
    static const char *const titles[] = {"row",
                                         "title",
                                         "section",
                                         "config",
                                         "role",
                                         "node_nm",
                                         "precision",
                                         "power_is",
                                         "published_tops",
                                         "tops",
                                         "tops_sparse",
                                         "tops_at_cap",
                                         "published_power_w",
                                         "power_w",
                                         "published_tops_per_w",
                                         "tops_per_w",
                                         "tops_per_w_low",
                                         "tops_per_w_high",
                                         "tops_per_w_blind",
                                         "published_area_mm2",
                                         "area_mm2",
                                         "tops_per_mm2",
                                         "by",
                                         "remarks"};
    struct table *t = table_open(a);
    for (size_t i = 0; i < COUNT_OF(titles); i++)
        table_column(t, titles[i], ALIGN_LEFT);
    for (size_t i = 0; i < c->table->count; i++) {
        const struct comparison_row *r = &c->rows[i];
        const struct compare_figures *f = &r->f;
        const char *const words[] = {r->asked->key, f->title, r->asked->section, f->name, f->role};
        for (size_t k = 0; k < COUNT_OF(words); k++)
            table_cell(t, words[k] ? words[k] : "");
        table_cell(t, exact(a, f->node_nm));
        table_cell(t, precision_of(f) ? precision_of(f) : "");
        table_cell(t, f->has_published ? f->published.power_is : "");
        const double values[] = {row_tops(r),
                                 f->tops,
                                 f->tops_sparse,
                                 f->tops_at_cap,
                                 f->published.power_w,
                                 f->power_w,
                                 row_efficiency(r),
                                 f->tops_per_w,
                                 f->low,
                                 f->high,
                                 f->blind_tops_per_w,
                                 f->published.area_mm2,
                                 f->area_mm2,
                                 f->tops_per_mm2};
        for (size_t k = 0; k < COUNT_OF(values); k++)
            table_cell(t, exact(a, values[k]));
        table_cell(t, f->by);
        table_cell(t, all_remarks(a, r));
    }
    return t;
}

/* --- the document ----------------------------------------------------------------------------- */

static bool put_document(FILE *out, struct arena *a, const struct comparison *c,
                         enum report_format f, const json_t *data, struct diag *d)
{
    struct document doc = {out, f};
    struct footnotes notes = {.arena = a};
    document_begin(&doc, c->table->title);
    if (c->table->note)
        document_text(&doc, c->table->note);
    document_text(
        &doc,
        "TOPS, W and TOPS/W: as published, then as predicted from structure (pred.); "
        "factor: predicted over published TOPS/W.  Left out: by constants fitted on all "
        "chips but this one; blind: by constants of the literature, after one look at such chips.");
    document_table(&doc, main_table(a, c, &notes));
    document_footnotes(&doc, &notes);
    document_heading(&doc, "Normalised");
    document_text(
        &doc,
        c->table->node_nm > 0
            ? arena_printf(a,
                           "1b: TOPS/W times both widths, integers only.  At %g nm: "
                           "energy and area scaled at nominal supplies (Stillmaker and "
                           "Baas, 2017; below 7 nm assumed).  /mm2: predicted TOPS/mm2.  Dense "
                           "and 2:4: predicted peak TOPS without and with structured "
                           "sparsity counted as work; at cap: dense TOPS that a GPU "
                           "sustains under its power limit.",
                           c->table->node_nm)
            : "1b: TOPS/W times both widths, integers only.");
    document_table(&doc, normalised_table(a, c));
    return document_end(&doc, data, d);
}

bool report_comparison(FILE *out, const struct comparison *c, enum report_format f,
                       const json_t *data, struct diag *d)
{
    if (f == REPORT_JSON)
        return report_json(out, data, d);
    struct arena *a = arena_open();
    bool ok;
    if (f == REPORT_CSV) {
        table_write(out, csv_table(a, c), TABLE_CSV);
        ok = report_flushed(out, d);
    } else {
        ok = put_document(out, a, c, f, data, d);
    }
    arena_close(a);
    return ok;
}
