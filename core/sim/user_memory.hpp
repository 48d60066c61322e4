/* user_memory.hpp — somebody else's TLM-2.0 memory in place of ours.
 *
 * memory_bridge takes our transfers and plays them on any TLM-2.0 target with b_transport: a
 * transfer is cut into payloads of at most 4 KiB over one scratch buffer (TLM wants a data pointer
 * and has a 32-bit length).  `lanes` transfers are under way at once.  Energy of such a memory is
 * not ours to know: nothing is booked.
 *
 * ideal_memory is such a target: a fixed latency and a bandwidth.  It serves as an example of what
 * to bind, and answers what a better memory would bring (`run --ideal-memory`). */
#ifndef CIMARRON_USER_MEMORY_HPP
#define CIMARRON_USER_MEMORY_HPP

#include <tlm_utils/simple_initiator_socket.h>

#include <array>

#include "core/sim/targets.hpp"

namespace cimarron
{

class memory_bridge : public sc_core::sc_module
{
  public:
    tlm_utils::simple_target_socket<memory_bridge> socket;    /* toward the platform */
    tlm_utils::simple_initiator_socket<memory_bridge> memory; /* toward the user's model */

    explicit memory_bridge(sc_core::sc_module_name name, unsigned lanes = 8);

  private:
    void play();
    void play_transfer(const transfer &t);
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &p, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay);

    std::array<unsigned char, 4096> scratch_{};
    std::deque<tlm::tlm_generic_payload *> waiting_;
    sc_core::sc_event submitted_;
};

class ideal_memory : public sc_core::sc_module
{
  public:
    tlm_utils::simple_target_socket<ideal_memory> socket;

    ideal_memory(sc_core::sc_module_name name, double latency_ns, double gb_per_s);

  private:
    void b_transport(tlm::tlm_generic_payload &p, sc_core::sc_time &delay);

    double latency_ps_, ps_per_byte_;
    double free_ps_ = 0; /* when the data bus is free again */
};

} // namespace cimarron
#endif
