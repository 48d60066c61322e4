#include "memory/dram_books.h"

#include <string.h>

void dram_books_open(struct dram_books *m, struct arena *a, const struct dram_spec *s,
                     const struct dram_prices *prices)
{
    *m = (struct dram_books){.arena = a, .spec = s, .prices = prices};
}

struct dram_work *dram_books_of(struct dram_books *m, int32_t layer)
{
    size_t low = 0, high = m->work_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (m->work[middle].layer < layer)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < m->work_count && m->work[low].layer == layer)
        return &m->work[low];
    if (m->work_count == m->work_room) {
        m->work_room = m->work_room ? m->work_room * 2 : 64;
        struct dram_work *more = ARENA_ARRAY(m->arena, struct dram_work, m->work_room);
        if (m->work_count > 0)
            memcpy(more, m->work, m->work_count * sizeof *more);
        m->work = more;
    }
    memmove(&m->work[low + 1], &m->work[low], (m->work_count - low) * sizeof *m->work);
    m->work_count++;
    m->work[low] = (struct dram_work){.layer = layer};
    return &m->work[low];
}

/* Due by this cycle. */
static int64_t refreshes_by(const struct dram_spec *s, int64_t cycle)
{
    switch (s->ctl.refresh) {
    case DRAM_REFRESH_ALL_BANK:
        return cycle / s->cycles.refi * s->org.pseudo * s->org.channels;
    case DRAM_REFRESH_PER_BANK:
        return cycle / s->cycles.refi_pb * s->org.channels;
    case DRAM_REFRESH_NONE:
        break;
    }
    return 0;
}

static void account_static(struct dram_books *m, struct ledger *l, time_ps now, int64_t cycle)
{
    int64_t refreshes = refreshes_by(m->spec, cycle);
    double channel_ns = (double)(now - m->accounted) * 1e-3 * (double)m->spec->org.channels;
    ledger_add(l, PART_MEMORY_REFRESH, LEDGER_STATIC, "refresh",
               (double)(refreshes - m->accounted_refreshes), m->prices->refresh_pj);
    ledger_add(l, PART_MEMORY_BACKGROUND, LEDGER_STATIC, "standby", channel_ns,
               m->prices->background_mw);
    m->accounted_refreshes = refreshes;
    m->accounted = now;
}

void dram_books_account(struct dram_books *m, struct ledger *l, time_ps now, int64_t cycle)
{
    for (size_t i = 0; i < m->work_count; i++) {
        const struct dram_work *w = &m->work[i];
        ledger_add(l, PART_MEMORY_ACTIVATE, w->layer, "activate", w->activates,
                   m->prices->activate_pj);
        ledger_add(l, PART_MEMORY_READ, w->layer, "read", w->reads, m->prices->read_pj);
        ledger_add(l, PART_MEMORY_WRITE, w->layer, "write", w->writes, m->prices->write_pj);
        ledger_add(l, PART_MEMORY_IO, w->layer, "burst", w->reads + w->writes, m->prices->io_pj);
    }
    m->work_count = 0;
    account_static(m, l, now, cycle);
}
