/* Packages and wafers that were found, and what their configs may say. */
#include "chiplet/link.h"
#include "chiplet/package.h"
#include "chiplet/wafer.h"
#include "chiplet/yield.h"
#include "core/app/list.h"
#include "core/app/result.h"
#include "core/base/units.h"
#include "core/tech/component.h"

static double stack_gib(const struct package *p)
{
    double bytes = 0;
    for (uint32_t die = 0; die < p->die_count; die++)
        bytes += (double)package_die_memory_bytes(p, die);
    return bytes / (double)BYTES_PER_GIB;
}

static double stack_gb_s(const struct package *p)
{
    double bytes_per_ps = 0;
    for (uint32_t die = 0; die < p->die_count; die++)
        bytes_per_ps += package_die_memory_bytes_per_ps(p, die);
    return bytes_per_ps * 1e3;
}

static bool package_row(struct app *app, const char *path, const struct cfg_group *g, json_t *row,
                        struct diag *d)
{
    struct package *p;
    (void)path;
    TRY(package_open(app->arena, g, &p, d));
    list_year(app, row, p->year);
    put_text(row, "substrate", substrate_words[p->substrate]);
    put_int(row, "dies", p->die_count);
    put_real(row, "silicon_mm2", package_silicon_mm2(p));
    put_int(row, "stacks", package_stacks(p));
    put_real(row, "memory_gib", stack_gib(p));
    put_real(row, "memory_gb_s", stack_gb_s(p));
    return true;
}

void list_packages(struct app *app, json_t *result)
{
    list_configs(app, put_list(result, "packages"), "package", package_row);
    json_t *parameters = put_list(result, "parameters");
    list_schema(app, parameters, "package", &package_schema);
    list_schema(app, parameters, "package.dies.*", &package_die_schema);
    list_schema(app, parameters, "package.links.*", &package_edge_schema);
    list_schema(app, parameters, "package.memories.*", &package_memory_schema);
    list_schema(app, parameters, "package.stack", &package_stack_schema);
    list_schema(app, parameters, "package.host", &link_schema);
    list_schema(app, parameters, "package.fabric", &link_schema);
    list_schema(app, parameters, "package.die_process", &yield_process_schema);
    list_schema(app, parameters, "package.assembly", &yield_assembly_schema);
    list_schema(app, parameters, "package.assembly.interposer", &yield_process_schema);
}

/* The seed decides where the defects are drawn, and so how many cores are lost. */
static bool wafer_row(struct app *app, const char *path, const struct cfg_group *g, json_t *row,
                      struct diag *d)
{
    struct wafer *w;
    (void)path;
    TRY(wafer_open(app->arena, g, (uint64_t)app->common.seed, &w, d));
    list_year(app, row, w->year);
    put_int(row, "cores", wafer_cores(w));
    put_real(row, "area_mm2", wafer_area_mm2(w));
    put_real(row, "sram_gib", wafer_sram_bytes(w) / (double)BYTES_PER_GIB);
    put_real(row, "fabric_gb_s", wafer_fabric_bits_per_s(w) / 8e9);
    put_real(row, "yield", wafer_yield(w));
    return true;
}

void list_wafers(struct app *app, json_t *result)
{
    list_configs(app, put_list(result, "wafers"), "wafer", wafer_row);
    json_t *parameters = put_list(result, "parameters");
    list_schema(app, parameters, "wafer", &wafer_schema);
    list_schema(app, parameters, "wafer.router", &component_schema);
    list_schema(app, parameters, "wafer.edge", &link_schema);
    list_schema(app, parameters, "wafer.process", &yield_process_schema);
}
