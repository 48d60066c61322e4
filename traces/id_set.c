#include "traces/id_set.h"

#include <stdlib.h>

enum {
    WORDS = 16, /* 1,024 ids in a leaf */
    LEAVES = 1024,
    BRANCHES = 2048
};

struct leaf {
    uint64_t word[WORDS];
};

struct branch {
    struct leaf *leaf[LEAVES];
    int full; /* leaves that hold every id */
};

struct id_set {
    struct branch *branch[BRANCHES];
    struct leaf full_leaf; /* their addresses stand for "holds every id" */
    struct branch full_branch;
};

struct id_set *id_set_open(void)
{
    return calloc(1, sizeof(struct id_set));
}

static void branch_close(struct id_set *s, struct branch *b)
{
    if (!b || b == &s->full_branch)
        return;
    for (size_t i = 0; i < LEAVES; i++) {
        if (b->leaf[i] != &s->full_leaf)
            free(b->leaf[i]);
    }
    free(b);
}

void id_set_close(struct id_set *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < BRANCHES; i++)
        branch_close(s, s->branch[i]);
    free(s);
}

static size_t branch_of(int32_t id)
{
    return (size_t)id >> 20;
}

static size_t leaf_of(int32_t id)
{
    return (size_t)id >> 10 & (LEAVES - 1);
}

static size_t word_of(int32_t id)
{
    return (size_t)id >> 6 & (WORDS - 1);
}

static uint64_t bit_of(int32_t id)
{
    return UINT64_C(1) << (id & 63);
}

bool id_set_has(const struct id_set *s, int32_t id)
{
    if (id < 0)
        return false;
    const struct branch *b = s->branch[branch_of(id)];
    if (!b || b == &s->full_branch)
        return b != NULL;
    const struct leaf *l = b->leaf[leaf_of(id)];
    if (!l || l == &s->full_leaf)
        return l != NULL;
    return (l->word[word_of(id)] & bit_of(id)) != 0;
}

static bool leaf_is_full(const struct leaf *l)
{
    for (size_t i = 0; i < WORDS; i++) {
        if (l->word[i] != UINT64_MAX)
            return false;
    }
    return true;
}

/* Replaces full leaves and branches by their one pointer. */
static void fold(struct id_set *s, int32_t id)
{
    struct branch *b = s->branch[branch_of(id)];
    struct leaf *l = b->leaf[leaf_of(id)];
    if (l->word[word_of(id)] != UINT64_MAX || !leaf_is_full(l))
        return;
    free(l);
    b->leaf[leaf_of(id)] = &s->full_leaf;
    if (++b->full < LEAVES)
        return;
    free(b);
    s->branch[branch_of(id)] = &s->full_branch;
}

bool id_set_add(struct id_set *s, int32_t id)
{
    if (id_set_has(s, id))
        return true;
    struct branch **b = &s->branch[branch_of(id)];
    if (!*b && !(*b = calloc(1, sizeof **b)))
        return false;
    struct leaf **l = &(*b)->leaf[leaf_of(id)];
    if (!*l && !(*l = calloc(1, sizeof **l)))
        return false;
    (*l)->word[word_of(id)] |= bit_of(id);
    fold(s, id);
    return true;
}
