#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/report/escape.h"
#include "core/report/format.h"
#include "core/report/run_views.h"

/* A scalar as a person reads it, or exactly (csv). */
static const char *scalar(struct arena *a, const char *key, const json_t *value, bool exact)
{
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_boolean(value))
        return exact ? (json_is_true(value) ? "true" : "false")
                     : (json_is_true(value) ? "yes" : "no");
    if (json_is_integer(value) && exact)
        return arena_printf(a, "%lld", (long long)json_integer_value(value));
    if (json_is_number(value))
        return arena_strdup(a, exact ? format_exact(json_number_value(value)).s
                                     : format_keyed(key, json_number_value(value)).s);
    return exact ? "" : "-";
}

/* An array of scalars in one cell. */
static const char *joined(struct arena *a, const char *key, const json_t *array, bool exact)
{
    const char *text = "";
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *item = json_array_get(array, i);
        const char *word =
            json_is_array(item) || json_is_object(item) ? "..." : scalar(a, key, item, exact);
        text = arena_printf(a, "%s%s%s", text, i ? (exact ? " " : ", ") : "", word);
    }
    return *text ? text : exact ? "" : "-";
}

/* Deeper structures than one level are written as compact JSON in a cell. */
static const char *cell_of(struct arena *a, const char *key, const json_t *value, bool exact)
{
    if (json_is_array(value))
        return joined(a, key, value, exact);
    if (!json_is_object(value))
        return scalar(a, key, value, exact);
    char *text = json_dumps(value, JSON_COMPACT | JSON_PRESERVE_ORDER);
    const char *kept = arena_strdup(a, text ? text : "");
    free(text);
    return kept;
}

static bool is_rows(const json_t *value)
{
    return json_array_size(value) > 0 && json_is_object(json_array_get(value, 0));
}

/* The keys of all rows, in the order of their first appearance. */
static size_t keys_of_rows(const json_t *rows, const char **keys)
{
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const char *key;
        json_t *value;
        json_object_foreach(json_array_get(rows, i), key, value)
        {
            size_t at = 0;
            while (at < count && strcmp(keys[at], key) != 0)
                at++;
            if (at == count && count < TABLE_COLUMNS_MAX)
                keys[count++] = key;
        }
    }
    return count;
}

static bool is_number_column(const json_t *rows, const char *key)
{
    bool any = false;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *value = json_object_get(json_array_get(rows, i), key);
        if (value && !json_is_number(value) && !json_is_null(value))
            return false;
        any = any || json_is_number(value);
    }
    return any;
}

static struct table *rows_table(struct arena *a, const json_t *rows, bool exact)
{
    const char *keys[TABLE_COLUMNS_MAX];
    size_t columns = keys_of_rows(rows, keys);
    struct table *t = table_open(a);
    for (size_t c = 0; c < columns; c++)
        table_column(t, exact ? keys[c] : format_label(a, keys[c]),
                     is_number_column(rows, keys[c]) ? ALIGN_RIGHT : ALIGN_LEFT);
    for (size_t r = 0; r < json_array_size(rows); r++)
        for (size_t c = 0; c < columns; c++)
            table_cell(
                t, cell_of(a, keys[c], json_object_get(json_array_get(rows, r), keys[c]), exact));
    return t;
}

static void put_title(FILE *out, enum table_style style, const char *title)
{
    switch (style) {
    case TABLE_TEXT:
        fputs("  ", out);
        escape_text(out, title, strlen(title));
        fputs("\n\n", out);
        break;
    case TABLE_MD:
        fputs("## ", out);
        escape_md(out, title);
        fputs("\n\n", out);
        break;
    case TABLE_LATEX:
    case TABLE_BOOKTABS:
        fputs("\\subsection*{", out);
        escape_latex(out, title);
        fputs("}\n\n", out);
        break;
    case TABLE_HTML:
        fputs("<h2>", out);
        escape_html(out, title);
        fputs("</h2>\n", out);
        break;
    case TABLE_CSV:
        break;
    }
}

