/* The rows that the founding table hands in: which are held to a limit, which are scored, what each
 * prediction may have used. */
#include <string.h>

#include "core/accelerator/accelerator.h"
#include "core/validate/compare.h"
#include "core/validate/statistics.h"
#include "tests/app/program.h"

static struct judged_list rows_of(struct arena *a, const char *const *only,
                                  const char *const *extra)
{
    struct judged_list l;
    struct diag d = {.status = 0};
    judged_open(&l, a);
    l.only = only;
    l.extra = extra;
    ck_assert_msg(silicon_table(&l, &d), "%s", d.text);
    return l;
}

static const struct judged *row(const struct judged_list *l, const char *name, const char *metric,
                                enum judged_kind kind)
{
    for (size_t i = 0; i < l->count; i++)
        if (!strcmp(l->rows[i].case_name, name) && !strcmp(l->rows[i].metric, metric) &&
            l->rows[i].kind == kind)
            return &l->rows[i];
    ck_abort_msg("no row %s %s", name, metric);
    return NULL;
}

START_TEST(nine_peaks_are_held_to_two_per_cent_and_reach_it)
{
    struct arena *a = arena_open();
    struct judged_list l = rows_of(a, NULL, NULL);
    size_t held = 0;
    for (size_t i = 0; i < l.count; i++) {
        const struct judged *j = &l.rows[i];
        if (strcmp(j->metric, "tops") != 0 || !(j->limit_pct > 0))
            continue;
        ck_assert_double_eq(j->limit_pct, 2);
        ck_assert_msg(judged_verdict(j) == VERDICT_WITHIN, "%s", j->case_name);
        held++;
    }
    ck_assert_uint_eq(held, 9);
    arena_close(a);
}
END_TEST

START_TEST(power_that_is_no_chips_own_is_printed_marked_and_not_scored)
{
    static const char *const not_scored[] = {"hanguang_800", "mlu370_s4", "a100_sxm", "h100_pcie"};
    static const char *const scored[] = {"chimera", "rram_dnn", "tianjic", "mediatek_dla", "rapid"};
    struct arena *a = arena_open();
    struct judged_list l = rows_of(a, NULL, NULL);
    for (size_t i = 0; i < COUNT_OF(not_scored); i++) {
        const struct judged *j = row(&l, not_scored[i], "tops_per_w", JUDGED_LEAVE_ONE_OUT);
        ck_assert_msg(!j->scored && j->mark && !isnan(j->reference), "%s", not_scored[i]);
    }
    for (size_t i = 0; i < COUNT_OF(scored); i++)
        ck_assert_msg(row(&l, scored[i], "tops_per_w", JUDGED_LEAVE_ONE_OUT)->scored, "%s",
                      scored[i]);
    arena_close(a);
}
END_TEST

START_TEST(dense_and_sparse_rates_are_rows_of_their_own)
{
    struct arena *a = arena_open();
    struct judged_list l = rows_of(a, (const char *const[]){"h100_pcie", NULL}, NULL);
    const struct judged *dense = row(&l, "h100_pcie", "tops", JUDGED_STRUCTURE),
                        *sparse = row(&l, "h100_pcie", "tops_sparse", JUDGED_STRUCTURE);
    ASSERT_NEAR(dense->reference, 1513, 1e-9);
    ASSERT_NEAR(sparse->reference, 3026, 1e-9);
    ASSERT_NEAR(sparse->predicted, 2 * dense->predicted, 1e-9);
    arena_close(a);
}
END_TEST

