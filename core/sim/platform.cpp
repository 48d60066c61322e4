#include "core/sim/platform.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
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
    for (std::size_t i = 0; i < p->stage_count; i++)
        stages_.push_back(std::make_unique<stage_module>(("stage_" + std::to_string(i)).c_str(),
                                                         *this, static_cast<std::int32_t>(i)));
    times_.resize(p->stage_count);
    records_.resize(p->segment_count);
    SC_HAS_PROCESS(platform);
    SC_METHOD(play);
    sensitive << go_;
    SC_METHOD(reload_arrived);
    sensitive << reloaded_;
    dont_initialize();
    SC_METHOD(open_gate);
    sensitive << gate_;
    dont_initialize();
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
    while (repeat_segment())
        ;
    if (done_)
        return;
    open_record();
    segment_start_ = now_ps();
    if (plan_->resident)
        start_pipeline();
    else
        reload();
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
    const segment *g = &plan_->segments[segment_];
    pipeline_open(&pipe_, arena_, plan_, g, plan_->samples, now_ps());
    pipe_.pace = pace_cause(plan_);
    steady_ = steady{};
    steady_.arena = arena_;
    samples_done_ = 0;
    segment_skip_ps_ = 0;
    segment_periods_ = 0;
    done_at_.clear();
    playing_ = true;
    for (std::int32_t i = 0; i < g->stage_count; i++)
        stages_[static_cast<std::size_t>(g->first_stage + i)]->wake();
}

/* Reads under way at once: enough to keep the memory busy, few enough to finish one by one, so that
 * the network starts early. */
static constexpr std::int64_t FETCHES_AHEAD = 8;

/* The weights of a segment: read from memory, sent to their tiles, then written side by side. */
void platform::reload()
{
    const segment *g = &plan_->segments[segment_];
    for (std::size_t i = 0; i < g->write_count; i++)
        ledger_add_cost(books_, g->writes[i].layer, &g->writes[i].cost, 1);
    reload_left_ = static_cast<std::int64_t>(g->load_count);
    next_load_ = 0;
    load_address_ = 0;
    while (next_load_ < std::min<std::int64_t>(FETCHES_AHEAD, reload_left_))
        fetch_weights();
    if (reload_left_ == 0)
        reloaded_.notify(sc_core::SC_ZERO_TIME);
}

void platform::fetch_weights()
{
    const segment *g = &plan_->segments[segment_];
    if (next_load_ >= static_cast<std::int64_t>(g->load_count))
        return;
    const load &l = g->loads[next_load_];
    errand e{errand::FETCH, segment_, next_load_++, {}};
    e.data.bytes = std::llround(std::ceil(l.bytes));
    e.data.address = load_address_;
    e.data.layer = l.layer;
    load_address_ += static_cast<std::uint64_t>(e.data.bytes);
    send(to_memory, e);
}

/* A tile's worth of weights has been read: on to its tiles. */
void platform::spread_weights(const errand &fetched)
{
    const load &l = plan_->segments[fetched.index].loads[fetched.number];
    errand e{errand::RELOAD, fetched.index, fetched.number, {}};
    e.data = flow_transfer(&l.flow, l.bytes);
    e.data.layer = l.layer;
    sent_ += static_cast<double>(e.data.bytes);
    transfers_ += 1;
    send(to_network, e);
    fetch_weights();
}

void platform::reload_arrived()
{
    if (done_ || playing_)
        return;
    const double ps = static_cast<double>(now_ps() - segment_start_);
    cause_ps_[CAUSE_RELOAD] += ps;
    start_pipeline();
}

