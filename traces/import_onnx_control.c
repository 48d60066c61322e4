/* Branches and functions: their nodes stand in place of the one that holds them. */
#include <string.h>

#include "traces/import_onnx_content.h"
#include "traces/import_onnx_scope.h"

/* The node at hand, while nodes inside it are taken. */
struct holder {
    const Onnx__NodeProto *node;
    struct onnx_value **in;
    size_t n_in;
    bool fold;
    struct onnx_scope *scope;
    int64_t opset;
};

static struct holder hold(const struct onnx_import *c)
{
    return (struct holder){c->node, c->in, c->n_in, c->fold, c->scope, c->opset};
}

static void let_go(struct onnx_import *c, const struct holder *h)
{
    c->node = h->node;
    c->in = h->in;
    c->n_in = h->n_in;
    c->fold = h->fold;
    c->scope = h->scope;
    c->opset = h->opset;
}

static const char *name_of(const Onnx__NodeProto *node)
{
    return onnx_says_nothing(node->name) && node->n_output > 0 ? node->output[0]
                                                               : onnx_text(node->name);
}

const Onnx__GraphProto *onnx_graph(const struct onnx_import *c, const char *name)
{
    const Onnx__AttributeProto *a = onnx_attribute(c, name);
    return a != NULL ? a->g : NULL;
}

int64_t onnx_graph_size(const Onnx__GraphProto *g)
{
    int64_t size = (int64_t)(g->n_node + g->n_initializer);
    for (size_t i = 0; i < g->n_node; i++)
        for (size_t k = 0; k < g->node[i]->n_attribute; k++)
            if (g->node[i]->attribute[k]->g != NULL)
                size += onnx_graph_size(g->node[i]->attribute[k]->g);
    return size;
}

/* What is entered again and again is paid for again, before any work is done on it. */
static bool pay(struct onnx_import *c, int64_t size)
{
    c->inner_nodes += 1 + size;
    if (c->inner_nodes > c->inner_most)
        return onnx_fail(c, "branches, loops and functions come to more than %lld nodes",
                         (long long)c->inner_most);
    return true;
}

bool onnx_take_inner(struct onnx_import *c, const Onnx__GraphProto *g,
                     const struct onnx_value *const *in, size_t n_in,
                     const struct onnx_value ***out)
{
    struct holder h = hold(c);
    struct onnx_scope *scope;
    struct onnx_body body;
    if (g->n_input != n_in)
        return onnx_fail(c, "its body takes %zu inputs; %zu are needed", g->n_input, n_in);
    TRY(pay(c, onnx_graph_size(g)));
    TRY(onnx_enter(c, h.scope, name_of(h.node), g->n_node + g->n_initializer + n_in, &scope));
    for (size_t i = 0; i < n_in; i++)
        TRY(onnx_bind(c, onnx_text(g->input[i]->name), in[i]));
    TRY(onnx_open_graph(c, g, &body));
    onnx_mark(c, &body);
    TRY(onnx_take(c, &body));
    *out = ARENA_ARRAY(c->scratch, const struct onnx_value *, g->n_output);
    for (size_t i = 0; i < g->n_output; i++)
        (*out)[i] = onnx_value(c, body.outputs[i]);
    let_go(c, &h);
    return true;
}

/* --- If ----------------------------------------------------------------------------------- */

/* Nobody knows which branch is run: the first, unless its shapes do not fit and the other's do. */
static bool take_either(struct onnx_import *c, const Onnx__GraphProto *yes,
                        const Onnx__GraphProto *no, const Onnx__GraphProto **taken,
                        const struct onnx_value ***out)
{
    struct diag *told = c->d, first = {0}, second = {0};
    struct holder h = hold(c);
    *taken = yes;
    onnx_remark(c, "its condition is computed while the network runs: its then branch is taken");
    c->d = &first;
    bool ok = onnx_take_inner(c, yes, NULL, 0, out);
    let_go(c, &h);
    if (!ok) {
        *taken = no;
        c->d = &second;
        ok = onnx_take_inner(c, no, NULL, 0, out);
        let_go(c, &h);
    }
    c->d = told;
    if (!ok)
        *told = first;
    onnx_needs(c, c->in[0]);
    return ok;
}

