/* cimarron compare: a table of systems, published beside predicted. */
#include <string.h>

#include "core/app/app.h"
#include "core/app/children.h"
#include "core/app/result.h"
#include "core/base/output.h"
#include "core/report/comparison.h"
#include "core/report/run.h"

struct compare_options {
    int64_t uncertainty;
};

static const struct option options[] = {
    {"uncertainty", 0, OPTION_INT, offsetof(struct compare_options, uncertainty), "N", 0, 10000,
     "draw N sets of constants and give 90 % intervals of TOPS/W [0]"},
};

/* --- rows that are simulated ------------------------------------------------------------------ */

struct simulations {
    const struct compare_table *table;
    const struct comparison_row *of; /* the table's rows, their systems opened */
    size_t *rows;                    /* of the table, that have a trace */
    size_t count;
    uint64_t seed;
    int uncertainty;
};

static bool is_gpu(const struct comparison_row *r)
{
    return !strcmp(r->f.role, "gpu");
}

/* A trace runs on chips and GPUs. */
static bool can_run(const struct comparison_row *r, struct diag *d)
{
    const struct compare_row *row = r->asked;
    if (is_gpu(r) || !strcmp(r->f.role, "chip"))
        return true;
    return diag_input(d, row->file, row->line,
                      "row '%s': a 'trace' runs on a chip or a GPU; '%s' is of role %s: leave the "
                      "trace out for its peak",
                      row->key, row->system, r->f.role);
}

static bool simulate(struct arena *a, const void *user, size_t index, json_t **out, struct diag *d)
{
    static const char *const none[] = {NULL};
    const struct simulations *s = user;
    const struct compare_row *row = &s->table->rows[s->rows[index]];
    struct run_request q = {.trace = row->trace,
                            .batch = row->batch,
                            .baselines = none,
                            .seed = s->seed,
                            .uncertainty = s->uncertainty};
    struct cfg_override *set;
    TRY(compare_config(a, row, &q.system, &set, &q.set_count, d));
    q.set = set;
    if (row->precision && !published_bits(row->precision, &q.activation_bits, &q.weight_bits))
        return diag_input(d, row->file, row->line, "row '%s': 'precision' takes int8 or 8x4",
                          row->key);
    return is_gpu(&s->of[s->rows[index]]) ? run_evaluate_gpu(a, &q, out, d)
                                          : run_evaluate(a, &q, out, d);
}

static const char *label(const void *user, size_t index)
{
    const struct simulations *s = user;
    return s->table->rows[s->rows[index]].key;
}

