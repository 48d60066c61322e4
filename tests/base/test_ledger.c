/* What diagnostics, parts, costs and the ledger promise. */
#include "core/base/diag.h"
#include "core/base/ledger.h"
#include "core/base/server.h"
#include "tests/check_main.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static struct quantity price(double pj)
{
    return quantity_of(pj, FROM_SOURCE, 0);
}

START_TEST(the_first_complaint_wins)
{
    struct diag d = {.status = 0};
    ck_assert(!diag_input(&d, "a.cfg", 3, "first %d", 1));
    ck_assert(!diag_cannot(&d, "second"));
    char out[64];
    diag_format(&d, out, sizeof out);
    ck_assert_str_eq(out, "a.cfg:3: first 1");
    ck_assert_int_eq(d.status, 2);
}
END_TEST

START_TEST(a_complaint_is_one_line_and_says_what_it_knows)
{
    struct diag no_line = {.status = 0}, no_file = {.status = 0};
    char out[64];
    diag_input(&no_line, "b.cfg", 0, "two\nlines");
    diag_format(&no_line, out, sizeof out);
    ck_assert_str_eq(out, "b.cfg: two\\u000alines");
    diag_cannot(&no_file, "does not fit");
    diag_format(&no_file, out, sizeof out);
    ck_assert_str_eq(out, "does not fit");
    ck_assert_int_eq(no_file.status, 1);
}
END_TEST

START_TEST(a_long_complaint_is_cut_not_spilled)
{
    struct diag d = {.status = 0};
    static char text[5000];
    memset(text, 'x', sizeof text - 1);
    diag_input(&d, text, 1, "%s", text);
    ck_assert_uint_eq(strlen(d.text), DIAG_TEXT_MAX - 1);
    ck_assert_uint_eq(strlen(d.file), DIAG_FILE_MAX - 1);
}
END_TEST

START_TEST(every_part_has_its_own_name)
{
    ck_assert_str_eq(part_name(PART_ARRAY_ADC), "array.adc");
    for (unsigned p = 0; p < PART_COUNT; p++) {
        ck_assert_uint_gt(strlen(part_help((enum part)p)), 0);
        for (unsigned q = 0; q < p; q++)
            ck_assert_str_ne(part_name((enum part)p), part_name((enum part)q));
    }
}
END_TEST

START_TEST(a_cost_keeps_counts_and_prices_apart)
{
    struct cost one, both;
    cost_clear(&one);
    cost_clear(&both);
    cost_add(&one, PART_ARRAY_ADC, "convert", 128, price(2));
    cost_add(&one, PART_VECTOR, "nothing", 0, price(2));
    cost_add(&one, PART_VECTOR, "free", 5, price(0));
    ck_assert_uint_eq(one.count, 1);
    both.duration_ps = 7;
    cost_append(&both, &one, 3);
    ck_assert(both.actions[0].count == 384 && both.duration_ps == 7);
    ck_assert(cost_energy_pj(&both) == 768);
}
END_TEST

START_TEST(counts_of_equal_rows_add_up_by_text_not_by_pointer)
{
    struct arena *a = arena_open();
    struct ledger *l = ledger_open(a);
    char action[] = "convert";
    ledger_add(l, PART_ARRAY_ADC, 4, "convert", 10, price(2));
    ledger_add(l, PART_ARRAY_ADC, 4, action, 5, price(2));
    ck_assert_uint_eq(ledger_rows(l), 1);
    ck_assert(ledger_row(l, 0)->count == 15);
    arena_close(a);
}
END_TEST

START_TEST(part_layer_action_price_and_trust_make_a_row)
{
    struct arena *a = arena_open();
    struct ledger *l = ledger_open(a);
    ledger_add(l, PART_ARRAY_ADC, 4, "convert", 1, price(2));
    ledger_add(l, PART_ARRAY_DAC, 4, "convert", 1, price(2));
    ledger_add(l, PART_ARRAY_ADC, 5, "convert", 1, price(2));
    ledger_add(l, PART_ARRAY_ADC, 4, "compare", 1, price(2));
    ledger_add(l, PART_ARRAY_ADC, 4, "convert", 1, price(3));
    ledger_add(l, PART_ARRAY_ADC, 4, "convert", 1, quantity_of(2, FROM_ASSUMED, 0));
    ledger_add(l, PART_ARRAY_ADC, 4, "convert", 0, price(9));
    ck_assert_uint_eq(ledger_rows(l), 6);
    arena_close(a);
}
END_TEST

START_TEST(the_sum_is_count_times_price_in_every_view)
{
    struct arena *a = arena_open();
    struct ledger *l = ledger_open(a);
    struct cost c;
    cost_clear(&c);
    cost_add(&c, PART_ARRAY_ADC, "convert", 10, price(2));
    cost_add(&c, PART_ARRAY_CELLS, "read", 100, quantity_of(0.5, FROM_ASSUMED, 0.2));
    ledger_add_cost(l, 7, &c, 3);
    ledger_add(l, PART_LEAKAGE, LEDGER_STATIC, "static", 1, price(11));
    struct ledger_sums sums;
    ledger_sum(l, &sums);
    ck_assert(sums.total_pj == 60 + 150 + 11);
    ck_assert(sums.part_pj[PART_ARRAY_ADC] == 60 && sums.part_pj[PART_LEAKAGE] == 11);
    ck_assert(sums.assumed_pj == 150);
    const int32_t ids[] = {LEDGER_STATIC, 99, 7};
    double pj[3];
    ledger_sum_layers(l, ids, 3, pj);
    ck_assert(pj[0] == 11 && pj[1] == 0 && pj[2] == 210);
    arena_close(a);
}
END_TEST

