/* llm_pass.c — what pass of a model is asked for, and the header that tells it. */
#include <inttypes.h>
#include <string.h>

#include "traces/llm_build.h"
#include "traces/op_check.h"

static const char *const PHASES[LLM_PHASE_COUNT] = {"prefill", "decode", "encode", "training"};

/* --- options --------------------------------------------------------------------------------- */

static bool find_phase(const struct llm_model *m, const char *word, enum llm_phase *out,
                       struct diag *d)
{
    *out = m->family.encoder ? LLM_ENCODE : LLM_DECODE;
    if (!word)
        return true;
    for (int i = 0; i < LLM_PHASE_COUNT; i++) {
        if (strcmp(word, PHASES[i]) == 0) {
            *out = (enum llm_phase)i;
            return true;
        }
    }
    return diag_input(d, NULL, 0, "the phase is prefill, decode or encode, not '%.40s'", word);
}

static bool in_range(const char *what, int64_t value, int64_t low, int64_t high, struct diag *d)
{
    if (value >= low && value <= high)
        return true;
    return diag_input(d, NULL, 0, "%s is %" PRId64 "; %" PRId64 " to %" PRId64 " are possible",
                      what, value, low, high);
}

int64_t llm_at_most(int64_t value, int64_t limit)
{
    return limit > 0 && value > limit ? limit : value;
}

static void fill_defaults(const struct llm_model *m, const struct import_options *o,
                          struct llm_pass *p)
{
    int64_t usual = p->phase == LLM_ENCODE ? 384 : m->family.two_sided ? 512 : 2048;
    p->batch = o->batch > 0 ? o->batch : 1;
    p->steps = o->steps;
    p->generate = o->generate > 0 ? o->generate : llm_at_most(128, m->positions / 2);
    p->sequence = o->sequence > 0 ? o->sequence : llm_at_most(usual, m->positions);
    p->context = o->context;
    if (p->context > 0)
        return;
    p->context = 1024;
    if (m->positions > p->generate)
        p->context = llm_at_most(1024, m->positions - p->generate);
}

static int64_t longest(const struct llm_pass *p)
{
    return p->phase == LLM_DECODE ? p->context + p->generate : p->sequence;
}

/* Learned positions end; other models only get worse behind what they were trained for. */
static bool check_length(const struct llm_model *m, const struct llm_pass *p, struct diag *d)
{
    if (!m->family.learned_positions || m->positions == 0 || longest(p) <= m->positions)
        return true;
    return diag_input(d, NULL, 0,
                      "%" PRId64 " tokens are more than the %" PRId64
                      " positions that %s has learned",
                      longest(p), m->positions, m->name);
}

void llm_tell_length(struct arena *a, const struct llm_model *m, const struct llm_pass *p,
                     struct trace *t)
{
    if (m->positions == 0 || longest(p) <= m->positions)
        return;
    t->warnings++;
    t->warning = arena_printf(a,
                              "%" PRId64 " tokens are more than the %" PRId64
                              " positions (max_position_embeddings) that %s was made for",
                              longest(p), m->positions, m->name);
}

static bool check_phase(const struct llm_model *m, const struct llm_pass *p, struct diag *d)
{
    if (p->phase == LLM_TRAINING)
        return diag_input(d, NULL, 0,
                          "training traces are not made from a shape yet; prefill, decode and "
                          "encode are");
    if (m->family.encoder && p->phase != LLM_ENCODE)
        return diag_input(d, NULL, 0, "%s is an encoder without a cache: its phase is encode",
                          m->name);
    return true;
}

bool llm_plan_pass(const struct llm_model *m, const struct import_options *o, struct llm_pass *p,
                   struct diag *d)
{
    TRY(find_phase(m, o->phase, &p->phase, d));
    TRY(in_range("batch", o->batch, 0, 1000000000, d));
    TRY(in_range("sequence", o->sequence, 0, 1 << 30, d));
    TRY(in_range("context", o->context, 0, 1 << 30, d));
    TRY(in_range("generate", o->generate, 0, 1 << 30, d));
    TRY(in_range("activation bits", o->activation_bits, 1, OP_BITS_MAX, d));
    TRY(in_range("weight bits", o->weight_bits, 1, OP_BITS_MAX, d));
    TRY(in_range("KV bits", o->kv_bits, 0, OP_BITS_MAX, d));
    fill_defaults(m, o, p);
    TRY(check_phase(m, p, d));
    return check_length(m, p, d);
}

/* The step in the middle of what is generated. */
int64_t llm_middle_step(const struct llm_pass *p)
{
    return p->context + (p->generate + 1) / 2;
}

/* --- header --------------------------------------------------------------------------------- */

static const char *tell(struct llm_work *w, const struct llm_pass *p)
{
    const struct llm_model *m = w->model;
    const char *experts = m->experts > 0 ? "; experts evenly loaded" : "";
    const char *words = m->vocab > 0 ? "" : "; no vocabulary given: blocks only";
    if (p->phase == LLM_DECODE && p->steps)
        return arena_printf(w->arena, "%" PRId64 " decode steps after %" PRId64 " tokens%s%s",
                            p->generate, p->context, experts, words);
    if (p->phase == LLM_DECODE)
        return arena_printf(w->arena,
                            "one decode step that attends to %" PRId64
                            " tokens, the middle one of %" PRId64 " after %" PRId64 "%s%s",
                            llm_middle_step(p), p->generate, p->context, experts, words);
    return arena_printf(w->arena, "%s of %" PRId64 " tokens%s%s", PHASES[p->phase], p->sequence,
                        experts, words);
}

void llm_fill_header(struct llm_work *w, const struct llm_pass *p, const char *how,
                     const struct import_options *o, struct trace_header *h)
{
    const char *name = o->name ? o->name : w->model->name;
    int64_t steps = p->steps ? p->generate : 1;
    h->name = arena_strdup(w->arena, name);
    h->source = arena_printf(w->arena, "%s: %s", how, tell(w, p));
    h->work_unit = "token";
    h->phase = p->phase == LLM_ENCODE ? "inference" : PHASES[p->phase];
    h->batch = w->batch;
    h->work_count = (double)p->batch * (double)(p->phase == LLM_DECODE ? steps : p->sequence);
    h->context = p->phase == LLM_PREFILL ? p->sequence
                 : p->phase == LLM_DECODE
                     ? (p->steps ? p->context + p->generate : llm_middle_step(p))
                     : 0;
    h->activation_bits = w->activation_bits;
    h->weight_bits = w->weight_bits;
    h->kv_bits = w->kv_bits;
}
