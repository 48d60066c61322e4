#include "traces/inspect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "traces/trace_scan.h"

static bool no_memory(struct diag *d)
{
    return diag_cannot(d, "there is not enough memory to inspect a trace");
}

/* --- check ------------------------------------------------------------------------------- */

bool trace_check(const char *path, struct trace_checked *out, struct diag *d)
{
    struct trace_checked checked = {0};
    struct trace_reader *r;
    struct trace_repeat repeat;
    struct op op;
    enum trace_item item;
    TRY(trace_open(path, &r, d));
    while ((item = trace_next(r, &op, &repeat, d)) == TRACE_OP || item == TRACE_REPEAT)
        checked.lines += item == TRACE_OP;
    checked.operators = trace_operators(r);
    checked.largest_id = trace_largest_id(r);
    checked.warnings = trace_warnings(r);
    snprintf(checked.warning, sizeof checked.warning, "%s",
             trace_warning(r) ? trace_warning(r) : "");
    trace_close(r);
    if (out)
        *out = checked;
    return item == TRACE_END;
}

/* --- info -------------------------------------------------------------------------------- */

enum { TENSORS_MAX = 1 << 22 };

/* Which tensors were named before, by 64 bits of hash. */
struct tensor_set {
    uint64_t *slot; /* 0: free */
    size_t room, count;
};

static uint64_t hash_text(const char *text)
{
    uint64_t h = UINT64_C(0x9e3779b97f4a7c15);
    for (; *text; text++) {
        h = (h ^ (unsigned char)*text) * UINT64_C(0xff51afd7ed558ccd);
        h ^= h >> 32;
    }
    return h ? h : 1;
}

static bool tensor_set_put(struct tensor_set *s, uint64_t hash)
{
    size_t i = (size_t)hash & (s->room - 1);
    while (s->slot[i] && s->slot[i] != hash)
        i = (i + 1) & (s->room - 1);
    bool is_new = s->slot[i] == 0;
    s->slot[i] = hash;
    s->count += is_new;
    return is_new;
}

static bool tensor_set_grow(struct tensor_set *s)
{
    if (s->count * 2 < s->room)
        return true;
    struct tensor_set grown = {.room = s->room ? s->room * 2 : 256};
    grown.slot = calloc(grown.room, sizeof *grown.slot);
    if (!grown.slot)
        return false;
    for (size_t i = 0; i < s->room; i++) {
        if (s->slot[i])
            tensor_set_put(&grown, s->slot[i]);
    }
    free(s->slot);
    *s = grown;
    return true;
}

struct counting {
    struct trace_info *info;
    struct trace_scan scan;
    size_t at; /* the scan's next repeat */
    struct tensor_set tensors;
    char *names[3]; /* of the three largest layers */
};

static bool note_largest(struct trace_layer_info *most, char **name, const struct op *op,
                         int64_t line, int64_t value, struct diag *d)
{
    if (value <= most->value)
        return true;
    free(*name);
    *name = strdup(op->name);
    *most = (struct trace_layer_info){op->id, line, *name, value};
    return *name != NULL || no_memory(d);
}

/* Elements that an op's tensor adds: those of new names, and of the copies' new names. */
static bool count_tensor(struct counting *c, const struct op *op, const struct trace_repeat *repeat,
                         struct diag *d)
{
    struct trace_info *info = c->info;
    int64_t elements = op_weights_exact(op), fresh = 1;
    if (elements == 0)
        return true;
    int64_t copies = repeat && repeat->distinct ? repeat->times : 0;
    info->tensors_exact = info->tensors_exact && c->tensors.count < TENSORS_MAX;
    if (info->tensors_exact) {
        if (!tensor_set_grow(&c->tensors))
            return no_memory(d);
        uint64_t hash = hash_text(op->weight);
        fresh = tensor_set_put(&c->tensors, hash);
        if (copies > 0 && !tensor_set_put(&c->tensors, ~hash))
            copies = 0;
    }
    fresh += copies;
    count128 sum = (count128)elements * fresh;
    info->tensors += fresh;
    info->weights += sum;
    info->weight_bits += sum * op->weight_bits;
    info->kind[op->kind].weights += sum;
    return true;
}

static bool count_op(struct counting *c, const struct op *op, int64_t line, struct diag *d)
{
    struct trace_info *info = c->info;
    struct trace_kind_info *kind = &info->kind[op->kind];
    const struct trace_repeat *repeat;
    int64_t times = trace_scan_times(&c->scan, &c->at, info->lines, &repeat);
    int64_t macs = op_macs_exact(op), out = op_out_exact(op);
    count128 outs = (count128)out * times;
    info->lines++;
    info->operators += times;
    info->given_statistics += op->stats != NULL;
    kind->lines++;
    kind->operators += times;
    kind->macs += (count128)macs * times;
    kind->activations += outs;
    info->activation_bits += outs * op->activation_bits;
    TRY(count_tensor(c, op, repeat, d));
    TRY(note_largest(&info->most_macs, &c->names[0], op, line, macs, d));
    TRY(note_largest(&info->most_weights, &c->names[1], op, line, op_weights_exact(op), d));
    return note_largest(&info->most_activations, &c->names[2], op, line, out, d);
}

static void finish_info(struct arena *a, struct counting *c)
{
    struct trace_info *info = c->info;
    struct trace_layer_info *most[] = {&info->most_macs, &info->most_weights,
                                       &info->most_activations};
    for (size_t i = 0; i < COUNT_OF(most); i++)
        most[i]->name = most[i]->name ? arena_strdup(a, most[i]->name) : "";
    for (size_t k = 0; k < OP_KIND_COUNT; k++) {
        info->macs += info->kind[k].macs;
        info->activations += info->kind[k].activations;
    }
    info->ops = 2 * info->macs;
}

static void keep_header(struct arena *a, const struct trace_reader *r, struct trace_info *info)
{
    struct trace_header *h = &info->header;
    *h = *trace_header(r);
    h->name = arena_strdup(a, h->name);
    h->source = arena_strdup(a, h->source);
    h->phase = arena_strdup(a, h->phase);
    h->work_unit = arena_strdup(a, h->work_unit);
}

static bool count_all(struct arena *a, struct trace_reader *r, struct counting *c, struct diag *d)
{
    struct trace_repeat repeat;
    struct op op;
    enum trace_item item;
    keep_header(a, r, c->info);
    while ((item = trace_next(r, &op, &repeat, d)) == TRACE_OP || item == TRACE_REPEAT) {
        if (item == TRACE_REPEAT)
            c->info->repeats++;
        else if (!count_op(c, &op, trace_line(r), d))
            return false;
    }
    c->info->warnings = trace_warnings(r);
    c->info->warning = trace_warning(r) ? arena_strdup(a, trace_warning(r)) : NULL;
    finish_info(a, c);
    return item == TRACE_END;
}

bool trace_info(struct arena *a, const char *path, struct trace_info *out, struct diag *d)
{
    const struct trace_layer_info nobody = {.id = -1};
    struct counting c = {.info = out};
    struct trace_reader *r;
    *out = (struct trace_info){.tensors_exact = true,
                               .most_macs = nobody,
                               .most_weights = nobody,
                               .most_activations = nobody};
    TRY(trace_scan(path, TRACE_OPS_MAX, &c.scan, d));
    bool fine = trace_open(path, &r, d);
    if (fine) {
        fine = count_all(a, r, &c, d);
        trace_close(r);
    }
    trace_scan_close(&c.scan);
    free(c.tensors.slot);
    for (size_t i = 0; i < COUNT_OF(c.names); i++)
        free(c.names[i]);
    return fine;
}
