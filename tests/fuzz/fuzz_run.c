/* fuzz_run.c — any bytes as a trace, planned on small systems, and some of the plans played.
 *
 * The kernel of a simulation starts once a process: each is played in one of its own.  System,
 * batch and whether it is played hang on the bytes alone.  Traces of much work are left out: how
 * long they may take is another question. */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "core/plan/plan.h"
#include "core/report/run.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static const char *const SYSTEMS[] = {"dcim_22nm",  "isaac",   "pimca",        "puma",
                                      "ibm_64core", "neurram", "dcim_5nm_hbm3"};
enum { OPS_MAX = 200, PLAYED_ONE_OF = 4, PLAY_S = 60 };
static const double WORK_MAX = 1e8;

static struct system *systems[COUNT_OF(SYSTEMS)]; /* opened once; nothing writes to them */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct arena *a = arena_open();
    struct diag d = {.status = 0};
    (void)argc, (void)argv;
    for (size_t i = 0; i < COUNT_OF(SYSTEMS); i++)
        if (!system_open(a, SYSTEMS[i], NULL, 0, &systems[i], &d))
            abort();
    return 0;
}

static double in_elements(const struct op *o)
{
    double sum = o->in.dims ? (double)shape_elements(&o->in) : 0;
    for (size_t i = 0; o->more_in && i < o->n_inputs; i++)
        sum += (double)shape_elements(&o->more_in[i]);
    return sum;
}

static bool is_small(const struct trace *t)
{
    double work = 0;
    for (size_t i = 0; i < t->count; i++) {
        const struct op *o = &t->ops[i];
        double move =
            o->kind == OP_KV_APPEND || o->kind == OP_KV_READ ? (double)o->u.move.bytes : 0;
        work += op_macs(o) + 10 * op_weight_elements(o) + 10 * op_out_elements(o) + move +
                10 * in_elements(o);
    }
    return work <= WORK_MAX && t->header.batch <= 64;
}

static void evaluate(struct arena *a, struct system *s, const struct trace *t,
                     const struct run_request *q)
{
    json_t *result = NULL;
    struct diag d = {.status = 0};
    if (fuzz_took(run_evaluate_open(a, s, t, q, &result, &d), &d))
        json_decref(result);
}

/* In a process of its own, which has to end by itself and in time. */
static void play(struct arena *a, struct system *s, const struct trace *t)
{
    static const char *const no_gpu[] = {NULL};
    const struct run_request q = {.batch = 1, .baselines = no_gpu, .seed = 1};
    int status = 0;
    pid_t pid = fork(), ended;
    if (pid == 0) {
        signal(SIGALRM, SIG_DFL);
        alarm(PLAY_S);
        evaluate(a, s, t, &q);
        _exit(0);
    }
    do /* libFuzzer looks at its clock now and then */
        ended = waitpid(pid, &status, 0);
    while (ended < 0 && errno == EINTR);
    if (pid < 0 || ended != pid || status != 0) {
        fprintf(stderr, "playing it on %s ended with status %#x\n", s->name, (unsigned)status);
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct trace t;
    struct plan *p;
    uint64_t choice = fuzz_hash(data, size);
    struct diag d = {.status = 0};
    struct arena *a = arena_open();
    struct fuzz_input in = fuzz_input_open(data, size);
    if (!systems[0])
        LLVMFuzzerInitialize(NULL, NULL);
    struct system *s = systems[choice % COUNT_OF(SYSTEMS)];
    bool fits = trace_load(a, in.path, OPS_MAX, &t, &d) &&
                trace_scale_batch(&t, (int64_t)(choice >> 16) % 3 + 1, &d) && is_small(&t);
    if (fits && fuzz_took(plan_make(a, s, &t, &p, &d), &d) && (choice >> 8) % PLAYED_ONE_OF == 0)
        play(a, s, &t);
    fuzz_input_close(&in);
    arena_close(a);
    return 0;
}