bool onnx_if(struct onnx_import *c, const char *fn)
{
    (void)fn;
    double condition;
    const Onnx__GraphProto *yes = onnx_graph(c, "then_branch"), *no = onnx_graph(c, "else_branch");
    const Onnx__GraphProto *taken;
    const struct onnx_value **out;
    TRY(onnx_need(c, 1));
    if (yes == NULL || no == NULL)
        return onnx_fail(c, "'then_branch' and 'else_branch' are graphs, and one is missing");
    if (onnx_one_number(c->in[0], &condition)) {
        taken = condition != 0 ? yes : no;
        TRY(onnx_take_inner(c, taken, NULL, 0, &out));
    } else {
        TRY(take_either(c, yes, no, &taken, &out));
    }
    if (taken->n_output != c->node->n_output)
        return onnx_fail(c, "its branch has %zu outputs, and it has %zu", taken->n_output,
                         c->node->n_output);
    for (size_t i = 0; i < c->node->n_output; i++)
        TRY(onnx_give(c, i, out[i]));
    return true;
}

/* --- functions ---------------------------------------------------------------------------- */

static const struct onnx_function **bucket_of(const struct onnx_import *c, const char *name)
{
    return &c->functions[onnx_hash(name) % (c->model->n_functions + 1)];
}

void onnx_add_function(struct onnx_import *c, struct onnx_function *f)
{
    const struct onnx_function **first = bucket_of(c, onnx_text(f->proto->name));
    f->next = *first;
    *first = f;
}

const struct onnx_function *onnx_function(const struct onnx_import *c, const char *domain,
                                          const char *name)
{
    const struct onnx_function *f = *bucket_of(c, name);
    while (f != NULL && (strcmp(onnx_text(f->proto->name), name) != 0 ||
                         strcmp(onnx_text(f->proto->domain), domain) != 0))
        f = f->next;
    return f;
}

static void function_opset(struct onnx_import *c, const Onnx__FunctionProto *f)
{
    for (size_t i = 0; i < f->n_opset_import; i++)
        if (onnx_text(f->opset_import[i]->domain)[0] == '\0' && f->opset_import[i]->has_version)
            c->opset = f->opset_import[i]->version;
}

bool onnx_call(struct onnx_import *c, const struct onnx_function *function)
{
    const Onnx__FunctionProto *f = function->proto;
    struct holder h = hold(c);
    struct onnx_scope *scope;
    struct onnx_body body = {f->node, f->n_node, (const char *const *)f->output, f->n_output};
    if (h.n_in > f->n_input || h.node->n_output > f->n_output)
        return onnx_fail(c, "the function of that name has %zu inputs and %zu outputs", f->n_input,
                         f->n_output);
    const Onnx__GraphProto nodes = {.node = f->node, .n_node = f->n_node};
    TRY(pay(c, onnx_graph_size(&nodes) + (int64_t)f->n_input));
    TRY(onnx_enter(c, NULL, onnx_text(f->name), f->n_node + f->n_input, &scope));
    scope->caller = h.scope;
    scope->call = h.node;
    scope->function = function;
    for (size_t i = 0; i < f->n_input; i++)
        if (i < h.n_in && h.in[i] != NULL)
            TRY(onnx_bind(c, f->input[i], h.in[i]));
        else
            onnx_local(c, f->input[i])->defined = onnx_local(c, f->input[i])->absent = true;
    function_opset(c, f);
    onnx_mark(c, &body);
    TRY(onnx_take(c, &body));
    const struct onnx_value **out = ARENA_ARRAY(c->scratch, const struct onnx_value *, f->n_output);
    for (size_t i = 0; i < f->n_output; i++)
        out[i] = onnx_value(c, f->output[i]);
    let_go(c, &h);
    for (size_t i = 0; i < h.node->n_output; i++)
        TRY(onnx_give(c, i, out[i]));
    return true;
}
