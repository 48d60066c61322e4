/* measure.c — what a command costs: CPU seconds and the largest memory of one of its processes.
 *
 * usage: measure RUNS COMMAND [ARGUMENT...]
 * Prints "CPU_SECONDS WALL_SECONDS PEAK_MB": the least CPU and wall time of the runs (the rest is
 * other people's load) and the largest memory.  The command's stdout is dropped.  Exit 1 when a
 * run fails. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct cost {
    double cpu_s, wall_s, peak_mb;
};

static double wall_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

/* CPU time of all children so far that were waited for, theirs included. */
static struct rusage children(void)
{
    struct rusage u;
    getrusage(RUSAGE_CHILDREN, &u);
    return u;
}

static void become(char **command)
{
    int null = open("/dev/null", O_WRONLY);
    if (null < 0 || dup2(null, STDOUT_FILENO) < 0)
        _exit(127);
    execvp(command[0], command);
    perror(command[0]);
    _exit(127);
}

static int run_once(char **command, struct cost *c)
{
    struct rusage before = children(), after;
    double from = wall_seconds();
    int status;
    pid_t child = fork();
    if (child == 0)
        become(command);
    if (child < 0 || waitpid(child, &status, 0) != child)
        return 0;
    after = children();
    c->wall_s = wall_seconds() - from;
    c->cpu_s = seconds(after.ru_utime) + seconds(after.ru_stime) - seconds(before.ru_utime) -
               seconds(before.ru_stime);
    c->peak_mb = (double)after.ru_maxrss / 1024; /* Linux counts KiB */
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int argc, char **argv)
{
    long runs = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
    struct cost least = {.cpu_s = 1e300, .wall_s = 1e300, .peak_mb = 0}, c;
    if (runs < 1) {
        fprintf(stderr, "usage: measure RUNS COMMAND [ARGUMENT...]\n");
        return 2;
    }
    for (long i = 0; i < runs; i++) {
        if (!run_once(argv + 2, &c))
            return 1;
        least.cpu_s = c.cpu_s < least.cpu_s ? c.cpu_s : least.cpu_s;
        least.wall_s = c.wall_s < least.wall_s ? c.wall_s : least.wall_s;
        least.peak_mb = c.peak_mb > least.peak_mb ? c.peak_mb : least.peak_mb;
    }
    printf("%.3f %.3f %.1f\n", least.cpu_s, least.wall_s, least.peak_mb);
    return 0;
}
