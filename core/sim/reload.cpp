/* reload.cpp — weights of the next segment, while this one computes.
 *
 * Weights are read from memory, those of each die in the order of the plan's loads, dies by turns,
 * some lots at once, and go on to their tiles as they come.  A lot waits until the arrays that it
 * fills are free: the stage of the segment under way that holds them has done all of its work.  So
 * the next segment moves in behind the present one; no array holds two sets of weights unless it
 * has a second store for them.  In two banks, or on another device, the arrays of the next segment
 * are free from the start.  A stage begins when its own weights are written, however many of the
 * others are still on their way. */
#include <algorithm>
#include <cmath>

#include "core/sim/platform.hpp"

namespace cimarron
{

/* Reads under way at once: enough to keep the memory busy, few enough to finish one by one, so that
 * the network starts early. */
static constexpr std::int64_t READS_AHEAD = 8;

static std::int64_t load_bytes(const load &l)
{
    return std::llround(std::ceil(l.bytes));
}

/* --- which weights are expected ------------------------------------------------------------- */

/* Memory will be asked for these next.  Writing them is booked here. */
void platform::expect_weights(std::int32_t index)
{
    const segment &s = plan_->segments[index], *g = plan_model(plan_, &s);
    filling_ = 1 - filling_;
    weights &w = weights_[filling_];
    w = weights{};
    w.segment = index;
    w.left.assign(static_cast<std::size_t>(g->stage_count), 0);
    w.ready.assign(static_cast<std::size_t>(g->stage_count), 0);
    for (std::size_t q = 0; q < g->queue_count; q++)
        w.next.push_back(g->queues[q].first);
    for (std::size_t i = 0; i < g->load_count; i++)
        w.left[static_cast<std::size_t>(g->loads[i].stage)]++;
    for (std::size_t i = 0; i < g->write_count; i++)
        ledger_add_cost(books_, plan_->stages[s.first_stage + g->writes[i].stage].layer,
                        &g->writes[i].cost, 1);
}

/* The segment that begins now takes what has come for it, and waits for the rest. */
void platform::take_weights()
{
    const segment *g = model();
    if (weights_[filling_].segment < segment_)
        expect_weights(segment_);
    const weights &w = weights_[weights_[0].segment == segment_ ? 0 : 1];
    holder_.assign(static_cast<std::size_t>(plan_->system->arrays), -1);
    for (std::int32_t k = 0; k < g->stage_count; k++) {
        const stage &s = plan_->stages[g->first_stage + k];
        const auto at = static_cast<std::size_t>(k);
        pipeline_weights(&pipe_, g->first_stage + k, w.left[at] > 0 ? TIME_NEVER : w.ready[at]);
        for (std::int64_t c = 0; s.copy_at && c < s.copies; c++)
            std::fill_n(holder_.begin() + s.copy_at[c], s.span, g->first_stage + k);
    }
    fetch_weights();
}

/* --- asking for them ------------------------------------------------------------------------ */

bool platform::is_free(const stage &s, const load &l) const
{
    for (std::int64_t c = 0; c < s.copies; c++)
        for (std::int64_t i = 0; i < l.arrays; i++) {
            const std::int32_t by =
                holder_[static_cast<std::size_t>(s.copy_at[c] + l.first_array + i)];
            if (by >= 0 && !pipeline_stage_finished(&pipe_, by))
                return false;
        }
    return true;
}

/* All arrays of the lot that begins with load `number` of a die's queue. */
bool platform::arrays_are_free(std::size_t number, const load_queue &of) const
{
    const segment *g = plan_model(plan_, &plan_->segments[weights_[filling_].segment]);
    do
        if (!is_free(plan_->stages[g->first_stage + g->loads[number].stage], g->loads[number]))
            return false;
    while (++number < of.end && g->loads[number].joins);
    return true;
}

/* Is there a lot that may be read now: of the segment under way, or of the one after it?  Then it
 * is the next one of the die whose turn it is. */
bool platform::next_lot()
{
    const auto last = static_cast<std::int32_t>(plan_->segment_count) - 1;
    weights &w = weights_[filling_];
    const segment *g = plan_model(plan_, &plan_->segments[w.segment]);
    if (w.asked == static_cast<std::int64_t>(g->load_count)) {
        if (w.segment > segment_ || w.segment == last)
            return false;
        expect_weights(w.segment + 1);
        return next_lot();
    }
    const bool free = w.segment == segment_ || beside_ || plan_->segments[w.segment].crosses;
    for (std::size_t k = 0; k < g->queue_count; k++) {
        const std::size_t die = (w.turn + k) % g->queue_count;
        const load_queue &of = g->queues[die];
        if (w.next[die] == of.end || !(free || arrays_are_free(w.next[die], of)))
            continue;
        w.turn = die;
        return true;
    }
    return false;
}

void platform::fetch_weights()
{
    while (!plan_->resident && playing_ && reads_ < READS_AHEAD && next_lot())
        fetch_lot();
}

/* A lot of loads, all of one layer. */
void platform::fetch_lot()
{
    weights &w = weights_[filling_];
    const segment &s = plan_->segments[w.segment], *g = plan_model(plan_, &s);
    std::size_t &next = w.next[w.turn];
    errand e{errand::FETCH, filling_, static_cast<std::int64_t>(next), {}, 0};
    e.data.address = w.address;
    e.data.layer = plan_->stages[s.first_stage + g->loads[next].stage].layer;
    do {
        e.data.bytes += load_bytes(g->loads[next++]);
        w.asked++;
        moves_++;
    } while (next < g->queues[w.turn].end && g->loads[next].joins);
    w.address += static_cast<std::uint64_t>(e.data.bytes);
    w.turn = (w.turn + 1) % g->queue_count;
    reads_++;
    send(to_memory, e);
}

/* --- on their way --------------------------------------------------------------------------- */

/* Weights that have been read: on to their tiles. */
void platform::spread_weights(const errand &fetched)
{
    const weights &w = weights_[fetched.index];
    const segment *g = plan_model(plan_, &plan_->segments[w.segment]);
    std::int64_t number = fetched.number;
    for (std::int64_t left = fetched.data.bytes; left > 0; number++) {
        const load &l = g->loads[number];
        errand e{errand::RELOAD, fetched.index, number, {}, 0};
        e.data = flow_transfer(&l.flow, l.bytes);
        e.data.layer = fetched.data.layer;
        left -= load_bytes(l);
        sent_ += static_cast<double>(e.data.bytes);
        transfers_ += 1;
        send(to_network, e);
    }
    reads_--;
    fetch_weights();
}

/* One load is in its tiles.  With the last of a stage its cells are written. */
void platform::weights_arrived(const errand &e)
{
    weights &w = weights_[e.index];
    const segment *g = plan_model(plan_, &plan_->segments[w.segment]);
    const std::int32_t k = g->loads[e.number].stage;
    const auto at = static_cast<std::size_t>(k);
    received_ += static_cast<double>(e.data.bytes);
    moves_--;
    if (--w.left[at] > 0)
        return;
    w.ready[at] = now_ps() + std::llround(g->write_ps);
    if (w.segment != segment_ || !playing_)
        return;
    pipeline_weights(&pipe_, g->first_stage + k, w.ready[at]);
    stages_[static_cast<std::size_t>(g->first_stage + k)]->wake();
}

} // namespace cimarron
