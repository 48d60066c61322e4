/* peak.h — what each kind of system can do at most, as a result: one file per kind.
 *
 * The keys that all kinds share: system, title, tops, power_w, tops_per_w, area_mm2, tops_per_mm2,
 * memory_gb, memory_gb_s, on_chip_mb, precision, power_scope, node_nm, power_by_part_w,
 * area_by_part_mm2.  A space of designs has ranges in their place.  An option that a kind cannot
 * follow is a complaint, never passed over. */
#ifndef CIMARRON_PEAK_H
#define CIMARRON_PEAK_H

#include <math.h>

#include "core/app/app.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PEAK_SAMPLES_MIN = 20 }; /* of an interval */

struct peak_options {
    const char *precision, *point; /* NULL: the system's own */
    bool sparse;
    int64_t uncertainty;                  /* samples; 0: none */
    double input_density, weight_density; /* shares of ones; NAN: the usual data of traces */
};

static inline bool peak_has_density(const struct peak_options *o)
{
    return !isnan(o->input_density) || !isnan(o->weight_density);
}

/* One kind: fills *out, an object that the caller gives up. */
typedef bool peak_of(const struct app *app, const char *path, const struct peak_options *o,
                     json_t **out, struct diag *d);

peak_of peak_chip;        /* compute-in-memory chips, packages, wafers */
peak_of peak_accelerator; /* digital accelerators, NPUs, GPUs */
peak_of peak_space;       /* designs that would meet published figures */

#ifdef __cplusplus
}
#endif
#endif
