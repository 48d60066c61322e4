/* cfg_tree.h — a config as a tree of groups and values, and what it says about its numbers.
 *
 * Private to core/base.  The tree lives in the arena given to cfg_open. */
#ifndef CIMARRON_CFG_TREE_H
#define CIMARRON_CFG_TREE_H

#include "core/base/cfg.h"
#include "core/base/cfg_flat.h"
#include "core/base/near.h"

#ifdef __cplusplus
extern "C" {
#endif

enum cfg_kind { KIND_BOOL, KIND_INT, KIND_REAL, KIND_TEXT, KIND_LIST, KIND_GROUP };

struct cfg_value {
    enum cfg_kind kind;
    size_t count; /* KIND_LIST */
    union {
        bool flag;
        int64_t integer;
        double real;
        const char *text;
        const struct cfg_value *items;
        struct cfg_group *group;
    };
};

struct cfg_entry {
    const char *key;
    struct cfg_value value;
    struct cfg_place place; /* of a value that was set: "--set PATH=VALUE", line 0 */
    bool set;
};

struct cfg_group {
    struct arena *arena;
    const char *key;
    const struct cfg_group *parent; /* NULL at the top */
    struct cfg_place place;
    struct cfg_entry *entries;
    size_t count;
};

struct cfg {
    struct arena *arena;
    struct cfg_group *root;
    const char *within; /* before the paths of overrides, in complaints */
};

struct cfg_entry *cfg_entry(const struct cfg_group *g, const char *key); /* NULL: none */

/* "a list", "a group", ... for messages. */
const char *cfg_kind_name(enum cfg_kind kind);

/* A value written as in a config ("0.5", "[1, 2]", "\"text\""); texts may lack their quotes. */
FALLIBLE bool cfg_value_parse(struct arena *a, const char *text, struct cfg_value *out,
                              struct diag *d);

/* Applies one --set to the tree. */
FALLIBLE bool cfg_set(struct cfg *c, const struct cfg_override *o, struct diag *d);

/* --- what a group says about its numbers (cfg_meta.c) --- */

bool cfg_is_meta(const char *key);

/* Checks the meta keys of g and of all groups in it. */
FALLIBLE bool cfg_check_meta(const struct cfg_group *g, struct diag *d);

/* The trust in the entry's number; a number without a source is an error. */
FALLIBLE bool cfg_trust(const struct cfg_group *g, const struct cfg_entry *e, struct quantity *q,
                        struct diag *d);

#ifdef __cplusplus
}
#endif
#endif
