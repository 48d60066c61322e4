/* The register of memory models. */
#include "memory/memory.h"

#include <string.h>

#include "memory/dram_cfg.h"

static const struct memory_kind kinds[] = {
#define MEMORY(kind, schema, open, help) {kind, help, &(schema), open},
#include "memory/kinds.def"
#undef MEMORY
};

const struct memory_kind *memory_kind_at(size_t index)
{
    return index < COUNT_OF(kinds) ? &kinds[index] : NULL;
}

bool memory_open(struct arena *a, const struct cfg_group *g, struct memory **out, struct diag *d)
{
    return memory_open_stacks(a, g, 1, out, d);
}

bool memory_open_stacks(struct arena *a, const struct cfg_group *g, int64_t stacks,
                        struct memory **out, struct diag *d)
{
    const char *kind = cfg_text_or(g, "kind", "");
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (strcmp(kinds[i].kind, kind) == 0)
            return kinds[i].open(a, g, stacks, out, d);
    return cfg_complain(g, "kind", d, "memory kind \"%s\" is not known; known: dram", kind);
}
