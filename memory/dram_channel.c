/* Taking requests in, and going from cycle to cycle. */
#include "memory/dram_channel.h"

#include <assert.h>
#include <string.h>

#include "memory/dram_memo.h"

void dram_channel_open(const struct dram_spec *s, struct dram_channel *c)
{
    memset(c, 0, sizeof *c);
    for (int i = 0; i < 2; i++)
        for (int b = 0; b < DRAM_BANKS_MAX; b++)
            c->queue[i].head[b] = c->queue[i].tail[b] = c->queue[i].hit[b] = c->queue[i].miss[b] =
                -1;
    for (int b = 0; b < DRAM_BANKS_MAX; b++)
        c->bank[b].row = -1;
    c->free_entry = -1;
    for (int16_t i = DRAM_POOL - 1; i >= 0; i--)
        dram_entry_free(c, i);
    c->refresh_due = s->ctl.refresh == DRAM_REFRESH_ALL_BANK   ? s->cycles.refi
                     : s->ctl.refresh == DRAM_REFRESH_PER_BANK ? s->cycles.refi_pb
                                                               : DRAM_CYCLE_NEVER;
}

bool dram_channel_has_room(const struct dram_channel *c)
{
    return c->segment_end - c->segment_first < DRAM_SEGMENTS;
}

bool dram_channel_fed(const struct dram_channel *c)
{
    return c->segment_feed == c->segment_end;
}

bool dram_channel_idle(const struct dram_channel *c)
{
    return dram_channel_fed(c) && c->queue[0].size == 0 && c->queue[1].size == 0 &&
           c->active_count == 0;
}

void dram_channel_add(struct dram_channel *c, int64_t from, int64_t to, bool write,
                      int64_t eligible, int32_t owner)
{
    assert(dram_channel_has_room(c) && from < to);
    *dram_channel_segment(c, c->segment_end++) = (struct dram_segment){.next = from,
                                                                       .end = to,
                                                                       .eligible = eligible,
                                                                       .left = to - from,
                                                                       .owner = owner,
                                                                       .write = write};
}

/* --- taking in ------------------------------------------------------------------------------ */

static bool waits_to_be_written(const struct dram_channel *c, const struct dram_place *at)
{
    const struct dram_queue *q = &c->queue[1];
    for (int16_t i = q->head[at->bank]; i >= 0; i = c->entry[i].next)
        if (c->entry[i].row == at->row && c->entry[i].column == at->column)
            return true;
    return false;
}

static void note_forwarded(const struct dram_engine *e, struct dram_channel *c,
                           const struct dram_segment *g)
{
    c->counts.forwarded++;
    if (g->write) {
        c->counts.writes++;
        return;
    }
    c->counts.reads++;
    if (c->last_read < c->clk + 1)
        c->last_read = c->clk + 1;
    if (e->probe) {
        e->probe->bins[1]++;
        e->probe->sum += 1;
        e->probe->reads++;
    }
}

static void enqueue(struct dram_channel *c, const struct dram_segment *g, int segment,
                    const struct dram_place *at)
{
    int16_t i = c->free_entry;
    assert(i >= 0);
    struct dram_entry *n = &c->entry[i];
    c->free_entry = n->next;
    *n = (struct dram_entry){.arrive = c->clk,
                             .order = c->order++,
                             .row = at->row,
                             .column = (int16_t)at->column,
                             .bank = (int16_t)at->bank,
                             .segment = (int16_t)segment,
                             .write = g->write};
    if (g->write && c->queue[1].size == 0)
        c->write_since = c->clk;
    dram_queue_insert(c, &c->queue[g->write], i);
}

/* One burst of the segment, at cycle clk; false: its queue is full. */
static bool take_in(const struct dram_engine *e, struct dram_channel *c, struct dram_segment *g)
{
    const struct dram_spec *s = e->spec;
    struct dram_place at;
    bool full = c->queue[g->write].size >= (g->write ? s->ctl.write_queue : s->ctl.read_queue);
    if (full && c->queue[1].size == 0)
        return false;
    dram_map_place(s, g->next, &at);
    int segment = (int)(c->segment_feed % DRAM_SEGMENTS);
    if ((c->queue[1].banks >> at.bank & 1) && waits_to_be_written(c, &at)) {
        note_forwarded(e, c, g);
        dram_burst_done(e, c, segment, c->clk + 1);
    } else if (full) {
        return false;
    } else {
        enqueue(c, g, segment, &at);
    }
    c->last_accept = c->clk;
    if (++g->next == g->end)
        c->segment_feed++;
    if (e->untracked)
        c->segment_first = c->segment_feed;
    return true;
}

/* Offers in order, up to feed_per_cycle; returns how many were taken.  *blocked: the next one has
 * to wait for room. */
static int take_in_all(const struct dram_engine *e, struct dram_channel *c, bool *blocked)
{
    int taken = 0;
    *blocked = false;
    while (taken < e->spec->ctl.feed_per_cycle && !dram_channel_fed(c)) {
        struct dram_segment *g = dram_channel_segment(c, c->segment_feed);
        if (g->eligible > c->clk)
            break;
        if (!take_in(e, c, g)) {
            *blocked = true;
            break;
        }
        taken++;
    }
    return taken;
}

/* --- time ----------------------------------------------------------------------------------- */

