/* Request queues: a list per bank, with the oldest hit and the oldest miss at hand. */
#include "memory/dram_channel.h"

#include <assert.h>

void dram_entry_free(struct dram_channel *c, int16_t at)
{
    c->entry[at].next = c->free_entry;
    c->free_entry = at;
}

void dram_queue_row_changed(struct dram_channel *c, struct dram_queue *q, int bank)
{
    int64_t row = c->bank[bank].row;
    int16_t hit = -1, miss = -1;
    for (int16_t i = q->head[bank]; i >= 0 && (hit < 0 || miss < 0); i = c->entry[i].next) {
        if (c->entry[i].row == row)
            hit = hit < 0 ? i : hit;
        else
            miss = miss < 0 ? i : miss;
    }
    q->hit[bank] = hit;
    q->miss[bank] = miss;
    uint64_t bit = (uint64_t)1 << bank;
    q->hits = hit >= 0 ? q->hits | bit : q->hits & ~bit;
    q->misses = miss >= 0 ? q->misses | bit : q->misses & ~bit;
    q->banks = q->head[bank] >= 0 ? q->banks | bit : q->banks & ~bit;
}

void dram_queue_insert(struct dram_channel *c, struct dram_queue *q, int16_t at)
{
    struct dram_entry *e = &c->entry[at];
    int bank = e->bank;
    uint64_t bit = (uint64_t)1 << bank;
    e->next = -1;
    if (q->head[bank] < 0)
        q->head[bank] = at;
    else
        c->entry[q->tail[bank]].next = at;
    q->tail[bank] = at;
    q->size++;
    q->banks |= bit;
    if (e->row == c->bank[bank].row) {
        q->hits |= bit;
        if (q->hit[bank] < 0)
            q->hit[bank] = at;
    } else if (q->miss[bank] < 0) {
        q->miss[bank] = at;
        q->misses |= bit;
    }
}

void dram_queue_remove(struct dram_channel *c, struct dram_queue *q, int16_t at)
{
    int bank = c->entry[at].bank;
    int16_t before = -1;
    int16_t i = q->head[bank];
    for (; i != at; i = c->entry[i].next) {
        assert(i >= 0);
        before = i;
    }
    if (before < 0)
        q->head[bank] = c->entry[at].next;
    else
        c->entry[before].next = c->entry[at].next;
    if (q->tail[bank] == at)
        q->tail[bank] = before;
    q->size--;
    dram_queue_row_changed(c, q, bank);
}

void dram_burst_done(const struct dram_engine *e, struct dram_channel *c, int segment,
                     int64_t cycle)
{
    if (e->untracked)
        return;
    struct dram_segment *g = &c->segment[segment];
    assert(g->left > 0);
    g->left--;
    if (cycle > g->done)
        g->done = cycle;
}
