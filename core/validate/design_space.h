/* design_space.h — every design of some classes that would show a published power and efficiency.
 *
 * Answers: for a chip of which node, power and TOPS/W are published but nothing else, which arrays,
 * bits, clocks and shares of power, taken from the ranges of a file, meet the figures when they are
 * evaluated bottom-up by the models of core/cim, and how wide that space is.  A chip here is
 * `arrays` equal arrays at their peak, and arrays draw `array_share` of its power.
 *
 * It names no chip and predicts none: the space is conditioned on the published figures, so it is
 * never scored.  How many designs meet them says as much about the ranges as about the chip.
 *
 * A file, configs/study/NAME.cfg (what is marked ? may be left out):
 *
 *   kind = "design_space";  name, title, source, ? note
 *   ? tolerance = 0.1          of power, and of TOPS/W where no band was published
 *   ? rate_tolerance = 0.02    of TOPS, where they were published
 *   ? arrays_max = 4096
 *   published = { power_w, tops_per_w, ? tops_per_w_high, ? tops, ... }
 *   designs = { KEY = {        one class
 *       title;  ? interval = 3.3         90 % of the model's TOPS/W lie within x/÷ this
 *       array = { ... };                 an array as in configs/macro
 *       axes = { AXIS = { values = [...]; ? scale = 0.1; ? keys = "input_bits weight_bits" }; ... }
 *   }; ... };
 *
 * An axis sets the keys of the array (its own name unless `keys` says which) to each of its values
 * times scale.  The axis array_share is no key of the array.  A class has at most 100,000
 * combinations. */
#ifndef CIMARRON_DESIGN_SPACE_H
#define CIMARRON_DESIGN_SPACE_H

#include "core/validate/published.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { DESIGN_AXES_MAX = 10, DESIGN_KEYS_MAX = 4, DESIGN_TRIED_MAX = 100000 };

struct design_axis {
    const char *name, *keys;
    struct cfg_ints values;
    double scale;
};

struct design_class {
    const char *key, *title;
    double interval;
    struct design_axis axes[DESIGN_AXES_MAX];
    size_t axis_count;
    size_t tried;    /* combinations of the axes */
    size_t refused;  /* of them: no such array can be built */
    size_t meeting;  /* of them: the model's own figures meet the published ones */
    size_t possible; /* of them: the published ones lie within the model's 90 % interval */
};

struct design {                 /* one that meets */
    size_t of;                  /* index of its class */
    double at[DESIGN_AXES_MAX]; /* by axis, scaled */
    int input_bits, weight_bits;
    double arrays, tops, power_w, tops_per_w;
    double area_mm2; /* of the arrays alone */
};

struct design_range {
    double low, high; /* NAN: no design meets */
};

struct design_space {
    const char *name, *title, *source, *note;
    double tolerance, rate_tolerance;
    int64_t arrays_max;
    struct published published;
    struct design_class *classes;
    size_t class_count;
    struct design *designs; /* in the order of classes and axes */
    size_t count, capacity;
    struct design_range arrays, tops, power_w, tops_per_w, area_mm2; /* over all designs */
};

/* The axis that is no key of the array. */
extern const char design_share_axis[];

extern const struct cfg_schema design_space_schema; /* of the file */
extern const struct cfg_schema design_class_schema; /* of a group in `designs` */
extern const struct cfg_schema design_axis_schema;  /* of a group in `axes` */

/* Reads the file without evaluating: what `check` asks for.  The arrays are opened as written. */
FALLIBLE bool design_space_read(struct arena *a, const struct cfg_group *g,
                                struct design_space *out, struct diag *d);

/* Reads and evaluates all combinations.  An error when a class has none that can be built. */
FALLIBLE bool design_space_explore(struct arena *a, const char *path,
                                   const struct cfg_override *set, size_t set_count,
                                   struct design_space *out, struct diag *d);

/* Over the designs of one class; index: that of the axis. */
struct design_range design_axis_range(const struct design_space *s, size_t of, size_t axis);

#ifdef __cplusplus
}
#endif
#endif
