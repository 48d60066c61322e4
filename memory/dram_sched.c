/* What goes in a tick: candidates with the cycle at which they are ready, first-ready first. */
#include "memory/dram_channel.h"

#include <assert.h>

enum command { COMMAND_NONE, COMMAND_COLUMN, COMMAND_ACTIVATE, COMMAND_PRECHARGE };

struct pick {
    enum command command;
    int16_t entry;
    bool active;
    uint64_t order;
    int64_t wake;
};

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void raise_to(int64_t *t, int64_t at_least)
{
    if (*t < at_least)
        *t = at_least;
}

static int group_of(const struct dram_spec *s, int bank)
{
    return bank / (int)s->org.banks;
}

static int pseudo_of(const struct dram_spec *s, int bank)
{
    return bank / s->pseudo_banks;
}

/* Column commands, activates and refreshes need a rising edge where a clock has two cycles. */
static int64_t rising(const struct dram_spec *s, int64_t t)
{
    return s->ctl.edges == 2 && (t & 1) == 0 ? t + 1 : t;
}

/* --- candidates ------------------------------------------------------------------------------ */

static void consider(struct pick *p, int64_t ready, int64_t now, enum command command,
                     int16_t entry, uint64_t order)
{
    if (ready > now) {
        if (ready < p->wake)
            p->wake = ready;
    } else if (p->command == COMMAND_NONE || order < p->order) {
        p->command = command;
        p->entry = entry;
        p->order = order;
    }
}

static int64_t column_ready(const struct dram_spec *s, const struct dram_channel *c, int bank,
                            bool write)
{
    const struct dram_bank *b = &c->bank[bank];
    const struct dram_group *g = &c->group[group_of(s, bank)];
    const struct dram_pseudo *p = &c->pseudo[pseudo_of(s, bank)];
    int64_t t = write ? larger(b->wr, larger(g->wr, p->wr)) : larger(b->rd, larger(g->rd, p->rd));
    return rising(s, larger(t, c->column_bus));
}

/* The opened row's own request goes before all others; the oldest ready one first. */
static void pick_active(const struct dram_spec *s, const struct dram_channel *c, int64_t now,
                        struct pick *p)
{
    int64_t best = 0;
    for (int i = 0; i < c->active_count; i++) {
        const struct dram_entry *e = &c->entry[c->active[i]];
        int64_t ready = column_ready(s, c, e->bank, e->write);
        if (ready > now) {
            if (ready < p->wake)
                p->wake = ready;
        } else if (p->command == COMMAND_NONE || e->arrive < best) {
            p->command = COMMAND_COLUMN;
            p->entry = c->active[i];
            p->active = true;
            best = e->arrive;
        }
    }
}

static void pick_column(const struct dram_spec *s, const struct dram_channel *c,
                        const struct dram_queue *q, bool write, int64_t now, struct pick *p)
{
    for (uint64_t left = q->hits; left; left &= left - 1) {
        int bank = __builtin_ctzll(left);
        int16_t entry = q->hit[bank];
        consider(p, column_ready(s, c, bank, write), now, COMMAND_COLUMN, entry,
                 c->entry[entry].order);
    }
}

/* HBM3: a row command at a rising edge binds what may follow on its falling edge. */
static bool edge_allows_precharge(const struct dram_spec *s, const struct dram_channel *c, int bank,
                                  int64_t now)
{
    if (s->ctl.edges == 1 || (now & 1) || now != c->pair_edge)
        return true;
    return pseudo_of(s, bank) != c->pair_pseudo || (c->pair_bank >= 0 && c->pair_bank != bank);
}

static int64_t activate_ready(const struct dram_spec *s, const struct dram_channel *c, int bank)
{
    int64_t t = larger(c->bank[bank].act, c->group[group_of(s, bank)].act);
    return rising(s, larger(larger(t, c->pseudo[pseudo_of(s, bank)].act), c->row_bus));
}

