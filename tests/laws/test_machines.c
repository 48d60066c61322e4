/* Laws of the whole machine on packages and wafers: repeating blocks changes no figure, more layers
 * cost no more planning, better parts never cost time, no boundary carries more than it can, and
 * the books balance.  Cheap traces only: docs/LARGE_MODELS.md has the large ones. */
#include "core/plan/plan.h"
#include "tests/laws/matrix.h"

enum { SETS_MAX = 8 };

/* A run with overrides; `set` are PATH=VALUE pairs. */
struct machine {
    const char *system, *trace;
    struct cfg_override set[SETS_MAX];
    size_t set_count;
    int64_t devices, tensor;
    bool exact;
};

static void evaluate_machine(const void *user, FILE *out)
{
    static const char *const no_gpu[] = {NULL};
    const struct machine *m = user;
    struct run_request q = {.system = m->system,
                            .trace = m->trace,
                            .batch = 1,
                            .set = m->set,
                            .set_count = m->set_count,
                            .baselines = no_gpu,
                            .seed = 1,
                            .devices = m->devices,
                            .tensor = m->tensor,
                            .exact = m->exact};
    struct arena *a = arena_open();
    struct diag d = {.status = 0};
    json_t *result = NULL;
    if (!run_evaluate(a, &q, &result, &d))
        result = json_pack("{s:i, s:s}", "status", d.status, "refused", d.text);
    json_dumpf(result, out, JSON_REAL_PRECISION(17));
    json_decref(result);
    arena_close(a);
}

static json_t *run_machine(const struct machine *m)
{
    json_error_t error;
    char *text = child_text(evaluate_machine, m);
    json_t *o = json_loads(text, 0, &error);
    ck_assert_msg(o != NULL, "%s", error.text);
    free(text);
    return o;
}

static double time_of(const struct machine *m)
{
    json_t *o = run_machine(m);
    ck_assert_msg(held(o), "%s on %s: %s", m->trace, m->system,
                  json_string_value(json_object_get(o, "refused")));
    double s = number(o, "time_s");
    json_decref(o);
    return s;
}

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

/* --- better parts ----------------------------------------------------------------------------- */

static const char *const cheap[] = {"gpt2_decode", "bert_base"};

/* The times of `count` machines, from worst to best, for every cheap trace. */
static void never_slower(const char *what, struct machine *m, size_t count)
{
    for (size_t t = 0; t < COUNT_OF(cheap); t++) {
        double last = INFINITY;
        for (size_t i = 0; i < count; i++) {
            m[i].trace = cheap[t];
            double s = time_of(&m[i]);
            printf("  %s, %s, step %zu: %.6g s\n", cheap[t], what, i, s);
            fflush(stdout);
            ck_assert_msg(s <= last * (1 + 1e-9), "%s, %s: %.9g s, before %.9g s", cheap[t], what,
                          s, last);
            last = s;
        }
    }
}

START_TEST(more_memory_stacks_never_cost_time)
{
    struct machine m[] = {
        {.system = "dcim_5nm_hbm3", .set = {{"memory_stacks", "1"}}, .set_count = 1},
        {.system = "dcim_5nm_hbm3", .set = {{"memory_stacks", "2"}}, .set_count = 1},
        {.system = "dcim_5nm_hbm3", .set = {{"memory_stacks", "4"}}, .set_count = 1}};
    never_slower("stacks", m, COUNT_OF(m));
}
END_TEST

static struct machine with_links(const char *modules)
{
    struct machine m = {.system = "quad_dcim_hbm3",
                        .set = {{"links.south.count", modules},
                                {"links.east.count", modules},
                                {"links.north.count", modules},
                                {"links.west.count", modules}},
                        .set_count = 4};
    return m;
}

START_TEST(wider_links_between_dies_never_cost_time)
{
    struct machine m[] = {with_links("1"), with_links("2"), with_links("4"), with_links("8")};
    never_slower("links", m, COUNT_OF(m));
}
END_TEST

