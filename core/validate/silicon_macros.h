/* silicon_macros.h — what the judgement of macros and that of chips known by their data alone
 * share.
 *
 * Private to silicon_macros.c and silicon_data_chips.c. */
#ifndef CIMARRON_SILICON_MACROS_H
#define CIMARRON_SILICON_MACROS_H

#include "core/fit/benchmark.h"
#include "core/validate/judged_macro.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { SILICON_MACROS_SEED = 1, SILICON_MACROS_CHIPS = 1024 };

extern const char *const silicon_macros_one_look; /* a mark: what "blind" means for a law */

/* Every chip of the data but those whose number is set in `described`, SILICON_MACROS_CHIPS long.
 */
void silicon_macros_judge_data(struct judged_list *l, const struct benchmark *b,
                               const bool *described);

#ifdef __cplusplus
}
#endif
#endif
