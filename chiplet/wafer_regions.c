/* wafer_regions.c — a wafer cut into rectangles of cores. */
#include <assert.h>
#include <math.h>

#include "chiplet/wafer.h"

struct wafer_region wafer_edge(const struct wafer *w, bool right)
{
    return (struct wafer_region){right ? w->columns - 1 : 0, 0, 1, w->rows};
}

/* The regions [first, end) share the strip of columns [x, x + width), down or up. */
static void cut_strip(const struct wafer *w, const double *shares, size_t first, size_t end,
                      struct wafer_region strip, bool up, struct wafer_region *out)
{
    double all = 0, taken = 0;
    int64_t row = 0, count = (int64_t)(end - first);
    for (size_t i = first; i < end; i++)
        all += shares[i];
    for (size_t i = first; i < end; i++) {
        int64_t behind = count - (int64_t)(i - first) - 1;
        taken += shares[i];
        int64_t next = llround(taken / all * (double)w->rows);
        next = next > row ? next : row + 1;
        next = next < w->rows - behind ? next : w->rows - behind;
        if (behind == 0)
            next = w->rows;
        out[i] = (struct wafer_region){strip.x, up ? w->rows - next : row, strip.width, next - row};
        row = next;
    }
}

bool wafer_partition(const struct wafer *w, const double *shares, size_t count,
                     struct wafer_region *out)
{
    double all = 0, taken = 0;
    for (size_t i = 0; i < count; i++) {
        assert(shares[i] > 0);
        all += shares[i];
    }
    int64_t strips = llround(sqrt((double)count * (double)w->columns / (double)w->rows)), x = 0;
    strips = strips < 1 ? 1 : strips > w->columns ? w->columns : strips;
    if (count == 0 || (double)count > (double)strips * (double)w->rows)
        return false;
    size_t first = 0;
    for (int64_t s = 0; first < count; s++) {
        size_t end = first;
        double goal = all * (double)(s + 1) / (double)strips;
        bool last = s + 1 >= strips;
        while (end < count && (int64_t)(end - first) < w->rows &&
               (last || end == first || taken + shares[end] / 2 <= goal))
            taken += shares[end++];
        int64_t next = end == count ? w->columns : llround(taken / all * (double)w->columns);
        next = next > x ? next : x + 1;
        if (next > w->columns)
            return false;
        cut_strip(w, shares, first, end, (struct wafer_region){x, 0, next - x, w->rows}, s % 2 == 1,
                  out);
        x = next;
        first = end;
    }
    return true;
}
