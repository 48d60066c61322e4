#include "core/base/ledger.h"

#include <assert.h>
#include <string.h>

enum { FIRST_ROWS = 64, NO_ROW = 0 };

/* Rows in the order of their first appearance; `slots` is an open-addressing hash of them that
 * holds index + 1.  The table is kept at most half full. */
struct ledger {
    struct arena *arena;
    struct ledger_row *rows;
    size_t count, capacity;
    uint32_t *slots;
    size_t mask; /* slots - 1, slots a power of two */
};

static uint64_t bits_of(double x)
{
    uint64_t bits;
    x += 0.0; /* -0 and +0 are one price */
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static bool same_number(double a, double b)
{
    return bits_of(a) == bits_of(b);
}

/* The text enters by its first letter only: rows that differ in nothing but the text are few. */
static uint64_t hash_of(enum part part, int32_t layer, const char *action,
                        const struct quantity *pj)
{
    uint64_t h = (uint64_t)(uint32_t)layer << 32 | (uint64_t)part << 16 |
                 (uint64_t)(unsigned char)action[0] << 8 | (uint64_t)pj->from;
    h = (h ^ bits_of(pj->value)) * 0x9e3779b97f4a7c15u;
    h = (h ^ h >> 29 ^ bits_of(pj->spread)) * 0xbf58476d1ce4e5b9u;
    return h ^ h >> 32;
}

static bool row_is(const struct ledger_row *row, enum part part, int32_t layer, const char *action,
                   const struct quantity *pj)
{
    return row->part == part && row->layer == layer && same_number(row->pj.value, pj->value) &&
           row->pj.from == pj->from && same_number(row->pj.spread, pj->spread) &&
           (row->action == action || strcmp(row->action, action) == 0);
}

static void table_place(struct ledger *l, size_t index)
{
    const struct ledger_row *row = &l->rows[index];
    size_t slot = hash_of(row->part, row->layer, row->action, &row->pj) & l->mask;
    while (l->slots[slot] != NO_ROW)
        slot = (slot + 1) & l->mask;
    l->slots[slot] = (uint32_t)(index + 1);
}

/* The old arrays stay in the arena: doubling keeps the waste below what is in use. */
static void set_capacity(struct ledger *l, size_t capacity)
{
    struct ledger_row *rows = ARENA_ARRAY(l->arena, struct ledger_row, capacity);
    if (l->count)
        memcpy(rows, l->rows, l->count * sizeof *rows);
    l->rows = rows;
    l->capacity = capacity;
    l->slots = ARENA_ARRAY(l->arena, uint32_t, 2 * capacity);
    l->mask = 2 * capacity - 1;
    for (size_t i = 0; i < l->count; i++)
        table_place(l, i);
}

struct ledger *ledger_open(struct arena *a)
{
    struct ledger *l = ARENA_NEW(a, struct ledger);
    l->arena = a;
    set_capacity(l, FIRST_ROWS);
    return l;
}

static struct ledger_row *row_append(struct ledger *l, enum part part, int32_t layer,
                                     const char *action, struct quantity pj)
{
    assert(l->count < UINT32_MAX / 4);
    if (l->count == l->capacity)
        set_capacity(l, 2 * l->capacity);
    struct ledger_row *row = &l->rows[l->count];
    *row = (struct ledger_row){part, layer, action, 0, pj};
    table_place(l, l->count++);
    return row;
}

void ledger_add(struct ledger *l, enum part part, int32_t layer, const char *action, double count,
                struct quantity pj)
{
    assert((unsigned)part < PART_COUNT && count >= 0 && pj.value >= 0);
    if (count == 0)
        return;
    for (size_t slot = hash_of(part, layer, action, &pj) & l->mask; l->slots[slot] != NO_ROW;
         slot = (slot + 1) & l->mask) {
        struct ledger_row *row = &l->rows[l->slots[slot] - 1];
        if (row_is(row, part, layer, action, &pj)) {
            row->count += count;
            return;
        }
    }
    row_append(l, part, layer, action, pj)->count = count;
}

void ledger_add_cost(struct ledger *l, int32_t layer, const struct cost *c, double times)
{
    for (unsigned i = 0; i < c->count; i++) {
        const struct action *a = &c->actions[i];
        ledger_add(l, a->part, layer, a->name, a->count * times, a->pj);
    }
}

/* A snapshot's rows are the first rows of the ledger that it was taken from, so equal indices
 * are equal rows.  The row counts are read first because l may be either ledger and grow. */
void ledger_add_period(struct ledger *l, const struct ledger *before, const struct ledger *after,
                       double times)
{
    size_t earlier = before->count, rows = after->count;
    assert(earlier <= rows);
    for (size_t i = 0; i < rows; i++) {
        struct ledger_row row = after->rows[i];
        if (i < earlier) {
            assert(row_is(&before->rows[i], row.part, row.layer, row.action, &row.pj));
            row.count -= before->rows[i].count;
        }
        ledger_add(l, row.part, row.layer, row.action, row.count * times, row.pj);
    }
}

struct ledger *ledger_snapshot(const struct ledger *l, struct arena *a)
{
    struct ledger *copy = ARENA_NEW(a, struct ledger);
    *copy = *l;
    copy->arena = a;
    set_capacity(copy, l->capacity);
    return copy;
}

size_t ledger_rows(const struct ledger *l)
{
    return l->count;
}

const struct ledger_row *ledger_row(const struct ledger *l, size_t index)
{
    assert(index < l->count);
    return &l->rows[index];
}

void ledger_sum(const struct ledger *l, struct ledger_sums *out)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < l->count; i++) {
        const struct ledger_row *row = &l->rows[i];
        double pj = row->count * row->pj.value;
        out->total_pj += pj;
        out->part_pj[row->part] += pj;
        if (row->pj.from == FROM_ASSUMED)
            out->assumed_pj += pj;
    }
}

/* A hash from layer id to its place in the caller's list, at most half full. */
struct layer_map {
    uint32_t *slots;
    size_t mask;
    const int32_t *ids;
};

static size_t layer_slot(const struct layer_map *map, int32_t id)
{
    size_t slot = ((uint64_t)(uint32_t)id * 0x9e3779b97f4a7c15u >> 20) & map->mask;
    while (map->slots[slot] && map->ids[map->slots[slot] - 1] != id)
        slot = (slot + 1) & map->mask;
    return slot;
}

void ledger_sum_layers(const struct ledger *l, const int32_t *ids, size_t count, double *pj)
{
    size_t size = 4;
    while (size < 2 * count)
        size *= 2;
    struct arena *scratch = arena_open();
    struct layer_map map = {ARENA_ARRAY(scratch, uint32_t, size), size - 1, ids};
    for (size_t i = 0; i < count; i++) {
        pj[i] = 0;
        map.slots[layer_slot(&map, ids[i])] = (uint32_t)(i + 1);
    }
    for (size_t i = 0; i < l->count; i++) {
        const struct ledger_row *row = &l->rows[i];
        uint32_t place = map.slots[layer_slot(&map, row->layer)];
        if (place)
            pj[place - 1] += row->count * row->pj.value;
    }
    arena_close(scratch);
}
