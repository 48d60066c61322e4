/* How fast a trace is read, beside jansson parsing the same lines and doing nothing else.
 *
 * usage: bench_trace [LINES] [FILE]     (1,000,000 lines; a file of its own, removed at the end)
 * Prints lines per CPU second of both, their ratio, and the bytes per line that loading takes.
 * Exit status 1 when the ratio is below 0.6.  Lines are as the importers write them: a
 * convolution, a matrix product and an activation in turn. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "traces/line_read.h"
#include "traces/trace.h"

enum { BLOCK_LINES = 4096, BLOCK_BYTES = BLOCK_LINES * 512 };
static const double RATIO_MIN = 0.6;

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int complain(const struct diag *d)
{
    char text[2048];
    diag_format(d, text, sizeof text);
    fprintf(stderr, "%s\n", text);
    return 2;
}

static struct op make_op(int32_t id, const char *name, const char *weight, const int32_t *input)
{
    struct op o = {.id = id, .name = name, .activation_bits = 8, .weight_bits = 8};
    const struct shape image = {{1, 64, 56, 56}, 4};
    o.inputs = input;
    o.n_inputs = id > 0;
    if (id % 3 == 0) {
        o.kind = OP_CONV2D;
        o.u.conv.kernel[0] = o.u.conv.kernel[1] = 3;
        o.u.conv.stride[0] = o.u.conv.stride[1] = 1;
        o.u.conv.dilation[0] = o.u.conv.dilation[1] = 1;
        for (int i = 0; i < 4; i++)
            o.u.conv.pad[i] = 1;
        o.u.conv.groups = 1;
    } else if (id % 3 == 1) {
        o.kind = OP_MATMUL;
        o.u.matmul.batch = 12;
        o.u.matmul.m = 128;
        o.u.matmul.k = o.u.matmul.n = 768;
    } else {
        o.kind = OP_ELEMENTWISE;
        o.fn = "relu";
    }
    if (o.kind != OP_ELEMENTWISE)
        o.weight = weight;
    if (o.kind != OP_MATMUL)
        o.in = o.out = image;
    return o;
}

static bool generate(const char *path, int32_t lines, struct diag *d)
{
    static const char *const WORDS[] = {"conv", "fc", "relu"};
    const struct trace_header h = {
        .name = "bench", .source = "generated", .batch = 1, .activation_bits = 8, .weight_bits = 8};
    struct trace_writer *w;
    char name[64], weight[80];
    TRY(trace_create(path, &h, &w, d));
    for (int32_t id = 0; id < lines; id++) {
        int32_t input = id - 1;
        snprintf(name, sizeof name, "block%d.%s", id / 3, WORDS[id % 3]);
        snprintf(weight, sizeof weight, "%s.w", name);
        struct op o = make_op(id, name, weight, &input);
        if (!trace_write(w, &o, d)) {
            trace_abandon(w);
            return false;
        }
    }
    return trace_commit(w, d);
}

static bool read_all(const char *path, double *seconds, struct diag *d)
{
    double from = cpu_seconds();
    struct trace_reader *r;
    struct trace_repeat repeat;
    struct op op;
    enum trace_item item;
    TRY(trace_open(path, &r, d));
    while ((item = trace_next(r, &op, &repeat, d)) == TRACE_OP || item == TRACE_REPEAT)
        continue;
    trace_close(r);
    *seconds = cpu_seconds() - from;
    return item == TRACE_END;
}

struct block {
    char *text;
    size_t end[BLOCK_LINES], count;
};

static double parse_block(const struct block *b)
{
    json_error_t error;
    double from = cpu_seconds();
    for (size_t i = 0, at = 0; i < b->count; at = b->end[i++])
        json_decref(json_loadb(b->text + at, b->end[i] - at, 0, &error));
    return cpu_seconds() - from;
}

/* Lines are inflated block by block, off the clock. */
static bool parse_all(const char *path, double *seconds, double *bytes, struct diag *d)
{
    static struct block b;
    struct line_reader *lines;
    const char *text;
    size_t length, used = 0;
    enum line_item item;
    *seconds = *bytes = 0;
    b.text = malloc(BLOCK_BYTES);
    if (!b.text)
        return diag_cannot(d, "there is not enough memory");
    TRY(line_open(path, &lines, d));
    while ((item = line_next(lines, &text, &length, d)) == LINE_TEXT) {
        if (b.count == BLOCK_LINES || used + length > BLOCK_BYTES) {
            *seconds += parse_block(&b);
            b.count = used = 0;
        }
        memcpy(b.text + used, text, length);
        used += length;
        *bytes += (double)length;
        b.end[b.count++] = used;
    }
    *seconds += parse_block(&b);
    line_close(lines);
    free(b.text);
    return item == LINE_END;
}

static bool measure_load(const char *path, size_t lines, double *bytes, double *seconds,
                         struct diag *d)
{
    struct arena *a = arena_open();
    struct trace t;
    double from = cpu_seconds();
    bool fine = trace_load(a, path, lines, &t, d);
    *seconds = cpu_seconds() - from;
    *bytes = (double)arena_bytes(a) / (double)lines;
    arena_close(a);
    return fine;
}

int main(int argc, char **argv)
{
    int32_t lines = argc > 1 ? (int32_t)strtol(argv[1], NULL, 10) : 1000000;
    char own[] = "/tmp/cimarron_bench_XXXXXX";
    const char *path = argc > 2 ? argv[2] : own;
    struct diag d = {0};
    double ours = 0, bare = 0, load = 0, per_line = 0, bytes = 0;
    if (lines < 1) {
        fprintf(stderr, "usage: bench_trace [LINES] [FILE]\n");
        return 2;
    }
    if (argc <= 2) {
        int fd = mkstemp(own);
        if (fd >= 0)
            close(fd);
    }
    bool fine = generate(path, lines, &d) && read_all(path, &ours, &d) &&
                parse_all(path, &bare, &bytes, &d) &&
                measure_load(path, (size_t)lines, &per_line, &load, &d);
    if (argc <= 2)
        unlink(own);
    if (!fine)
        return complain(&d);
    double ratio = bare / ours;
    printf("lines            %12d\n", lines);
    printf("bytes per line   %12.1f\n", bytes / lines);
    printf("read, lines/s    %12.0f\n", lines / ours);
    printf("jansson, lines/s %12.0f\n", lines / bare);
    printf("ratio            %12.3f   (at least %.1f)\n", ratio, RATIO_MIN);
    printf("load, lines/s    %12.0f\n", lines / load);
    printf("load, bytes/line %12.1f\n", per_line);
    return ratio < RATIO_MIN;
}
