#include "core/cim/dram_pim.h"

#include <math.h>

#include "core/base/units.h"
#include "core/tech/node.h"

#define NUMBER(key, type, unit, lo, hi, fallback, help)                                            \
    {                                                                                              \
#key, type, offsetof(struct dram_pim, key), unit, lo, hi, fallback, NULL, help             \
    }

static const struct cfg_field fields[] = {
    NUMBER(kind, CFG_TEXT, "", 0, 0, NULL, "the array style"),
    NUMBER(channels, CFG_INT, "", 1, 1024, NULL, "channels (pseudo channels) with units"),
    NUMBER(units, CFG_INT, "", 1, 256, NULL, "units per channel, all on one command"),
    NUMBER(banks_per_unit, CFG_INT, "", 1, 16, "1", "banks that a unit serves in turn"),
    NUMBER(rows, CFG_INT, "", 1, 1 << 24, NULL, "DRAM rows per bank"),
    NUMBER(row_bytes, CFG_INT, "bytes", 32, 65536, NULL, "an open row of one bank"),
    NUMBER(lanes, CFG_INT, "", 1, 1024, NULL, "multiply-accumulates of a unit per column access"),
    NUMBER(element_bits, CFG_INT, "bits", 4, 32, NULL, "inputs and weights"),
    NUMBER(clock_mhz, CFG_REAL, "MHz", 1, 1e5, NULL, "clock of the cycles below"),
    NUMBER(ccd, CFG_REAL, "cycles", 1, 1000, NULL, "between column accesses of one bank"),
    NUMBER(rcd, CFG_REAL, "cycles", 1, 1e4, NULL, "from opening a row to the first access"),
    NUMBER(rtp, CFG_REAL, "cycles", 0, 1e4, NULL, "from the last access to closing"),
    NUMBER(rp, CFG_REAL, "cycles", 1, 1e4, NULL, "closing"),
    NUMBER(rfc, CFG_REAL, "cycles", 0, 1e6, NULL, "one refresh of all banks"),
    NUMBER(refi, CFG_REAL, "cycles", 1, 1e9, NULL, "between refreshes"),
    NUMBER(node_nm, CFG_REAL, "nm", NODE_MIN_NM, NODE_MAX_NM, NULL, "DRAM process"),
    NUMBER(vdd_v, CFG_REAL, "V", 0.4, 3, NULL, "supply"),
    NUMBER(area_mm2, CFG_REAL, "mm2", 0, 1e5, "0", "all dies with units; 0: not known"),
    NUMBER(activate_pj, CFG_QUANTITY, "pJ", 0, 1e6, NULL, "opening and closing one row"),
    NUMBER(column_pj_per_bit, CFG_QUANTITY, "pJ/bit", 0, 1e3, NULL,
           "an open row's bit to the unit at its bank"),
    NUMBER(background_mw, CFG_QUANTITY, "mW", 0, 1e6, "0", "standby of the device"),
};

static const char *const groups[] = {"mac", NULL};

const struct cfg_schema dram_pim_schema = {"DRAM with multipliers at its banks",
                                           "units on all-bank column commands (DRAM-PIM)",
                                           fields,
                                           COUNT_OF(fields),
                                           groups,
                                           NULL};

static int64_t row_elements(const struct dram_pim *x)
{
    return x->row_bytes * 8 / x->element_bits;
}

static bool dram_pim_open(struct arena *a, const struct cfg_group *g, struct array **out,
                          struct diag *d)
{
    struct dram_pim *x = ARENA_NEW(a, struct dram_pim);
    TRY(cfg_read(g, &dram_pim_schema, x, d));
    TRY(component_sub(g, "mac", &x->mac, d));
    if (row_elements(x) % x->lanes != 0)
        return cfg_complain(g, "lanes", d, "a row of %lld elements does not divide into %lld lanes",
                            (long long)row_elements(x), (long long)x->lanes);
    if (x->rfc >= x->refi)
        return cfg_complain(g, "rfc", d, "a refresh of %g cycles must be shorter than refi %g",
                            x->rfc, x->refi);
    *out = &x->base;
    return true;
}

/* --- rates ----------------------------------------------------------------------------------- */

static double cycle_ps(const struct dram_pim *x)
{
    return 1e6 / x->clock_mhz;
}

static double all_units(const struct dram_pim *x)
{
    return (double)(x->channels * x->units);
}

double dram_pim_row_cycles(const struct dram_pim *x, double commands)
{
    return x->rcd + (commands * (double)x->banks_per_unit - 1) * x->ccd + x->rtp + x->rp;
}

double dram_pim_peak_tops(const struct dram_pim *x)
{
    return 2 * all_units(x) * (double)x->lanes / (x->ccd * cycle_ps(x));
}

static double refresh_factor(const struct dram_pim *x)
{
    return 1 / (1 - x->rfc / x->refi);
}

