/* Address mapping: a bit string read once, then a table. */
#include "memory/dram_spec.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int log2_exact(int64_t n)
{
    int bits = 0;
    while (((int64_t)1 << bits) < n)
        bits++;
    return ((int64_t)1 << bits) == n ? bits : -1;
}

static int letter_width(const struct dram_spec *s, char what)
{
    switch (what) {
    case 'r':
        return log2_exact(s->org.rows);
    case 'c':
        return log2_exact(s->org.row_bytes / s->org.burst_bytes);
    case 'b':
        return log2_exact(s->org.banks);
    case 'g':
        return log2_exact(s->org.groups);
    case 'p':
        return log2_exact(s->org.pseudo);
    case 's':
        return log2_exact(s->org.sids);
    default:
        return -1;
    }
}

static bool read_fields(struct dram_map *m, const char *text, struct diag *d)
{
    m->count = 0;
    for (const char *at = text; *at;) {
        if (*at == ' ') {
            at++;
            continue;
        }
        char *end;
        bool counted = isdigit((unsigned char)*at);
        long width = counted ? strtol(at, &end, 10) : 1;
        if (counted)
            at = end;
        if (!*at || !strchr("rcbgps", *at) || width < 1 || width > 32)
            return diag_input(
                d, NULL, 0,
                "mapping \"%s\" is not a list of counts and letters r, c, b, g, p, s, "
                "as in \"15r3c2b2g1p2c\"",
                text);
        if ((size_t)m->count == COUNT_OF(m->fields))
            return diag_input(d, NULL, 0, "mapping \"%s\" has more than 16 fields", text);
        m->fields[m->count++] = (struct dram_field){.what = *at++, .width = (int)width};
    }
    return true;
}

/* Shifts from the least significant end; a letter's lowest field holds its lowest bits. */
static bool place_fields(struct dram_spec *s, struct diag *d)
{
    struct dram_map *m = &s->map;
    int shift = 0;
    for (int i = m->count - 1; i >= 0; i--) {
        struct dram_field *f = &m->fields[i];
        f->shift = shift;
        shift += f->width;
        for (int j = i + 1; j < m->count; j++)
            if (m->fields[j].what == f->what)
                f->at += m->fields[j].width;
    }
    for (const char *l = "rcbgps"; *l; l++) {
        int bits = 0;
        for (int i = 0; i < m->count; i++)
            bits += m->fields[i].what == *l ? m->fields[i].width : 0;
        int want = letter_width(s, *l);
        if (want < 0)
            return diag_input(
                d, NULL, 0, "the number that '%c' of the mapping counts is not a power of two", *l);
        if (bits != want)
            return diag_input(d, NULL, 0,
                              "mapping \"%s\" gives '%c' %d bits where the organisation has %d",
                              s->ctl.mapping, *l, bits, want);
    }
    m->bursts = (int64_t)1 << shift;
    return true;
}

static bool read_bit(const struct dram_spec *s, const char **at, char *what, int *bit)
{
    const char *p = *at;
    if (!*p || !strchr("rcbgps", *p) || !isdigit((unsigned char)p[1]))
        return false;
    char *end;
    *what = *p;
    *bit = (int)strtol(p + 1, &end, 10);
    *at = end;
    return *bit < letter_width(s, *what);
}

static bool read_xors(struct dram_spec *s, struct diag *d)
{
    struct dram_map *m = &s->map;
    m->xor_count = 0;
    for (const char *at = s->ctl.hash; at && *at;) {
        if (*at == ' ') {
            at++;
            continue;
        }
        struct dram_xor x;
        bool good = m->xor_count < DRAM_XOR_MAX && read_bit(s, &at, &x.to, &x.to_bit) && *at == '^';
        if (good)
            at++;
        if (!good || !read_bit(s, &at, &x.from, &x.from_bit) || x.to == x.from)
            return diag_input(
                d, NULL, 0,
                "hash \"%s\" is not a list of bits XORed with bits of another field, as in "
                "\"g0^c1 b0^r2\"",
                s->ctl.hash);
        m->xors[m->xor_count++] = x;
    }
    return true;
}

static int64_t *letter_of(int64_t value[6], char what)
{
    return &value[strchr("rcbgps", what) - "rcbgps"];
}

static void place_slow(const struct dram_spec *s, int64_t burst, struct dram_place *out)
{
    const struct dram_map *m = &s->map;
    int64_t value[6] = {0};
    for (int i = 0; i < m->count; i++) {
        const struct dram_field *f = &m->fields[i];
        int64_t bits = (burst >> f->shift) & (((int64_t)1 << f->width) - 1);
        *letter_of(value, f->what) |= bits << f->at;
    }
    for (int i = 0; i < m->xor_count; i++) {
        const struct dram_xor *x = &m->xors[i];
        *letter_of(value, x->to) ^= ((*letter_of(value, x->from) >> x->from_bit) & 1) << x->to_bit;
    }
    out->row = value[0];
    out->column = (int32_t)value[1];
    out->bank =
        (int32_t)(((value[4] * s->org.sids + value[5]) * s->org.groups + value[3]) * s->org.banks +
                  value[2]);
}

static bool row_is_on_top(const struct dram_map *m)
{
    if (m->fields[0].what != 'r')
        return false;
    for (int i = 1; i < m->count; i++)
        if (m->fields[i].what == 'r')
            return false;
    for (int i = 0; i < m->xor_count; i++)
        if (m->xors[i].to == 'r' || m->xors[i].from == 'r')
            return false;
    return true;
}

bool dram_map_open(struct arena *a, struct dram_spec *s, struct diag *d)
{
    struct dram_map *m = &s->map;
    memset(m, 0, sizeof *m);
    TRY(read_fields(m, s->ctl.mapping, d));
    TRY(place_fields(s, d));
    TRY(read_xors(s, d));
    m->row_on_top = m->count > 0 && row_is_on_top(m);
    m->low_bits = m->count > 0 ? m->fields[0].shift : 0;
    if (!m->row_on_top || m->low_bits > 20)
        return m->row_on_top = false, true;
    struct dram_place *table = ARENA_ARRAY(a, struct dram_place, (size_t)1 << m->low_bits);
    for (int64_t i = 0; i < (int64_t)1 << m->low_bits; i++)
        place_slow(s, i, &table[i]);
    m->table = table;
    return true;
}

void dram_map_place(const struct dram_spec *s, int64_t burst, struct dram_place *out)
{
    const struct dram_map *m = &s->map;
    assert(burst >= 0);
    burst &= m->bursts - 1;
    if (!m->row_on_top) {
        place_slow(s, burst, out);
        return;
    }
    *out = m->table[burst & (((int64_t)1 << m->low_bits) - 1)];
    out->row = burst >> m->low_bits;
}
