/* Reading a MAC array's config. */
#include <math.h>

#include "core/cim/mac_array.h"

#include "core/tech/node.h"

static const char *const engine_words[] = {"systolic", "dot_product", NULL};
static const char *const number_words[] = {"none", "int", "float", "bfloat", NULL};
static const char *const groups[] = {"cell", "store_read", "control", NULL};

#define NUMBER(key, type, unit, lo, hi, fallback, help)                                            \
    {                                                                                              \
#key, type, offsetof(struct mac_array, key), unit, lo, hi, fallback, NULL, help            \
    }
#define FORMAT(bits, index)                                                                        \
    {"format_" #bits, CFG_CHOICE,   offsetof(struct mac_array, formats[index].number), "", 0, 0,   \
     "\"none\"",      number_words, "what a cell computes in at " #bits " bits"},                  \
    {                                                                                              \
        "macs_" #bits, CFG_INT, offsetof(struct mac_array, formats[index].macs), "", 1, 64, "1",   \
            NULL, "MACs per cell and cycle at " #bits " bits"                                      \
    }

#define MOST_BYTES 1099511627776.0 /* 1 TiB */

static const struct cfg_field fields[] = {
    NUMBER(kind, CFG_TEXT, "", 0, 0, NULL, "the array style"),
    {"engine", CFG_CHOICE, offsetof(struct mac_array, engine), "", 0, 0, NULL, engine_words,
     "sums pass from cell to cell, or lanes meet in a tree"},
    NUMBER(engine_rows, CFG_INT, "", 1, 4096, NULL, "cells that one output sums over in a cycle"),
    NUMBER(engine_columns, CFG_INT, "", 1, 4096, NULL, "outputs that share an input"),
    NUMBER(engines, CFG_INT, "", 1, 65536, "1", "engines side by side, each reads its own inputs"),
    FORMAT(4, 0),
    FORMAT(8, 1),
    FORMAT(16, 2),
    NUMBER(accumulator_bits, CFG_INT, "bits", 4, 64, NULL, "of a sum"),
    NUMBER(input_bits, CFG_INT, "bits", 1, 16, NULL, "native input precision"),
    NUMBER(weight_bits, CFG_INT, "bits", 1, 16, NULL, "native weight precision"),
    NUMBER(max_input_bits, CFG_INT, "bits", 0, 24, "0", "widest input; 0: that of the formats"),
    NUMBER(max_weight_bits, CFG_INT, "bits", 0, 24, "0", "widest weight; 0: that of the formats"),
    NUMBER(rows, CFG_INT, "", 1, 32768, NULL, "rows of the matrix that the store holds"),
    NUMBER(store_bytes, CFG_INT, "bytes", 1, MOST_BYTES, NULL, "memory of the weights"),
    NUMBER(buffer_bytes, CFG_INT, "bytes", 0, MOST_BYTES, "0",
           "memory of an engine's inputs and sums; 0: they share the store"),
    NUMBER(write_bytes, CFG_INT, "bytes", 1, 65536, NULL, "written to the store at once"),
    NUMBER(hold_cycles, CFG_INT, "", 1, 1000000, NULL,
           "vectors for which a cell can hold a weight"),
    NUMBER(load_cycles, CFG_INT, "", 0, 1000000, "0",
           "cycles of loading the cells, behind those of computing; 0: every cycle can"),
    NUMBER(pipeline_stages, CFG_INT, "", 0, 65536, "0",
           "from input to result; 0: R + C systolic, log2 R + 2 of lanes"),
    NUMBER(clock_mhz, CFG_REAL, "MHz", 1e-3, 1e5, NULL, "at reference_vdd_v"),
    NUMBER(node_nm, CFG_REAL, "nm", NODE_MIN_NM, NODE_MAX_NM, NULL, "process node"),
    NUMBER(vdd_v, CFG_REAL, "V", 0.4, 2, NULL, "supply"),
    NUMBER(reference_vdd_v, CFG_REAL, "V", 0, 2, "0",
           "supply of clock_mhz, store_read and control; 0: vdd_v"),
    NUMBER(wire_mm, CFG_REAL, "mm", 0, 100, "0",
           "mean way from the memories to a cell; 0: half an engine's side"),
    NUMBER(store_efficiency, CFG_REAL, "", 0.05, 1, "0.6", "share of a memory's area in its cells"),
    NUMBER(mac_um2, CFG_REAL, "um2", 0, 1e8, "0",
           "area of a cell without registers; 0: from unit gates"),
    {"writes_while_computing", CFG_BOOL, offsetof(struct mac_array, writes_while_computing), "", 0,
     0, "false", NULL, "the store is double-buffered"},
};

const struct cfg_schema mac_array_schema = {
    "MAC array", "multiply-accumulate engines beside the memory of their weights",
    fields,      COUNT_OF(fields),
    groups,      NULL};

static void fill_defaults(struct mac_array *x)
{
    int widest = mac_widths[mac_array_widest(x)];
    if (x->max_input_bits == 0)
        x->max_input_bits = widest;
    if (x->max_weight_bits == 0)
        x->max_weight_bits = widest;
    if (x->reference_vdd_v == 0)
        x->reference_vdd_v = x->vdd_v;
    if (x->pipeline_stages == 0 && x->engine == MAC_SYSTOLIC)
        x->pipeline_stages = x->engine_rows + x->engine_columns;
    if (x->pipeline_stages == 0)
        x->pipeline_stages = (int64_t)ceil(log2((double)x->engine_rows)) + 2;
}

static bool check_formats(const struct cfg_group *g, const struct mac_array *x, struct diag *d)
{
    static const char *const macs_keys[MAC_WIDTHS] = {"macs_4", "macs_8", "macs_16"};
    int narrower = -1;
    for (int i = 0; i < MAC_WIDTHS; i++) {
        if (x->formats[i].number == MAC_NONE && cfg_has(g, macs_keys[i]))
            return cfg_complain(g, macs_keys[i], d, "%s needs format_%d", macs_keys[i],
                                mac_widths[i]);
        if (x->formats[i].number == MAC_NONE)
            continue;
        if (narrower >= 0 && x->formats[i].macs > x->formats[narrower].macs)
            return cfg_complain(g, macs_keys[i], d, "a cell does more MACs at %d bits than at %d",
                                mac_widths[i], mac_widths[narrower]);
        narrower = i;
    }
    if (narrower < 0)
        return cfg_complain(g, NULL, d, "a MAC array needs format_4, format_8 or format_16");
    return true;
}

static bool check_precision(const struct cfg_group *g, const struct mac_array *x, struct diag *d)
{
    int widest = mac_array_widest(x);
    bool is_int = x->formats[widest].number == MAC_INT;
    int64_t most = x->max_input_bits > x->max_weight_bits ? x->max_input_bits : x->max_weight_bits;
    if (x->max_input_bits < x->input_bits)
        return cfg_complain(g, "max_input_bits", d, "max_input_bits is below input_bits");
    if (x->max_weight_bits < x->weight_bits)
        return cfg_complain(g, "max_weight_bits", d, "max_weight_bits is below weight_bits");
    if (!is_int && most > mac_widths[widest])
        return cfg_complain(g, NULL, d,
                            "operands of %lld bits need slices, which floating numbers of %d bits "
                            "do not have",
                            (long long)most, mac_widths[widest]);
    if (is_int && x->accumulator_bits < 2 * (int64_t)mac_widths[widest])
        return cfg_complain(g, "accumulator_bits", d,
                            "products of %d x %d bits do not fit sums of %lld bits",
                            mac_widths[widest], mac_widths[widest], (long long)x->accumulator_bits);
    return true;
}

static bool check_store(const struct cfg_group *g, const struct mac_array *x, struct diag *d)
{
    int64_t most = 1;
    for (int i = 0; i < MAC_WIDTHS; i++)
        if (x->formats[i].number != MAC_NONE && x->formats[i].macs > most)
            most = x->formats[i].macs;
    if (x->rows % (x->engine_rows * most) != 0)
        return cfg_complain(g, "rows", d,
                            "%lld rows are no multiple of the %lld that one output sums over",
                            (long long)x->rows, (long long)(x->engine_rows * most));
    int64_t row_bits = x->rows * x->max_weight_bits;
    if (row_bits > x->store_bytes * 8)
        return cfg_complain(
            g, "store_bytes", d, "%lld rows of %lld-bit weights do not fit %lld bytes",
            (long long)x->rows, (long long)x->max_weight_bits, (long long)x->store_bytes);
    return true;
}

static bool check_cell(const struct cfg_group *g, const struct mac_array *x, struct diag *d)
{
    bool is_volatile = cell_is_volatile(&x->cell);
    bool is_priced = cfg_sub_or_null(g, "store_read") != NULL;
    if (is_volatile && is_priced)
        return cfg_complain(g, "store_read", d,
                            "store_read is for stores that are not SRAM or eDRAM");
    if (!is_volatile && !is_priced)
        return cfg_complain(g, "cell", d,
                            "a store that is not SRAM or eDRAM needs store_read, a price per byte");
    return true;
}

bool mac_array_open(struct arena *a, const struct cfg_group *g, struct array **out, struct diag *d)
{
    struct mac_array *x = ARENA_NEW(a, struct mac_array);
    const struct cfg_group *cell;
    TRY(cfg_read(g, &mac_array_schema, x, d));
    TRY(cfg_sub(g, "cell", &cell, d));
    TRY(cell_read(cell, &x->cell, d));
    TRY(component_sub(g, "store_read", &x->store_read, d));
    TRY(component_sub(g, "control", &x->control, d));
    fill_defaults(x);
    TRY(check_formats(g, x, d));
    TRY(check_precision(g, x, d));
    TRY(check_store(g, x, d));
    TRY(check_cell(g, x, d));
    *out = &x->base;
    return true;
}
