/* Loops and scans: their bodies are written out once for each trip. */
#include <math.h>
#include <string.h>

#include "traces/import_onnx_content.h"
#include "traces/import_onnx_scope.h"

/* One after the other: states go from trip to trip, what is scanned out is kept of each. */
struct trips {
    const Onnx__GraphProto *body;
    size_t states, scanned, heads; /* heads: inputs, and outputs, before the states */
    int64_t count;
    const struct onnx_value **state;
    const struct onnx_value **kept; /* trip by trip; there is room for so many trips */
    size_t room;
};

static struct onnx_value *number(struct onnx_import *c, double x)
{
    struct onnx_value *v = onnx_nameless(c);
    double *content = onnx_numbers(c, 1);
    if (content != NULL)
        *content = x;
    v->defined = v->constant = v->integer = true;
    v->content = content;
    return v;
}

static bool fits_body(struct onnx_import *c, struct trips *t, size_t inputs, size_t given)
{
    size_t outputs = t->body->n_output;
    if (t->body->n_input != inputs || outputs < t->heads + t->states)
        return onnx_fail(c, "its body has %zu inputs and %zu outputs, which do not fit its own",
                         t->body->n_input, outputs);
    t->scanned = outputs - t->heads - t->states;
    if (c->node->n_output > t->states + t->scanned)
        return onnx_fail(c, "it has %zu outputs, and its body gives %zu", c->node->n_output,
                         t->states + t->scanned);
    t->state = ARENA_ARRAY(c->scratch, const struct onnx_value *, t->states);
    for (size_t i = 0; i < t->states; i++) {
        t->state[i] = c->in[given + i];
        if (t->state[i] == NULL)
            return onnx_fail(c, "input %zu is missing: each state has a first value",
                             given + i + 1);
    }
    return true;
}

static void make_room(struct onnx_import *c, struct trips *t)
{
    size_t used = (size_t)t->count;
    if (used < t->room)
        return;
    t->room = used > 0 ? 2 * used : 16;
    const struct onnx_value **more =
        ARENA_ARRAY(c->scratch, const struct onnx_value *, t->scanned * t->room);
    if (used > 0)
        memcpy(more, t->kept, t->scanned * used * sizeof more[0]);
    t->kept = more;
}

static void keep_trip(struct onnx_import *c, struct trips *t, const struct onnx_value **out)
{
    make_room(c, t);
    for (size_t i = 0; i < t->states; i++)
        t->state[i] = out[t->heads + i];
    for (size_t i = 0; i < t->scanned; i++)
        t->kept[t->scanned * (size_t)t->count + i] = out[t->heads + t->states + i];
    t->count++;
}

/* Joins what was kept of output i along a new first axis. */
static bool join_kept(struct onnx_import *c, const struct trips *t, size_t i)
{
    if (t->count == 0)
        return onnx_fail(c, "it makes no trip, and so output %zu has no shape", t->states + i + 1);
    const struct onnx_value **parts = ARENA_ARRAY(c->scratch, const struct onnx_value *, t->count);
    struct shape s = t->kept[i]->shape;
    if (s.dims == SHAPE_DIMS_MAX)
        return onnx_fail(c, "its result has more than %d dimensions", SHAPE_DIMS_MAX);
    memmove(&s.dim[1], &s.dim[0], (size_t)s.dims * sizeof s.dim[0]);
    s.dim[0] = t->count;
    s.dims++;
    bool constant = true;
    for (int64_t k = 0; k < t->count; k++) {
        parts[k] = t->kept[(size_t)k * t->scanned + i];
        constant = constant && parts[k]->constant;
    }
    struct onnx_value *v;
    struct op *op;
    c->fold = constant;
    TRY(onnx_define(c, t->states + i, &s, &v));
    TRY(onnx_emit_of(c, OP_ELEMENTWISE, "concat", parts, (size_t)t->count, v, &op));
    op->in = op->out = s;
    return true;
}

static bool give_trips(struct onnx_import *c, const struct trips *t)
{
    for (size_t i = 0; i < c->node->n_output; i++) {
        if (c->node->output[i][0] == '\0')
            continue;
        if (i < t->states)
            TRY(onnx_give(c, i, t->state[i]));
        else
            TRY(join_kept(c, t, i - t->states));
    }
    return true;
}

/* --- Loop ----------------------------------------------------------------------------------- */

static bool goes_on(struct onnx_import *c, const struct onnx_value *condition, bool *on)
{
    double x;
    if (!onnx_one_number(condition, &x))
        return onnx_fail(c, "whether it goes on is computed while the network runs; a constant "
                            "condition or number of trips is needed");
    *on = x != 0;
    return true;
}

