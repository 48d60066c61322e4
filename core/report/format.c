#include "core/report/format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

static struct shown shown_dash(void)
{
    struct shown out = {"-"};
    return out;
}

/* Rounds to four significant digits, so that 999.96 becomes 1000 before a prefix is chosen. */
static double rounded(double value)
{
    char text[32];
    snprintf(text, sizeof text, "%.4g", value);
    return strtod(text, NULL);
}

struct shown format_si(double value, const char *unit)
{
    static const char *const prefixes[] = {"a", "f", "p", "n", "u", "m", "", "k",
                                           "M", "G", "T", "P", "E", "Z", "Y"};
    const int plain = 6;
    struct shown out = shown_dash();
    if (!isfinite(value))
        return out;
    double v = rounded(value);
    int step = v == 0 ? 0 : (int)floor(log10(fabs(v)) / 3 + 1e-12);
    if (step < -plain || step >= (int)COUNT_OF(prefixes) - plain) {
        snprintf(out.s, sizeof out.s, "%.3e %.16s", value, unit);
        return out;
    }
    double scaled = rounded(v / pow(1000, step));
    snprintf(out.s, sizeof out.s, "%.4g %s%.16s", scaled, prefixes[plain + step], unit);
    return out;
}

/* Thousands separators into the digits of a whole number. */
static void put_commas(char *out, size_t size, const char *digits)
{
    size_t length = strlen(digits), used = 0;
    for (size_t i = 0; i < length && used + 2 < size; i++) {
        size_t left = length - i;
        if (i > 0 && left % 3 == 0 && digits[i - 1] != '-')
            out[used++] = ',';
        out[used++] = digits[i];
    }
    out[used] = '\0';
}

struct shown format_plain(double value)
{
    struct shown out = shown_dash();
    if (!isfinite(value))
        return out;
    if (fabs(value) >= 1e12 || (value != 0 && fabs(value) < 1e-4)) {
        snprintf(out.s, sizeof out.s, "%.3e", value);
    } else if (fabs(value) >= 999.95) {
        char digits[32];
        snprintf(digits, sizeof digits, "%.0f", value);
        put_commas(out.s, sizeof out.s, digits);
    } else {
        snprintf(out.s, sizeof out.s, "%.4g", value);
    }
    return out;
}

struct shown format_unit(double value, const char *unit)
{
    struct shown out = format_plain(value);
    size_t length = strlen(out.s);
    if (isfinite(value) && *unit)
        snprintf(out.s + length, sizeof out.s - length, " %.16s", unit);
    return out;
}

const char *format_three(struct arena *a, double value)
{
    if (!isfinite(value))
        return "-";
    const char *text = arena_printf(a, "%.3g", value);
    return fabs(value) < 999.5 ? text : arena_strdup(a, format_plain(strtod(text, NULL)).s);
}

const char *format_factor(struct arena *a, double factor)
{
    return isfinite(factor) ? arena_printf(a, "%.*f", factor >= 9.995 ? 1 : 2, factor) : "-";
}

struct shown format_percent(double fraction)
{
    struct shown out = shown_dash();
    if (isfinite(fraction))
        snprintf(out.s, sizeof out.s, "%.*f %%", fabs(fraction) >= 0.9995 ? 0 : 1, 100 * fraction);
    return out;
}

struct shown format_signed_percent(double fraction)
{
    struct shown out = shown_dash();
    if (isfinite(fraction))
        snprintf(out.s, sizeof out.s, "%+.1f %%", 100 * fraction);
    return out;
}

struct shown format_times(double factor)
{
    struct shown out = shown_dash();
    int decimals = factor >= 99.95 ? 0 : factor >= 9.995 ? 1 : factor >= 0.9995 ? 2 : 3;
    if (isfinite(factor))
        snprintf(out.s, sizeof out.s, "%.*fx", decimals, factor);
    return out;
}

