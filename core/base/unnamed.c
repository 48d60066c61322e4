#define _GNU_SOURCE /* O_TMPFILE */
#include "core/base/unnamed.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_BYTES = 1 << 16 };

static sigset_t hold_signals(void)
{
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    return before;
}

static void release_signals(const sigset_t *before)
{
    sigprocmask(SIG_SETMASK, before, NULL);
}

/* `aside` becomes the name of an empty file that nobody else has. */
static int fresh_file(char *aside)
{
    memset(aside + strlen(aside) - 6, 'X', 6);
    return mkstemp(aside);
}

/* Where the file system knows no files without a name, one that has just lost it. */
int unnamed_open(const char *folder, char *aside)
{
    int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
    if (file >= 0)
        return file;
    sigset_t before = hold_signals();
    file = fresh_file(aside);
    if (file >= 0) {
        mode_t mask = umask(0);
        umask(mask);
        unlink(aside);
        (void)!fchmod(file, 0666 & ~mask);
    }
    release_signals(&before);
    return file;
}

/* --- its name --------------------------------------------------------------------------------- */

static bool link_file(int file, char *aside)
{
    char held[64];
    int taken = fresh_file(aside);
    if (taken < 0)
        return false;
    close(taken);
    unlink(aside);
    snprintf(held, sizeof held, "/proc/self/fd/%d", file);
    return linkat(AT_FDCWD, held, AT_FDCWD, aside, AT_SYMLINK_FOLLOW) == 0;
}

static bool write_all(int file, const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t written = write(file, bytes, count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes += written;
        count -= (size_t)written;
    }
    return true;
}

static bool copy_bytes(int from, int to)
{
    char bytes[COPY_BYTES];
    ssize_t got;
    if (lseek(from, 0, SEEK_SET) != 0)
        return false;
    while ((got = read(from, bytes, sizeof bytes)) > 0)
        if (!write_all(to, bytes, (size_t)got))
            return false;
    return got == 0;
}

static bool copy_file(int file, char *aside)
{
    struct stat info;
    int copy = fresh_file(aside);
    if (copy < 0)
        return false;
    bool ok = fstat(file, &info) == 0 && copy_bytes(file, copy);
    int reason = errno;
    if (ok) {
        (void)!fchown(copy, info.st_uid, info.st_gid);
        (void)!fchmod(copy, info.st_mode & UNNAMED_RIGHTS);
    }
    bool closed = close(copy) == 0;
    if (!ok)
        errno = reason;
    return ok && closed;
}

/* No signal comes between the file's first name and its own. */
bool unnamed_give_name(int file, char *aside, const char *path)
{
    sigset_t before = hold_signals();
    bool ok = (link_file(file, aside) || copy_file(file, aside)) && rename(aside, path) == 0;
    int reason = errno;
    if (!ok)
        unlink(aside);
    release_signals(&before);
    errno = reason;
    return ok;
}
