#include "core/app/list.h"
#include "core/app/result.h"

static const char *type_name(enum cfg_type type)
{
    switch (type) {
    case CFG_BOOL:
        return "boolean";
    case CFG_INT:
        return "integer";
    case CFG_REAL:
    case CFG_QUANTITY:
        return "number";
    case CFG_TEXT:
        return "text";
    case CFG_CHOICE:
        return "choice";
    case CFG_INTS:
        return "integers";
    }
    return "";
}

static const char *range_of(struct arena *a, const struct cfg_field *f)
{
    const char *text = "";
    if (f->type == CFG_CHOICE) {
        for (const char *const *word = f->choices; word && *word; word++)
            text = arena_printf(a, "%s%s%s", text, *text ? ", " : "", *word);
        return text;
    }
    if (f->min == 0 && f->max == 0)
        return NULL;
    return arena_printf(a, "%.9g to %.9g", f->min, f->max);
}

void list_schema(struct app *app, json_t *list, const char *of, const struct cfg_schema *schema)
{
    if (schema->base)
        list_schema(app, list, of, schema->base);
    for (size_t i = 0; i < schema->count; i++) {
        const struct cfg_field *f = &schema->fields[i];
        json_t *row = add_row(list);
        put_text(row, "of", of);
        put_text(row, "parameter", f->key);
        put_text(row, "type", type_name(f->type));
        put_text(row, "unit", f->unit && f->unit[0] ? f->unit : NULL);
        put_text(row, "range", range_of(app->arena, f));
        put_text(row, "default", f->fallback);
        put_text(row, "help", f->help);
    }
}