struct shown format_exact(double value)
{
    struct shown out = {""};
    for (int digits = 15; isfinite(value) && digits <= 17; digits++) {
        snprintf(out.s, sizeof out.s, "%.*g", digits, value);
        double back = strtod(out.s, NULL);
        if (!(back < value) && !(back > value))
            break;
    }
    return out;
}

/* --- keys that name their unit ------------------------------------------------------------- */

struct unit_ending {
    const char *ending;
    const char *unit;
    double scale;  /* to the plain unit, for units with a prefix */
    bool prefixed; /* takes an SI prefix */
};

/* Longer endings stand before shorter ones that they contain. */
static const struct unit_ending unit_endings[] = {
    {"tops_per_mm2", "TOPS/mm2", 1, false},
    {"tops_per_w", "TOPS/W", 1, false},
    {"tops", "OPS", 1e12, true},
    {"_w_per_mm2", "W/mm2", 1, false},
    {"_per_s", "/s", 1, false},
    {"_gb_s", "GB/s", 1, false},
    {"_gbps", "Gb/s", 1, false},
    {"_cpu_s", "s", 1, true},
    {"_ops", "op", 1, true},
    {"breakdown", "J", 1e-12, true}, /* the parts of a macro, in pJ */
    {"_bytes", "B", 1, true},
    {"_bits", "bit", 1, false},
    {"_cycles", "cycles", 1, false},
    {"_pct", "%", 1, false},
    {"_mm2", "mm2", 1, false},
    {"_um2", "um2", 1, false},
    {"_mhz", "Hz", 1e6, true},
    {"_ghz", "Hz", 1e9, true},
    {"_mb", "MB", 1, false},
    {"_gb", "GB", 1, false},
    {"_mw", "W", 1e-3, true},
    {"_uw", "W", 1e-6, true},
    {"_ps", "s", 1e-12, true},
    {"_ns", "s", 1e-9, true},
    {"_us", "s", 1e-6, true},
    {"_ms", "s", 1e-3, true},
    {"_fj", "J", 1e-15, true},
    {"_pj", "J", 1e-12, true},
    {"_nj", "J", 1e-9, true},
    {"_mj", "J", 1e-3, true},
    {"_nm", "nm", 1, false},
    {"_db", "dB", 1, false},
    {"_s", "s", 1, true},
    {"_j", "J", 1, true},
    {"_w", "W", 1, true},
    {"_v", "V", 1, true},
};

static const struct unit_ending *unit_of(const char *key)
{
    size_t length = strlen(key);
    for (size_t i = 0; i < COUNT_OF(unit_endings); i++) {
        size_t ending = strlen(unit_endings[i].ending);
        if (length >= ending && strcmp(key + length - ending, unit_endings[i].ending) == 0)
            return &unit_endings[i];
    }
    return NULL;
}

bool format_names_unit(const char *key)
{
    return unit_of(key) != NULL;
}

/* A key that is nothing but a rate ("tops_per_w") is labelled by its unit. */
static const char *rate_label(const char *key)
{
    static const char *const rates[][2] = {{"tops", "TOPS"},
                                           {"tops_per_w", "TOPS/W"},
                                           {"tops_per_mm2", "TOPS/mm2"},
                                           {"w_per_mm2", "W/mm2"}};
    for (size_t i = 0; i < COUNT_OF(rates); i++)
        if (strcmp(key, rates[i][0]) == 0)
            return rates[i][1];
    return NULL;
}

/* A key whose words, spelled out, are not how a person writes them. */
static const char *known_label(const char *key)
{
    static const char *const labels[][2] = {
        {"cpu_s", "CPU time"},
        {"kv_bits", "KV bits"},
        {"macs", "MACs"},
        {"memory_gb_s", "memory bandwidth"}, /* stands beside memory_gb */
        {"pj_per_bit", "pJ/bit"},
        {"tops_per_w_blind", "TOPS/W, blind"},
        {"power_blind_w", "power, blind"},
        {"vdd_v", "supply"},
        {"within_1_5", "within 1.5x"},
        {"within_2", "within 2x"},
    };
    for (size_t i = 0; i < COUNT_OF(labels); i++)
        if (strcmp(key, labels[i][0]) == 0)
            return labels[i][1];
    return rate_label(key);
}

