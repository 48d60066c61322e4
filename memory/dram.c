/* The server: transfers in, bursts to channels, completions out. */
#include "memory/dram.h"

#include <assert.h>
#include <string.h>

#include "memory/dram_books.h"
#include "memory/dram_classes.h"
#include "memory/dram_memo.h"

enum { OUTSTANDING = DRAM_SLOTS, MEMO_STRETCHES = 4096 };

struct transfer_slot {
    uint64_t id;
    int32_t layer;
    bool used, write;
    double bursts, activates;
    int64_t done; /* cycle; DRAM_CYCLE_NEVER: not known yet */
};

struct finished {
    uint64_t id;
    time_ps done;
};

struct dram {
    struct memory memory;
    struct dram_spec spec;
    struct dram_prices prices;
    struct dram_books books;
    struct dram_engine engine;
    struct dram_memo *memo;
    int64_t clock_khz;
    struct dram_classes *classes; /* all channels */
    struct transfer_slot slot[OUTSTANDING];
    int used;
    struct finished finished[OUTSTANDING];
    int finished_count;
};

/* --- time ----------------------------------------------------------------------------------- */

time_ps dram_time_of(int64_t clock_khz, int64_t cycle)
{
    int64_t whole = cycle / clock_khz, rest = cycle % clock_khz;
    return whole * 1000000000 + (rest * 1000000000 + clock_khz - 1) / clock_khz;
}

int64_t dram_cycle_of(int64_t clock_khz, time_ps now)
{
    int64_t whole = now / 1000000000, rest = now % 1000000000;
    return whole * clock_khz + rest * clock_khz / 1000000000;
}

/* --- transfers in --------------------------------------------------------------------------- */

static int free_slot(const struct dram *m)
{
    int i = 0;
    while (m->slot[i].used)
        i++;
    return i;
}

static bool dram_submit(struct server *s, const struct transfer *t, time_ps now)
{
    struct dram *m = (struct dram *)s;
    assert(t->bytes > 0);
    if (m->used + m->finished_count >= OUTSTANDING)
        return false;
    int slot = free_slot(m);
    int64_t size = m->spec.org.burst_bytes, cycle = dram_cycle_of(m->clock_khz, now);
    uint64_t wrapped = t->address % (uint64_t)m->memory.capacity_bytes;
    int64_t first = (int64_t)wrapped / size, last = ((int64_t)wrapped + t->bytes - 1) / size;
    m->slot[slot] = (struct transfer_slot){.id = t->id,
                                           .layer = t->layer,
                                           .used = true,
                                           .write = t->write,
                                           .bursts = (double)(last + 1 - first),
                                           .done = DRAM_CYCLE_NEVER};
    m->used++;
    dram_classes_add(m->classes, first, last + 1, t->write, cycle, slot);
    return true;
}

/* --- completions ---------------------------------------------------------------------------- */

static void finish(struct dram *m, struct transfer_slot *t, time_ps done)
{
    struct dram_work *w = dram_books_of(&m->books, t->layer);
    w->activates += t->activates;
    *(t->write ? &w->writes : &w->reads) += t->bursts;
    int at = m->finished_count++;
    for (; at > 0; at--) {
        const struct finished *f = &m->finished[at - 1];
        if (f->done < done || (f->done == done && f->id <= t->id))
            break;
        m->finished[at] = *f;
    }
    m->finished[at] = (struct finished){.id = t->id, .done = done};
    t->used = false;
    m->used--;
}

static void look_ahead(struct dram *m)
{
    if (!dram_classes_look_ahead(m->classes))
        return;
    for (int i = 0; i < OUTSTANDING; i++) {
        if (!m->slot[i].used)
            continue;
        m->slot[i].done = dram_classes_done(m->classes, i);
        m->slot[i].activates = dram_classes_activates(m->classes, i);
    }
}

static time_ps dram_advance(struct server *s, time_ps now)
{
    struct dram *m = (struct dram *)s;
    time_ps next = TIME_NEVER;
    look_ahead(m);
    for (int i = 0; i < OUTSTANDING; i++) {
        if (!m->slot[i].used)
            continue;
        time_ps done = dram_time_of(m->clock_khz, m->slot[i].done);
        if (done <= now)
            finish(m, &m->slot[i], done);
        else if (done < next)
            next = done;
    }
    return next;
}