START_TEST(faster_links_between_dies_never_cost_time)
{
    struct machine m[] = {
        {.system = "quad_dcim_hbm3",
         .set = {{"link.gb_per_s", "64.0"}, {"link.gt_per_s", "8.0"}},
         .set_count = 2},
        {.system = "quad_dcim_hbm3",
         .set = {{"link.gb_per_s", "128.0"}, {"link.gt_per_s", "16.0"}},
         .set_count = 2},
        {.system = "quad_dcim_hbm3"},
        {.system = "quad_dcim_hbm3", .set = {{"link.latency_ns", "0.5"}}, .set_count = 1}};
    never_slower("link rate", m, COUNT_OF(m));
}
END_TEST

START_TEST(four_dies_never_take_longer_than_one)
{
    struct machine m[] = {{.system = "dcim_5nm_hbm3"}, {.system = "quad_dcim_hbm3"}};
    never_slower("dies", m, COUNT_OF(m));
}
END_TEST

START_TEST(wafers_that_would_stand_idle_are_refused)
{
    struct machine m = {.system = "wafer_cim", .trace = "gpt2_decode", .devices = 2};
    json_t *o = run_machine(&m);
    ck_assert(!held(o));
    ck_assert_ptr_nonnull(strstr(json_string_value(json_object_get(o, "refused")), "stand idle"));
    json_decref(o);
}
END_TEST

/* --- layers that packages share ----------------------------------------------------------------
 */

/* A LLaMA of fewer layers, whose weights are read in every step all the same. */
static struct machine sharing(const char *trace, int64_t tensor)
{
    return (struct machine){.system = "quad_dcim_hbm3", .trace = trace, .tensor = tensor};
}

START_TEST(a_step_that_reads_its_weights_is_never_slower_on_more_packages_that_share_its_layers)
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
START_TEST(over_a_slow_fabric_packages_that_share_layers_are_slower_than_one)
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

/* --- boundaries ------------------------------------------------------------------------------- */

enum {
    TIME,
    MEMORY,
    MEMORY_MOST,
    MESH,
    MESH_MOST,
    SEAM,
    SEAM_MOST,
    RELOAD,
    RELOAD_MOST,
    LINK,
    CARRIED
};

enum { BURST_BYTES = 32, CYCLE_PS = 1000 }; /* of HBM2 and HBM3; of the meshes */

static double counted(const struct ledger *l, enum part part, const char *action)
{
    double count = 0;
    for (size_t i = 0; i < ledger_rows(l); i++) {
        const struct ledger_row *r = ledger_row(l, i);
        if (r->part == part && strcmp(r->action, action) == 0)
            count += r->count;
    }
    return count;
}

/* Bytes that crossed each boundary, and what it could carry in the time. */
static void carry(const void *user, FILE *out)
{
    const struct machine *m = user;
    struct arena *a = arena_open();
    struct system *s;
    struct trace t;
    struct plan *p;
    struct sim_result r;
    struct sim_options o = {.exact = true};
    struct plan_options every = {.exact = true};
    struct plan_bound bound;
    struct diag d = {.status = 0};
    const char *path = run_find_trace(a, m->trace, &d);
    if (!path || !system_open(a, m->system, NULL, 0, &s, &d) ||
        !trace_load(a, path, 100000, &t, &d) || !plan_make_with(a, s, &t, &every, &p, &d) ||
        !sim_run(a, p, &o, &r, &d))
        child_fail(d.text);
    double n[CARRIED] = {[TIME] = r.time_ps}, weights = 0;
    const struct network *noc = p->system->noc;
    for (size_t i = 0; i < network_links(noc); i++)
        n[MESH_MOST] += network_link_rate(noc, i) * r.time_ps * (double)p->regions;
    n[MESH] = counted(r.ledger, PART_NOC_LINK, "flit") * network_link_rate(noc, 0) * CYCLE_PS;
    n[SEAM] = counted(r.ledger, PART_LINK, "seam bit") / 8;
    n[SEAM_MOST] = (double)noc->seam_links * p->system->shape.seam.bytes_per_ps * r.time_ps *
                   p->system->shape.seam.wire_bits_per_bit;
    if (s->memory) {
        n[MEMORY] = counted(r.ledger, PART_MEMORY_IO, "burst") * BURST_BYTES;
        n[MEMORY_MOST] = s->memory->peak_bytes_per_ps * r.time_ps;
    }
    for (size_t g = 0; g < p->segment_count; g++)
        weights += p->resident ? 0 : p->segments[g].weight_bytes;
    n[RELOAD] = weights;
    n[RELOAD_MOST] = s->memory ? s->memory->peak_bytes_per_ps * r.cause_ps[CAUSE_RELOAD] : 0;
    plan_bound(p, t.header.batch, &bound);
    n[LINK] = bound.link_ps;
    for (int i = 0; i < CARRIED; i++)
        child_number(out, n[i]);
    arena_close(a);
}

