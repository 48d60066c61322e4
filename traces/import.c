#include <string.h>
#include <sys/stat.h>

#include "traces/line_read.h"
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

/* A trace says so in its first line. */
static bool is_trace(const char *path)
{
    static const char word[] = "\"cimarron_trace\"";
    struct line_reader *lines;
    struct diag ignored = {0};
    const char *text = NULL;
    size_t length = 0;
    bool found = false;
    if (!line_open(path, &lines, &ignored))
        return false;
    if (line_next(lines, &text, &length, &ignored) == LINE_TEXT)
        for (size_t i = 0; !found && i + sizeof word - 1 <= length; i++)
            found = memcmp(text + i, word, sizeof word - 1) == 0;
    line_close(lines);
    return found;
}

const struct importer *importer_unless_trace(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode))
        return NULL; /* importers read more than once */
    const struct importer *i = importer_for(path);
    return i && is_trace(path) ? NULL : i;
}
