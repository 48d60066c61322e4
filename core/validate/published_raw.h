/* published_raw.h — a `published` group as the reader of configs fills it.
 *
 * Private to core/validate: published_schema.c says what may stand there, published.c makes `struct
 * published` of it. */
#ifndef CIMARRON_PUBLISHED_RAW_H
#define CIMARRON_PUBLISHED_RAW_H

#include "core/validate/validate.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What libconfig gives, before absent numbers become NAN. */
struct published_raw {
    const char *precision, *chip, *family, *mark;
    int power_is;
    bool scored;
    struct cfg_ints benchmark;
    struct quantity tops, tops_per_w, power_w, area_mm2, tops_per_mm2, tops_high, tops_per_w_high,
        power_w_high, tops_sparse, vdd_v, clock_ghz, input_density, weight_density, latency_ns,
        energy_pj, sqnr_db, memory_gb, memory_gb_s, on_chip_mb, sram_bytes, sram_bytes_per_s,
        fabric_bits_per_s, cores;
};

struct published_raw_miss {
    struct quantity value;
    const char *reason, *kind;
};

extern const char *const published_scopes[]; /* the words of power_is; NULL ends them */

#ifdef __cplusplus
}
#endif
#endif
