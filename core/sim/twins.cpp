/* twins.cpp — equal segments of a resident plan: played a few times, then repeated by arithmetic.
 *
 * The pipeline is empty between segments, so twins begin in the same state but for the phase of
 * memory refresh, whose period is another.  When the last two plays agree within 0.1 % in time and
 * in every part's energy (memory's by their sum), further twins take over the mean time and causes
 * of all plays and the books of the last, each booked on its own layers.  Short plays, in which a
 * refresh more or less shows, are averaged over four that differ by at most 1 %. */
#include <cmath>

#include "core/sim/platform.hpp"

namespace cimarron
{

static constexpr double REFRESH = 1e-2; /* by what it may at most show */

static std::size_t first_of(const plan *p, std::int32_t segment)
{
    const std::int32_t twin = p->segments[segment].twin;
    return static_cast<std::size_t>(twin < 0 ? segment : twin);
}

void platform::open_record()
{
    now_ = record{};
    now_.segment = segment_;
    if (plan_->segment_count == 1 || options_->exact || !plan_->resident)
        return;
    account();
    now_.before = ledger_snapshot(books_, arena_);
    ledger_sum(books_, &now_.sums);
    started_ps_ = static_cast<double>(now_ps()) + skipped_ps_;
    causes_so_far(started_cause_ps_);
}

void platform::close_record()
{
    if (!now_.before)
        return;
    ledger_sums sums;
    ledger_sum(books_, &sums);
    for (int p = 0; p < PART_COUNT; p++)
        now_.sums.part_pj[p] = sums.part_pj[p] - now_.sums.part_pj[p];
    now_.ps = static_cast<double>(now_ps()) + skipped_ps_ - started_ps_;
    causes_so_far(now_.cause_ps);
    for (int c = 0; c < CAUSE_COUNT; c++)
        now_.cause_ps[c] -= started_cause_ps_[c];
    now_.after = ledger_snapshot(books_, arena_);
    record &r = records_[first_of(plan_, segment_)];
    now_.plays = r.plays + 1;
    now_.last_ps = now_.ps;
    const bool refreshes = plan_->system->memory && now_.ps < REFRESHES_PS;
    const double weight = 1.0 / now_.plays; /* of this one in the mean of all */
    now_.ps += (1 - weight) * (r.ps - now_.ps);
    now_.agree = now_.plays >= (refreshes ? 4 : 2) &&
                 (refreshes ? std::fabs(r.ps - now_.last_ps) <= REFRESH * now_.last_ps
                            : steady_agree(r.last_ps, now_.last_ps)) &&
                 steady_agree(r.rest_ps, now_.rest_ps) &&
                 steady_same_energies(r.sums.part_pj, now_.sums.part_pj, !refreshes);
    for (int c = 0; c < CAUSE_COUNT; c++)
        now_.cause_ps[c] += (1 - weight) * (r.cause_ps[c] - now_.cause_ps[c]);
    r = now_;
}

void platform::book_twin(std::int32_t played, std::int32_t twin, const ledger *before,
                         const ledger *after)
{
    const std::size_t old_rows = ledger_rows(before), rows = ledger_rows(after);
    for (std::size_t i = 0; i < rows; i++) {
        const struct ledger_row row = *ledger_row(after, i);
        const double count = row.count - (i < old_rows ? ledger_row(before, i)->count : 0);
        std::int32_t layer = LEDGER_STATIC;
        if (row.layer != LEDGER_STATIC)
            (void)plan_layer_again(plan_, played, twin, row.layer, &layer);
        if (count > 0)
            ledger_add(books_, row.part, layer, row.action, count, row.pj);
    }
}

/* True when this segment was done by arithmetic. */
bool platform::repeat_segment()
{
    if (done_ || options_->exact || plan_->segment_count == 1)
        return false;
    const record &r = records_[first_of(plan_, segment_)];
    if (!r.agree)
        return false;
    const segment &played = plan_->segments[r.segment];
    const double start = static_cast<double>(now_ps()) + skipped_ps_;
    const double shift = start - times_[static_cast<std::size_t>(played.first_stage)].start_ps;
    book_twin(r.segment, segment_, r.before, r.after);
    keep_longest(r.whole);
    for (int c = 0; c < CAUSE_COUNT; c++)
        skipped_cause_ps_[c] += r.cause_ps[c];
    copy_times(r.segment, segment_, shift);
    skipped_ps_ += r.ps;
    repeated_segments_++;
    close_segment();
    return true;
}

} // namespace cimarron
