/* Reading a space of designs. */
#include <string.h>

#include "core/cim/array.h"
#include "core/validate/design_space.h"

const char design_share_axis[] = "array_share";

static const char *const kinds[] = {"design_space", NULL};
static const char *const top_groups[] = {"designs", NULL};
static const char *const class_groups[] = {"array", "axes", NULL};

struct raw_space {
    int kind;
    const char *name;
    double tolerance, rate_tolerance;
    int64_t arrays_max;
};

#define SPACE(key, type, lo, hi, fallback, help)                                                   \
    {                                                                                              \
#key, type, offsetof(struct raw_space, key), "", lo, hi, fallback, NULL, help              \
    }

static const struct cfg_field space_fields[] = {
    {"kind", CFG_CHOICE, offsetof(struct raw_space, kind), "", 0, 0, NULL, kinds,
     "what the file is"},
    SPACE(name, CFG_TEXT, 0, 0, NULL, "name of the study"),
    SPACE(tolerance, CFG_REAL, 1e-6, 1, "0.1", "of power, and of TOPS/W where no band stands"),
    SPACE(rate_tolerance, CFG_REAL, 1e-6, 1, "0.02", "of TOPS, where they were published"),
    SPACE(arrays_max, CFG_INT, 1, 1e6, "4096", "largest number of equal arrays"),
};
const struct cfg_schema design_space_schema = {
    "a space of designs", "designs that would meet published figures",
    space_fields,         COUNT_OF(space_fields),
    top_groups,           NULL};

static const struct cfg_field class_fields[] = {
    {"interval", CFG_REAL, offsetof(struct design_class, interval), "", 1, 100, "1.0", NULL,
     "90 % of the model's TOPS/W lie within this factor"},
};
const struct cfg_schema design_class_schema = {
    "a class of designs", "arrays of one kind and the ranges of their keys",
    class_fields,         COUNT_OF(class_fields),
    class_groups,         NULL};

static const struct cfg_field axis_fields[] = {
    {"values", CFG_INTS, offsetof(struct design_axis, values), "", -1e9, 1e9, NULL, NULL,
     "what the keys are set to, over scale"},
    {"scale", CFG_REAL, offsetof(struct design_axis, scale), "", 1e-6, 1e6, "1.0", NULL,
     "factor on the values"},
    {"keys", CFG_TEXT, offsetof(struct design_axis, keys), "", 0, 0, "", NULL,
     "keys of the array that it sets, separated by blanks [the axis's name]"},
};
const struct cfg_schema design_axis_schema = {
    "an axis", "values of some keys of an array", axis_fields, COUNT_OF(axis_fields), NULL, NULL};

static size_t count_words(const char *text)
{
    size_t count = 0;
    for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
        text += strcspn(text, " ");
        count++;
    }
    return count;
}

/* A share of 0 would ask for a chip without arrays, one above 1 for arrays that draw more than it.
 */
static bool check_axis(const struct cfg_group *g, const struct design_axis *x, struct diag *d)
{
    size_t keys = count_words(x->keys);
    bool is_share = !strcmp(x->name, design_share_axis);
    if (!x->values.count)
        return cfg_complain(g, "values", d, "an axis needs at least one value");
    if (!keys || keys > DESIGN_KEYS_MAX)
        return cfg_complain(g, "keys", d, "an axis sets 1 to %d keys, not %zu", DESIGN_KEYS_MAX,
                            keys);
    for (size_t i = 0; is_share && i < x->values.count; i++) {
        double share = (double)x->values.values[i] * x->scale;
        if (!(share > 0 && share <= 1))
            return cfg_complain(g, "values", d,
                                "%s is a share of the chip's power: above 0, at most 1, not %.4g",
                                design_share_axis, share);
    }
    return true;
}

