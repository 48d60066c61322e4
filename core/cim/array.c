#include "core/cim/array.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define KIND(name) extern const struct array_ops array_##name##_ops;
#include "core/cim/kinds.def"
#undef KIND

static const struct array_ops *const kinds[] = {
#define KIND(name) &array_##name##_ops,
#include "core/cim/kinds.def"
#undef KIND
};

const struct array_ops *array_kind_at(size_t index)
{
    return index < COUNT_OF(kinds) ? kinds[index] : NULL;
}

static const struct array_ops *find_kind(const char *word)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (strcmp(kinds[i]->kind, word) == 0)
            return kinds[i];
    return NULL;
}

/* "charge, digital or resistive" */
static const char *kinds_in_words(struct arena *a)
{
    const char *text = kinds[0]->kind;
    for (size_t i = 1; i < COUNT_OF(kinds); i++)
        text = arena_printf(a, "%s%s%s", text, i + 1 < COUNT_OF(kinds) ? ", " : " or ",
                            kinds[i]->kind);
    return text;
}

bool array_open(struct arena *a, const struct cfg_group *g, struct array **out, struct diag *d)
{
    const char *word = cfg_text_or(g, "kind", NULL);
    if (word == NULL)
        return cfg_complain(g, NULL, d, "an array needs a kind: %s", kinds_in_words(a));
    const struct array_ops *kind = find_kind(word);
    if (kind == NULL)
        return cfg_complain(g, "kind", d, "unknown array kind \"%s\": it must be %s", word,
                            kinds_in_words(a));
    TRY(kind->open(a, g, out, d));
    (*out)->ops = kind;
    (*out)->name = arena_strdup(a, cfg_text_or(g, "title", cfg_name(g)));
    return true;
}

double array_latency_ps(const struct array *x, const struct array_job *job)
{
    return x->ops->latency_ps(x, job);
}

struct family_facts array_family_facts(const struct array *x, const struct array_job *job)
{
    struct family_facts f = {.family = FAMILY_NONE};
    if (x->ops->family)
        x->ops->family(x, job, &f);
    return f;
}

int array_whole_bits(int64_t bits, int64_t step, int64_t most)
{
    int64_t whole = ceil_div(bits, step) * step;
    return (int)(whole < most ? whole : most);
}

void array_add_part(struct array_facts *f, enum part part, double area_um2, double leakage_mw)
{
    assert(f->part_count < ARRAY_PARTS_MAX);
    f->parts[f->part_count++] = (struct array_part){part, area_um2, leakage_mw};
    f->area_um2 += area_um2;
    f->leakage_mw.value += leakage_mw;
}

bool array_at_vdd(struct arena *a, const struct array *x, double vdd_v, struct array **out,
                  struct diag *d)
{
    if (x->ops->at_vdd == NULL)
        return diag_input(d, NULL, 0, "%s arrays do not scale with the supply", x->ops->kind);
    return x->ops->at_vdd(a, x, vdd_v, out, d);
}

struct operand_stats array_bit_stats(double density, int bits)
{
    assert(density >= 0 && density <= 1 && bits >= 1);
    double largest = exp2(bits) - 1;
    double variance = density * (1 - density) * (exp2(2.0 * bits) - 1) / 3;
    struct operand_stats s = {0};
    s.density = 1 - pow(1 - density, bits);
    s.bit_density = density;
    s.bit_toggle = 2 * density * (1 - density);
    s.mean = density;
    s.mean_square = density * density + variance / (largest * largest);
    return s;
}

struct array_job array_full_job(const struct array *x, double input_density, double weight_density)
{
    struct array_facts f;
    x->ops->facts(x, &f);
    struct array_job job = {.rows = f.rows,
                            .outputs = x->ops->outputs(x, f.weight_bits),
                            .input_bits = f.input_bits,
                            .weight_bits = f.weight_bits,
                            .input = array_bit_stats(input_density, f.input_bits),
                            .weight = array_bit_stats(weight_density, f.weight_bits)};
    return job;
}
