/* The peak: what no mapping can do better, at stated bits and data. */
#include "core/base/rng.h"
#include "tests/folder.h"
#include "tests/system/fixture.h"

static double tops_per_w(const struct system_peak *p)
{
    return p->tops / p->power.total_w;
}

static struct system_least least_of(const struct system *s, const struct system_work *w)
{
    struct system_least l;
    struct diag d = {.status = 0};
    ck_assert_msg(system_least(s, w, &l, &d), "%s", d.text);
    return l;
}

static double sum_pj(const struct system_least *l)
{
    double sum = 0;
    for (int p = 0; p < PART_COUNT; p++)
        sum += l->part_pj[p];
    return sum;
}

/* --- the least ------------------------------------------------------------------------------- */

/* A product as the planner prices it where all arrays of a tile share their inputs: its actions,
 * the window read once for the tile, the result sent away or added to another. */
static double product_pj(const struct system *s, const struct array_job *job, int bits)
{
    struct cost c;
    s->array->ops->mvm(s->array, job, &c);
    double per_access = (double)s->buffer.access_bits / bits;
    double read = (double)job->rows / per_access / (double)s->arrays_per_tile;
    double leave = (double)job->outputs / per_access;
    double away = leave * (s->buffer.write_pj.value + s->output_register.energy_pj.value);
    double added = (double)job->outputs * s->accumulate.energy_pj.value;
    return cost_energy_pj(&c) + read * (s->buffer.read_pj.value + s->bus.energy_pj.value) +
           (away < added ? away : added);
}

static void tries_shapes(const struct system *s)
{
    struct system_work w = system_usual_work(s, 0, 0);
    struct system_least l = least_of(s, &w);
    struct rng random = rng_open(7, s->name);
    int64_t outputs = s->array->ops->outputs(s->array, l.weight_bits);
    for (int i = 0; i < 300; i++) {
        struct array_job job = {.rows = 1 + (int64_t)rng_below(&random, (uint64_t)s->facts.rows),
                                .outputs = 1 + (int64_t)rng_below(&random, (uint64_t)outputs),
                                .input_bits = l.input_bits,
                                .weight_bits = l.weight_bits,
                                .input = w.input,
                                .weight = w.weight};
        struct cost c;
        double macs = (double)(job.rows * job.outputs);
        s->array->ops->mvm(s->array, &job, &c);
        ck_assert_msg(sum_pj(&l) <= product_pj(s, &job, w.input_bits) / macs * (1 + 1e-12),
                      "%s: %lld x %lld take less", s->name, (long long)job.rows,
                      (long long)job.outputs);
        ck_assert_msg(macs / c.duration_ps * (double)s->arrays <= l.array_macs_per_ps * (1 + 1e-12),
                      "%s: %lld x %lld are faster", s->name, (long long)job.rows,
                      (long long)job.outputs);
    }
}

START_TEST(no_shape_of_product_takes_less_energy_or_time_than_the_least)
{
    static const char *const folders[] = {"configs/chip", "configs/package", "configs/wafer"};
    struct arena *all = arena_open();
    size_t count = 0;
    for (size_t f = 0; f < COUNT_OF(folders); f++) {
        struct folder_names names = folder_list(all, folders[f], "", ".cfg");
        for (size_t i = 0; i < names.count; i++, count++) {
            struct arena *a = arena_open();
            tries_shapes(open_chip(a, arena_printf(a, "%s/%s", folders[f], names.at[i])));
            arena_close(a);
        }
    }
    ck_assert_uint_ge(count, 12);
    arena_close(all);
}
END_TEST

