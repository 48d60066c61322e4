#define _XOPEN_SOURCE 700 /* realpath */
#include "core/base/output.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/unnamed.h"

enum { LINKS_MAX = 40 };

/* --- which file ------------------------------------------------------------------------------- */

static bool is_file_of(int fd, const struct stat *info)
{
    struct stat held;
    return fstat(fd, &held) == 0 && held.st_dev == info->st_dev && held.st_ino == info->st_ino;
}

/* "/dev/stdout" may be a file: to put another in its place would cut the shell's off. */
static bool is_stdout(const char *path)
{
    struct stat info;
    return !path || !strcmp(path, "-") ||
           (stat(path, &info) == 0 && is_file_of(STDOUT_FILENO, &info));
}

/* The folder that holds the path. */
static const char *folder_of(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return ".";
    return slash == path ? "/" : arena_strndup(a, path, (size_t)(slash - path));
}

/* Where a link to a file that is not there yet leads; NULL: in a circle. */
static const char *end_of_links(struct arena *a, const char *path)
{
    char target[4096];
    for (int i = 0; i < LINKS_MAX; i++) {
        ssize_t length = readlink(path, target, sizeof target - 1);
        if (length < 0)
            return path;
        target[length] = '\0';
        path = target[0] == '/' ? arena_strdup(a, target)
                                : arena_printf(a, "%s/%s", folder_of(a, path), target);
    }
    errno = ELOOP;
    return NULL;
}

static const char *real_path(struct arena *a, const char *path)
{
    char *real = realpath(path, NULL);
    if (!real)
        return end_of_links(a, path);
    const char *kept = arena_strdup(a, real);
    free(real);
    return kept;
}

static bool cannot(struct diag *d, const char *path)
{
    return diag_system(d, path, "cannot be written", errno);
}

/* What stands at the path, if anything may be written there. */
static bool look(const char *path, bool *direct, struct diag *d)
{
    struct stat info;
    if (!*path)
        return diag_input(d, NULL, 0, "the output's name is empty: -o takes the name of a file");
    bool there = stat(path, &info) == 0;
    if (there && S_ISDIR(info.st_mode))
        return diag_input(d, path, 0, "is a folder: -o takes the name of a file");
    if (there && access(path, W_OK) != 0)
        return cannot(d, path);
    *direct = there && (!S_ISREG(info.st_mode) || is_file_of(STDERR_FILENO, &info));
    return true;
}

bool output_check(struct arena *a, const char *path, struct diag *d)
{
    bool direct;
    if (is_stdout(path))
        return true;
    TRY(look(path, &direct, d));
    if (direct)
        return true;
    const char *real = real_path(a, path);
    return (real && access(folder_of(a, real), W_OK) == 0) || cannot(d, path);
}

/* --- opening ---------------------------------------------------------------------------------- */

/* Owner and rights of the file that is replaced, as far as the user may give them. */
static void keep_rights(int file, const char *path)
{
    struct stat old;
    if (stat(path, &old) != 0)
        return;
    if (fchown(file, old.st_uid, old.st_gid) != 0)
        (void)!fchown(file, (uid_t)-1, old.st_gid);
    (void)!fchmod(file, old.st_mode & UNNAMED_RIGHTS);
}

static FILE *stream_of(int file)
{
    FILE *stream = file >= 0 ? fdopen(file, "w") : NULL;
    if (!stream && file >= 0)
        close(file);
    return stream;
}

static FILE *open_direct(const char *path)
{
    struct stat info;
    bool is_stderr = stat(path, &info) == 0 && is_file_of(STDERR_FILENO, &info);
    return is_stderr ? stream_of(dup(STDERR_FILENO)) : fopen(path, "w");
}

static bool open_file(struct arena *a, const char *path, struct output *out)
{
    const char *real = real_path(a, path);
    if (!real)
        return false;
    const char *folder = folder_of(a, real);
    out->path = real;
    out->aside = arena_printf(a, "%s/cimarron-XXXXXX", folder);
    int file = unnamed_open(folder, out->aside);
    if (file >= 0)
        keep_rights(file, real);
    out->stream = stream_of(file);
    return out->stream != NULL;
}

bool output_open(struct arena *a, const char *path, struct output *out, struct diag *d)
{
    bool direct;
    *out = (struct output){.stream = stdout};
    if (is_stdout(path))
        return true;
    TRY(look(path, &direct, d));
    out->path = path;
    if (!direct)
        return open_file(a, path, out) || cannot(d, path);
    out->stream = open_direct(path);
    return out->stream || cannot(d, path);
}

/* --- the end ---------------------------------------------------------------------------------- */

/* What stands under the name must survive a crash of the machine as well; where that cannot be
 * had (a pipe, a file system without it) it is no failure. */
static bool keep_on_disk(int file)
{
    return fsync(file) == 0 || errno == EINVAL || errno == EROFS || errno == ENOTSUP;
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
    if (ok && o->aside)
        ok = keep_on_disk(fileno(o->stream)) &&
             unnamed_give_name(fileno(o->stream), o->aside, o->path);
    int reason = errno;
    bool gone = !ok && reader_has_gone(o->stream);
    if (o->path && fclose(o->stream) != 0 && ok) {
        ok = false;
        reason = errno;
    }
    return ok || gone || failed(o, reason, d);
}

void output_abandon(struct output *o)
{
    if (o->path)
        fclose(o->stream);
}
