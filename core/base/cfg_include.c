#include "core/base/cfg_include.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cfg.h"
#include "core/base/text.h"

/* "a/b/../c" without the detour, when that is the same file (symbolic links may differ). */
static const char *without_detours(struct arena *keep, const char *path)
{
    char *tidy = arena_strdup(keep, path), *up;
    while ((up = strstr(tidy + 1, "/../"))) {
        char *name = up;
        while (name > tidy && name[-1] != '/')
            name--;
        if (name == up || strncmp(name, "../", 3) == 0 || strncmp(name, "./", 2) == 0)
            return path;
        memmove(name, up + 4, strlen(up + 4) + 1);
    }
    struct stat a, b;
    bool same =
        stat(path, &a) == 0 && stat(tidy, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
    return same ? tidy : path;
}

static bool is_there(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

/* Beside the including file; a part that is not there may be one of configs/. */
const char *cfg_include_path(struct arena *keep, const char *includer, const char *path)
{
    const char *slash = strrchr(includer, '/');
    if (path[0] == '/')
        return path;
    const char *beside =
        slash ? without_detours(
                    keep, arena_printf(keep, "%.*s/%s", (int)(slash - includer), includer, path))
              : path;
    if (is_there(beside) || path[0] == '.')
        return beside;
    const char *shipped = arena_printf(keep, "%s/configs/%s", cfg_home(keep), path);
    return is_there(shipped) ? shipped : beside;
}

static bool complain(const struct cfg_source_file *file, struct diag *d, const char *what)
{
    if (!file->from.file)
        return diag_input(d, file->name, 0, "%s", what);
    return diag_input(d, file->from.file, file->from.line, "cannot include %s: %s", file->name,
                      what);
}

static bool refuse_loop(const struct cfg_source_file *file, struct diag *d)
{
    int depth = 0;
    for (const struct cfg_source_file *f = file->includer; f; f = f->includer) {
        if (f->device == file->device && f->inode == file->inode)
            return complain(file, d,
                            "it is being read already: the files include each other in "
                            "a loop");
        depth++;
    }
    if (depth > CFG_INCLUDE_DEPTH)
        return complain(file, d, "includes nest more than 10 deep");
    return true;
}

static bool read_all(int fd, struct arena *scratch, struct cfg_source_file *file, size_t expected,
                     size_t limit, struct diag *d)
{
    if (expected > limit)
        return complain(file, d, "configs may have at most 4 MiB in all");
    char *text = arena_alloc(scratch, expected + 1, 1);
    for (;;) {
        ssize_t got = read(fd, text + file->size, expected + 1 - file->size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return complain(file, d, "it cannot be read");
        if (got == 0)
            break;
        file->size += (size_t)got;
        if (file->size > expected)
            return complain(file, d, "it grows while it is read");
    }
    file->text = text;
    return true;
}

static bool refuse_nul(const struct cfg_source_file *file, struct diag *d)
{
    const char *nul = memchr(file->text, '\0', file->size);
    if (!nul)
        return true;
    int line = 1;
    for (const char *at = file->text; at < nul; at++)
        line += *at == '\n';
    return diag_input(d, file->name, line, "a zero byte: this is not a text file");
}

static bool read_open(int fd, struct arena *scratch, struct cfg_source_file *file, size_t limit,
                      struct diag *d)
{
    struct stat info;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
        return complain(file, d, "it is not a regular file");
    file->device = info.st_dev;
    file->inode = info.st_ino;
    TRY(refuse_loop(file, d));
    TRY(read_all(fd, scratch, file, (size_t)info.st_size, limit, d));
    size_t mark = text_mark_bytes(file->text, file->size);
    file->text += mark;
    file->size -= mark;
    return refuse_nul(file, d);
}

bool cfg_include_read(struct arena *scratch, struct cfg_source_file *file, size_t limit,
                      struct diag *d)
{
    /* O_NONBLOCK: opening a FIFO must not wait for a writer. */
    int fd = open(file->name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return complain(file, d, errno == ENOENT ? "there is no such file" : strerror(errno));
    bool done = read_open(fd, scratch, file, limit, d);
    close(fd);
    return done;
}
