#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "traces/expand.h"
#include "traces/inspect.h"
#include "traces/op_check.h"
#include "traces/pool.h"
#include "traces/trace.h"
#include "traces/trace_scan.h"

/* A trace on its way into memory.  Operators are first read to the end of the room that the
 * expanded trace takes, then move to the front while the repeats are written out; what is
 * written never passes what is still to be read. */
struct loading {
    struct trace *trace;
    struct trace_scan scan;
    struct pool pool;
    size_t room, written;
    int32_t largest_id;
};

static bool changed_meanwhile(const char *path, struct diag *d)
{
    return diag_input(d, path, 0, "the file changed while it was read");
}

/* A scan that stopped: the reader says what is wrong, or how large the trace would be. */
static bool check_scan(const struct trace_scan *s, const char *path, size_t max_ops, struct diag *d)
{
    struct trace_checked checked;
    if (!s->broken && !s->over_limit)
        return true;
    TRY(trace_check(path, &checked, d));
    if ((uint64_t)checked.operators <= max_ops)
        return changed_meanwhile(path, d);
    return diag_input(d, path, 0, "it expands to %" PRId64 " operators; at most %zu can be held",
                      checked.operators, max_ops);
}

static void copy_header(struct arena *a, const struct trace_header *from, struct trace_header *to)
{
    *to = *from;
    to->name = arena_strdup(a, from->name);
    to->source = arena_strdup(a, from->source);
    to->work_unit = arena_strdup(a, from->work_unit);
    to->phase = arena_strdup(a, from->phase);
}

static bool same_repeat(const struct scan_repeat *s, int64_t operators,
                        const struct trace_repeat *r)
{
    return s->end == operators && s->repeat.lines == r->lines && s->repeat.times == r->times &&
           s->repeat.distinct == r->distinct;
}

/* All operators of the file into the last places; repeats are those of the scan. */
static bool read_operators(struct loading *l, struct trace_reader *r, struct diag *d)
{
    struct op op;
    struct trace_repeat repeat;
    struct op *tail = l->trace->ops + (l->room - (size_t)l->scan.operators);
    int64_t operators = 0;
    size_t repeats = 0;
    enum trace_item item;
    while ((item = trace_next(r, &op, &repeat, d)) == TRACE_OP || item == TRACE_REPEAT) {
        if (item == TRACE_OP && operators < l->scan.operators)
            pool_copy_op(&l->pool, &op, &tail[operators++]);
        else if (item == TRACE_REPEAT && repeats < l->scan.count &&
                 same_repeat(&l->scan.repeats[repeats], operators, &repeat))
            repeats++;
        else
            return changed_meanwhile(l->trace->path, d);
    }
    if (item == TRACE_ERROR)
        return false;
    if (operators != l->scan.operators || repeats != l->scan.count)
        return changed_meanwhile(l->trace->path, d);
    l->largest_id = trace_largest_id(r);
    return true;
}

static bool place_copy(void *user, const struct op *copy, struct diag *d)
{
    struct loading *l = user;
    (void)d;
    pool_copy_repeated(&l->pool, copy, &l->trace->ops[l->written++]);
    return true;
}

static bool expand(struct loading *l, struct expander *x, struct diag *d)
{
    struct op *ops = l->trace->ops;
    size_t from = l->room - (size_t)l->scan.operators, repeats = 0;
    while (from < l->room) {
        ops[l->written] = ops[from++];
        expander_resolve(x, &ops[l->written++]);
        size_t read = from - (l->room - (size_t)l->scan.operators);
        if (repeats == l->scan.count || (size_t)l->scan.repeats[repeats].end != read)
            continue;
        const struct trace_repeat *r = &l->scan.repeats[repeats++].repeat;
        const struct op *block = &ops[l->written - (size_t)r->lines];
        TRY(expander_copies(x, block, r, block == ops ? -1 : block[-1].id, place_copy, l, d));
    }
    return true;
}

static bool write_out_repeats(struct loading *l, struct diag *d)
{
    if (l->scan.count == 0)
        return true;
    struct expander *x = expander_open(l->largest_id);
    if (!x)
        return diag_cannot(d, "there is not enough memory to expand a trace");
    bool fine = expand(l, x, d);
    expander_close(x);
    return fine;
}

struct id_place {
    int32_t id;
    uint32_t place;
};

static int compare_ids(const void *a, const void *b)
{
    int32_t x = ((const struct id_place *)a)->id, y = ((const struct id_place *)b)->id;
    return (x > y) - (x < y);
}

static bool ids_rise(const struct trace *t)
{
    for (size_t i = 1; i < t->count; i++) {
        if (t->ops[i].id <= t->ops[i - 1].id)
            return false;
    }
    return true;
}

