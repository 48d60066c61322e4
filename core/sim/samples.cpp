/* samples.cpp — the ends of samples, and those that are added by arithmetic. */
#include <algorithm>

#include "core/sim/platform.hpp"

namespace cimarron
{

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

/* Samples that no stage has begun yet are added up instead of played. */
void platform::repeat(const steady_rate &rate)
{
    std::int64_t begun = samples_done_ + 1;
    for (std::int32_t i = 0; i < pipe_.segment->stage_count; i++) {
        const std::int32_t k = pipe_.segment->first_stage + i;
        begun = std::max(begun, ceil_div(pipeline_stage(&pipe_, k)->begun, plan_->stages[k].steps));
    }
    const std::int64_t left = pipe_.samples - begun;
    if (left <= 0)
        return;
    ledger_add_period(books_, rate.before, rate.after,
                      static_cast<double>(left) / static_cast<double>(rate.samples));
    ends_add(&ends_, left, &rate.each);
    segment_skip_ps_ = static_cast<double>(left) * rate.each.ps;
    pipeline_play(&pipe_, begun);
    fetch_weights();
}

} // namespace cimarron
