#include "core/sim/targets.hpp"

#include <cmath>
#include <utility>

namespace cimarron
{

payload_pool::~payload_pool()
{
    for (auto *p : idle_)
        delete p;
}

tlm::tlm_generic_payload *payload_pool::take()
{
    if (idle_.empty()) {
        auto *fresh = new tlm::tlm_generic_payload(this);
        fresh->set_extension(new transfer_extension);
        fresh->acquire();
        return fresh;
    }
    auto *p = idle_.back();
    idle_.pop_back();
    p->acquire();
    return p;
}

void payload_pool::free(tlm::tlm_generic_payload *p)
{
    idle_.push_back(p); /* the extension stays for the next journey */
}

/* --- server ------------------------------------------------------------------------------- */

server_target::server_target(sc_core::sc_module_name name, server *s)
    : sc_module(name), socket("socket"), server_(s)
{
    socket.register_nb_transport_fw(this, &server_target::nb_transport_fw);
    socket.register_b_transport(this, &server_target::b_transport);
    SC_HAS_PROCESS(server_target);
    SC_METHOD(run);
    sensitive << submitted_;
    dont_initialize();
}

void server_target::accept(tlm::tlm_generic_payload &p, sc_core::sc_event *done)
{
    request r{};
    const auto *e = p.get_extension<transfer_extension>();
    if (e) {
        r.what = e->job.data;
    } else {
        r.what.address = p.get_address();
        r.what.bytes = p.get_data_length();
        r.what.write = p.is_write();
        r.what.layer = LEDGER_STATIC;
    }
    r.what.id = next_id_++;
    r.from = caller{&p, done};
    p.acquire();
    waiting_.push_back(r);
    submitted_.notify(sc_core::SC_ZERO_TIME);
}

tlm::tlm_sync_enum server_target::nb_transport_fw(tlm::tlm_generic_payload &p,
                                                  tlm::tlm_phase &phase, sc_core::sc_time &)
{
    if (phase != tlm::BEGIN_REQ)
        return tlm::TLM_ACCEPTED;
    accept(p, nullptr);
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
}

void server_target::b_transport(tlm::tlm_generic_payload &p, sc_core::sc_time &delay)
{
    sc_core::sc_event done;
    wait(delay);
    delay = sc_core::SC_ZERO_TIME;
    if (!p.has_mm()) { /* acquire needs a pool; a blocking caller keeps its payload anyway */
        request r{};
        r.what.id = next_id_++;
        r.what.address = p.get_address();
        r.what.bytes = p.get_data_length();
        r.what.write = p.is_write();
        r.what.layer = LEDGER_STATIC;
        r.from.done = &done;
        waiting_.push_back(r);
        submitted_.notify(sc_core::SC_ZERO_TIME);
    } else {
        accept(p, &done);
    }
    wait(done);
    p.set_response_status(tlm::TLM_OK_RESPONSE);
}

/* Ids are dense: those under way lie beside each other.  One that lags behind by more than there
 * are places makes them more. */
void server_target::await(std::uint64_t id, const caller &c)
{
    const auto taken = [](const caller &at) { return at.payload || at.done; };
    if (taken(under_way_[id & (under_way_.size() - 1)])) {
        std::vector<caller> more(2 * under_way_.size());
        const std::uint64_t size = under_way_.size(), oldest = id - size;
        for (std::uint64_t i = oldest; i < id; i++)
            more[i & (more.size() - 1)] = under_way_[i & (size - 1)];
        under_way_.swap(more);
    }
    under_way_[id & (under_way_.size() - 1)] = c;
}

void server_target::submit_waiting(time_ps now)
{
    for (; first_ < waiting_.size(); first_++) {
        const request &r = waiting_[first_];
        if (!server_->ops->submit(server_, &r.what, now))
            return; /* the queue is full: freed space is news */
        await(r.what.id, r.from);
    }
    waiting_.clear();
    first_ = 0;
}

void server_target::answer(const caller &c)
{
    if (c.done) {
        c.done->notify(sc_core::SC_ZERO_TIME);
    } else {
        tlm::tlm_phase phase = tlm::BEGIN_RESP;
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        c.payload->set_response_status(tlm::TLM_OK_RESPONSE);
        socket->nb_transport_bw(*c.payload, phase, delay);
    }
    if (c.payload)
        c.payload->release();
}

void server_target::run()
{
    const time_ps now = now_ps();
    std::uint64_t id;
    time_ps at;
    time_ps next = server_->ops->advance(server_, now);
    if (first_ < waiting_.size()) {
        submit_waiting(now);
        next = server_->ops->advance(server_, now);
    }
    while (server_->ops->collect(server_, &id, &at)) {
        caller &of = under_way_[id & (under_way_.size() - 1)];
        answer(std::exchange(of, caller{}));
    }
    if (next == TIME_NEVER)
        next_trigger(submitted_);
    else
        next_trigger(to_sc(next - now), submitted_);
}

/* --- arrays ------------------------------------------------------------------------------- */

array_target::array_target(sc_core::sc_module_name name, ledger *books)
    : sc_module(name), socket("socket"), books_(books)
{
    socket.register_b_transport(this, &array_target::b_transport);
}

void array_target::b_transport(tlm::tlm_generic_payload &p, sc_core::sc_time &delay)
{
    auto *w = p.get_extension<work_extension>();
    if (!w) {
        p.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
        return;
    }
    const double ps = stage_rows_ps(w->where, w->rows, &w->bound) * w->share;
    for (std::size_t i = 0; i < w->where->cost_count; i++)
        ledger_add_cost(books_, stage_cost_layer(w->booked, i), &w->where->costs[i].cost,
                        static_cast<double>(w->rows) * w->share);
    delay += to_sc(std::llround(ps));
    p.set_response_status(tlm::TLM_OK_RESPONSE);
}

} // namespace cimarron
