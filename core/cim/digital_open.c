/* Reading a digital array's config. */
#include "core/cim/digital.h"

#include "core/tech/node.h"

#define NUMBER(key, type, unit, lo, hi, fallback, help)                                            \
    {                                                                                              \
#key, type, offsetof(struct digital, key), unit, lo, hi, fallback, NULL, help              \
    }
#define SWITCH(key, help)                                                                          \
    {                                                                                              \
#key, CFG_BOOL, offsetof(struct digital, key), "", 0, 0, "false", NULL, help               \
    }

#define CHOICE(key, words, fallback, help)                                                         \
    {                                                                                              \
#key, CFG_CHOICE, offsetof(struct digital, key), "", 0, 0, fallback, words, help           \
    }

static const char *const accumulation_words[] = {"tree", "chain", NULL};
static const char *const multiplier_words[] = {"and", "booth", NULL};
static const char *const component_keys[DIGITAL_COMPONENTS] = {"compute", "driver", "accumulator",
                                                               "decoder", "control"};
static const char *const groups[] = {"cell",    "compute", "driver", "accumulator",
                                     "decoder", "control", NULL};

static const struct cfg_field fields[] = {
    NUMBER(kind, CFG_TEXT, "", 0, 0, NULL, "the array style"),
    NUMBER(rows, CFG_INT, "", 1, 65536, NULL, "physical rows"),
    NUMBER(columns, CFG_INT, "", 1, 65536, NULL, "physical columns of weight bits"),
    NUMBER(active_rows, CFG_INT, "", 0, 65536, "0", "inputs of one tree; 0: all rows"),
    NUMBER(tree_bits, CFG_INT, "bits", 1, 32, NULL, "weight bits that enter one tree"),
    NUMBER(step_bits, CFG_INT, "bits", 1, 32, "1", "input bits per step; 1: bit-serial"),
    NUMBER(guard_columns, CFG_INT, "", 0, 32, "0",
           "columns of each weight that hold adders alone, beside its bits"),
    CHOICE(accumulation, accumulation_words, "tree",
           "products are summed by a tree, or from row to row by a chain in the array"),
    NUMBER(chain_rows, CFG_INT, "", 0, 65536, "0",
           "rows between the registers of a chain; 0: active_rows"),
    CHOICE(multiplier, multiplier_words, "and",
           "of more than one input bit a step: an array of ANDs, or Booth recoding"),
    NUMBER(input_bits, CFG_INT, "bits", 1, 32, NULL, "native input precision"),
    NUMBER(weight_bits, CFG_INT, "bits", 1, 32, NULL, "native weight precision"),
    NUMBER(max_input_bits, CFG_INT, "bits", 0, 32, "0", "widest input; 0: the native one"),
    NUMBER(max_weight_bits, CFG_INT, "bits", 0, 32, "0", "widest weight; 0: the native one"),
    NUMBER(write_cells, CFG_INT, "", 0, 65536, "0", "cells of a row written at once; 0: all"),
    NUMBER(pipeline_stages, CFG_INT, "", 1, 64, "1", "register stages from input to result"),
    NUMBER(cycle_ns, CFG_REAL, "ns", 0, 1e6, "0",
           "one step at reference_vdd_v; 0: from the tree's gates"),
    NUMBER(node_nm, CFG_REAL, "nm", NODE_MIN_NM, NODE_MAX_NM, NULL, "process node"),
    NUMBER(vdd_v, CFG_REAL, "V", 0.4, 2, NULL, "supply"),
    NUMBER(reference_vdd_v, CFG_REAL, "V", 0, 2, "0",
           "supply of cycle_ns and priced components; 0: vdd_v"),
    NUMBER(row_ff, CFG_REAL, "fF", 0, 1e6, "0", "capacitance of a row wire; 0: from the columns"),
    SWITCH(signed_inputs, "inputs are signed, two's complement"),
    SWITCH(writes_while_computing, "weights are written while others compute"),
};

const struct cfg_schema digital_schema = {
    "digital array", "SRAM cells with multipliers and adder trees",
    fields,          COUNT_OF(fields),
    groups,          NULL};

static void fill_defaults(struct digital *x)
{
    if (x->active_rows == 0)
        x->active_rows = x->rows;
    if (x->chain_rows == 0)
        x->chain_rows = x->active_rows;
    if (x->max_input_bits == 0)
        x->max_input_bits = x->input_bits;
    if (x->max_weight_bits == 0)
        x->max_weight_bits = x->weight_bits;
    if (x->reference_vdd_v == 0)
        x->reference_vdd_v = x->vdd_v;
}

static bool check(const struct cfg_group *g, const struct digital *x, struct diag *d)
{
    if (x->active_rows > x->rows)
        return cfg_complain(g, "active_rows", d, "active_rows must be at most the %lld rows",
                            (long long)x->rows);
    if (x->active_rows % x->chain_rows != 0)
        return cfg_complain(g, "chain_rows", d, "%lld rows are no multiple of chain_rows %lld",
                            (long long)x->active_rows, (long long)x->chain_rows);
    if (x->accumulation == DIGITAL_CHAIN && x->step_bits != 1)
        return cfg_complain(g, "step_bits", d, "a chain takes one input bit a step, not %lld",
                            (long long)x->step_bits);
    if (x->multiplier == DIGITAL_BOOTH && (x->step_bits < 4 || x->step_bits % 2 != 0))
        return cfg_complain(g, "multiplier", d,
                            "Booth recoding needs an even step_bits of at least 4, not %lld",
                            (long long)x->step_bits);
    if (x->guard_columns == 0 && x->columns % x->tree_bits != 0)
        return cfg_complain(g, "columns", d, "%lld columns are no multiple of tree_bits %lld",
                            (long long)x->columns, (long long)x->tree_bits);
    if (ceil_div(x->weight_bits, x->tree_bits) * (x->tree_bits + x->guard_columns) > x->columns)
        return cfg_complain(g, "weight_bits", d, "a weight of %lld bits does not fit %lld columns",
                            (long long)x->weight_bits, (long long)x->columns);
    if (x->max_input_bits < x->input_bits)
        return cfg_complain(g, "max_input_bits", d, "max_input_bits is below input_bits");
    if (x->max_weight_bits < x->weight_bits)
        return cfg_complain(g, "max_weight_bits", d, "max_weight_bits is below weight_bits");
    if (!cell_is_volatile(&x->cell))
        return cfg_complain(g, "cell", d, "a digital array needs an SRAM or eDRAM cell");
    if (x->cell.bits != 1)
        return cfg_complain(g, "cell", d, "a digital array's cell holds one bit");
    return true;
}

bool digital_open(struct arena *a, const struct cfg_group *g, struct array **out, struct diag *d)
{
    struct digital *x = ARENA_NEW(a, struct digital);
    const struct cfg_group *cell;
    TRY(cfg_read(g, &digital_schema, x, d));
    TRY(cfg_sub(g, "cell", &cell, d));
    TRY(cell_read(cell, &x->cell, d));
    for (int c = 0; c < DIGITAL_COMPONENTS; c++) {
        TRY(component_sub(g, component_keys[c], &x->components[c], d));
        x->given[c] = cfg_sub_or_null(g, component_keys[c]) != NULL;
    }
    fill_defaults(x);
    TRY(check(g, x, d));
    *out = &x->base;
    return true;
}