const char *format_label(struct arena *a, const char *key)
{
    const struct unit_ending *unit = unit_of(key);
    size_t length = strlen(key);
    if (known_label(key))
        return known_label(key);
    if (unit && unit->ending[0] == '_' && length > strlen(unit->ending) &&
        strcmp(unit->ending, "_per_s") != 0 && strcmp(unit->ending, "_bits") != 0)
        length -= strlen(unit->ending);
    char *label = arena_strndup(a, key, length);
    for (char *c = label; *c; c++)
        if (*c == '_')
            *c = ' ';
    return label;
}

struct shown format_keyed(const char *key, double value)
{
    const struct unit_ending *unit = unit_of(key);
    if (!unit || rate_label(key))
        return format_plain(value);
    return unit->prefixed ? format_si(value * unit->scale, unit->unit)
                          : format_unit(value, unit->unit);
}

/* --- columns on a terminal ------------------------------------------------------------------- */

/* One code point of valid UTF-8; returns its length in bytes. */
static size_t next_point(const char *text, unsigned long *point)
{
    const unsigned char *t = (const unsigned char *)text;
    size_t length = t[0] < 0xC0 ? 1 : t[0] < 0xE0 ? 2 : t[0] < 0xF0 ? 3 : 4;
    static const unsigned char first_bits[] = {0, 0xFF, 0x1F, 0x0F, 0x07};
    *point = (unsigned long)(t[0] & first_bits[length]);
    for (size_t i = 1; i < length; i++) {
        if ((t[i] & 0xC0) != 0x80)
            return i;
        *point = *point << 6 | (unsigned long)(t[i] & 0x3F);
    }
    return length;
}

static int point_width(unsigned long point)
{
    if ((point >= 0x300 && point <= 0x36F) || (point >= 0x200B && point <= 0x200F))
        return 0;
    bool wide = (point >= 0x1100 && point <= 0x115F) || (point >= 0x2E80 && point <= 0xA4CF) ||
                (point >= 0xAC00 && point <= 0xD7A3) || (point >= 0xF900 && point <= 0xFAFF) ||
                (point >= 0xFE30 && point <= 0xFE6F) || (point >= 0xFF00 && point <= 0xFF60) ||
                (point >= 0x1F300 && point <= 0x1FAFF) || (point >= 0x20000 && point <= 0x3FFFD);
    return wide ? 2 : 1;
}

/* The character at `text` as escape_text shows it: its bytes, and the columns it takes. */
static size_t next_columns(const char *text, int *columns)
{
    char shown[TEXT_SHOWN_MAX];
    unsigned long point;
    size_t length = text_show(text, shown);
    if (shown[0] != text[0]) {
        *columns = (int)strlen(shown);
        return length;
    }
    length = next_point(text, &point);
    *columns = point_width(point);
    return length;
}

size_t format_fit(const char *text, int width, int *columns)
{
    size_t used = 0;
    *columns = 0;
    while (text[used]) {
        int wide;
        size_t length = next_columns(text + used, &wide);
        if (*columns + wide > width)
            break;
        *columns += wide;
        used += length;
    }
    return used;
}

int format_columns(const char *text, size_t bytes)
{
    int columns = 0;
    for (size_t used = 0; used < bytes && text[used];) {
        int wide;
        used += next_columns(text + used, &wide);
        columns += wide;
    }
    return columns;
}

int format_width(const char *text)
{
    return format_columns(text, SIZE_MAX);
}

const char *format_cut(struct arena *a, const char *text, int width)
{
    int columns;
    if (format_width(text) <= width)
        return text;
    size_t bytes = format_fit(text, width - 2, &columns);
    return arena_printf(a, "%.*s..", (int)bytes, text);
}
