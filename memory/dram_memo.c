/* Remembered stretches of streams.
 *
 * A stretch runs from one boundary (128 bursts taken in) to the next.  If no refresh fell due in
 * it, it holds wherever none does; else it holds at the same distance from the refresh. */
#include "memory/dram_memo.h"

#include <assert.h>
#include <string.h>

#include "memory/dram_memo_key.h"
#include "memory/dram_shift.h"

#define STATE_BYTES offsetof(struct dram_channel, segment)

enum { STRETCH_BURSTS = 128 };

struct interval {
    struct interval *next;   /* in its bucket */
    struct interval *follow; /* the stretch without refresh that starts as this one ends; or NULL */
    uint64_t hash;
    size_t words;
    const int64_t *word;
    void *state;           /* STATE_BYTES of the channel at the end */
    int64_t clk, row, due; /* at the start */
    int64_t clk_end, row_end;
    uint64_t order, order_end;
    int64_t taken, finished, done;
    double activates;
    struct dram_counts counts;
};

struct dram_memo {
    struct arena *arena;
    const struct dram_spec *spec;
    struct interval **bucket;
    size_t buckets, count, capacity;
    int64_t hits;
    const struct dram_channel *recording; /* NULL: none */
    struct dram_key key;                  /* scratch */
    struct dram_key end;                  /* scratch, with its last word */
    struct dram_key start_key;            /* of the recording */
    struct interval start;
    uint32_t start_segment;
    int64_t start_next, start_left;
    double start_activates;
};

struct dram_memo *dram_memo_open(struct arena *a, const struct dram_spec *s, size_t capacity)
{
    struct dram_memo *m = ARENA_NEW(a, struct dram_memo);
    m->arena = a;
    m->spec = s;
    m->capacity = capacity;
    m->buckets = 4096;
    m->bucket = ARENA_ARRAY(a, struct interval *, m->buckets);
    return m;
}

int64_t dram_memo_hits(const struct dram_memo *m)
{
    return m->hits;
}

void dram_memo_forget(struct dram_memo *m)
{
    m->recording = NULL;
}

/* --- where it applies ----------------------------------------------------------------------- */

static bool all_of_segment(const struct dram_channel *c, int segment)
{
    for (int i = 0; i < 2; i++)
        for (uint64_t left = c->queue[i].banks; left; left &= left - 1)
            for (int16_t at = c->queue[i].head[__builtin_ctzll(left)]; at >= 0;
                 at = c->entry[at].next)
                if (c->entry[at].segment != segment)
                    return false;
    for (int i = 0; i < c->active_count; i++)
        if (c->entry[c->active[i]].segment != segment)
            return false;
    return true;
}

static bool applies(const struct dram_engine *e, const struct dram_channel *c)
{
    const struct dram_spec *s = e->spec;
    if (e->probe || e->untracked || !s->map.row_on_top || dram_channel_fed(c))
        return false;
    int at = (int)(c->segment_feed % DRAM_SEGMENTS);
    return c->segment[at].eligible <= c->clk && all_of_segment(c, at);
}

/* A channel's way through known stretches, before its state is written. */
struct walk {
    int64_t clk, next, finished;
    double activates;
    struct dram_counts counts;
    const struct interval *last;
    uint64_t order;
};

/* May the stretch follow?  The segment must go on beyond it, the rows must not wrap. */
static bool fits(const struct dram_spec *s, const struct dram_segment *g, const struct walk *w,
                 const struct interval *i, int64_t due, int64_t until)
{
    int64_t duration = i->clk_end - i->clk, next = w->next + i->taken;
    bool refresh_fits = i->due == 0 ? due - w->clk > duration : due - w->clk == i->due;
    return refresh_fits && w->clk + duration <= until && next < g->end &&
           (w->next & (s->map.bursts - 1)) + i->taken < s->map.bursts;
}

bool dram_memo_boundary(struct dram_channel *c)
{
    int64_t stretch = c->segment[c->segment_feed % DRAM_SEGMENTS].next / STRETCH_BURSTS;
    bool crossed = stretch != c->stretch || c->segment_feed != c->stretch_segment;
    c->stretch = stretch;
    c->stretch_segment = c->segment_feed;
    return crossed;
}

/* --- recording ------------------------------------------------------------------------------ */

static void start_recording(struct dram_memo *m, const struct dram_channel *c)
{
    const struct dram_segment *g = &c->segment[c->segment_feed % DRAM_SEGMENTS];
    m->recording = c;
    m->start = (struct interval){.clk = c->clk,
                                 .row = g->next >> m->spec->map.low_bits,
                                 .due = c->refresh_due,
                                 .order = c->order,
                                 .counts = c->counts};
    m->start_key.count = m->key.count;
    m->start_key.hash = m->key.hash;
    memcpy(m->start_key.word, m->key.word, m->key.count * sizeof *m->key.word);
    m->start_segment = c->segment_feed;
    m->start_next = g->next;
    m->start_left = g->left;
    m->start_activates = g->activates;
}

static void keep(struct dram_memo *m, struct interval *i)
{
    struct interval **slot = &m->bucket[i->hash % m->buckets];
    i->next = *slot;
    *slot = i;
    m->count++;
}

/* The stretch that was recorded is over: keep it if it stayed inside one segment.  Stretches with a
 * refresh are many: they leave room for those without. */
