/* import_hf_layers.c — which layers of a config.json have a window, experts or an MLP. */
#include "traces/import_hf.h"

#include <string.h>

/* A letter per layer, those of `pattern` over and over. */
static char *letters(struct hf_config *c, const char *pattern)
{
    size_t count = (size_t)c->model.layers, length = strlen(pattern);
    char *all = ARENA_ARRAY(c->arena, char, count + 1);
    for (size_t i = 0; i < count; i++)
        all[i] = pattern[i % length];
    all[count] = '\0';
    return all;
}

/* --- windows --------------------------------------------------------------------------------- */

/* One layer in so many sees everything: the last of them, or the first where the family has it
 * so. */
static bool read_every(struct hf_config *c)
{
    const char *usual = c->model.family.mixers;
    int64_t every = 0;
    TRY(hf_read_size(c, "sliding_window_pattern _sliding_window_pattern global_attn_every_n_layers",
                     &every));
    if (every < 1 || every > c->model.layers)
        return true;
    char *all = letters(c, "w");
    for (int64_t i = usual && usual[0] == 'a' ? 0 : every - 1; i < c->model.layers; i += every)
        all[i] = 'a';
    c->model.family.mixers = all;
    return true;
}

static bool mixer_of(struct hf_config *c, const char *word, char *out)
{
    static const struct {
        const char *word;
        char letter;
    } known[] = {{"full_attention", 'a'}, {"sliding_attention", 'w'}, {"chunked_attention", 'w'}};
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (word && strcmp(word, known[i].word) == 0) {
            *out = known[i].letter;
            return true;
        }
    }
    return diag_input(c->d, c->path, hf_line_of(c, "layer_types"),
                      "\"layer_types\" holds \"%.40s\"; full_attention, sliding_attention and "
                      "chunked_attention are known",
                      word ? word : "no text");
}

static bool read_types(struct hf_config *c)
{
    json_t *list = json_object_get(c->root, "layer_types");
    size_t count = json_array_size(list);
    if (count == 0)
        return true;
    if (count != (size_t)c->model.layers)
        return diag_input(c->d, c->path, hf_line_of(c, "layer_types"),
                          "\"layer_types\" names %zu layers of %lld", count,
                          (long long)c->model.layers);
    char *all = letters(c, "a");
    for (size_t i = 0; i < count; i++)
        TRY(mixer_of(c, json_string_value(json_array_get(list, i)), &all[i]));
    c->model.family.mixers = all;
    return true;
}

/* Qwen: layers from this one on have the window, and only where the file says that it is used. */
static bool read_use(struct hf_config *c)
{
    bool used = strncmp(c->model.family.name, "qwen", 4) != 0;
    int64_t from = 0;
    TRY(hf_read_flag(c, "use_sliding_window", &used));
    TRY(hf_read_size(c, "max_window_layers", &from));
    if (!used) {
        c->model.window = 0;
        c->model.family.mixers = NULL;
    }
    if (!used || from == 0 || c->model.family.mixers)
        return true;
    char *all = letters(c, "w");
    for (int64_t i = 0; i < from && i < c->model.layers; i++)
        all[i] = 'a';
    c->model.family.mixers = all;
    return true;
}

static bool any_window(const struct llm_model *m)
{
    for (int64_t i = 0; i < m->layers; i++) {
        if (llm_mixer_at(m, i) == 'w')
            return true;
    }
    return false;
}

static bool read_windows(struct hf_config *c)
{
    TRY(read_every(c));
    TRY(read_types(c));
    TRY(read_use(c));
    if (any_window(&c->model))
        hf_remark(c,
                  "the sliding window bounds what a decode step reads; prompts are written whole");
    return true;
}

/* --- experts --------------------------------------------------------------------------------- */

/* Layers named in a list get this letter. */
static bool mark(struct hf_config *c, const char *key, char letter, char *feeds)
{
    json_t *list = json_object_get(c->root, key), *v;
    size_t i;
    json_array_foreach(list, i, v)
    {
        json_int_t layer = json_integer_value(v);
        if (!json_is_integer(v) || layer < 0 || layer >= c->model.layers)
            return diag_input(c->d, c->path, hf_line_of(c, key),
                              "\"%s\" names layers that are not; there are %lld, from 0", key,
                              (long long)c->model.layers);
        feeds[layer] = letter;
    }
    return true;
}

static bool read_feeds(struct hf_config *c)
{
    struct llm_model *m = &c->model;
    int64_t encoder_step = m->sparse_step;
    TRY(hf_read_size(c, "encoder_sparse_step", &encoder_step));
    if (m->experts == 0)
        return true;
    if (encoder_step != m->sparse_step)
        return diag_input(c->d, c->path, hf_line_of(c, "encoder_sparse_step"),
                          "encoder and decoder have expert layers in different places");
    bool listed = json_array_size(json_object_get(c->root, "moe_layers")) > 0;
    if (!listed && json_array_size(json_object_get(c->root, "mlp_only_layers")) == 0)
        return true;
    char *feeds = letters(c, "d");
    if (m->sparse_step == 0)
        m->sparse_step = 1;
    for (int64_t i = 0; !listed && i < m->layers; i++)
        feeds[i] = llm_feed_at(m, i);
    TRY(mark(c, "moe_layers", 'e', feeds));
    TRY(mark(c, "mlp_only_layers", 'd', feeds));
    m->family.feeds = feeds;
    return true;
}

bool hf_read_layers(struct hf_config *c)
{
    TRY(c->model.layers <= 10000 ||
        diag_input(c->d, c->path, 0, "the number of layers is %lld; 1 to 10000 are possible",
                   (long long)c->model.layers));
    TRY(read_windows(c));
    return read_feeds(c);
}
