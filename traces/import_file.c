#include "traces/import_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "core/base/input.h"
#include "core/base/text.h"

static bool read_all(FILE *in, const char *path, struct import_file *out, struct diag *d)
{
    size_t got = fread(out->bytes, 1, out->size, in), mark = text_mark_bytes(out->bytes, got);
    if (got != out->size)
        return diag_input(d, path, 1, "only %zu of %zu bytes could be read", got, out->size);
    out->size -= mark;
    memmove(out->bytes, out->bytes + mark, out->size);
    out->bytes[out->size] = 0;
    return true;
}

static bool open_checked(FILE *in, const char *path, size_t max_bytes, struct import_file *out,
                         struct diag *d)
{
    struct stat info;
    if (fstat(fileno(in), &info) != 0 || !S_ISREG(info.st_mode))
        return diag_input(d, path, 1, "this is not a regular file");
    if ((uint64_t)info.st_size > max_bytes)
        return diag_input(d, path, 1, "the file has %lld bytes; at most %zu are read",
                          (long long)info.st_size, max_bytes);
    out->size = (size_t)info.st_size;
    out->bytes = malloc(out->size + 1);
    if (out->bytes == NULL)
        return diag_cannot(d, "no memory for the %zu bytes of %s", out->size, path);
    return read_all(in, path, out, d);
}

bool import_file_open(const char *path, size_t max_bytes, struct import_file *out, struct diag *d)
{
    *out = (struct import_file){0};
    FILE *in = input_stream(path, d);
    if (in == NULL)
        return false;
    bool ok = open_checked(in, path, max_bytes, out, d);
    fclose(in);
    if (!ok)
        import_file_close(out);
    return ok;
}

void import_file_close(struct import_file *f)
{
    free(f->bytes);
    *f = (struct import_file){0};
}

const char *import_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

char *import_stem(struct arena *a, const char *path)
{
    const char *base = import_base_name(path);
    const char *dot = strrchr(base, '.');
    size_t length = dot != NULL && dot != base ? (size_t)(dot - base) : strlen(base);
    return import_clean_name(a, base, length);
}

char *import_clean_name(struct arena *a, const char *text, size_t length)
{
    char *clean = arena_strndup(a, text, length);
    for (size_t i = 0; i < length && clean[i] != '\0';) {
        size_t step = text_utf8_bytes(clean + i, length - i);
        if (step == 0 || (unsigned char)clean[i] < ' ' || clean[i] == 0x7f)
            clean[i] = '?';
        i += step > 0 ? step : 1;
    }
    return clean;
}

bool import_has_suffix(const char *path, const char *suffix)
{
    size_t length = strlen(path), tail = strlen(suffix);
    return length >= tail && strcasecmp(path + length - tail, suffix) == 0;
}
