/* The state of a channel as words that do not depend on when and on which row. */
#include "memory/dram_memo_key.h"

#include <assert.h>
#include <string.h>

static void put(struct dram_key *k, int64_t word)
{
    assert(k->count < DRAM_KEY_WORDS);
    k->word[k->count++] = word;
    k->hash = (k->hash ^ (uint64_t)word) * UINT64_C(0x9E3779B97F4A7C15);
    k->hash ^= k->hash >> 29;
}

/* A time that has come is as good as any other that has. */
static void put_time(struct dram_key *k, const struct dram_channel *c, int64_t t)
{
    put(k, t > c->clk + 1 ? t - c->clk - 1 : 0);
}

static void put_entry(struct dram_key *k, const struct dram_channel *c, const struct dram_entry *e,
                      int64_t row)
{
    put(k, e->row - row);
    put(k, (int64_t)e->column << 16 | e->bank);
    put(k, e->arrive - c->clk);
    put(k, (int64_t)(c->order - e->order));
}

static void put_banks(struct dram_key *k, const struct dram_spec *s, const struct dram_channel *c,
                      int64_t row)
{
    for (int b = 0; b < s->bank_count; b++) {
        const struct dram_bank *x = &c->bank[b];
        put(k, x->row < 0 ? INT64_MIN : x->row - row);
        put_time(k, c, x->act);
        put_time(k, c, x->pre);
        put_time(k, c, x->rd);
        put_time(k, c, x->wr);
    }
    for (int g = 0; g < s->group_count; g++) {
        put_time(k, c, c->group[g].act);
        put_time(k, c, c->group[g].rd);
        put_time(k, c, c->group[g].wr);
    }
}

static void put_pseudos(struct dram_key *k, const struct dram_spec *s, const struct dram_channel *c)
{
    for (int i = 0; i < (int)s->org.pseudo; i++) {
        const struct dram_pseudo *p = &c->pseudo[i];
        put_time(k, c, p->act);
        put_time(k, c, p->rd);
        put_time(k, c, p->wr);
        put_time(k, c, p->pre);
        put_time(k, c, p->preab);
        put_time(k, c, p->ref);
        for (int j = 0; j < 4; j++)
            put_time(k, c, p->faw[(p->faw_at + j) & 3]);
    }
}

static void put_queues(struct dram_key *k, const struct dram_spec *s, const struct dram_channel *c,
                       int64_t row)
{
    for (int i = 0; i < 2; i++) {
        put(k, c->queue[i].size);
        for (int b = 0; b < s->bank_count && c->queue[i].size > 0; b++)
            for (int16_t at = c->queue[i].head[b]; at >= 0; at = c->entry[at].next)
                put_entry(k, c, &c->entry[at], row);
    }
    put(k, c->active_count);
    for (int i = 0; i < c->active_count; i++)
        put_entry(k, c, &c->entry[c->active[i]], row);
}

static void put_controller(struct dram_key *k, const struct dram_spec *s,
                           const struct dram_channel *c, int64_t row)
{
    put(k, (int64_t)c->write_flush << 2 | (int64_t)c->write_mode << 1 | (c->clk & 1));
    put(k, (int64_t)c->refresh_count << 32 | c->refresh_unit);
    bool waits = s->ctl.write_wait > 0 && !c->write_mode && c->queue[1].size > 0;
    put(k, waits ? c->clk - c->write_since : 0);
    put_time(k, c, c->row_bus);
    put_time(k, c, c->column_bus);
    put_time(k, c, c->pair_edge + 1);
    put(k, c->pair_edge > c->clk ? (int64_t)c->pair_pseudo << 32 ^ c->pair_bank : 0);
    put_banks(k, s, c, row);
    put_pseudos(k, s, c);
    put_queues(k, s, c, row);
}

static void start_key(struct dram_key *k)
{
    k->count = 0;
    k->hash = 1;
}

void dram_key_make(struct dram_key *k, const struct dram_spec *s, const struct dram_channel *c)
{
    const struct dram_segment *g = &c->segment[c->segment_feed % DRAM_SEGMENTS];
    start_key(k);
    put(k, (g->next & (((int64_t)1 << s->map.low_bits) - 1)) << 1 | g->write);
    put_controller(k, s, c, g->next >> s->map.low_bits);
}

static void put_owners(struct dram_key *k, const struct dram_spec *s, const struct dram_channel *c)
{
    for (int i = 0; i < 2; i++)
        for (int b = 0; b < s->bank_count && c->queue[i].size > 0; b++)
            for (int16_t at = c->queue[i].head[b]; at >= 0; at = c->entry[at].next)
                put(k, c->segment[c->entry[at].segment].owner);
    for (int i = 0; i < c->active_count; i++)
        put(k, c->segment[c->entry[c->active[i]].segment].owner);
}

static void put_segments(struct dram_key *k, const struct dram_channel *c)
{
    put(k, c->segment_end - c->segment_first);
    for (uint32_t i = c->segment_first; i != c->segment_end; i++) {
        const struct dram_segment *g = &c->segment[i % DRAM_SEGMENTS];
        put(k, (int64_t)g->owner << 1 | g->write);
        put(k, g->left);
        put(k, g->end - g->next);
        put(k, g->next < g->end ? g->next : 0);
        put(k, g->next < g->end ? g->eligible : 0);
    }
}

void dram_key_whole(struct dram_key *k, const struct dram_spec *s, const struct dram_channel *c)
{
    start_key(k);
    put(k, c->clk);
    put(k, c->refresh_due);
    put_controller(k, s, c, 0);
    put_owners(k, s, c);
    put_segments(k, c);
}

bool dram_key_equal(const struct dram_key *a, const struct dram_key *b)
{
    return a->hash == b->hash && a->count == b->count &&
           memcmp(a->word, b->word, a->count * sizeof *a->word) == 0;
}

void dram_key_end(struct dram_key *k, const struct dram_key *base, int64_t distance)
{
    k->count = base->count;
    k->hash = base->hash;
    if (k != base)
        memcpy(k->word, base->word, base->count * sizeof *base->word);
    put(k, distance);
}
