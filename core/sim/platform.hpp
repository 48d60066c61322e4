/* platform.hpp — the chip as SystemC modules, and the one that keeps them going.
 *
 * A stage_module is one SC_METHOD per stage: it begins a step when the pipeline's rules allow it
 * (pipeline.h), asks the array target how long it takes, and hands the rows on.  The platform
 * sends transfers to the network and the memory over TLM sockets, serialises the host link, plays
 * the segments one after the other, and repeats by arithmetic what repeats. */
#ifndef CIMARRON_PLATFORM_HPP
#define CIMARRON_PLATFORM_HPP

#include <tlm_utils/simple_initiator_socket.h>

#include <memory>

#include "core/sim/sim.h"
#include "core/sim/steady.h"
#include "core/sim/targets.hpp"
#include "core/sim/user_memory.hpp"

namespace cimarron
{

/* Some thirty refreshes of a memory: in less time one more or less shows. */
constexpr double REFRESHES_PS = 1e8;

class platform;

class stage_module : public sc_core::sc_module
{
  public:
    stage_module(sc_core::sc_module_name name, platform &home, std::int32_t index);
    void wake();
    void step_done(std::int64_t step, cause why);       /* source, sink: outside work has ended */
    void step_done_at(std::int64_t step, time_ps when); /* over the serial link: in order */

  private:
    void run();
    void sleep(time_ps earliest);
    void begin_step();
    void end_step(std::int64_t step, cause why);

    platform &home_;
    const std::int32_t index_;
    const stage &stage_;
    sc_core::sc_event wake_;
    std::int64_t running_ = -1; /* the step on the arrays */
    time_ps ends_ = 0;
    cause why_ = CAUSE_ARRAY;
    std::deque<std::pair<std::int64_t, time_ps>> on_link_; /* step, when it ends */
};

class platform : public sc_core::sc_module
{
  public:
    tlm_utils::simple_initiator_socket<platform> to_network, to_memory, to_arrays;

    platform(sc_core::sc_module_name name, arena *a, const plan *p, const sim_options *o,
             ledger *books);

    bool finish(sim_result *out, diag *d); /* after sc_start has returned */

    /* For the stages. */
    pipeline &pipe()
    {
        return pipe_;
    }
    const plan &planned() const
    {
        return *plan_;
    }
    bool plays(const stage &s) const
    {
        return playing_ && &plan_->segments[s.segment] == model();
    }
    time_ps work(std::int32_t index, std::int64_t rows, double share, work_bound *bound);
    void emit(std::int32_t index, std::int64_t chunk, std::int64_t rows);
    void work_outside(std::int32_t index, const pipe_step &step);
    void wake_around(std::int32_t index);
    void step_ended(std::int32_t index);
    void fetch_weights(); /* as far as arrays are free */

  private:
    struct boundary;

    /* The segment under way, and the one whose stages say what it does (itself, or its twin). */
    const segment *current() const
    {
        return &plan_->segments[segment_];
    }
    const segment *model() const
    {
        return plan_model(plan_, current());
    }
    /* The stage of the segment under way that a stage of its model stands for. */
    std::int32_t place_of(std::int32_t index) const
    {
        return index - model()->first_stage + current()->first_stage;
    }
    void bind_memory();
    void open_stages();
    void start_segment();
    void start_pipeline();
    void end_segment();
    void end_when_drained();
    void hand_over();
    void keep_longest(const spell &whole);
    void close_segment();
    void open_record();
    void close_record();
    bool repeat_segment();
    void book_twin(std::int32_t played, std::int32_t twin, const ledger *before,
                   const ledger *after);
    void note_boundary();
    const boundary &boundary_at(std::int32_t index) const;
    std::int32_t repeats(std::int32_t length) const;
    bool has_played(std::int32_t length, std::int32_t plays) const;
    bool plays_agree(std::int32_t length, std::int32_t plays) const;
    std::int32_t window_of(std::int32_t length) const;
    void book_again(std::int32_t played, std::int32_t twin, double times);
    void repeat_stretch(std::int32_t length, std::int32_t plays);
    void copy_times(std::int32_t played, std::int32_t twin, double by);
    void repeat_stretches();
    void play();
    void take_weights();
    void expect_weights(std::int32_t index);
    bool next_lot();
    bool arrays_are_free(std::size_t number, const load_queue &of) const;
    bool is_free(const stage &s, const load &l) const;
    void fetch_lot();
    void spread_weights(const errand &fetched);
    void send_partials(std::int32_t index, std::int64_t chunk, std::int64_t rows,
                       std::uint32_t awaited);
    void added(const errand &e);
    void weights_arrived(const errand &e);
    void send_chunk(std::int32_t index, std::int64_t chunk);
    std::int64_t rows_over(const edge &to, std::int64_t chunk) const;
    void send_to_hubs(std::int32_t index, std::int64_t chunk, std::int64_t rows);
    void send_over(std::int32_t index, std::int64_t chunk, std::int64_t rows, std::size_t first,
                   std::size_t count);
    void reached_hubs(const errand &e);
    std::int64_t rows_of(std::int32_t index, std::int64_t chunk) const;
    void send(tlm_utils::simple_initiator_socket<platform> &socket, const errand &e);
    bool send_flows(const flow *flows, std::size_t count, std::int64_t rows, errand e,
                    std::int32_t *sent);
    void wake_readers(const edge &over);
    void rows_arrived(const errand &e);
    void flow_arrived(const errand &e);
    void arrived(const errand &e);
    void sample_done();
    void repeat(const steady_rate &rate);
    void account();
    void causes_so_far(double cause_ps[CAUSE_COUNT]) const;
    tlm::tlm_sync_enum back(tlm::tlm_generic_payload &p, tlm::tlm_phase &phase,
                            sc_core::sc_time &delay);