static bool loop_trip(struct onnx_import *c, struct trips *t, const struct onnx_value **condition)
{
    size_t n = 2 + t->states;
    const struct onnx_value **in = ARENA_ARRAY(c->scratch, const struct onnx_value *, n), **out;
    in[0] = number(c, (double)t->count);
    in[1] = *condition != NULL ? *condition : number(c, 1);
    for (size_t i = 0; i < t->states; i++)
        in[2 + i] = t->state[i];
    TRY(onnx_take_inner(c, t->body, in, n, &out));
    *condition = out[0];
    keep_trip(c, t, out);
    return true;
}

bool onnx_loop(struct onnx_import *c, const char *fn)
{
    (void)fn;
    struct trips t = {.body = onnx_graph(c, "body"), .heads = 1};
    const struct onnx_value *condition = c->n_in > 1 ? c->in[1] : NULL;
    double trips = INFINITY;
    bool on = true;
    if (t.body == NULL || c->n_in < 2)
        return onnx_fail(c, "it needs a 'body' and at least two inputs");
    t.states = c->n_in - 2;
    TRY(fits_body(c, &t, c->n_in, 2));
    if (c->in[0] != NULL && !onnx_one_number(c->in[0], &trips))
        return onnx_fail(c, "its number of trips is computed while the network runs; a constant "
                            "one is needed");
    if (condition != NULL)
        TRY(goes_on(c, condition, &on));
    while (on && (double)t.count < trips) {
        TRY(loop_trip(c, &t, &condition));
        TRY(goes_on(c, condition, &on));
    }
    return give_trips(c, &t);
}

/* --- Scan ----------------------------------------------------------------------------------- */

/* Slice k of what is scanned, without its axis. */
static bool scan_slice(struct onnx_import *c, const struct onnx_value *v, int axis, int64_t trips,
                       const struct onnx_value **out)
{
    struct onnx_value *made;
    struct shape s = {.dims = 0};
    if (v->shape.dim[axis] != trips)
        return onnx_fail(c, "it scans %lld and %lld slices side by side", (long long)trips,
                         (long long)v->shape.dim[axis]);
    for (int i = 0; i < v->shape.dims; i++)
        if (i != axis)
            s.dim[s.dims++] = v->shape.dim[i];
    bool fold = c->fold;
    c->fold = v->constant;
    TRY(onnx_step(c, OP_SLICE, NULL, v, &v->shape, &s, &made));
    c->fold = fold;
    *out = made;
    return true;
}

static bool scan_trip(struct onnx_import *c, struct trips *t, const int axes[], size_t scans,
                      int64_t trips)
{
    size_t n = t->states + scans;
    const struct onnx_value **in = ARENA_ARRAY(c->scratch, const struct onnx_value *, n), **out;
    for (size_t i = 0; i < t->states; i++)
        in[i] = t->state[i];
    for (size_t i = 0; i < scans; i++)
        TRY(scan_slice(c, c->in[t->states + i], axes[i], trips, &in[t->states + i]));
    TRY(onnx_take_inner(c, t->body, in, n, &out));
    keep_trip(c, t, out);
    return true;
}

bool onnx_scan(struct onnx_import *c, const char *fn)
{
    (void)fn;
    struct trips t = {.body = onnx_graph(c, "body")};
    int64_t scans = onnx_int(c, "num_scan_inputs", 0);
    size_t n;
    TRY(onnx_need(c, c->n_in));
    if (t.body == NULL || scans < 1 || (uint64_t)scans > c->n_in || c->opset < 9)
        return onnx_fail(c, "it needs a 'body', inputs to scan, and opset 9 or later");
    t.states = c->n_in - (size_t)scans;
    TRY(fits_body(c, &t, c->n_in, 0));
    int64_t *given = ARENA_ARRAY(c->scratch, int64_t, scans);
    int *axes = ARENA_ARRAY(c->scratch, int, scans);
    TRY(onnx_ints(c, "scan_input_axes", SIZE_MAX, given, (size_t)scans, &n));
    for (size_t i = 0; i < (size_t)scans; i++)
        TRY(onnx_axis(c, i < n ? given[i] : 0, c->in[t.states + i]->shape.dims, &axes[i]));
    int64_t trips = c->in[t.states]->shape.dim[axes[0]];
    while (t.count < trips) {
        TRY(scan_trip(c, &t, axes, (size_t)scans, trips));
    }
    return give_trips(c, &t);
}