/* The chip's own row must not have been in the fit that it is judged by. */
START_TEST(a_left_out_prediction_differs_from_the_one_that_saw_the_chip)
{
    const struct chip_constants all = chip_constants_fitted();
    const struct accelerator_job job = {.precision = CHIP_INT8, .by = &all};
    struct arena *a = arena_open();
    struct judged_list l = rows_of(a, (const char *const[]){"rram_dnn", NULL}, NULL);
    const struct judged *j = row(&l, "rram_dnn", "tops_per_w", JUDGED_LEAVE_ONE_OUT);
    struct accelerator_peak in_sample;
    struct accelerator *x;
    struct cfg *c;
    struct diag d = {.status = 0};
    bool good = cfg_open(a, "configs/accelerator/rram_dnn.cfg", NULL, 0, &c, &d) &&
                accelerator_open(a, cfg_root(c), &x, &d) &&
                accelerator_peak(x, &job, &in_sample, &d);
    ck_assert_msg(good, "%s", d.text);
    cfg_close(c);
    /* It draws more than its class: without it the class looks more efficient still. */
    ck_assert_double_gt(j->predicted, in_sample.tops_per_w);
    ck_assert_double_gt(in_sample.tops_per_w, j->reference);
    arena_close(a);
}
END_TEST

/* A chip of a user, with this published TOPS/W. */
static const char *with_published(struct arena *a, const char *path, const char *power)
{
    write_whole(path, arena_printf(a,
                                   "kind = \"accelerator\"; name = \"mine\"; source = \"test\";"
                                   "year = 2020; node_nm = 7.0; vdd_v = 0.75; clock_ghz = 1.0;"
                                   "die_mm2 = 10.0; process_class = \"low_power\";"
                                   "design_class = \"product\"; power_scope = \"chip\";"
                                   "engine = { kind = \"systolic\"; rows = 32.0; columns = 32.0;"
                                   " hold_cycles = 32.0; near_kb = 64.0; tile = 64.0; };"
                                   "precision = { int8 = { macs_per_clk = 1024.0; }; };"
                                   "published = { tops = 2.0; precision = \"int8\";"
                                   " tops_per_w = %s; };",
                                   power));
    return path;
}

START_TEST(a_config_outside_of_the_tree_is_judged_and_its_published_figure_changes_no_prediction)
{
    struct arena *a = arena_open();
    const char *path = arena_printf(a, "/tmp/cimarron_mine_%ld.cfg", (long)getpid());
    const char *const extra[] = {path, NULL};
    const char *name = judged_base_name(a, path);
    const char *const only[] = {name, NULL};
    with_published(a, path, "5.0");
    struct judged_list one = rows_of(a, only, extra);
    with_published(a, path, "50.0");
    struct judged_list other = rows_of(a, only, extra);
    unlink(path);
    const struct judged *x = row(&one, name, "tops_per_w", JUDGED_LEAVE_ONE_OUT),
                        *y = row(&other, name, "tops_per_w", JUDGED_LEAVE_ONE_OUT);
    ck_assert_uint_eq(one.count, other.count);
    ck_assert(x->scored && x->low < x->predicted && x->predicted < x->high);
    ck_assert_double_eq(x->predicted, y->predicted);
    ASSERT_NEAR(y->reference, 10 * x->reference, 1e-12);
    ck_assert(row(&one, name, "tops", JUDGED_STRUCTURE)->scored);
    arena_close(a);
}
END_TEST

START_TEST(a_published_point_with_its_supply_and_clock_is_predicted_and_one_without_is_refused)
{
    struct arena *a = arena_open();
    const char *path = arena_printf(a, "/tmp/cimarron_points_%ld.cfg", (long)getpid());
    const char *const extra[] = {path, NULL};
    const char *name = judged_base_name(a, path);
    const char *const only[] = {name, NULL};
    with_published(a, path,
                   "5.0; points = { low = { vdd_v = 0.6; clock_ghz = 0.5; tops = 1.0;"
                   " power_w = 0.125; }; }");
    struct judged_list l = rows_of(a, only, extra);
    const char *low = arena_printf(a, "%s@low", name);
    const struct judged *own = row(&l, name, "tops_per_w", JUDGED_LEAVE_ONE_OUT),
                        *point = row(&l, low, "tops_per_w", JUDGED_LEAVE_ONE_OUT);
    ASSERT_NEAR(point->reference, 8, 1e-12); /* rate over power */
    ck_assert_double_gt(point->predicted, 1.3 * own->predicted);
    with_published(a, path, "5.0; points = { low = { tops_per_w = 8.0; }; }");
    struct diag d = {.status = 0};
    judged_open(&l, a);
    l.only = only;
    l.extra = extra;
    ck_assert(!silicon_table(&l, &d));
    unlink(path);
    ck_assert_msg(d.status == 2 && !strcmp(d.file, path) && strstr(d.text, "needs vdd_v"), "%s",
                  d.text);
    arena_close(a);
}
END_TEST

