/* Reading an analog array's config. */
#include "core/cim/analog.h"

#include "core/tech/adc.h"
#include "core/tech/dac.h"
#include "core/tech/node.h"

static const char *const sampling_words[] = {"all_columns", "per_conversion", NULL};
static const char *const encoding_words[] = {"offset", "differential", "twos_complement", "in_cell",
                                             NULL};
static const char *const activity_words[] = {"product", "family", "family_current", NULL};

static const char *const component_keys[ANALOG_COMPONENTS + 1] = {
    "adc",       "dac",     "sample_hold", "shift_add", "input_register", "output_register",
    "cell_read", "control", "datapath",    NULL};

static const char *const groups[] = {"cell",
                                     "adc",
                                     "dac",
                                     "sample_hold",
                                     "shift_add",
                                     "input_register",
                                     "output_register",
                                     "cell_read",
                                     "control",
                                     "datapath",
                                     NULL};

#define NUMBER(key, type, unit, lo, hi, fallback, help)                                            \
    {                                                                                              \
#key, type, offsetof(struct analog, key), unit, lo, hi, fallback, NULL, help               \
    }
#define CHOICE(key, words, fallback, help)                                                         \
    {                                                                                              \
#key, CFG_CHOICE, offsetof(struct analog, key), "", 0, 0, fallback, words, help            \
    }
#define SWITCH(key, help)                                                                          \
    {                                                                                              \
#key, CFG_BOOL, offsetof(struct analog, key), "", 0, 0, "false", NULL, help                \
    }

static const struct cfg_field fields[] = {
    {"kind", CFG_TEXT, offsetof(struct analog, kind), "", 0, 0, NULL, NULL, "the array style"},
    NUMBER(rows, CFG_INT, "", 1, 4096, NULL, "physical rows"),
    NUMBER(columns, CFG_INT, "", 1, 65536, NULL, "physical columns of weights"),
    NUMBER(active_rows, CFG_INT, "", 0, 4096, "0", "rows summed at once; 0: all"),
    NUMBER(columns_per_adc, CFG_INT, "", 1, 65536, NULL, "conversion columns that share an ADC"),
    NUMBER(columns_per_conversion, CFG_INT, "", 1, 16, "1",
           "neighbours merged with binary weights in analog"),
    NUMBER(dac_bits, CFG_INT, "bits", 1, 12, NULL, "input bits per step"),
    NUMBER(adc_bits, CFG_INT, "bits", 1, 16, NULL, "output bits of a conversion"),
    NUMBER(input_bits, CFG_INT, "bits", 1, 32, NULL, "native input precision"),
    NUMBER(weight_bits, CFG_INT, "bits", 1, 32, NULL, "native weight precision"),
    NUMBER(max_input_bits, CFG_INT, "bits", 0, 32, "0", "widest input; 0: the native one"),
    NUMBER(max_weight_bits, CFG_INT, "bits", 0, 32, "0", "widest weight; 0: the native one"),
    NUMBER(slc_bits, CFG_INT, "bits", 0, 16, "0",
           "highest bits of a weight that lie in a cell of one bit each"),
    NUMBER(write_cells, CFG_INT, "", 0, 65536, "0", "cells of a row written at once; 0: all"),
    CHOICE(sampling, sampling_words, NULL, "one read for all columns, or one per conversion"),
    CHOICE(encoding, encoding_words, NULL, "how negative weights are held"),
    CHOICE(adc_kind, adc_kind_words, "sar", "the law of an ADC without a price"),
    CHOICE(dac_kind, dac_kind_words, "driver", "the law of a DAC without a price"),
    CHOICE(activity, activity_words, "product",
           "product: from the cell's physics; else a family's effective constant"),
    SWITCH(flip_columns, "columns with large weights hold their complement: one ADC bit less"),
    SWITCH(adc_calibrated,
           "the converter's range is set to the sums of the layer, not to the largest possible"),
    SWITCH(signed_inputs, "inputs are signed, held with an offset"),
    SWITCH(writes_while_computing, "weights are double-buffered"),
    NUMBER(read_ns, CFG_REAL, "ns", 1e-3, 1e7, NULL, "one read at reference_vdd_v"),
    NUMBER(conduct_ns, CFG_REAL, "ns", 0, 1e7, "0",
           "how long resistive cells conduct in a read; 0: read_ns"),
    NUMBER(adc_gsps, CFG_REAL, "GS/s", 0, 100, "0", "rate of one ADC; 0: inside the read"),
    NUMBER(adc_range, CFG_REAL, "", 0.01, 1, "1", "largest sum converted, of the largest possible"),
    NUMBER(node_nm, CFG_REAL, "nm", NODE_MIN_NM, NODE_MAX_NM, NULL, "process node"),
    NUMBER(vdd_v, CFG_REAL, "V", 0.4, 5, NULL, "supply"),
    NUMBER(reference_vdd_v, CFG_REAL, "V", 0, 5, "0",
           "supply at which times and priced components hold; 0: vdd_v"),
    NUMBER(row_ff, CFG_REAL, "fF", 0, 1e6, "0", "capacitance of a row wire; 0: from the columns"),
    NUMBER(dac_kohm, CFG_REAL, "kohm", 0, 1e6, "0", "R of a resistor_ladder"),
    NUMBER(wire_ohm, CFG_REAL, "ohm", 0, 1e6, "0", "column wire resistance from cell to cell"),
};

