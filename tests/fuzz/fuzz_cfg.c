/* fuzz_cfg.c — any bytes as a config: refused with a sentence or read, never a crash.
 *
 * The bytes up to a line "%%" are the config, what follows is PATH=VALUE of one --set. */
#include "tests/base/cfg_sample.h"

#include "tests/fuzz/input.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t config_size(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i + 3 <= size; i++)
        if (memcmp(data + i, "%%\n", 3) == 0)
            return i;
    return size;
}

/* Every promise about groups that can be walked holds whatever the file was. */
static void walk(const struct cfg_group *g)
{
    const char *file;
    if (cfg_line(g) < 1 || !cfg_file(g) || cfg_key_line(g, "channels", &file) < 0)
        abort();
    cfg_source_of(g, "channels");
    for (size_t i = 0; i < cfg_sub_count(g); i++)
        walk(cfg_sub_at(g, i));
}

static void check(bool good, const struct diag *d)
{
    if (good == (d->status != 0) || (!good && !d->text[0]) || strchr(d->text, '\n'))
        abort();
    if (strncmp(d->text, "libconfig:", 10) == 0)
        abort(); /* our own checks must refuse first: libconfig leaks where it fails */
}

static void read_config(struct arena *a, const char *path, const struct cfg_override *set,
                        size_t count)
{
    struct diag d = {.status = 0};
    struct cfg *c = NULL;
    struct sample sample;
    struct sample_io io;
    bool good = cfg_open(a, path, set, count, &c, &d);
    check(good, &d);
    if (!good)
        return;
    walk(cfg_root(c));
    good = sample_read(c, &sample, &io, &d);
    check(good, &d);
    if (good && (sample.channels < 1 || sample.channels > 32 || !isfinite(sample.read_pj.value)))
        abort();
    cfg_close(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_open();
    size_t config = config_size(data, size);
    struct cfg_override set = {"", ""};
    if (size > config + 3) {
        char *text = arena_strndup(a, (const char *)data + config + 3, size - config - 3);
        char *equals = strchr(text, '=');
        set.path = text;
        set.value = equals ? equals + 1 : "";
        if (equals)
            *equals = '\0';
    }
    struct fuzz_input in = fuzz_input_open(data, config);
    read_config(a, in.path, &set, set.path[0] != '\0');
    fuzz_input_close(&in);
    arena_close(a);
    return 0;
}