void platform::end_segment()
{
    cause_path path{arena_, nullptr, 0, 0};
    pipeline_trace_back(&pipe_, &path);
    cause_path_add(&path, pipe_.start, TIME_NEVER, 1, cause_ps_);
    cause_path_add(&path, period_from_, period_to_, segment_periods_, cause_ps_);
    for (std::int32_t i = 0; i < pipe_.segment->stage_count; i++) {
        const auto index = static_cast<std::size_t>(pipe_.segment->first_stage + i);
        pipeline_times(&pipe_, static_cast<std::int32_t>(index), &times_[index]);
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

/* --- work --------------------------------------------------------------------------------- */

time_ps platform::work(const stage &s, std::int64_t rows, double share, work_bound *bound)
{
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    work_->where = &s;
    work_->rows = rows;
    work_->share = share;
    to_arrays->b_transport(work_payload_, delay);
    *bound = work_->bound;
    return static_cast<time_ps>(delay.value());
}

/* A source fetches its rows, a sink puts them away: over the memory, or the serial host link. */
void platform::work_outside(std::int32_t index, const pipe_step &step)
{
    const stage &s = plan_->stages[index];
    const double bytes = s.row_bytes * static_cast<double>(step.rows);
    errand e{errand::OUTSIDE, index, step.step, {}};
    e.data.bytes = std::max<std::int64_t>(1, std::llround(std::ceil(bytes)));
    e.data.layer = s.layer;
    e.data.write = s.kind == STAGE_SINK;
    if (plan_->system->memory) {
        e.data.address =
            (static_cast<std::uint64_t>(index) << 32) +
            static_cast<std::uint64_t>(step.step) * static_cast<std::uint64_t>(e.data.bytes);
        const auto capacity = static_cast<std::uint64_t>(plan_->system->memory->capacity_bytes);
        e.data.address = e.data.address % capacity;
        if (e.data.address + static_cast<std::uint64_t>(e.data.bytes) > capacity)
            e.data.address = 0;
        send(to_memory, e);
        return;
    }
    cost c;
    cost_clear(&c);
    link_cost(&plan_->system->host, static_cast<double>(e.data.bytes), &c);
    ledger_add_cost(books_, s.layer, &c, 1);
    const time_ps begins = std::max(now_ps(), link_free_);
    link_free_ = begins + std::llround(c.duration_ps);
    const time_ps ends = link_free_ + std::llround(plan_->system->host.latency_ns * 1e3);
    stages_[static_cast<std::size_t>(index)]->step_done_at(step.step, ends);
}

void platform::wake_around(std::int32_t index)
{
    const stage &s = plan_->stages[index];
    for (std::size_t i = 0; i < s.in_count; i++)
        stages_[static_cast<std::size_t>(plan_->edges[s.in[i]].producer)]->wake();
}

/* --- moving ------------------------------------------------------------------------------- */

void platform::send(tlm_utils::simple_initiator_socket<platform> &socket, const errand &e)
{
    tlm::tlm_generic_payload *p = pool_.take();
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    p->get_extension<transfer_extension>()->what = e.data;
    p->set_command(e.data.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    p->set_address(e.data.address);
    p->set_data_length(static_cast<unsigned>(std::min<std::int64_t>(e.data.bytes, 4096)));
    errands_[p] = e;
    socket->nb_transport_fw(*p, phase, delay);
}

bool platform::send_flows(const flow *flows, std::size_t count, std::int64_t rows, errand e,
                          std::int32_t *sent)
{
    *sent = 0;
    for (std::size_t i = 0; i < count; i++) {
        const std::int32_t layer = e.data.layer;
        e.data = flow_transfer(&flows[i], flows[i].bytes_per_row * static_cast<double>(rows));
        e.data.layer = layer;
        sent_ += static_cast<double>(e.data.bytes);
        transfers_ += 1;
        send(to_network, e);
        (*sent)++;
    }
    return *sent > 0;
}

static std::uint64_t partial_key(std::int32_t stage, std::int64_t chunk)
{
    return static_cast<std::uint64_t>(stage) << 40 | static_cast<std::uint64_t>(chunk);
}

/* Partial sums first; the chunk is complete, and leaves, when they are in. */
void platform::emit(std::int32_t index, std::int64_t chunk, std::int64_t rows)
{
    const stage &s = plan_->stages[index];
    if (held_back(index, chunk, rows))
        return;
    errand e{errand::PARTIAL, index, chunk, {}};
    e.data.layer = s.layer;
    std::int32_t sent;
    if (send_flows(s.partial_flows, s.partial_flow_count, rows, e, &sent))
        partial_left_[partial_key(index, chunk)] = sent;
    else
        send_chunk(index, chunk, rows);
}

void platform::send_chunk(std::int32_t index, std::int64_t chunk, std::int64_t rows)
{
    const stage &s = plan_->stages[index];
    for (std::size_t i = 0; i < s.out_count; i++) {
        const edge &to = plan_->edges[s.out[i]];
        errand e{errand::FLOW, s.out[i], chunk, {}};
        e.data.layer = s.layer;
        std::int32_t sent = static_cast<std::int32_t>(to.flow_count);
        pipeline_send(&pipe_, s.out[i], chunk, sent, now_ps());
        if (!send_flows(to.flows, to.flow_count, rows, e, &sent))
            stages_[static_cast<std::size_t>(to.consumer)]->wake();
    }
}

tlm::tlm_sync_enum platform::back(tlm::tlm_generic_payload &p, tlm::tlm_phase &phase,
                                  sc_core::sc_time &)
{
    if (phase != tlm::BEGIN_RESP)
        return tlm::TLM_ACCEPTED;
    auto it = errands_.find(&p);
    const errand e = it->second;
    errands_.erase(it);
    p.release();
    arrived(e);
    phase = tlm::END_RESP;
    return tlm::TLM_COMPLETED;
}

void platform::arrived(const errand &e)
{
    switch (e.what) {
    case errand::FLOW:
        received_ += static_cast<double>(e.data.bytes);
        if (pipeline_arrive(&pipe_, e.index, e.number, now_ps()))
            stages_[static_cast<std::size_t>(plan_->edges[e.index].consumer)]->wake();
        break;
    case errand::PARTIAL: {
        received_ += static_cast<double>(e.data.bytes);
        auto it = partial_left_.find(partial_key(e.index, e.number));
        if (--it->second == 0) {
            partial_left_.erase(it);
            const stage &s = plan_->stages[e.index];
            send_chunk(e.index, e.number,
                       s.emits_last_only ? 1 : stage_chunk_rows(&s, e.number % s.chunks));
        }
        break;
    }
    case errand::OUTSIDE:
        stages_[static_cast<std::size_t>(e.index)]->step_done(e.number, CAUSE_MEMORY);
        break;
    case errand::FETCH:
        spread_weights(e);
        break;
    case errand::RELOAD:
        received_ += static_cast<double>(e.data.bytes);
        if (--reload_left_ == 0)
            reloaded_.notify(to_sc(std::llround(plan_->segments[segment_].write_ps)));
        break;
    }
}

/* --- samples ------------------------------------------------------------------------------ */

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

/* The first samples are played as fast as they go, to learn the pace; the rest keep one just below
 * it (pipeline.h says why).  A pace is a multiple of the network's clock. */
static constexpr std::int64_t LEARNED_SAMPLES = 6, PACED_SAMPLES_MIN = 16;
static constexpr double PACE_MARGIN = 1.04, PACE_KEPT = 1.002;

static std::int64_t clock_grid_ps(double mhz)
{
    return 1000000 / std::gcd(std::int64_t{1000000}, std::llround(mhz));
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
    if (plan_->samples < PACED_SAMPLES_MIN || done % LEARNED_SAMPLES != 0)
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
        pipe_.paced_from =
            std::max(pipe_.paced_from, ceil_div(pipe_.stages[k].begun, plan_->stages[k].steps));
    }
}

bool platform::held_back(std::int32_t index, std::int64_t chunk, std::int64_t rows)
{
    const time_ps earliest = pipeline_earliest_sent(&pipe_, index, chunk);
    if (earliest <= now_ps())
        return false;
    held_.insert({earliest, held_chunk{index, chunk, rows}});
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
    if (options_->exact || segment_periods_ > 0 || pipe_.samples < 4)
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
        furthest = std::max(furthest, ceil_div(pipe_.stages[k].begun, plan_->stages[k].steps));
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
}

bool platform::finish(sim_result *out, diag *d)
{
    if (!done_)
        return diag_cannot(d, "the pipeline stalled for good in segment %d after %lld samples",
                           segment_, static_cast<long long>(samples_done_));
    const double samples = static_cast<double>(plan_->samples);
    out->time_ps = static_cast<double>(now_ps()) + skipped_ps_;
    out->latency_ps = plan_->segment_count == 1 ? latency_ps_ : out->time_ps;
    if (plan_->samples > 1)
        out->interval_ps = plan_->segment_count > 1 ? out->time_ps / samples
                           : period_ps_ > 0         ? period_ps_
                                                    : intervals_ps_;
    out->steady_energy_pj = period_ps_ > 0 && plan_->segment_count == 1 ? steady_pj_ : 0;
    const double segments = static_cast<double>(plan_->segment_count);
    out->repeated_fraction =
        (skipped_samples_ + samples * static_cast<double>(repeated_segments_)) /
        (samples * segments);
    std::copy(cause_ps_, cause_ps_ + CAUSE_COUNT, out->cause_ps);
    out->stages =
        static_cast<stage_times *>(arena_alloc(arena_, plan_->stage_count, sizeof(stage_times)));
    std::copy(times_.begin(), times_.end(), out->stages);
    out->bytes_sent = sent_;
    out->bytes_received = received_;
    out->transfers = transfers_;
    return true;
}

} // namespace cimarron
