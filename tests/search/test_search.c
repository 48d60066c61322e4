/* What a sweep varies, which conditions its points meet, and which of them no other beats. */
#include <math.h>
#include <string.h>

#include "core/search/front.h"
#include "core/search/space.h"
#include "tests/check_main.h"

static const char *values_of(struct arena *a, const char *text)
{
    struct knob k;
    struct diag d = {0};
    const char *all = "";
    if (!knob_read(a, "--set x", "x", text, &k, &d))
        return "refused";
    for (size_t i = 0; i < k.count; i++)
        all = arena_printf(a, "%s%s%s", all, i ? " " : "", k.values[i]);
    return all;
}

START_TEST(values_are_lists_ranges_and_ranges_by_a_factor)
{
    struct arena *a = arena_open();
    ck_assert_str_eq(values_of(a, "16,fast,0.50"), "16 fast 0.50");
    ck_assert_str_eq(values_of(a, "2..5"), "2 3 4 5");
    ck_assert_str_eq(values_of(a, "1..8*2,20"), "1 2 4 8 20");
    ck_assert_str_eq(values_of(a, "100..500*2"), "100 200 400");
    ck_assert_str_eq(values_of(a, "[4,4],[8,8]"), "[4,4] [8,8]");
    ck_assert_str_eq(values_of(a, "my..cfg"), "my..cfg");
    ck_assert_str_eq(values_of(a, "4..2"), "refused");
    ck_assert_str_eq(values_of(a, "1..2*1"), "refused");
    ck_assert_str_eq(values_of(a, "1,,2"), "refused");
    arena_close(a);
}
END_TEST

START_TEST(a_condition_compares_numbers_as_numbers)
{
    struct arena *a = arena_open();
    struct condition c;
    struct diag d = {0};
    ck_assert(condition_read(a, "area_mm2<= 5e1", &c, &d));
    ck_assert_str_eq(c.key, "area_mm2");
    ck_assert(condition_holds_text(&c, "50.0") && !condition_holds_number(&c, 50.1));
    ck_assert(!condition_holds_number(&c, NAN));
    ck_assert(condition_read(a, "kind != fast", &c, &d));
    ck_assert(condition_holds_text(&c, "slow") && !condition_holds_text(&c, "fast"));
    ck_assert(!condition_read(a, "kind < fast", &c, &d));
    arena_close(a);
}
END_TEST

START_TEST(the_front_holds_what_no_other_beats)
{
    struct arena *a = arena_open();
    const double values[] = {3, 1, 1, 3, 2, 2, 2, 3, 1, 3, NAN, 0};
    const bool right[] = {true, true, true, false, true, false};
    bool on[COUNT_OF(right)];
    size_t order[COUNT_OF(right)];
    front_mark(a, values, COUNT_OF(right), 2, on);
    for (size_t i = 0; i < COUNT_OF(right); i++)
        ck_assert_int_eq(on[i], right[i]);
    ck_assert_uint_eq(front_order(values, COUNT_OF(right), 2, order), 5);
    ck_assert_uint_eq(order[0], 1);
    ck_assert_uint_eq(order[1], 4);
    ck_assert_uint_eq(order[4], 0);
    arena_close(a);
}
END_TEST

SUITE("search", values_are_lists_ranges_and_ranges_by_a_factor,
      a_condition_compares_numbers_as_numbers, the_front_holds_what_no_other_beats)
