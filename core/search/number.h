/* number.h — a whole text as a finite number. */
#ifndef CIMARRON_SEARCH_NUMBER_H
#define CIMARRON_SEARCH_NUMBER_H

#include "core/base/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Decimal, as JSON writes it (a sign +, 1. and .5 are none); false: it is no such number. */
bool number_read(const char *text, double *out);

#ifdef __cplusplus
}
#endif
#endif
