#include "chiplet/link.h"
#include "core/app/list.h"
#include "core/app/result.h"
#include "core/base/units.h"
#include "core/cim/array.h"
#include "core/gpu/gpu.h"
#include "core/system/system.h"
#include "core/tech/cell.h"
#include "core/tech/component.h"
#include "memory/memory.h"
#include "noc/network.h"
#include "traces/inspect.h"

static bool system_row(struct app *app, const char *path, const struct cfg_group *g, json_t *row,
                       struct diag *d)
{
    struct system *s;
    (void)g;
    TRY(system_open(app->arena, path, NULL, 0, &s, d));
    list_year(app, row, s->year);
    put_real(row, "node_nm", s->node_nm);
    put_int(row, "tiles", s->tiles);
    put_int(row, "arrays", s->arrays);
    put_text(row, "array_kind", s->array->ops->kind);
    put_text(row, "precision",
             arena_printf(app->arena, "%dx%d", s->facts.input_bits, s->facts.weight_bits));
    put_bool(row, "memory", s->memory != NULL);
    return true;
}

void list_systems(struct app *app, json_t *result)
{
    list_configs(app, put_list(result, "systems"), "chip", system_row);
    json_t *parameters = put_list(result, "parameters");
    list_schema(app, parameters, "chip", system_schema());
    list_schema(app, parameters, "chip.tile", system_tile_schema());
    list_schema(app, parameters, "chip.tile.buffer", &buffer_schema);
    list_schema(app, parameters, "chip.tile.vector", &vector_schema);
    list_schema(app, parameters, "any component", &component_schema);
}

void list_arrays(struct app *app, json_t *result)
{
    json_t *kinds = put_list(result, "arrays"), *parameters = put_list(result, "parameters");
    for (size_t i = 0; array_kind_at(i); i++) {
        const struct array_ops *kind = array_kind_at(i);
        json_t *row = add_row(kinds);
        put_text(row, "kind", kind->kind);
        put_text(row, "help", kind->help);
        put_bool(row, "computes_on_numbers", kind->compute != NULL);
        put_bool(row, "scales_with_supply", kind->at_vdd != NULL);
        list_schema(app, parameters, kind->kind, kind->schema);
    }
}

static bool macro_row(struct app *app, const char *path, const struct cfg_group *g, json_t *row,
                      struct diag *d)
{
    struct array *x;
    struct array_facts f;
    (void)path;
    TRY(array_open(app->arena, g, &x, d));
    x->ops->facts(x, &f);
    put_text(row, "kind", x->ops->kind);
    put_real(row, "node_nm", f.node_nm);
    put_int(row, "rows", f.rows);
    put_int(row, "columns", f.columns);
    put_int(row, "input_bits", f.input_bits);
    put_int(row, "weight_bits", f.weight_bits);
    return true;
}

void list_macros(struct app *app, json_t *result)
{
    list_configs(app, put_list(result, "macros"), "macro", macro_row);
}

static bool cell_row(struct app *app, const char *path, const struct cfg_group *g, json_t *row,
                     struct diag *d)
{
    struct cell c;
    (void)app;
    (void)path;
    TRY(cell_read(g, &c, d));
    put_text(row, "kind", cfg_text_or(g, "kind", NULL));
    put_int(row, "bits", c.bits);
    put_real(row, "node_nm", c.node_nm);
    put_real(row, "area_um2", c.area_um2);
    put_real(row, "write_pj", c.write_pj.value);
    put_bool(row, "is_volatile", cell_is_volatile(&c));
    return true;
}

void list_cells(struct app *app, json_t *result)
{
    list_configs(app, put_list(result, "cells"), "cell", cell_row);
    list_schema(app, put_list(result, "parameters"), "cell", &cell_schema);
}

static bool memory_row(struct app *app, const char *path, const struct cfg_group *g, json_t *row,
                       struct diag *d)
{
    struct memory *m;
    (void)path;
    TRY(memory_open(app->arena, g, &m, d));
    put_text(row, "kind", cfg_text_or(g, "kind", NULL));
    put_real(row, "capacity_gib", (double)m->capacity_bytes / (double)BYTES_PER_GIB);
    put_real(row, "peak_gb_s", m->peak_bytes_per_ps * 1e3);
    put_real(row, "stream_pj_per_bit", m->stream_pj_per_bit.value);
    return true;
}

