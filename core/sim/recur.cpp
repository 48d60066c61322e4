/* recur.cpp — segments whose weights move in behind each other: a stretch of them that recurs is
 * played a few times, then repeated by arithmetic.
 *
 * Between two such segments the pipeline is empty, but weights of the next are on their way, and
 * how many have come depends on what the one before left free.  So the unit is a stretch of
 * segments after which the same models follow.  When its last plays agree in time (0.1 %, or 1 %
 * where it is so short that a refresh of memory more or less shows), when no part's energy differs
 * by more than 0.5 % of the whole, and when the same weights are on their way at its ends, further
 * plays take over the mean of those in a window, each booked on its own layers.  Plays shorter than
 * their busiest link needs live on weights that came before them: that does not recur. */
#include <algorithm>
#include <cmath>

#include "core/sim/platform.hpp"

namespace cimarron
{

static constexpr double WINDOW_PS = 1.2e8; /* some thirty refreshes */
static constexpr double TOLERANCE = 1e-3, SHORT_TOLERANCE = 1e-2;
static constexpr double ENERGY_TOLERANCE = 5e-3; /* of the whole: a lot more or less */
static constexpr std::int64_t LOTS = 8;          /* by which weights on their way may differ */
static constexpr std::int32_t STRETCH_MAX = 64, PLAYS_MAX = 4;

/* --- what has been played ------------------------------------------------------------------- */

/* The state before a segment: sums so far, and what was booked since the boundary before. */
void platform::note_boundary()
{
    account();
    boundary b;
    ledger_sum(books_, &b.sums);
    b.ps = static_cast<double>(now_ps()) + skipped_ps_;
    causes_so_far(b.cause_ps);
    b.asked = weights_[filling_].segment == segment_ ? weights_[filling_].asked : 0;
    counted_.resize(ledger_rows(books_), 0);
    for (std::size_t i = 0; i < counted_.size(); i++) {
        const double count = ledger_row(books_, i)->count;
        if (count > counted_[i])
            b.booked.push_back({i, count - counted_[i]});
        counted_[i] = count;
    }
    boundaries_.push_back(std::move(b));
}

/* The boundary before segment `index`, which has been noted. */
const platform::boundary &platform::boundary_at(std::int32_t index) const
{
    return boundaries_[boundaries_.size() - 1 - static_cast<std::size_t>(segment_ - index)];
}

/* --- what recurs ---------------------------------------------------------------------------- */

static bool same_model(const plan *p, std::int32_t a, std::int32_t b)
{
    return plan_model(p, &p->segments[a]) == plan_model(p, &p->segments[b]);
}

/* How often the stretch of `length` segments before this one comes again, with the same after it.
 */
std::int32_t platform::repeats(std::int32_t length) const
{
    const auto count = static_cast<std::int32_t>(plan_->segment_count);
    std::int32_t next = segment_;
    while (next < count && same_model(plan_, next, next - length))
        next++;
    return (next - 1 - segment_) / length;
}

/* Are the last `plays` stretches before this one of the same models, and have they been played? */
bool platform::has_played(std::int32_t length, std::int32_t plays) const
{
    const std::int32_t first = segment_ - length * plays;
    if (first < 0 ||
        static_cast<std::size_t>(length) * static_cast<std::size_t>(plays) >= boundaries_.size())
        return false;
    for (std::int32_t i = first + length; i < segment_; i++)
        if (!same_model(plan_, i, i - length))
            return false;
    return true;
}

bool platform::plays_agree(std::int32_t length, std::int32_t plays) const
{
    const boundary &now = boundary_at(segment_), &last = boundary_at(segment_ - length);
    const boundary &before = boundary_at(segment_ - 2 * length);
    const double mean = (now.ps - boundary_at(segment_ - length * plays).ps) / plays;
    const double tolerance = mean < REFRESHES_PS ? SHORT_TOLERANCE : TOLERANCE;
    const double whole = now.sums.total_pj - last.sums.total_pj;
    for (std::int32_t i = 0; i < plays; i++) {
        const std::int32_t end = segment_ - i * length;
        const double ps = boundary_at(end).ps - boundary_at(end - length).ps;
        if (std::fabs(ps - mean) > tolerance * mean)
            return false;
    }
    for (int p = 0; p < PART_COUNT; p++)
        if (std::fabs(now.sums.part_pj[p] - 2 * last.sums.part_pj[p] + before.sums.part_pj[p]) >
            ENERGY_TOLERANCE * whole)
            return false;
    return std::llabs(now.asked - last.asked) <= LOTS;
}

/* Plays that the window takes; 0: this stretch does not repeat here. */
std::int32_t platform::window_of(std::int32_t length) const
{
    if (segment_ < 2 * length || repeats(length) < 1 || !has_played(length, 2))
        return 0;
    const double ps = boundary_at(segment_).ps - boundary_at(segment_ - length).ps;
    const auto wanted = static_cast<std::int32_t>(std::ceil(WINDOW_PS / ps));
    const std::int32_t plays = std::clamp(wanted, 2, PLAYS_MAX);
    if (!has_played(length, plays) || !plays_agree(length, plays))
        return 0;
    const double mean =
        (boundary_at(segment_).ps - boundary_at(segment_ - length * plays).ps) / plays;
    return mean >= plan_stretch_noc_ps(plan_, segment_ - length, length) ? plays : 0;
}

/* --- by arithmetic -------------------------------------------------------------------------- */

/* The layer that `twin` books what was booked on `layer` while segment `played` was under way: its
 * own, or one of the segment after it, whose weights were coming. */
static std::int32_t layer_again(const plan *p, std::int32_t layer, std::int32_t played,
                                std::int32_t twin)
{
    std::int32_t found = LEDGER_STATIC;
    if (layer != LEDGER_STATIC && !plan_layer_again(p, played, twin, layer, &found))
        (void)plan_layer_again(p, played + 1, twin + 1, layer, &found);
    return found;
}

/* What was booked while segment `played` was under way, for one that repeats it. */
void platform::book_again(std::int32_t played, std::int32_t twin, double times)
{
    for (const auto &[index, count] : boundary_at(played + 1).booked) {
        const struct ledger_row row = *ledger_row(books_, index);
        ledger_add(books_, row.part, layer_again(plan_, row.layer, played, twin), row.action,
                   count * times, row.pj);
    }
}

void platform::repeat_stretch(std::int32_t length, std::int32_t plays)
{
    const std::int32_t times = repeats(length), first = segment_ - length * plays;
    const boundary &from = boundary_at(first), &to = boundary_at(segment_);
    const double ps = (to.ps - from.ps) / plays;
    for (std::int32_t i = first; i < segment_; i++)
        for (std::int32_t n = 0; n < times; n++)
            book_again(i, segment_ + n * length + (i - first) % length, 1.0 / plays);
    for (int c = 0; c < CAUSE_COUNT; c++)
        skipped_cause_ps_[c] += times * (to.cause_ps[c] - from.cause_ps[c]) / plays;
    for (std::int32_t n = 0; n < times; n++)
        for (std::int32_t i = 0; i < length; i++)
            copy_times(segment_ - length + i, segment_ + n * length + i, (n + 1) * ps);
    skipped_ps_ += times * ps;
    repeated_segments_ += static_cast<std::int64_t>(times) * length;
    segment_ += times * length;
    if (weights_[filling_].segment >= segment_ - times * length)
        weights_[filling_].segment += times * length; /* they are for the twin */
}

/* The times of a segment's stages, `by` later, for one that repeats it. */
void platform::copy_times(std::int32_t played, std::int32_t twin, double by)
{
    const segment &a = plan_->segments[played], &b = plan_->segments[twin];
    for (std::int32_t i = 0; i < b.stage_count; i++) {
        stage_times t = times_[static_cast<std::size_t>(a.first_stage + i)];
        t.start_ps += by;
        t.end_ps += by;
        times_[static_cast<std::size_t>(b.first_stage + i)] = t;
    }
}

void platform::repeat_stretches()
{
    if (done_ || options_->exact || plan_->segment_count == 1)
        return;
    note_boundary();
    for (std::int32_t length = 1; length <= STRETCH_MAX; length++) {
        const std::int32_t plays = window_of(length);
        if (plays == 0)
            continue;
        repeat_stretch(length, plays);
        boundaries_.clear();
        note_boundary();
        return;
    }
}

} // namespace cimarron
