/* Samples added by arithmetic, and repeating the whole run: the same figures. */
#include "core/plan/plan.h"
#include "tests/laws/matrix.h"

/* Batches below and above those of which samples are added. */
static const struct asked {
    const char *sample;
    int64_t batch;
} asked[] = {{"squeezenet", 15}, {"squeezenet", 160}, {"alexnet", 20}, {"gpt2_decode", 24}};

static void differ_by_half_a_percent_at_most(const struct request *r, const json_t *fast,
                                             const json_t *exact)
{
    static const char *const keys[] = {"time_s", "interval_s", "energy_j"};
    for (size_t k = 0; k < COUNT_OF(keys); k++) {
        double x = number(fast, keys[k]), y = number(exact, keys[k]);
        ck_assert_msg(fabs(x - y) <= 0.005 * y, "%s on %s, batch %lld: %s is %g, exactly %g",
                      r->trace, r->chip, (long long)r->batch, keys[k], x, y);
    }
    ck_assert(number(exact, "repeated_fraction") == 0);
    ck_assert_double_le(number(json_object_get(fast, "steady"), "tops_per_w"),
                        number(fast, "peak_tops_per_w"));
}

/* How much of it was repeated; -1 where the chip does not hold the sample. */
static double compare_with_exact(struct request r)
{
    json_t *fast = evaluated(&r);
    double repeated = -1;
    r.exact = true;
    json_t *exact = evaluated(&r);
    ck_assert_int_eq(held(fast), held(exact));
    if (held(fast)) {
        differ_by_half_a_percent_at_most(&r, fast, exact);
        repeated = number(fast, "repeated_fraction");
    }
    json_decref(fast);
    json_decref(exact);
    return repeated;
}

START_TEST(adding_samples_by_arithmetic_changes_no_figure_by_half_a_percent_on_any_system)
{
    struct names systems = all_systems();
    int held = 0, repeated = 0;
    for (size_t c = 0; c < systems.count; c++)
        for (size_t k = 0; k < COUNT_OF(asked); k++) {
            struct request r = {systems.at[c], asked[k].sample, asked[k].batch, false};
            double share = compare_with_exact(r);
            held += share >= 0;
            repeated += share >= 0.1;
        }
    printf("  %d runs, of %d of which a tenth or more was added by arithmetic\n", held, repeated);
    ck_assert_int_ge(held, 20);
    ck_assert_int_ge(repeated, 8);
    names_free(&systems);
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

SUITE("repeating", adding_samples_by_arithmetic_changes_no_figure_by_half_a_percent_on_any_system,
      equal_runs_give_equal_bytes, every_byte_that_is_sent_arrives)
