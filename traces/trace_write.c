#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "core/base/output.h"
#include "traces/op_check.h"
#include "traces/trace.h"
#include "traces/write_json.h"

enum { OUT_BYTES = 1 << 16, GZIP_WINDOW = 15 + 16, OS_UNKNOWN = 255 };

struct trace_writer {
    struct arena *arena; /* of the names */
    const char *path;
    struct output out;
    bool created, deflating; /* what there is to undo */
    z_stream z;
    gz_header gzip;
    struct json_text line;
    struct id_set *ids;
    int activation_bits, weight_bits;
    int64_t lines, since_repeat;
    unsigned char buffer[OUT_BYTES];
};

static bool no_memory(struct diag *d)
{
    return diag_cannot(d, "there is not enough memory to write a trace");
}

static bool drain(struct trace_writer *w, struct diag *d)
{
    size_t left = OUT_BYTES - w->z.avail_out;
    if (fwrite(w->buffer, 1, left, w->out.stream) != left)
        return diag_cannot(d, "cannot write %s: %s", w->path, strerror(errno));
    w->z.next_out = w->buffer;
    w->z.avail_out = OUT_BYTES;
    return true;
}

static bool compress_text(struct trace_writer *w, const char *text, size_t length, int flush,
                          struct diag *d)
{
    if (length > UINT_MAX)
        return diag_cannot(d, "a line of %zu bytes is too long to write", length);
    w->z.next_in = (z_const Bytef *)(uintptr_t)text;
    w->z.avail_in = (uInt)length;
    for (;;) {
        int rc = deflate(&w->z, flush);
        if (rc == Z_STREAM_END)
            return drain(w, d);
        if (w->z.avail_out > 0)
            return true;
        TRY(drain(w, d));
    }
}

static bool write_line(struct trace_writer *w, struct diag *d)
{
    json_text_newline(&w->line);
    if (w->line.failure)
        return diag_input(d, w->path, 0, "line %" PRId64 " cannot be written: %s", w->lines + 1,
                          w->line.failure);
    if (w->line.length > TRACE_LINE_MAX)
        return diag_input(d, w->path, 0, "line %" PRId64 " would be longer than 4 MiB",
                          w->lines + 1);
    TRY(compress_text(w, w->line.text, w->line.length, Z_NO_FLUSH, d));
    w->lines++;
    return true;
}

static bool open_output(struct trace_writer *w, const char *path, struct diag *d)
{
    w->arena = arena_open();
    w->path = arena_strdup(w->arena, path);
    w->ids = id_set_open();
    if (!w->ids)
        return no_memory(d);
    w->created = output_open(w->arena, w->path, &w->out, d);
    return w->created;
}

/* No time stamp, no name, no system: the same lines give the same bytes everywhere. */
static bool start_gzip(struct trace_writer *w, struct diag *d)
{
    if (deflateInit2(&w->z, 9, Z_DEFLATED, GZIP_WINDOW, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return no_memory(d);
    w->deflating = true;
    w->gzip.os = OS_UNKNOWN;
    deflateSetHeader(&w->z, &w->gzip);
    w->z.next_out = w->buffer;
    w->z.avail_out = OUT_BYTES;
    return true;
}

static bool check_header(const char *path, const struct trace_header *h, struct diag *d)
{
    if (!h->name)
        return diag_input(d, path, 0, "a trace needs a name");
    if (h->batch < 1)
        return diag_input(d, path, 0, "batch is %" PRId64 "; it is at least 1", h->batch);
    if (h->activation_bits < 1 || h->activation_bits > OP_BITS_MAX || h->weight_bits < 1 ||
        h->weight_bits > OP_BITS_MAX)
        return diag_input(d, path, 0, "activation_bits and weight_bits are from 1 to %d",
                          OP_BITS_MAX);
    return true;
}

static bool start(struct trace_writer *w, const char *path, const struct trace_header *h,
                  struct diag *d)
{
    TRY(check_header(path, h, d));
    TRY(open_output(w, path, d));
    TRY(start_gzip(w, d));
    w->activation_bits = h->activation_bits;
    w->weight_bits = h->weight_bits;
    write_json_header(&w->line, h);
    return write_line(w, d);
}

bool trace_create(const char *path, const struct trace_header *h, struct trace_writer **out,
                  struct diag *d)
{
    *out = NULL;
    struct trace_writer *w = calloc(1, sizeof *w);
    if (!w)
        return no_memory(d);
    if (!start(w, path, h, d)) {
        trace_abandon(w);
        return false;
    }
    *out = w;
    return true;
}

bool trace_write(struct trace_writer *w, const struct op *op, struct diag *d)
{
    TRY(op_check_next(op, w->ids, w->path, d));
    json_text_clear(&w->line);
    write_json_op(&w->line, op, w->activation_bits, w->weight_bits);
    TRY(write_line(w, d));
    w->since_repeat++;
    return true;
}

bool trace_write_repeat(struct trace_writer *w, const struct trace_repeat *r, struct diag *d)
{
    if (r->lines < 1 || r->lines > w->since_repeat)
        return diag_input(d, w->path, 0,
                          "repeat of %" PRId64 " lines; %" PRId64 " stand since the last repeat",
                          r->lines, w->since_repeat);
    if (r->times < 1 || r->times > TRACE_OPS_MAX)
        return diag_input(d, w->path, 0, "repeat %" PRId64 " times; 1 to 10^9 are possible",
                          r->times);
    json_text_clear(&w->line);
    write_json_repeat(&w->line, r);
    TRY(write_line(w, d));
    w->since_repeat = 0;
    return true;
}

static bool finish(struct trace_writer *w, struct diag *d)
{
    TRY(compress_text(w, "", 0, Z_FINISH, d));
    w->created = false;
    return output_commit(&w->out, d);
}

bool trace_commit(struct trace_writer *w, struct diag *d)
{
    bool done = finish(w, d);
    trace_abandon(w);
    return done;
}

void trace_abandon(struct trace_writer *w)
{
    if (!w)
        return;
    if (w->created)
        output_abandon(&w->out);
    if (w->deflating)
        deflateEnd(&w->z);
    json_text_close(&w->line);
    id_set_close(w->ids);
    arena_close(w->arena);
    free(w);
}

static bool save_ops(const struct trace *t, struct trace_writer *w, struct diag *d)
{
    size_t mark = 0;
    for (size_t i = 0; i < t->count; i++) {
        TRY(trace_write(w, &t->ops[i], d));
        for (; mark < t->mark_count && t->marks[mark].end == i + 1; mark++)
            TRY(trace_write_repeat(w, &t->marks[mark].repeat, d));
    }
    return true;
}

bool trace_save(const struct trace *t, const char *path, struct diag *d)
{
    struct trace_writer *w;
    TRY(trace_create(path, &t->header, &w, d));
    if (!save_ops(t, w, d)) {
        trace_abandon(w);
        return false;
    }
    return trace_commit(w, d);
}
