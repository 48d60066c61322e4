/* Which channels are alike: split by what transfers give them, joined when equal again. */
#include "memory/dram_class_set.h"

#include <string.h>

#include "memory/dram_memo.h"

int32_t dram_class_take(struct dram_classes *k, int64_t members)
{
    int32_t id = k->free[--k->free_count];
    k->live[k->live_count++] = id;
    k->pool[id].members = members;
    k->pool[id].other = -1;
    return id;
}

/* --- what is certain -------------------------------------------------------------------------- */

void dram_tally_add(struct dram_tally *t, const struct dram_tally *more, int64_t members)
{
    t->done = more->done > t->done ? more->done : t->done;
    t->activates += more->activates * (double)members;
}

void dram_class_settle(struct dram_classes *k, const struct dram_class *c, struct dram_segment *g)
{
    int slot = g->owner % DRAM_SLOTS;
    if (k->owner[slot] == g->owner)
        dram_tally_add(&k->sure[slot], &(struct dram_tally){g->done, g->activates}, c->members);
    g->done = 0;
    g->activates = 0;
}

static void settle_all(struct dram_classes *k, struct dram_class *c)
{
    for (uint32_t i = c->state.segment_first; i != c->state.segment_end; i++)
        dram_class_settle(k, c, dram_channel_segment(&c->state, i));
}

/* --- splitting -------------------------------------------------------------------------------- */

int32_t dram_class_copy(struct dram_classes *k, int32_t of)
{
    int32_t id = dram_class_take(k, 0);
    const struct dram_class *from = &k->pool[of];
    struct dram_class *to = &k->pool[id];
    to->state = from->state;
    to->stale = from->stale;
    to->outcome_count = from->outcome_count;
    memcpy(to->outcome, from->outcome, (size_t)from->outcome_count * sizeof *to->outcome);
    if (k->engine->memo)
        dram_memo_forget(k->engine->memo);
    return id;
}

void dram_class_move(struct dram_classes *k, int64_t channel, int32_t to)
{
    k->pool[k->of[channel]].members--;
    k->pool[to].members++;
    k->of[channel] = to;
}

/* How many bursts below `burst` lie in this channel. */
static int64_t bursts_below(const struct dram_spec *s, int64_t burst, int64_t channel)
{
    int64_t group = s->ctl.interleave_bytes / s->org.burst_bytes, round = group * s->org.channels;
    int64_t rest = burst % round - channel * group;
    rest = rest < 0 ? 0 : rest > group ? group : rest;
    return burst / round * group + rest;
}

void dram_class_split_touched(struct dram_classes *k, int64_t from, int64_t count)
{
    k->hit_count = 0;
    for (int64_t i = 0; i < count; i++)
        k->pool[k->of[(from + i) % k->channels]].touched++;
    for (int64_t i = 0; i < count; i++) {
        int64_t channel = (from + i) % k->channels;
        struct dram_class *c = &k->pool[k->of[channel]];
        if (c->other < 0) {
            c->other =
                c->touched == c->members ? k->of[channel] : dram_class_copy(k, k->of[channel]);
            k->hit[k->hit_count++] = c->other;
        }
        if (c->other != k->of[channel])
            dram_class_move(k, channel, c->other);
    }
    for (int64_t i = 0; i < k->live_count; i++) {
        k->pool[k->live[i]].other = -1;
        k->pool[k->live[i]].touched = 0;
    }
}

/* The class of this piece among those that were one. */
static int32_t class_for(struct dram_classes *k, int32_t id, const struct dram_piece *p)
{
    for (;;) {
        struct dram_class *c = &k->pool[id];
        if (c->piece.from == c->piece.to)
            c->piece = *p;
        if (c->piece.from == p->from && c->piece.to == p->to)
            return id;
        if (c->other < 0) {
            c->other = dram_class_copy(k, id);
            k->hit[k->hit_count++] = c->other;
        }
        id = c->other;
    }
}

void dram_class_split_pieces(struct dram_classes *k, int64_t first, int64_t end, int64_t from,
                             int64_t count)
{
    const struct dram_spec *s = k->engine->spec;
    for (int64_t i = 0; i < count; i++) {
        int64_t channel = (from + i) % k->channels;
        struct dram_piece p = {bursts_below(s, first, channel), bursts_below(s, end, channel)};
        int32_t id = class_for(k, k->of[channel], &p);
        if (id != k->of[channel])
            dram_class_move(k, channel, id);
    }
}

/* --- joining ---------------------------------------------------------------------------------- */

static bool equal(struct dram_classes *k, int32_t a, int32_t b)
{
    const struct dram_spec *s = k->engine->spec;
    dram_key_whole(&k->key[0], s, &k->pool[a].state);
    dram_key_whole(&k->key[1], s, &k->pool[b].state);
    return dram_key_equal(&k->key[0], &k->key[1]);
}

/* The class before this one in `hit` that it equals, or -1. */
static int32_t find_equal(struct dram_classes *k, int32_t id)
{
    struct dram_class *c = &k->pool[id];
    int32_t *bucket = &k->bucket[0];
    dram_key_whole(&k->key[0], k->engine->spec, &c->state);
    c->hash = k->key[0].hash;
    bucket += c->hash % DRAM_CLASS_BUCKETS;
    for (int32_t i = *bucket; i >= 0; i = k->pool[i].chained)
        if (k->pool[i].hash == c->hash && equal(k, i, id))
            return i;
    c->chained = *bucket;
    *bucket = id;
    return -1;
}

static void join_with(struct dram_classes *k, int32_t id, int32_t other)
{
    struct dram_class *gone = &k->pool[id], *c = &k->pool[other];
    settle_all(k, gone);
    settle_all(k, c);
    c->members += gone->members;
    gone->members = 0;
    gone->other = other;
}

/* Members of classes that are gone move to where those have gone. */
static void drop_joined(struct dram_classes *k, int32_t *list, int64_t *count)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < *count; i++)
        if (k->pool[list[i]].members > 0)
            list[kept++] = list[i];
    *count = kept;
}

static void renumber(struct dram_classes *k)
{
    for (int64_t channel = 0; channel < k->channels; channel++)
        if (k->pool[k->of[channel]].members == 0)
            k->of[channel] = k->pool[k->of[channel]].other;
    for (int64_t i = 0; i < k->live_count; i++)
        if (k->pool[k->live[i]].members == 0)
            k->free[k->free_count++] = k->live[i];
    drop_joined(k, k->live, &k->live_count);
    drop_joined(k, k->hit, &k->hit_count);
}

void dram_class_join_equal(struct dram_classes *k)
{
    bool any = false;
    if (!k->share || k->hit_count < 2)
        return;
    memset(k->bucket, -1, sizeof k->bucket);
    for (int64_t i = 0; i < k->hit_count; i++) {
        int32_t other = find_equal(k, k->hit[i]);
        if (other >= 0)
            join_with(k, k->hit[i], other);
        any = any || other >= 0;
    }
    if (!any)
        return;
    if (k->engine->memo)
        dram_memo_forget(k->engine->memo);
    renumber(k);
}
