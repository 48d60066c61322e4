#include "core/base/part.h"

#include <assert.h>

static const struct {
    const char *name, *help;
} parts[] = {
#define PART(id, name, help) {name, help},
#include "core/base/parts.def"
#undef PART
};

const char *part_name(enum part p)
{
    assert((unsigned)p < PART_COUNT);
    return parts[p].name;
}

const char *part_help(enum part p)
{
    assert((unsigned)p < PART_COUNT);
    return parts[p].help;
}