/* A chip was once given a narrow mesh because every link counted in the peak. */
START_TEST(a_wider_or_dearer_mesh_leaves_the_peak_as_it_was)
{
    static const struct cfg_override sets[] = {{"noc.link_bits", "1024"},
                                               {"noc.router.energy_pj", "1000.0"}};
    struct arena *a = arena_open();
    struct system_peak p = peak_of(open_chip(a, "dcim_5nm"), 0, 0);
    struct system_peak q = peak_of(open_chip_with(a, "dcim_5nm", sets, COUNT_OF(sets)), 0, 0);
    ASSERT_NEAR(tops_per_w(&q), tops_per_w(&p), 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(data_with_fewer_ones_gives_more_operations_per_joule_at_the_same_rate)
{
    struct arena *a = arena_open();
    struct system *s = open_chip(a, "dcim_5nm");
    struct system_work w = system_usual_work(s, 8, 8);
    struct system_peak p[2];
    struct diag d = {.status = 0};
    for (int i = 0; i < 2; i++) {
        w.input = array_bit_stats(i ? 0.1 : 0.4, 8);
        ck_assert_msg(system_peak(s, &w, &p[i], &d), "%s", d.text);
    }
    ck_assert_double_gt(tops_per_w(&p[1]), 1.2 * tops_per_w(&p[0]));
    ASSERT_NEAR(p[1].tops, p[0].tops, 1e-12);
    arena_close(a);
}
END_TEST

/* --- mixes ----------------------------------------------------------------------------------- */

START_TEST(a_mix_takes_the_time_and_the_energy_of_its_kinds)
{
    struct arena *a = arena_open();
    struct system *s = open_chip(a, "isaac");
    struct system_work narrow = system_usual_work(s, 8, 8), wide = system_usual_work(s, 16, 16);
    struct system_least few = least_of(s, &narrow), many = least_of(s, &wide);
    struct system_mix m = system_mix_open(s);
    struct system_peak p, eight = peak_of(s, 8, 8), sixteen = peak_of(s, 16, 16);
    system_mix_add(&m, &few, 3e9);
    system_mix_add(&m, &many, 1e9);
    system_mix_peak(&m, &p);
    ASSERT_NEAR(4 / p.tops, 3 / eight.tops + 1 / sixteen.tops, 1e-12);
    ASSERT_NEAR(4 / tops_per_w(&p), 3 / tops_per_w(&eight) + 1 / tops_per_w(&sixteen), 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(products_of_operands_run_in_lanes_where_arrays_take_no_operands)
{
    struct arena *a = arena_open();
    struct system *s = open_chip(a, "isaac");
    struct system_work w = system_usual_work(s, 16, 16);
    w.of_operands = true;
    struct system_least l = least_of(s, &w);
    double lanes = (double)s->tiles * s->vector.lanes * s->vector.clock_mhz * 1e-6;
    ck_assert(l.array_macs_per_ps == 0);
    ASSERT_NEAR(l.lane_macs_per_ps, lanes, 1e-12);
    ASSERT_NEAR(sum_pj(&l), s->vector.mac_pj.value, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(arrays_that_take_operands_share_their_products_with_lanes)
{
    struct arena *a = arena_open();
    struct system *s = open_chip(a, "dcim_5nm");
    struct system_work w = system_usual_work(s, 8, 8);
    struct system_peak p, with_weights = peak_of(s, 8, 8);
    struct diag d = {.status = 0};
    w.of_operands = true;
    ck_assert_msg(system_peak(s, &w, &p, &d), "%s", d.text);
    struct system_least l = least_of(s, &w);
    ASSERT_NEAR(p.tops, 2 * (l.array_macs_per_ps + l.lane_macs_per_ps), 1e-12);
    ck_assert_double_gt(p.tops, with_weights.tops);
    arena_close(a);
}
END_TEST

SUITE("peak", no_shape_of_product_takes_less_energy_or_time_than_the_least,
      a_wider_or_dearer_mesh_leaves_the_peak_as_it_was,
      data_with_fewer_ones_gives_more_operations_per_joule_at_the_same_rate,
      a_mix_takes_the_time_and_the_energy_of_its_kinds,
      products_of_operands_run_in_lanes_where_arrays_take_no_operands,
      arrays_that_take_operands_share_their_products_with_lanes)
