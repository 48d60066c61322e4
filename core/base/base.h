/* base.h — the few words that every other file speaks: time, fallible, provenance.
 *
 * Answers: which scalar types carry time and counts, how a step that can fail is marked,
 * and how much a number may be trusted.  It does not hold any model.
 *
 * Time inside the simulator is a signed 64-bit count of picoseconds (107 days).  Energy is
 * a double in picojoules.  An operation count is a double: training reaches 3e23. */
#ifndef CIMARRON_BASE_H
#define CIMARRON_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int64_t time_ps;

#define TIME_NEVER INT64_MAX

/* The result of a fallible step must be looked at. */
#define FALLIBLE __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/* TRY(step()): leave the calling bool function with false as soon as a step fails. */
#define TRY(step)                                                                                  \
    do {                                                                                           \
        if (!(step))                                                                               \
            return false;                                                                          \
    } while (0)

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Where a number comes from.  The order is the order of trust, best first. */
enum provenance {
    FROM_SOURCE,   /* seen in the source its config names */
    FROM_RECALLED, /* stands in a named paper, was not looked up */
    FROM_SET,      /* set by the user on the command line */
    FROM_ASSUMED   /* nobody published it */
};

/* A number with its trust: `spread` is the relative standard uncertainty (0.2 = 20 %). */
struct quantity {
    double value;
    double spread;
    enum provenance from;
};

/* Relative standard uncertainty: the one stated, or by what the value rests on: 0.1 for a source,
 * 0.2 for a recalled one, 0.5 for an assumption, none for what the user has set. */
static inline double quantity_spread(const struct quantity *q)
{
    static const double unstated[] = {0.1, 0.2, 0.0, 0.5};
    return q->spread > 0 ? q->spread : unstated[q->from];
}

/* The quantity that a model computes itself from `inputs` that are at best `from`. */
static inline struct quantity quantity_of(double value, enum provenance from, double spread)
{
    struct quantity q;
    q.value = value;
    q.spread = spread;
    q.from = from;
    return q;
}

/* The same trust, another value: q scaled by `factor` (a unit change, a node scaling). */
static inline struct quantity quantity_scaled(struct quantity q, double factor)
{
    return quantity_of(q.value * factor, q.from, q.spread);
}

static inline int64_t ceil_div(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

#ifdef __cplusplus
}
#endif
#endif
