/* import_layers.h — a table of layers, one row each, on its way to a trace.
 *
 * What the readers of workload tables share: layers get ids in order, the bits of the options, and
 * follow the layer before, for tables name no edges. */
#ifndef CIMARRON_IMPORT_LAYERS_H
#define CIMARRON_IMPORT_LAYERS_H

#include "traces/import_csv.h"
#include "traces/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

struct layer_list {
    struct arena *keep, *scratch; /* of the trace; of this reading */
    const struct import_options *options;
    struct op *ops;
    size_t count, room;
    bool apart;         /* the next layer follows none */
    int64_t remarks;    /* what the user should know */
    const char *remark; /* the first */
};

/* False when the options' bits are none that a trace can have. */
FALLIBLE bool layer_list_open(struct layer_list *l, struct arena *keep, struct arena *scratch,
                              const struct import_options *o, struct diag *d);

/* The batch of layers that state none. */
int64_t layer_list_batch(const struct layer_list *l);

/* The next layer, empty but for id and bits; it is in the list once layer_list_add has taken it. */
struct op *layer_list_next(struct layer_list *l);

/* Names the layer that next gave, and its weight: rows share no tensors.  `text` is cleaned. */
FALLIBLE bool layer_list_name(struct layer_list *l, const struct csv_place *at, const char *text);

/* Checks it and hangs it behind the last one. */
FALLIBLE bool layer_list_add(struct layer_list *l, const struct csv_place *at);

/* A convolution over [batch, channels, height, width] without dilation. */
void layer_fill_conv(struct op *o, int64_t batch, const int64_t in[3], const int64_t out[3],
                     const int64_t kernel[2], const int64_t stride[2]);

/* A product with a stored second operand. */
void layer_fill_product(struct op *o, int64_t m, int64_t k, int64_t n);

void layer_list_remark(struct layer_list *l, const char *text);

/* The whole trace; `what` tells where it comes from, behind the file's name. */
void layer_list_trace(const struct layer_list *l, const char *path, const char *what,
                      struct trace *out);

#ifdef __cplusplus
}
#endif
#endif
