/* read_op.h — one line of a trace as an operator.
 *
 * Answers: the op that a line's keys describe, checked by op_check.  Strings live as long as the
 * line's JSON object, lists until the next call.  Ids are not looked up here. */
#ifndef CIMARRON_READ_OP_H
#define CIMARRON_READ_OP_H

#include "traces/op.h"
#include "traces/read_line.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Memory for an op's lists, reused from line to line. */
struct op_lists {
    int32_t *inputs;
    struct shape *shapes;
    double *numbers; /* route's load, or a histogram on its way */
    size_t inputs_room, shapes_room, numbers_room;
    struct op_stats stats;
    struct density_stats {
        double density;
        int bits; /* 0: none yet */
        struct operand_stats stats;
    } last[2]; /* of the last activation and weights that gave a density alone: they repeat */
};

void op_lists_close(struct op_lists *m);

/* The header's bits hold where the line gives none. */
FALLIBLE bool read_op(struct line *l, struct op_lists *m, int activation_bits, int weight_bits,
                      struct op *op);

/* Fills m->stats from the keys "activation" and "weights"; needs op's bits.  An operand without
 * a key gets is_default and no moments: op_activation_stats and op_weight_stats know them. */
FALLIBLE bool read_stats(struct line *l, struct op_lists *m, struct op *op);

/* Room for `count` elements in a list that may move. */
FALLIBLE bool list_reserve(struct line *l, void *list, size_t *room, size_t count, size_t size);

#ifdef __cplusplus
}
#endif
#endif
