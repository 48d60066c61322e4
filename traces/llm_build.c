/* llm_build.c — a phase of a model: embedding, blocks, head; steps of decode one after the other.
 */
#include "traces/llm_build.h"

#include <inttypes.h>

#include "traces/op_check.h"

enum { STEP_LINES_MAX = 1000000 };

/* --- embedding ------------------------------------------------------------------------------- */

/* Both sides of a two-sided model look words up in one table. */
static const char *word_table(struct llm_work *w)
{
    return w->model->family.two_sided ? "wte" : llm_weight(w, "wte");
}

static int32_t own_table(struct llm_work *w, const char *part, int64_t rows, int32_t x)
{
    return llm_table(w, part, llm_weight(w, part), rows, w->model->hidden, x);
}

/* Hidden states come from outside when no vocabulary is known. */
static void enter(struct llm_work *w, int32_t previous)
{
    struct op *o = llm_emit(w, OP_RESHAPE, "hidden", previous, -1);
    o->in = o->out = llm_shape(w, w->queries, w->model->hidden);
}

static void embed(struct llm_work *w, int32_t previous)
{
    const struct llm_model *m = w->model;
    if (m->vocab == 0) {
        enter(w, previous);
        return;
    }
    int32_t x = llm_table(w, "wte", word_table(w), m->vocab, m->embed_width, previous);
    if (m->embed_width != m->hidden)
        x = llm_linear(w, "project_in", x, w->queries, m->embed_width, m->hidden);
    if (m->family.learned_positions && m->positions > 0) {
        int32_t positions = own_table(w, "wpe", m->positions, -1);
        x = llm_pair(w, "embed.add", "add", x, positions, m->hidden);
    }
    if (m->types > 0) {
        int32_t types = own_table(w, "wtt", m->types, -1);
        x = llm_pair(w, "embed.add_type", "add", x, types, m->hidden);
    }
    if (m->family.embed_norm)
        llm_norm(w, "embed.norm", x, w->queries);
}

/* --- head ------------------------------------------------------------------------------------ */

static void to_words(struct llm_work *w, int32_t x, int64_t tokens)
{
    const struct llm_model *m = w->model;
    if (m->vocab == 0)
        return;
    if (m->embed_width != m->hidden)
        x = llm_linear(w, "project_out", x, tokens, m->hidden, m->embed_width);
    llm_linear(w, "lm_head", x, tokens, m->embed_width, m->vocab);
    if (m->family.tied)
        w->ops[w->count - 1].weight = word_table(w);
}

static int32_t one_token(struct llm_work *w, const char *part, int32_t x)
{
    struct shape all = llm_shape(w, w->queries, w->model->hidden);
    struct shape one = llm_shape(w, 1, w->model->hidden);
    return llm_slice(w, part, x, &all, &one);
}

static void decoder_head(struct llm_work *w, bool last_only)
{
    int64_t tokens = last_only ? 1 : w->queries;
    int32_t x = w->last;
    if (last_only && w->queries > 1)
        x = one_token(w, "last_token", x);
    if (w->model->family.norms != LLM_NORM_BEHIND)
        x = llm_norm(w, "final_norm", x, tokens);
    to_words(w, x, tokens);
}

static int32_t dense_head(struct llm_work *w, const char *part, const char *fn, int32_t x,
                          int64_t tokens)
{
    struct shape s = llm_shape(w, tokens, w->model->hidden);
    x = llm_linear(w, part, x, tokens, w->model->hidden, w->model->hidden);
    return llm_unary(w, OP_ELEMENTWISE, llm_part(w, part, "act"), fn, x, &s);
}

/* Words for every token, or the first token pooled (Devlin et al., 2019), or the states alone. */
static void encoder_head(struct llm_work *w)
{
    const struct llm_model *m = w->model;
    if (m->family.norms != LLM_NORM_BEHIND)
        llm_norm(w, "final_norm", w->last, w->queries);
    if (m->word_head) {
        int32_t x = dense_head(w, "transform", m->family.act, w->last, w->queries);
        to_words(w, llm_norm(w, "transform.norm", x, w->queries), w->queries);
    } else if (m->family.pooler) {
        dense_head(w, "pooler", "tanh", one_token(w, "first_token", w->last), 1);
    }
}

static void set_pass(struct llm_work *w, int64_t queries, int64_t keys, bool cached)
{
    w->queries = queries;
    w->keys = keys;
    w->cached = cached;
}

