#include "core/sim/sim.h"

#include <new>

#include "core/base/alloc.h"
#include "core/sim/platform.hpp"

/* libsystemc wants this symbol; the program's main is C. */
extern "C" int sc_main(int, char **)
{
    return 0;
}

/* Conversion losses of a board: all that its chips and memory take, over the efficiency. */
static void book_regulators(const struct system *s, ledger *books)
{
    ledger_sums sums;
    if (s->scope == SCOPE_CHIP)
        return;
    const double loss = 1 / s->regulator_efficiency - 1;
    ledger_sum(books, &sums);
    ledger_add(books, PART_REGULATOR, LEDGER_STATIC, "loss per pJ",
               sums.total_pj - sums.part_pj[PART_HOST] - sums.part_pj[PART_LINK],
               quantity_of(loss, FROM_ASSUMED, 0));
}

/* Leakage, clocks and host interface: paid for all of the time. */
static void book_static_power(const static_power &idle, ledger *books, double ps)
{
    for (int p = 0; p < PART_COUNT; p++) { /* 1 mW for 1 ps is 1e-3 pJ */
        const quantity mw = idle.part_mw[p];
        ledger_add(books, static_cast<part>(p), LEDGER_STATIC, "static", ps,
                   quantity_scaled(mw, 1e-3));
    }
}

/* Devices that share every layer do at the same time what the one that played did. */
static void book_those_that_share(arena *a, const plan *p, sim_result *out)
{
    const double others = static_cast<double>(p->tensor) - 1;
    if (others > 0)
        ledger_add_period(out->ledger, ledger_open(a), ledger_snapshot(out->ledger, a), others);
}

/* What leaks or refreshes beside the region or devices that play: other regions' networks, the
 * memories of devices whose turn it is not, which stand by and keep what they hold, and the links
 * of a fabric (those of a wafer are its edge). */
static void book_those_that_wait(const plan *p, ledger *books, double ps)
{
    const double at_work = static_cast<double>(p->tensor);
    const double others = static_cast<double>(p->devices) - at_work;
    const double mesh_mw = p->machine->noc->leakage_mw * static_cast<double>(p->devices) -
                           p->system->noc->leakage_mw * at_work;
    ledger_sums sums;
    ledger_sum(books, &sums);
    ledger_add(books, PART_LEAKAGE, LEDGER_STATIC, "networks that wait", ps,
               quantity_of(mesh_mw * 1e-3, FROM_ASSUMED, 0));
    if (p->devices > 1 && !p->machine->wafer)
        ledger_add(books, PART_LINK, LEDGER_STATIC, "static", ps * static_cast<double>(p->devices),
                   quantity_scaled(p->system->next.static_mw, 1e-3));
    if (!p->system->memory || others <= 0)
        return;
    ledger_add(books, PART_MEMORY_BACKGROUND, LEDGER_STATIC, "memories that wait", ps,
               quantity_of(p->system->memory->background_mw * 1e-3 * others, FROM_ASSUMED, 0));
    ledger_add(books, PART_MEMORY_REFRESH, LEDGER_STATIC, "memories that wait", others,
               quantity_of(sums.part_pj[PART_MEMORY_REFRESH] / at_work, FROM_ASSUMED, 0));
}

bool sim_run(arena *a, const plan *p, const sim_options *o, sim_result *out, diag *d)
{
    std::set_new_handler(alloc_end);
    *out = sim_result{};
    out->ledger = ledger_open(a);
    cimarron::platform top("chip", a, p, o, out->ledger);
    sc_core::sc_start();
    TRY(top.finish(out, d));
    book_those_that_share(a, p, out);
    static_power idle;
    system_static_power(p->machine, &idle);
    for (quantity &mw : idle.part_mw)
        mw.value *= static_cast<double>(p->devices);
    book_those_that_wait(p, out->ledger, out->time_ps);
    book_static_power(idle, out->ledger, out->time_ps);
    book_regulators(p->machine, out->ledger);
    return true;
}
