#include "core/sim/sim.h"

#include "core/sim/platform.hpp"

/* libsystemc wants this symbol; the program's main is C. */
extern "C" int sc_main(int, char **)
{
    return 0;
}

/* Conversion losses of a board: all that its chips and memory take, over the efficiency. */
static double book_regulators(const struct system *s, ledger *books)
{
    ledger_sums sums;
    if (s->scope == SCOPE_CHIP)
        return 0;
    const double loss = 1 / s->regulator_efficiency - 1;
    ledger_sum(books, &sums);
    ledger_add(books, PART_REGULATOR, LEDGER_STATIC, "loss per pJ",
               sums.total_pj - sums.part_pj[PART_HOST] - sums.part_pj[PART_LINK],
               quantity_of(loss, FROM_ASSUMED, 0));
    return loss;
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

/* Memories of the devices whose turn it is not: they stand by. */
static void book_waiting_memories(const plan *p, ledger *books, double ps)
{
    if (p->system->memory && p->devices > 1)
        ledger_add(books, PART_MEMORY_BACKGROUND, LEDGER_STATIC, "other devices", ps,
                   quantity_of(p->system->memory->background_mw * 1e-3 *
                                   static_cast<double>(p->devices - 1),
                               FROM_ASSUMED, 0));
}

bool sim_run(arena *a, const plan *p, const sim_options *o, sim_result *out, diag *d)
{
    *out = sim_result{};
    out->ledger = ledger_open(a);
    cimarron::platform top("chip", a, p, o, out->ledger);
    sc_core::sc_start();
    TRY(top.finish(out, d));
    static_power idle;
    system_static_power(p->machine, &idle);
    for (quantity &mw : idle.part_mw)
        mw.value *= static_cast<double>(p->devices);
    book_waiting_memories(p, out->ledger, out->time_ps);
    book_static_power(idle, out->ledger, out->time_ps);
    for (const quantity &mw : idle.part_mw)
        if (out->steady_energy_pj > 0)
            out->steady_energy_pj += mw.value * 1e-3 * out->interval_ps;
    out->steady_energy_pj *= 1 + book_regulators(p->machine, out->ledger);
    return true;
}
