/* Laws of the whole machine on packages and wafers: repeating blocks changes no figure, more layers
 * cost no more planning, packages that share layers are faster for it.  Cheap traces only:
 * docs/LARGE_MODELS.md has the large ones. */
#include "core/plan/plan.h"
#include "tests/laws/machine.h"

/* --- repeating -------------------------------------------------------------------------------- */

static void compare_with_exact(const char *system, const char *trace, double least_repeated)
{
    struct machine m = {.system = system, .trace = trace};
    json_t *fast = run_machine(&m);
    m.exact = true;
    json_t *exact = run_machine(&m);
    ck_assert_msg(held(fast) && held(exact), "%s does not hold %s", system, trace);
    printf("  %s on %s: %.2f of it repeated, %.2f instead of %.2f CPU s; time %+.4f %%, energy "
           "%+.4f %%\n",
           trace, system, number(fast, "repeated_fraction"), number(fast, "cpu_s"),
           number(exact, "cpu_s"), 100 * (number(fast, "time_s") / number(exact, "time_s") - 1),
           100 * (number(fast, "energy_j") / number(exact, "energy_j") - 1));
    fflush(stdout);
    ASSERT_NEAR(number(fast, "time_s"), number(exact, "time_s"), 0.005);
    ASSERT_NEAR(number(fast, "energy_j"), number(exact, "energy_j"), 0.005);
    ck_assert_double_ge(number(fast, "repeated_fraction"), least_repeated);
    ck_assert(number(exact, "repeated_fraction") == 0);
    json_decref(fast);
    json_decref(exact);
}

START_TEST(equal_blocks_on_a_wafer_are_played_once_and_change_no_figure_by_half_a_percent)
{
    compare_with_exact("wafer_cim", "gpt2_decode", 0.5);
    compare_with_exact("wafer_cim", "llama2_7b_decode", 0.8);
}
END_TEST

START_TEST(equal_blocks_that_are_reloaded_change_no_figure_by_half_a_percent)
{
    compare_with_exact("dcim_5nm", "gpt2_decode", 0);
    compare_with_exact("dcim_5nm", "bert_large", 0);
}
END_TEST

/* --- more layers ------------------------------------------------------------------------------ */

struct planned {
    double segments, models; /* models: planned and played; the others are their twins */
};

static void plan_layers(const void *user, FILE *out)
{
    const char *trace = user;
    struct arena *a = arena_open();
    struct system *s;
    struct trace t;
    struct plan *p;
    struct diag d = {.status = 0};
    double models = 0;
    if (!system_open(a, "wafer_cim", NULL, 0, &s, &d) || !trace_load(a, trace, 100000, &t, &d) ||
        !plan_make(a, s, &t, &p, &d))
        child_fail(d.text);
    for (size_t g = 0; g < p->segment_count; g++)
        models += p->segments[g].twin < 0;
    child_number(out, (double)p->segment_count);
    child_number(out, models);
    arena_close(a);
}

/* A sample's trace with its block repeated so often, in a file of the test's own. */
static const char *with_layers(const char *sample, int times, char path[64])
{
    char line[8192];
    snprintf(path, 64, "/tmp/cimarron-layers-%ld-%d.jsonl", (long)getpid(), times);
    snprintf(line, sizeof line, "gzip -dc traces/samples/%s.jsonl.gz", sample);
    FILE *in = popen(line, "r"), *out = fopen(path, "w");
    ck_assert(in && out);
    while (fgets(line, sizeof line, in)) {
        char *at = strstr(line, "\"times\":");
        if (at)
            fprintf(out, "%.*s\"times\":%d,\"weights\":\"distinct\"}}\n", (int)(at - line), line,
                    times);
        else
            fputs(line, out);
    }
    ck_assert_int_eq(pclose(in), 0);
    fclose(out);
    return path;
}

START_TEST(ten_times_the_layers_are_planned_and_played_in_no_more_segments)
{
    double few[2], many[2];
    char path[64];
    child_numbers(plan_layers, with_layers("gpt2_decode", 11, path), few, 2);
    remove(path);
    child_numbers(plan_layers, with_layers("gpt2_decode", 119, path), many, 2);
    remove(path);
    ck_assert_double_ge(many[0], 9 * few[0]);
    ck_assert_double_le(many[1], few[1]);
}
END_TEST

/* --- layers that packages share ----------------------------------------------------------------
 */