/* Where ids do not rise in execution order, a list of places in their order. */
bool trace_index_ids(struct arena *a, struct trace *t, struct diag *d)
{
    t->by_id = NULL;
    if (ids_rise(t))
        return true;
    struct id_place *order = malloc(t->count * sizeof *order);
    if (!order)
        return diag_cannot(d, "there is not enough memory to index a trace");
    for (size_t i = 0; i < t->count; i++)
        order[i] = (struct id_place){t->ops[i].id, (uint32_t)i};
    qsort(order, t->count, sizeof *order, compare_ids);
    uint32_t *by_id = ARENA_ARRAY(a, uint32_t, t->count);
    for (size_t i = 0; i < t->count; i++)
        by_id[i] = order[i].place;
    t->by_id = by_id;
    free(order);
    return true;
}

static bool load(struct arena *a, struct loading *l, struct diag *d)
{
    struct trace *t = l->trace;
    struct trace_reader *r;
    TRY(trace_open(t->path, &r, d));
    copy_header(a, trace_header(r), &t->header);
    l->room = (size_t)l->scan.expanded;
    t->ops = ARENA_ARRAY(a, struct op, l->room);
    bool fine = read_operators(l, r, d);
    t->warnings = trace_warnings(r);
    t->warning = trace_warning(r) ? arena_strdup(a, trace_warning(r)) : NULL;
    trace_close(r);
    TRY(fine && write_out_repeats(l, d));
    t->count = l->room;
    return trace_index_ids(a, t, d);
}

bool trace_load(struct arena *a, const char *path, size_t max_ops, struct trace *out,
                struct diag *d)
{
    struct loading l = {.trace = out};
    int64_t limit = max_ops < TRACE_OPS_MAX ? (int64_t)max_ops : TRACE_OPS_MAX;
    *out = (struct trace){.path = arena_strdup(a, path)};
    TRY(trace_scan(path, limit, &l.scan, d));
    pool_open(&l.pool, a);
    bool fine = check_scan(&l.scan, path, (size_t)limit, d) && load(a, &l, d);
    pool_close(&l.pool);
    trace_scan_close(&l.scan);
    return fine;
}

int64_t trace_index(const struct trace *t, int32_t id)
{
    size_t low = 0, high = t->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        size_t place = t->by_id ? t->by_id[middle] : middle;
        if (t->ops[place].id == id)
            return (int64_t)place;
        if (t->ops[place].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

bool trace_scale_batch(struct trace *t, int64_t n, struct diag *d)
{
    char why[OP_WHY_MAX] = "sizes are at most 2^53";
    if (n < 1)
        return diag_cannot(d, "the batch is multiplied by %" PRId64 "; it must be 1 or more", n);
    for (size_t i = 0; i < t->count; i++) {
        struct op *o = &t->ops[i];
        if (!op_scale_batch(o, n) || !op_check(o, why))
            return diag_input(d, t->path, 0,
                              "operator %d (%.80s) becomes too large with the batch times %" PRId64
                              ": %s",
                              o->id, o->name, n, why);
    }
    if (__builtin_mul_overflow(t->header.batch, n, &t->header.batch))
        return diag_input(d, t->path, 0, "the batch times %" PRId64 " is beyond 2^63", n);
    t->header.work_count *= (double)n;
    return true;
}

/* The marked repeat that op `i` stands in, or NULL; *mark starts at 0 and moves with i. */
static const struct trace_repeat *repeat_of(const struct trace *t, size_t i, size_t *mark)
{
    while (*mark < t->mark_count && t->marks[*mark].end <= i)
        (*mark)++;
    if (*mark == t->mark_count)
        return NULL;
    const struct trace_mark *m = &t->marks[*mark];
    return i + (size_t)m->repeat.lines >= m->end ? &m->repeat : NULL;
}

double trace_operator_count(const struct trace *t)
{
    double sum = 0;
    size_t mark = 0;
    for (size_t i = 0; i < t->count; i++) {
        const struct trace_repeat *r = repeat_of(t, i, &mark);
        sum += r ? 1 + (double)r->times : 1;
    }
    return sum;
}

count128 trace_macs_exact(const struct trace *t)
{
    count128 sum = 0;
    size_t mark = 0;
    for (size_t i = 0; i < t->count; i++) {
        const struct trace_repeat *r = repeat_of(t, i, &mark);
        sum += (count128)op_macs_exact(&t->ops[i]) * (r ? 1 + r->times : 1);
    }
    return sum;
}

double trace_macs(const struct trace *t)
{
    return (double)trace_macs_exact(t);
}

double trace_weights(const struct trace *t)
{
    double sum = 0;
    size_t mark = 0;
    struct name_set *seen = name_set_open();
    for (size_t i = 0; i < t->count; i++) {
        const struct trace_repeat *r = repeat_of(t, i, &mark);
        const char *weight = t->ops[i].weight;
        double elements = op_weight_elements(&t->ops[i]);
        if (elements > 0 && !name_set_find(seen, weight)) {
            name_set_add(seen, weight);
            sum += elements * (r && r->distinct ? 1 + (double)r->times : 1);
        }
    }
    name_set_close(seen);
    return sum;
}
