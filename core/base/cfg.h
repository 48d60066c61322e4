/* cfg.h — configs, read strictly.
 *
 * Answers: the values of a .cfg file, each checked against a schema (type, range, unit, default)
 * and each number with its provenance.  Unknown keys, missing keys, numbers without a source,
 * literals that libconfig would bend, include loops, and over-large files are errors that name
 * file and line.  It does not know any model: every model brings its own schema.
 *
 * Sources: a group has source = "..."; what it holds inherits it.  sources = { key = "..." }
 * overrides for single keys; recalled = [..] and assumed = [..] list keys of this group;
 * spread = { key = 0.2 } is a relative standard uncertainty.  The keys source, sources,
 * recalled, assumed, spread, note, title, published are allowed in every group and skipped by
 * cfg_read.  A default that stands in for a missing key is assumed.  What is included belongs to
 * the group that includes it, its source too; a path is beside the including file, or else below
 * configs/.  Text values are UTF-8 without zero bytes.
 *
 * Limits: 4 MiB with all includes, includes 10 deep, brackets 32 deep, 4,096 keys in a group,
 * 16,384 in all; lists hold no groups. */
#ifndef CIMARRON_CFG_H
#define CIMARRON_CFG_H

#include "core/base/arena.h"
#include "core/base/diag.h"

#ifdef __cplusplus
extern "C" {
#endif

enum cfg_type {
    CFG_BOOL,     /* bool */
    CFG_INT,      /* int64_t */
    CFG_REAL,     /* double: an integer literal is accepted */
    CFG_QUANTITY, /* struct quantity: a real with its provenance and spread */
    CFG_TEXT,     /* const char * */
    CFG_CHOICE,   /* int: the index of a word in `choices` */
    CFG_INTS      /* struct cfg_ints: an array of integers */
};

struct cfg_ints {
    const int64_t *values;
    size_t count;
};

struct cfg_field {
    const char *key;
    enum cfg_type type;
    size_t offset;    /* into the struct that cfg_read fills */
    const char *unit; /* "pJ", "mW", "ns", "bits", ...; "" when it has none */
    double min, max;  /* inclusive; every element of CFG_INTS; both 0: any finite value */
    const char
        *fallback; /* default, written as in a config, may lie out of range; NULL: required */
    const char *const *choices; /* CFG_CHOICE: NULL-terminated words */
    const char *help;           /* one line for `cimarron list` */
};

struct cfg_schema {
    const char *name; /* what the group describes, for messages: "HBM2 stack" */
    const char *help;
    const struct cfg_field *fields;
    size_t count;
    const char *const *groups; /* NULL-terminated names of sub-groups that may stand; may be NULL */
    const struct cfg_schema *base; /* further fields of the same struct; may be NULL */
};

struct cfg;       /* one file with its includes */
struct cfg_group; /* a group in it */

/* One --set PATH=VALUE, PATH as "chip.tile.arrays". */
struct cfg_override {
    const char *path;
    const char *value;
};

/* Where configs and traces are looked for: CIMARRON_HOME, else share/cimarron beside an installed
 * program, else the source tree of a build tree, else PREFIX/share/cimarron.  Text lives in `a`. */
const char *cfg_home(struct arena *a);

/* The file that NAME means: itself when it is a path that exists, else configs/<role>/NAME.cfg
 * for each role folder in the NULL-terminated list (NULL: all).  NULL and a diag when none. */
const char *cfg_find(struct arena *a, const char *name, const char *const *roles, struct diag *d);

/* The same for a name that stands in the config `file`: a path is beside that file, or else below
 * configs/, wherever the program was started. */
const char *cfg_find_beside(struct arena *a, const char *file, const char *name,
                            const char *const *roles, struct diag *d);

/* The same for the text of `key` in g, "" where there is none.  One that --set gave is what the
 * user means where the program was started. */
const char *cfg_find_named(struct arena *a, const struct cfg_group *g, const char *key,
                           const char *const *roles, struct diag *d);

/* Reads PATH strictly; overrides are applied before anything is read from it (an override of a
 * key that does not stand in the file is an error unless a schema gives it a default). */
FALLIBLE bool cfg_open(struct arena *a, const char *path, const struct cfg_override *set,
                       size_t set_count, struct cfg **out, struct diag *d);

/* The same for a file that is a part of another, named by `within` ("chip."): complaints about an
 * override say its path as the user wrote it, with that word before it. */
FALLIBLE bool cfg_open_within(struct arena *a, const char *path, const char *within,
                              const struct cfg_override *set, size_t set_count, struct cfg **out,
                              struct diag *d);
void cfg_close(struct cfg *c); /* NULL is allowed; what was read stays valid, its groups do not */

const struct cfg_group *cfg_root(const struct cfg *c);

/* Fills `out` by the schema and refuses keys it does not know. */
FALLIBLE bool cfg_read(const struct cfg_group *g, const struct cfg_schema *schema, void *out,
                       struct diag *d);

/* A sub-group that must stand / may stand (NULL). */
FALLIBLE bool cfg_sub(const struct cfg_group *g, const char *key, const struct cfg_group **sub,
                      struct diag *d);
const struct cfg_group *cfg_sub_or_null(const struct cfg_group *g, const char *key);

/* The sub-groups of g, in file order (without sources, spread, published). */
size_t cfg_sub_count(const struct cfg_group *g);
const struct cfg_group *cfg_sub_at(const struct cfg_group *g, size_t index);

/* The keys of g that hold values, in file order (without source, recalled, ... and groups): for
 * groups whose keys are names; NULL past the end. */
const char *cfg_key_at(const struct cfg_group *g, size_t index);

const char *cfg_name(const struct cfg_group *g); /* its key; "" at the top */
const char *cfg_file(const struct cfg_group *g); /* where it stands */
int cfg_line(const struct cfg_group *g);
bool cfg_has(const struct cfg_group *g, const char *key);
int cfg_key_line(const struct cfg_group *g, const char *key, const char **file);
const char *cfg_text_or(const struct cfg_group *g, const char *key, const char *fallback);
const char *cfg_source_of(const struct cfg_group *g, const char *key); /* NULL: none */

/* The published figures of g: what only comparing and validating may read (with a schema of
 * their own, by cfg_read); NULL when there are none. */
const struct cfg_group *cfg_published(const struct cfg_group *g);

/* diag_input at the key's (NULL: the group's) line; false. */
#define cfg_complain(g, key, d, ...) (cfg_record(g, key, d, __VA_ARGS__), diag_false())
void cfg_record(const struct cfg_group *g, const char *key, struct diag *d, const char *format, ...)
    PRINTF_LIKE(4, 5);

#ifdef __cplusplus
}
#endif
#endif
