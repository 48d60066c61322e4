/* buffer.h — on-chip SRAM and eDRAM buffers: energy and time per access, area, leakage.
 *
 * Costed: an access moves access_bits in one cycle of clock_mhz; longer moves take as many.
 * Energy either as given, or, when energy_pj is left out, from a power law fitted to 93 CACTI 7
 * runs and scaled to the node.  It does not model banks or conflicts. */
#ifndef CIMARRON_BUFFER_H
#define CIMARRON_BUFFER_H

#include "core/base/cfg.h"
#include "core/base/costed.h"

#ifdef __cplusplus
extern "C" {
#endif

struct buffer {
    int64_t bytes, access_bits;
    double clock_mhz;                  /* accesses per us and port */
    struct quantity read_pj, write_pj; /* per access of access_bits */
    double area_um2;
    struct quantity leakage_mw; /* includes eDRAM refresh */
};

extern const struct cfg_schema buffer_schema;

FALLIBLE bool buffer_open(const struct cfg_group *g, struct buffer *out, struct diag *d);

/* Time (of the slower of the two, one port each) and actions of reading and writing so many bytes
 * on PART_BUFFER. */
void buffer_cost(const struct buffer *b, double read_bytes, double write_bytes, struct cost *out);

double buffer_bytes_per_ps(const struct buffer *b); /* of one port */

#ifdef __cplusplus
}
#endif
#endif
