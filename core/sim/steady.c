#include "core/sim/steady.h"

#include <math.h>
#include <string.h>

static const double TOLERANCE = 1e-3, RATE_TOLERANCE = 4e-3, ENERGY_TOLERANCE = 2e-3;

void steady_open(struct steady *s, struct arena *a, const struct pipeline *l, double least_ps)
{
    s->least_ps = least_ps;
    s->arena = a;
    s->stages = (size_t)l->segment->stage_count;
    s->lead = ARENA_ARRAY(a, double, s->stages);
    s->drift = ARENA_ARRAY(a, double, s->stages);
    steady_start(s, 0);
}

void steady_start(struct steady *s, int64_t first)
{
    s->first = first;
    s->samples = 0;
    memset(s->marks, 0, sizeof s->marks);
    for (size_t k = 0; k < s->stages; k++)
        s->lead[k] = s->drift[k] = 0;
}

/* 4, 6, 8, 12, 16, 24 ...: half of each from 8 on is one too, two before it. */
static bool is_mark(int64_t n)
{
    while (n > 6 && n % 2 == 0)
        n /= 2;
    return n == 4 || n == 6;
}

bool steady_take(struct steady *s, const struct pipeline *l)
{
    for (size_t k = 0; k < s->stages; k++) {
        const struct stage *at = &l->plan->stages[l->segment->first_stage + (int32_t)k];
        double lead =
            (double)l->stages[k].ended / (double)at->steps - (double)(s->first + s->samples + 1);
        if (at->kind == STAGE_SOURCE) /* how far it reads ahead hangs on DRAM refresh */
            lead = 0;
        s->lead[k] += lead;
        s->drift[k] += lead * (double)s->samples;
    }
    s->samples++;
    return is_mark(s->samples);
}

static double *kept(struct arena *a, const double *sums, size_t count)
{
    double *copy = ARENA_ARRAY(a, double, count);
    memcpy(copy, sums, count * sizeof *copy);
    return copy;
}

static void mark(struct steady *s, const struct ledger *books)
{
    memmove(&s->marks[1], &s->marks[0], sizeof s->marks - sizeof s->marks[0]);
    struct steady_mark *m = &s->marks[0];
    m->samples = s->samples;
    m->lead = kept(s->arena, s->lead, s->stages);
    m->drift = kept(s->arena, s->drift, s->stages);
    m->books = ledger_snapshot(books, s->arena);
    ledger_sum(books, &m->sums);
}

/* --- the line through ends of samples --------------------------------------------------------- */

/* Sum of (i - mean)^2 over n numbers in a row. */
static double spread_of(double n)
{
    return n * (n * n - 1) / 12;
}

/* The least-squares slope of samples [first, first + n): the time of one. */
static double slope(const struct sample_ends *ends, int64_t first, int64_t n)
{
    double sum = 0, middle = 0.5 * (double)(n - 1);
    time_ps origin = ends->played[first].at;
    for (int64_t i = 0; i < n; i++)
        sum += ((double)i - middle) * (double)(ends->played[first + i].at - origin);
    return sum / spread_of((double)n);
}

/* The width of the band along a line of that slope in which all of them lie. */
static double band(const struct sample_ends *ends, int64_t first, int64_t n, double each_ps)
{
    double least = 0, most = 0;
    for (int64_t i = 0; i < n; i++) {
        double off =
            (double)(ends->played[first + i].at - ends->played[first].at) - (double)i * each_ps;
        least = off < least ? off : least;
        most = off > most ? off : most;
    }
    return most - least;
}

static bool is_straight(const struct sample_ends *ends, int64_t first, int64_t n, double each_ps)
{
    double early = slope(ends, first, n / 2), late = slope(ends, first + n - n / 2, n / 2);
    return each_ps > 0 && fabs(late - early) <= RATE_TOLERANCE * each_ps &&
           band(ends, first, n, each_ps) <= RATE_TOLERANCE * (double)n * each_ps;
}