START_TEST(many_rows_keep_their_order_and_are_found_again)
{
    enum { LAYERS = 5000 };
    static int32_t ids[LAYERS];
    static double pj[LAYERS];
    struct arena *a = arena_open();
    struct ledger *l = ledger_open(a);
    for (int round = 0; round < 3; round++)
        for (int32_t i = 0; i < LAYERS; i++)
            ledger_add(l, PART_BUFFER, i, "read", i + 1, price(1));
    ck_assert_uint_eq(ledger_rows(l), LAYERS);
    for (int32_t i = 0; i < LAYERS; i++) {
        ck_assert_int_eq(ledger_row(l, (size_t)i)->layer, i);
        ids[i] = LAYERS - 1 - i;
    }
    ledger_sum_layers(l, ids, LAYERS, pj);
    for (int32_t i = 0; i < LAYERS; i++)
        ck_assert(pj[i] == 3.0 * (LAYERS - i));
    arena_close(a);
}
END_TEST

START_TEST(a_snapshot_stands_still)
{
    struct arena *a = arena_open();
    struct ledger *l = ledger_open(a);
    ledger_add(l, PART_BUFFER, 1, "read", 5, price(1));
    struct ledger *before = ledger_snapshot(l, a);
    for (int i = 0; i < 500; i++)
        ledger_add(l, PART_BUFFER, i, "read", 5, price(1));
    ck_assert_uint_eq(ledger_rows(before), 1);
    ck_assert(ledger_row(before, 0)->count == 5);
    arena_close(a);
}
END_TEST

/* One period adds 2 reads to an old row and 3 writes as a new one. */
static struct ledger *after_a_period(struct arena *a, struct ledger **before)
{
    struct ledger *l = ledger_open(a);
    ledger_add(l, PART_BUFFER, 1, "read", 5, price(1));
    *before = ledger_snapshot(l, a);
    ledger_add(l, PART_BUFFER, 1, "read", 2, price(1));
    ledger_add(l, PART_BUFFER, 1, "write", 3, price(1));
    return l;
}

START_TEST(a_period_is_repeated_row_by_row)
{
    struct arena *a = arena_open();
    struct ledger *before, *after = after_a_period(a, &before), *l = ledger_open(a);
    ledger_add_period(l, before, after, 10);
    ck_assert_uint_eq(ledger_rows(l), 2);
    ck_assert(ledger_row(l, 0)->count == 20 && ledger_row(l, 1)->count == 30);
    arena_close(a);
}
END_TEST

START_TEST(a_period_may_be_added_to_either_of_its_ends)
{
    struct arena *a = arena_open();
    struct ledger *before, *after = after_a_period(a, &before);
    ledger_add_period(after, before, after, 10);
    ck_assert(ledger_row(after, 0)->count == 27 && ledger_row(after, 1)->count == 33);
    after = after_a_period(a, &before);
    ledger_add_period(before, before, after, 1);
    ck_assert(ledger_row(before, 0)->count == 7 && ledger_row(before, 1)->count == 3);
    arena_close(a);
}
END_TEST

START_TEST(booking_costs_tens_of_nanoseconds)
{
    enum { ROUNDS = 200, LAYERS = 60 };
    static const char *const actions[] = {"read", "write", "convert", "drive", "add"};
    struct arena *a = arena_open();
    struct ledger *l = ledger_open(a);
    struct timespec t0, t1;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t0);
    for (int round = 0; round < ROUNDS; round++)
        for (int32_t layer = 0; layer < LAYERS; layer++)
            for (size_t i = 0; i < COUNT_OF(actions); i++)
                ledger_add(l, PART_BUFFER, layer, actions[i], 1, price(0.3));
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t1);
    double ns = ((double)(t1.tv_sec - t0.tv_sec) * 1e9 + (double)(t1.tv_nsec - t0.tv_nsec)) /
                (ROUNDS * LAYERS * (double)COUNT_OF(actions));
    ck_assert_uint_eq(ledger_rows(l), LAYERS * COUNT_OF(actions));
    /* Generous, for sanitizers and busy machines; a linear search would take microseconds. */
    ck_assert_msg(ns < 1000, "%g ns for each", ns);
    printf("ledger_add: %.0f ns\n", ns);
    arena_close(a);
}
END_TEST

SUITE("ledger", the_first_complaint_wins, a_complaint_is_one_line_and_says_what_it_knows,
      a_long_complaint_is_cut_not_spilled, every_part_has_its_own_name,
      a_cost_keeps_counts_and_prices_apart, counts_of_equal_rows_add_up_by_text_not_by_pointer,
      part_layer_action_price_and_trust_make_a_row, the_sum_is_count_times_price_in_every_view,
      many_rows_keep_their_order_and_are_found_again, a_snapshot_stands_still,
      a_period_is_repeated_row_by_row, a_period_may_be_added_to_either_of_its_ends,
      booking_costs_tens_of_nanoseconds)