static void one_sided(struct llm_work *w, const struct llm_pass *p)
{
    set_pass(w, p->sequence, p->sequence, p->phase == LLM_PREFILL);
    embed(w, -1);
    llm_layers(w, w->model->layers, false, -1);
    if (w->model->family.encoder)
        encoder_head(w);
    else
        decoder_head(w, p->phase == LLM_PREFILL);
}

/* The encoder over its sequence; for a prompt also the caches across and the first token. */
static void two_sided(struct llm_work *w, const struct llm_pass *p)
{
    set_pass(w, p->sequence, p->sequence, false);
    w->prefix = "encoder.";
    embed(w, -1);
    llm_layers(w, w->model->layers, false, -1);
    int32_t memory = w->last;
    if (w->model->family.norms != LLM_NORM_BEHIND)
        memory = llm_norm(w, "final_norm", memory, w->queries);
    if (p->phase == LLM_ENCODE)
        return;
    set_pass(w, 1, 1, true);
    w->prefix = "decoder.";
    embed(w, -1);
    llm_layers(w, w->model->decoder_layers, true, memory);
    decoder_head(w, true);
}

static void decode_step(struct llm_work *w, int64_t keys, int32_t previous)
{
    const struct llm_model *m = w->model;
    bool both = m->family.two_sided;
    set_pass(w, 1, keys, true);
    w->prefix = both ? "decoder." : "";
    embed(w, previous);
    llm_layers(w, both ? m->decoder_layers : m->layers, both, -1);
    decoder_head(w, true);
}

static bool all_steps(struct llm_work *w, const struct llm_pass *p, struct diag *d)
{
    for (int64_t t = 1; t <= p->generate; t++) {
        w->step = arena_printf(w->arena, "step%" PRId64 ".", t);
        decode_step(w, p->context + t, t == 1 ? -1 : w->last);
        if (llm_times((int64_t)w->count, p->generate / t) > STEP_LINES_MAX)
            return diag_input(d, NULL, 0,
                              "%" PRId64 " steps of %zu lines would be over a million lines",
                              p->generate, w->count);
    }
    return true;
}

static bool write_pass(struct llm_work *w, const struct llm_pass *p, struct diag *d)
{
    w->source = p->sequence;
    if (p->phase == LLM_DECODE && p->steps)
        return all_steps(w, p, d);
    if (p->phase == LLM_DECODE)
        decode_step(w, llm_middle_step(p), -1);
    else if (w->model->family.two_sided)
        two_sided(w, p);
    else
        one_sided(w, p);
    return true;
}

/* --- the whole ------------------------------------------------------------------------------ */

static bool check_lines(const struct llm_work *w, struct diag *d)
{
    char why[OP_WHY_MAX];
    int64_t all = (int64_t)w->count;
    for (size_t i = 0; i < w->count; i++) {
        if (!op_check(&w->ops[i], why))
            return diag_input(d, NULL, 0, "%.80s cannot be written: %s", w->ops[i].name, why);
    }
    for (size_t i = 0; i < w->mark_count; i++)
        all += llm_times(w->marks[i].repeat.lines, w->marks[i].repeat.times);
    if (all > TRACE_OPS_MAX)
        return diag_input(d, NULL, 0,
                          "the trace would hold %" PRId64 " operators; 10^9 are possible", all);
    return true;
}

bool llm_build(struct arena *a, const struct llm_model *m, const char *how,
               const struct import_options *o, struct trace *out, struct diag *d)
{
    struct llm_pass p;
    struct llm_work w = {.arena = a, .model = m, .prefix = "", .step = "", .last = -1};
    *out = (struct trace){0};
    TRY(llm_plan_pass(m, o, &p, d));
    w.batch = p.batch;
    w.activation_bits = o->activation_bits;
    w.weight_bits = o->weight_bits;
    w.kv_bits = o->kv_bits > 0 ? o->kv_bits : o->activation_bits;
    TRY(write_pass(&w, &p, d));
    TRY(check_lines(&w, d));
    llm_fill_header(&w, &p, how, o, &out->header);
    out->path = "";
    out->ops = w.ops;
    out->count = w.count;
    out->marks = w.marks;
    out->mark_count = w.mark_count;
    llm_tell_length(a, m, &p, out);
    return true;
}
