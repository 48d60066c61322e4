/* child.h — work in a forked child: a simulation kernel can be started once per process.
 *
 * The child writes what it found to a stream that the parent reads to its end.  A child that dies
 * fails the caller's test. */
#ifndef CIMARRON_TEST_CHILD_H
#define CIMARRON_TEST_CHILD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef void child_work(const void *user, FILE *out);

static inline _Noreturn void child_fail(const char *what)
{
    fprintf(stderr, "child: %s\n", what);
    abort();
}

static inline FILE *child_start(child_work *work, const void *user, pid_t *child)
{
    int ends[2];
    fflush(NULL);
    if (pipe(ends) != 0 || (*child = fork()) < 0)
        child_fail("there is no process for it");
    if (*child == 0) {
        close(ends[0]);
        FILE *out = fdopen(ends[1], "w");
        work(user, out);
        _exit(fclose(out) == 0 ? 0 : 1);
    }
    close(ends[1]);
    return fdopen(ends[0], "r");
}

/* Everything that the child wrote, followed by a zero byte; the caller frees it. */
static inline char *child_text(child_work *work, const void *user)
{
    pid_t child;
    FILE *in = child_start(work, user, &child);
    size_t size = 0, room = 1 << 16;
    char *text = malloc(room);
    for (size_t n; (n = fread(text + size, 1, room - size - 1, in)) > 0; size += n)
        if (room - size - n < 2)
            text = realloc(text, room *= 2);
    text[size] = '\0';
    fclose(in);
    int status = 0;
    waitpid(child, &status, 0);
    if (status != 0) {
        fprintf(stderr, "child: ended with status %d after: %.400s\n", status, text);
        abort();
    }
    return text;
}

/* Exactly `count` numbers that the child wrote with child_number. */
static inline void child_number(FILE *out, double x)
{
    fprintf(out, "%.17g\n", x);
}

static inline void child_numbers(child_work *work, const void *user, double *out, size_t count)
{
    char *text = child_text(work, user), *at = text;
    for (size_t i = 0; i < count; i++) {
        char *end;
        out[i] = strtod(at, &end);
        if (end == at)
            child_fail("it wrote fewer numbers than expected");
        at = end;
    }
    free(text);
}

#endif
