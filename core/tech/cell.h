/* cell.h — memory cells that can compute: what configs/cell/NAME.cfg says.
 *
 * Answers: conductances or capacitance, write voltage, time and energy, endurance, retention,
 * variation and read noise, area and leakage of one cell.  Does not model drift or the physics
 * behind a number: a cell is data.  Resistive cells need conductances; SRAM and eDRAM cells that
 * compute in the charge domain need a capacitance. */
#ifndef CIMARRON_CELL_H
#define CIMARRON_CELL_H

#include "core/base/cfg.h"

#ifdef __cplusplus
extern "C" {
#endif

enum cell_kind {
    CELL_RRAM,
    CELL_PCM,
    CELL_FLASH,
    CELL_STT_MRAM,
    CELL_FEFET,
    CELL_SRAM6T,
    CELL_SRAM8T,
    CELL_SRAM10T1C,
    CELL_SRAM12T,
    CELL_EDRAM
};

struct cell {
    int kind;                          /* enum cell_kind */
    int64_t bits;                      /* 1 .. 8 per cell */
    double node_nm;                    /* where area and leakage hold */
    struct quantity g_on_us, g_off_us; /* microsiemens; 0 for cells without */
    struct quantity capacitance_ff;    /* switched per compute step; 0 for cells without */
    double read_v;                     /* V on a selected input; 0: the array's supply */
    double write_v, write_pulse_ns;    /* one pulse */
    double write_pulses;               /* program-and-verify pulses per write, >= 1 */
    struct quantity write_pj;          /* per cell, all pulses */
    double endurance;                  /* writes; 0: not limited */
    double retention_s;                /* 0: as long as it is powered */
    double sigma;      /* relative standard deviation of conductance (or capacitance) */
    double read_noise; /* relative standard deviation per read of one cell */
    double area_um2;
    struct quantity leakage_nw;
};

extern const struct cfg_schema cell_schema;

FALLIBLE bool cell_read(const struct cfg_group *g, struct cell *out, struct diag *d);

bool cell_is_volatile(const struct cell *c);  /* SRAM, eDRAM */
bool cell_is_resistive(const struct cell *c); /* read by a current through a conductance */

/* Area and leakage of the cell drawn in another node (area by node.h, leakage held). */
double cell_area_at(const struct cell *c, double node_nm);

#ifdef __cplusplus
}
#endif
#endif
