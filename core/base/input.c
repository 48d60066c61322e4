#define _XOPEN_SOURCE 700 /* setitimer */
#include "core/base/input.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

static bool is_pipe(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISFIFO(info.st_mode);
}

static void wake(int signal)
{
    (void)signal; /* it interrupts open() and nothing else */
}

/* open() of a named pipe waits for a writer; the timer's signal ends that.  The timer goes on, so
 * that a signal just before open() is not the last. */
static int open_pipe(const char *path)
{
    struct sigaction waking = {.sa_handler = wake}, before;
    struct itimerval second = {.it_value = {1, 0}, .it_interval = {0, 100000}}, none = {{0}, {0}};
    sigaction(SIGALRM, &waking, &before);
    setitimer(ITIMER_REAL, &second, NULL);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    int reason = errno;
    setitimer(ITIMER_REAL, &none, NULL);
    sigaction(SIGALRM, &before, NULL);
    errno = reason;
    return file;
}

int input_open(const char *path, struct diag *d)
{
    int file = is_pipe(path) ? open_pipe(path) : open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 && errno == EINTR)
        diag_input(d, path, 0, "is a pipe that nobody writes to: start what writes to it first");
    else if (file < 0)
        diag_system(d, path, "cannot be opened", errno);
    return file;
}

FILE *input_stream(const char *path, struct diag *d)
{
    int file = input_open(path, d);
    FILE *stream = file >= 0 ? fdopen(file, "rb") : NULL;
    if (file >= 0 && !stream) {
        diag_system(d, path, "cannot be opened", errno);
        close(file);
    }
    return stream;
}
