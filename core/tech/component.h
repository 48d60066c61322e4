/* component.h — a component with a price tag: energy per action, area, leakage.
 *
 * A config gives either energy_pj, or power_mw (dynamic, at full activity) with rate_ghz (actions
 * per ns at full activity): energy per action = power / rate (1 mW / 1 GHz = 1 pJ).  It does not
 * scale between nodes: core/tech/node.h does. */
#ifndef CIMARRON_COMPONENT_H
#define CIMARRON_COMPONENT_H

#include "core/base/cfg.h"

#ifdef __cplusplus
extern "C" {
#endif

struct component {
    struct quantity energy_pj;  /* per action */
    double area_um2;            /* of one instance */
    struct quantity leakage_mw; /* of one instance */
};

extern const struct cfg_schema component_schema; /* for `cimarron list` */

FALLIBLE bool component_read(const struct cfg_group *g, struct component *out, struct diag *d);

/* The sub-group `key` of g as a component, all zero when it does not stand. */
FALLIBLE bool component_sub(const struct cfg_group *g, const char *key, struct component *out,
                            struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
