/* package_facts.c — what a package adds up to: areas, memory, power of links, price. */
#include "chiplet/package.h"

double package_area_mm2(const struct package *p)
{
    return p->width_mm * p->height_mm;
}

double package_silicon_mm2(const struct package *p)
{
    double sum = 0;
    for (uint32_t i = 0; i < p->die_count; i++)
        sum += p->dies[i].at.width * p->dies[i].at.height;
    return sum;
}

int64_t package_stacks(const struct package *p)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < p->die_count; i++)
        sum += p->dies[i].stacks;
    return sum;
}

double package_die_memory_bytes_per_ps(const struct package *p, uint32_t die)
{
    double sum = 0;
    for (uint32_t i = 0; i < p->memory_count; i++)
        for (int64_t n = 0; p->memories[i].die == die && n < p->memories[i].count; n++)
            sum += p->memories[i].stacks[n]->peak_bytes_per_ps;
    return sum;
}

int64_t package_die_memory_bytes(const struct package *p, uint32_t die)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < p->memory_count; i++)
        for (int64_t n = 0; p->memories[i].die == die && n < p->memories[i].count; n++)
            sum += p->memories[i].stacks[n]->capacity_bytes;
    return sum;
}

/* 1 pJ per ps is 1 W. */
double package_link_peak_mw(const struct package *p)
{
    double sum = 0;
    for (uint32_t i = 0; i < p->edge_count; i++) {
        const struct package_edge *e = &p->edges[i];
        sum += 2 * e->raw_bits_per_ps * e->link.pj_per_bit.value * 1e3 +
               e->link.static_mw.value * (double)e->count;
    }
    return sum;
}

double package_link_idle_mw(const struct package *p)
{
    double sum = 0;
    for (uint32_t i = 0; i < p->edge_count; i++) {
        const struct package_edge *e = &p->edges[i];
        sum += 2 * e->raw_bits_per_ps * e->link.idle_pj_per_bit.value * 1e3 +
               e->link.static_mw.value * (double)e->count;
    }
    return sum;
}

bool package_cost(const struct package *p, struct yield_package_cost *out)
{
    struct yield_part parts[2 * PACKAGE_DIES_MAX];
    size_t count = 0;
    if (!p->has_cost)
        return false;
    for (uint32_t i = 0; i < p->die_count; i++) {
        struct yield_die_cost die;
        double mm2 = p->dies[i].at.width * p->dies[i].at.height;
        yield_die_cost(&p->process, mm2, &die);
        parts[count++] = (struct yield_part){mm2, die.good_usd, 1};
    }
    for (uint32_t i = 0; i < p->memory_count; i++) {
        const struct package_memory *m = &p->memories[i];
        parts[count++] =
            (struct yield_part){m->at[0].width * m->at[0].height, m->stack_usd, m->count};
    }
    yield_package_cost(&p->assembly, parts, count, out);
    return true;
}