/* --- a product ------------------------------------------------------------------------------- */

/* How a job lies in the banks: short outputs share a row. */
struct layout {
    double commands;  /* per output */
    double per_row;   /* outputs in a row of one bank */
    double openings;  /* of the rows of all banks, one after the other */
    double bank_rows; /* opened, over all banks */
};

static struct layout lay_out(const struct dram_pim *x, const struct array_job *job)
{
    struct layout l;
    double elements = (double)row_elements(x), lanes = (double)x->lanes;
    l.commands = ceil((double)job->rows / lanes);
    l.per_row = fmax(1, floor(elements / (l.commands * lanes)));
    double banks = all_units(x) * (double)x->banks_per_unit;
    double rows = ceil((double)job->outputs / l.per_row);
    l.openings = ceil(rows / banks);
    l.bank_rows = l.openings * banks;
    return l;
}

static void dram_pim_mvm(const struct array *base, const struct array_job *job, struct cost *out)
{
    const struct dram_pim *x = (const struct dram_pim *)base;
    struct layout l = lay_out(x, job);
    double per_opening = l.commands * l.per_row;
    double columns = (double)job->outputs * l.commands;
    double bits = columns * (double)x->lanes * (double)x->element_bits;
    cost_clear(out);
    out->duration_ps =
        l.openings * dram_pim_row_cycles(x, per_opening) * cycle_ps(x) * refresh_factor(x);
    cost_add(out, PART_MEMORY_ACTIVATE, "open", l.bank_rows, x->activate_pj);
    cost_add(out, PART_MEMORY_READ, "bit", bits, x->column_pj_per_bit);
    cost_add(out, PART_ARRAY_MULTIPLIER, "mac", columns * (double)x->lanes, x->mac.energy_pj);
    cost_add(out, PART_MEMORY_BACKGROUND, "ns", out->duration_ps / PS_PER_NS, x->background_mw);
}

static double dram_pim_latency_ps(const struct array *base, const struct array_job *job)
{
    struct cost c;
    dram_pim_mvm(base, job, &c);
    return c.duration_ps;
}

/* Weights come over the interface a burst at a time: here at the rate of the units' commands. */
static void dram_pim_write(const struct array *base, const struct array_job *job, struct cost *out)
{
    const struct dram_pim *x = (const struct dram_pim *)base;
    struct layout l = lay_out(x, job);
    double columns = (double)job->outputs * l.commands;
    cost_clear(out);
    out->duration_ps = columns / (double)x->channels * x->ccd * cycle_ps(x);
    cost_add(out, PART_MEMORY_ACTIVATE, "open", l.bank_rows, x->activate_pj);
    cost_add(out, PART_MEMORY_WRITE, "bit", columns * (double)(x->lanes * x->element_bits),
             x->column_pj_per_bit);
}

/* --- facts ----------------------------------------------------------------------------------- */

static int64_t dram_pim_outputs(const struct array *base, int weight_bits)
{
    const struct dram_pim *x = (const struct dram_pim *)base;
    (void)weight_bits; /* an element is an element */
    return x->channels * x->units * x->banks_per_unit * x->rows;
}

static bool dram_pim_precision(const struct array *base, int *input_bits, int *weight_bits)
{
    const struct dram_pim *x = (const struct dram_pim *)base;
    if (*input_bits > x->element_bits || *weight_bits > x->element_bits)
        return false;
    *input_bits = *weight_bits = (int)x->element_bits;
    return true;
}

static void dram_pim_facts(const struct array *base, struct array_facts *out)
{
    const struct dram_pim *x = (const struct dram_pim *)base;
    *out = (struct array_facts){.rows = row_elements(x),
                                .columns = dram_pim_outputs(base, 0),
                                .input_bits = (int)x->element_bits,
                                .weight_bits = (int)x->element_bits,
                                .node_nm = x->node_nm,
                                .vdd_v = x->vdd_v,
                                .area_um2 = x->area_mm2 * UM2_PER_MM2,
                                .is_volatile = true,
                                .signed_inputs = true,
                                .peak_tops = dram_pim_peak_tops(x)};
    out->parts[0] = (struct array_part){PART_ARRAY_CELLS, out->area_um2, 0};
    out->part_count = 1;
}

const struct array_ops array_dram_pim_ops = {
    .kind = "dram_pim",
    .help = "multipliers at the banks of a DRAM, all on one command: HBM-PIM, GDDR6-AiM",
    .schema = &dram_pim_schema,
    .open = dram_pim_open,
    .facts = dram_pim_facts,
    .precision = dram_pim_precision,
    .outputs = dram_pim_outputs,
    .mvm = dram_pim_mvm,
    .write = dram_pim_write,
    .latency_ps = dram_pim_latency_ps,
};