/* A LLaMA of fewer layers, whose weights are read in every step all the same. */
static struct machine sharing(const char *trace, int64_t tensor)
{
    return (struct machine){.system = "quad_dcim_hbm3", .trace = trace, .tensor = tensor};
}

START_TEST(a_step_of_eleven_llama_layers_is_no_slower_on_more_packages_that_share_them)
{
    char path[64];
    double last = INFINITY, one = 0;
    with_layers("llama2_7b_decode", 11, path);
    for (int64_t tensor = 1; tensor <= 4; tensor *= 2) {
        struct machine m = sharing(path, tensor);
        double s = time_of(&m);
        printf("  %lld packages: %.6g s\n", (long long)tensor, s);
        fflush(stdout);
        ck_assert_double_le(s, last);
        last = s;
        one = tensor == 1 ? s : one;
    }
    ck_assert_double_le(last, 0.35 * one);
    remove(path);
}
END_TEST

/* What it saves in reading it loses on the link: physics, not a mistake of the plan. */
START_TEST(gpt2_over_a_slow_fabric_is_slower_on_four_packages_than_on_one)
{
    struct machine one = sharing("gpt2_decode", 1), four = sharing("gpt2_decode", 4);
    four.set[four.set_count++] = (struct cfg_override){"fabric.latency_ns", "5000.0"};
    ck_assert_double_gt(time_of(&four), time_of(&one));
}
END_TEST

START_TEST(the_links_share_of_a_step_is_the_time_of_its_rings_by_hand)
{
    struct machine m = sharing("gpt2_decode", 3);
    json_t *o = run_machine(&m);
    ck_assert_msg(held(o), "%s", json_string_value(json_object_get(o, "refused")));
    double reduce_ns = 4.0 / 3 * 768 / 450 + 4 * 5, words = 3 * ceil(50257.0 / 3);
    double gather_ns = 2.0 / 3 * words / 450 + 2 * 5;
    double link_s = number(json_object_get(o, "time_by_cause_s"), "link");
    ASSERT_NEAR(link_s, (2 * 12 * reduce_ns + gather_ns) * 1e-9, 2e-3);
    json_decref(o);
}
END_TEST

START_TEST(the_books_of_packages_that_share_layers_balance)
{
    for (int64_t tensor = 2; tensor <= 3; tensor++) {
        struct machine m = sharing(tensor == 2 ? "bert_base" : "gpt2_decode", tensor);
        struct machine alone = sharing(m.trace, 1);
        json_t *o = run_machine(&m), *one = run_machine(&alone);
        ck_assert_msg(held(o) && held(one), "%s", json_string_value(json_object_get(o, "refused")));
        books_balance(o);
        ASSERT_NEAR(number(o, "ops"), number(one, "ops"), 1e-9);
        ck_assert(number(o, "tensor_parallel") == (double)tensor);
        ck_assert(number(o, "devices") == (double)tensor);
        json_decref(o);
        json_decref(one);
    }
}
END_TEST

/* A batch of two once took longer than one of sixteen: it left itself too little of each tile. */
START_TEST(more_sequences_of_llama2_7b_on_a_wafer_take_longer_but_less_than_in_proportion)
{
    double before = 0;
    for (int64_t batch = 1; batch <= 16; batch *= 2) {
        struct machine m = {.system = "wafer_cim", .trace = "llama2_7b_decode", .batch = batch};
        double s = time_of(&m);
        ck_assert_msg(s >= before && (batch == 1 || s < 2 * before),
                      "%lld sequences take %g s, half of them %g s", (long long)batch, s, before);
        before = s;
    }
}
END_TEST

SUITE("machines", equal_blocks_on_a_wafer_are_played_once_and_change_no_figure_by_half_a_percent,
      equal_blocks_that_are_reloaded_change_no_figure_by_half_a_percent,
      ten_times_the_layers_are_planned_and_played_in_no_more_segments,
      a_step_of_eleven_llama_layers_is_no_slower_on_more_packages_that_share_them,
      more_sequences_of_llama2_7b_on_a_wafer_take_longer_but_less_than_in_proportion,
      gpt2_over_a_slow_fabric_is_slower_on_four_packages_than_on_one,
      the_links_share_of_a_step_is_the_time_of_its_rings_by_hand,
      the_books_of_packages_that_share_layers_balance)
