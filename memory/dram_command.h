/* dram_command.h — commands of a DRAM channel: when a bank may take them, what they change.
 *
 * Answers: for dram_sched.c and dram_refresh.c, the effect of a command issued at cycle `now`.  The
 * caller has checked that it may go. */
#ifndef CIMARRON_MEMORY_DRAM_COMMAND_H
#define CIMARRON_MEMORY_DRAM_COMMAND_H

#include "memory/dram_channel.h"

#ifdef __cplusplus
extern "C" {
#endif

static inline int64_t dram_later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static inline void dram_raise(int64_t *t, int64_t at_least)
{
    if (*t < at_least)
        *t = at_least;
}

static inline int dram_group_of(const struct dram_spec *s, int bank)
{
    return s->group_of[bank];
}

static inline int dram_pseudo_of(const struct dram_spec *s, int bank)
{
    return s->pseudo_of[bank];
}

/* First cycle from `t` on whose edge the command may use. */
static inline int64_t dram_on_edge(const struct dram_spec *s, enum dram_edge command, int64_t t)
{
    return t + (s->held[command] & ~t);
}

static inline int64_t dram_on_column_edge(const struct dram_spec *s, bool write, int64_t t)
{
    return dram_on_edge(s, write ? DRAM_EDGE_WR : DRAM_EDGE_RD, t);
}

/* HBM3: does the row command at the rising edge before allow a precharge at this falling one? */
bool dram_edge_allows_precharge(const struct dram_spec *s, const struct dram_channel *c, int bank,
                                int64_t now);

/* When the open bank may be precharged, at or after `now`. */
static inline int64_t dram_precharge_ready(const struct dram_spec *s, const struct dram_channel *c,
                                           int bank, int64_t now)
{
    int64_t pseudo = c->pseudo[dram_pseudo_of(s, bank)].pre;
    int64_t ready = dram_later(dram_later(c->bank[bank].pre, pseudo), c->row_bus);
    if (ready <= now)
        ready = s->ctl.edges == 1 || dram_edge_allows_precharge(s, c, bank, now) ? now : now + 1;
    return dram_on_edge(s, DRAM_EDGE_PRE, ready);
}

void dram_pair_row_command(const struct dram_spec *s, struct dram_channel *c, int pseudo, int bank,
                           int64_t now, int64_t edge);

/* Row bus, and with it the only bus where rows and columns share one, busy before `until`. */
void dram_take_row_bus(const struct dram_spec *s, struct dram_channel *c, int64_t until);

void dram_close_bank(const struct dram_spec *s, struct dram_channel *c, int bank,
                     int64_t act_ready);
void dram_precharge(const struct dram_spec *s, struct dram_channel *c, int bank, int64_t now);
void dram_activate(const struct dram_spec *s, struct dram_channel *c, int16_t at, int64_t now);

/* Read or write of entry `at`; `active`: of the request that opened the row. */
void dram_column(const struct dram_engine *e, struct dram_channel *c, int16_t at, bool active,
                 int64_t now);

/* A waiting refresh, or the precharge before it, at `now`; false: not yet, *wake says when. */
bool dram_refresh(const struct dram_spec *s, struct dram_channel *c, int64_t now, int64_t *wake);

#ifdef __cplusplus
}
#endif
#endif
