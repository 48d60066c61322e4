/* What a command does: the first cycle of all that may follow it. */
#include "memory/dram_command.h"

/* HBM3: a row command at a rising edge binds what may follow on its falling edge. */
bool dram_edge_allows_precharge(const struct dram_spec *s, const struct dram_channel *c, int bank,
                                int64_t now)
{
    if (s->ctl.edges == 1 || (now & 1) || now != c->pair_edge)
        return true;
    return dram_pseudo_of(s, bank) != c->pair_pseudo || (c->pair_bank >= 0 && c->pair_bank != bank);
}

void dram_take_row_bus(const struct dram_spec *s, struct dram_channel *c, int64_t until)
{
    c->row_bus = until;
    if (s->ctl.bus == DRAM_BUS_SHARED)
        c->column_bus = until;
}

/* --- effects -------------------------------------------------------------------------------- */

void dram_close_bank(const struct dram_spec *s, struct dram_channel *c, int bank, int64_t act_ready)
{
    dram_raise(&c->bank[bank].act, act_ready);
    c->bank[bank].row = -1;
    dram_raise(&c->pseudo[dram_pseudo_of(s, bank)].ref, act_ready - s->d.pre_act + s->d.pre_ref);
    dram_queue_row_changed(c, &c->queue[0], bank);
    dram_queue_row_changed(c, &c->queue[1], bank);
}

void dram_pair_row_command(const struct dram_spec *s, struct dram_channel *c, int pseudo, int bank,
                           int64_t now, int64_t edge)
{
    if (s->ctl.edges == 1 || (now & 1) == 0)
        return;
    c->pair_edge = now + edge;
    c->pair_pseudo = pseudo;
    c->pair_bank = bank;
}

void dram_precharge(const struct dram_spec *s, struct dram_channel *c, int bank, int64_t now)
{
    c->row_bus = now + s->cycles.pre_cycles;
    dram_raise(&c->pseudo[dram_pseudo_of(s, bank)].pre, now + s->d.pre_pre);
    dram_raise(&c->pseudo[dram_pseudo_of(s, bank)].preab, now + s->d.pre_pre);
    dram_close_bank(s, c, bank, now + s->d.pre_act);
    dram_pair_row_command(s, c, dram_pseudo_of(s, bank), bank, now, 1);
}

void dram_activate(const struct dram_spec *s, struct dram_channel *c, int16_t at, int64_t now)
{
    struct dram_entry *e = &c->entry[at];
    struct dram_queue *q = &c->queue[e->write];
    int bank = e->bank;
    struct dram_bank *b = &c->bank[bank];
    struct dram_pseudo *p = &c->pseudo[dram_pseudo_of(s, bank)];
    c->row_bus = now + s->cycles.act_cycles;
    b->row = e->row;
    dram_raise(&b->rd, now + s->d.act_rd);
    dram_raise(&b->wr, now + s->d.act_wr);
    dram_raise(&b->pre, now + s->d.act_pre);
    dram_raise(&b->act, now + s->d.act_act_bank);
    dram_raise(&c->group[dram_group_of(s, bank)].act, now + s->d.act_act_group);
    p->faw[p->faw_at] = now + s->d.faw;
    p->faw_at = (p->faw_at + 1) & 3;
    dram_raise(&p->act, dram_later(now + s->d.act_act, p->faw[p->faw_at]));
    dram_raise(&p->preab, now + s->d.act_pre);
    dram_raise(&p->ref, now + s->d.act_ref);
    dram_pair_row_command(s, c, dram_pseudo_of(s, bank), bank, now, 3);
    dram_queue_remove(c, q, at);
    c->active[c->active_count++] = at;
    c->active_banks |= (uint64_t)1 << bank;
    dram_queue_row_changed(c, &c->queue[0], bank);
    dram_queue_row_changed(c, &c->queue[1], bank);
    c->counts.activates++;
    c->segment[e->segment].activates++;
}

