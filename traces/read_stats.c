#include <math.h>
#include <string.h>

#include "traces/line_read.h"
#include "traces/op_check.h"
#include "traces/read_op.h"

enum { BINS_MAX = 1 << 16 };

/* One operand's object on its way. */
struct operand {
    const char *what; /* "activation", "weights" */
    const json_t *object;
    int bits;
    bool is_weight;
    bool is_signed;
};

static bool share(struct line *l, const struct operand *o, const char *key, const json_t *v,
                  double *out)
{
    TRY(line_to_real(l, key, v, out));
    if (!(*out >= 0 && *out <= 1))
        return line_wrong(l->d, l->path, l->number, "\"%s\" of \"%s\" is %g; it is from 0 to 1",
                          key, o->what, *out);
    return true;
}

static bool read_list(struct line *l, struct op_lists *m, const struct operand *o, const char *key,
                      size_t *count)
{
    const json_t *list = json_object_get(o->object, key);
    if (!json_is_array(list))
        return line_bad_type(l, key, list, "a list of shares");
    *count = json_array_size(list);
    if (*count > BINS_MAX)
        return line_wrong(l->d, l->path, l->number, "\"%s\" has %zu entries; %d are possible", key,
                          *count, BINS_MAX);
    TRY(list_reserve(l, &m->numbers, &m->numbers_room, *count, sizeof *m->numbers));
    for (size_t i = 0; i < *count; i++)
        TRY(share(l, o, key, json_array_get(list, i), &m->numbers[i]));
    return true;
}

static bool from_histogram(struct line *l, struct op_lists *m, const struct operand *o,
                           struct operand_stats *s)
{
    size_t count = 0;
    double sum = 0;
    TRY(read_list(l, m, o, "hist", &count));
    if (count < 2)
        return line_wrong(l->d, l->path, l->number, "\"hist\" has %zu bins; 2 or more are needed",
                          count);
    for (size_t i = 0; i < count; i++)
        sum += m->numbers[i];
    if (fabs(sum - 1) > 1e-3)
        return line_wrong(l->d, l->path, l->number, "\"hist\" sums to %g; bins sum to 1", sum);
    *s = stats_from_histogram(m->numbers, count, o->bits, o->is_signed);
    return true;
}

static bool from_bits(struct line *l, struct op_lists *m, const struct operand *o,
                      struct operand_stats *s)
{
    size_t count = 0;
    TRY(read_list(l, m, o, "bits", &count));
    if (count != (size_t)o->bits)
        return line_wrong(l->d, l->path, l->number, "\"bits\" has %zu entries for %d bits", count,
                          o->bits);
    *s = stats_from_bits(m->numbers, o->bits, o->is_signed);
    return true;
}

static bool moment(struct line *l, const struct operand *o, const char *key, double *out)
{
    const json_t *v = json_object_get(o->object, key);
    if (!v)
        return line_wrong(l->d, l->path, l->number, "the key \"%s\" is missing in \"%s\"", key,
                          o->what);
    return share(l, o, key, v, out);
}

static bool from_moments(struct line *l, const struct operand *o, struct operand_stats *s)
{
    *s = (struct operand_stats){0};
    TRY(moment(l, o, "density", &s->density));
    TRY(moment(l, o, "bit_density", &s->bit_density));
    TRY(moment(l, o, "bit_toggle", &s->bit_toggle));
    TRY(moment(l, o, "mean", &s->mean));
    return moment(l, o, "mean_square", &s->mean_square);
}

/* A density given beside a histogram or bits: they win, a contradiction is a warning. */
static bool compare_density(struct line *l, const struct operand *o, const json_t *density,
                            const struct operand_stats *s)
{
    double given = 0;
    TRY(share(l, o, "density", density, &given));
    if (fabs(given - s->density) > 0.05)
        line_warn(l, "\"density\" of \"%s\" is %g, but its distribution says %g", o->what, given,
                  s->density);
    return true;
}

static bool read_signed(struct line *l, struct operand *o)
{
    const json_t *v = json_object_get(o->object, "signed");
    if (v && !json_is_boolean(v))
        return line_bad_type(l, "signed", v, "true or false");
    if (v)
        o->is_signed = json_is_true(v);
    return true;
}

static void warn_of_unknown_keys(struct line *l, const struct operand *o)
{
    static const char *const KNOWN[] = {"density",     "hist",       "bits", "signed",
                                        "bit_density", "bit_toggle", "mean", "mean_square"};
    json_t *object = l->value[o->is_weight ? KEY_weights : KEY_activation];
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
        const char *key = json_object_iter_key(i);
        size_t k = 0;
        while (k < COUNT_OF(KNOWN) && strcmp(key, KNOWN[k]) != 0)
            k++;
        if (k == COUNT_OF(KNOWN))
            line_warn(l, "unknown key \"%.60s\" in \"%s\"", key, o->what);
    }
}

static bool from_density(struct line *l, struct op_lists *m, const struct operand *o,
                         const json_t *density, struct operand_stats *s)
{
    struct density_stats *last = &m->last[o->is_weight];
    double d = 0;
    TRY(share(l, o, "density", density, &d));
    if (last->bits != o->bits || last->density < d || last->density > d)
        *last = (struct density_stats){d, o->bits, stats_from_density(d, o->bits, o->is_weight)};
    *s = last->stats;
    return true;
}

static bool read_operand(struct line *l, struct op_lists *m, struct operand o,
                         struct operand_stats *s)
{
    if (!json_is_object(o.object))
        return line_bad_type(l, o.what, o.object, "an object");
    const json_t *density = json_object_get(o.object, "density");
    if (density && json_object_size(o.object) == 1)
        return from_density(l, m, &o, density, s);
    warn_of_unknown_keys(l, &o);
    TRY(read_signed(l, &o));
    bool has_hist = json_object_get(o.object, "hist") != NULL;
    if (has_hist || json_object_get(o.object, "bits")) {
        TRY(has_hist ? from_histogram(l, m, &o, s) : from_bits(l, m, &o, s));
        return !density || compare_density(l, &o, density, s);
    }
    if (json_object_get(o.object, "bit_density"))
        return from_moments(l, &o, s);
    if (!density)
        return line_wrong(l->d, l->path, l->number, "\"%s\" needs density, hist or bits", o.what);
    return from_density(l, m, &o, density, s);
}

bool read_stats(struct line *l, struct op_lists *m, struct op *op)
{
    const json_t *activation = l->value[KEY_activation], *weights = l->value[KEY_weights];
    const struct operand a = {"activation", activation, op->activation_bits, false, false};
    const struct operand w = {"weights", weights, op->weight_bits, true, true};
    if (!activation && !weights)
        return true;
    m->stats.activation = (struct operand_stats){.is_default = true};
    m->stats.weights = (struct operand_stats){.is_default = true};
    op->stats = &m->stats;
    if (op->kind == OP_ROUTE && op->load)
        return line_wrong(l->d, l->path, l->number, "route takes no value statistics beside load");
    if (activation)
        TRY(read_operand(l, m, a, &m->stats.activation));
    return !weights || read_operand(l, m, w, &m->stats.weights);
}
