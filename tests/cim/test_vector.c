#include "core/cim/vector.h"
#include "tests/cfg_text.h"

#define PRICED                                                                                     \
    "source = \"a test\"; lanes = 4.0; clock_mhz = 500.0; area_um2 = 10.0; leakage_mw = 1.0;"      \
    "add : { energy_pj = 1.0; area_um2 = 2.0; }; multiply : { energy_pj = 10.0; };"                \
    "lookup : { energy_pj = 100.0; leakage_mw = 0.5; }; compare : { energy_pj = 1000.0; };"        \
    "mac : { energy_pj = 10000.0; };"

static bool try_text(struct arena *a, const char *text, struct vector_unit *v, struct diag *d)
{
    struct cfg *cfg = NULL;
    bool ok = cfg_open_text(a, text, &cfg, d) && vector_open(cfg_root(cfg), v, d);
    cfg_close(cfg);
    return ok;
}

static struct vector_unit open_text(struct arena *a, const char *text)
{
    struct vector_unit v;
    struct diag d = {0};
    ck_assert_msg(try_text(a, text, &v, &d), "%s", d.text);
    return v;
}

static struct op op_of(enum op_kind kind, const char *fn)
{
    struct op op = {.kind = (uint8_t)kind, .fn = fn};
    op.u.conv.kernel[0] = 3;
    op.u.conv.kernel[1] = 2;
    if (kind == OP_MATMUL)
        op.u.matmul.k = 64;
    return op;
}

/* Energy per element as digits: mac, compare, lookup, multiply, add at 10^4 .. 10^0 pJ. */
static const struct {
    enum op_kind kind;
    const char *fn;
    double pj, lane_ops;
} elements[] = {
    {OP_ELEMENTWISE, "relu", 1000, 1},
    {OP_ELEMENTWISE, "clip", 2000, 2},
    {OP_ELEMENTWISE, "add", 1, 1},
    {OP_ELEMENTWISE, "mul", 10, 1},
    {OP_ELEMENTWISE, "sigmoid", 10100, 2},
    {OP_ELEMENTWISE, "gelu", 10110, 3},
    {OP_ELEMENTWISE, "gelu_new", 10110, 3},
    {OP_ELEMENTWISE, "silu", 10110, 3},
    {OP_ELEMENTWISE, "swiglu", 10120, 4},
    {OP_ELEMENTWISE, "geglu", 10120, 4},
    {OP_ELEMENTWISE, "reglu", 1010, 2},
    {OP_ELEMENTWISE, "tanh", 10100, 2},
    {OP_ELEMENTWISE, "erf", 10100, 2},
    {OP_ELEMENTWISE, "exp", 10100, 2},
    {OP_ELEMENTWISE, "rsqrt", 10100, 2},
    {OP_ELEMENTWISE, "square", 10, 1},
    {OP_ELEMENTWISE, NULL, 10100, 2},
    {OP_POOL, "max", 6000, 6},
    {OP_POOL, "avg", 16, 7},
    {OP_POOL, "sum", 6, 6},
    {OP_POOL, "l2", 60100, 7},
    {OP_SOFTMAX, NULL, 1112, 5},
    {OP_NORM, "layer", 20012, 5},
    {OP_NORM, "batch", 10000, 1},
    {OP_NORM, "rms", 10020, 3},
    {OP_ROPE, NULL, 21, 3},
    {OP_MATMUL, NULL, 640000, 64},
    {OP_CONCAT, NULL, 0, 0},
    {OP_RESHAPE, NULL, 0, 0},
    {OP_TRANSPOSE, NULL, 0, 0},
    {OP_SLICE, NULL, 0, 0},
    {OP_KV_APPEND, NULL, 0, 0},
    {OP_KV_READ, NULL, 0, 0},
    {OP_EMBEDDING, NULL, 0, 0},
};

START_TEST(each_function_costs_its_lane_operations)
{
    struct arena *a = arena_open();
    struct vector_unit v = open_text(a, PRICED);
    for (size_t i = 0; i < COUNT_OF(elements); i++) {
        struct op op = op_of(elements[i].kind, elements[i].fn);
        struct cost c;
        vector_cost(&v, &op, 1000, 2, &c);
        ASSERT_NEAR(cost_energy_pj(&c), 1000 * elements[i].pj, 1e-12);
        /* 8 lanes of 2 ns */
        ASSERT_NEAR(c.duration_ps, 1000 * elements[i].lane_ops / 8 * 2000, 1e-12);
        for (unsigned j = 0; j < c.count; j++)
            ck_assert_int_eq(c.actions[j].part, PART_VECTOR);
    }
    arena_close(a);
}
END_TEST

START_TEST(more_units_take_less_time_and_the_same_energy)
{
    struct arena *a = arena_open();
    struct vector_unit v = open_text(a, PRICED);
    struct op op = op_of(OP_SOFTMAX, NULL);
    struct cost one, many;
    vector_cost(&v, &op, 4096, 1, &one);
    vector_cost(&v, &op, 4096, 16, &many);
    ASSERT_NEAR(one.duration_ps, 16 * many.duration_ps, 1e-12);
    ck_assert_double_eq(cost_energy_pj(&one), cost_energy_pj(&many));
    arena_close(a);
}
END_TEST

