/* Repeating by arithmetic, and repeating the whole run: the same figures. */
#include "core/plan/plan.h"
#include "tests/laws/matrix.h"

/* Periods are repeated when they agree to 0.1 %; both ends of a run are played. */
static void compare_with_exact(const char *chip, const char *sample)
{
    struct request r = {chip, sample, 64, false};
    json_t *fast = evaluated(&r);
    r.exact = true;
    json_t *exact = evaluated(&r);
    ck_assert_msg(held(fast) && held(exact), "%s does not hold %s", chip, sample);
    printf("  %s on %s, batch 64: %.3g of it repeated; time %+.4f %%, energy %+.4f %%\n", sample,
           chip, number(fast, "repeated_fraction"),
           100 * (number(fast, "time_s") / number(exact, "time_s") - 1),
           100 * (number(fast, "energy_j") / number(exact, "energy_j") - 1));
    fflush(stdout);
    ASSERT_NEAR(number(fast, "time_s"), number(exact, "time_s"), 0.005);
    ASSERT_NEAR(number(fast, "energy_j"), number(exact, "energy_j"), 0.005);
    ASSERT_NEAR(number(fast, "interval_s"), number(exact, "interval_s"), 0.005);
    ASSERT_NEAR(number(fast, "latency_s"), number(exact, "latency_s"), 1e-12);
    ck_assert_double_ge(number(fast, "repeated_fraction"), 0.2);
    ck_assert(number(exact, "repeated_fraction") == 0);
    ck_assert_double_le(number(json_object_get(fast, "steady"), "tops_per_w"),
                        number(fast, "peak_tops_per_w"));
    json_decref(fast);
    json_decref(exact);
}

START_TEST(repeating_changes_no_figure_of_resnet50_on_isaac_by_half_a_percent)
{
    compare_with_exact("isaac", "resnet50");
}
END_TEST

START_TEST(repeating_changes_no_figure_of_resnet50_on_dcim_5nm_by_half_a_percent)
{
    compare_with_exact("dcim_5nm", "resnet50");
}
END_TEST

/* --- the same run twice ---------------------------------------------------------------------- */

START_TEST(equal_runs_give_equal_bytes)
{
    struct names chips = names_in("configs/chip", ".cfg");
    for (size_t c = 0; c < chips.count; c++) {
        struct request r = {chips.at[c], "squeezenet", 8, false};
        char *one = child_text(evaluate, &r), *two = child_text(evaluate, &r);
        ck_assert_msg(strcmp(one, two) == 0, "%s gives other bytes the second time", chips.at[c]);
        free(one);
        free(two);
    }
    ck_assert_uint_ge(chips.count, 3);
    names_free(&chips);
}
END_TEST

/* --- what is sent arrives -------------------------------------------------------------------- */

enum { SENT, RECEIVED, TRANSFERS, PLANNED, PLAYED };

/* Bytes that the plan says are sent over the network in all samples. */
static double planned_bytes(const struct plan *p)
{
    double bytes = 0;
    for (size_t i = 0; i < p->edge_count; i++) {
        const struct edge *e = &p->edges[i];
        double rows = (double)p->stages[e->producer].rows;
        for (size_t f = 0; f < e->flow_count; f++)
            bytes += e->flows[f].bytes_per_row * rows;
        for (size_t f = 0; f < e->to_hub_count; f++)
            bytes += e->to_hub[f].bytes_per_row * rows;
    }
    for (size_t i = 0; i < p->stage_count; i++)
        for (size_t f = 0; f < p->stages[i].partial_flow_count; f++)
            bytes += p->stages[i].partial_flows[f].bytes_per_row * (double)p->stages[i].rows;
    bytes *= (double)p->samples;
    for (size_t g = 0; g < p->segment_count; g++) /* weights on their way to their tiles */
        for (size_t i = 0; i < p->segments[g].load_count; i++)
            bytes += p->resident ? 0 : p->segments[g].loads[i].bytes;
    return bytes;
}

static void play(const void *user, FILE *out)
{
    const struct request *r = user;
    struct arena *a = arena_open();
    struct system *chip;
    struct trace t;
    struct plan *p;
    struct sim_result result;
    struct sim_options exact = {.exact = true};
    struct diag d = {.status = 0};
    const char *path = run_find_trace(a, r->trace, &d);
    if (!path || !system_open(a, r->chip, NULL, 0, &chip, &d) ||
        !trace_load(a, path, 100000, &t, &d) || !trace_scale_batch(&t, r->batch, &d))
        child_fail(d.text);
    memset(&result, 0, sizeof result);
    struct plan_options every_segment = {.exact = true};
    bool fits = plan_make_with(a, chip, &t, &every_segment, &p, &d);
    if (fits && !sim_run(a, p, &exact, &result, &d))
        child_fail(d.text);
    child_number(out, result.bytes_sent);
    child_number(out, result.bytes_received);
    child_number(out, result.transfers);
    child_number(out, fits ? planned_bytes(p) : 0);
    arena_close(a);
}

START_TEST(every_byte_that_is_sent_arrives)
{
    struct names chips = names_in("configs/chip", ".cfg");
    struct names samples = samples_of("image");
    size_t played = 0;
    for (size_t c = 0; c < chips.count; c++)
        for (size_t s = 0; s < samples.count; s++) {
            struct request r = {chips.at[c], samples.at[s], 1, true};
            double n[PLAYED];
            child_numbers(play, &r, n, PLAYED);
            if (n[TRANSFERS] <= 0)
                continue;
            played++;
            ck_assert_msg(n[SENT] == n[RECEIVED], "%s on %s: %.17g bytes sent, %.17g received",
                          samples.at[s], chips.at[c], n[SENT], n[RECEIVED]);
            /* each transfer rounds up to whole bytes */
            ck_assert_msg(n[SENT] >= n[PLANNED] * (1 - 1e-9) &&
                              n[SENT] <= n[PLANNED] * (1 + 1e-9) + n[TRANSFERS],
                          "%s on %s: %.17g bytes sent in %g transfers, %.17g planned",
                          samples.at[s], chips.at[c], n[SENT], n[TRANSFERS], n[PLANNED]);
        }
    ck_assert_uint_ge(played, 10);
    names_free(&chips);
    names_free(&samples);
}
END_TEST

SUITE("repeating", repeating_changes_no_figure_of_resnet50_on_isaac_by_half_a_percent,
      repeating_changes_no_figure_of_resnet50_on_dcim_5nm_by_half_a_percent,
      equal_runs_give_equal_bytes, every_byte_that_is_sent_arrives)
