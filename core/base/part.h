/* part.h — the published list of the parts that energy is booked on.
 *
 * Answers: which parts exist and what they are called.  A new part is one line in parts.def. */
#ifndef CIMARRON_PART_H
#define CIMARRON_PART_H

#include "core/base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum part {
#define PART(id, name, help) PART_##id,
#include "core/base/parts.def"
#undef PART
    PART_COUNT
};

const char *part_name(enum part p); /* "array.adc" */
const char *part_help(enum part p);

#ifdef __cplusplus
}
#endif
#endif