const struct cfg_schema analog_schema = {"analog compute array",
                                         "rows x columns of cells with DACs and ADCs",
                                         fields,
                                         COUNT_OF(fields),
                                         groups,
                                         NULL};

static bool read_components(const struct cfg_group *g, struct analog *x, struct diag *d)
{
    for (int c = 0; c < ANALOG_COMPONENTS; c++) {
        TRY(component_sub(g, component_keys[c], &x->components[c], d));
        x->given[c] = cfg_sub_or_null(g, component_keys[c]) != NULL;
    }
    return true;
}

static void fill_defaults(struct analog *x)
{
    if (x->active_rows == 0)
        x->active_rows = x->rows;
    if (x->max_input_bits == 0)
        x->max_input_bits = x->input_bits;
    if (x->max_weight_bits == 0)
        x->max_weight_bits = x->weight_bits;
    if (x->conduct_ns == 0)
        x->conduct_ns = x->read_ns;
    if (x->reference_vdd_v == 0)
        x->reference_vdd_v = x->vdd_v;
}

static bool check_structure(const struct cfg_group *g, const struct analog *x, struct diag *d)
{
    int64_t pair = x->encoding == ANALOG_DIFFERENTIAL ? 2 : 1;
    int64_t merged = x->columns_per_conversion * pair;
    int64_t slice = x->cell.bits * x->columns_per_conversion;
    if (x->active_rows > x->rows)
        return cfg_complain(g, "active_rows", d, "active_rows must be at most the %lld rows",
                            (long long)x->rows);
    if (x->conduct_ns > x->read_ns)
        return cfg_complain(g, "conduct_ns", d, "conduct_ns must be at most read_ns");
    if (x->columns % (merged * x->columns_per_adc) != 0)
        return cfg_complain(g, "columns_per_adc", d,
                            "%lld columns cannot be shared evenly: %lld to a conversion, %lld "
                            "conversions to an ADC",
                            (long long)x->columns, (long long)merged,
                            (long long)x->columns_per_adc);
    if (slice > 16)
        return cfg_complain(g, "columns_per_conversion", d,
                            "a conversion of %lld weight bits is more than 16", (long long)slice);
    if (x->encoding == ANALOG_TWOS_COMPLEMENT && slice != 1)
        return cfg_complain(g, "encoding", d,
                            "twos_complement needs one weight bit per conversion, here %lld: bits "
                            "that are merged take offset, differential or in_cell",
                            (long long)slice);
    if (x->flip_columns && x->encoding != ANALOG_OFFSET)
        return cfg_complain(g, "flip_columns", d, "flip_columns needs encoding = \"offset\"");
    if (x->flip_columns && x->adc_calibrated)
        return cfg_complain(g, "adc_calibrated", d,
                            "flip_columns fixes the converter's range: adc_calibrated does not go "
                            "with it");
    if (x->slc_bits > 0 && (x->columns_per_conversion > 1 || x->flip_columns))
        return cfg_complain(g, "slc_bits", d,
                            "slc_bits goes with one column per conversion, and without "
                            "flip_columns");
    if (analog_slices(x, x->weight_bits) * merged > x->columns)
        return cfg_complain(g, "columns", d, "a weight of %lld bits needs %lld columns, not %lld",
                            (long long)x->weight_bits,
                            (long long)(analog_slices(x, x->weight_bits) * merged),
                            (long long)x->columns);
    return true;
}

static bool check_converters(const struct cfg_group *g, const struct analog *x, struct diag *d)
{
    if (x->max_input_bits < x->input_bits)
        return cfg_complain(g, "max_input_bits", d, "max_input_bits is below input_bits");
    if (x->max_weight_bits < x->weight_bits)
        return cfg_complain(g, "max_weight_bits", d, "max_weight_bits is below weight_bits");
    if (x->dac_kind == DAC_DRIVER && x->dac_bits != 1 && !x->given[ANALOG_DAC])
        return cfg_complain(g, "dac_kind", d,
                            "dac_kind = \"driver\" drives one bit a step, not dac_bits = %lld: say "
                            "capacitive, ladder, pulse or resistor_ladder",
                            (long long)x->dac_bits);
    if (x->dac_kind == DAC_RESISTOR_LADDER && x->dac_kohm <= 0 && !x->given[ANALOG_DAC])
        return cfg_complain(g, "dac_kohm", d,
                            "dac_kind = \"resistor_ladder\" needs dac_kohm above 0");
    if (x->adc_kind == ADC_SURVEY && x->adc_gsps <= 0 && !x->given[ANALOG_ADC])
        return cfg_complain(g, "adc_gsps", d, "adc_kind = \"survey\" needs adc_gsps above 0");
    if (x->sampling == ANALOG_PER_CONVERSION || x->columns_per_adc == 1 || x->adc_gsps > 0)
        return true;
    return cfg_complain(
        g, "adc_gsps", d,
        "%lld conversions share an ADC (columns_per_adc): give its rate, adc_gsps, or "
        "sampling = \"per_conversion\"",
        (long long)x->columns_per_adc);
}

bool analog_open(const struct cfg_group *g, struct analog *x, struct diag *d)
{
    const struct cfg_group *cell;
    TRY(cfg_read(g, &analog_schema, x, d));
    TRY(cfg_sub(g, "cell", &cell, d));
    TRY(cell_read(cell, &x->cell, d));
    TRY(read_components(g, x, d));
    fill_defaults(x);
    TRY(check_structure(g, x, d));
    return check_converters(g, x, d);
}
