#include "traces/trace_scan.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "traces/line_read.h"
#include "traces/read_header.h"

static bool add_repeat(struct trace_scan *s, const struct trace_repeat *repeat, struct diag *d)
{
    if (s->count == s->room) {
        size_t room = s->room * 2 + 16;
        struct scan_repeat *grown = realloc(s->repeats, room * sizeof *grown);
        if (!grown)
            return diag_cannot(d, "there is not enough memory to read a trace");
        s->repeats = grown;
        s->room = room;
    }
    s->repeats[s->count].end = s->operators;
    s->repeats[s->count++].repeat = *repeat;
    return true;
}

/* False: the line is no repeat that this trace can hold here. */
static bool parse_repeat(const struct trace_scan *s, const char *text, size_t length,
                         struct trace_repeat *repeat)
{
    struct diag ignored = {0};
    struct warnings warnings = {0};
    struct line l = {.path = "", .number = 1, .warnings = &warnings, .d = &ignored};
    l.object = line_parse("", 1, text, length, &ignored);
    if (!l.object)
        return false;
    line_sort_keys(&l);
    bool fine = read_repeat(&l, repeat);
    json_decref(l.object);
    int64_t since = s->operators - (s->count > 0 ? s->repeats[s->count - 1].end : 0);
    return fine && repeat->lines <= since && repeat->times <= TRACE_OPS_MAX / repeat->lines;
}

static bool scan_line(struct trace_scan *s, const char *text, size_t length, struct diag *d)
{
    struct trace_repeat repeat = {0};
    if (!line_starts_repeat(text, length)) {
        s->operators++;
        s->expanded++;
        return true;
    }
    s->broken = !parse_repeat(s, text, length, &repeat);
    if (s->broken)
        return true;
    s->expanded += repeat.lines * repeat.times;
    return add_repeat(s, &repeat, d);
}

bool trace_is_rereadable(const char *path, struct diag *d)
{
    struct stat s;
    if (stat(path, &s) != 0 || S_ISREG(s.st_mode) || S_ISDIR(s.st_mode))
        return true; /* what else is wrong is told when the file is opened */
    return diag_input(d, path, 0, "is no regular file; it is read twice, so store it first");
}

bool trace_scan(const char *path, int64_t limit, struct trace_scan *s, struct diag *d)
{
    struct line_reader *lines;
    struct diag ignored = {0};
    const char *text = NULL;
    size_t length = 0;
    enum line_item item = LINE_END;
    bool fine = true;
    *s = (struct trace_scan){0};
    TRY(trace_is_rereadable(path, d));
    TRY(line_open(path, &lines, d));
    while (fine && !s->broken && !s->over_limit &&
           (item = line_next(lines, &text, &length, &ignored)) == LINE_TEXT) {
        if (line_number(lines) > 1)
            fine = scan_line(s, text, length, d);
        s->over_limit = s->expanded > limit;
    }
    s->broken = s->broken || item == LINE_ERROR;
    line_close(lines);
    if (!fine)
        trace_scan_close(s);
    return fine;
}

void trace_scan_close(struct trace_scan *s)
{
    free(s->repeats);
    s->repeats = NULL;
    s->count = s->room = 0;
}

int64_t trace_scan_times(const struct trace_scan *s, size_t *at, int64_t index,
                         const struct trace_repeat **r)
{
    *r = NULL;
    while (*at < s->count && s->repeats[*at].end <= index)
        (*at)++;
    if (*at == s->count)
        return 1;
    const struct scan_repeat *next = &s->repeats[*at];
    if (index < next->end - next->repeat.lines)
        return 1;
    *r = &next->repeat;
    return 1 + next->repeat.times;
}
