#include "core/search/front.h"

#include <math.h>
#include <stdlib.h>

/* At least as good everywhere and better somewhere. */
static bool beats(const double *x, const double *y, size_t objectives)
{
    bool better = false;
    for (size_t k = 0; k < objectives; k++) {
        if (x[k] > y[k])
            return false;
        better |= x[k] < y[k];
    }
    return better;
}

/* < 0: row i stands before row j. */
static int compare(const double *values, size_t objectives, size_t i, size_t j)
{
    const double *x = values + i * objectives, *y = values + j * objectives;
    for (size_t k = 0; k < objectives; k++)
        if (x[k] != y[k])
            return x[k] < y[k] ? -1 : 1;
    return (i > j) - (i < j);
}

/* Restores a heap whose greatest row is at 0 after a change there. */
static void sift(const double *values, size_t objectives, size_t *heap, size_t count, size_t at)
{
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && compare(values, objectives, heap[child], heap[child + 1]) < 0)
            child++;
        if (compare(values, objectives, heap[at], heap[child]) >= 0)
            return;
        size_t other = heap[at];
        heap[at] = heap[child];
        heap[child] = other;
    }
}

static bool takes_part(const double *row, size_t objectives)
{
    for (size_t k = 0; k < objectives; k++)
        if (isnan(row[k]))
            return false;
    return true;
}

size_t front_order(const double *values, size_t count, size_t objectives, size_t *order)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (takes_part(values + i * objectives, objectives))
            order[kept++] = i;
    for (size_t i = kept / 2; i-- > 0;)
        sift(values, objectives, order, kept, i);
    for (size_t left = kept; left-- > 1;) {
        size_t last = order[0];
        order[0] = order[left];
        order[left] = last;
        sift(values, objectives, order, left, 0);
    }
    return kept;
}

/* In that order a row can be beaten by earlier ones alone, so by one of the front so far. */
void front_mark(struct arena *a, const double *values, size_t count, size_t objectives, bool *on)
{
    size_t *order = ARENA_ARRAY(a, size_t, count), *front = ARENA_ARRAY(a, size_t, count);
    size_t kept = front_order(values, count, objectives, order), size = 0;
    for (size_t i = 0; i < count; i++)
        on[i] = false;
    for (size_t i = 0; i < kept; i++) {
        const double *row = values + order[i] * objectives;
        bool beaten = false;
        for (size_t k = 0; k < size && !beaten; k++)
            beaten = beats(values + front[k] * objectives, row, objectives);
        if (beaten)
            continue;
        on[order[i]] = true;
        front[size++] = order[i];
    }
}
