/* import.h — bytes through an importer: it refuses with a sentence, or gives possible operators. */
#ifndef CIMARRON_FUZZ_IMPORT_H
#define CIMARRON_FUZZ_IMPORT_H

#include "tests/fuzz/input.h"
#include "traces/op_check.h"
#include "traces/trace.h"

static inline void fuzz_import(const char *importer, const struct import_options *o,
                               const uint8_t *data, size_t size)
{
    char why[OP_WHY_MAX];
    struct fuzz_input in = fuzz_input_open(data, size);
    struct arena *a = arena_open();
    struct trace t;
    struct diag d = {.status = 0};
    bool ok = importer_find(importer)->import(a, in.path, o, &t, &d);
    if (ok == (d.status != 0) || (!ok && d.text[0] == '\0'))
        abort(); /* a refusal without a sentence, or a sentence without a refusal */
    for (size_t i = 0; ok && i < t.count; i++)
        if (!op_check(&t.ops[i], why))
            abort();
    arena_close(a);
    fuzz_input_close(&in);
}

#endif