START_TEST(a_sum_of_four_takes_three_additions)
{
    struct arena *a = arena_open();
    struct vector_unit v = open_text(a, PRICED);
    struct op op = op_of(OP_ELEMENTWISE, "add");
    struct cost c;
    op.n_inputs = 4;
    vector_cost(&v, &op, 10, 1, &c);
    ck_assert_double_eq(cost_energy_pj(&c), 30);
    arena_close(a);
}
END_TEST

START_TEST(a_unit_is_as_large_and_leaky_as_its_lanes)
{
    struct arena *a = arena_open();
    struct vector_unit v = open_text(a, PRICED);
    ASSERT_NEAR(v.area_um2, 10 + 4 * 2, 1e-12);
    ASSERT_NEAR(v.leakage_mw.value, 1 + 4 * 0.5, 1e-12);
    arena_close(a);
}
END_TEST

START_TEST(no_work_draws_more_than_the_peak_power)
{
    struct arena *a = arena_open();
    struct vector_unit v = open_text(a, PRICED);
    for (size_t i = 0; i < COUNT_OF(elements); i++) {
        struct op op = op_of(elements[i].kind, elements[i].fn);
        struct cost c;
        vector_cost(&v, &op, 1000, 1, &c);
        if (c.duration_ps > 0)
            ck_assert_double_le(cost_energy_pj(&c) / c.duration_ps * 1e3,
                                vector_peak_mw(&v) * (1 + 1e-12));
    }
    arena_close(a);
}
END_TEST

/* Horowitz, ISSCC 2014, 45 nm: add 0.03 / 0.1 pJ, multiply 0.2 / 3.1 pJ at 8 / 32 bits. */
START_TEST(left_out_prices_are_horowitzs_and_assumed)
{
    struct arena *a = arena_open();
    struct vector_unit narrow =
        open_text(a, "source = \"a test\"; lanes = 1.0; clock_mhz = 500.0; bits = 8;");
    struct vector_unit wide =
        open_text(a, "source = \"a test\"; lanes = 1.0; clock_mhz = 500.0; bits = 32;");
    ASSERT_NEAR(narrow.add_pj.value, 0.03, 1e-9);
    ASSERT_NEAR(narrow.multiply_pj.value, 0.2, 1e-9);
    ASSERT_NEAR(wide.add_pj.value, 0.1, 0.25);
    ASSERT_NEAR(wide.multiply_pj.value, 3.1, 0.05);
    ck_assert_int_eq(narrow.mac_pj.from, FROM_ASSUMED);
    ck_assert_double_gt(narrow.area_um2, 300);
    arena_close(a);
}
END_TEST

START_TEST(a_smaller_node_and_a_lower_supply_cost_less)
{
    struct arena *a = arena_open();
    struct vector_unit old = open_text(
        a, "source = \"a test\"; lanes = 1.0; clock_mhz = 500.0; node_nm = 45.0; vdd_v = 0.9;");
    struct vector_unit young = open_text(
        a, "source = \"a test\"; lanes = 1.0; clock_mhz = 500.0; node_nm = 7.0; vdd_v = 0.9;");
    struct vector_unit low = open_text(
        a, "source = \"a test\"; lanes = 1.0; clock_mhz = 500.0; node_nm = 7.0; vdd_v = 0.7;");
    ck_assert_double_lt(young.mac_pj.value, old.mac_pj.value);
    ck_assert_double_lt(low.mac_pj.value, young.mac_pj.value);
    ck_assert_double_lt(young.area_um2, old.area_um2);
    arena_close(a);
}
END_TEST

START_TEST(broken_units_get_their_one_line_message)
{
    static const struct {
        const char *text, *says;
    } broken[] = {
        {"source = \"a test\"; lanes = 4.0;", "clock_mhz"},
        {"source = \"a test\"; lanes = 0.0; clock_mhz = 500.0;", "lanes"},
        {"lanes = 4.0; clock_mhz = 500.0;", "source"},
        {"source = \"a test\"; lanes = 4.0; clock_mhz = 500.0; divide : { energy_pj = 1.0; };",
         "divide"},
        {"source = \"a test\"; lanes = 4.0; clock_mhz = 500.0; add : { area_um2 = 1.0; };", "add"},
        {"source = \"a test\"; lanes = 4.0; clock_mhz = 500.0; node_nm = 7.0; vdd_v = 3.3;",
         "add needs a price"},
    };
    struct arena *a = arena_open();
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        struct vector_unit v;
        struct diag d = {0};
        ck_assert(!try_text(a, broken[i].text, &v, &d));
        ck_assert_int_eq(d.status, 2);
        ck_assert_msg(strstr(d.text, broken[i].says) != NULL, "\"%s\" lacks \"%s\"", d.text,
                      broken[i].says);
        ck_assert_ptr_null(strchr(d.text, '\n'));
    }
    arena_close(a);
}
END_TEST

SUITE("vector", each_function_costs_its_lane_operations,
      more_units_take_less_time_and_the_same_energy, a_sum_of_four_takes_three_additions,
      a_unit_is_as_large_and_leaky_as_its_lanes, no_work_draws_more_than_the_peak_power,
      left_out_prices_are_horowitzs_and_assumed, a_smaller_node_and_a_lower_supply_cost_less,
      broken_units_get_their_one_line_message)
