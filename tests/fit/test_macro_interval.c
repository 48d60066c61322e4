/* Intervals of one array: repeatable, around its own figure, no narrower than its prices. */
#include <stdio.h>

#include "core/fit/macro_interval.h"
#include "tests/check_main.h"

struct opened {
    struct arena *arena;
    struct benchmark data;
    struct macro_question q;
    double tops_per_w;
};

static struct opened open_macro(const char *path, const struct cfg_override *set, size_t count)
{
    struct opened o = {.arena = arena_open()};
    struct diag d = {0};
    struct cfg *c;
    struct array *x;
    struct macro_result r;
    ck_assert_msg(cfg_open(o.arena, path, set, count, &c, &d), "%s", d.text);
    ck_assert_msg(array_open(o.arena, cfg_root(c), &x, &d), "%s", d.text);
    ck_assert_msg(benchmark_open(o.arena, &o.data, &d), "%s", d.text);
    ck_assert(macro_evaluate(o.arena, x, MACRO_INPUT_DENSITY, MACRO_WEIGHT_DENSITY, 0, &r, &d));
    o.tops_per_w = r.tops_per_w;
    o.q = (struct macro_question){.array = x,
                                  .input_density = MACRO_INPUT_DENSITY,
                                  .weight_density = MACRO_WEIGHT_DENSITY,
                                  .samples = 2000,
                                  .seed = 1};
    cfg_close(c);
    return o;
}

static struct macro_interval interval_of(struct opened *o)
{
    struct macro_interval w;
    macro_interval(o->arena, &o->q, &o->data, &w);
    return w;
}

START_TEST(the_interval_holds_the_prediction_and_repeats)
{
    static const char *const macros[] = {"chih_2021", "papistas_2021", "isaac_xbar", "xue_2020",
                                         "tpu_v1"};
    for (size_t i = 0; i < COUNT_OF(macros); i++) {
        char path[64];
        snprintf(path, sizeof path, "configs/macro/%s.cfg", macros[i]);
        struct opened o = open_macro(path, NULL, 0);
        struct macro_interval w = interval_of(&o), again = interval_of(&o);
        ck_assert_msg(w.low < o.tops_per_w && o.tops_per_w < w.high, "%s: %g to %g around %g",
                      macros[i], w.low, w.high, o.tops_per_w);
        ck_assert_double_eq(w.low, again.low);
        ck_assert_double_eq(w.high, again.high);
        arena_close(o.arena);
    }
}
END_TEST

START_TEST(arrays_that_price_by_their_family_take_its_interval)
{
    struct opened family = open_macro("configs/macro/papistas_2021.cfg", NULL, 0);
    struct opened prices = open_macro("configs/macro/chih_2021.cfg", NULL, 0);
    ck_assert(interval_of(&family).by_family);
    ck_assert(!interval_of(&prices).by_family);
    arena_close(family.arena);
    arena_close(prices.arena);
}
END_TEST

START_TEST(known_densities_make_it_narrower)
{
    struct opened o = open_macro("configs/macro/chih_2021.cfg", NULL, 0);
    struct macro_interval drawn = interval_of(&o);
    o.q.fixed_density = true;
    struct macro_interval fixed = interval_of(&o);
    ck_assert_double_lt(fixed.high / fixed.low, drawn.high / drawn.low);
    arena_close(o.arena);
}
END_TEST

START_TEST(a_family_at_known_densities_is_narrower_and_moves_with_them)
{
    struct opened o = open_macro("configs/macro/papistas_2021.cfg", NULL, 0);
    struct macro_interval drawn = interval_of(&o);
    o.q.fixed_density = true;
    struct macro_interval fixed = interval_of(&o);
    o.q.input_density = 0.6;
    struct macro_interval dense = interval_of(&o);
    ck_assert_double_lt(fixed.high / fixed.low, drawn.high / drawn.low);
    ck_assert_double_lt(dense.median, fixed.median);
    arena_close(o.arena);
}
END_TEST

SUITE("macro interval", the_interval_holds_the_prediction_and_repeats,
      arrays_that_price_by_their_family_take_its_interval, known_densities_make_it_narrower,
      a_family_at_known_densities_is_narrower_and_moves_with_them)
