/* transport.cpp — rows on their way: over the network between tiles, to and from memory, over the
 * serial host link; and who is told when they arrive. */
#include <algorithm>
#include <cmath>

#include "core/sim/platform.hpp"

namespace cimarron
{

time_ps platform::work(std::int32_t index, std::int64_t rows, double share, work_bound *bound)
{
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    work_->where = &plan_->stages[index];
    work_->booked = &plan_->stages[place_of(index)];
    work_->rows = rows;
    work_->share = share;
    to_arrays->b_transport(work_payload_, delay);
    *bound = work_->bound;
    return static_cast<time_ps>(delay.value());
}

/* A source fetches its rows, a sink puts them away: over the memory, or a serial link. */
void platform::work_outside(std::int32_t index, const pipe_step &step)
{
    const stage &s = plan_->stages[index];
    const double bytes = s.row_bytes * static_cast<double>(step.rows);
    errand e{errand::OUTSIDE, index, step.step, {}, 0};
    e.data.bytes = std::max<std::int64_t>(1, std::llround(std::ceil(bytes)));
    e.data.layer = plan_->stages[place_of(index)].layer;
    e.data.write = s.kind == STAGE_SINK;
    const link *over = plan_link(plan_, current(), &s);
    if (!over) {
        e.data.address =
            (static_cast<std::uint64_t>(place_of(index)) << 32) +
            static_cast<std::uint64_t>(step.step) * static_cast<std::uint64_t>(e.data.bytes);
        const auto capacity = static_cast<std::uint64_t>(plan_->system->memory->capacity_bytes);
        e.data.address = e.data.address % capacity;
        if (e.data.address + static_cast<std::uint64_t>(e.data.bytes) > capacity)
            e.data.address = 0;
        send(to_memory, e);
        return;
    }
    time_ps ends = now_ps();
    if (s.kind == STAGE_SOURCE || !s.handover) {
        cost c;
        const double latency_ps =
            plan_over_link(plan_, &s, over, static_cast<double>(e.data.bytes), &c);
        ledger_add_cost(books_, e.data.layer, &c, 1);
        const time_ps begins = std::max(now_ps(), link_free_);
        link_free_ = begins + std::llround(c.duration_ps);
        ends = link_free_ + std::llround(latency_ps);
    }
    stages_[static_cast<std::size_t>(index)]->step_done_at(step.step, ends);
}

void platform::wake_around(std::int32_t index)
{
    const stage &s = plan_->stages[index];
    for (std::size_t i = 0; i < s.in_count; i++)
        stages_[static_cast<std::size_t>(plan_->edges[s.in[i]].producer)]->wake();
}

void platform::send(tlm_utils::simple_initiator_socket<platform> &socket, const errand &e)
{
    tlm::tlm_generic_payload *p = pool_.take();
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    p->get_extension<transfer_extension>()->job = e;
    p->set_command(e.data.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    p->set_address(e.data.address);
    p->set_data_length(static_cast<unsigned>(std::min<std::int64_t>(e.data.bytes, 4096)));
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
        under_way_++;
        send(to_network, e);
        (*sent)++;
    }
    return *sent > 0;
}

std::int64_t platform::rows_of(std::int32_t index, std::int64_t chunk) const
{
    const stage &s = plan_->stages[index];
    return s.emits_last_only ? 1 : stage_chunk_rows(&s, chunk % s.chunks);
}

/* Partial sums first; the chunk is complete, and leaves, when they are in. */
void platform::emit(std::int32_t index, std::int64_t chunk, std::int64_t rows)
{
    const stage &s = plan_->stages[index];
    if (s.partial_flow_count == 0) {
        send_chunk(index, chunk);
        return;
    }
    const std::uint32_t awaited = partial_left_.take();
    partial_left_[awaited].turn = 0;
    send_partials(index, chunk, rows, awaited);
}

/* Those of the turn that it is. */
void platform::send_partials(std::int32_t index, std::int64_t chunk, std::int64_t rows,
                             std::uint32_t awaited)
{
    const stage &s = plan_->stages[index];
    adding &left = partial_left_[awaited];
    const std::int32_t turn = left.turn;
    const std::size_t first = turn > 0 ? s.partial_ends[turn - 1] : 0;
    errand e{errand::PARTIAL, index, chunk, {}, awaited};
    e.data.layer = plan_->stages[place_of(index)].layer;
    send_flows(s.partial_flows + first, s.partial_ends[turn] - first, rows, e, &left.parts);
}

/* When all sums of a turn have arrived the next go; after the last the chunk is complete. */
void platform::added(const errand &e)
{
    adding &left = partial_left_[e.awaited];
    if (--left.parts > 0)
        return;
    const std::int64_t rows = rows_of(e.index, e.number);
    if (++left.turn < plan_->stages[e.index].partial_turns) {
        send_partials(e.index, e.number, rows, e.awaited);
        return;
    }
    partial_left_.free(e.awaited);
    send_chunk(e.index, e.number);
}

/* Of an edge, and of those whose rows come with its flows. */
void platform::wake_readers(const edge &over)
{
    stages_[static_cast<std::size_t>(over.consumer)]->wake();
    for (std::size_t r = 0; r < over.rider_count; r++)
        stages_[static_cast<std::size_t>(plan_->edges[over.riders[r]].consumer)]->wake();
}

void platform::flow_arrived(const errand &e)
{
    const edge &over = plan_->edges[e.index];
    bool moved = pipeline_arrive(&pipe_, e.index, e.number, now_ps());
    for (std::size_t r = 0; r < over.rider_count; r++)
        moved = pipeline_arrive(&pipe_, over.riders[r], e.number, now_ps()) || moved;
    if (moved)
        wake_readers(over);
}

/* Rows that leave over an edge with this chunk; of a reduction its single one. */
std::int64_t platform::rows_over(const edge &to, std::int64_t chunk) const
{
    const stage &from = plan_->stages[to.producer];
    return from.emits_last_only ? 1 : edge_chunk_rows(plan_, &to, chunk % from.chunks);
}

/* A chunk that waits for others to leave with counts as there: its readers wait for those. */
void platform::send_chunk(std::int32_t index, std::int64_t chunk)
{
    const stage &s = plan_->stages[index];
    for (std::size_t i = 0; i < s.out_count; i++) {
        const edge &to = plan_->edges[s.out[i]];
        const std::int64_t rows = rows_over(to, chunk);
        const auto pieces = rows > 0 ? static_cast<std::int32_t>(to.flow_count) : 0;
        if (to.rides)
            continue;
        pipeline_send(&pipe_, s.out[i], chunk, pieces, now_ps());
        for (std::size_t r = 0; r < to.rider_count; r++)
            pipeline_send(&pipe_, to.riders[r], chunk, pieces, now_ps());
        if (pieces == 0) {
            wake_readers(to);
            continue;
        }
        if (to.to_hub_count > 0)
            send_to_hubs(s.out[i], chunk, rows);
        send_over(s.out[i], chunk, rows, 0, to.direct_count);
        for (std::size_t h = 0; h < to.hub_count; h++)
            if (to.hubs[h].awaited == 0)
                send_over(s.out[i], chunk, rows, to.hubs[h].first, to.hubs[h].count);
    }
}

void platform::send_to_hubs(std::int32_t index, std::int64_t chunk, std::int64_t rows)
{
    const edge &over = plan_->edges[index];
    errand e{errand::TO_HUB, index, chunk, {}, to_hub_left_.take()};
    gathering &left = to_hub_left_[e.awaited];
    e.data.layer = plan_->stages[place_of(over.producer)].layer;
    left.by_hub.clear();
    for (std::size_t h = 0; h < over.hub_count; h++)
        left.by_hub.push_back(over.hubs[h].awaited);
    send_flows(over.to_hub, over.to_hub_count, rows, e, &left.parts);
}

/* Some flows of an edge leave: those of its makers' tiles, or those of a hub. */
void platform::send_over(std::int32_t index, std::int64_t chunk, std::int64_t rows,
                         std::size_t first, std::size_t count)
{
    const edge &over = plan_->edges[index];
    errand e{errand::FLOW, index, chunk, {}, 0};
    std::int32_t sent = 0;
    e.data.layer = plan_->stages[place_of(over.producer)].layer;
    send_flows(over.flows + first, count, rows, e, &sent);
}

/* A part has come to its hubs, each of which hands on what it has when it has all. */
void platform::reached_hubs(const errand &e)
{
    const edge &over = plan_->edges[e.index];
    gathering &left = to_hub_left_[e.awaited];
    for (std::uint32_t i = 0; i <= e.data.more_count; i++) {
        const hub *at = edge_hub(&over, i == 0 ? e.data.dst : e.data.more_dst[i - 1]);
        if (--left.by_hub[static_cast<std::size_t>(at - over.hubs)] == 0)
            send_over(e.index, e.number, rows_over(over, e.number), at->first, at->count);
    }
    if (--left.parts == 0)
        to_hub_left_.free(e.awaited);
}

tlm::tlm_sync_enum platform::back(tlm::tlm_generic_payload &p, tlm::tlm_phase &phase,
                                  sc_core::sc_time &)
{
    if (phase != tlm::BEGIN_RESP)
        return tlm::TLM_ACCEPTED;
    arrived(p.get_extension<transfer_extension>()->job);
    p.release();
    phase = tlm::END_RESP;
    return tlm::TLM_COMPLETED;
}

/* A part of a segment's rows has come over the network. */
void platform::rows_arrived(const errand &e)
{
    received_ += static_cast<double>(e.data.bytes);
    under_way_--;
    if (e.what == errand::FLOW)
        flow_arrived(e);
    else if (e.what == errand::TO_HUB)
        reached_hubs(e);
    else
        added(e);
    end_when_drained();
}

void platform::arrived(const errand &e)
{
    switch (e.what) {
    case errand::FLOW:
    case errand::TO_HUB:
    case errand::PARTIAL:
        rows_arrived(e);
        break;
    case errand::OUTSIDE:
        stages_[static_cast<std::size_t>(e.index)]->step_done(e.number, CAUSE_MEMORY);
        break;
    case errand::FETCH:
        spread_weights(e);
        break;
    case errand::RELOAD:
        weights_arrived(e);
        break;
    }
}

} // namespace cimarron