static void consider_row(const struct dram_spec *s, const struct dram_channel *c,
                         const struct dram_queue *q, int bank, int64_t now, struct pick *p)
{
    const struct dram_bank *b = &c->bank[bank];
    if (b->row < 0) {
        if (c->refresh_count > 0 && s->ctl.refresh == DRAM_REFRESH_PER_BANK &&
            bank == c->refresh_unit)
            return;
        int16_t entry = q->head[bank];
        consider(p, activate_ready(s, c, bank), now, COMMAND_ACTIVATE, entry,
                 c->entry[entry].order);
        return;
    }
    int16_t miss = q->miss[bank], hit = q->hit[bank];
    if (miss < 0 || (c->active_banks >> bank & 1))
        return;
    if (hit >= 0 && c->entry[hit].arrive <= c->entry[miss].arrive)
        return;
    int64_t ready = larger(larger(b->pre, c->pseudo[pseudo_of(s, bank)].pre), c->row_bus);
    if (ready <= now && !edge_allows_precharge(s, c, bank, now))
        ready = now + 1;
    consider(p, ready, now, COMMAND_PRECHARGE, miss, c->entry[miss].order);
}

static void pick_row(const struct dram_spec *s, const struct dram_channel *c,
                     const struct dram_queue *q, int64_t now, struct pick *p)
{
    if (s->ctl.edges == 1 && c->row_bus > now) {
        if (q->banks && c->row_bus < p->wake)
            p->wake = c->row_bus;
        return;
    }
    for (uint64_t left = q->banks; left; left &= left - 1)
        consider_row(s, c, q, __builtin_ctzll(left), now, p);
}

/* --- effects -----------------------------------------------------------------------------------
 */

static void precharge_bank(const struct dram_spec *s, struct dram_channel *c, int bank,
                           int64_t act_ready)
{
    raise_to(&c->bank[bank].act, act_ready);
    c->bank[bank].row = -1;
    raise_to(&c->pseudo[pseudo_of(s, bank)].ref, act_ready - s->d.pre_act + s->d.pre_ref);
    dram_queue_row_changed(c, &c->queue[0], bank);
    dram_queue_row_changed(c, &c->queue[1], bank);
}

static void pair_row_command(const struct dram_spec *s, struct dram_channel *c, int pseudo,
                             int bank, int64_t now, int64_t edge)
{
    if (s->ctl.edges == 1 || (now & 1) == 0)
        return;
    c->pair_edge = now + edge;
    c->pair_pseudo = pseudo;
    c->pair_bank = bank;
}

static void do_precharge(const struct dram_spec *s, struct dram_channel *c, int bank, int64_t now)
{
    c->row_bus = now + s->cycles.pre_cycles;
    raise_to(&c->pseudo[pseudo_of(s, bank)].pre, now + s->d.pre_pre);
    raise_to(&c->pseudo[pseudo_of(s, bank)].preab, now + s->d.pre_pre);
    precharge_bank(s, c, bank, now + s->d.pre_act);
    pair_row_command(s, c, pseudo_of(s, bank), bank, now, 1);
}

static void do_activate(const struct dram_spec *s, struct dram_channel *c, int16_t at, int64_t now)
{
    struct dram_entry *e = &c->entry[at];
    struct dram_queue *q = &c->queue[e->write];
    int bank = e->bank;
    struct dram_bank *b = &c->bank[bank];
    struct dram_pseudo *p = &c->pseudo[pseudo_of(s, bank)];
    c->row_bus = now + s->cycles.act_cycles;
    b->row = e->row;
    raise_to(&b->rd, now + s->d.act_rd);
    raise_to(&b->wr, now + s->d.act_wr);
    raise_to(&b->pre, now + s->d.act_pre);
    raise_to(&b->act, now + s->d.act_act_bank);
    raise_to(&c->group[group_of(s, bank)].act, now + s->d.act_act_group);
    p->faw[p->faw_at] = now + s->d.faw;
    p->faw_at = (p->faw_at + 1) & 3;
    raise_to(&p->act, larger(now + s->d.act_act, p->faw[p->faw_at]));
    raise_to(&p->preab, now + s->d.act_pre);
    raise_to(&p->ref, now + s->d.act_ref);
    pair_row_command(s, c, pseudo_of(s, bank), bank, now, 3);
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
    struct dram_group *g = &c->group[group_of(s, bank)];
    struct dram_pseudo *p = &c->pseudo[pseudo_of(s, bank)];
    raise_to(&g->rd, now + s->d.rd_rd_group);
    raise_to(&p->rd, now + s->d.rd_rd);
    raise_to(&p->wr, now + s->d.rd_wr);
    raise_to(&p->preab, now + s->d.rd_pre);
    raise_to(&c->bank[bank].pre, now + s->d.rd_pre);
    if (s->org.sids == 1 || s->d.rd_rd_sid == 0)
        return;
    int per_sid = (int)s->org.groups, own = group_of(s, bank) / per_sid;
    int first = pseudo_of(s, bank) * (int)s->org.sids;
    for (int sid = first; sid < first + (int)s->org.sids; sid++)
        for (int i = 0; sid != own && i < per_sid; i++)
            raise_to(&c->group[sid * per_sid + i].rd, now + s->d.rd_rd_sid);
}

