/* family.h — laws of families of compute-in-memory arrays, and their fits on published chips.
 *
 * Answers: which laws there are, their constants before and after fitting, and what a law says
 * of an array whose chip was left out of the fit.  Forms are those that win leave-one-chip-out on
 * the public benchmark (docs/MODELS.md, "Families"); s = node / 28 nm, V the supply.
 *
 * Energies are totals of a macro at unpublished data statistics: density is part of the spread. */
#ifndef CIMARRON_FAMILY_LAW_H
#define CIMARRON_FAMILY_LAW_H

#include "core/fit/benchmark.h"
#include "core/fit/fit.h"

#ifdef __cplusplus
extern "C" {
#endif

struct fit_family {
    const char *name;     /* "analog_sram", "digital_area" */
    const char *help;     /* what it predicts */
    const char *form;     /* the law as a person writes it */
    const char *unit;     /* of the figure: "fJ", "um2", "ns" */
    enum array_family of; /* rows that take part */
    struct fit_law law;
    double (*published)(const struct benchmark_row *b); /* NAN: takes no part */
    bool per_chip;  /* one row per chip: points of a chip do not differ in it */
    bool is_energy; /* of one event: it varies with density */
};

#define FAMILY(symbol) extern const struct fit_family fit_family_##symbol;
#include "core/fit/families.def"
#undef FAMILY

const struct fit_family *fit_family_at(size_t index); /* NULL past the end */
const struct fit_family *fit_family_find(const char *name);

/* The grouping that is left out beside the chip: "cell", "venue", "node". */
enum { FIT_GROUPINGS = 3 };
extern const char *const fit_grouping_words[FIT_GROUPINGS];

/* The points of a family: rows that no label leaves out and that state what its law needs. */
struct fit_set fit_family_points(struct arena *a, const struct fit_family *f,
                                 const struct benchmark *b);

/* Those that state what its law needs, but that a label leaves out: how far off the law is there
 * says what leaving them out was worth. */
struct fit_set fit_family_excluded(struct arena *a, const struct fit_family *f,
                                   const struct benchmark *b);

/* Whether the facts suffice for the law. */
bool fit_family_applies(const struct fit_family *f, const struct family_facts *facts);

/* One figure of an array, under constants fitted without the chips that are left out. */
struct fit_estimate {
    double value;    /* in the family's unit */
    double a_priori; /* under the constants before any fit */
    double sigma;  /* of ln(predicted / published), over the chips that stayed in, each left out */
    size_t chips;  /* that stayed in */
    bool left_out; /* whether a chip of the data was left out */
    double constants[FIT_CONSTANTS_MAX];
    const double (*others)[FIT_CONSTANTS_MAX]; /* fits with one of those chips left out as well */
    size_t other_count;
};

/* `without`: benchmark indexes of the array's own chip.  False: the law does not apply. */
bool fit_family_estimate(struct arena *a, const struct fit_family *f, const struct benchmark *b,
                         const struct family_facts *facts, const int64_t *without,
                         size_t without_count, struct fit_estimate *out);

#ifdef __cplusplus
}
#endif
#endif
