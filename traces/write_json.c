#include "traces/write_json.h"

#include <string.h>

static void put_int(struct json_text *t, const char *key, int64_t value)
{
    json_text_key(t, key);
    json_text_int(t, value);
}

static void put_string(struct json_text *t, const char *key, const char *value)
{
    json_text_key(t, key);
    json_text_string(t, value);
}

static void put_real(struct json_text *t, const char *key, double value)
{
    json_text_key(t, key);
    json_text_real(t, value);
}

static void put_ints(struct json_text *t, const char *key, const int32_t *values, size_t count)
{
    json_text_key(t, key);
    json_text_open(t, '[');
    for (size_t i = 0; i < count; i++)
        json_text_int(t, values[i]);
    json_text_end(t, ']');
}

static void shape_value(struct json_text *t, const struct shape *s)
{
    json_text_open(t, '[');
    for (int i = 0; i < s->dims; i++)
        json_text_int(t, s->dim[i]);
    json_text_end(t, ']');
}

static void put_shape(struct json_text *t, const char *key, const struct shape *s)
{
    if (s->dims == 0)
        return;
    json_text_key(t, key);
    shape_value(t, s);
}

static void put_shapes(struct json_text *t, const struct op *o)
{
    if (o->kind != OP_CONCAT) {
        put_shape(t, "in", &o->in);
    } else {
        json_text_key(t, "in");
        json_text_open(t, '[');
        for (size_t i = 0; i < o->n_inputs; i++)
            shape_value(t, &o->more_in[i]);
        json_text_end(t, ']');
    }
    put_shape(t, "out", &o->out);
}

void write_json_header(struct json_text *t, const struct trace_header *h)
{
    const char *unit = h->work_unit ? h->work_unit : "image";
    double batch = (double)h->batch, count = h->work_count > 0 ? h->work_count : batch;
    json_text_open(t, '{');
    put_int(t, "cimarron_trace", 1);
    put_string(t, "name", h->name);
    put_string(t, "source", h->source ? h->source : "");
    put_int(t, "batch", h->batch);
    put_int(t, "activation_bits", h->activation_bits);
    put_int(t, "weight_bits", h->weight_bits);
    if (strcmp(unit, "image") != 0 || count < batch || count > batch) {
        json_text_key(t, "work");
        json_text_open(t, '{');
        put_string(t, "unit", unit);
        put_real(t, "count", count);
        json_text_end(t, '}');
    }
    if (h->phase && strcmp(h->phase, "inference") != 0)
        put_string(t, "phase", h->phase);
    if (h->kv_bits > 0 && h->kv_bits != h->activation_bits)
        put_int(t, "kv_bits", h->kv_bits);
    if (h->context > 0)
        put_int(t, "context", h->context);
    json_text_end(t, '}');
}

static void put_window(struct json_text *t, const struct op *o)
{
    put_ints(t, "kernel", o->u.conv.kernel, 2);
    put_ints(t, "stride", o->u.conv.stride, 2);
    put_ints(t, "pad", o->u.conv.pad, 4);
    if (o->u.conv.dilation[0] != 1 || o->u.conv.dilation[1] != 1)
        put_ints(t, "dilation", o->u.conv.dilation, 2);
    if (o->kind == OP_CONV2D)
        put_int(t, "groups", o->u.conv.groups);
}

static void put_matmul(struct json_text *t, const struct op *o)
{
    if (o->u.matmul.batch != 1)
        put_int(t, "batch", o->u.matmul.batch);
    put_int(t, "m", o->u.matmul.m);
    put_int(t, "k", o->u.matmul.k);
    put_int(t, "n", o->u.matmul.n);
    if (o->u.matmul.experts > 0)
        put_int(t, "experts", o->u.matmul.experts);
}

static void put_route(struct json_text *t, const struct op *o)
{
    put_int(t, "tokens", o->u.route.tokens);
    put_int(t, "experts", o->u.route.experts);
    put_int(t, "top_k", o->u.route.top_k);
    if (!o->load)
        return;
    json_text_key(t, "load");
    json_text_open(t, '[');
    for (int64_t i = 0; i < o->u.route.experts; i++)
        json_text_real(t, o->load[i]);
    json_text_end(t, ']');
}

static void put_numbers(struct json_text *t, const struct op *o)
{
    switch ((enum op_kind)o->kind) {
    case OP_CONV2D:
    case OP_POOL:
        put_window(t, o);
        return;
    case OP_MATMUL:
        put_matmul(t, o);
        return;
    case OP_EMBEDDING:
        put_int(t, "rows", o->u.embedding.rows);
        put_int(t, "width", o->u.embedding.width);
        put_int(t, "count", o->u.embedding.count);
        return;
    case OP_ROUTE:
        put_route(t, o);
        return;
    case OP_KV_APPEND:
    case OP_KV_READ:
        put_int(t, "bytes", o->u.move.bytes);
        put_int(t, "position", o->u.move.position);
        return;
    case OP_OPTIMIZER:
    case OP_CHECKPOINT:
        put_int(t, "parameters", o->u.move.parameters);
        put_int(t, "bytes", o->u.move.bytes);
        return;
    case OP_ALL_REDUCE:
    case OP_ALL_GATHER:
    case OP_REDUCE_SCATTER:
    case OP_ALL_TO_ALL:
    case OP_SEND:
    case OP_RECV:
        put_int(t, "bytes", o->u.move.bytes);
        put_int(t, "group", o->u.move.group);
        return;
    default:
        return;
    }
}

static void put_stats(struct json_text *t, const char *key, const struct operand_stats *s)
{
    if (s->is_default)
        return;
    json_text_key(t, key);
    json_text_open(t, '{');
    put_real(t, "density", s->density);
    put_real(t, "bit_density", s->bit_density);
    put_real(t, "bit_toggle", s->bit_toggle);
    put_real(t, "mean", s->mean);
    put_real(t, "mean_square", s->mean_square);
    json_text_end(t, '}');
}

void write_json_op(struct json_text *t, const struct op *o, int activation_bits, int weight_bits)
{
    json_text_open(t, '{');
    put_int(t, "id", o->id);
    put_string(t, "name", o->name);
    put_string(t, "op", op_kind_name((enum op_kind)o->kind));
    if (o->fn)
        put_string(t, "fn", o->fn);
    put_ints(t, "inputs", o->inputs, o->n_inputs);
    if (o->weight)
        put_string(t, "weight", o->weight);
    put_shapes(t, o);
    put_numbers(t, o);
    if (o->activation_bits != activation_bits)
        put_int(t, "activation_bits", o->activation_bits);
    if (o->weight_bits != weight_bits)
        put_int(t, "weight_bits", o->weight_bits);
    if (o->stats) {
        put_stats(t, "activation", &o->stats->activation);
        put_stats(t, "weights", &o->stats->weights);
    }
    json_text_end(t, '}');
}

void write_json_repeat(struct json_text *t, const struct trace_repeat *r)
{
    json_text_open(t, '{');
    json_text_key(t, "repeat");
    json_text_open(t, '{');
    put_int(t, "lines", r->lines);
    put_int(t, "times", r->times);
    put_string(t, "weights", r->distinct ? "distinct" : "shared");
    json_text_end(t, '}');
    json_text_end(t, '}');
}
