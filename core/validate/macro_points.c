#include "core/validate/macro_points.h"

#include <math.h>

#include "core/base/cfg.h"
#include "core/base/csv.h"

enum { TEXTS = 5, REALS = 4, INTEGERS = 5 };

static const char *const text_names[TEXTS] = {"chip", "metric", "measured", "source", "known_miss"};
static const char *const real_names[REALS] = {"value", "known_value", "vdd_v", "average_output"};
static const char *const integer_names[INTEGERS] = {"input_bits", "weight_bits", "output_bits",
                                                    "registers", "phases"};

struct columns {
    int texts[TEXTS], reals[REALS], integers[INTEGERS];
};

static bool find(const struct csv_table *t, const char *const *names, size_t count, int *out,
                 struct diag *d)
{
    for (size_t i = 0; i < count; i++)
        TRY(csv_need(t, names[i], &out[i], d));
    return true;
}

static bool read_row(const struct csv_table *t, size_t row, const struct columns *c,
                     struct macro_point *p, struct diag *d)
{
    double *const reals[REALS] = {&p->value, &p->known_value, &p->vdd_v, &p->average_output};
    int *const integers[INTEGERS] = {&p->input_bits, &p->weight_bits, &p->output_bits,
                                     &p->registers, &p->phases};
    const char *const known = csv_text(t, row, c->texts[4]);
    p->chip = csv_text(t, row, c->texts[0]);
    p->metric = csv_text(t, row, c->texts[1]);
    p->measured = csv_text(t, row, c->texts[2]);
    p->source = csv_text(t, row, c->texts[3]);
    p->known_miss = known[0] ? known : NULL;
    for (size_t i = 0; i < REALS; i++)
        TRY(csv_real_or(t, row, c->reals[i], 0, 1e12, NAN, reals[i], d));
    for (size_t i = 0; i < INTEGERS; i++) {
        double value;
        TRY(csv_real_or(t, row, c->integers[i], 0, 128, 0, &value, d));
        *integers[i] = (int)value;
    }
    if (!(p->value > 0))
        return csv_complain(t, row, d, "a measured point needs a value above 0");
    return true;
}

bool macro_points_read(struct arena *a, struct macro_points *out, struct diag *d)
{
    const char *path = arena_printf(a, "%s/configs/study/data/macro_points.csv", cfg_home(a));
    struct csv_table t;
    struct columns c;
    TRY(csv_read(a, path, &t, d));
    TRY(find(&t, text_names, TEXTS, c.texts, d));
    TRY(find(&t, real_names, REALS, c.reals, d));
    TRY(find(&t, integer_names, INTEGERS, c.integers, d));
    out->count = t.rows;
    out->at = ARENA_ARRAY(a, struct macro_point, t.rows);
    for (size_t i = 0; i < t.rows; i++)
        TRY(read_row(&t, i, &c, &out->at[i], d));
    return true;
}