static double number(const json_t *o, const char *key)
{
    const json_t *value = json_object_get(o, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

/* A run's figures take the place of the peak's. */
static void take_run(struct arena *a, const struct compare_row *row, const json_t *run,
                     struct compare_figures *f)
{
    const json_t *interval = json_object_get(run, "tops_per_w_interval");
    const json_t *bits = json_object_get(run, "precision");
    int in = (int)number(bits, "activation_bits"), w = (int)number(bits, "weight_bits");
    f->input_bits = in;
    f->weight_bits = w;
    const char *dtype = json_string_value(json_object_get(run, "dtype")); /* a GPU's own */
    f->precision = dtype     ? arena_strdup(a, dtype)
                   : in == w ? arena_printf(a, "int%d", in)
                             : arena_printf(a, "%dx%d", in, w);
    f->is_float = dtype && strncmp(dtype, "int", 3) != 0;
    if (!row->has_published) { /* its config's are peaks */
        f->published = row->published;
        f->has_published = false;
    }
    f->by = "simulated";
    f->tops = number(run, "tops");
    f->power_w = number(run, "power_w");
    f->tops_per_w = number(run, "tops_per_w");
    f->tops_per_mm2 = number(run, "tops_per_mm2");
    f->tops_sparse = f->tops_at_cap = f->blind_tops_per_w = f->blind_power_w = NAN;
    f->low = json_is_array(interval) ? json_number_value(json_array_get(interval, 0)) : (double)NAN;
    f->high =
        json_is_array(interval) ? json_number_value(json_array_get(interval, 1)) : (double)NAN;
    f->remark = arena_printf(a, "simulated on %s, batch %lld", row->trace, (long long)row->batch);
}

static bool run_all(struct app *app, const struct compare_table *t, int uncertainty,
                    struct comparison_row *rows, struct diag *d)
{
    struct simulations s = {.table = t,
                            .of = rows,
                            .rows = ARENA_ARRAY(app->arena, size_t, t->count),
                            .seed = (uint64_t)app->common.seed,
                            .uncertainty = uncertainty};
    json_t *runs;
    for (size_t i = 0; i < t->count; i++)
        if (t->rows[i].trace)
            s.rows[s.count++] = i;
    const struct children c = {.work = simulate,
                               .user = &s,
                               .count = s.count,
                               .label = label,
                               .manner = children_manner_of(app)};
    if (!s.count)
        return true;
    TRY(children_run(app->arena, &c, &runs, d));
    for (size_t i = 0; i < s.count; i++)
        take_run(app->arena, &t->rows[s.rows[i]], json_array_get(runs, i), &rows[s.rows[i]].f);
    json_decref(runs);
    return true;
}

/* --- the result as JSON ----------------------------------------------------------------------- */

static void put_published(json_t *o, const struct published *p)
{
    put_real(o, "tops", p->tops);
    put_real(o, "tops_high", p->tops_high);
    put_real(o, "tops_sparse", p->tops_sparse);
    put_real(o, "power_w", p->power_w);
    put_real(o, "power_w_high", p->power_w_high);
    put_real(o, "tops_per_w", p->tops_per_w);
    put_real(o, "tops_per_w_high", p->tops_per_w_high);
    put_real(o, "area_mm2", p->area_mm2);
    put_real(o, "tops_per_mm2", p->tops_per_mm2);
    put_text(o, "precision", p->precision);
    put_text(o, "power_is", p->power_is);
    put_bool(o, "recalled", p->recalled);
    put_bool(o, "assumed", p->assumed);
    put_text(o, "source", p->source);
}

static void put_predicted(json_t *o, const struct compare_figures *f)
{
    put_text(o, "by", f->by);
    put_text(o, "power_scope", f->scope);
    put_real(o, "tops", f->tops);
    put_real(o, "tops_high", f->tops_high);
    put_real(o, "tops_sparse", f->tops_sparse);
    put_real(o, "tops_at_cap", f->tops_at_cap);
    put_real(o, "power_w", f->power_w);
    put_real(o, "power_w_high", f->power_w_high);
    put_real(o, "tops_per_w", f->tops_per_w);
    put_real(o, "tops_per_w_low", f->low);
    put_real(o, "tops_per_w_high", f->high);
    put_real(o, "tops_per_w_blind", f->blind_tops_per_w);
    put_real(o, "power_w_blind", f->blind_power_w);
    put_real(o, "area_mm2", f->area_mm2);
    put_real(o, "tops_per_mm2", f->tops_per_mm2);
}

static void put_normalised(json_t *o, const struct compare_table *t,
                           const struct compare_figures *f)
{
    double energy = compare_energy_gain(f->node_nm, t->node_nm > 0 ? t->node_nm : (double)NAN);
    double area = compare_density_gain(f->node_nm, t->node_nm > 0 ? t->node_nm : (double)NAN);
    put_real(o, "node_nm", t->node_nm > 0 ? t->node_nm : (double)NAN);
    put_real(o, "one_bit_tops_per_w", compare_one_bit(f, f->tops_per_w));
    put_real(o, "one_bit_tops_per_w_published", compare_one_bit(f, f->published.tops_per_w));
    put_real(o, "tops_per_w", f->tops_per_w * energy);
    put_real(o, "tops_per_w_published", f->published.tops_per_w * energy);
    put_real(o, "tops_per_mm2", f->tops_per_mm2 * area);
}

static void put_row(struct arena *a, json_t *list, const struct compare_table *t,
                    const struct comparison_row *r)
{
    enum { REMARKS = 10 };
    const char *remarks[REMARKS];
    json_t *row = add_row(list);
    put_text(row, "row", r->asked->key);
    put_text(row, "title", r->f.title);
    put_text(row, "section", r->asked->section);
    put_text(row, "style", r->asked->style);
    put_text(row, "config", r->f.name);
    put_text(row, "role", r->f.role[0] ? r->f.role : NULL);
    put_text(row, "trace", r->asked->trace);
    put_text(row, "precision", r->f.precision);
    put_real(row, "node_nm", r->f.node_nm);
    put_real(row, "vdd_v", r->f.vdd_v);
    put_real(row, "clock_ghz", r->f.clock_ghz);
    if (r->f.has_published)
        put_published(put_object(row, "published"), &r->f.published);
    put_predicted(put_object(row, "predicted"), &r->f);
    put_normalised(put_object(row, "normalised"), t, &r->f);
    json_t *list_of = put_list(row, "remarks");
    size_t count = comparison_remarks(a, r, remarks, REMARKS);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list_of, json_string(remarks[i]));
}

static json_t *result_of(struct arena *a, const struct comparison *c)
{
    json_t *o = json_object();
    put_text(o, "table", c->table->name);
    put_text(o, "title", c->table->title);
    put_text(o, "note", c->table->note);
    json_t *rows = put_list(o, "rows");
    for (size_t i = 0; i < c->table->count; i++)
        put_row(a, rows, c->table, &c->rows[i]);
    return o;
}

/* --- the command ------------------------------------------------------------------------------ */

static bool read_table(struct app *app, const char *word, struct compare_table *t, struct diag *d)
{
    static const char *const roles[] = {"study", NULL};
    struct cfg *c;
    const char *path;
    TRY(app_open_config(app, word, roles, &c, &path, d));
    bool ok = compare_read(app->arena, cfg_root(c), t, d);
    cfg_close(c);
    return ok;
}

static bool fill(struct app *app, const struct compare_table *t, const struct compare_options *o,
                 struct comparison_row *rows, struct diag *d)
{
    struct compare_models *m;
    TRY(compare_models_open(app->arena, &m, d));
    for (size_t i = 0; i < t->count; i++) {
        rows[i].asked = &t->rows[i];
        TRY(compare_peak(app->arena, m, &t->rows[i], (size_t)o->uncertainty,
                         (uint64_t)app->common.seed, &rows[i].f, d));
        if (t->rows[i].trace)
            TRY(can_run(&rows[i], d) && run_find_trace(app->arena, t->rows[i].trace, d) != NULL);
    }
    return run_all(app, t, (int)o->uncertainty, rows, d);
}

static bool write_all(struct app *app, const struct comparison *c, struct diag *d)
{
    struct output out;
    struct diag said = {0};
    TRY(output_open(app->arena, app->common.output, &out, d));
    json_t *data = result_of(app->arena, c);
    bool ok = report_comparison(out.stream, c, app->format, data, &said);
    json_decref(data);
    if (ok || ferror(out.stream))
        return output_commit(&out, d);
    output_abandon(&out);
    *d = said;
    return false;
}

static int run(struct app *app, const struct texts *words, void *values)
{
    struct compare_table t;
    struct diag d = {0};
    if (!read_table(app, words->items[0], &t, &d))
        return app_fail(&d);
    struct comparison_row *rows = ARENA_ARRAY(app->arena, struct comparison_row, t.count);
    const struct comparison c = {&t, rows};
    if (!fill(app, &t, values, rows, &d) || !write_all(app, &c, &d))
        return app_fail(&d);
    return EXIT_DONE;
}

const struct command command_compare = {
    .name = "compare",
    .summary = "a table of systems, published beside predicted",
    .words = "TABLE",
    .about =
        "TABLE is a config of configs/study, or a path, of kind = \"table\": rows name systems\n"
        "(accelerators, chips, macros, GPUs, spaces of designs) and what is asked of each: its "
        "peak\n"
        "at a precision and operating point, or a trace that is simulated on it.  Beside the\n"
        "published figures stand the predicted ones, by constants fitted on all chips but the "
        "row's\n"
        "own, and blind; then the same at 1 b x 1 b, at one node, dense and 2:4.  Footnotes carry\n"
        "whose power it is, what is recalled or assumed, and what is not scored.\n"
        "Keys of a table: cimarron list tables.\n"
        "\n"
        "RESULT\n"
        "  rows: title, section, config, precision, node_nm, published, predicted, normalised,\n"
        "  remarks; latex: tables with the rules of booktabs; csv: one line per row\n"
        "\n"
        "EXAMPLES\n"
        "  cimarron compare founding_table\n"
        "  cimarron compare founding_table --uncertainty 1000 --format latex -o table.tex\n",
    .options = options,
    .option_count = COUNT_OF(options),
    .values_size = sizeof(struct compare_options),
    .words_min = 1,
    .words_max = 1,
    .takes_set = true,
    .run = run,
};
