/* Layers of a table: list, names, chain, trace. */
#include "traces/import_layers.h"

#include <string.h>

#include "traces/op_check.h"

enum { NAME_MAX_BYTES = 4096 };

bool layer_list_open(struct layer_list *l, struct arena *keep, struct arena *scratch,
                     const struct import_options *o, struct diag *d)
{
    *l = (struct layer_list){.keep = keep, .scratch = scratch, .options = o, .apart = true};
    if (o->activation_bits >= 1 && o->activation_bits <= OP_BITS_MAX && o->weight_bits >= 1 &&
        o->weight_bits <= OP_BITS_MAX)
        return true;
    return diag_input(d, NULL, 0, "bits are %d and %d; 1 to %d are possible", o->activation_bits,
                      o->weight_bits, OP_BITS_MAX);
}

int64_t layer_list_batch(const struct layer_list *l)
{
    return l->options->batch > 0 ? l->options->batch : 1;
}

struct op *layer_list_next(struct layer_list *l)
{
    if (l->count == l->room) {
        size_t room = l->room == 0 ? 64 : 2 * l->room;
        struct op *more = ARENA_ARRAY(l->scratch, struct op, room);
        if (l->count > 0)
            memcpy(more, l->ops, l->count * sizeof *more);
        l->ops = more;
        l->room = room;
    }
    l->ops[l->count] = (struct op){.id = (int32_t)l->count,
                                   .activation_bits = (uint8_t)l->options->activation_bits,
                                   .weight_bits = (uint8_t)l->options->weight_bits};
    return &l->ops[l->count];
}

bool layer_list_name(struct layer_list *l, const struct csv_place *at, const char *text)
{
    struct op *o = &l->ops[l->count];
    if (strlen(text) > NAME_MAX_BYTES)
        return diag_input(at->d, at->path, at->line, "the layer's name is longer than %d bytes",
                          NAME_MAX_BYTES);
    o->name = text[0] != '\0' ? import_clean_name(l->keep, text, strlen(text))
                              : arena_printf(l->keep, "layer%zu", l->count + 1);
    o->weight = arena_printf(l->keep, "%zu.%s", l->count, o->name);
    return true;
}

bool layer_list_add(struct layer_list *l, const struct csv_place *at)
{
    char why[OP_WHY_MAX];
    struct op *o = &l->ops[l->count];
    int32_t *inputs = ARENA_ARRAY(l->keep, int32_t, 1);
    inputs[0] = o->id - 1;
    o->inputs = inputs;
    o->n_inputs = !l->apart;
    if (!op_check(o, why))
        return diag_input(at->d, at->path, at->line, "%s", why);
    l->apart = false;
    l->count++;
    return true;
}

void layer_fill_conv(struct op *o, int64_t batch, const int64_t in[3], const int64_t out[3],
                     const int64_t kernel[2], const int64_t stride[2])
{
    o->kind = OP_CONV2D;
    o->in = (struct shape){.dim = {batch, in[0], in[1], in[2]}, .dims = 4};
    o->out = (struct shape){.dim = {batch, out[0], out[1], out[2]}, .dims = 4};
    o->u.conv.groups = 1;
    for (int i = 0; i < 2; i++) {
        o->u.conv.kernel[i] = (int32_t)kernel[i];
        o->u.conv.stride[i] = (int32_t)stride[i];
        o->u.conv.dilation[i] = 1;
    }
}

void layer_fill_product(struct op *o, int64_t m, int64_t k, int64_t n)
{
    o->kind = OP_MATMUL;
    o->u.matmul.batch = 1;
    o->u.matmul.m = m;
    o->u.matmul.k = k;
    o->u.matmul.n = n;
}

void layer_list_remark(struct layer_list *l, const char *text)
{
    if (l->remarks++ == 0)
        l->remark = text;
}

void layer_list_trace(const struct layer_list *l, const char *path, const char *what,
                      struct trace *out)
{
    const char *name = l->options->name, *base = import_base_name(path);
    const struct op *first = &l->ops[0];
    struct trace_header *h = &out->header;
    h->name = name != NULL ? arena_strdup(l->keep, name) : import_stem(l->keep, path);
    h->source = arena_printf(l->keep, "imported from %s, %s",
                             import_clean_name(l->scratch, base, strlen(base)), what);
    h->work_unit = "image";
    h->phase = "inference";
    h->batch = first->in.dims > 0 ? first->in.dim[0] : layer_list_batch(l);
    h->work_count = (double)h->batch;
    h->activation_bits = h->kv_bits = l->options->activation_bits;
    h->weight_bits = l->options->weight_bits;
    out->path = arena_strdup(l->keep, path);
    out->ops = ARENA_ARRAY(l->keep, struct op, l->count);
    memcpy(out->ops, l->ops, l->count * sizeof out->ops[0]);
    out->count = l->count;
    out->warnings = l->remarks;
    out->warning = l->remark;
}
