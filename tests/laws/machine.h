/* machine.h — a run with overrides in a child of its own, for laws that compare machines. */
#ifndef CIMARRON_TEST_MACHINE_H
#define CIMARRON_TEST_MACHINE_H

#include "tests/laws/matrix.h"

enum { SETS_MAX = 8 };

/* A run with overrides; `set` are PATH=VALUE pairs. */
struct machine {
    const char *system, *trace;
    struct cfg_override set[SETS_MAX];
    size_t set_count;
    int64_t batch; /* 0: 1 */
    int64_t devices, tensor;
    bool exact;
};

static void evaluate_machine(const void *user, FILE *out)
{
    static const char *const no_gpu[] = {NULL};
    const struct machine *m = user;
    struct run_request q = {.system = m->system,
                            .trace = m->trace,
                            .batch = m->batch > 0 ? m->batch : 1,
                            .set = m->set,
                            .set_count = m->set_count,
                            .baselines = no_gpu,
                            .seed = 1,
                            .devices = m->devices,
                            .tensor = m->tensor,
                            .exact = m->exact};
    struct arena *a = arena_open();
    struct diag d = {.status = 0};
    json_t *result = NULL;
    if (!run_evaluate(a, &q, &result, &d))
        result = json_pack("{s:i, s:s}", "status", d.status, "refused", d.text);
    json_dumpf(result, out, JSON_REAL_PRECISION(17));
    json_decref(result);
    arena_close(a);
}

static inline json_t *run_machine(const struct machine *m)
{
    json_error_t error;
    char *text = child_text(evaluate_machine, m);
    json_t *o = json_loads(text, 0, &error);
    ck_assert_msg(o != NULL, "%s", error.text);
    free(text);
    return o;
}

static inline double time_of(const struct machine *m)
{
    json_t *o = run_machine(m);
    ck_assert_msg(held(o), "%s on %s: %s", m->trace, m->system,
                  json_string_value(json_object_get(o, "refused")));
    double s = number(o, "time_s");
    json_decref(o);
    return s;
}

#endif
