#include "core/validate/judged_macro.h"

#include <math.h>
#include <string.h>

struct judged judged_macro_row(const struct judged_macro *m, enum judged_kind kind,
                               const char *metric)
{
    const struct published *p = &m->published;
    struct judged j = {.case_name = m->name,
                       .chip = p->chip,
                       .family = p->family,
                       .metric = metric,
                       .kind = kind,
                       .scored = p->scored,
                       .mark = p->mark,
                       .source = p->source};
    return j;
}

void judged_macro_add(const struct judged_macro *m, struct judged *j)
{
    if (isnan(j->predicted) || isnan(j->reference))
        return;
    if (!j->known_miss)
        judged_know(j, &m->published);
    judged_add(m->list, j);
}

void judged_macro_know(const struct judged_macro *m, const char *where, struct judged *j)
{
    const char *key = arena_printf(m->list->arena, "%s_%s", j->metric, where);
    const struct published_miss *miss =
        published_miss_of(&m->published, key, judged_kind_name(j->kind));
    if (!miss)
        return;
    j->known_miss = miss->reason;
    j->known_value = miss->value;
}

bool judged_macro_at(const struct judged_macro *m, double vdd_v, struct macro_result *out,
                     struct diag *d)
{
    return macro_evaluate(m->list->arena, m->array, MACRO_INPUT_DENSITY, MACRO_WEIGHT_DENSITY,
                          vdd_v, out, d);
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && !strcmp(text + length - tail, end);
}

bool judged_macro_is_sram(const struct judged_macro *m)
{
    const char *kind = m->array->ops->kind;
    return !strcmp(kind, "charge") || !strcmp(kind, "digital");
}

bool judged_macro_is_components(const struct judged_macro *m)
{
    return ends_with(m->name, "_components");
}

bool judged_macro_open(struct judged_list *l, const char *path, struct judged_macro *m,
                       struct diag *d)
{
    struct array *array;
    struct array_facts facts;
    struct cfg *c;
    *m = (struct judged_macro){.name = judged_base_name(l->arena, path), .path = path, .list = l};
    TRY(cfg_open(l->arena, path, NULL, 0, &c, d));
    bool ok = array_open(l->arena, cfg_root(c), &array, d) &&
              published_read(l->arena, cfg_root(c), &m->published, &m->has_published, d);
    cfg_close(c);
    if (!ok)
        return false;
    m->array = array;
    array->ops->facts(array, &facts);
    m->home_v = facts.vdd_v;
    if (!m->published.chip)
        m->published.chip = m->name;
    return judged_macro_at(m, 0, &m->at_home, d);
}

bool judged_macro_each(struct judged_list *l, judge_macro *judge, struct diag *d)
{
    struct judged_files files = judged_files(l, "macro");
    struct macro_points points;
    struct judged_macro m;
    TRY(macro_points_read(l->arena, &points, d));
    for (size_t i = 0; i < files.count; i++) {
        TRY(judged_macro_open(l, files.paths[i], &m, d));
        if (m.has_published && judged_wanted(l, m.name, m.published.chip))
            TRY(judge(&m, &points, d));
    }
    return true;
}
