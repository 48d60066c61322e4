/* text_blocks.h — the blocks that the text report and the demonstration share. */
#ifndef CIMARRON_TEXT_BLOCKS_H
#define CIMARRON_TEXT_BLOCKS_H

#include <stdio.h>

#include "core/report/facts.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { BLOCK_WIDTH = 48, WORST_LAYERS = 3 };

void text_rule(FILE *out);

/* Energy by part beside time by cause, at most `most` bars each. */
void text_bars(FILE *out, struct arena *a, const struct run_facts *run, size_t most);

/* The layers with the most energy beside those whose arrays stand unused the longest. */
void text_worst_layers(FILE *out, struct arena *a, const struct run_facts *run);

#ifdef __cplusplus
}
#endif
#endif
