#include "core/base/costed.h"

#include <assert.h>
#include <string.h>

void cost_add(struct cost *c, enum part part, const char *name, double count, struct quantity pj)
{
    assert(count >= 0 && pj.value >= 0);
    if (count == 0 || pj.value == 0)
        return;
    for (unsigned i = 0; i < c->count; i++) {
        struct action *a = &c->actions[i];
        if (a->part == part && a->pj.value == pj.value && a->pj.from == pj.from &&
            strcmp(a->name, name) == 0) {
            a->count += count;
            return;
        }
    }
    assert(c->count < COST_ACTIONS_MAX);
    c->actions[c->count++] = (struct action){part, name, count, pj};
}

void cost_append(struct cost *c, const struct cost *more, double times)
{
    for (unsigned i = 0; i < more->count; i++) {
        const struct action *a = &more->actions[i];
        cost_add(c, a->part, a->name, a->count * times, a->pj);
    }
}

double cost_energy_pj(const struct cost *c)
{
    double sum = 0;
    for (unsigned i = 0; i < c->count; i++)
        sum += c->actions[i].count * c->actions[i].pj.value;
    return sum;
}