void list_memories(struct app *app, json_t *result)
{
    list_configs(app, put_list(result, "memories"), "memory", memory_row);
    json_t *kinds = put_list(result, "kinds"), *parameters = put_list(result, "parameters");
    for (size_t i = 0; memory_kind_at(i); i++) {
        json_t *row = add_row(kinds);
        put_text(row, "kind", memory_kind_at(i)->kind);
        put_text(row, "help", memory_kind_at(i)->help);
        list_schema(app, parameters, memory_kind_at(i)->kind, memory_kind_at(i)->schema);
    }
}

/* A network alone is shown at the smallest shape: its links and clock do not depend on it. */
static bool network_row(struct app *app, const char *path, const struct cfg_group *g, json_t *row,
                        struct diag *d)
{
    const struct network_shape shape = {.width = 1, .height = 1, .concentration = 1, .tiles = 1};
    struct network *n;
    (void)path;
    TRY(network_open(app->arena, g, &shape, &n, d));
    put_text(row, "kind", n->kind->kind);
    put_real(row, "clock_mhz", n->clock_mhz);
    put_int(row, "flit_bits", n->flit_bits);
    put_real(row, "link_gb_s", n->link_bytes_per_ps * 1e3);
    return true;
}

void list_networks(struct app *app, json_t *result)
{
    list_configs(app, put_list(result, "networks"), "noc", network_row);
    json_t *kinds = put_list(result, "kinds"), *parameters = put_list(result, "parameters");
    for (size_t i = 0; network_kind_at(i); i++) {
        json_t *row = add_row(kinds);
        put_text(row, "kind", network_kind_at(i)->kind);
        put_text(row, "help", network_kind_at(i)->help);
        list_schema(app, parameters, network_kind_at(i)->kind, network_kind_at(i)->schema);
    }
}

static bool link_row(struct app *app, const char *path, const struct cfg_group *g, json_t *row,
                     struct diag *d)
{
    struct link l;
    (void)app;
    (void)path;
    TRY(link_open(g, &l, d));
    put_real(row, "gb_per_s", l.gb_per_s);
    put_real(row, "latency_ns", l.latency_ns);
    put_real(row, "pj_per_bit", l.pj_per_bit.value);
    put_real(row, "static_mw", l.static_mw.value);
    return true;
}

void list_links(struct app *app, json_t *result)
{
    list_configs(app, put_list(result, "links"), "link", link_row);
    list_schema(app, put_list(result, "parameters"), "link", &link_schema);
}

static bool gpu_row(struct app *app, const char *path, const struct cfg_group *g, json_t *row,
                    struct diag *d)
{
    struct gpu *x;
    (void)path;
    TRY(gpu_open(app->arena, g, &x, d));
    put_real(row, "int8_tops", gpu_has(x, GPU_INT8) ? gpu_peak_tops(x, GPU_INT8) : (double)NAN);
    put_real(row, "fp16_tops", gpu_has(x, GPU_FP16) ? gpu_peak_tops(x, GPU_FP16) : (double)NAN);
    put_real(row, "memory_gb", gpu_memory_gb(x));
    put_real(row, "memory_gb_s", gpu_memory_gb_s(x));
    put_real(row, "tdp_w", gpu_tdp_w(x));
    return true;
}

void list_gpus(struct app *app, json_t *result)
{
    list_configs(app, put_list(result, "gpus"), "gpu", gpu_row);
    list_schema(app, put_list(result, "parameters"), "gpu", &gpu_schema);
}

static void trace_row(struct app *app, const char *name, json_t *row)
{
    struct trace_info t;
    struct diag d = {0};
    char text[DIAG_FILE_MAX + DIAG_TEXT_MAX + 16];
    const char *path =
        arena_printf(app->arena, "%s/traces/samples/%s.jsonl.gz", cfg_home(app->arena), name);
    put_text(row, "name", name);
    if (!trace_info(app->arena, path, &t, &d)) {
        diag_format(&d, text, sizeof text);
        put_text(row, "error", text);
        return;
    }
    put_int(row, "operators", t.operators);
    put_whole(row, "macs", t.macs);
    put_whole(row, "weights", t.weights);
    put_int(row, "batch", t.header.batch);
    put_text(row, "bits",
             arena_printf(app->arena, "%d,%d", t.header.activation_bits, t.header.weight_bits));
    put_text(row, "source", t.header.source);
}

void list_traces(struct app *app, json_t *result)
{
    json_t *list = put_list(result, "traces");
    struct texts names = list_files(app, "traces/samples", ".jsonl.gz");
    for (size_t i = 0; i < names.count; i++)
        trace_row(app, names.items[i], add_row(list));
}
