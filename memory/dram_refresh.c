/* Refresh: all banks of a pseudo channel, or one bank after the other. */
#include "memory/dram_command.h"

/* --- refresh -------------------------------------------------------------------------------- */

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

static void precharge_all(const struct dram_spec *s, struct dram_channel *c, int pseudo,
                          int64_t now)
{
    dram_take_row_bus(s, c, now + s->cycles.pre_cycles);
    for (int b = pseudo * s->pseudo_banks; b < (pseudo + 1) * s->pseudo_banks; b++)
        dram_close_bank(s, c, b, now + s->d.pre_act);
    dram_raise(&c->pseudo[pseudo].pre, now + s->d.pre_pre);
    dram_raise(&c->pseudo[pseudo].preab, now + s->d.pre_pre);
    dram_raise(&c->pseudo[pseudo].act, now + s->d.pre_act);
    dram_pair_row_command(s, c, pseudo, -1, now, 1);
}

static void refresh_pseudo(const struct dram_spec *s, struct dram_channel *c, int pseudo,
                           int64_t now)
{
    dram_take_row_bus(s, c, now + 1);
    dram_raise(&c->pseudo[pseudo].act, now + s->d.ref_act);
    dram_raise(&c->pseudo[pseudo].preab, now + s->d.ref_pre);
    dram_raise(&c->pseudo[pseudo].ref, now + s->d.ref_pre);
    dram_pair_row_command(s, c, pseudo, -1, now, 1);
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
    int64_t ready = dram_later(now, dram_later(open ? p->preab : p->ref, c->row_bus));
    ready = dram_on_edge(s, open ? DRAM_EDGE_PRE : DRAM_EDGE_REF, ready);
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
    dram_take_row_bus(s, c, now + 1);
    dram_raise(&c->bank[bank].act, now + s->d.refpb_act);
    dram_raise(&c->pseudo[dram_pseudo_of(s, bank)].act, now + s->d.refpb_act_other);
    c->counts.refreshes++;
    c->refresh_count--;
    c->refresh_unit = (bank + 1) % s->bank_count;
}

/* As an activate of the bank, but that its one cycle is the last of an activate's. */
static int64_t refresh_bank_ready(const struct dram_spec *s, const struct dram_channel *c, int bank,
                                  int64_t now)
{
    int64_t t = dram_later(c->bank[bank].act, c->group[dram_group_of(s, bank)].act);
    t = dram_later(t, c->pseudo[dram_pseudo_of(s, bank)].act) + s->cycles.act_cycles - 1;
    return dram_on_edge(s, DRAM_EDGE_REFPB, dram_later(dram_later(t, c->row_bus), now));
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
    int64_t ready =
        open ? dram_precharge_ready(s, c, bank, now) : refresh_bank_ready(s, c, bank, now);
    if (ready > now) {
        *wake = ready < *wake ? ready : *wake;
        return false;
    }
    if (open)
        dram_precharge(s, c, bank, now);
    else
        refresh_one_bank(s, c, bank, now);
    if (s->ctl.bus == DRAM_BUS_SHARED)
        c->column_bus = c->row_bus;
    return true;
}

bool dram_refresh(const struct dram_spec *s, struct dram_channel *c, int64_t now, int64_t *wake)
{
    return s->ctl.refresh == DRAM_REFRESH_ALL_BANK ? refresh_all_bank(s, c, now, wake)
                                                   : refresh_per_bank(s, c, now, wake);
}