static bool dram_collect(struct server *s, uint64_t *id, time_ps *done)
{
    struct dram *m = (struct dram *)s;
    if (m->finished_count == 0)
        return false;
    *id = m->finished[0].id;
    *done = m->finished[0].done;
    memmove(&m->finished[0], &m->finished[1], (size_t)--m->finished_count * sizeof m->finished[0]);
    return true;
}

/* --- accounts ------------------------------------------------------------------------------- */

static void dram_account(struct server *s, struct ledger *l, time_ps now)
{
    struct dram *m = (struct dram *)s;
    dram_books_account(&m->books, l, now, dram_cycle_of(m->clock_khz, now));
}

static const struct server_ops ops = {.submit = dram_submit,
                                      .advance = dram_advance,
                                      .collect = dram_collect,
                                      .account = dram_account};

/* --- opening -------------------------------------------------------------------------------- */

static double peak_bytes_per_ps(const struct dram_spec *s, int64_t clock_khz)
{
    int64_t gap = s->cycles.bl > s->cycles.ccd_s ? s->cycles.bl : s->cycles.ccd_s;
    double per_cycle = (double)(s->org.pseudo * s->org.burst_bytes) / (double)gap;
    double bus = (double)s->org.burst_bytes / (double)s->cycles.column_cycles;
    return (double)s->org.channels * (per_cycle < bus ? per_cycle : bus) * (double)clock_khz * 1e-9;
}

static void describe(struct dram *m, const char *name)
{
    const struct dram_spec *s = &m->spec;
    double burst_bits = 8.0 * (double)s->org.burst_bytes, row_bits = 8.0 * (double)s->org.row_bytes;
    double pj = m->prices.activate_pj.value / row_bits +
                (m->prices.read_pj.value + m->prices.io_pj.value) / burst_bits;
    double spread = m->prices.read_pj.spread;
    m->memory.base.ops = &ops;
    m->memory.name = name;
    m->memory.capacity_bytes = s->org.channels * s->map.bursts * s->org.burst_bytes;
    m->memory.peak_bytes_per_ps = peak_bytes_per_ps(s, m->clock_khz);
    m->memory.stream_pj_per_bit = quantity_of(pj, m->prices.read_pj.from, spread);
    m->memory.background_mw = m->prices.background_mw.value * (double)s->org.channels;
}

bool dram_create(struct arena *a, const char *name, const struct dram_spec *spec, int64_t clock_khz,
                 const struct dram_prices *prices, struct memory **out, struct diag *d)
{
    struct dram *m = ARENA_NEW(a, struct dram);
    m->spec = *spec;
    m->prices = *prices;
    m->clock_khz = clock_khz;
    TRY(dram_spec_resolve(a, &m->spec, d));
    dram_books_open(&m->books, a, &m->spec, &m->prices);
    m->memo = dram_memo_open(a, &m->spec, MEMO_STRETCHES);
    m->engine = (struct dram_engine){.spec = &m->spec, .memo = m->memo};
    m->classes = dram_classes_open(a, &m->engine);
    describe(m, name);
    *out = &m->memory;
    return true;
}

bool dram_is(const struct memory *m)
{
    return m->base.ops == &ops;
}

static const struct dram *dram_of(const struct memory *m)
{
    assert(m->base.ops == &ops);
    return (const struct dram *)m;
}

const struct dram_spec *dram_spec_of(const struct memory *m)
{
    return &dram_of(m)->spec;
}

const struct dram_prices *dram_prices_of(const struct memory *m)
{
    return &dram_of(m)->prices;
}

int64_t dram_clock_khz(const struct memory *m)
{
    return dram_of(m)->clock_khz;
}

void dram_use_memo(struct memory *m, bool use)
{
    struct dram *self = (struct dram *)m;
    self->engine.memo = use ? self->memo : NULL;
    dram_classes_share(self->classes, use);
}

int64_t dram_distinct_channels(const struct memory *m)
{
    return dram_classes_count(dram_of(m)->classes);
}

int64_t dram_skipped_stretches(const struct memory *m)
{
    return dram_memo_hits(dram_of(m)->memo);
}
