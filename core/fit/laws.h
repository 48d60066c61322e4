/* laws.h — what the files of laws share. */
#ifndef CIMARRON_FIT_LAWS_H
#define CIMARRON_FIT_LAWS_H

#include <math.h>

#include "core/fit/family.h"
#include "core/tech/family_fit.h"

#define FAMILY_NM FAMILY_FIT_NM

/* node / 28 nm */
static inline double law_node(const struct family_facts *f)
{
    return f->node_nm / FAMILY_NM;
}

static inline double law_event_fj(const struct benchmark_row *b)
{
    return b->event_fj;
}

static inline double law_area_um2(const struct benchmark_row *b)
{
    return b->area_um2;
}

#endif
