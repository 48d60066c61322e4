/* cimarron peak: what the structure of a system can do at most. */
#include <math.h>
#include <string.h>

#include "core/app/peak.h"
#include "core/cim/array.h"

static const struct option options[] = {
    {"precision", 0, OPTION_TEXT, offsetof(struct peak_options, precision), "WORD", 0, 0,
     "int8, fp16, ..., or int8xint4 for activations and weights [native]"},
    {"sparse", 0, OPTION_FLAG, offsetof(struct peak_options, sparse), NULL, 0, 0,
     "tops_sparse beside tops: the rate with 2:4 sparse weights"},
    {"point", 0, OPTION_TEXT, offsetof(struct peak_options, point), "NAME", 0, 0,
     "an operating point of an accelerator's config [its own supply and clock]"},
    {"input-density", 0, OPTION_REAL, offsetof(struct peak_options, input_density), "SHARE", 0, 1,
     "share of ones over the bits of a chip's inputs, 0 to 1 [a bare trace's]"},
    {"weight-density", 0, OPTION_REAL, offsetof(struct peak_options, weight_density), "SHARE", 0, 1,
     "share of ones over the bits of a chip's weights, 0 to 1 [a bare trace's]"},
    {"uncertainty", 0, OPTION_INT, offsetof(struct peak_options, uncertainty), "N", 0, 100000,
     "N sets of constants: the 90 % interval of an accelerator's TOPS/W [0]"},
};

static const struct peak_options defaults = {.input_density = NAN, .weight_density = NAN};

static bool is_array(const char *kind)
{
    for (size_t i = 0; array_kind_at(i); i++)
        if (!strcmp(array_kind_at(i)->kind, kind))
            return true;
    return false;
}

static bool peak_array(const struct app *app, const char *path, const struct peak_options *o,
                       json_t **out, struct diag *d)
{
    const char *name = app_base_name(app->arena, path);
    (void)o;
    (void)out;
    return diag_input(d, path, 0, "this is one array, not a system: cimarron macro %s", name);
}

static bool peak_gpu(const struct app *app, const char *path, const struct peak_options *o,
                     json_t **out, struct diag *d)
{
    const char *name = app_base_name(app->arena, path);
    (void)o;
    (void)out;
    return diag_input(d, path, 0,
                      "this is a GPU that runs kernels: cimarron gpu %s; its peak from structure "
                      "is that of configs/accelerator",
                      name);
}

/* A config is told by its kind; chips, packages and wafers have models of their own. */
static peak_of *kind_of(const struct cfg_group *g)
{
    const char *kind = cfg_text_or(g, "kind", "");
    if (!strcmp(kind, "accelerator"))
        return peak_accelerator;
    if (!strcmp(kind, "design_space"))
        return peak_space;
    if (cfg_has(g, "mac_per_clk") || cfg_sub_or_null(g, "mac_per_clk"))
        return peak_gpu;
    return is_array(kind) ? peak_array : peak_chip;
}

/* Overrides are left to the kind's own opening, which knows the keys. */
static bool find(const struct app *app, const char *name, const char **path, peak_of **kind,
                 struct diag *d)
{
    static const char *const roles[] = {"chip",  "package", "accelerator", "wafer",
                                        "study", "macro",   "gpu",         NULL};
    struct cfg *c;
    *path = cfg_find(app->arena, name, roles, d);
    if (!*path)
        return false;
    TRY(cfg_open(app->arena, *path, NULL, 0, &c, d));
    *kind = kind_of(cfg_root(c));
    cfg_close(c);
    return true;
}

static int run(struct app *app, const struct texts *words, void *values)
{
    struct diag d = {0};
    const char *path;
    peak_of *peak;
    json_t *result;
    if (!find(app, words->items[0], &path, &peak, &d) || !peak(app, path, values, &result, &d))
        return app_fail(&d);
    return app_report(app, result);
}

const struct command command_peak = {
    .name = "peak",
    .summary = "what a system can do at most: TOPS, power, area, by part",
    .words = "SYSTEM",
    .about =
        "Opens the system and asks its structure: every array or MAC unit busy, with the least\n"
        "that must move to feed it.  Nothing is simulated, and no trace goes beyond this figure\n"
        "at the same bits and data.  ops = 2 per multiply-accumulate, dense.  SYSTEM is a chip, a\n"
        "package, a wafer, a digital accelerator or GPU (configs/accelerator), or a space of\n"
        "designs (configs/study).\n"
        "\n"
        "RESULT\n"
        "  tops, power_w, tops_per_w, area_mm2, tops_per_mm2, memory_gb, memory_gb_s, on_chip_mb,\n"
        "  precision, power_by_part_w, area_by_part_mm2; names of parts: cimarron list parts; rest:\n"
        "  what no part of a wafer covers.\n"
        "  Chips, packages, wafers: input_density, weight_density (shares of ones that energy\n"
        "  rests on), full_activity_power_w (every part busy in every cycle, needed or not, as\n"
        "  designs are published) and full_activity_power_by_part_w.\n"
        "  Accelerators: tops_per_w_blind (no factor found on any chip), sustained (the rate at\n"
        "  the power cap), precisions; tops_sparse with --sparse; tops_per_w_interval, 90 %.\n"
        "  Spaces: how many designs meet the published figures, and their ranges.\n"
        "\n"
        "EXAMPLES\n"
        "  cimarron peak isaac\n"
        "  cimarron peak isaac --precision int8 --set tile.arrays=48 --format json\n"
        "  cimarron peak h100_pcie --sparse --uncertainty 1000\n"
        "  cimarron peak our_work_2023\n",
    .options = options,
    .option_count = COUNT_OF(options),
    .values_size = sizeof(struct peak_options),
    .defaults = &defaults,
    .words_min = 1,
    .words_max = 1,
    .takes_set = true,
    .run = run,
};