static void end_recording(struct dram_memo *m, const struct dram_channel *c)
{
    bool refreshed = c->refresh_due != m->start.due;
    size_t room = refreshed ? m->capacity / 8 * 7 : m->capacity;
    bool whole = m->recording == c && c->segment_feed == m->start_segment && m->count < room &&
                 c->clk - m->start.clk < m->spec->cycles.refi;
    m->recording = NULL;
    if (!whole)
        return;
    const struct dram_segment *g = &c->segment[c->segment_feed % DRAM_SEGMENTS];
    struct interval *i = ARENA_NEW(m->arena, struct interval);
    *i = m->start;
    i->due = refreshed ? m->start.due - m->start.clk : 0;
    dram_key_end(&m->start_key, &m->start_key, refreshed ? i->due : -1);
    i->hash = m->start_key.hash;
    i->words = m->start_key.count;
    int64_t *word = ARENA_ARRAY(m->arena, int64_t, i->words);
    memcpy(word, m->start_key.word, i->words * sizeof *word);
    i->word = word;
    i->state = arena_alloc(m->arena, 1, STATE_BYTES);
    memcpy(i->state, c, STATE_BYTES);
    i->clk_end = c->clk;
    i->row_end = g->next >> m->spec->map.low_bits;
    i->order_end = c->order;
    i->taken = g->next - m->start_next;
    i->finished = m->start_left - g->left;
    i->done = g->done;
    i->activates = g->activates - m->start_activates;
    i->counts = dram_counts_between(&m->start.counts, &c->counts);
    keep(m, i);
}

/* --- applying ------------------------------------------------------------------------------- */

static void go_along(struct walk *w, const struct interval *i)
{
    w->clk += i->clk_end - i->clk;
    w->next += i->taken;
    w->finished += i->finished;
    w->order += i->order_end - i->order;
    w->activates += i->activates;
    dram_counts_add(&w->counts, &i->counts);
    w->last = i;
}

/* Writes the state at the end of the walk: that of its last stretch, shifted. */
static void arrive(const struct dram_spec *s, struct dram_channel *c, const struct walk *w)
{
    int at = (int)(c->segment_feed % DRAM_SEGMENTS);
    struct dram_segment *g = &c->segment[at];
    int64_t due = c->refresh_due, by = w->clk - w->last->clk_end;
    int64_t rows = (w->next >> s->map.low_bits) - w->last->row_end;
    uint64_t order = w->order - w->last->order_end;
    memcpy(c, w->last->state, STATE_BYTES);
    dram_shift(s, c,
               &(struct dram_shift){.cycles = by, .rows = rows, .order = order, .segment = at});
    if (w->last->due == 0)
        c->refresh_due = due;
    g->next = w->next;
    c->stretch = g->next / STRETCH_BURSTS;
    g->left -= w->finished;
    g->done = w->last->done + by;
    g->activates += w->activates;
    dram_counts_add(&c->counts, &w->counts);
}

static struct interval *find(const struct dram_memo *m, const struct dram_key *k)
{
    for (struct interval *i = m->bucket[k->hash % m->buckets]; i; i = i->next)
        if (i->hash == k->hash && i->words == k->count &&
            memcmp(i->word, k->word, k->count * sizeof *i->word) == 0)
            return i;
    return NULL;
}

/* The stretch that may start here: one without refresh, else one with it at this distance. */
static struct interval *find_next(struct dram_memo *m, const struct dram_channel *c,
                                  const struct dram_segment *g, const struct walk *w, int64_t until,
                                  struct interval *before)
{
    dram_key_end(&m->end, &m->key, -1);
    struct interval *i = find(m, &m->end);
    if (before)
        before->follow = i;
    if (i && fits(m->spec, g, w, i, c->refresh_due, until))
        return i;
    dram_key_end(&m->end, &m->key, c->refresh_due - c->clk);
    i = find(m, &m->end);
    return i && fits(m->spec, g, w, i, c->refresh_due, until) ? i : NULL;
}

/* Goes along known stretches as far as pointers lead, then writes the state. */
static struct interval *walk_on(struct dram_memo *m, struct dram_channel *c,
                                const struct dram_segment *g, struct walk *w, struct interval *i,
                                int64_t until)
{
    struct interval *last = i;
    bool refreshed = false;
    do {
        last = i;
        go_along(w, i);
        m->hits++;
        refreshed = i->due != 0;
        i = i->follow;
    } while (!refreshed && i && fits(m->spec, g, w, i, c->refresh_due, until));
    arrive(m->spec, c, w);
    return last;
}

bool dram_memo_skip(const struct dram_engine *e, struct dram_channel *c, int64_t until)
{
    struct dram_memo *m = e->memo;
    struct interval *before = NULL;
    bool moved = false;
    if (m->recording)
        end_recording(m, c);
    if (!applies(e, c))
        return false;
    for (;;) {
        const struct dram_segment *g = &c->segment[c->segment_feed % DRAM_SEGMENTS];
        struct walk w = {.clk = c->clk, .next = g->next, .order = c->order};
        dram_key_make(&m->key, e->spec, c);
        struct interval *known = find_next(m, c, g, &w, until, before);
        if (!known)
            break;
        before = walk_on(m, c, g, &w, known, until);
        moved = true;
    }
    start_recording(m, c);
    return moved;
}
