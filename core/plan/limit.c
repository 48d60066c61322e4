/* limit.c — what is beyond any machine is refused before work begins, by one sentence that names
 * the operator and the limit.
 *
 * Sizes of a trace may be anything up to 10^18; a plan keeps pieces of rows, stages and times.  The
 * limits lie far above what any system here could hold or finish: rows of a terabyte, hundreds of
 * thousands of stages, a run of two weeks. */
#include <math.h>

#include "core/base/units.h"
#include "core/plan/internal.h"

static const double ROWS_BYTES_MAX = 0x1p40; /* of one operand or result, a sample */
static const double RUN_PS_MAX = 0x1p60;     /* an eighth of what time_ps holds */
enum { STAGES_MAX = 1 << 17, PIECES_MAX = 1 << 22 };

static const char *name_of(const struct op *o)
{
    return o->name ? o->name : "";
}

/* --- rows ------------------------------------------------------------------------------------ */

/* The larger of what an op reads and makes for one sample, in elements. */
static double rows_elements(const struct plan *p, const struct op *o)
{
    const double both = (double)o->u.matmul.batch * (double)o->u.matmul.m;
    double in = (double)shape_elements(&o->in), out = op_out_elements(o);
    if (o->kind == OP_MATMUL)
        in = both * (double)o->u.matmul.k;
    return fmax(in, out) / (double)p->samples;
}

static bool check_rows(const struct plan *p, const struct op *o, struct diag *d)
{
    double bytes = rows_elements(p, o) * o->activation_bits / 8;
    if (bytes <= ROWS_BYTES_MAX)
        return true;
    return diag_input(d, p->trace->path, 0,
                      "op %d (%.80s) has rows of %.3g bytes a sample; a run takes at most 2^40",
                      o->id, name_of(o), bytes);
}

/* --- stages ---------------------------------------------------------------------------------- */

static bool check_stages(const struct plan *p, const struct op *o, double stages, struct diag *d)
{
    if (stages <= STAGES_MAX)
        return true;
    return diag_input(d, p->trace->path, 0,
                      "op %d (%.80s) brings the stages on %s to %.0f; a plan has at most %d", o->id,
                      name_of(o), p->system->name, stages, STAGES_MAX);
}

bool plan_check_stages(const struct plan *p, const struct op *o, double more, struct diag *d)
{
    return check_stages(p, o, (double)p->stage_count + more, d);
}

/* --- all of a trace -------------------------------------------------------------------------- */

bool plan_check_ops(const struct plan *p, struct diag *d)
{
    double stages = 0;
    for (size_t i = 0; i < p->trace->count; i++) {
        const struct op *o = &p->trace->ops[i];
        stages += op_has_arrays(o) || o->kind == OP_POOL; /* whatever else becomes of others */
        TRY(check_rows(p, o, d));
        TRY(check_stages(p, o, stages, d));
    }
    return true;
}

/* --- pieces ---------------------------------------------------------------------------------- */

int64_t plan_pieces_within(const struct plan *p, int64_t target)
{
    double pieces = 0;
    int64_t cut = 0;
    for (size_t i = 0; i < p->stage_count; i++) {
        cut += !plan_is_twin(p, &p->stages[i]);
        if (!plan_is_twin(p, &p->stages[i]))
            pieces += (double)least(p->stages[i].rows, target);
    }
    return pieces <= PIECES_MAX ? target : least(target, PIECES_MAX / cut);
}

/* --- time ------------------------------------------------------------------------------------ */

/* The layer that a stage works for, by its op; of sources and sinks the op that they belong to. */
static const char *layer_name(const struct plan *p, const struct stage *s)
{
    int64_t at = s->layer >= 0 ? trace_index(p->trace, s->layer) : -1;
    return at >= 0 ? name_of(&p->trace->ops[at]) : "input";
}

bool plan_check_times(const struct plan *p, const struct plan_bound *least_ps, struct diag *d)
{
    const struct stage *slowest = NULL;
    double sum = 0, most = -1;
    for (size_t i = 0; i < p->stage_count; i++) {
        const struct stage *s = &p->stages[i];
        double ps = plan_is_twin(p, s) || stage_is_outside(s) ? 0 : stage_sample_ps(s);
        sum += ps;
        slowest = ps > most ? s : slowest;
        most = fmax(most, ps);
    }
    double ps = sum + least_ps->largest_ps;
    if (ps <= RUN_PS_MAX)
        return true;
    return diag_input(d, NULL, 0,
                      "op %d (%.80s) takes %.3g s a sample on %s, and batch %lld in all at least "
                      "%.3g s; a run takes at most 2^60 ps (13 days)",
                      slowest->layer, layer_name(p, slowest), ps_to_s(most), p->system->name,
                      (long long)p->samples, ps_to_s(ps));
}
