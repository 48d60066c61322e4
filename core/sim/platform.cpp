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
    paces_.resize(p->segment_count, 0);
    beside_ = p->banks == 2 || p->system->facts.double_buffered;
    SC_HAS_PROCESS(platform);
    SC_METHOD(play);
    sensitive << go_;
    SC_METHOD(open_gate);
    sensitive << gate_;
    dont_initialize();
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

/* What the pace stands for: the resource with the largest bound. */
static cause pace_cause(const plan *p)
{
    struct plan_bound b;
    plan_bound(p, 1, &b);
    for (int c = 0; c < CAUSE_COUNT; c++)
        if (std::string(b.name) == cause_name(static_cast<cause>(c)))
            return static_cast<cause>(c);
    return CAUSE_ARRAY;
}

void platform::start_pipeline()
{
    const segment *g = model();
    pipeline_open(&pipe_, arena_, plan_, g, plan_->samples, now_ps());
    pipe_.pace = pace_cause(plan_);
    keep_planned_pace();
    take_kept_pace();
    steady_ = steady{};
    steady_.arena = arena_;
    samples_done_ = 0;
    segment_skip_ps_ = 0;
    segment_periods_ = 0;
    done_at_.clear();
    playing_ = true;
    if (!plan_->resident)
        take_weights();
    for (std::int32_t i = 0; i < g->stage_count; i++)
        stages_[static_cast<std::size_t>(g->first_stage + i)]->wake();
}

/* Of regions that work side by side, the one that is slowest behind the first sample holds back
 * the others: its time counts, theirs passes beside it. */
void platform::keep_longest_rest(double ps, const double cause_ps[CAUSE_COUNT])
{
    if (ps < rest_ps_)
        return;
    rest_ps_ = ps;
    std::copy(cause_ps, cause_ps + CAUSE_COUNT, rest_cause_ps_);
}

/* The next region begins when the first sample leaves this one. */
void platform::add_causes_side_by_side(const cause_path *path)
{
    double rest[CAUSE_COUNT] = {};
    cause_path_add(path, pipe_.start, first_done_, 1, cause_ps_);
    cause_path_add(path, first_done_, TIME_NEVER, 1, rest);
    cause_path_add(path, period_from_, period_to_, segment_periods_, rest);
    now_.rest_ps = static_cast<double>(last_done_ - first_done_) + segment_skip_ps_;
    std::copy(rest, rest + CAUSE_COUNT, now_.rest_cause_ps);
    keep_longest_rest(now_.rest_ps, rest);
    skipped_ps_ -= now_.rest_ps;
}

void platform::add_causes()
{
    cause_path path{arena_, nullptr, 0, 0};
    pipeline_trace_back(&pipe_, &path);
    if (plan_->spread) {
        add_causes_side_by_side(&path);
        return;
    }
    cause_path_add(&path, pipe_.start, TIME_NEVER, 1, cause_ps_);
    cause_path_add(&path, period_from_, period_to_, segment_periods_, cause_ps_);
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
    if (segment_ == 0)
        latency_ps_ = static_cast<double>(first_done_);
    if (plan_->samples > 1 && plan_->segment_count == 1 && period_ps_ == 0)
        intervals_ps_ = recent_interval(plan_->samples / 2); /* the pipeline has filled */
    skipped_ps_ += segment_skip_ps_;
    add_causes();
    skipped_samples_ += static_cast<double>(plan_->samples - pipe_.samples);
    playing_ = false;
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

bool platform::finish(sim_result *out, diag *d)
{
    if (!done_)
        return diag_cannot(d, "the pipeline stalled for good in segment %d after %lld samples",
                           segment_, static_cast<long long>(samples_done_));
    const double samples = static_cast<double>(plan_->samples);
    out->time_ps = static_cast<double>(now_ps()) + skipped_ps_ + rest_ps_;
    out->latency_ps = plan_->spread               ? out->time_ps - rest_ps_
                      : plan_->segment_count == 1 ? latency_ps_
                                                  : out->time_ps;
    if (plan_->samples > 1)
        out->interval_ps = plan_->spread              ? rest_ps_ / (samples - 1)
                           : plan_->segment_count > 1 ? out->time_ps / samples
                           : period_ps_ > 0           ? period_ps_
                                                      : intervals_ps_;
    out->steady_energy_pj = period_ps_ > 0 && plan_->segment_count == 1 ? steady_pj_ : 0;
    const double segments = static_cast<double>(plan_->segment_count);
    out->repeated_fraction =
        (skipped_samples_ + samples * static_cast<double>(repeated_segments_)) /
        (samples * segments);
    for (int c = 0; c < CAUSE_COUNT; c++)
        out->cause_ps[c] = cause_ps_[c] + rest_cause_ps_[c];
    out->stages =
        static_cast<stage_times *>(arena_alloc(arena_, plan_->stage_count, sizeof(stage_times)));
    std::copy(times_.begin(), times_.end(), out->stages);
    out->bytes_sent = sent_;
    out->bytes_received = received_;
    out->transfers = transfers_;
    return true;
}

} // namespace cimarron