/* 0 where there is no such boundary. */
static double share(double carried, double most)
{
    return most > 0 ? carried / most : 0;
}

START_TEST(no_boundary_carries_more_than_it_can)
{
    static const char *const systems[] = {"dcim_5nm", "dcim_5nm_hbm3", "quad_dcim_hbm3",
                                          "wafer_cim"};
    for (size_t i = 0; i < COUNT_OF(systems) * COUNT_OF(cheap); i++) {
        struct machine m = {.system = systems[i % COUNT_OF(systems)],
                            .trace = cheap[i / COUNT_OF(systems)]};
        double n[CARRIED];
        child_numbers(carry, &m, n, CARRIED);
        printf("  %s on %s: of what each carries, memory %.3f, mesh %.4f, seams %.4f, reload "
               "%.3f\n",
               m.trace, m.system, share(n[MEMORY], n[MEMORY_MOST]), share(n[MESH], n[MESH_MOST]),
               share(n[SEAM], n[SEAM_MOST]), share(n[RELOAD], n[RELOAD_MOST]));
        fflush(stdout);
        ck_assert_double_gt(n[MESH], 0);
        ck_assert_double_le(n[MEMORY], n[MEMORY_MOST]);
        ck_assert_double_le(n[MESH], n[MESH_MOST]);
        ck_assert_double_le(n[SEAM], n[SEAM_MOST]);
        ck_assert_double_le(n[RELOAD], n[RELOAD_MOST]);
        ck_assert_double_le(n[LINK], n[TIME]);
    }
}
END_TEST

/* --- books ------------------------------------------------------------------------------------ */

START_TEST(the_books_of_packages_and_wafers_balance)
{
    static const char *const systems[] = {"quad_dcim_hbm3", "wafer_cim", "wse2"};
    static const char *const traces[] = {"alexnet",   "resnet50",   "squeezenet",
                                         "bert_base", "bert_large", "gpt2_decode"};
    size_t played = 0;
    for (size_t i = 0; i < COUNT_OF(systems) * COUNT_OF(traces); i++) {
        struct machine m = {.system = systems[i % COUNT_OF(systems)],
                            .trace = traces[i / COUNT_OF(systems)]};
        if (strcmp(m.system, "wse2") == 0 && strncmp(m.trace, "bert", 4) == 0)
            continue; /* ten CPU seconds each */
        json_t *r = run_machine(&m);
        if (held(r)) {
            books_balance(r);
            played++;
        } else {
            printf("  %s on %s: %s\n", m.trace, m.system,
                   json_string_value(json_object_get(r, "refused")));
            fflush(stdout);
        }
        json_decref(r);
    }
    ck_assert_uint_ge(played, 10);
}
END_TEST

SUITE("machines", equal_blocks_on_a_wafer_are_played_once_and_change_no_figure_by_half_a_percent,
      equal_blocks_that_are_reloaded_change_no_figure_by_half_a_percent,
      ten_times_the_layers_are_planned_and_played_in_no_more_segments,
      more_memory_stacks_never_cost_time, wider_links_between_dies_never_cost_time,
      faster_links_between_dies_never_cost_time, four_dies_never_take_longer_than_one,
      wafers_that_would_stand_idle_are_refused,
      a_step_that_reads_its_weights_is_never_slower_on_more_packages_that_share_its_layers,
      over_a_slow_fabric_packages_that_share_layers_are_slower_than_one,
      the_links_share_of_a_step_is_the_time_of_its_rings_by_hand,
      the_books_of_packages_that_share_layers_balance, no_boundary_carries_more_than_it_can,
      the_books_of_packages_and_wafers_balance)
