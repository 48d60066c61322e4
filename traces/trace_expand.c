/* An importer's trace becomes one in memory without a file between. */
#include "traces/expand.h"
#include "traces/op_check.h"
#include "traces/pool.h"

struct expanding {
    struct trace *out;
    struct pool pool;
    struct id_set *ids;
    struct expander *expander;
};

static bool place_copy(void *user, const struct op *copy, struct diag *d)
{
    struct expanding *x = user;
    (void)d;
    pool_copy_repeated(&x->pool, copy, &x->out->ops[x->out->count++]);
    return true;
}

static bool take_op(struct expanding *x, const struct op *op, const char *path, struct diag *d)
{
    struct op *to = &x->out->ops[x->out->count++];
    TRY(op_check_next(op, x->ids, path, d));
    pool_copy_op(&x->pool, op, to);
    expander_resolve(x->expander, to);
    return true;
}

static bool take_repeat(struct expanding *x, const struct trace_repeat *r, struct diag *d)
{
    const struct op *block = &x->out->ops[x->out->count - (size_t)r->lines];
    int64_t before = block == x->out->ops ? -1 : block[-1].id;
    return expander_copies(x->expander, block, r, before, place_copy, x, d);
}

static bool take_all(struct expanding *x, const struct trace *t, struct diag *d)
{
    size_t mark = 0;
    for (size_t i = 0; i < t->count; i++) {
        TRY(take_op(x, &t->ops[i], t->path, d));
        for (; mark < t->mark_count && t->marks[mark].end == i + 1; mark++)
            TRY(take_repeat(x, &t->marks[mark].repeat, d));
    }
    return true;
}

static int32_t largest_id(const struct trace *t)
{
    int32_t largest = -1;
    for (size_t i = 0; i < t->count; i++)
        largest = t->ops[i].id > largest ? t->ops[i].id : largest;
    return largest;
}

bool trace_expand(struct arena *a, const struct trace *t, size_t max_ops, struct trace *out,
                  struct diag *d)
{
    double operators = trace_operator_count(t);
    if (operators > (double)max_ops)
        return diag_cannot(d, "%s expands to %.0f operators; at most %zu can be held", t->path,
                           operators, max_ops);
    struct expanding x = {
        .out = out, .ids = id_set_open(), .expander = expander_open(largest_id(t))};
    *out = *t;
    out->ops = ARENA_ARRAY(a, struct op, (size_t)operators);
    out->count = out->mark_count = 0;
    out->marks = NULL;
    pool_open(&x.pool, a);
    bool fine = (x.ids && x.expander) || diag_cannot(d, "there is not enough memory for a trace");
    fine = fine && take_all(&x, t, d) && trace_index_ids(a, out, d);
    pool_close(&x.pool);
    expander_close(x.expander);
    id_set_close(x.ids);
    return fine;
}
