/* What goes in a tick: candidates with the cycle at which they are ready, first-ready first. */
#include "memory/dram_command.h"

enum command { COMMAND_NONE, COMMAND_COLUMN, COMMAND_ACTIVATE, COMMAND_PRECHARGE };

struct pick {
    enum command command;
    int16_t entry;
    bool active;
    uint64_t order;
    int64_t wake;
};

/* --- candidates ------------------------------------------------------------------------------ */

/* Not before then. */
static void wake_by(struct pick *p, int64_t ready)
{
    if (ready < p->wake)
        p->wake = ready;
}

static void consider(struct pick *p, int64_t ready, int64_t now, enum command command,
                     int16_t entry, uint64_t order)
{
    if (ready > now) {
        wake_by(p, ready);
    } else if (p->command == COMMAND_NONE || order < p->order) {
        p->command = command;
        p->entry = entry;
        p->order = order;
    }
}

/* When the bank's group and pseudo channel allow a column command. */
static int64_t group_ready(const struct dram_spec *s, const struct dram_channel *c, int bank,
                           bool write)
{
    const struct dram_group *g = &c->group[dram_group_of(s, bank)];
    const struct dram_pseudo *p = &c->pseudo[dram_pseudo_of(s, bank)];
    return write ? dram_later(g->wr, p->wr) : dram_later(g->rd, p->rd);
}

static int64_t bank_ready(const struct dram_channel *c, int bank, bool write)
{
    return write ? c->bank[bank].wr : c->bank[bank].rd;
}

/* When the bank may take a column command, at or after `now`; the bus is free. */
static int64_t column_ready(const struct dram_spec *s, const struct dram_channel *c, int bank,
                            bool write, int64_t now)
{
    int64_t t = dram_later(group_ready(s, c, bank, write), bank_ready(c, bank, write));
    return dram_on_column_edge(s, write, dram_later(t, now));
}

/* The opened row's own request goes before all others; the oldest ready one first. */
static void pick_active(const struct dram_spec *s, const struct dram_channel *c, int64_t now,
                        struct pick *p)
{
    int64_t best = 0;
    if (c->column_bus > now) {
        if (c->active_count > 0)
            wake_by(p, c->column_bus);
        return;
    }
    for (int i = 0; i < c->active_count; i++) {
        const struct dram_entry *e = &c->entry[c->active[i]];
        int64_t ready = column_ready(s, c, e->bank, e->write, now);
        if (ready > now) {
            wake_by(p, ready);
        } else if (p->command == COMMAND_NONE || e->arrive < best) {
            p->command = COMMAND_COLUMN;
            p->entry = c->active[i];
            p->active = true;
            best = e->arrive;
        }
    }
}

/* Among banks of a group that may take a column command now. */
static void pick_mates(const struct dram_spec *s, const struct dram_channel *c,
                       const struct dram_queue *q, uint64_t banks, bool write, int64_t now,
                       struct pick *p)
{
    for (; banks; banks &= banks - 1) {
        int bank = __builtin_ctzll(banks);
        int16_t entry = q->hit[bank];
        int64_t ready = bank_ready(c, bank, write);
        if (ready > now)
            wake_by(p, dram_on_column_edge(s, write, ready));
        else
            consider(p, now, now, COMMAND_COLUMN, entry, c->entry[entry].order);
    }
}

/* Wakes by what holds up a whole group, which may be before any of its banks is ready. */
static void pick_column(const struct dram_spec *s, const struct dram_channel *c,
                        const struct dram_queue *q, bool write, int64_t now, struct pick *p)
{
    int64_t bus = dram_on_column_edge(s, write, dram_later(c->column_bus, now));
    if (bus > now) {
        if (q->hits)
            wake_by(p, bus);
        return;
    }
    for (uint64_t left = q->hits, mates; left; left &= ~mates) {
        int first = __builtin_ctzll(left);
        int64_t ready = group_ready(s, c, first, write);
        mates = s->group_banks[dram_group_of(s, first)];
        if (ready > now)
            wake_by(p, dram_on_column_edge(s, write, ready));
        else
            pick_mates(s, c, q, left & mates, write, now, p);
    }
}

/* When an activate may go, at or after `now`. */
static int64_t activate_ready(const struct dram_spec *s, const struct dram_channel *c, int bank,
                              int64_t now)
{
    int64_t t = dram_later(c->bank[bank].act, c->group[dram_group_of(s, bank)].act);
    t = dram_later(dram_later(t, c->pseudo[dram_pseudo_of(s, bank)].act), now);
    return dram_on_edge(s, DRAM_EDGE_ACT, t);
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
        consider(p, activate_ready(s, c, bank, now), now, COMMAND_ACTIVATE, entry,
                 c->entry[entry].order);
        return;
    }
    int16_t miss = q->miss[bank], hit = q->hit[bank];
    if (hit >= 0 && c->entry[hit].arrive <= c->entry[miss].arrive)
        return;
    consider(p, dram_precharge_ready(s, c, bank, now), now, COMMAND_PRECHARGE, miss,
             c->entry[miss].order);
}

static void pick_row(const struct dram_spec *s, const struct dram_channel *c,
                     const struct dram_queue *q, int64_t now, struct pick *p)
{
    uint64_t banks = q->misses & ~c->active_banks;
    if (c->row_bus > now) {
        if (banks)
            wake_by(p, c->row_bus);
        return;
    }
    for (uint64_t left = banks; left; left &= left - 1)
        consider_row(s, c, q, __builtin_ctzll(left), now, p);
}

static void issue(const struct dram_engine *e, struct dram_channel *c, const struct pick *p,
                  int64_t now)
{
    const struct dram_spec *s = e->spec;
    if (p->command == COMMAND_COLUMN) {
        dram_column(e, c, p->entry, p->active, now);
        return;
    }
    if (p->command == COMMAND_ACTIVATE)
        dram_activate(s, c, p->entry, now);
    else
        dram_precharge(s, c, c->entry[p->entry].bank, now);
    if (s->ctl.bus == DRAM_BUS_SHARED)
        c->column_bus = c->row_bus;
}

/* --- the tick ------------------------------------------------------------------------------- */

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
    int32_t writes = c->queue[1].size, reads = c->queue[0].size;
    if (!c->write_mode) {
        c->write_flush = writes_are_late(s, c, now, wake);
        c->write_mode = c->write_flush || writes > s->write_above || reads == 0;
    } else if (reads != 0 && (c->write_flush ? writes == 0 : writes < s->read_below)) {
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
    if (c->refresh_count > 0 && dram_refresh(s, c, now, wake))
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
    if (p.command == COMMAND_NONE && c->refresh_count > 0 && dram_refresh(s, c, now, wake))
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
