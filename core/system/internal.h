/* internal.h — what the files of core/system share: a die, before it is a chip or part of more. */
#ifndef CIMARRON_SYSTEM_INTERNAL_H
#define CIMARRON_SYSTEM_INTERNAL_H

#include "chiplet/package.h"
#include "core/system/system.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the outside of a die needs of its chip config, which stays open meanwhile. */
struct die {
    const struct cfg_group *root;
    int64_t width, height; /* routers */
    int64_t memory_ports, memory_stacks;
    double link_mm; /* 0: from the tile's area */
};

/* Fills `s` as one die alone: its tiles, arrays and their parts; no memory, no links, no network.
 * Who needs more of them multiplies tiles, arrays and clock_mw. */
FALLIBLE bool system_open_die(struct arena *a, const struct cfg_group *root, struct system *s,
                              struct die *die, struct diag *d);

/* The chip's group `host`, if it has one. */
FALLIBLE bool system_open_host(const struct cfg_group *chip, struct system *s, struct diag *d);

/* The network of the chip's config in the shape that `s` has by now. */
FALLIBLE bool system_open_network(struct arena *a, const struct die *die, struct system *s,
                                  struct diag *d);

/* ports.c: the host's port on router 0, and the memory's on the edges of each die.  edges[die] has
 * a bit 1 << enum side for each edge that faces memory; none: a chip, which uses its left and right
 * column, and all four edges when those do not hold them. */
FALLIBLE bool system_place_ports(struct arena *a, const struct die *die, const unsigned *edges,
                                 struct system *s, struct diag *d);

/* peak.c: `times` prices in W, uncertainties independent; then what is taken always, losses of a
 * board's regulators, and the sum. */
void system_add_power(struct system_power *p, enum part part, double times, struct quantity price);
void system_sum_power(const struct system *s, struct system_power *p);

#define SYSTEM_CHIP_WORD "chip."

/* package_system.c: the config that chip = "..." in g names; NULL and a diag when there is none. */
const char *system_find_chip(struct arena *a, const struct cfg_group *g, struct diag *d);

/* Overrides that begin with "chip." are for the chip that all dies are.  Those of
 * the chip, without this word, or those of the file itself. */
bool system_is_of_chip(const struct cfg_override *o);
const struct cfg_override *system_overrides(struct arena *a, const struct cfg_override *set,
                                            size_t set_count, bool of_chip, size_t *count);
FALLIBLE bool system_open_package(struct arena *a, const struct cfg_group *root,
                                  const struct cfg_override *set, size_t set_count,
                                  struct system *s, struct diag *d);

/* wafer_system.c */
FALLIBLE bool system_open_wafer(struct arena *a, const struct cfg_group *root,
                                const struct cfg_override *set, size_t set_count, struct system *s,
                                struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
