/* faults.c — a library to preload: what may fail on any machine fails where a test says.
 *
 * CIMARRON_FAULT is the number of the allocation that fails, counted from main() over the program
 * and its children; at their end the count is written to CIMARRON_FAULT_COUNT, a file.
 * CIMARRON_FAULT_CALLS names calls that fail: "unnamed" (files without a name), "linkat", "rename",
 * "fsync". */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static atomic_long *allocations; /* shared with children; NULL before main() */
static long failing = -1;
static int (*program_main)(int argc, char **argv, char **environment);

/* libconfig 1.5 never looks at what malloc gave it; it is left alone. */
static bool is_of_libconfig(const void *caller)
{
    Dl_info of;
    return dladdr(caller, &of) && of.dli_fname && strstr(of.dli_fname, "libconfig");
}

static bool fails(const void *caller)
{
    return allocations && !is_of_libconfig(caller) &&
           atomic_fetch_add(allocations, 1) + 1 == failing;
}

static bool call_fails(const char *name)
{
    const char *calls = getenv("CIMARRON_FAULT_CALLS");
    return calls && strstr(calls, name);
}

static void *no_memory(void)
{
    errno = ENOMEM;
    return NULL;
}

void *malloc(size_t size)
{
    return fails(__builtin_return_address(0)) ? no_memory() : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails(__builtin_return_address(0)) ? no_memory() : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return fails(__builtin_return_address(0)) ? no_memory() : __libc_realloc(old, size);
}

static char *copy_of(const char *text, const void *caller)
{
    size_t size = strlen(text) + 1;
    char *copy = fails(caller) ? no_memory() : __libc_malloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

char *strdup(const char *text)
{
    return copy_of(text, __builtin_return_address(0));
}

/* The name that older headers give it. */
char *__strdup(const char *text)
{
    return copy_of(text, __builtin_return_address(0));
}

static int fail_with(int reason)
{
    errno = reason;
    return -1;
}

int fsync(int file)
{
    int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    return call_fails("fsync") ? fail_with(EIO) : next(file);
}

int rename(const char *from, const char *to)
{
    int (*next)(const char *, const char *) =
        (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
    return call_fails("rename") ? fail_with(EIO) : next(from, to);
}

int linkat(int from, const char *old, int to, const char *name, int flags)
{
    int (*next)(int, const char *, int, const char *, int) =
        (int (*)(int, const char *, int, const char *, int))dlsym(RTLD_NEXT, "linkat");
    return call_fails("linkat") ? fail_with(EPERM) : next(from, old, to, name, flags);
}

int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
    va_end(args);
    int (*next)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
    bool unnamed = (flags & O_TMPFILE) == O_TMPFILE;
    return unnamed && call_fails("unnamed") ? fail_with(EOPNOTSUPP) : next(path, flags, mode);
}

static void write_count(void)
{
    const char *path = getenv("CIMARRON_FAULT_COUNT");
    long count = *allocations;
    FILE *out = path ? fopen(path, "w") : NULL;
    if (!out)
        return;
    fprintf(out, "%ld\n", count);
    fclose(out);
}

static int counted_main(int argc, char **argv, char **environment)
{
    const char *number = getenv("CIMARRON_FAULT");
    atexit(write_count);
    failing = number ? strtol(number, NULL, 10) : -1;
    allocations =
        mmap(NULL, sizeof *allocations, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return program_main(argc, argv, environment);
}

int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*unload)(void), void *stack_end)
{
    int (*next)(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void),
                void (*)(void), void *) =
        (int (*)(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void),
                 void (*)(void), void *))dlsym(RTLD_NEXT, "__libc_start_main");
    program_main = main;
    return next(counted_main, argc, argv, init, fini, unload, stack_end);
}
