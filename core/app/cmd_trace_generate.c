/* cimarron trace generate: a language model from its shape becomes a layer trace. */
#include "core/app/pass_options.h"
#include "traces/llm.h"

struct generate_values {
    struct pass_values pass; /* first: its rows are shared */
    const char *model, *family;
    int64_t layers, decoder_layers, hidden, heads, kv_heads, head_dim, ffn, vocab, positions;
    int64_t experts, top_k, expert_ffn;
};

static const struct generate_values defaults = {.pass.batch = 1};

#define SIZE(name, field, help)                                                                    \
    {                                                                                              \
        name, 0, OPTION_INT, offsetof(struct generate_values, field), "N", 1, 1 << 30, help        \
    }

static const struct option options[] = {
    {"model", 0, OPTION_TEXT, offsetof(struct generate_values, model), "NAME", 0, 0,
     "a published model; a wrong name lists all"},
    {"family", 0, OPTION_TEXT, offsetof(struct generate_values, family), "NAME", 0, 0,
     "how a model of your own is built; a wrong name lists all [llama]"},
    SIZE("layers", layers, "layers, of the encoder where there are two sides"),
    SIZE("decoder-layers", decoder_layers, "layers of the decoder [as many]"),
    SIZE("hidden", hidden, "hidden size"),
    SIZE("heads", heads, "attention heads"),
    SIZE("kv-heads", kv_heads, "key-value heads [as many]"),
    SIZE("head-size", head_dim, "size of a head [hidden / heads]"),
    SIZE("mlp", ffn, "width of the MLP [4 hidden, gated: 8/3 hidden up to a multiple of 256]"),
    SIZE("vocabulary", vocab, "vocabulary [none: blocks only]"),
    SIZE("positions", positions, "longest sequence [not bound]"),
    SIZE("experts", experts, "experts [none]"),
    SIZE("top-k", top_k, "experts per token [1]"),
    SIZE("expert-mlp", expert_ffn, "width of an expert [that of the MLP]"),
    PASS_OPTIONS,
};

static const char *model_names(struct arena *a)
{
    const char *list = "";
    for (size_t i = 0; llm_known_name(i); i++)
        list = arena_printf(a, "%s%s%s", list, i ? ", " : "", llm_known_name(i));
    return list;
}

static const char *family_names(struct arena *a)
{
    const char *list = "";
    for (size_t i = 0; llm_family_at(i); i++)
        list = arena_printf(a, "%s%s%s", list, i ? ", " : "", llm_family_at(i)->name);
    return list;
}

/* A published model, or a bare family. */
static bool find_start(struct app *app, const struct generate_values *v, struct llm_model *m,
                       struct diag *d)
{
    if (v->model && v->family)
        return diag_input(d, NULL, 0, "--model has its family; give one of both");
    if (v->model)
        return llm_known_find(v->model, m) ||
               diag_input(d, NULL, 0, "--model takes %s, not '%.40s'", model_names(app->arena),
                          v->model);
    const char *name = v->family ? v->family : "llama";
    const struct llm_family *f = llm_family_find(name);
    if (!f)
        return diag_input(d, NULL, 0, "--family takes %s, not '%.40s'", family_names(app->arena),
                          name);
    if (!v->layers || !v->hidden || !v->heads)
        return diag_input(d, NULL, 0,
                          "a model of your own needs --layers, --hidden and --heads; or name a "
                          "published one with --model: %s",
                          model_names(app->arena));
    m->family = *f;
    m->name = name;
    return true;
}

/* Sizes given take the place of the model's; true when there is any. */
static bool override_sizes(const struct generate_values *v, struct llm_model *m)
{
    const struct {
        int64_t given, *into;
    } sizes[] = {
        {v->layers, &m->layers},
        {v->decoder_layers, &m->decoder_layers},
        {v->hidden, &m->hidden},
        {v->heads, &m->heads},
        {v->kv_heads, &m->kv_heads},
        {v->head_dim, &m->head_dim},
        {v->ffn, &m->ffn},
        {v->vocab, &m->vocab},
        {v->positions, &m->positions},
        {v->experts, &m->experts},
        {v->top_k, &m->top_k},
        {v->expert_ffn, &m->expert_ffn},
    };
    bool any = false;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        if (sizes[i].given) {
            *sizes[i].into = sizes[i].given;
            any = true;
        }
    }
    return any;
}

/* The trace's name: model and phase, unless the user says otherwise. */
static const char *name_of(struct app *app, const struct llm_model *m,
                           const struct import_options *o)
{
    const char *phase = o->phase ? o->phase : m->family.encoder ? "encode" : "decode";
    return o->name ? o->name : arena_printf(app->arena, "%s_%s", m->name, phase);
}

static bool generate(struct app *app, const struct generate_values *v, struct diag *d)
{
    struct llm_model m = {0};
    struct import_options o;
    struct trace t = {0};
    if (!app->common.output)
        return diag_input(d, NULL, 0, "trace generate needs -o OUT.jsonl.gz");
    TRY(find_start(app, v, &m, d));
    bool changed = override_sizes(v, &m);
    llm_model_complete(&m);
    TRY(llm_model_check(&m, NULL, d));
    TRY(pass_fill(&v->pass, &o, d));
    o.name = name_of(app, &m, &o);
    const char *how = v->model ? arena_printf(app->arena, "generated for %s (%s%s)", m.name,
                                              m.origin, changed ? "; sizes changed" : "")
                               : arena_printf(app->arena, "generated, %s shape", m.family.name);
    TRY(llm_build(app->arena, &m, how, &o, &t, d));
    return pass_save(app, &t, d);
}

static int run(struct app *app, const struct texts *words, void *values)
{
    struct diag d = {0};
    (void)words;
    return generate(app, values, &d) ? EXIT_DONE : app_fail(&d);
}

const struct command command_trace_generate = {
    .name = "trace generate",
    .summary = "write the trace of a language model from its shape",
    .words = "",
    .about =
        "Builds the operators of one pass of a transformer: a prompt (prefill), one step in the\n"
        "middle of a generation or all of them (decode), a pass without a cache (encode).  The\n"
        "shape is that of a published model, or given by its sizes; sizes also change a model.\n"
        "Equal blocks stand once, with a repeat.\n"
        "\n"
        "EXAMPLES\n"
        "  cimarron trace generate --model llama2_7b -o decode.jsonl.gz\n"
        "  cimarron trace generate --model gpt3_175b --phase prefill --batch 4 -o p.jsonl.gz\n"
        "  cimarron trace generate --layers 24 --hidden 2048 --heads 16 --vocabulary 32000 \\\n"
        "      --bits 8,4 --context 4096 --generate 256 --steps -o mine.jsonl.gz\n",
    .options = options,
    .option_count = COUNT_OF(options),
    .values_size = sizeof(struct generate_values),
    .defaults = &defaults,
    .words_min = 0,
    .words_max = 0,
    .run = run,
};