/* Does no stage gain on the ends of samples between two marks, nor lag? */
static bool keeps_up(const struct steady *s, const struct steady_mark *from,
                     const struct steady_mark *to)
{
    double n = (double)(to->samples - from->samples);
    double middle = 0.5 * (double)(from->samples + to->samples - 1);
    for (size_t k = 0; k < s->stages; k++) {
        double gain = (to->drift[k] - from->drift[k]) - middle * (to->lead[k] - from->lead[k]);
        if (fabs(gain) > RATE_TOLERANCE * spread_of(n))
            return false;
    }
    return true;
}

/* --- energies --------------------------------------------------------------------------------- */

static double per_sample(double from_pj, double to_pj, int64_t samples)
{
    return (to_pj - from_pj) / (double)samples;
}

/* Part by part: is what a sample took between b and c what it took between a and b? */
static bool same_energy(const struct steady_mark *a, const struct steady_mark *b,
                        const struct steady_mark *c)
{
    int64_t early = b->samples - a->samples, late = c->samples - b->samples;
    double whole = per_sample(b->sums.total_pj, c->sums.total_pj, late);
    for (int p = 0; p < PART_COUNT; p++) {
        double was = per_sample(a->sums.part_pj[p], b->sums.part_pj[p], early);
        double is = per_sample(b->sums.part_pj[p], c->sums.part_pj[p], late);
        if (fabs(is - was) > ENERGY_TOLERANCE * whole)
            return false;
    }
    return true;
}

bool steady_agree(double a, double b)
{
    return fabs(a - b) <= TOLERANCE * fabs(a);
}

/* Memory's parts, and leakage, which follows time. */
static bool drifts(int p)
{
    return (p >= PART_MEMORY_ACTIVATE && p <= PART_MEMORY_BACKGROUND) || p == PART_LEAKAGE;
}

bool steady_same_energies(const double a_pj[PART_COUNT], const double b_pj[PART_COUNT], bool memory)
{
    double memory_a = 0, memory_b = 0;
    for (int p = 0; p < PART_COUNT; p++) {
        if (drifts(p)) {
            memory_a += a_pj[p];
            memory_b += b_pj[p];
        } else if (!steady_agree(a_pj[p], b_pj[p])) {
            return false;
        }
    }
    return !memory || steady_agree(memory_a, memory_b);
}

/* --- the rate --------------------------------------------------------------------------------- */

/* The causes of a stretch, scaled to a time; where the paths to its two ends differ one may have
 * lost some, which the others make up for. */
static struct spell spell_of(const struct moment *from, const struct moment *to, double ps)
{
    struct spell s = {.ps = ps};
    double sum = 0;
    for (int c = 0; c < CAUSE_COUNT; c++) {
        double part = (double)(to->by_cause[c] - from->by_cause[c]);
        s.cause_ps[c] = part > 0 ? part : 0;
        sum += s.cause_ps[c];
    }
    for (int c = 0; c < CAUSE_COUNT; c++)
        s.cause_ps[c] *= ps / sum;
    return s;
}

bool steady_look(struct steady *s, const struct sample_ends *ends, const struct ledger *books,
                 struct steady_rate *out)
{
    mark(s, books);
    const struct steady_mark *now = &s->marks[0], *half = &s->marks[2], *quarter = &s->marks[4];
    int64_t n = now->samples - half->samples, first = s->first + half->samples;
    if (now->samples < STEADY_LEAST)
        return false;
    double each_ps = slope(ends, first, n);
    if ((double)n * each_ps < s->least_ps || !is_straight(ends, first, n, each_ps) ||
        !keeps_up(s, half, now) || !same_energy(quarter, half, now))
        return false;
    out->each = spell_of(&ends->played[first - 1], &ends->played[first + n - 1], each_ps);
    out->before = half->books;
    out->after = now->books;
    out->samples = n;
    return true;
}
