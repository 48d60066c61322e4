#include "memory/dram_shift.h"

static void shift_times(const struct dram_spec *s, struct dram_channel *c, int64_t by)
{
    c->clk += by;
    c->refresh_due += by;
    c->row_bus += by;
    c->column_bus += by;
    c->last_accept += by;
    c->last_read += by;
    c->pair_edge += by;
    c->write_since += by;
    for (int b = 0; b < s->bank_count; b++) {
        c->bank[b].act += by;
        c->bank[b].pre += by;
        c->bank[b].rd += by;
        c->bank[b].wr += by;
    }
    for (int g = 0; g < s->group_count; g++) {
        c->group[g].act += by;
        c->group[g].rd += by;
        c->group[g].wr += by;
    }
    for (int i = 0; i < (int)s->org.pseudo; i++) {
        struct dram_pseudo *p = &c->pseudo[i];
        p->act += by;
        p->rd += by;
        p->wr += by;
        p->pre += by;
        p->preab += by;
        p->ref += by;
        for (int j = 0; j < 4; j++)
            p->faw[j] += by;
    }
}

static void shift_entry(struct dram_entry *e, const struct dram_shift *by)
{
    e->arrive += by->cycles;
    e->row += by->rows;
    e->order += by->order;
    e->segment = (int16_t)by->segment;
}

static void shift_requests(struct dram_channel *c, const struct dram_shift *by)
{
    for (int i = 0; i < 2; i++)
        for (uint64_t left = c->queue[i].banks; left; left &= left - 1)
            for (int16_t at = c->queue[i].head[__builtin_ctzll(left)]; at >= 0;
                 at = c->entry[at].next)
                shift_entry(&c->entry[at], by);
    for (int i = 0; i < c->active_count; i++)
        shift_entry(&c->entry[c->active[i]], by);
}

void dram_shift(const struct dram_spec *s, struct dram_channel *c, const struct dram_shift *by)
{
    shift_times(s, c, by->cycles);
    for (int b = 0; b < s->bank_count; b++)
        if (c->bank[b].row >= 0)
            c->bank[b].row += by->rows;
    shift_requests(c, by);
    c->order += by->order;
}

void dram_counts_add(struct dram_counts *to, const struct dram_counts *more)
{
    to->activates += more->activates;
    to->reads += more->reads;
    to->writes += more->writes;
    to->refreshes += more->refreshes;
    to->hits += more->hits;
    to->forwarded += more->forwarded;
}

struct dram_counts dram_counts_between(const struct dram_counts *a, const struct dram_counts *b)
{
    return (struct dram_counts){.activates = b->activates - a->activates,
                                .reads = b->reads - a->reads,
                                .writes = b->writes - a->writes,
                                .refreshes = b->refreshes - a->refreshes,
                                .hits = b->hits - a->hits,
                                .forwarded = b->forwarded - a->forwarded};
}
