/* Reading a comparison table. */
#include "core/validate/compare.h"

#include <string.h>

#define WORD(of, field, help)                                                                      \
    {                                                                                              \
#field, CFG_TEXT, offsetof(struct of, field), "", 0, 0, "", NULL, help                     \
    }
#define FLAG(field, help)                                                                          \
    {                                                                                              \
#field, CFG_BOOL, offsetof(struct compare_row, field), "", 0, 0, "false", NULL, help       \
    }

static const struct cfg_field row_fields[] = {
    WORD(compare_row, section, "rows of one section stand under its line"),
    WORD(compare_row, style, "a word for people: in-memory, near-memory, conventional"),
    WORD(compare_row, system, "a config's name or path"),
    WORD(compare_row, role, "accelerator, chip, macro or gpu, where two share the name"),
    WORD(compare_row, precision, "int8, int4, int8xint4, fp16, ... [the system's own]"),
    WORD(compare_row, point, "an operating point that the config names [its own]"),
    WORD(compare_row, set, "overrides as of --set, separated by blanks"),
    WORD(compare_row, trace, "simulated on the chip or GPU in place of its peak"),
    WORD(compare_row, space, "a space of designs in configs/study, in place of a system"),
    WORD(compare_row, mark, "a footnote"),
    FLAG(sparse, "2:4 structured sparsity counted as work done"),
    FLAG(sustained, "at the clock that the power cap allows"),
    {"batch", CFG_INT, offsetof(struct compare_row, batch), "", 1, 1e9, "1", NULL,
     "multiplies the trace's shapes"},
};

const struct cfg_schema compare_row_schema = {
    "a row of a comparison table", "one system", row_fields, COUNT_OF(row_fields), NULL, NULL};

static const char *const kinds[] = {"table", NULL};

struct raw_table {
    int kind;
    const char *name;
    double node_nm;
};

static const struct cfg_field table_fields[] = {
    {"kind", CFG_CHOICE, offsetof(struct raw_table, kind), "", 0, 0, NULL, kinds,
     "what the file is"},
    {"name", CFG_TEXT, offsetof(struct raw_table, name), "", 0, 0, NULL, NULL, "name of the table"},
    {"node_nm", CFG_REAL, offsetof(struct raw_table, node_nm), "nm", 2, 180, "0", NULL,
     "node that normalised columns bring energy and area to [no such columns]"},
};

static const char *const table_groups[] = {"rows", NULL};

const struct cfg_schema compare_schema = {"a comparison table", "systems side by side",
                                          table_fields,         COUNT_OF(table_fields),
                                          table_groups,         NULL};

static const char *word(const char *text)
{
    return text && text[0] ? text : NULL;
}

static void drop_empty(struct compare_row *r)
{
    const char **const words[] = {&r->section, &r->style, &r->system, &r->role,  &r->precision,
                                  &r->point,   &r->set,   &r->trace,  &r->space, &r->mark};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        *words[i] = word(*words[i]);
}

static bool check_role(const struct cfg_group *g, const struct compare_row *r, struct diag *d)
{
    static const char *const roles[] = {"accelerator", "chip", "macro", "gpu"};
    for (size_t i = 0; r->role && i < COUNT_OF(roles); i++)
        if (!strcmp(roles[i], r->role))
            return true;
    if (!r->role)
        return true;
    return cfg_complain(g, "role", d,
                        "'role' is \"%.40s\"; it must be accelerator, chip, macro or gpu", r->role);
}

static bool check_row(const struct cfg_group *g, const struct compare_row *r, struct diag *d)
{
    if (r->system && r->space)
        return cfg_complain(g, "space", d, "a row has a 'system' or a 'space', not both");
    if (!r->system && !r->space && !r->has_published)
        return cfg_complain(
            g, NULL, d, "the row '%s' has no 'system', no 'space' and nothing published", r->key);
    if (r->trace && !r->system)
        return cfg_complain(g, "trace", d, "a 'trace' needs a 'system' that runs it");
    if (!r->trace && cfg_has(g, "batch"))
        return cfg_complain(g, "batch", d, "'batch' is of a 'trace', which this row has not");
    return check_role(g, r, d);
}

static bool read_row(struct arena *a, const struct cfg_group *g, struct compare_row *r,
                     struct diag *d)
{
    TRY(cfg_read(g, &compare_row_schema, r, d));
    drop_empty(r);
    r->key = cfg_name(g);
    r->title = cfg_text_or(g, "title", NULL);
    r->file = cfg_file(g);
    r->line = cfg_line(g);
    TRY(published_read(a, g, &r->published, &r->has_published, d));
    r->published.chip = r->system ? r->system : r->key;
    return check_row(g, r, d);
}

bool compare_read(struct arena *a, const struct cfg_group *g, struct compare_table *out,
                  struct diag *d)
{
    struct raw_table raw;
    const struct cfg_group *rows;
    memset(&raw, 0, sizeof raw);
    memset(out, 0, sizeof *out);
    TRY(cfg_read(g, &compare_schema, &raw, d));
    TRY(cfg_sub(g, "rows", &rows, d));
    if (cfg_key_at(rows, 0))
        return cfg_complain(rows, cfg_key_at(rows, 0), d,
                            "'rows' holds a group for each row: NAME = { ... }");
    out->name = raw.name;
    out->title = cfg_text_or(g, "title", raw.name);
    out->note = cfg_text_or(g, "note", NULL);
    out->source = cfg_source_of(g, NULL);
    out->node_nm = raw.node_nm;
    out->count = cfg_sub_count(rows);
    out->rows = ARENA_ARRAY(a, struct compare_row, out->count);
    for (size_t i = 0; i < out->count; i++)
        TRY(read_row(a, cfg_sub_at(rows, i), &out->rows[i], d));
    if (!out->count)
        return cfg_complain(rows, NULL, d, "the table has no rows");
    return true;
}
