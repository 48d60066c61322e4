/* cimarron list: everything built in or found. */
#include <string.h>

#include "core/app/list.h"
#include "core/app/result.h"
#include "core/base/near.h"
#include "traces/trace.h"

static void list_parts(struct app *app, json_t *result)
{
    json_t *list = put_list(result, "parts");
    (void)app;
    for (int p = 0; p < PART_COUNT; p++) {
        json_t *row = add_row(list);
        put_text(row, "part", part_name((enum part)p));
        put_text(row, "help", part_help((enum part)p));
    }
}

static void list_ops(struct app *app, json_t *result)
{
    static const char *const help[] = {
#define OP(id, name, help) help,
#include "traces/ops.def"
#undef OP
    };
    json_t *list = put_list(result, "ops");
    (void)app;
    for (int k = 0; k < OP_KIND_COUNT; k++) {
        json_t *row = add_row(list);
        put_text(row, "op", op_kind_name((enum op_kind)k));
        put_text(row, "help", help[k]);
    }
}

static void list_importers(struct app *app, json_t *result)
{
    json_t *list = put_list(result, "importers");
    (void)app;
    for (size_t i = 0; importer_at(i); i++) {
        json_t *row = add_row(list);
        put_text(row, "kind", importer_at(i)->kind);
        put_text(row, "help", importer_at(i)->help);
    }
}

/* What each format is good for; the words are those that the renderer knows. */
static void list_formats(struct app *app, json_t *result)
{
    static const char *const formats[][2] = {
        {"text", "for people: at most 100 columns"},
        {"json", "for programs: every key, numbers at full precision"},
        {"csv", "for spreadsheets: rows at full precision"},
        {"md", "Markdown tables"},
        {"latex", "LaTeX tabulars"},
        {"html", "one self-contained page"},
    };
    enum report_format f;
    json_t *list = put_list(result, "formats");
    (void)app;
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        if (!report_format_find(formats[i][0], &f))
            continue;
        json_t *row = add_row(list);
        put_text(row, "format", formats[i][0]);
        put_text(row, "help", formats[i][1]);
    }
}

const struct listing *listing_at(size_t index)
{
    static const struct listing listings[] = {
        {"systems", " system chip chips ", "chips that can run traces", list_systems},
        {"traces", " trace sample samples ", "sample traces that come with the program",
         list_traces},
        {"gpus", " gpu baseline baselines ", "GPUs to run the same traces", list_gpus},
        {"accelerators", " accelerator npu npus ", "digital accelerators and GPUs at chip level",
         list_accelerators},
        {"macros", " macro ", "published and modelled compute arrays", list_macros},
        {"arrays", " array ", "behaviours of compute arrays, with their parameters", list_arrays},
        {"cells", " cell ", "memory cells that can compute", list_cells},
        {"memories", " memory dram ", "off-array memories", list_memories},
        {"networks", " network noc ", "networks on chip", list_networks},
        {"links", " link ", "links that leave a die", list_links},
        {"packages", " package ",
         "dies and memory stacks on a substrate; equal dies run traces as one", list_packages},
        {"wafers", " wafer ",
         "one mesh of cores over a whole wafer; one that names its chip runs traces", list_wafers},
        {"tables", " table comparison ", "comparison tables, with their keys", list_tables},
        {"published", " figures ", "what a `published` group may hold", list_published},
        {"parts", " part ", "names of energy_by_part_j and power_by_part_w", list_parts},
        {"ops", " op operator operators ", "operators of a layer trace", list_ops},
        {"importers", " importer ", "foreign workload files that become traces", list_importers},
        {"formats", " format ", "output formats", list_formats},
    };
    return index < COUNT_OF(listings) ? &listings[index] : NULL;
}

static const struct listing *find(struct app *app, const char *word)
{
    const char *padded = arena_printf(app->arena, " %s ", word);
    const struct listing *l;
    for (size_t i = 0; (l = listing_at(i)) != NULL; i++)
        if (!strcmp(l->name, word) || strstr(l->also, padded))
            return l;
    return NULL;
}

static int no_listing(struct app *app, const char *word)
{
    struct diag d = {0};
    const char *known = "", *meant = NULL;
    for (size_t i = 0; listing_at(i); i++) {
        known = arena_printf(app->arena, "%s%s%s", known, i ? ", " : "", listing_at(i)->name);
        if (!meant && cfg_is_near(word, listing_at(i)->name))
            meant = listing_at(i)->name;
    }
    if (meant)
        diag_input(&d, NULL, 0, "there is no list of '%s'; did you mean %s?", word, meant);
    else
        diag_input(&d, NULL, 0, "there is no list of '%s'; there are %s", word, known);
    return app_fail(&d);
}

/* How many things each list has: the rows of its first table. */
static json_t *overview(struct app *app)
{
    json_t *result = json_object(), *list = put_list(result, "lists");
    const struct listing *l;
    for (size_t i = 0; (l = listing_at(i)) != NULL; i++) {
        json_t *content = json_object(), *row = add_row(list);
        l->fill(app, content);
        put_text(row, "list", l->name);
        put_int(row, "entries", (int64_t)json_array_size(json_object_get(content, l->name)));
        put_text(row, "help", l->help);
        json_decref(content);
    }
    return result;
}

static int run(struct app *app, const struct texts *words, void *values)
{
    (void)values;
    if (!words->count)
        return app_report(app, overview(app));
    const struct listing *l = find(app, words->items[0]);
    if (!l)
        return no_listing(app, words->items[0]);
    json_t *result = json_object();
    l->fill(app, result);
    return app_report(app, result);
}

const struct command command_list = {
    .name = "list",
    .summary = "what is built in or found, with parameters and ranges",
    .words = "[KIND]",
    .about =
        "Without KIND an overview.  Kinds: systems, traces, gpus, accelerators, macros, arrays,\n"
        "cells, memories, networks, links, packages, wafers, tables, published, parts, ops,\n"
        "importers, formats.\n"
        "Parameters are listed with type, unit, range and default; one without a default must\n"
        "stand in the config.\n"
        "\n"
        "EXAMPLES\n"
        "  cimarron list\n"
        "  cimarron list arrays\n"
        "  cimarron list parts --format csv\n",
    .words_max = 1,
    .run = run,
};
