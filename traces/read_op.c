#include "traces/read_op.h"

#include <stdlib.h>
#include <string.h>

#include "traces/line_read.h"
#include "traces/op_check.h"

struct kind_keys {
    uint64_t required, optional;
};

#define COMMON (KEY_BIT(id) | KEY_BIT(name) | KEY_BIT(op) | KEY_BIT(inputs))
#define ALWAYS_FINE                                                                                \
    (KEY_BIT(activation_bits) | KEY_BIT(weight_bits) | KEY_BIT(activation) | KEY_BIT(weights) |    \
     KEY_BIT(weight) | KEY_BIT(in) | KEY_BIT(out) | KEY_BIT(fn))
#define SHAPES (KEY_BIT(in) | KEY_BIT(out))
#define WINDOW (SHAPES | KEY_BIT(kernel) | KEY_BIT(stride) | KEY_BIT(pad))
#define MESSAGE (KEY_BIT(bytes) | KEY_BIT(group))
#define STATE (KEY_BIT(parameters) | KEY_BIT(bytes))
#define CACHE (KEY_BIT(bytes) | KEY_BIT(position))

static const struct kind_keys KIND_KEYS[OP_KIND_COUNT] = {
    [OP_CONV2D] = {WINDOW | KEY_BIT(groups) | KEY_BIT(weight), KEY_BIT(dilation)},
    [OP_MATMUL] = {KEY_BIT(m) | KEY_BIT(k) | KEY_BIT(n), KEY_BIT(batch) | KEY_BIT(experts)},
    [OP_EMBEDDING] = {KEY_BIT(rows) | KEY_BIT(width) | KEY_BIT(count) | KEY_BIT(weight), 0},
    [OP_SOFTMAX] = {SHAPES, 0},
    [OP_NORM] = {SHAPES | KEY_BIT(fn), 0},
    [OP_ELEMENTWISE] = {SHAPES | KEY_BIT(fn), 0},
    [OP_POOL] = {WINDOW | KEY_BIT(fn), KEY_BIT(dilation)},
    [OP_ROPE] = {SHAPES, 0},
    [OP_CONCAT] = {SHAPES, 0},
    [OP_RESHAPE] = {SHAPES, 0},
    [OP_TRANSPOSE] = {SHAPES, 0},
    [OP_SLICE] = {SHAPES, 0},
    [OP_KV_APPEND] = {CACHE, 0},
    [OP_KV_READ] = {CACHE, 0},
    [OP_ROUTE] = {KEY_BIT(tokens) | KEY_BIT(experts) | KEY_BIT(top_k), KEY_BIT(load)},
    [OP_ALL_REDUCE] = {MESSAGE, 0},
    [OP_ALL_GATHER] = {MESSAGE, 0},
    [OP_REDUCE_SCATTER] = {MESSAGE, 0},
    [OP_ALL_TO_ALL] = {MESSAGE, 0},
    [OP_SEND] = {MESSAGE, 0},
    [OP_RECV] = {MESSAGE, 0},
    [OP_OPTIMIZER] = {STATE, 0},
    [OP_CHECKPOINT] = {STATE, 0},
};

void op_lists_close(struct op_lists *m)
{
    free(m->inputs);
    free(m->shapes);
    free(m->numbers);
    *m = (struct op_lists){0};
}

bool list_reserve(struct line *l, void *list, size_t *room, size_t count, size_t size)
{
    void *old;
    if (count <= *room)
        return true;
    memcpy(&old, list, sizeof old);
    void *grown = realloc(old, count * 2 * size);
    if (!grown)
        return diag_cannot(l->d, "there is not enough memory to read a trace");
    memcpy(list, &grown, sizeof grown);
    *room = count * 2;
    return true;
}

static bool read_kind(struct line *l, struct op *op)
{
    const char *word = NULL;
    enum op_kind kind = OP_CONV2D;
    TRY(line_require(l, KEY_BIT(op), "an operator"));
    TRY(line_text(l, KEY_op, &word));
    if (!op_kind_find(word, &kind))
        return line_wrong(l->d, l->path, l->number, "unknown op \"%.60s\"", word);
    op->kind = (uint8_t)kind;
    return true;
}

static void warn_of_idle_keys(struct line *l, const struct kind_keys *keys, enum op_kind kind)
{
    uint64_t idle = l->present & ~(COMMON | ALWAYS_FINE | keys->required | keys->optional);
    for (; idle; idle &= idle - 1)
        line_warn(l, "the key \"%s\" means nothing for %s",
                  key_name((enum key)__builtin_ctzll(idle)), op_kind_name(kind));
}

