/* targets.hpp — the SystemC side of the two contracts: one wrapper for any server, one for arrays.
 *
 * server_target is a TLM-2.0 target (nb_transport and b_transport) around a struct server.  Between
 * our own modules a struct transfer travels in an ignorable extension, with what its sender wants
 * to know of it when it is back; a payload without one (a user's initiator) is read by its address,
 * command and length.  array_target is a loosely timed
 * target: it adds the duration of a piece of work to the delay and returns. */
#ifndef CIMARRON_TARGETS_HPP
#define CIMARRON_TARGETS_HPP

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include <deque>
#include <vector>

#include "core/base/server.h"
#include "core/plan/plan.h"

namespace cimarron
{

inline sc_core::sc_time to_sc(time_ps t)
{
    return sc_core::sc_time::from_value(static_cast<sc_dt::uint64>(t));
}

inline time_ps now_ps()
{
    return static_cast<time_ps>(sc_core::sc_time_stamp().value());
}

/* Whom a finished transfer is reported to. */
struct errand {
    enum kind { FLOW, TO_HUB, PARTIAL, OUTSIDE, FETCH, RELOAD } what;
    std::int32_t index;  /* edge, stage, or whose weights they are */
    std::int64_t number; /* chunk, step or load */
    transfer data;
    std::uint32_t awaited; /* TO_HUB, PARTIAL: where those that are waited for are counted */
};

struct transfer_extension : tlm::tlm_extension<transfer_extension> {
    errand job{};
    tlm::tlm_extension_base *clone() const override
    {
        return new transfer_extension(*this);
    }
    void copy_from(const tlm::tlm_extension_base &other) override
    {
        job = static_cast<const transfer_extension &>(other).job;
    }
};

struct work_extension : tlm::tlm_extension<work_extension> {
    const stage *where = nullptr;
    const stage *booked = nullptr; /* whose layers pay: `where`, or the stage of a twin */
    std::int64_t rows = 0;
    double share = 1; /* of the rows' work */
    work_bound bound = BOUND_ARRAY;
    tlm::tlm_extension_base *clone() const override
    {
        return new work_extension(*this);
    }
    void copy_from(const tlm::tlm_extension_base &other) override
    {
        *this = static_cast<const work_extension &>(other);
    }
};

/* Payloads that go round instead of to the heap. */
class payload_pool : public tlm::tlm_mm_interface
{
  public:
    ~payload_pool() override;
    tlm::tlm_generic_payload *take();
    void free(tlm::tlm_generic_payload *p) override;

  private:
    std::vector<tlm::tlm_generic_payload *> idle_;
};

/* Things that come and go, in numbered places that are taken again. */
template <typename T> class places
{
  public:
    std::uint32_t take()
    {
        if (idle_.empty()) {
            all_.emplace_back();
            return static_cast<std::uint32_t>(all_.size() - 1);
        }
        const std::uint32_t place = idle_.back();
        idle_.pop_back();
        return place;
    }
    void free(std::uint32_t place)
    {
        idle_.push_back(place);
    }
    T &operator[](std::uint32_t place)
    {
        return all_[place];
    }

  private:
    std::vector<T> all_;
    std::vector<std::uint32_t> idle_;
};

class server_target : public sc_core::sc_module
{
  public:
    tlm_utils::simple_target_socket<server_target> socket;

    server_target(sc_core::sc_module_name name, server *s);
    server *inner() const
    {
        return server_;
    }

  private:
    void run();
    void submit_waiting(time_ps now);
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &p, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay);
    void b_transport(tlm::tlm_generic_payload &p, sc_core::sc_time &delay);

    struct caller { /* who waits for a transfer */
        tlm::tlm_generic_payload *payload;
        sc_core::sc_event *done; /* of a blocking caller, else null */
    };
    struct request {
        transfer what;
        caller from;
    };
    void accept(tlm::tlm_generic_payload &p, sc_core::sc_event *done);
    void await(std::uint64_t id, const caller &c);
    void answer(const caller &c);

    server *server_;
    sc_core::sc_event submitted_;
    std::vector<request> waiting_; /* from first_ on */
    std::size_t first_ = 0;
    std::vector<caller> under_way_{64}; /* a power of two of them, by the id's low bits */
    std::uint64_t next_id_ = 0;
};

class array_target : public sc_core::sc_module
{
  public:
    tlm_utils::simple_target_socket<array_target> socket;

    array_target(sc_core::sc_module_name name, ledger *books);

  private:
    void b_transport(tlm::tlm_generic_payload &p, sc_core::sc_time &delay);

    ledger *books_;
};

} // namespace cimarron
#endif
