/* samples.cpp — the ends of samples: the pace that is learned and kept, and periods that repeat. */
#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/sim/platform.hpp"

namespace cimarron
{

void platform::account()
{
    network_->inner()->ops->account(network_->inner(), books_, now_ps());
    if (memory_ && memory_->inner())
        memory_->inner()->ops->account(memory_->inner(), books_, now_ps());
}

void platform::sink_ended()
{
    while (playing_ && samples_done_ < pipe_.samples &&
           pipeline_sample_done(&pipe_, samples_done_)) {
        sample_done();
        samples_done_++;
        if (pipeline_finished(&pipe_))
            end_segment();
    }
}

/* The first samples are played as fast as they go, to learn the pace, but on wafers, where the plan
 * says it; the rest keep one just below it (pipeline.h says why).  A pace is a multiple of the
 * network's clock.  The mean is of five intervals: that of three was up to 8 % too slow. */
static constexpr std::int64_t LEARNED_SAMPLES = 10, PACED_SAMPLES_MIN = 16;
static constexpr double PACE_MARGIN = 1.04, PACE_KEPT = 1.002;

static std::int64_t clock_grid_ps(double mhz)
{
    return 1000000 / std::gcd(std::int64_t{1000000}, std::llround(mhz));
}

/* On a wafer no region gets samples faster than the slowest one hands them on, and none sends them
 * into its network faster than they get through: the pace is kept from the first sample on. */
void platform::keep_planned_pace()
{
    const std::int64_t grid = clock_grid_ps(plan_->system->noc->clock_mhz);
    if (!plan_->spread || plan_->samples == 1)
        return;
    pipe_.pace_ps = ceil_div(std::llround(plan_pace_ps(plan_)), grid) * grid;
    pipe_.paced_from = 1;
}

/* Mean time between the last samples. */
double platform::recent_interval(std::int64_t intervals) const
{
    const std::size_t n = done_at_.size();
    return static_cast<double>(done_at_[n - 1] - done_at_[n - 1 - static_cast<size_t>(intervals)]) /
           static_cast<double>(intervals);
}

/* Sets the pace when enough has been learned, and slows it where samples still come later than it
 * says: then the buffers were not yet full when it was learned. */
void platform::set_pace()
{
    const std::int64_t done = samples_done_ + 1;
    if (plan_->samples < PACED_SAMPLES_MIN || done % LEARNED_SAMPLES != 0 || kept_pace() > 0)
        return;
    const std::int64_t grid = clock_grid_ps(plan_->system->noc->clock_mhz);
    const double mean = recent_interval(LEARNED_SAMPLES / 2);
    if (mean <= PACE_KEPT * static_cast<double>(pipe_.pace_ps))
        return;
    pipe_.pace_ps = ceil_div(std::llround(mean * PACE_MARGIN), grid) * grid;
    if (pipe_.paced_from != INT64_MAX)
        return;
    pipe_.paced_from = 1;
    for (std::int32_t i = 0; i < pipe_.segment->stage_count; i++) {
        const std::int32_t k = pipe_.segment->first_stage + i;
        pipe_.paced_from = std::max(
            pipe_.paced_from, ceil_div(pipeline_stage(&pipe_, k)->begun, plan_->stages[k].steps));
    }
}

/* Where weights are on their way when a segment begins, its first samples tell another pace each
 * time.  So one under which they came to repeat is kept by all segments of that model, from their
 * start. */
time_ps &platform::kept_pace()
{
    return paces_[static_cast<std::size_t>(model() - plan_->segments)];
}

void platform::take_kept_pace()
{
    if (kept_pace() == 0)
        return;
    pipe_.pace_ps = kept_pace();
    pipe_.paced_from = 1;
}

bool platform::held_back(std::int32_t index, std::int64_t chunk, std::int64_t rows)
{
    const time_ps leaves = pipeline_leaves(&pipe_, index, chunk, now_ps());
    if (leaves <= now_ps())
        return false;
    held_.insert({leaves, held_chunk{index, chunk, rows}});
    gate_.notify(to_sc(held_.begin()->first - now_ps()));
    return true;
}

void platform::open_gate()
{
    while (!held_.empty() && held_.begin()->first <= now_ps()) {
        const held_chunk h = held_.begin()->second;
        held_.erase(held_.begin());
        emit(h.stage, h.chunk, h.rows);
    }
    if (!held_.empty())
        gate_.notify(to_sc(held_.begin()->first - now_ps()));
}

void platform::sample_done()
{
    if (samples_done_ == 0)
        first_done_ = now_ps();
    last_done_ = now_ps();
    done_at_.push_back(now_ps());
    set_pace();
    if (options_->exact || segment_periods_ > 0 || pipe_.samples < 4 || moves_ > 0)
        return;
    account();
    steady_take(&steady_, &pipe_, samples_done_, books_, network_->inner(), now_ps());
    const int period = steady_period(&steady_);
    if (period)
        repeat(period);
}

/* Whole periods that nobody has begun yet are added up instead of played. */
void platform::repeat(int period)
{
    std::int64_t furthest = 0;
    for (std::int32_t i = 0; i < pipe_.segment->stage_count; i++) {
        const std::int32_t k = pipe_.segment->first_stage + i;
        furthest =
            std::max(furthest, ceil_div(pipeline_stage(&pipe_, k)->begun, plan_->stages[k].steps));
    }
    const std::int64_t periods = (pipe_.samples - furthest) / period;
    if (periods <= 0)
        return;
    const snapshot &now = steady_.last[0], &before = steady_.last[period];
    const snapshot &earlier = steady_.last[period + period]; /* two periods smooth memory refresh */
    const double ps = static_cast<double>(now.at - before.at);
    ledger_add_period(books_, earlier.ledger, now.ledger, 0.5 * static_cast<double>(periods));
    pipe_.samples -= periods * period;
    segment_periods_ = static_cast<double>(periods);
    segment_skip_ps_ = ps * segment_periods_;
    period_from_ = before.at;
    period_to_ = now.at;
    period_ps_ = ps / period;
    steady_pj_ = 0.5 * (now.sums.total_pj - earlier.sums.total_pj) / period;
    if (plan_->resident)
        return;
    kept_pace() = pipe_.pace_ps;
    fetch_weights();
}

} // namespace cimarron
