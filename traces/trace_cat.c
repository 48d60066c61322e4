#include <stdlib.h>

#include "traces/expand.h"
#include "traces/inspect.h"
#include "traces/pool.h"
#include "traces/trace_scan.h"
#include "traces/write_json.h"

struct printing {
    trace_cat_line *emit;
    void *user;
    const struct trace_header *header;
    struct json_text line;
    bool stopped; /* by the caller */
};

/* False: the caller wants no more, or (with a complaint) the text cannot be made. */
static bool hand_out(struct printing *p, struct diag *d)
{
    json_text_newline(&p->line);
    if (p->line.failure)
        return diag_cannot(d, "a line cannot be written: %s", p->line.failure);
    p->stopped = !p->emit(p->user, p->line.text, p->line.length);
    return !p->stopped;
}

static bool print_header(struct printing *p, struct diag *d)
{
    json_text_clear(&p->line);
    write_json_header(&p->line, p->header);
    return hand_out(p, d);
}

static bool print_op(void *user, const struct op *op, struct diag *d)
{
    struct printing *p = user;
    json_text_clear(&p->line);
    write_json_op(&p->line, op, p->header->activation_bits, p->header->weight_bits);
    return hand_out(p, d);
}

static bool print_repeat(struct printing *p, const struct trace_repeat *repeat, struct diag *d)
{
    json_text_clear(&p->line);
    write_json_repeat(&p->line, repeat);
    return hand_out(p, d);
}

static bool print_as_it_stands(struct printing *p, struct trace_reader *r, struct diag *d)
{
    struct trace_repeat repeat;
    struct op op;
    enum trace_item item;
    while ((item = trace_next(r, &op, &repeat, d)) == TRACE_OP || item == TRACE_REPEAT)
        TRY(item == TRACE_OP ? print_op(p, &op, d) : print_repeat(p, &repeat, d));
    return item == TRACE_END;
}

/* A walk that writes repeats out.  The block being gathered is given back as soon as its copies
 * are printed. */
struct expansion {
    struct printing *printing;
    struct trace_scan scan;
    size_t at;     /* the scan's next repeat */
    int64_t index; /* operator lines so far */
    struct expander *expander;
    struct arena *arena; /* of the block; NULL: no block is being gathered */
    struct pool pool;
    struct op *block;
    size_t gathered;
    int64_t before, last; /* ids: of the line before the block, of the last one printed; or -1 */
};

static void forget_block(struct expansion *e)
{
    if (!e->arena)
        return;
    pool_close(&e->pool);
    arena_close(e->arena);
    e->arena = NULL;
    e->gathered = 0;
}

static void gather(struct expansion *e, const struct op *op, int64_t lines)
{
    if (!e->arena) {
        e->arena = arena_open();
        pool_open(&e->pool, e->arena);
        e->block = ARENA_ARRAY(e->arena, struct op, lines);
        e->before = e->last;
    }
    pool_copy_op(&e->pool, op, &e->block[e->gathered++]);
}

static bool expand_op(struct expansion *e, struct op *op, struct diag *d)
{
    const struct trace_repeat *repeat;
    expander_resolve(e->expander, op);
    TRY(print_op(e->printing, op, d));
    trace_scan_times(&e->scan, &e->at, e->index++, &repeat);
    if (repeat)
        gather(e, op, repeat->lines);
    e->last = op->id;
    return true;
}

static bool expand_repeat(struct expansion *e, const struct trace_repeat *repeat, struct diag *d)
{
    if (e->gathered != (size_t)repeat->lines)
        return diag_cannot(d, "the trace changed while it was read");
    TRY(expander_copies(e->expander, e->block, repeat, e->before, print_op, e->printing, d));
    e->last = expander_last_id(e->expander);
    forget_block(e);
    return true;
}

static bool expand_lines(struct expansion *e, struct trace_reader *r, struct diag *d)
{
    struct trace_repeat repeat;
    struct op op;
    enum trace_item item;
    while ((item = trace_next(r, &op, &repeat, d)) == TRACE_OP || item == TRACE_REPEAT)
        TRY(item == TRACE_OP ? expand_op(e, &op, d) : expand_repeat(e, &repeat, d));
    return item == TRACE_END;
}

static bool print_expanded(struct printing *p, const char *path, int32_t largest_id,
                           struct trace_reader *r, struct diag *d)
{
    struct expansion e = {.printing = p, .before = -1, .last = -1};
    TRY(trace_scan(path, TRACE_OPS_MAX, &e.scan, d));
    e.expander = expander_open(largest_id);
    bool fine = e.expander ? expand_lines(&e, r, d)
                           : diag_cannot(d, "there is not enough memory to expand a trace");
    forget_block(&e);
    expander_close(e.expander);
    trace_scan_close(&e.scan);
    return fine;
}

bool trace_cat(const char *path, bool expand, trace_cat_line *emit, void *user, struct diag *d)
{
    struct printing p = {.emit = emit, .user = user};
    struct trace_checked checked = {0};
    struct trace_reader *r;
    if (expand)
        TRY(trace_is_rereadable(path, d) && trace_check(path, &checked, d));
    TRY(trace_open(path, &r, d));
    p.header = trace_header(r);
    bool fine = print_header(&p, d) && (expand ? print_expanded(&p, path, checked.largest_id, r, d)
                                               : print_as_it_stands(&p, r, d));
    json_text_close(&p.line);
    trace_close(r);
    return fine || p.stopped;
}