static void after_write(const struct dram_spec *s, struct dram_channel *c, int bank, int64_t now)
{
    struct dram_group *g = &c->group[group_of(s, bank)];
    struct dram_pseudo *p = &c->pseudo[pseudo_of(s, bank)];
    raise_to(&g->wr, now + s->d.wr_wr_group);
    raise_to(&g->rd, now + s->d.wr_rd_group);
    raise_to(&p->wr, now + s->d.wr_wr);
    raise_to(&p->rd, now + s->d.wr_rd);
    raise_to(&p->preab, now + s->d.wr_pre);
    raise_to(&c->bank[bank].pre, now + s->d.wr_pre);
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
    precharge_bank(s, c, bank, c->bank[bank].pre + s->d.pre_act);
}

static void do_column(const struct dram_engine *e, struct dram_channel *c, const struct pick *p,
                      int64_t now)
{
    const struct dram_spec *s = e->spec;
    struct dram_entry *r = &c->entry[p->entry];
    c->column_bus = now + s->cycles.column_cycles;
    if (s->ctl.bus == DRAM_BUS_SHARED)
        c->row_bus = c->column_bus;
    if (p->active) {
        leave_active(c, p->entry);
    } else {
        dram_queue_remove(c, &c->queue[r->write], p->entry);
        c->counts.hits++;
    }
    if (r->write)
        after_write(s, c, r->bank, now);
    else
        after_read(s, c, r->bank, now);
    finish(e, c, r, now);
    close_if_done(s, c, r->bank);
    dram_entry_free(c, p->entry);
}

static void issue(const struct dram_engine *e, struct dram_channel *c, const struct pick *p,
                  int64_t now)
{
    const struct dram_spec *s = e->spec;
    if (p->command == COMMAND_COLUMN) {
        do_column(e, c, p, now);
        return;
    }
    if (p->command == COMMAND_ACTIVATE)
        do_activate(s, c, p->entry, now);
    else
        do_precharge(s, c, c->entry[p->entry].bank, now);
    if (s->ctl.bus == DRAM_BUS_SHARED)
        c->column_bus = c->row_bus;
}

/* --- refresh ------------------------------------------------------------------------------------
 */

static bool any_open(const struct dram_spec *s, const struct dram_channel *c, int pseudo)
{
    for (int b = pseudo * s->pseudo_banks; b < (pseudo + 1) * s->pseudo_banks; b++)
        if (c->bank[b].row >= 0)
            return true;
    return false;
}

static uint64_t banks_of(const struct dram_spec *s, int pseudo)
{
    uint64_t all = s->pseudo_banks == 64 ? UINT64_MAX : ((uint64_t)1 << s->pseudo_banks) - 1;
    return all << (pseudo * s->pseudo_banks);
}

static void take_row_bus(const struct dram_spec *s, struct dram_channel *c, int64_t until)
{
    c->row_bus = until;
    if (s->ctl.bus == DRAM_BUS_SHARED)
        c->column_bus = until;
}

