/* samples.cpp — the ends of samples, and those that are added by arithmetic. */
#include "core/sim/platform.hpp"

namespace cimarron
{

static constexpr double UPSTREAM_TOLERANCE = 4e-3; /* of a sample: as of the rate itself */

void platform::account()
{
    network_->inner()->ops->account(network_->inner(), books_, now_ps());
    if (memory_ && memory_->inner())
        memory_->inner()->ops->account(memory_->inner(), books_, now_ps());
}

/* A stage has ended a step: of a sink, perhaps the last one of a sample. */
void platform::step_ended(std::int32_t index)
{
    if (pipeline_stage_finished(&pipe_, index))
        fetch_weights(); /* into the arrays that are free now */
    if (plan_->stages[index].kind == STAGE_SINK)
        while (samples_done_ < pipe_.samples && pipeline_sample_done(&pipe_, samples_done_)) {
            ends_play(&ends_, arena_, &pipe_.ended);
            sample_done();
            samples_done_++;
        }
    end_when_drained();
}

/* While weights move behind it, or when it has samples by arithmetic, a pipeline keeps no rate. */
void platform::sample_done()
{
    if (options_->exact || ends_.added > 0)
        return;
    if (moves_ > 0) {
        steady_start(&steady_, samples_done_ + 1);
        return;
    }
    if (!steady_take(&steady_, &pipe_))
        return;
    steady_rate rate;
    account();
    if (steady_look(&steady_, &ends_, books_, &rate))
        repeat(rate);
}

/* How many samples from `first` on come from the region before as regularly as this one works. What
 * comes at another rate is played, and the one before it, lest it should have come already. */
static std::int64_t regular_samples(const pipeline &l, std::int64_t first, double each_ps)
{
    std::int64_t k = first;
    if (!l.upstream)
        return l.samples - first;
    for (; k < l.samples; k++) {
        const auto took =
            static_cast<double>(ends_at(l.upstream, k).at - ends_at(l.upstream, k - 1).at);
        if (took > each_ps * (1 + UPSTREAM_TOLERANCE) || took < each_ps * (1 - UPSTREAM_TOLERANCE))
            break;
    }
    return k < l.samples ? k - first - 1 : k - first;
}

/* Samples that no stage has begun yet are added up instead of played. */
void platform::repeat(const steady_rate &rate)
{
    const std::int64_t count = regular_samples(pipe_, pipeline_untouched(&pipe_), rate.each.ps);
    if (count <= 0)
        return;
    ledger_add_period(books_, rate.before, rate.after,
                      static_cast<double>(count) / static_cast<double>(rate.samples));
    ends_add(&ends_, count, &rate.each);
    segment_skip_ps_ = static_cast<double>(count) * rate.each.ps;
    pipeline_add(&pipe_, count, &rate.each);
    fetch_weights();
}

} // namespace cimarron