static bool read_axis(struct arena *a, const struct cfg_group *g, struct design_axis *x,
                      struct diag *d)
{
    TRY(cfg_read(g, &design_axis_schema, x, d));
    x->name = arena_strdup(a, cfg_name(g));
    if (!x->keys[0])
        x->keys = x->name;
    return check_axis(g, x, d);
}

/* Axes have names that nobody knows beforehand: the schema is made of those that stand. */
static bool read_axes(struct arena *a, const struct cfg_group *g, struct design_class *x,
                      struct diag *d)
{
    size_t count = cfg_sub_count(g);
    if (cfg_key_at(g, 0))
        return cfg_complain(g, cfg_key_at(g, 0), d,
                            "'axes' holds a group for each axis: rows = { values = [...]; }");
    if (!count || count > DESIGN_AXES_MAX)
        return cfg_complain(g, NULL, d, "a class has 1 to %d axes, not %zu", DESIGN_AXES_MAX,
                            count);
    double tried = 1;
    for (size_t i = 0; i < count; i++) {
        TRY(read_axis(a, cfg_sub_at(g, i), &x->axes[i], d));
        tried *= (double)x->axes[i].values.count;
    }
    x->axis_count = count;
    if (tried <= DESIGN_TRIED_MAX)
        return true;
    return cfg_complain(g, NULL, d, "%.0f combinations are too many: at most %d", tried,
                        DESIGN_TRIED_MAX);
}

/* The array as it stands in the file must open: a slip there would refuse every combination. */
static bool read_class(struct arena *a, const struct cfg_group *g, struct design_class *x,
                       struct diag *d)
{
    const struct cfg_group *array, *axes;
    struct array *opened;
    TRY(cfg_read(g, &design_class_schema, x, d));
    TRY(cfg_sub(g, "array", &array, d));
    TRY(array_open(a, array, &opened, d));
    TRY(cfg_sub(g, "axes", &axes, d));
    x->key = arena_strdup(a, cfg_name(g));
    x->title = cfg_text_or(g, "title", x->key);
    return read_axes(a, axes, x, d);
}

static bool read_published(struct arena *a, const struct cfg_group *g, struct design_space *out,
                           struct diag *d)
{
    bool found;
    TRY(published_read(a, g, &out->published, &found, d));
    if (found && out->published.power_w > 0 && out->published.tops_per_w > 0)
        return true;
    return cfg_complain(g, "published", d,
                        "a space of designs needs published figures: power_w and tops_per_w");
}

static bool read_classes(struct arena *a, const struct cfg_group *g, struct design_space *out,
                         struct diag *d)
{
    if (cfg_key_at(g, 0))
        return cfg_complain(g, cfg_key_at(g, 0), d,
                            "'designs' holds a group for each class: NAME = { ... }");
    out->class_count = cfg_sub_count(g);
    out->classes = ARENA_ARRAY(a, struct design_class, out->class_count);
    for (size_t i = 0; i < out->class_count; i++)
        TRY(read_class(a, cfg_sub_at(g, i), &out->classes[i], d));
    return out->class_count || cfg_complain(g, NULL, d, "a space of designs needs a class");
}

bool design_space_read(struct arena *a, const struct cfg_group *g, struct design_space *out,
                       struct diag *d)
{
    struct raw_space raw;
    const struct cfg_group *designs;
    memset(&raw, 0, sizeof raw);
    memset(out, 0, sizeof *out);
    TRY(cfg_read(g, &design_space_schema, &raw, d));
    out->name = raw.name;
    out->title = cfg_text_or(g, "title", raw.name);
    out->note = cfg_text_or(g, "note", NULL);
    out->source = cfg_source_of(g, NULL);
    out->tolerance = raw.tolerance;
    out->rate_tolerance = raw.rate_tolerance;
    out->arrays_max = raw.arrays_max;
    TRY(read_published(a, g, out, d));
    TRY(cfg_sub(g, "designs", &designs, d));
    return read_classes(a, designs, out, d);
}
