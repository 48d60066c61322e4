/* format.h — numbers as a person reads them.
 *
 * Answers: "41.3 TOPS", "1.56 mJ", "12.3 us": four significant digits, trailing zeros dropped, an
 * SI prefix where the unit takes one.  A value that is not finite reads "-".  It also reads the
 * unit out of a key's ending (time_s, energy_pj, area_mm2), so that generic results print well.
 * Nothing here is for machines: csv and json print full precision elsewhere. */
#ifndef CIMARRON_FORMAT_H
#define CIMARRON_FORMAT_H

#include "core/base/arena.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Text by value: `printf("%s", format_si(x, "J").s)`. */
struct shown {
    char s[48];
};

struct shown format_si(double value, const char *unit); /* 0.00156, "J" -> "1.56 mJ" */
struct shown format_plain(double value); /* 40577.3 -> "40,577"; 0.8123 -> "0.8123" */
struct shown format_unit(double value, const char *unit);  /* format_plain, a space, the unit */
const char *format_three(struct arena *a, double value);   /* 16.72 -> "16.7": of predictions */
const char *format_factor(struct arena *a, double factor); /* 1.016 -> "1.02", 12.34 -> "12.3" */
struct shown format_percent(double fraction);              /* 0.4123 -> "41.2 %" */
struct shown format_signed_percent(double fraction);       /* -0.029 -> "-2.9 %" */
struct shown format_times(double factor);                  /* 3.214 -> "3.21x" */
struct shown format_exact(double value); /* the shortest text that reads back equal */

/* A key of a result: its words without the unit ("energy_pj" -> "energy") and its value with it
 * (1560 -> "1.56 nJ").  A key that names no unit keeps all of its words and a plain number. */
const char *format_label(struct arena *a, const char *key);
struct shown format_keyed(const char *key, double value);
bool format_names_unit(const char *key);

/* Columns that UTF-8 text takes on a terminal: wide characters 2, combining marks 0. */
int format_width(const char *text);
int format_columns(const char *text, size_t bytes); /* of its first bytes */

/* The text itself, or its beginning and ".." in at most `width` (>= 2) columns. */
const char *format_cut(struct arena *a, const char *text, int width);

/* Bytes of the longest beginning of `text` that fits `width` columns, and its columns. */
size_t format_fit(const char *text, int width, int *columns);

#ifdef __cplusplus
}
#endif
#endif
