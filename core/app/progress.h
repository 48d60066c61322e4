/* progress.h — a bar on stderr, only on a terminal and only for work of more than a second. */
#ifndef CIMARRON_PROGRESS_H
#define CIMARRON_PROGRESS_H

#include "core/base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct progress {
    bool wanted, shown;
    double begun_s;
};

struct progress progress_begin(bool wanted);
void progress_show(struct progress *p, size_t done, size_t count);
void progress_end(struct progress *p); /* wipes the bar */

double wall_clock_s(void); /* of a clock that never runs backwards */

#ifdef __cplusplus
}
#endif
#endif
