#include "core/app/children.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/app/app.h"
#include "core/app/progress.h"
#include "core/base/alloc.h"

enum { CHILDREN_MAX = 64, READ_BYTES = 1 << 16, POLL_MS = 200, CANNOT_SEND = 2 };

/* A child at work; its pipe's end is -1 when it is none. */
struct child {
    pid_t pid;
    int pipe;
    size_t index;
    char *text;
    size_t size, room;
};

struct crew {
    const struct children *asked;
    struct child child[CHILDREN_MAX];
    size_t places; /* children side by side */
    size_t next;   /* index of the next piece of work */
    size_t done;
    size_t first_failed; /* smallest index that failed; SIZE_MAX: none */
    struct diag complaint;
    json_t **results;
};

/* --- in the child ----------------------------------------------------------------------------- */

static double spent_cpu_s(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_utime.tv_sec + (double)u.ru_stime.tv_sec +
           1e-6 * ((double)u.ru_utime.tv_usec + (double)u.ru_stime.tv_usec);
}

static void fill_times(const struct children *c, json_t *result)
{
    if (c->manner.untimed) {
        json_object_del(result, "cpu_s");
        json_object_del(result, "wall_s");
    } else if (!json_is_number(json_object_get(result, "cpu_s"))) {
        json_object_set_new(result, "cpu_s", json_real(spent_cpu_s()));
    }
}

/* The answer of a child: its result, or what diag says. */
static json_t *answer(const struct children *c, size_t index)
{
    struct diag d = {0};
    json_t *result = NULL;
    if (c->work(arena_open(), c->user, index, &result, &d)) {
        fill_times(c, result);
        return json_pack("{s:o}", "result", result);
    }
    return json_pack("{s:{s:s, s:i, s:i, s:s}}", "diag", "file", d.file, "line", d.line, "status",
                     d.status, "text", d.text);
}

/* What a model's library prints goes to stderr: stdout belongs to the result. */
static void child_main(const struct children *c, size_t index, int pipe, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1); /* the parent has ended already: nobody waits for the result */
    dup2(STDERR_FILENO, STDOUT_FILENO);
    FILE *out = fdopen(pipe, "w");
    if (!out)
        alloc_end();
    json_t *message = answer(c, index);
    bool sent =
        json_dumpf(message, out, JSON_COMPACT | JSON_REAL_PRECISION(17)) == 0 && fclose(out) == 0;
    fflush(stdout);
    _exit(sent ? 0 : CANNOT_SEND);
}

/* --- in the parent ---------------------------------------------------------------------------- */

/* Of several the first in order counts; those behind it are ended. */
static void end_all(struct crew *crew, size_t index, const struct diag *d)
{
    if (index < crew->first_failed) {
        crew->first_failed = index;
        crew->complaint = *d;
    }
    for (size_t i = 0; i < crew->places; i++)
        if (crew->child[i].pipe >= 0 && crew->child[i].index > index)
            kill(crew->child[i].pid, SIGKILL);
}

/* Hands on what came of a piece of work; one that cannot be taken ends all. */
static void hand_on(struct crew *crew, size_t index, const json_t *result,
                    const struct diag *failed)
{
    struct diag d = {0};
    const struct children *c = crew->asked;
    if (crew->first_failed == SIZE_MAX && !c->take(c->to, index, result, failed, &d))
        end_all(crew, 0, &d);
}

static void fail(struct crew *crew, size_t index, const struct diag *d)
{
    if (crew->asked->take)
        hand_on(crew, index, NULL, d);
    else
        end_all(crew, index, d);
}

static void fail_cannot(struct crew *crew, size_t index, const char *what)
{
    struct diag d = {0};
    const struct children *c = crew->asked;
    diag_cannot(&d, "%s: %s", c->label(c->user, index), what);
    fail(crew, index, &d);
}

static void start(struct crew *crew, struct child *child)
{
    int ends[2];
    size_t index = crew->next++;
    *child = (struct child){.pipe = -1, .index = index};
    if (pipe(ends) != 0) {
        fail_cannot(crew, index, strerror(errno));
        return;
    }
    fflush(NULL);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        close(ends[0]);
        child_main(crew->asked, index, ends[1], parent);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        fail_cannot(crew, index, strerror(errno));
        return;
    }
    child->pid = pid;
    child->pipe = ends[0];
}

static void take_diag(struct crew *crew, size_t index, const json_t *said)
{
    struct diag d = {.line = (int)json_integer_value(json_object_get(said, "line")),
                     .status = (int)json_integer_value(json_object_get(said, "status"))};
    const char *file = json_string_value(json_object_get(said, "file"));
    const char *text = json_string_value(json_object_get(said, "text"));
    snprintf(d.file, sizeof d.file, "%s", file ? file : "");
    snprintf(d.text, sizeof d.text, "%s", text ? text : "");
    if (!d.status)
        d.status = 1;
    fail(crew, index, &d);
}