static void precharge_all(const struct dram_spec *s, struct dram_channel *c, int pseudo,
                          int64_t now)
{
    take_row_bus(s, c, now + s->cycles.pre_cycles);
    for (int b = pseudo * s->pseudo_banks; b < (pseudo + 1) * s->pseudo_banks; b++)
        precharge_bank(s, c, b, now + s->d.pre_act);
    raise_to(&c->pseudo[pseudo].pre, now + s->d.pre_pre);
    raise_to(&c->pseudo[pseudo].preab, now + s->d.pre_pre);
    raise_to(&c->pseudo[pseudo].act, now + s->d.pre_act);
    pair_row_command(s, c, pseudo, -1, now, 1);
}

static void refresh_pseudo(const struct dram_spec *s, struct dram_channel *c, int pseudo,
                           int64_t now)
{
    take_row_bus(s, c, now + 1);
    raise_to(&c->pseudo[pseudo].act, now + s->d.ref_act);
    raise_to(&c->pseudo[pseudo].preab, now + s->d.ref_pre);
    raise_to(&c->pseudo[pseudo].ref, now + s->d.ref_pre);
    pair_row_command(s, c, pseudo, -1, now, 1);
    c->counts.refreshes++;
    c->refresh_count--;
    c->refresh_unit = (pseudo + 1) % (int)s->org.pseudo;
}

/* All banks of a pseudo channel, one pseudo channel after the other. */
static bool refresh_all_bank(const struct dram_spec *s, struct dram_channel *c, int64_t now,
                             int64_t *wake)
{
    int pseudo = c->refresh_unit;
    struct dram_pseudo *p = &c->pseudo[pseudo];
    bool open = any_open(s, c, pseudo);
    if (open && (c->active_banks & banks_of(s, pseudo)))
        return false;
    int64_t ready = open ? larger(p->preab, c->row_bus) : rising(s, larger(p->ref, c->row_bus));
    if (open && ready <= now && s->ctl.edges == 2 && !(now & 1) && now == c->pair_edge &&
        pseudo == c->pair_pseudo)
        ready = now + 1;
    if (ready > now) {
        *wake = ready < *wake ? ready : *wake;
        return false;
    }
    if (open)
        precharge_all(s, c, pseudo, now);
    else
        refresh_pseudo(s, c, pseudo, now);
    return true;
}

static void refresh_one_bank(const struct dram_spec *s, struct dram_channel *c, int bank,
                             int64_t now)
{
    take_row_bus(s, c, now + 1);
    raise_to(&c->bank[bank].act, now + s->d.refpb_act);
    raise_to(&c->pseudo[pseudo_of(s, bank)].act, now + s->d.refpb_act_other);
    c->counts.refreshes++;
    c->refresh_count--;
    c->refresh_unit = (bank + 1) % s->bank_count;
}

/* One bank of each pseudo channel in turn; the others go on. */
static bool refresh_per_bank(const struct dram_spec *s, struct dram_channel *c, int64_t now,
                             int64_t *wake)
{
    int bank = c->refresh_unit;
    struct dram_bank *b = &c->bank[bank];
    bool open = b->row >= 0;
    if (open && (c->active_banks >> bank & 1))
        return false;
    struct dram_pseudo *p = &c->pseudo[pseudo_of(s, bank)];
    int64_t ready = open ? larger(larger(b->pre, p->pre), c->row_bus)
                         : rising(s, larger(larger(b->act, p->act), c->row_bus));
    if (open && ready <= now && !edge_allows_precharge(s, c, bank, now))
        ready = now + 1;
    if (ready > now) {
        *wake = ready < *wake ? ready : *wake;
        return false;
    }
    if (open)
        do_precharge(s, c, bank, now);
    else
        refresh_one_bank(s, c, bank, now);
    if (s->ctl.bus == DRAM_BUS_SHARED)
        c->column_bus = c->row_bus;
    return true;
}

static bool refresh(const struct dram_spec *s, struct dram_channel *c, int64_t now, int64_t *wake)
{
    return s->ctl.refresh == DRAM_REFRESH_ALL_BANK ? refresh_all_bank(s, c, now, wake)
                                                   : refresh_per_bank(s, c, now, wake);
}

