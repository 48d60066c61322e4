/* cfg_order.h — which word of a config may follow which.
 *
 * Private to core/base.  Takes the words one by one and refuses whatever libconfig's grammar
 * would refuse, before libconfig sees it: its own complaints are vague, and it leaks when it
 * fails.  Refuses duplicate keys, groups in lists, and too many or too deep, too. */
#ifndef CIMARRON_CFG_ORDER_H
#define CIMARRON_CFG_ORDER_H

#include "core/base/cfg_flat.h"
#include "core/base/cfg_lex.h"

#ifdef __cplusplus
extern "C" {
#endif

enum cfg_wanted {
    WANT_KEY,
    WANT_EQUALS,
    WANT_VALUE,
    WANT_VALUE_OR_END, /* behind [ or ( */
    BEHIND_TEXT,       /* a further text continues it */
    BEHIND_VALUE
};

/* An open bracket; the outermost frame is the file itself. */
struct cfg_frame {
    char bracket; /* '\0' outermost */
    struct cfg_place place;
    uint32_t group;
    size_t keys;
    bool has_kind; /* in [ ]: whether `kind` is set */
    enum cfg_token_kind kind;
};

struct cfg_seen;

struct cfg_order {
    struct arena *scratch;
    struct diag *d;
    const char *file; /* that the words come from */
    enum cfg_wanted wanted;
    struct cfg_token name; /* the last TOKEN_NAME, behind which = is wanted */
    struct cfg_frame frames[CFG_NESTING_MAX + 1];
    size_t depth;
    uint32_t groups;
    size_t keys;
    struct cfg_seen *seen; /* open addressing, at most half full */
    size_t seen_mask;
};

/* Takes a word (not TOKEN_INCLUDE); brackets below depth `base` belong to another file. */
FALLIBLE bool cfg_order_take(struct cfg_order *o, const struct cfg_token *t, size_t base);

/* Whether a key, and so an @include, may stand at this line. */
FALLIBLE bool cfg_order_may_include(const struct cfg_order *o, int line);

static inline bool cfg_order_in_array(const struct cfg_order *o)
{
    return o->frames[o->depth].bracket == '[';
}

#ifdef __cplusplus
}
#endif
#endif
