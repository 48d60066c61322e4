/* import_hf.h — a config.json on its way to a model, for the files import_hf*.c only. */
#ifndef CIMARRON_IMPORT_HF_H
#define CIMARRON_IMPORT_HF_H

#include <jansson.h>

#include "traces/import_file.h"
#include "traces/llm.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hf_config {
    struct arena *arena;
    const char *path, *text;
    json_t *file; /* the whole */
    json_t *root; /* the part that describes the language model: all of it, or "text_config" */
    struct llm_model model;
    int64_t remarks;
    const char *remark; /* the first */
    struct diag *d;
};

/* The file as an object; NULL with a sentence when it is none. */
json_t *hf_parse(const struct import_file *f, const char *path, struct diag *d);

/* The line that a key stands on; 0 when it is spelled in an unusual way. */
int hf_line_of(const struct hf_config *c, const char *key);

/* Spellings are parted by blanks, the first that stands with a value counts; "a.b" is key b of
 * object a.  What has no spelling in the file leaves *out as it is, but a text, which is NULL. */
json_t *hf_value(const struct hf_config *c, const char *spellings, const char **key);
FALLIBLE bool hf_read_size(struct hf_config *c, const char *spellings, int64_t *out);
FALLIBLE bool hf_read_flag(struct hf_config *c, const char *spellings, bool *out);
FALLIBLE bool hf_read_text(struct hf_config *c, const char *spellings, const char **out);
bool hf_has(const struct hf_config *c, const char *key);

void hf_remark(struct hf_config *c, const char *text);

/* Sets file's part, family, and what a nested part of that family leaves out. */
FALLIBLE bool hf_find_family(struct hf_config *c);

/* Which layers have a window, experts, an MLP: letters of llm_family. */
FALLIBLE bool hf_read_layers(struct hf_config *c);

#ifdef __cplusplus
}
#endif
#endif