static void after_read(const struct dram_spec *s, struct dram_channel *c, int bank, int64_t now)
{
    struct dram_group *g = &c->group[dram_group_of(s, bank)];
    struct dram_pseudo *p = &c->pseudo[dram_pseudo_of(s, bank)];
    dram_raise(&g->rd, now + s->d.rd_rd_group);
    dram_raise(&p->rd, now + s->d.rd_rd);
    dram_raise(&p->wr, now + s->d.rd_wr);
    dram_raise(&p->preab, now + s->d.rd_pre);
    dram_raise(&c->bank[bank].pre, now + s->d.rd_pre);
    if (s->org.sids == 1 || s->d.rd_rd_sid == 0)
        return;
    int per_sid = (int)s->org.groups, own = dram_group_of(s, bank) / per_sid;
    int first = dram_pseudo_of(s, bank) * (int)s->org.sids;
    for (int sid = first; sid < first + (int)s->org.sids; sid++)
        for (int i = 0; sid != own && i < per_sid; i++)
            dram_raise(&c->group[sid * per_sid + i].rd, now + s->d.rd_rd_sid);
}

static void after_write(const struct dram_spec *s, struct dram_channel *c, int bank, int64_t now)
{
    struct dram_group *g = &c->group[dram_group_of(s, bank)];
    struct dram_pseudo *p = &c->pseudo[dram_pseudo_of(s, bank)];
    dram_raise(&g->wr, now + s->d.wr_wr_group);
    dram_raise(&g->rd, now + s->d.wr_rd_group);
    dram_raise(&p->wr, now + s->d.wr_wr);
    dram_raise(&p->rd, now + s->d.wr_rd);
    dram_raise(&p->preab, now + s->d.wr_pre);
    dram_raise(&c->bank[bank].pre, now + s->d.wr_pre);
}

static void finish(const struct dram_engine *e, struct dram_channel *c, const struct dram_entry *r,
                   int64_t now)
{
    const struct dram_spec *s = e->spec;
    if (r->write) {
        c->counts.writes++;
        dram_burst_done(e, c, r->segment, now + s->d.write_latency);
        return;
    }
    int64_t depart = now + s->d.read_latency;
    c->counts.reads++;
    c->last_read = depart;
    dram_burst_done(e, c, r->segment, depart);
    if (e->probe) {
        int64_t latency = depart - r->arrive;
        e->probe->bins[latency < e->probe->count ? latency : e->probe->count - 1]++;
        e->probe->sum += (double)latency;
        e->probe->reads++;
        e->probe->max = (double)latency > e->probe->max ? (double)latency : e->probe->max;
    }
}

static void leave_active(struct dram_channel *c, int16_t at)
{
    int i = 0;
    while (c->active[i] != at)
        i++;
    for (c->active_count--; i < c->active_count; i++)
        c->active[i] = c->active[i + 1];
    c->active_banks &= ~((uint64_t)1 << c->entry[at].bank);
}

/* Closed page: the last hit that waits takes the row with it (auto-precharge). */
static void close_if_done(const struct dram_spec *s, struct dram_channel *c, int bank)
{
    if (s->ctl.page != DRAM_PAGE_CLOSED || c->queue[0].hit[bank] >= 0 ||
        c->queue[1].hit[bank] >= 0 || (c->active_banks >> bank & 1))
        return;
    dram_close_bank(s, c, bank, c->bank[bank].pre + s->d.pre_act);
}

void dram_column(const struct dram_engine *e, struct dram_channel *c, int16_t at, bool active,
                 int64_t now)
{
    const struct dram_spec *s = e->spec;
    struct dram_entry *r = &c->entry[at];
    c->column_bus = now + s->cycles.column_cycles;
    if (s->ctl.bus == DRAM_BUS_SHARED)
        c->row_bus = c->column_bus;
    if (active) {
        leave_active(c, at);
    } else {
        dram_queue_remove(c, &c->queue[r->write], at);
        c->counts.hits++;
    }
    if (r->write)
        after_write(s, c, r->bank, now);
    else
        after_read(s, c, r->bank, now);
    finish(e, c, r, now);
    close_if_done(s, c, r->bank);
    dram_entry_free(c, at);
}
