#include "core/tech/cell.h"

#include "core/tech/node.h"

static const char *const kind_words[] = {"rram",    "pcm",    "flash",  "stt_mram",
                                         "fefet",   "sram6t", "sram8t", "sram10t1c",
                                         "sram12t", "edram",  NULL};

#define FIELD(key, type, unit, lo, hi, fallback, help)                                             \
    {                                                                                              \
#key, type, offsetof(struct cell, key), unit, lo, hi, fallback, NULL, help                 \
    }

static const struct cfg_field fields[] = {
    {"kind", CFG_CHOICE, offsetof(struct cell, kind), "", 0, 0, NULL, kind_words,
     "what the cell is made of"},
    FIELD(bits, CFG_INT, "bits", 1, 8, "1", "bits stored per cell"),
    FIELD(node_nm, CFG_REAL, "nm", NODE_MIN_NM, NODE_MAX_NM, NULL, "where area and leakage hold"),
    FIELD(g_on_us, CFG_QUANTITY, "uS", 0, 1e5, "0", "conductance of the largest level"),
    FIELD(g_off_us, CFG_QUANTITY, "uS", 0, 1e5, "0", "conductance of level 0"),
    FIELD(capacitance_ff, CFG_QUANTITY, "fF", 0, 1e4, "0", "capacitance switched per step"),
    FIELD(read_v, CFG_REAL, "V", 0, 10, "0", "input voltage of a read; 0: the array's supply"),
    FIELD(write_v, CFG_REAL, "V", 0, 30, "0", "write voltage"),
    FIELD(write_pulse_ns, CFG_REAL, "ns", 1e-3, 1e9, NULL, "length of one write pulse"),
    FIELD(write_pulses, CFG_REAL, "", 1, 1e4, "1", "program-and-verify pulses per write"),
    FIELD(write_pj, CFG_QUANTITY, "pJ", 0, 1e9, NULL, "energy of writing a cell, all pulses"),
    FIELD(endurance, CFG_REAL, "writes", 0, 1e18, "0", "writes a cell survives; 0: not limited"),
    FIELD(retention_s, CFG_REAL, "s", 0, 1e12, "0", "0: as long as it is powered"),
    FIELD(sigma, CFG_REAL, "", 0, 1, "0", "relative spread of conductance or capacitance"),
    FIELD(read_noise, CFG_REAL, "", 0, 1, "0", "relative noise of one cell per read"),
    FIELD(area_um2, CFG_REAL, "um2", 1e-6, 1e6, NULL, "area of a cell"),
    FIELD(leakage_nw, CFG_QUANTITY, "nW", 0, 1e6, "0", "static power of a cell"),
};

const struct cfg_schema cell_schema = {
    "memory cell", "one cell of a compute array", fields, COUNT_OF(fields), NULL, NULL};

bool cell_is_volatile(const struct cell *c)
{
    return c->kind >= CELL_SRAM6T;
}

bool cell_is_resistive(const struct cell *c)
{
    return !cell_is_volatile(c);
}

bool cell_read(const struct cfg_group *g, struct cell *out, struct diag *d)
{
    TRY(cfg_read(g, &cell_schema, out, d));
    if (!cell_is_resistive(out))
        return true;
    if (out->g_on_us.value <= out->g_off_us.value)
        return cfg_complain(g, "g_on_us", d, "g_on_us must be above g_off_us");
    if (out->read_v <= 0)
        return cfg_complain(g, "read_v", d, "a resistive cell needs a read_v above 0");
    return true;
}

double cell_area_at(const struct cell *c, double node_nm)
{
    return c->area_um2 * node_area_factor(c->node_nm, node_nm);
}
