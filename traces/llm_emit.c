#include <string.h>

#include "traces/llm_build.h"

int64_t llm_times(int64_t a, int64_t b)
{
    int64_t product;
    return __builtin_mul_overflow(a, b, &product) ? INT64_MAX : product;
}

static struct op *next_line(struct llm_work *w)
{
    if (w->count == w->room) {
        size_t room = w->room == 0 ? 64 : 2 * w->room;
        struct op *more = ARENA_ARRAY(w->arena, struct op, room);
        if (w->count > 0)
            memcpy(more, w->ops, w->count * sizeof *more);
        w->ops = more;
        w->room = room;
    }
    return &w->ops[w->count++];
}

struct op *llm_emit(struct llm_work *w, enum op_kind kind, const char *part, int32_t a, int32_t b)
{
    int32_t *inputs = ARENA_ARRAY(w->arena, int32_t, 2);
    struct op *o = next_line(w);
    *o = (struct op){.kind = (uint8_t)kind, .id = ++w->last, .inputs = inputs};
    o->name = arena_printf(w->arena, "%s%s%s", w->step, w->prefix, part);
    o->activation_bits = (uint8_t)w->activation_bits;
    o->weight_bits = (uint8_t)w->weight_bits;
    if (a >= 0)
        inputs[o->n_inputs++] = a;
    if (b >= 0)
        inputs[o->n_inputs++] = b;
    return o;
}

const char *llm_weight(struct llm_work *w, const char *part)
{
    return arena_printf(w->arena, "%s%s", w->prefix, part);
}

const char *llm_part(const struct llm_work *w, const char *part, const char *leaf)
{
    return arena_printf(w->arena, "%s.%s", part, leaf);
}

void llm_repeat(struct llm_work *w, size_t from, int64_t times)
{
    if (times < 1)
        return;
    if (w->mark_count == w->mark_room) {
        size_t room = w->mark_room == 0 ? 8 : 2 * w->mark_room;
        struct trace_mark *more = ARENA_ARRAY(w->arena, struct trace_mark, room);
        if (w->mark_count > 0)
            memcpy(more, w->marks, w->mark_count * sizeof *more);
        w->marks = more;
        w->mark_room = room;
    }
    struct trace_mark *mark = &w->marks[w->mark_count++];
    mark->end = w->count;
    mark->repeat = (struct trace_repeat){(int64_t)(w->count - from), times, true};
}

struct shape llm_shape(const struct llm_work *w, int64_t tokens, int64_t width)
{
    return (struct shape){.dim = {w->batch, tokens, width}, .dims = 3};
}

int32_t llm_linear(struct llm_work *w, const char *part, int32_t x, int64_t tokens, int64_t k,
                   int64_t n)
{
    struct op *o = llm_emit(w, OP_MATMUL, part, x, -1);
    o->weight = llm_weight(w, part);
    o->u.matmul.batch = 1;
    o->u.matmul.m = llm_times(w->batch, tokens);
    o->u.matmul.k = k;
    o->u.matmul.n = n;
    return o->id;
}

int32_t llm_table(struct llm_work *w, const char *part, const char *weight, int64_t rows,
                  int64_t width, int32_t x)
{
    struct op *o = llm_emit(w, OP_EMBEDDING, part, x, -1);
    o->weight = weight;
    o->u.embedding.rows = rows;
    o->u.embedding.width = width;
    o->u.embedding.count = llm_times(w->batch, w->queries);
    return o->id;
}

int32_t llm_unary(struct llm_work *w, enum op_kind kind, const char *part, const char *fn,
                  int32_t x, const struct shape *s)
{
    struct op *o = llm_emit(w, kind, part, x, -1);
    o->fn = fn;
    o->in = o->out = *s;
    return o->id;
}

int32_t llm_pair(struct llm_work *w, const char *part, const char *fn, int32_t a, int32_t b,
                 int64_t width)
{
    struct op *o = llm_emit(w, OP_ELEMENTWISE, part, a, b);
    o->fn = fn;
    o->in = o->out = llm_shape(w, w->queries, width);
    return o->id;
}

int32_t llm_norm(struct llm_work *w, const char *part, int32_t x, int64_t tokens)
{
    struct shape s = llm_shape(w, tokens, w->model->hidden);
    return llm_unary(w, OP_NORM, part, w->model->family.norm, x, &s);
}

int32_t llm_slice(struct llm_work *w, const char *part, int32_t x, const struct shape *in,
                  const struct shape *out)
{
    struct op *o = llm_emit(w, OP_SLICE, part, x, -1);
    o->in = *in;
    o->out = *out;
    return o->id;
}
