#include "traces/line_read.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "core/base/input.h"
#include "core/base/text.h"
#include "traces/trace.h"

enum { IN_BYTES = 1 << 16, FIRST_ROOM = 1 << 18, LAST_ROOM = TRACE_LINE_MAX + IN_BYTES };
enum { GZIP_WINDOW = 15 + 16 };

struct line_reader {
    char *path;
    int fd;
    bool is_gzip, between_members, input_ended, ended;
    z_stream z; /* next_in, avail_in serve plain files as well */
    char *text; /* [begin, end) is not handed out yet; [begin, seen) has no newline */
    size_t room, begin, seen, end;
    int64_t line;
    const char *failure, *detail; /* of the gzip stream, told when the lines before it are out */
    unsigned char in[IN_BYTES];
};

bool line_wrong(struct diag *d, const char *path, int64_t line, const char *format, ...)
{
    char text[DIAG_TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return diag_input(d, path, line > INT_MAX ? INT_MAX : (int)line, "%s", text);
}

static bool no_memory(struct diag *d)
{
    return diag_cannot(d, "there is not enough memory to read a trace");
}

/* More input into the empty `in`; input_ended at the end of the file. */
static bool read_input(struct line_reader *r, struct diag *d)
{
    ssize_t n;
    do
        n = read(r->fd, r->in, IN_BYTES);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return diag_input(d, r->path, 0, "cannot be read: %s", strerror(errno));
    r->z.next_in = r->in;
    r->z.avail_in = (uInt)n;
    r->input_ended = n == 0;
    return true;
}

/* After a gzip member: another one, padding of zeros, or the end. */
static bool next_member(struct line_reader *r, struct diag *d)
{
    while (!r->ended) {
        if (r->z.avail_in == 0)
            TRY(read_input(r, d));
        r->ended = r->input_ended;
        if (!r->ended && *r->z.next_in != 0)
            break;
        r->z.next_in += !r->ended;
        r->z.avail_in -= !r->ended;
    }
    if (r->ended)
        return true;
    r->between_members = false;
    if (*r->z.next_in != 0x1f)
        r->failure = "has bytes after its end, which is";
    return inflateReset(&r->z) == Z_OK || no_memory(d);
}

static bool inflate_step(struct line_reader *r, struct diag *d)
{
    if (r->z.avail_in == 0)
        TRY(read_input(r, d));
    if (r->input_ended) {
        r->failure = "is cut short";
        return true;
    }
    int rc = inflate(&r->z, Z_NO_FLUSH);
    r->between_members = rc == Z_STREAM_END;
    if (rc == Z_MEM_ERROR)
        return no_memory(d);
    if (rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR)
        return true;
    r->failure = "is corrupt";
    r->detail = r->z.msg ? r->z.msg : "it needs a dictionary";
    return true;
}

static bool inflate_some(struct line_reader *r, struct diag *d)
{
    if (r->failure)
        return line_wrong(d, r->path, r->line, "the gzip stream %s after line %" PRId64 "%s%s",
                          r->failure, r->line, r->detail ? ": " : "", r->detail ? r->detail : "");
    r->z.next_out = (Bytef *)r->text + r->end;
    r->z.avail_out = (uInt)(r->room - r->end);
    while (r->z.avail_out > 0 && !r->ended && !r->failure)
        TRY(r->between_members ? next_member(r, d) : inflate_step(r, d));
    r->end = r->room - r->z.avail_out;
    return true;
}

static bool copy_some(struct line_reader *r, struct diag *d)
{
    if (r->z.avail_in == 0)
        TRY(read_input(r, d));
    size_t n = r->room - r->end < r->z.avail_in ? r->room - r->end : r->z.avail_in;
    memcpy(r->text + r->end, r->z.next_in, n);
    r->end += n;
    r->z.next_in += n;
    r->z.avail_in -= (uInt)n;
    r->ended = r->input_ended;
    return true;
}

/* Moves what is left to the front; grows the room when a line fills it. */
static bool make_room(struct line_reader *r, struct diag *d)
{
    memmove(r->text, r->text + r->begin, r->end - r->begin);
    r->end -= r->begin;
    r->seen -= r->begin;
    r->begin = 0;
    if (r->end < r->room)
        return true;
    size_t room = r->room * 2 < LAST_ROOM ? r->room * 2 : LAST_ROOM;
    char *text = realloc(r->text, room);
    if (!text)
        return no_memory(d);
    r->text = text;
    r->room = room;
    return true;
}

static bool fill(struct line_reader *r, struct diag *d)
{
    r->seen = r->end;
    if (r->end - r->begin > TRACE_LINE_MAX)
        return line_wrong(d, r->path, r->line + 1, "the line is longer than 4 MiB");
    TRY(make_room(r, d));
    return r->is_gzip ? inflate_some(r, d) : copy_some(r, d);
}

enum line_item line_next(struct line_reader *r, const char **text, size_t *length, struct diag *d)
{
    char *newline;
    while (!(newline = memchr(r->text + r->seen, '\n', r->end - r->seen)) && !r->ended) {
        if (!fill(r, d))
            return LINE_ERROR;
    }
    if (!newline && r->begin == r->end)
        return LINE_END;
    *text = r->text + r->begin;
    *length = newline ? (size_t)(newline - *text) : r->end - r->begin;
    if (*length > TRACE_LINE_MAX) {
        line_wrong(d, r->path, r->line + 1, "the line is longer than 4 MiB");
        return LINE_ERROR;
    }
    r->begin = newline ? r->begin + *length + 1 : r->end;
    r->seen = r->begin;
    if (r->line++ == 0) {
        size_t mark = text_mark_bytes(*text, *length);
        *text += mark;
        *length -= mark;
    }
    return LINE_TEXT;
}

static bool open_file(struct line_reader *r, struct diag *d)
{
    struct stat s;
    r->fd = input_open(r->path, d);
    if (r->fd < 0)
        return false;
    if (fstat(r->fd, &s) == 0 && S_ISDIR(s.st_mode))
        return diag_input(d, r->path, 0, "is a directory; a trace is a file");
    return true;
}

static bool start(struct line_reader *r, const char *path, struct diag *d)
{
    r->path = strdup(path);
    r->room = FIRST_ROOM;
    r->text = malloc(r->room);
    if (!r->path || !r->text || inflateInit2(&r->z, GZIP_WINDOW) != Z_OK)
        return no_memory(d);
    TRY(open_file(r, d));
    TRY(read_input(r, d));
    if (r->input_ended)
        return diag_input(d, r->path, 0, "the file is empty");
    r->is_gzip = r->z.avail_in >= 2 && r->in[0] == 0x1f && r->in[1] == 0x8b;
    return true;
}

bool line_open(const char *path, struct line_reader **out, struct diag *d)
{
    *out = NULL;
    struct line_reader *r = calloc(1, sizeof *r);
    if (!r)
        return no_memory(d);
    r->fd = -1;
    if (!start(r, path, d)) {
        line_close(r);
        return false;
    }
    *out = r;
    return true;
}

int64_t line_number(const struct line_reader *r)
{
    return r->line;
}

const char *line_path(const struct line_reader *r)
{
    return r->path;
}

void line_close(struct line_reader *r)
{
    if (!r)
        return;
    if (r->fd >= 0)
        close(r->fd);
    inflateEnd(&r->z);
    free(r->text);
    free(r->path);
    free(r);
}
