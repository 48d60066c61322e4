#include "core/sim/user_memory.hpp"

#include <algorithm>
#include <cmath>

namespace cimarron
{

memory_bridge::memory_bridge(sc_core::sc_module_name name, unsigned lanes)
    : sc_module(name), socket("socket"), memory("memory")
{
    socket.register_nb_transport_fw(this, &memory_bridge::nb_transport_fw);
    for (unsigned i = 0; i < lanes; i++)
        sc_core::sc_spawn([this] { play(); });
}

tlm::tlm_sync_enum memory_bridge::nb_transport_fw(tlm::tlm_generic_payload &p,
                                                  tlm::tlm_phase &phase, sc_core::sc_time &)
{
    if (phase != tlm::BEGIN_REQ)
        return tlm::TLM_ACCEPTED;
    p.acquire();
    waiting_.push_back(&p);
    submitted_.notify(sc_core::SC_ZERO_TIME);
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
}

void memory_bridge::play_transfer(const transfer &t)
{
    tlm::tlm_generic_payload piece;
    const auto most = static_cast<std::int64_t>(scratch_.size());
    for (std::int64_t done = 0; done < t.bytes; done += most) {
        const auto bytes = static_cast<unsigned>(std::min(most, t.bytes - done));
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        piece.set_command(t.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
        piece.set_address(t.address + static_cast<std::uint64_t>(done));
        piece.set_data_ptr(scratch_.data());
        piece.set_data_length(bytes);
        piece.set_streaming_width(bytes);
        piece.set_byte_enable_ptr(nullptr);
        piece.set_dmi_allowed(false);
        piece.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
        memory->b_transport(piece, delay);
        if (piece.is_response_error())
            SC_REPORT_ERROR("cimarron", "the bound memory refused a transfer");
        wait(delay);
    }
}

void memory_bridge::play()
{
    for (;;) {
        while (waiting_.empty())
            wait(submitted_);
        tlm::tlm_generic_payload *p = waiting_.front();
        waiting_.pop_front();
        play_transfer(p->get_extension<transfer_extension>()->job.data);
        tlm::tlm_phase phase = tlm::BEGIN_RESP;
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        p->set_response_status(tlm::TLM_OK_RESPONSE);
        socket->nb_transport_bw(*p, phase, delay);
        p->release();
    }
}

ideal_memory::ideal_memory(sc_core::sc_module_name name, double latency_ns, double gb_per_s)
    : sc_module(name), socket("socket"), latency_ps_(latency_ns * 1e3), ps_per_byte_(1e3 / gb_per_s)
{
    socket.register_b_transport(this, &ideal_memory::b_transport);
}

void ideal_memory::b_transport(tlm::tlm_generic_payload &p, sc_core::sc_time &delay)
{
    const double now = static_cast<double>(now_ps()) + static_cast<double>(delay.value());
    free_ps_ = std::max(now, free_ps_) + ps_per_byte_ * p.get_data_length();
    delay = to_sc(std::llround(free_ps_ + latency_ps_) - now_ps());
    p.set_response_status(tlm::TLM_OK_RESPONSE);
}

} // namespace cimarron
