#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "traces/id_set.h"
#include "traces/line_read.h"
#include "traces/op_check.h"
#include "traces/read_header.h"
#include "traces/read_op.h"
#include "traces/trace.h"

struct trace_reader {
    struct line_reader *lines;
    struct trace_header header;
    json_t *header_object; /* owns the header's texts */
    struct line line;
    struct op_lists lists;
    struct id_set *ids;
    struct warnings warnings;
    int64_t operators, expanded, since_repeat;
    int64_t largest_id; /* -1: none yet */
};

static bool no_memory(struct diag *d)
{
    return diag_cannot(d, "there is not enough memory to read a trace");
}

/* The next line as an object in r->line; the last one's is given back. */
static enum line_item next_object(struct trace_reader *r, bool *is_repeat, struct diag *d)
{
    const char *text = NULL;
    size_t length = 0;
    json_decref(r->line.object);
    r->line.object = NULL;
    enum line_item item = line_next(r->lines, &text, &length, d);
    if (item != LINE_TEXT)
        return item;
    r->line.number = line_number(r->lines);
    r->line.d = d;
    r->line.object = line_parse(r->line.path, r->line.number, text, length, d);
    *is_repeat = line_starts_repeat(text, length);
    return r->line.object ? LINE_TEXT : LINE_ERROR;
}

static bool open_header(struct trace_reader *r, struct diag *d)
{
    bool is_repeat = false;
    enum line_item item = next_object(r, &is_repeat, d);
    if (item == LINE_END)
        return diag_input(d, r->line.path, 0, "the file is empty");
    if (item == LINE_ERROR)
        return false;
    r->header_object = json_incref(r->line.object);
    return read_header(&r->line, &r->header);
}

bool trace_open(const char *path, struct trace_reader **out, struct diag *d)
{
    *out = NULL;
    struct trace_reader *r = calloc(1, sizeof *r);
    if (!r)
        return no_memory(d);
    r->line.warnings = &r->warnings;
    r->largest_id = -1;
    r->ids = id_set_open();
    bool fine = r->ids ? line_open(path, &r->lines, d) : no_memory(d);
    if (fine)
        r->line.path = line_path(r->lines);
    if (!fine || !open_header(r, d)) {
        trace_close(r);
        return false;
    }
    *out = r;
    return true;
}

const struct trace_header *trace_header(const struct trace_reader *r)
{
    return &r->header;
}

static bool check_ids(struct trace_reader *r, const struct op *op)
{
    struct line *l = &r->line;
    for (size_t i = 0; i < op->n_inputs; i++) {
        if (op->inputs[i] == op->id)
            return line_wrong(l->d, l->path, l->number, "operator %d names itself as an input",
                              op->id);
        if (!id_set_has(r->ids, op->inputs[i]))
            return line_wrong(l->d, l->path, l->number, "input %d is not the id of an earlier line",
                              op->inputs[i]);
    }
    if (id_set_has(r->ids, op->id))
        return line_wrong(l->d, l->path, l->number, "the id %d is taken by an earlier line",
                          op->id);
    if (op->id > r->largest_id)
        r->largest_id = op->id;
    return id_set_add(r->ids, op->id) || no_memory(l->d);
}

/* `more` operators join the expanded count; copies need ids above the largest. */
static bool count_operators(struct trace_reader *r, int64_t more)
{
    struct line *l = &r->line;
    r->expanded += more;
    if (r->expanded > TRACE_OPS_MAX)
        return line_wrong(l->d, l->path, l->number,
                          "the trace expands to more than 10^9 operators");
    if (r->largest_id + (r->expanded - r->operators) > INT32_MAX)
        return line_wrong(l->d, l->path, l->number,
                          "the copies of a repeat find no free ids above %" PRId64, r->largest_id);
    return true;
}

static bool next_op(struct trace_reader *r, struct op *op)
{
    struct line *l = &r->line;
    line_sort_keys(l);
    if (l->value[KEY_repeat])
        return line_wrong(l->d, l->path, l->number, "\"repeat\" is the first key of its line");
    TRY(read_op(l, &r->lists, r->header.activation_bits, r->header.weight_bits, op));
    TRY(check_ids(r, op));
    r->operators++;
    r->since_repeat++;
    return count_operators(r, 1);
}

static bool next_repeat(struct trace_reader *r, struct trace_repeat *repeat)
{
    struct line *l = &r->line;
    line_sort_keys(l);
    if (l->present != KEY_BIT(repeat))
        line_warn(l, "keys beside \"repeat\" mean nothing");
    TRY(read_repeat(l, repeat));
    if (repeat->lines > r->since_repeat)
        return line_wrong(l->d, l->path, l->number,
                          "repeat of %" PRId64 " lines, but %" PRId64
                          " stand since the last repeat; repeats do not nest",
                          repeat->lines, r->since_repeat);
    if (repeat->times > TRACE_OPS_MAX / repeat->lines)
        return line_wrong(l->d, l->path, l->number,
                          "the trace expands to more than 10^9 operators");
    r->since_repeat = 0;
    return count_operators(r, repeat->lines * repeat->times);
}

static enum trace_item at_end(const struct trace_reader *r, struct diag *d)
{
    if (r->operators > 0)
        return TRACE_END;
    line_wrong(d, r->line.path, r->line.number, "the trace ends without any operator");
    return TRACE_ERROR;
}

enum trace_item trace_next(struct trace_reader *r, struct op *op, struct trace_repeat *repeat,
                           struct diag *d)
{
    bool is_repeat = false;
    enum line_item item = next_object(r, &is_repeat, d);
    if (item == LINE_END)
        return at_end(r, d);
    if (item == LINE_ERROR)
        return TRACE_ERROR;
    if (is_repeat)
        return next_repeat(r, repeat) ? TRACE_REPEAT : TRACE_ERROR;
    return next_op(r, op) ? TRACE_OP : TRACE_ERROR;
}

int64_t trace_line(const struct trace_reader *r)
{
    return r->line.number;
}

int64_t trace_operators(const struct trace_reader *r)
{
    return r->expanded;
}

int32_t trace_largest_id(const struct trace_reader *r)
{
    return (int32_t)r->largest_id;
}

int64_t trace_warnings(const struct trace_reader *r)
{
    return r->warnings.count;
}

const char *trace_warning(const struct trace_reader *r)
{
    return r->warnings.count > 0 ? r->warnings.first : NULL;
}

void trace_close(struct trace_reader *r)
{
    if (!r)
        return;
    json_decref(r->line.object);
    json_decref(r->header_object);
    op_lists_close(&r->lists);
    id_set_close(r->ids);
    line_close(r->lines);
    free(r);
}