/* A child that says nothing whole has crashed or was killed; with status 1 it has told why. */
static void take_crash(struct crew *crew, size_t index, int status)
{
    char what[160];
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FAILURE) {
        struct diag told = {.status = EXIT_FAILURE};
        fail(crew, index, &told);
        return;
    }
    if (WIFSIGNALED(status))
        snprintf(what, sizeof what, "its process was ended by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(what, sizeof what, "its process ended with status %d and no result",
                 WEXITSTATUS(status));
    fail_cannot(crew, index, what);
}

static void finish(struct crew *crew, struct child *child)
{
    int status = 0;
    close(child->pipe);
    child->pipe = -1;
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
        ;
    crew->done++;
    bool whole = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    json_t *message = whole ? json_loadb(child->text, child->size, 0, NULL) : NULL;
    free(child->text);
    json_t *result = json_object_get(message, "result");
    if (result && crew->asked->take)
        hand_on(crew, child->index, result, NULL);
    else if (result)
        crew->results[child->index] = json_incref(result);
    else if (message)
        take_diag(crew, child->index, json_object_get(message, "diag"));
    else
        take_crash(crew, child->index, status);
    json_decref(message);
}

/* Reads what the child has sent; at the end of it the child is done. */
static void read_some(struct crew *crew, struct child *child)
{
    if (child->size + READ_BYTES > child->room) {
        child->room = 2 * (child->size + READ_BYTES);
        char *larger = realloc(child->text, child->room);
        if (!larger)
            alloc_end();
        child->text = larger;
    }
    ssize_t got = read(child->pipe, child->text + child->size, READ_BYTES);
    if (got > 0)
        child->size += (size_t)got;
    else if (got == 0 || errno != EINTR)
        finish(crew, child);
}

static bool may_start(const struct crew *crew)
{
    return crew->next < crew->asked->count && crew->next < crew->first_failed;
}

/* Fills free places and waits for news; false when nothing is left to do. */
static bool step(struct crew *crew)
{
    struct pollfd wait[CHILDREN_MAX];
    size_t busy = 0, of[CHILDREN_MAX];
    for (size_t i = 0; i < crew->places; i++) {
        if (crew->child[i].pipe < 0 && may_start(crew))
            start(crew, &crew->child[i]);
        if (crew->child[i].pipe >= 0) {
            of[busy] = i;
            wait[busy++] = (struct pollfd){.fd = crew->child[i].pipe, .events = POLLIN};
        }
    }
    if (busy && poll(wait, (nfds_t)busy, POLL_MS) > 0)
        for (size_t i = 0; i < busy; i++)
            if (wait[i].revents)
                read_some(crew, &crew->child[of[i]]);
    return busy || may_start(crew);
}

static size_t places(size_t count, size_t jobs)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t most = cores < 1 ? 1 : cores > CHILDREN_MAX ? CHILDREN_MAX : (size_t)cores;
    if (jobs)
        most = jobs < CHILDREN_MAX ? jobs : CHILDREN_MAX;
    return count < most ? count : most;
}

/* The results as one array; with `drop` they are given back instead. */
static json_t *collect(struct crew *crew, bool drop)
{
    json_t *list = json_array();
    for (size_t i = 0; i < crew->asked->count; i++) {
        if (drop)
            json_decref(crew->results[i]);
        else if (crew->results[i])
            json_array_append_new(list, crew->results[i]);
    }
    return list;
}

bool children_run(struct arena *a, const struct children *c, json_t **out, struct diag *d)
{
    struct crew *crew = ARENA_NEW(a, struct crew);
    crew->asked = c;
    crew->places = places(c->count, c->jobs);
    crew->first_failed = SIZE_MAX;
    crew->results = ARENA_ARRAY(a, json_t *, c->count);
    for (size_t i = 0; i < crew->places; i++)
        crew->child[i].pipe = -1;
    struct progress bar = progress_begin(c->manner.bar);
    while (step(crew))
        progress_show(&bar, crew->done, c->count);
    progress_end(&bar);
    bool ok = crew->first_failed == SIZE_MAX;
    *out = collect(crew, !ok);
    if (ok)
        return true;
    json_decref(*out);
    *out = NULL;
    if (!d->status)
        *d = crew->complaint;
    return false;
}

/* --- one ---------------------------------------------------------------------------------- */

struct one {
    children_work *work;
    const void *user;
    const char *name;
};

static bool work_of_one(struct arena *a, const void *user, size_t index, json_t **out,
                        struct diag *d)
{
    const struct one *one = user;
    return one->work(a, one->user, index, out, d);
}

static const char *label_of_one(const void *user, size_t index)
{
    (void)index;
    return ((const struct one *)user)->name;
}

bool children_run_one(struct arena *a, children_work *work, const void *user, const char *name,
                      struct children_manner manner, json_t **out, struct diag *d)
{
    struct one one = {work, user, name};
    struct children c = {
        .work = work_of_one, .user = &one, .count = 1, .label = label_of_one, .manner = manner};
    json_t *list;
    TRY(children_run(a, &c, &list, d));
    *out = json_incref(json_array_get(list, 0));
    json_decref(list);
    return true;
}

struct children_manner children_manner_of(const struct app *app)
{
    return (struct children_manner){.bar = !app->common.quiet, .untimed = app->common.no_timing};
}