/* --- the tick
 * ------------------------------------------------------------------------------------- */

/* Writes that have waited for write_wait cycles go, all of them, whatever the reads do. */
static bool writes_are_late(const struct dram_spec *s, const struct dram_channel *c, int64_t now,
                            int64_t *wake)
{
    if (s->ctl.write_wait == 0 || c->write_mode || c->queue[1].size == 0)
        return false;
    int64_t late = c->write_since + s->ctl.write_wait;
    if (late > now && late < *wake)
        *wake = late;
    return late <= now;
}

static void set_write_mode(const struct dram_spec *s, struct dram_channel *c, int64_t now,
                           int64_t *wake)
{
    double writes = c->queue[1].size, reads = c->queue[0].size, room = (double)s->ctl.write_queue;
    if (!c->write_mode) {
        c->write_flush = writes_are_late(s, c, now, wake);
        c->write_mode = c->write_flush || writes > s->ctl.write_high * room || reads == 0;
    } else if (reads != 0 && (c->write_flush ? writes == 0 : writes < s->ctl.write_low * room)) {
        c->write_mode = c->write_flush = false;
        c->write_since = now;
    }
}

static bool rest_may_go(const struct dram_spec *s, const struct dram_channel *c)
{
    return c->refresh_count == 0 || s->ctl.refresh == DRAM_REFRESH_PER_BANK;
}

static bool column_slot(const struct dram_engine *e, struct dram_channel *c, int64_t now,
                        int64_t *wake)
{
    const struct dram_spec *s = e->spec;
    struct pick p = {.wake = *wake};
    pick_active(s, c, now, &p);
    if (p.command == COMMAND_NONE && rest_may_go(s, c)) {
        set_write_mode(s, c, now, &p.wake);
        pick_column(s, c, &c->queue[c->write_mode], c->write_mode, now, &p);
    }
    *wake = p.wake;
    if (p.command == COMMAND_NONE)
        return false;
    issue(e, c, &p, now);
    return true;
}

static bool row_slot(const struct dram_engine *e, struct dram_channel *c, int64_t now,
                     int64_t *wake)
{
    const struct dram_spec *s = e->spec;
    if (c->refresh_count > 0 && refresh(s, c, now, wake))
        return true;
    if (!rest_may_go(s, c))
        return false;
    set_write_mode(s, c, now, wake);
    struct pick p = {.wake = *wake};
    pick_row(s, c, &c->queue[c->write_mode], now, &p);
    *wake = p.wake;
    if (p.command == COMMAND_NONE)
        return false;
    issue(e, c, &p, now);
    return true;
}

/* One command bus: the row being opened, then refresh, then the oldest of all that may go. */
static bool shared_slot(const struct dram_engine *e, struct dram_channel *c, int64_t now,
                        int64_t *wake)
{
    const struct dram_spec *s = e->spec;
    struct pick p = {.wake = *wake};
    pick_active(s, c, now, &p);
    *wake = p.wake;
    if (p.command == COMMAND_NONE && c->refresh_count > 0 && refresh(s, c, now, wake))
        return true;
    if (p.command == COMMAND_NONE && rest_may_go(s, c)) {
        p.wake = *wake;
        set_write_mode(s, c, now, &p.wake);
        pick_column(s, c, &c->queue[c->write_mode], c->write_mode, now, &p);
        pick_row(s, c, &c->queue[c->write_mode], now, &p);
        *wake = p.wake;
    }
    if (p.command == COMMAND_NONE)
        return false;
    issue(e, c, &p, now);
    return true;
}

bool dram_sched_tick(const struct dram_engine *e, struct dram_channel *c, int64_t now,
                     int64_t *wake)
{
    if (e->spec->ctl.bus == DRAM_BUS_SHARED)
        return shared_slot(e, c, now, wake);
    bool column = column_slot(e, c, now, wake);
    bool row = row_slot(e, c, now, wake);
    return column || row;
}
