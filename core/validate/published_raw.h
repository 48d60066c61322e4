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

/* A figure that a group gives, NAN where it gives none; notes in `p` whether it is recalled or
 * assumed. */
double published_figure(const struct quantity *q, struct published *p);
const char *published_word(const char *text); /* NULL for an empty one */

/* A precision that can be read; a mark on whatever is not scored. */
FALLIBLE bool published_check_precision(const struct cfg_group *g, const char *precision,
                                        struct diag *d);
FALLIBLE bool published_check_mark(const struct cfg_group *g, const struct published_raw *r,
                                   struct diag *d);

/* published_points.c: the groups `points` and `known_miss` of a published group, if they stand. */
FALLIBLE bool published_read_points(struct arena *a, const struct cfg_group *published,
                                    struct published *p, struct diag *d);
FALLIBLE bool published_read_misses(struct arena *a, const struct cfg_group *published,
                                    struct published *p, struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
