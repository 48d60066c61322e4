#define _XOPEN_SOURCE 700 /* realpath */
#include "core/app/output.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_stdout(const char *path)
{
    return !path || !strcmp(path, "-");
}

/* The folder that holds the path. */
static const char *folder_of(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return ".";
    return slash == path ? "/" : arena_strndup(a, path, (size_t)(slash - path));
}

/* A file is renamed into place; through a link, so that the link stays. */
static const char *real_path(struct arena *a, const char *path)
{
    char *real = realpath(path, NULL);
    const char *kept = arena_strdup(a, real ? real : path);
    free(real);
    return kept;
}

static bool is_special(const char *path, bool *folder)
{
    struct stat info;
    bool there = stat(path, &info) == 0;
    *folder = there && S_ISDIR(info.st_mode);
    return there && !S_ISREG(info.st_mode);
}

bool output_check(struct arena *a, const char *path, struct diag *d)
{
    bool folder;
    if (is_stdout(path))
        return true;
    bool special = is_special(path, &folder);
    if (folder)
        return diag_input(d, path, 0, "is a folder: -o takes the name of a file");
    if (special)
        return true;
    if (access(folder_of(a, real_path(a, path)), W_OK) != 0)
        return diag_input(d, path, 0, "cannot be written: %s", strerror(errno));
    return true;
}

/* A new file beside the path, with the rights of a file that the user makes. */
static FILE *open_aside(const char *aside, struct diag *d, const char *path)
{
    int file = mkstemp((char *)(uintptr_t)aside);
    mode_t mask = umask(0);
    umask(mask);
    FILE *stream = file >= 0 && fchmod(file, 0666 & ~mask) == 0 ? fdopen(file, "w") : NULL;
    if (!stream) {
        diag_input(d, path, 0, "cannot be written: %s", strerror(errno));
        if (file >= 0) {
            close(file);
            unlink(aside);
        }
    }
    return stream;
}

bool output_open(struct arena *a, const char *path, struct output *out, struct diag *d)
{
    bool folder;
    *out = (struct output){.stream = stdout};
    if (is_stdout(path))
        return true;
    out->path = path;
    if (is_special(path, &folder)) {
        out->stream = fopen(path, "w");
        return out->stream || diag_input(d, path, 0, "cannot be written: %s", strerror(errno));
    }
    out->path = real_path(a, path);
    out->aside = arena_printf(a, "%s.XXXXXX", out->path);
    out->stream = open_aside(out->aside, d, path);
    return out->stream != NULL;
}

/* A renderer that flushed before has used the reason up. */
static bool failed(const struct output *o, int reason, struct diag *d)
{
    return diag_cannot(d, "%s could not be written in full: %s", o->path ? o->path : "the output",
                       reason ? strerror(reason) : "is the disk full?");
}

/* The reader at the other end of the pipe has seen enough, as head does: no failure. */
static bool reader_has_gone(FILE *stream)
{
    struct pollfd end = {.fd = fileno(stream), .events = POLLOUT};
    return poll(&end, 1, 0) > 0 && (end.revents & POLLERR) != 0;
}

bool output_commit(struct output *o, struct diag *d)
{
    errno = 0;
    bool ok = fflush(o->stream) == 0 && !ferror(o->stream);
    int reason = errno;
    bool gone = !ok && reader_has_gone(o->stream);
    if (!o->path)
        return ok || gone || failed(o, reason, d);
    if (fclose(o->stream) != 0 && ok) {
        ok = false;
        reason = errno;
    }
    if (ok && o->aside && rename(o->aside, o->path) != 0) {
        ok = false;
        reason = errno;
    }
    if (!ok && o->aside)
        unlink(o->aside);
    return ok || gone || failed(o, reason, d);
}

void output_abandon(struct output *o)
{
    if (!o->path)
        return;
    fclose(o->stream);
    if (o->aside)
        unlink(o->aside);
}