static void start_refresh(const struct dram_spec *s, struct dram_channel *c)
{
    bool all = s->ctl.refresh == DRAM_REFRESH_ALL_BANK;
    c->refresh_count += all ? (int32_t)s->org.pseudo : 1;
    c->refresh_due += all ? s->cycles.refi : s->cycles.refi_pb;
}

/* The cycle after which the next one is worth looking at; at least clk. */
static int64_t next_clk(const struct dram_channel *c, int64_t wake, bool more, bool blocked)
{
    int64_t next = wake < c->refresh_due ? wake : c->refresh_due;
    next -= 1;
    if (more && !blocked) {
        int64_t eligible = c->segment[c->segment_feed % DRAM_SEGMENTS].eligible;
        next = eligible < next ? eligible : next;
    }
    return next > c->clk ? next : c->clk;
}

static uint32_t unfed(const struct dram_channel *c)
{
    return c->segment_end - c->segment_feed;
}

/* One cycle that matters, then, unless it is to stop there, on to the next that may. */
static void tick(const struct dram_engine *e, struct dram_channel *c, int64_t until, bool blocked,
                 bool stop)
{
    int64_t now = c->clk + 1, wake = DRAM_CYCLE_NEVER;
    if (now == c->refresh_due)
        start_refresh(e->spec, c);
    bool issued = dram_sched_tick(e, c, now, &wake);
    c->clk = now;
    if (issued || stop)
        return;
    int64_t next = next_clk(c, wake, !dram_channel_fed(c), blocked);
    c->clk = next < until ? next : (until > c->clk ? until : c->clk);
}

static void step(const struct dram_engine *e, struct dram_channel *c, int64_t until, bool only_fed,
                 uint32_t leave)
{
    bool blocked;
    take_in_all(e, c, &blocked);
    tick(e, c, until, blocked, only_fed && unfed(c) <= leave);
}

static bool nothing_queued(const struct dram_channel *c)
{
    return c->queue[0].size == 0 && c->queue[1].size == 0 && c->active_count == 0;
}

static bool all_closed(const struct dram_spec *s, const struct dram_channel *c)
{
    for (int b = 0; b < s->bank_count; b++)
        if (c->bank[b].row >= 0)
            return false;
    return true;
}

/* Refreshes of a channel without requests: the state repeats, so all but the last two rounds are
 * only counted. */
static void skip_idle(const struct dram_spec *s, struct dram_channel *c, int64_t until)
{
    if (s->ctl.refresh == DRAM_REFRESH_NONE || c->refresh_count > 0)
        return;
    bool all = s->ctl.refresh == DRAM_REFRESH_ALL_BANK;
    int64_t period = all ? s->cycles.refi : s->cycles.refi_pb * s->bank_count;
    int64_t whole = (until - c->refresh_due) / period - 2;
    if (whole <= 0 || c->clk != c->refresh_due - 1 || !all_closed(s, c))
        return;
    c->refresh_due += whole * period;
    c->clk += whole * period;
    c->counts.refreshes += (double)whole * (double)(all ? s->org.pseudo : s->bank_count);
}

/* A finished segment is gone: those before it move up, and requests follow theirs. */
static void close_gap(struct dram_channel *c, uint32_t gone)
{
    const uint32_t moved = gone - c->segment_first;
    for (uint32_t i = gone; i != c->segment_first; i--)
        *dram_channel_segment(c, i) = *dram_channel_segment(c, i - 1);
    for (size_t k = 0; moved > 0 && k < COUNT_OF(c->entry); k++) {
        uint32_t place = (uint32_t)c->entry[k].segment;
        if ((place - c->segment_first) % DRAM_SEGMENTS < moved)
            c->entry[k].segment = (int16_t)((place + 1) % DRAM_SEGMENTS);
    }
    c->segment_first++;
}

bool dram_channel_collect(struct dram_channel *c, struct dram_segment *out)
{
    for (uint32_t i = c->segment_first; i != c->segment_feed; i++) {
        if (dram_channel_segment(c, i)->left > 0)
            continue;
        *out = *dram_channel_segment(c, i);
        close_gap(c, i);
        return true;
    }
    return false;
}

void dram_channel_feed(const struct dram_engine *e, struct dram_channel *c, int64_t until,
                       uint32_t leave)
{
    while (unfed(c) > leave && c->clk < until) {
        int64_t eligible = dram_channel_segment(c, c->segment_feed)->eligible;
        if (nothing_queued(c))
            skip_idle(e->spec, c, eligible < until ? eligible : until);
        if (e->memo && leave == 0 && dram_memo_boundary(c) && dram_memo_skip(e, c, until))
            continue;
        step(e, c, until, true, leave);
    }
}

void dram_channel_run(const struct dram_engine *e, struct dram_channel *c, int64_t until)
{
    dram_channel_feed(e, c, until, 0);
    while (c->clk < until && !(until == DRAM_CYCLE_NEVER && dram_channel_idle(c))) {
        if (until != DRAM_CYCLE_NEVER && nothing_queued(c))
            skip_idle(e->spec, c, until);
        step(e, c, until, false, 0);
    }
}

int64_t dram_channel_offer(const struct dram_engine *e, struct dram_channel *c, int64_t burst,
                           bool write, int64_t at)
{
    assert(dram_channel_fed(c) && c->clk <= at);
    dram_channel_run(e, c, at);
    dram_channel_add(c, burst, burst + 1, write, at, 0);
    while (!take_in(e, c, dram_channel_segment(c, c->segment_feed)))
        tick(e, c, DRAM_CYCLE_NEVER, true, false);
    return c->clk;
}
