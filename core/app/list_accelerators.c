/* Digital accelerators, NPUs and GPUs at chip level that were found. */
#include "core/accelerator/accelerator.h"
#include "core/app/list.h"
#include "core/app/result.h"

static bool accelerator_row(struct app *app, const char *path, const struct cfg_group *g,
                            json_t *row, struct diag *d)
{
    const struct chip_constants by = chip_constants_fitted();
    struct accelerator_peak peak;
    struct accelerator *x;
    (void)path;
    TRY(accelerator_open(app->arena, g, &x, d));
    const struct accelerator_job job = {.precision = accelerator_headline(x), .by = &by};
    TRY(accelerator_peak(x, &job, &peak, d));
    list_year(app, row, x->year);
    put_real(row, "node_nm", x->node_nm);
    put_text(row, "engine", chip_engine_names[x->engine_kind]);
    put_text(row, "precision", chip_precision_names[job.precision]);
    put_real(row, "clock_ghz", peak.clock_ghz);
    put_real(row, "tops", peak.tops);
    put_text(row, "power_scope", chip_scope_names[x->scope]);
    return true;
}

void list_accelerators(struct app *app, json_t *result)
{
    list_configs(app, put_list(result, "accelerators"), "accelerator", accelerator_row);
    json_t *parameters = put_list(result, "parameters");
    const struct cfg_schema *group;
    const char *of;
    list_schema(app, parameters, "accelerator", &accelerator_schema);
    for (size_t i = 0; (group = accelerator_group_at(i, &of)) != NULL; i++)
        list_schema(app, parameters, arena_printf(app->arena, "accelerator.%s", of), group);
}
