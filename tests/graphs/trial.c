#include "tests/graphs/trial.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/report/run.h"

struct wish {
    const struct pair *pair;
    const struct trace *trace;
    int64_t batch;
    bool exact;
};

enum { MEMORY_MOST = INT32_MAX };

/* --- in the child ----------------------------------------------------------------------------- */

static json_t *evaluate(const struct wish *w)
{
    static const char *const no_gpu[] = {NULL};
    const struct pair *p = w->pair;
    struct run_request q = {.batch = w->batch,
                            .activation_bits = p->activation_bits,
                            .weight_bits = p->weight_bits,
                            .baselines = no_gpu,
                            .seed = 1,
                            .exact = w->exact};
    struct arena *a = arena_open();
    struct diag d = {.status = 0};
    json_t *result = NULL;
    if (!run_evaluate_open(a, p->system, w->trace, &q, &result, &d))
        return json_pack("{s:i, s:s}", "status", d.status, "refused", d.text);
    json_object_del(result, "cpu_s");
    return result;
}

static _Noreturn void child(const struct wish *w, int pipe)
{
    const rlim_t most_s = (rlim_t)w->pair->cpu_s;
    const struct rlimit cpu = {most_s, most_s + 1}, core = {0, 0};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setrlimit(RLIMIT_CPU, &cpu);
    setrlimit(RLIMIT_CORE, &core);
#ifndef GRAPHS_SANITIZED /* they take terabytes of addresses */
    const struct rlimit memory = {MEMORY_MOST, MEMORY_MOST};
    setrlimit(RLIMIT_AS, &memory);
#endif
    alarm((unsigned)w->pair->cpu_s * 20); /* waiting is no work */
    FILE *out = fdopen(pipe, "w");
    json_t *result = evaluate(w);
    bool sent = out && json_dumpf(result, out, JSON_INDENT(1) | JSON_REAL_PRECISION(17)) == 0;
    _exit(sent && fclose(out) == 0 ? 0 : 1);
}

/* --- in the parent ---------------------------------------------------------------------------- */

static char *read_all(int pipe)
{
    size_t size = 0, room = 1 << 16;
    char *text = malloc(room);
    FILE *in = fdopen(pipe, "r");
    for (size_t n; in && text && (n = fread(text + size, 1, room - size - 1, in)) > 0; size += n)
        if (room - size - n < 2)
            text = realloc(text, room *= 2);
    if (!in || !text)
        abort();
    text[size] = '\0';
    fclose(in);
    return text;
}

static void take(struct trial *t, int status)
{
    const char *why;
    t->ended = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (WIFSIGNALED(status))
        snprintf(t->said, sizeof t->said, "ended by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else if (!t->ended)
        snprintf(t->said, sizeof t->said, "ended with status %d", WEXITSTATUS(status));
    json_t *o = t->ended ? json_loads(t->text, 0, NULL) : NULL;
    if (json_unpack(o, "{s:i, s:s}", "status", &t->status, "refused", &why) != 0) {
        t->result = o;
        return;
    }
    snprintf(t->said, sizeof t->said, "%s", why);
    json_decref(o);
}

struct trial trial_run(const struct pair *p, const struct trace *t, int64_t batch, bool exact)
{
    struct wish w = {p, t, batch, exact};
    struct trial out = {0};
    int ends[2], status = 0;
    fflush(NULL);
    pid_t pid = pipe(ends) == 0 ? fork() : -1;
    if (pid < 0) {
        perror("there is no process for a run");
        exit(EXIT_FAILURE);
    }
    if (pid == 0) {
        close(ends[0]);
        child(&w, ends[1]);
    }
    close(ends[1]);
    out.text = read_all(ends[0]);
    waitpid(pid, &status, 0);
    take(&out, status);
    return out;
}

void trial_close(struct trial *t)
{
    free(t->text);
    json_decref(t->result);
}