static bool check_keys(struct line *l, const struct op *op)
{
    enum op_kind kind = (enum op_kind)op->kind;
    const struct kind_keys *keys = &KIND_KEYS[kind];
    TRY(line_require(l, COMMON | keys->required, op_kind_name(kind)));
    warn_of_idle_keys(l, keys, kind);
    return true;
}

static bool read_inputs(struct line *l, struct op_lists *m, struct op *op)
{
    const json_t *list = l->value[KEY_inputs];
    if (!json_is_array(list))
        return line_bad_type(l, "inputs", list, "a list of ids");
    size_t count = json_array_size(list);
    if (count > UINT16_MAX)
        return line_wrong(l->d, l->path, l->number, "\"inputs\" has %zu ids; %d are possible",
                          count, UINT16_MAX);
    TRY(list_reserve(l, &m->inputs, &m->inputs_room, count, sizeof *m->inputs));
    TRY(line_int32s(l, KEY_inputs, m->inputs, count));
    op->inputs = m->inputs;
    op->n_inputs = (uint16_t)count;
    return true;
}

static bool read_shape(struct line *l, const char *what, const json_t *list, struct shape *s)
{
    if (!json_is_array(list))
        return line_bad_type(l, what, list, "a list of sizes");
    size_t dims = json_array_size(list);
    if (dims < 1 || dims > SHAPE_DIMS_MAX)
        return line_wrong(l->d, l->path, l->number,
                          "\"%s\" has %zu dimensions; 1 to %d are possible", what, dims,
                          SHAPE_DIMS_MAX);
    for (size_t i = 0; i < dims; i++)
        TRY(line_to_int(l, what, json_array_get(list, i), &s->dim[i]));
    s->dims = (int)dims;
    return true;
}

static bool read_shape_list(struct line *l, struct op_lists *m, struct op *op)
{
    const json_t *list = l->value[KEY_in];
    size_t count = json_array_size(list); /* 0 for what is no list */
    if (!json_is_array(list))
        return line_bad_type(l, "in", list, "a list of shapes");
    if (count != op->n_inputs)
        return line_wrong(l->d, l->path, l->number, "\"in\" has %zu shapes for %d inputs", count,
                          op->n_inputs);
    TRY(list_reserve(l, &m->shapes, &m->shapes_room, count, sizeof *m->shapes));
    for (size_t i = 0; i < count; i++) {
        m->shapes[i] = (struct shape){0};
        TRY(read_shape(l, "in", json_array_get(list, i), &m->shapes[i]));
    }
    op->more_in = m->shapes;
    if (count > 0)
        op->in = m->shapes[0];
    return true;
}

static bool read_shapes(struct line *l, struct op_lists *m, struct op *op)
{
    if (l->value[KEY_in] && op->kind == OP_CONCAT)
        TRY(read_shape_list(l, m, op));
    else if (l->value[KEY_in])
        TRY(read_shape(l, "in", l->value[KEY_in], &op->in));
    return !l->value[KEY_out] || read_shape(l, "out", l->value[KEY_out], &op->out);
}

static bool read_window(struct line *l, struct op *op)
{
    TRY(line_int32s(l, KEY_kernel, op->u.conv.kernel, 2));
    TRY(line_int32s(l, KEY_stride, op->u.conv.stride, 2));
    TRY(line_int32s(l, KEY_pad, op->u.conv.pad, 4));
    op->u.conv.dilation[0] = op->u.conv.dilation[1] = 1;
    if (l->value[KEY_dilation])
        TRY(line_int32s(l, KEY_dilation, op->u.conv.dilation, 2));
    op->u.conv.groups = 1;
    return op->kind != OP_CONV2D || line_int(l, KEY_groups, &op->u.conv.groups);
}

static bool read_matmul(struct line *l, struct op *op)
{
    op->u.matmul.batch = 1;
    if (l->value[KEY_batch])
        TRY(line_int(l, KEY_batch, &op->u.matmul.batch));
    if (l->value[KEY_experts]) {
        TRY(line_int(l, KEY_experts, &op->u.matmul.experts));
        if (op->u.matmul.experts < 1)
            return line_wrong(l->d, l->path, l->number, "experts is %lld; sizes are at least 1",
                              (long long)op->u.matmul.experts);
    }
    TRY(line_int(l, KEY_m, &op->u.matmul.m));
    TRY(line_int(l, KEY_k, &op->u.matmul.k));
    return line_int(l, KEY_n, &op->u.matmul.n);
}

