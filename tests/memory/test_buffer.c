/* On-chip buffers: given prices, and the laws against the CACTI 7 runs they were fitted to. */
#include <stdlib.h>

#include "memory/buffer.h"
#include "tests/cfg_text.h"
#include "tests/data_table.h"
#include "tests/memory/memory_test.h"

/* Opens a buffer from the text of a config; false when refused. */
static bool open_text(const char *text, struct buffer *b, struct diag *d)
{
    struct arena *a = arena_open();
    struct cfg *c = NULL;
    bool good = cfg_open_text(a, text, &c, d) && buffer_open(cfg_root(c), b, d);
    cfg_close(c);
    arena_close(a);
    return good;
}

static struct buffer open_law(const char *kind, const char *device, double nm, double bytes,
                              int bits)
{
    char text[512];
    struct buffer b = {0};
    struct diag d = {.status = 0};
    snprintf(text, sizeof text,
             "source = \"a test\"; kind = \"%s\"; device = \"%s\"; node_nm = %.1f; bytes = %.0f; "
             "access_bits = %d; "
             "clock_mhz = 1000.0;\n",
             kind, device, nm, bytes, bits);
    bool good = open_text(text, &b, &d);
    ck_assert_msg(good, "%s", d.text);
    return b;
}

static double ratio_error(double a, double b)
{
    return a > b ? a / b - 1 : b / a - 1;
}

START_TEST(the_laws_are_within_their_stated_error_of_the_cacti_runs)
{
    struct arena *a = arena_open();
    struct csv_table t = data_table(a, "cacti7.csv");
    double worst[4] = {0};
    int rows = 0;
    for (size_t r = 0; r < t.rows; r++) {
        const char *cell = data_text(&t, r, "cell");
        bool edram = strcmp(cell, "lp-dram") == 0;
        double nm = data_number(&t, r, "node_nm");
        if (edram && nm > 45)
            continue;
        double read = data_number(&t, r, "read_energy_pJ_per_access"),
               write = data_number(&t, r, "write_energy_pJ_per_access"),
               leak = data_number(&t, r, "leakage_mW") + data_number(&t, r, "refresh_power_mW"),
               area = 1e6 * data_number(&t, r, "area_mm2");
        struct buffer b = open_law(
            edram ? "edram" : "sram", strcmp(cell, "itrs-hp") == 0 ? "hp" : "lstp", nm,
            data_number(&t, r, "capacity_bytes"), 8 * (int)data_number(&t, r, "access_bytes"));
        const double error[4] = {
            ratio_error(b.read_pj.value, read), edram ? 0 : ratio_error(b.write_pj.value, write),
            ratio_error(b.leakage_mw.value, leak), ratio_error(b.area_um2, area)};
        for (int i = 0; i < 4; i++)
            worst[i] = error[i] > worst[i] ? error[i] : worst[i];
        rows++;
    }
    arena_close(a);
    printf("CACTI 7, %d runs: read within %.0f %%, write %.0f %%, leakage %.0f %%, area %.0f %%\n",
           rows, worst[0] * 100, worst[1] * 100, worst[2] * 100, worst[3] * 100);
    ck_assert_int_ge(rows, 90);
    ck_assert(worst[0] < 0.35 && worst[1] < 0.75 && worst[2] < 0.25 && worst[3] < 0.3);
}
END_TEST

START_TEST(bigger_buffers_cost_more_per_access_and_in_area)
{
    static const char *const kinds[] = {"sram", "edram"};
    for (size_t k = 0; k < COUNT_OF(kinds); k++) {
        struct buffer before = open_law(kinds[k], "lstp", 32, 1 << 14, 256);
        for (double bytes = 1 << 15; bytes <= 1 << 25; bytes *= 2) {
            struct buffer b = open_law(kinds[k], "lstp", 32, bytes, 256);
            ck_assert(b.read_pj.value > before.read_pj.value &&
                      b.write_pj.value > before.write_pj.value);
            ck_assert(b.area_um2 > before.area_um2 && b.leakage_mw.value > before.leakage_mw.value);
            before = b;
        }
    }
}
END_TEST

START_TEST(newer_nodes_cost_less_down_to_five_nanometres)
{
    static const double nodes[] = {90, 65, 45, 32, 28, 22, 16, 14, 7, 5};
    struct buffer before = open_law("sram", "lstp", 130, 65536, 128);
    for (size_t i = 0; i < COUNT_OF(nodes); i++) {
        struct buffer b = open_law("sram", "lstp", nodes[i], 65536, 128);
        ck_assert_msg(b.read_pj.value < before.read_pj.value, "read at %g nm", nodes[i]);
        ck_assert_msg(b.area_um2 < before.area_um2, "area at %g nm", nodes[i]);
        ck_assert(b.read_pj.from == (nodes[i] < 7 ? FROM_ASSUMED : FROM_SOURCE));
        before = b;
    }
}
END_TEST

START_TEST(given_energies_are_taken_as_they_are)
{
    struct buffer b;
    struct diag d = {.status = 0};
    struct cost c;
    bool good =
        open_text("source = \"a test\"; bytes = 65536; access_bits = 256; clock_mhz = 1000.0;\n"
                  "read = { energy_pj = 10.0; area_um2 = 1000.0; leakage_mw = 0.5; };\n"
                  "write = { energy_pj = 12.0; };\n",
                  &b, &d);
    ck_assert_msg(good, "%s", d.text);
    buffer_cost(&b, 3200, 1600, &c);
    ASSERT_NEAR(c.duration_ps, 100 * 1000.0, 1e-12);
    ASSERT_NEAR(cost_energy_pj(&c), 100 * 10.0 + 50 * 12.0, 1e-12);
    ASSERT_NEAR(buffer_bytes_per_ps(&b), 0.032, 1e-12);
    ck_assert(b.area_um2 == 1000 && b.leakage_mw.value == 0.5);
}
END_TEST

START_TEST(half_an_energy_is_refused)
{
    struct buffer b;
    struct diag d = {.status = 0};
    ck_assert(
        !open_text("source = \"a test\"; bytes = 65536; access_bits = 256; clock_mhz = 1000.0;\n"
                   "read = { energy_pj = 10.0; };\n",
                   &b, &d));
    ck_assert_int_eq(d.status, 2);
    d.status = 0;
    ck_assert(!open_text(
        "source = \"a test\"; bytes = 65536; access_bits = 256; clock_mhz = 1000.0;\n", &b, &d));
    ck_assert_int_eq(d.status, 2);
}
END_TEST

SUITE("buffer", the_laws_are_within_their_stated_error_of_the_cacti_runs,
      bigger_buffers_cost_more_per_access_and_in_area,
      newer_nodes_cost_less_down_to_five_nanometres, given_energies_are_taken_as_they_are,
      half_an_energy_is_refused)
