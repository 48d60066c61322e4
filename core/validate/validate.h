/* validate.h — predictions beside what was published or measured.
 *
 * Answers: which figures are judged, by which kind of prediction, against which reference, and
 * whether each lies within its limit.  It predicts nothing itself: providers do, one line each in
 * providers.def, and hand in rows.  Rendering is on the floors above.
 *
 * Kinds are never mixed in one statistic: a blind figure used nothing of the chip but its
 * structure; a leave-one-out figure used constants fitted on all chips but this one; a component
 * figure used the chip's own published unit costs; a structure figure follows from counting. */
#ifndef CIMARRON_VALIDATE_H
#define CIMARRON_VALIDATE_H

#include "core/base/arena.h"
#include "core/base/diag.h"
#include "core/validate/published.h"

#ifdef __cplusplus
extern "C" {
#endif

enum judged_kind {
#define KIND(id, name, title, help) JUDGED_##id,
#include "core/validate/judged_kinds.def"
#undef KIND
    JUDGED_KIND_COUNT
};

const char *judged_kind_name(enum judged_kind k);  /* "leave_one_out" */
const char *judged_kind_title(enum judged_kind k); /* "leave one out" */
const char *judged_kind_help(enum judged_kind k);

/* One figure beside its reference.  Texts must live as long as the list: arena texts. */
struct judged {
    const char *case_name;       /* "jia_2020", or "jia_2020@1.2V" for a point of it */
    const char *chip;            /* physical chip; NULL: the case's */
    const char *family;          /* "digital", "accelerator", ... */
    const char *metric;          /* "tops", "tops_per_w", "power_w", "area_mm2", "share.adc",
                                  * "sqnr_db.4x4" (inputs x weights), ... */
    double predicted, low, high; /* 90 % interval; NAN none (0, 0 is read as none, too) */
    double reference;            /* NAN: nothing was published; printed, never judged */
    double limit_pct; /* NAN or 0: none of its own (statistics have theirs).  Of metrics that
                       * begin with "share." it is in points of 100 */
    enum judged_kind kind;
    bool scored;      /* false: printed, marked, in no statistics, never beyond a limit */
    const char *mark; /* footnote; NULL none */
    const char *source;
    const char *known_miss; /* the recorded reason, or NULL */
    double known_value;     /* the prediction when it was recorded */
};

/* Rows as they come.  `only` (NULL-terminated, or NULL): names of cases or chips asked for; rows
 * of others are dropped by judged_add.  `extra` (NULL-terminated, or NULL): configs outside the
 * tree that are judged too. */
struct judged_list {
    struct arena *arena;
    struct judged *rows;
    size_t count, capacity;
    const char *const *only, *const *extra;
};

void judged_open(struct judged_list *l, struct arena *a);
void judged_add(struct judged_list *l, const struct judged *j);

/* Whether rows of this case or chip are asked for: providers may skip work for others. */
bool judged_wanted(const struct judged_list *l, const char *case_name, const char *chip);

/* Fills known_miss and known_value of a row from what its config recorded for metric and kind. */
void judged_know(struct judged *j, const struct published *p);

/* Sorted paths of configs/ROLE/ *.cfg, then those of `extra` that are of this role (told by their
 * folder, else by their `kind`): "macro", "accelerator", "chip", "gpu".  Everything a provider
 * may judge; it does not drop what is not asked for. */
struct judged_files {
    const char **paths;
    size_t count;
};
struct judged_files judged_files(const struct judged_list *l, const char *role);
/* "accelerator", "macro", "chip", "gpu", "wafer", "design_space", or "": by the keys of a config's
 * root. */
const char *judged_role(const struct cfg_group *g);
const char *judged_base_name(struct arena *a, const char *path); /* "jia_2020" */

/* 100 (predicted / reference - 1), of shares 100 (predicted - reference). */
double judged_error_pct(const struct judged *j);

/* What a row says about itself. */
enum judged_verdict {
    VERDICT_UNJUDGED, /* no reference, no limit, or not scored */
    VERDICT_WITHIN,
    VERDICT_BEYOND,
    VERDICT_KNOWN_MISS, /* beyond its limit, recorded, and not 5 % worse than recorded */
    VERDICT_MISS_WORSE, /* recorded, and more than 5 % further off than recorded: fails */
    VERDICT_MISS_HEALED /* recorded, but within the limit: fails until the record is taken out */
};
enum judged_verdict judged_verdict(const struct judged *j);
bool verdict_fails(enum judged_verdict v);
const char *verdict_name(enum judged_verdict v); /* "beyond limit" */

/* A provider: fills rows of a suite; fails only on bad configs. */
typedef bool judged_provider(struct judged_list *l, struct diag *d);

#define PROVIDER(suite, function) bool function(struct judged_list *l, struct diag *d);
#include "core/validate/providers.def"
#undef PROVIDER

struct provider {
    const char *suite; /* "silicon", "memory", "noc", "gpu" */
    judged_provider *fill;
};
const struct provider *provider_at(size_t index); /* NULL past the end */

/* Runs every provider of the suite; *filled counts them. */
FALLIBLE bool suite_fill(const char *suite, struct judged_list *l, size_t *filled, struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
