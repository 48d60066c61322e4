/* llm_moe.c — experts: gate, routing, the experts that are hit, and the sum over top_k. */
#include "traces/llm_build.h"

/* Experts of equal share: one line per matrix of theirs. */
struct share {
    const char *part;
    int64_t hit, tokens; /* experts, and tokens of each */
};

static int32_t expert_matrix(struct llm_work *w, const struct share *s, const char *leaf, int32_t x,
                             int64_t k, int64_t n)
{
    struct op *o = llm_emit(w, OP_MATMUL, arena_printf(w->arena, "%s.%s", s->part, leaf), x, -1);
    o->weight = llm_weight(w, arena_printf(w->arena, "moe.experts.%s", leaf));
    o->u.matmul.batch = s->hit;
    o->u.matmul.experts = w->model->experts;
    o->u.matmul.m = s->tokens;
    o->u.matmul.k = k;
    o->u.matmul.n = n;
    return o->id;
}

static int32_t activation(struct llm_work *w, const struct share *s, const char *leaf,
                          const char *fn, int32_t a, int32_t b)
{
    struct op *o =
        llm_emit(w, OP_ELEMENTWISE, arena_printf(w->arena, "%s.%s", s->part, leaf), a, b);
    int64_t rows = llm_times(s->hit, s->tokens);
    o->fn = fn;
    o->in = o->out = (struct shape){.dim = {rows, w->model->expert_ffn}, .dims = 2};
    return o->id;
}

static int32_t one_share(struct llm_work *w, const struct share *s, int32_t x)
{
    const struct llm_model *m = w->model;
    int64_t hidden = m->hidden, inner = m->expert_ffn;
    if (!m->family.gated) {
        x = expert_matrix(w, s, "up", x, hidden, inner);
        x = activation(w, s, "act", m->family.act, x, -1);
    } else {
        int32_t gate = expert_matrix(w, s, "gate", x, hidden, inner);
        int32_t up = expert_matrix(w, s, "up", x, hidden, inner);
        gate = activation(w, s, "act", m->family.act, gate, -1);
        x = activation(w, s, "mul", "mul", gate, up);
    }
    return expert_matrix(w, s, "down", x, inner, hidden);
}

static int32_t route(struct llm_work *w, int32_t x, int32_t probabilities)
{
    const struct llm_model *m = w->model;
    struct op *o = llm_emit(w, OP_ROUTE, "moe.route", x, probabilities);
    o->in = llm_shape(w, w->queries, m->hidden);
    o->out = llm_shape(w, llm_times(w->queries, m->top_k), m->hidden);
    o->u.route.tokens = llm_times(w->batch, w->queries);
    o->u.route.experts = m->experts;
    o->u.route.top_k = m->top_k;
    return o->id;
}

void llm_experts(struct llm_work *w, int32_t x)
{
    const struct llm_model *m = w->model;
    struct shape gates = llm_shape(w, w->queries, m->experts);
    int64_t assigned = llm_times(llm_times(w->batch, w->queries), m->top_k);
    int64_t hit = assigned < m->experts ? assigned : m->experts;
    int64_t more = assigned % hit; /* experts with one token more */
    struct share few = {"moe.experts", hit - more, assigned / hit};
    struct share many = {"moe.experts_more", more, assigned / hit + 1};
    int32_t p = llm_linear(w, "moe.gate", x, w->queries, m->hidden, m->experts);
    p = llm_unary(w, OP_SOFTMAX, "moe.softmax", NULL, p, &gates);
    int32_t routed = route(w, x, p);
    int32_t down = one_share(w, &few, routed), rest = -1, shared = -1;
    if (more > 0)
        rest = one_share(w, &many, routed);
    struct op *sum = llm_emit(w, OP_ELEMENTWISE, "moe.combine", down, rest);
    sum->fn = "add";
    sum->in = llm_shape(w, llm_times(w->queries, m->top_k), m->hidden);
    sum->out = llm_shape(w, w->queries, m->hidden);
    if (m->shared_ffn == 0)
        return;
    int32_t combined = w->last;
    llm_mlp(w, "moe.shared", x, m->shared_ffn);
    shared = w->last;
    llm_pair(w, "moe.add", "add", combined, shared, m->hidden);
}