START_TEST(rows_that_nobody_identified_have_no_reference)
{
    struct arena *a = arena_open();
    struct judged_list l = rows_of(a, (const char *const[]){"our_work_2022", NULL}, NULL);
    const struct judged *j = row(&l, "our_work_2022", "designs_meeting", JUDGED_STRUCTURE);
    ck_assert_uint_eq(l.count, 1);
    ck_assert(isnan(j->reference) && !j->scored && j->mark);
    ck_assert(judged_verdict(j) == VERDICT_UNJUDGED);
    arena_close(a);
}
END_TEST

/* A row as a table asks for it, with its interval. */
static struct compare_figures compared(struct arena *a, const struct compare_row *asked)
{
    struct compare_models *models;
    struct compare_figures f;
    struct diag d = {.status = 0};
    ck_assert_msg(compare_models_open(a, &models, &d), "%s", d.text);
    ck_assert_msg(compare_peak(a, models, asked, 100, 1, &f, &d), "%s", d.text);
    return f;
}

START_TEST(compare_says_of_a_chip_what_validate_says_limits_included)
{
    static const char *const chips[] = {"chimera", "hanguang_800", "mlu370_s4", "h100_pcie", NULL};
    struct arena *a = arena_open();
    struct judged_list l = rows_of(a, chips, NULL);
    for (size_t i = 0; chips[i]; i++) {
        struct compare_figures f =
            compared(a, &(struct compare_row){
                            .key = "row", .system = chips[i], .role = "accelerator", .file = "t"});
        ck_assert_double_eq(f.tops_per_w,
                            row(&l, chips[i], "tops_per_w", JUDGED_LEAVE_ONE_OUT)->predicted);
        ck_assert_double_eq(f.blind_tops_per_w,
                            row(&l, chips[i], "tops_per_w", JUDGED_BLIND)->predicted);
    }
    arena_close(a);
}
END_TEST

START_TEST(the_interval_of_a_rate_at_the_cap_lies_around_it)
{
    struct arena *a = arena_open();
    struct compare_row asked = {
        .key = "row", .system = "h100_pcie", .role = "accelerator", .sustained = true, .file = "t"};
    struct compare_figures at_cap = compared(a, &asked);
    asked.sustained = false;
    struct compare_figures full = compared(a, &asked);
    ck_assert(at_cap.low < at_cap.tops_per_w && at_cap.tops_per_w < at_cap.high);
    ASSERT_NEAR(at_cap.power_w, 350, 1e-6);
    /* The clock gives way where power is higher: less is left to doubt than at full clock. */
    ck_assert_double_lt(at_cap.high / at_cap.low, full.high / full.low);
    arena_close(a);
}
END_TEST

SUITE("silicon table", nine_peaks_are_held_to_two_per_cent_and_reach_it,
      power_that_is_no_chips_own_is_printed_marked_and_not_scored,
      dense_and_sparse_rates_are_rows_of_their_own,
      a_left_out_prediction_differs_from_the_one_that_saw_the_chip,
      a_config_outside_of_the_tree_is_judged_and_its_published_figure_changes_no_prediction,
      a_published_point_with_its_supply_and_clock_is_predicted_and_one_without_is_refused,
      rows_that_nobody_identified_have_no_reference,
      compare_says_of_a_chip_what_validate_says_limits_included,
      the_interval_of_a_rate_at_the_cap_lies_around_it)