/* Whether every member reads well right-aligned: numbers and short words. */
static bool is_short(const json_t *object)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        if ((json_is_array(value) && !is_rows(value)) ||
            (json_is_string(value) && json_string_length(value) > 24))
            return false;
    }
    return true;
}

/* The members of an object as a table of two columns; sub-objects and rows are left to others.
 * `parent` is the key that holds the object (NULL: the result itself); a unit that it names is
 * its members' unit. */
static struct table *members_table(struct arena *a, const json_t *object, const char *parent)
{
    struct table *t = table_open(a);
    const char *key;
    json_t *value;
    table_column(t, "figure", ALIGN_LEFT);
    table_column(t, "value", is_short(object) ? ALIGN_RIGHT : ALIGN_LEFT);
    json_object_foreach((json_t *)object, key, value)
    {
        bool held = parent != NULL;
        if (!held && (json_is_object(value) || is_rows(value)))
            continue;
        bool unit_above = held && format_names_unit(parent);
        table_cell(t, unit_above ? key : format_label(a, key));
        table_cell(t, cell_of(a, unit_above ? parent : key, value, false));
    }
    return t;
}

/* The list of scalars as plain "label  value" lines: easier to read than a two-column table. */
static void put_list(FILE *out, struct arena *a, const json_t *object)
{
    int widest = 0;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        int width = format_width(format_label(a, key));
        if (!json_is_object(value) && !is_rows(value) && width > widest)
            widest = width;
    }
    json_object_foreach((json_t *)object, key, value)
    {
        if (json_is_object(value) || is_rows(value))
            continue;
        const char *label = format_label(a, key);
        const char *lead = arena_printf(a, "  %s%*s  ", label, widest - format_width(label), "");
        table_wrap(out, lead, cell_of(a, key, value, false), REPORT_WIDTH);
    }
}

static void put_members(FILE *out, struct arena *a, const json_t *object, enum table_style style,
                        bool *any)
{
    if (table_rows(members_table(a, object, NULL)) == 0)
        return;
    if (style == TABLE_TEXT)
        put_list(out, a, object);
    else
        table_write(out, members_table(a, object, NULL), style);
    *any = true;
}

/* csv of a result without rows: key,value with dotted keys. */
static struct table *dotted_table(struct arena *a, const json_t *object)
{
    struct table *t = table_open(a);
    const char *key, *inner;
    json_t *value, *member;
    table_column(t, "key", ALIGN_LEFT);
    table_column(t, "value", ALIGN_LEFT);
    json_object_foreach((json_t *)object, key, value)
    {
        if (!json_is_object(value)) {
            table_cell(t, key);
            table_cell(t, cell_of(a, key, value, true));
            continue;
        }
        json_object_foreach(value, inner, member)
        {
            table_cell(t, arena_printf(a, "%s.%s", key, inner));
            table_cell(t, cell_of(a, inner, member, true));
        }
    }
    return t;
}

static void put_csv(FILE *out, struct arena *a, const json_t *object)
{
    const char *key;
    json_t *value;
    bool any = false;
    json_object_foreach((json_t *)object, key, value)
    {
        if (!is_rows(value))
            continue;
        fputs(any ? "\n" : "", out);
        table_write(out, rows_table(a, value, true), TABLE_CSV);
        any = true;
    }
    if (!any)
        table_write(out, dotted_table(a, object), TABLE_CSV);
}

void result_body(FILE *out, struct arena *a, const json_t *result, enum table_style style)
{
    const char *key;
    json_t *value;
    bool any = false;
    if (json_is_array(result)) {
        if (is_rows(result))
            table_write(out, rows_table(a, result, style == TABLE_CSV), style);
        return;
    }
    if (style == TABLE_CSV) {
        put_csv(out, a, result);
        return;
    }
    put_members(out, a, result, style, &any);
    json_object_foreach((json_t *)result, key, value)
    {
        bool rows = is_rows(value);
        if (!rows && json_object_size(value) == 0)
            continue;
        fputs(any ? "\n" : "", out);
        put_title(out, style, format_label(a, key));
        table_write(out, rows ? rows_table(a, value, false) : members_table(a, value, key), style);
        any = true;
    }
}
