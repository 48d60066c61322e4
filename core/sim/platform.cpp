#include "core/sim/platform.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace cimarron
{

platform::platform(sc_core::sc_module_name name, arena *a, const plan *p, const sim_options *o,
                   ledger *books)
    : sc_module(name), to_network("to_network"), to_memory("to_memory"), to_arrays("to_arrays"),
      arena_(a), plan_(p), options_(o), books_(books), arrays_("arrays", books)
{
    network_ = std::make_unique<server_target>("network", &p->system->noc->base);
    to_network.register_nb_transport_bw(this, &platform::back);
    to_network.bind(network_->socket);
    to_memory.register_nb_transport_bw(this, &platform::back);
    bind_memory();
    to_arrays.bind(arrays_.socket);
    work_payload_.set_extension(work_);
    open_stages();
    times_.resize(p->stage_count);
    records_.resize(p->segment_count);
    beside_ = p->banks == 2 || p->system->facts.double_buffered;
    SC_HAS_PROCESS(platform);
    SC_METHOD(play);
    sensitive << go_;
}

void platform::open_stages()
{
    for (std::size_t i = 0; i < plan_->stage_count; i++) {
        const bool own = plan_->segments[plan_->stages[i].segment].twin < 0;
        stages_.push_back(
            own ? std::make_unique<stage_module>(("stage_" + std::to_string(i)).c_str(), *this,
                                                 static_cast<std::int32_t>(i))
                : nullptr);
    }
}

/* Ours, an ideal one through the bridge that a user's would take, or none. */
void platform::bind_memory()
{
    struct memory *own = plan_->system->memory;
    if (own && options_->ideal_memory_gb_s > 0) {
        bridge_ = std::make_unique<memory_bridge>("bridge");
        ideal_ = std::make_unique<ideal_memory>("ideal_memory", options_->ideal_memory_ns,
                                                options_->ideal_memory_gb_s);
        bridge_->memory.bind(ideal_->socket);
        to_memory.bind(bridge_->socket);
        return;
    }
    /* A socket must be bound: without a memory nobody will call it. */
    memory_ = std::make_unique<server_target>("memory", own ? &own->base : nullptr);
    to_memory.bind(memory_->socket);
}

/* --- segments ----------------------------------------------------------------------------- */

void platform::play()
{
    if (!playing_ && !done_)
        start_segment();
}

void platform::start_segment()
{
    if (!plan_->resident)
        repeat_stretches();
    else
        while (repeat_segment())
            ;
    if (done_)
        return;
    open_record();
    start_pipeline();
}

/* A region of a wafer gets samples as the one before hands them over. */
void platform::start_pipeline()
{
    const segment *g = model();
    now_from_.at = now_ps();
    std::swap(ends_, upstream_);
    ends_restart(&ends_);
    pipeline_open(&pipe_, arena_, plan_, g, plan_->samples, &now_from_);
    if (plan_->spread && segment_ > 0)
        pipe_.upstream = &upstream_;
    steady_open(&steady_, arena_, &pipe_, plan_->system->memory ? REFRESHES_PS : 0);
    samples_done_ = 0;
    segment_skip_ps_ = 0;
    playing_ = true;
    if (!plan_->resident)
        take_weights();
    for (std::int32_t i = 0; i < g->stage_count; i++)
        stages_[static_cast<std::size_t>(g->first_stage + i)]->wake();
}

/* When every stage has ended and the last row has arrived, though nobody reads it. */
void platform::end_when_drained()
{
    if (playing_ && under_way_ == 0 && pipeline_finished(&pipe_))
        end_segment();
}

/* A region that begins now takes so long: until then the run is not over. */
void platform::keep_longest(const spell &whole)
{
    const double end = static_cast<double>(now_from_.at) + skipped_ps_ + whole.ps;
    if (end <= longest_.ps)
        return;
    longest_.ps = end;
    causes_so_far(longest_.cause_ps);
    for (int c = 0; c < CAUSE_COUNT; c++)
        longest_.cause_ps[c] += whole.cause_ps[c];
}

/* The next region of a wafer begins when the first sample leaves this one: what comes after it
 * passes beside the next. */
void platform::hand_over()
{
    const moment first = ends_at(&ends_, 0);
    const moment last = moment_after(pipe_.latest, &ends_.each, static_cast<double>(ends_.added));
    spell whole{static_cast<double>(last.at - pipe_.start.at), {}};
    for (int c = 0; c < CAUSE_COUNT; c++)
        whole.cause_ps[c] = static_cast<double>(last.by_cause[c] - pipe_.start.by_cause[c]);
    keep_longest(whole);
    now_.whole = whole;
    now_.rest_ps = static_cast<double>(ends_at(&ends_, plan_->samples - 1).at - first.at);
    skipped_ps_ += static_cast<double>(first.at - now_ps());
    now_from_ = first;
    now_from_.at = now_ps();
}

void platform::end_segment()
{
    for (std::int32_t i = 0; i < pipe_.segment->stage_count; i++) {
        const auto index = static_cast<std::size_t>(current()->first_stage + i);
        pipeline_times(&pipe_, pipe_.segment->first_stage + i, &times_[index]);
        times_[index].start_ps += skipped_ps_;
        times_[index].end_ps += skipped_ps_ + segment_skip_ps_;
        times_[index].busy_ps *=
            static_cast<double>(plan_->samples) / static_cast<double>(pipe_.samples);
    }
    skipped_samples_ += static_cast<double>(ends_.added);
    if (plan_->spread) {
        hand_over();
    } else {
        now_from_ = pipe_.latest;
        skipped_ps_ += segment_skip_ps_;
        for (int c = 0; c < CAUSE_COUNT; c++)
            skipped_cause_ps_[c] += static_cast<double>(ends_.added) * ends_.each.cause_ps[c];
    }
    playing_ = false;
    ended_ps_ = now_ps();
    account();
    close_record();
    close_segment();
    if (!done_)
        go_.notify(sc_core::SC_ZERO_TIME);
}

void platform::close_segment()
{
    segment_++;
    done_ = segment_ == static_cast<std::int32_t>(plan_->segment_count);
}

/* What the time up to the segment that comes was spent on. */
void platform::causes_so_far(double cause_ps[CAUSE_COUNT]) const
{
    for (int c = 0; c < CAUSE_COUNT; c++)
        cause_ps[c] = static_cast<double>(now_from_.by_cause[c]) + skipped_cause_ps_[c];
}

bool platform::finish(sim_result *out, diag *d)
{
    if (!done_)
        return diag_cannot(d, "the pipeline stalled for good in segment %d after %lld samples",
                           segment_, static_cast<long long>(samples_done_));
    const double samples = static_cast<double>(plan_->samples);
    const bool flows = plan_->spread || plan_->segment_count == 1; /* samples behind each other */
    out->time_ps = static_cast<double>(ended_ps_) + skipped_ps_;
    causes_so_far(out->cause_ps);
    out->latency_ps = out->time_ps;
    if (plan_->spread) {
        out->time_ps = longest_.ps;
        std::copy(longest_.cause_ps, longest_.cause_ps + CAUSE_COUNT, out->cause_ps);
    } else if (plan_->segment_count == 1 && plan_->samples > 1)
        out->latency_ps = static_cast<double>(ends_at(&ends_, 0).at);
    if (plan_->samples > 1)
        out->interval_ps = flows ? ends_interval_ps(&ends_) : out->time_ps / samples;
    const double segments = static_cast<double>(plan_->segment_count);
    out->repeated_fraction =
        (skipped_samples_ + samples * static_cast<double>(repeated_segments_)) /
        (samples * segments);
    out->stages =
        static_cast<stage_times *>(arena_alloc(arena_, plan_->stage_count, sizeof(stage_times)));
    std::copy(times_.begin(), times_.end(), out->stages);
    out->bytes_sent = sent_;
    out->bytes_received = received_;
    out->transfers = transfers_;
    return true;
}

} // namespace cimarron
