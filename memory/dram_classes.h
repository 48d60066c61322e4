/* dram_classes.h — the channels of a memory, those in equal states simulated once.
 *
 * Answers: when the bursts of a transfer are done in the last of its channels, and how many rows
 * were opened for it.  Interleaving gives neighbouring channels the same bursts at the same time:
 * channels whose deciding state is equal form one class with so many members.  A transfer that
 * treats members differently splits their class; classes whose states have become equal, word by
 * word and apart from times that lie in the past, are joined again.  Results are those of every
 * channel by itself, to the last bit: members share times, and counts are whole numbers.
 *
 * Channels never look ahead of what could still change: with everything submitted taken in, they
 * wait for the next transfer; a copy of the state says how it ends if none comes. */
#ifndef CIMARRON_MEMORY_DRAM_CLASSES_H
#define CIMARRON_MEMORY_DRAM_CLASSES_H

#include "memory/dram_channel.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { DRAM_SLOTS = 64 }; /* transfers at a time */

struct dram_classes;

/* All channels of `e->spec`, idle, in one class.  The engine must last as long. */
struct dram_classes *dram_classes_open(struct arena *a, const struct dram_engine *e);

/* Bursts [first, end) of the memory from `cycle` on, as transfer `slot`, whose last one is done. */
void dram_classes_add(struct dram_classes *k, int64_t first, int64_t end, bool write, int64_t cycle,
                      int slot);

/* Finds the ends of all transfers if nothing more comes; false: nothing has changed. */
bool dram_classes_look_ahead(struct dram_classes *k);

/* Of a transfer, as last looked ahead: the cycle in which it is done, rows opened. */
int64_t dram_classes_done(const struct dram_classes *k, int slot);
double dram_classes_activates(const struct dram_classes *k, int slot);

/* False: every channel by itself from now on. */
void dram_classes_share(struct dram_classes *k, bool share);

int64_t dram_classes_count(const struct dram_classes *k);

#ifdef __cplusplus
}
#endif
#endif
