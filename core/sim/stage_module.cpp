#include <algorithm>
#include <cmath>

#include "core/sim/platform.hpp"

namespace cimarron
{

stage_module::stage_module(sc_core::sc_module_name name, platform &home, std::int32_t index)
    : sc_module(name), home_(home), index_(index), stage_(home.planned().stages[index])
{
    SC_HAS_PROCESS(stage_module);
    SC_METHOD(run);
    sensitive << wake_;
    dont_initialize();
}

void stage_module::wake()
{
    if (running_ < 0)
        wake_.notify(sc_core::SC_ZERO_TIME);
}

static cause cause_of(work_bound bound)
{
    return bound == BOUND_ARRAY ? CAUSE_ARRAY : bound == BOUND_VECTOR ? CAUSE_VECTOR : CAUSE_BUFFER;
}

void stage_module::run()
{
    if (running_ >= 0 && now_ps() >= ends_) {
        const std::int64_t step = running_;
        running_ = -1;
        end_step(step, why_);
    }
    while (!on_link_.empty() && on_link_.front().second <= now_ps()) {
        const std::int64_t step = on_link_.front().first;
        on_link_.pop_front();
        end_step(step, CAUSE_LINK);
    }
    time_ps earliest = TIME_NEVER;
    while (running_ < 0 && home_.plays(stage_) && pipeline_ready(&home_.pipe(), index_)) {
        earliest = pipeline_earliest(&home_.pipe(), index_);
        if (earliest > now_ps())
            break;
        begin_step();
        earliest = TIME_NEVER;
    }
    sleep(earliest);
}

/* Until the pace allows the next step, or work under way has ended, whichever is first.  A
 * pending earlier notification wins: then run() comes here again. */
void stage_module::sleep(time_ps earliest)
{
    time_ps next = running_ >= 0 ? ends_ : earliest;
    if (!on_link_.empty())
        next = std::min(next, on_link_.front().second);
    if (next != TIME_NEVER && next > now_ps())
        wake_.notify(to_sc(next - now_ps()));
    else if (running_ >= 0 || !on_link_.empty())
        wake_.notify(sc_core::SC_ZERO_TIME);
}

void stage_module::begin_step()
{
    const pipe_step step = pipeline_begin(&home_.pipe(), index_, now_ps());
    if (stage_is_outside(&stage_)) {
        home_.work_outside(index_, step);
        return;
    }
    work_bound bound = BOUND_ARRAY;
    const time_ps duration = home_.work(index_, step.rows, step.share, &bound);
    const time_ps writing = step.step % stage_.steps == 0 ? std::llround(stage_.write_ps) : 0;
    running_ = step.step;
    ends_ = now_ps() + writing + duration;
    why_ = writing > duration ? CAUSE_ARRAY : cause_of(bound);
}

void stage_module::end_step(std::int64_t step, cause why)
{
    pipeline_end(&home_.pipe(), index_, step, why, now_ps());
    const pipe_step what = pipeline_step(&home_.pipe(), index_, step);
    if (what.chunk >= 0 && stage_.out_count > 0)
        home_.emit(index_, what.chunk, what.rows);
    home_.wake_around(index_);
    home_.step_ended(index_);
}

void stage_module::step_done(std::int64_t step, cause why)
{
    end_step(step, why);
    wake_.notify(sc_core::SC_ZERO_TIME);
}

void stage_module::step_done_at(std::int64_t step, time_ps when)
{
    on_link_.emplace_back(step, when);
}

} // namespace cimarron
