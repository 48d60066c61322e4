/* Transfers to classes of equal channels, and what becomes of them. */
#include "memory/dram_classes.h"

#include <assert.h>
#include <string.h>

#include "memory/dram_class_set.h"

enum { GENERATIONS = 1 << 24 };

struct dram_classes *dram_classes_open(struct arena *a, const struct dram_engine *e)
{
    struct dram_classes *k = ARENA_NEW(a, struct dram_classes);
    k->engine = e;
    k->share = true;
    k->channels = e->spec->org.channels;
    k->pool = ARENA_ARRAY(a, struct dram_class, k->channels);
    k->of = ARENA_ARRAY(a, int32_t, k->channels);
    k->live = ARENA_ARRAY(a, int32_t, k->channels);
    k->free = ARENA_ARRAY(a, int32_t, k->channels);
    k->hit = ARENA_ARRAY(a, int32_t, k->channels);
    for (int64_t i = k->channels; i > 0; i--)
        k->free[k->free_count++] = (int32_t)(i - 1);
    for (int slot = 0; slot < DRAM_SLOTS; slot++)
        k->owner[slot] = slot;
    dram_channel_open(e->spec, &k->pool[dram_class_take(k, k->channels)].state);
    return k;
}

/* --- handing out ------------------------------------------------------------------------------ */

static void settle_finished(struct dram_classes *k, struct dram_class *c)
{
    struct dram_segment g;
    while (dram_channel_collect(&c->state, &g))
        dram_class_settle(k, c, &g);
}

/* Brings the classes to `cycle`; one may already be later, with old work still being taken in. */
static void catch_up(struct dram_classes *k, int64_t cycle)
{
    for (int64_t i = 0; i < k->hit_count; i++) {
        struct dram_class *c = &k->pool[k->hit[i]];
        dram_channel_run(k->engine, &c->state, cycle);
        settle_finished(k, c);
    }
}

static void add_pieces(struct dram_classes *k, bool write, int64_t cycle, int32_t owner)
{
    for (int64_t i = 0; i < k->hit_count; i++) {
        struct dram_class *c = &k->pool[k->hit[i]];
        dram_channel_add(&c->state, c->piece.from, c->piece.to, write, cycle, owner);
        c->stale = true;
        c->piece = (struct dram_piece){0, 0};
        c->other = -1;
    }
}

/* Channels [*from, *from + count), around the last one, are those that bursts [first, end) touch.
 */
static int64_t touched_channels(const struct dram_spec *s, int64_t first, int64_t end,
                                int64_t *from)
{
    int64_t group = s->ctl.interleave_bytes / s->org.burst_bytes;
    int64_t groups = (end - 1) / group - first / group + 1;
    *from = groups < s->org.channels ? first / group % s->org.channels : 0;
    return groups < s->org.channels ? groups : s->org.channels;
}

void dram_classes_add(struct dram_classes *k, int64_t first, int64_t end, bool write, int64_t cycle,
                      int slot)
{
    int64_t from, count = touched_channels(k->engine->spec, first, end, &from);
    assert(first < end && slot >= 0 && slot < DRAM_SLOTS);
    k->owner[slot] = (k->owner[slot] + DRAM_SLOTS) % (DRAM_SLOTS * GENERATIONS);
    k->sure[slot] = (struct dram_tally){0};
    dram_class_split_touched(k, from, count);
    catch_up(k, cycle);
    dram_class_join_equal(k);
    dram_class_split_pieces(k, first, end, from, count);
    add_pieces(k, write, cycle, k->owner[slot]);
}

/* --- looking ahead ---------------------------------------------------------------------------- */

static void take_in_stale(struct dram_classes *k)
{
    k->hit_count = 0;
    for (int64_t i = 0; i < k->live_count; i++) {
        struct dram_class *c = &k->pool[k->live[i]];
        if (!c->stale)
            continue;
        k->hit[k->hit_count++] = k->live[i];
        dram_channel_feed(k->engine, &c->state, DRAM_CYCLE_NEVER, 0);
        settle_finished(k, c);
    }
}

static void find_outcomes(struct dram_classes *k, struct dram_class *c)
{
    struct dram_segment g;
    c->stale = false;
    c->outcome_count = 0;
    k->ahead = c->state;
    dram_channel_run(k->engine, &k->ahead, DRAM_CYCLE_NEVER);
    while (dram_channel_collect(&k->ahead, &g))
        if (k->owner[g.owner % DRAM_SLOTS] == g.owner)
            c->outcome[c->outcome_count++] =
                (struct dram_outcome){.tally = {g.done, g.activates}, .owner = g.owner};
}

static void find_ends(struct dram_classes *k)
{
    memcpy(k->end, k->sure, sizeof k->end);
    for (int64_t i = 0; i < k->live_count; i++) {
        const struct dram_class *c = &k->pool[k->live[i]];
        for (int j = 0; j < c->outcome_count; j++) {
            int slot = c->outcome[j].owner % DRAM_SLOTS;
            if (k->owner[slot] == c->outcome[j].owner)
                dram_tally_add(&k->end[slot], &c->outcome[j].tally, c->members);
        }
    }
}

bool dram_classes_look_ahead(struct dram_classes *k)
{
    take_in_stale(k);
    if (k->hit_count == 0)
        return false;
    dram_class_join_equal(k);
    for (int64_t i = 0; i < k->hit_count; i++)
        find_outcomes(k, &k->pool[k->hit[i]]);
    find_ends(k);
    return true;
}

/* --- answers ---------------------------------------------------------------------------------- */

int64_t dram_classes_done(const struct dram_classes *k, int slot)
{
    return k->end[slot].done;
}

double dram_classes_activates(const struct dram_classes *k, int slot)
{
    return k->end[slot].activates;
}

void dram_classes_share(struct dram_classes *k, bool share)
{
    k->share = share;
    for (int64_t i = 0; i < k->channels && !share; i++)
        if (k->pool[k->of[i]].members > 1)
            dram_class_move(k, i, dram_class_copy(k, k->of[i]));
}

int64_t dram_classes_count(const struct dram_classes *k)
{
    return k->live_count;
}
