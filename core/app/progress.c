#include "core/app/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { BAR_WIDTH = 32 };

double wall_clock_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct progress progress_begin(bool wanted)
{
    struct progress p = {.wanted = wanted && isatty(STDERR_FILENO), .begun_s = wall_clock_s()};
    return p;
}

void progress_show(struct progress *p, size_t done, size_t count)
{
    double spent_s = wall_clock_s() - p->begun_s;
    if (!p->wanted || spent_s < 1)
        return;
    size_t filled = count ? done * BAR_WIDTH / count : 0;
    char bar[BAR_WIDTH + 1];
    for (size_t i = 0; i < BAR_WIDTH; i++)
        bar[i] = i < filled ? '#' : '.';
    bar[BAR_WIDTH] = '\0';
    fprintf(stderr, "\r  [%s] %zu of %zu, %.0f s", bar, done, count, spent_s);
    if (done)
        fprintf(stderr, ", %.0f s left", spent_s / (double)done * (double)(count - done));
    fputs(" \033[K", stderr);
    fflush(stderr);
    p->shown = true;
}

void progress_end(struct progress *p)
{
    if (p->shown)
        fputs("\r\033[K", stderr);
    p->shown = false;
}