    arena *arena_;
    const plan *plan_;
    const sim_options *options_;
    ledger *books_;
    payload_pool pool_;
    std::unique_ptr<server_target> network_, memory_;
    std::unique_ptr<memory_bridge> bridge_;
    std::unique_ptr<ideal_memory> ideal_;
    array_target arrays_;
    tlm::tlm_generic_payload work_payload_;
    work_extension *work_ = new work_extension;         /* the payload owns it */
    std::vector<std::unique_ptr<stage_module>> stages_; /* none for a twin's */
    struct adding {                                     /* partial sums under way in a turn */
        std::int32_t parts = 0, turn = 0;
    };
    places<adding> partial_left_;
    struct gathering { /* parts that hubs of a chunk wait for */
        std::int32_t parts = 0;
        std::vector<std::int32_t> by_hub;
    };
    places<gathering> to_hub_left_;
    sc_core::sc_event go_;

    pipeline pipe_{};
    steady steady_{};
    std::int32_t segment_ = 0;
    bool playing_ = false, done_ = false;
    std::int64_t samples_done_ = 0, under_way_ = 0; /* transfers of this segment's rows */
    time_ps link_free_ = 0, ended_ps_ = 0;
    moment now_from_{};      /* where the segment under way starts */
    sample_ends ends_{};     /* of the segment under way, or the last one played */
    sample_ends upstream_{}; /* of the region before: its samples are handed over */
    double first_pj_ = 0;    /* the books when the middle half of all samples begins */

    /* Weights of a segment on their way (reload.cpp). */
    struct weights {
        std::int32_t segment = -1;
        std::int64_t asked = 0;        /* loads that memory has been asked for */
        std::vector<std::size_t> next; /* by die: the load that it is asked for next */
        std::size_t turn = 0;          /* whose that is */
        std::uint64_t address = 0;
        std::vector<std::int64_t> left; /* by stage: loads that have not come yet */
        std::vector<time_ps> ready;     /* by stage: when the last one was written */
    };
    weights weights_[2];                 /* of the segment that plays, and of the next, by turns */
    std::int32_t filling_ = 0;           /* for which of them memory is being asked */
    std::int64_t reads_ = 0, moves_ = 0; /* lots being read; loads being read or spread */
    std::vector<std::int32_t> holder_;   /* by array: the stage under way that has it, or -1 */
    bool beside_ = false; /* the next segment's arrays are others, or have two stores */

    /* What playing a segment took: kept for its twins. */
    struct record {
        int plays = 0;                           /* of this segment and its twins */
        bool agree = false;                      /* the last two */
        double ps = 0, last_ps = 0, rest_ps = 0; /* rest: of the samples after the first */
        std::int32_t segment = -1;
        double cause_ps[CAUSE_COUNT] = {};
        spell whole{}; /* of a region: all of its samples, and what nobody reads */
        ledger_sums sums{};
        const ledger *before = nullptr, *after = nullptr;
    };
    std::vector<record> records_; /* by the first of the twins */
    record now_;

    /* The state before a segment, where weights move in behind it (recur.cpp). */
    struct boundary {
        double ps = 0, cause_ps[CAUSE_COUNT] = {};
        ledger_sums sums{};
        std::int64_t asked = 0;                             /* loads asked for */
        std::vector<std::pair<std::size_t, double>> booked; /* row, count since the last */
    };
    std::vector<boundary> boundaries_; /* of segments played one after the other up to now */
    std::vector<double> counted_;      /* by row of the books: at the last boundary */
    double started_ps_ = 0, started_cause_ps_[CAUSE_COUNT] = {};
    std::int64_t repeated_segments_ = 0;

    /* What was added by arithmetic so far, and what it was spent on.  Regions of a wafer work side
     * by side: what one takes for the samples after the first is taken off again. */
    double skipped_ps_ = 0, skipped_cause_ps_[CAUSE_COUNT] = {}, skipped_samples_ = 0;
    double segment_skip_ps_ = 0;
    spell longest_{}; /* of regions side by side: to when the last of them has nothing left to do */
    std::vector<stage_times> times_;
    double sent_ = 0, received_ = 0, transfers_ = 0, latency_ps_ = 0;
};

} // namespace cimarron
#endif
