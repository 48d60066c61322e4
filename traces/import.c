#include <string.h>

#include "traces/trace.h"

#define IMPORTER(symbol) extern const struct importer symbol;
#include "traces/importers.def"
#undef IMPORTER

static const struct importer *const importers[] = {
#define IMPORTER(symbol) &symbol,
#include "traces/importers.def"
#undef IMPORTER
};

const struct importer *importer_at(size_t index)
{
    return index < COUNT_OF(importers) ? importers[index] : NULL;
}

const struct importer *importer_find(const char *kind)
{
    for (size_t i = 0; i < COUNT_OF(importers); i++)
        if (strcmp(importers[i]->kind, kind) == 0)
            return importers[i];
    return NULL;
}

const struct importer *importer_for(const char *path)
{
    for (size_t i = 0; i < COUNT_OF(importers); i++)
        if (importers[i]->recognises(path))
            return importers[i];
    return NULL;
}

bool importer_takes(const struct importer *i, const struct import_options *o, struct diag *d)
{
    if (o->dim_count > 0 && !i->takes_dims)
        return diag_input(d, NULL, 0, "--dim names open dimensions of ONNX files; of %s none are",
                          i->kind);
    return true;
}