static bool read_load(struct line *l, struct op_lists *m, struct op *op)
{
    const json_t *list = l->value[KEY_load];
    if (!list)
        return true;
    if (!json_is_array(list))
        return line_bad_type(l, "load", list, "a list of shares");
    size_t count = json_array_size(list);
    if ((int64_t)count != op->u.route.experts)
        return line_wrong(l->d, l->path, l->number, "\"load\" has %zu shares for %lld experts",
                          count, (long long)op->u.route.experts);
    TRY(list_reserve(l, &m->numbers, &m->numbers_room, count, sizeof *m->numbers));
    for (size_t i = 0; i < count; i++)
        TRY(line_to_real(l, "load", json_array_get(list, i), &m->numbers[i]));
    op->load = m->numbers;
    return true;
}

static bool read_route(struct line *l, struct op_lists *m, struct op *op)
{
    TRY(line_int(l, KEY_tokens, &op->u.route.tokens));
    TRY(line_int(l, KEY_experts, &op->u.route.experts));
    TRY(line_int(l, KEY_top_k, &op->u.route.top_k));
    return read_load(l, m, op);
}

static bool read_embedding(struct line *l, struct op *op)
{
    TRY(line_int(l, KEY_rows, &op->u.embedding.rows));
    TRY(line_int(l, KEY_width, &op->u.embedding.width));
    return line_int(l, KEY_count, &op->u.embedding.count);
}

/* Cache, collectives, optimizer, checkpoint: whichever of the keys the kind requires. */
static bool read_move(struct line *l, struct op *op)
{
    uint64_t keys = KIND_KEYS[op->kind].required;
    TRY(line_int(l, KEY_bytes, &op->u.move.bytes));
    if (keys & KEY_BIT(position))
        TRY(line_int(l, KEY_position, &op->u.move.position));
    if (keys & KEY_BIT(group))
        TRY(line_int(l, KEY_group, &op->u.move.group));
    if (keys & KEY_BIT(parameters))
        TRY(line_int(l, KEY_parameters, &op->u.move.parameters));
    return true;
}

static bool read_numbers(struct line *l, struct op_lists *m, struct op *op)
{
    switch ((enum op_kind)op->kind) {
    case OP_CONV2D:
    case OP_POOL:
        return read_window(l, op);
    case OP_MATMUL:
        return read_matmul(l, op);
    case OP_EMBEDDING:
        return read_embedding(l, op);
    case OP_ROUTE:
        return read_route(l, m, op);
    default:
        return !(KIND_KEYS[op->kind].required & KEY_BIT(bytes)) || read_move(l, op);
    }
}

static bool read_bits(struct line *l, enum key k, int from_header, uint8_t *out)
{
    int32_t bits = from_header;
    if (l->value[k])
        TRY(line_int32(l, k, &bits));
    if (bits < 1 || bits > OP_BITS_MAX)
        return line_wrong(l->d, l->path, l->number, "\"%s\" is %d; 1 to %d are possible",
                          key_name(k), bits, OP_BITS_MAX);
    *out = (uint8_t)bits;
    return true;
}

static bool read_words(struct line *l, struct op *op)
{
    TRY(line_int32(l, KEY_id, &op->id));
    TRY(line_text(l, KEY_name, &op->name));
    if (l->value[KEY_fn])
        TRY(line_text(l, KEY_fn, &op->fn));
    if (l->value[KEY_weight])
        TRY(line_text(l, KEY_weight, &op->weight));
    if (op->weight && op->weight[0] == '\0')
        return line_wrong(l->d, l->path, l->number, "\"weight\" is empty; it names a tensor");
    return true;
}

bool read_op(struct line *l, struct op_lists *m, int activation_bits, int weight_bits,
             struct op *op)
{
    char why[OP_WHY_MAX];
    *op = (struct op){0};
    TRY(read_kind(l, op));
    TRY(check_keys(l, op));
    TRY(read_words(l, op));
    TRY(read_inputs(l, m, op));
    TRY(read_bits(l, KEY_activation_bits, activation_bits, &op->activation_bits));
    TRY(read_bits(l, KEY_weight_bits, weight_bits, &op->weight_bits));
    TRY(read_shapes(l, m, op));
    TRY(read_numbers(l, m, op));
    if (!op_check(op, why))
        return line_wrong(l->d, l->path, l->number, "%s", why);
    return read_stats(l, m, op);
}
