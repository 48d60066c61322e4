/* fuzz_set.c — any lines PATH=VALUE as what --set overrides in a chip, a package and a wafer:
 * refused with a sentence, or a machine opens. */
#include "core/system/system.h"
#include "tests/fuzz/judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const SYSTEMS[] = {"pimca", "neurram", "dcim_22nm", "quad_dcim_hbm3",
                                      "wafer_cim"};
enum { SETS_MAX = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_open();
    struct cfg_override set[SETS_MAX];
    struct system *s;
    struct diag d = {.status = 0};
    size_t count = 0, which = size ? data[0] % COUNT_OF(SYSTEMS) : 0;
    char *text = size ? arena_strndup(a, (const char *)data + 1, size - 1) : NULL, *rest = NULL;
    for (char *line = text ? strtok_r(text, "\n", &rest) : NULL; line && count < SETS_MAX;
         line = strtok_r(NULL, "\n", &rest)) {
        char *equals = strchr(line, '=');
        if (!equals || equals == line) /* the program refuses it before */
            continue;
        *equals = '\0';
        set[count++] = (struct cfg_override){line, equals + 1};
    }
    fuzz_took(system_open(a, SYSTEMS[which], set, count, &s, &d), &d);
    arena_close(a);
    return 0;
}
