/* Runs of Ramulator 2.1 with its own parameters, against ours with the same. */
#include <stdlib.h>
#include <unistd.h>

#include "tests/data_table.h"
#include "tests/memory/memory_test.h"

static const char *pattern_of(const char *reference)
{
    static const char *const names[][2] = {{"stream_rd", "stream-read"},
                                           {"stream_wr", "stream-write"},
                                           {"stream_mix21", "mix21"},
                                           {"stride256", "stride-256"},
                                           {"stride4k", "stride-4096"},
                                           {"stride64k", "stride-65536"},
                                           {"random_rd", "random"},
                                           {"random_mix21", "random-mix21"},
                                           {"chase", "chase"}};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcmp(names[i][0], reference) == 0)
            return names[i][1];
    ck_abort_msg("unknown pattern %s", reference);
    return NULL;
}

/* A part that both simulate: where its banks lie in each of the two mappings, and what the shipped
 * controller has and Ramulator's has not. */
struct simulated {
    const char *path, *by_row, *by_xor, *hash;
    bool shipped;
};

enum lists { PER_CHANNEL, ONE_LIST };

static const struct simulated hbm2 = {RAMULATOR_HBM2, "16r2b2g1p5c", "16r3c2b2g1p2c",
                                      "p0^c0 g0^c1 g1^c2 b0^c3 b1^c4", false};
static const struct simulated hbm3 = {"configs/memory/hbm3_6400.cfg", "14r2b2g1s1p5c",
                                      "14r3c2b2g1s1p2c", "p0^c0 s0^c1 g0^c2 g1^c3 b0^c4", true};

enum { OVERRIDES = 15 }; /* paths, values and the NULL at the end */

static void put(const char *set[OVERRIDES], int *n, const char *path, const char *value)
{
    set[(*n)++] = path;
    set[(*n)++] = value;
}

/* The mapping and refresh of a row as overrides of the config; the list ends with NULL. */
static void overrides_of(const struct simulated *p, const char *mapping, bool refresh,
                         const char *set[OVERRIDES])
{
    int n = 0;
    bool by_row = strncmp(mapping, "RoBaRaCoCh", 10) == 0;
    put(set, &n, "controller.mapping", by_row ? p->by_row : p->by_xor);
    put(set, &n, "controller.hash", by_row ? "" : p->hash);
    if (!refresh)
        put(set, &n, "controller.refresh", "none");
    if (p->shipped) {
        put(set, &n, "controller.interleave_bytes", "32");
        put(set, &n, "controller.write_wait", "0");
    }
    set[n] = NULL;
}

/* Largest deviations seen. */
struct worst {
    double cycles, latency;
    int rows;
};

/* Mean read latency in cycles over the reference's, which gives it in ns or in cycles. */
static double latency_ratio(const struct csv_table *t, size_t row, const struct drive_result *r)
{
    bool in_cycles = csv_column(t, "avg_read_latency_cycles") >= 0;
    double theirs =
        data_number(t, row, in_cycles ? "avg_read_latency_cycles" : "avg_read_latency_ns");
    double ours = r->avg_latency_ns * (in_cycles ? r->cycles / r->time_ns : 1);
    return theirs > 0 ? ours / theirs : 1;
}

static void compare(const struct simulated *p, const struct csv_table *t, size_t row,
                    enum lists lists, struct worst *w)
{
    const char *set[OVERRIDES], *pattern = data_text(t, row, "pattern");
    const char *mapping = data_text(t, row, "mapping"), *refresh = data_text(t, row, "refresh");
    double cycles = data_number(t, row, "cycles"), rate = data_number(t, row, "rate_of_peak");
    int64_t channels = (int64_t)data_number(t, row, "channels");
    overrides_of(p, mapping, strcmp(refresh, "AllBank") == 0, set);
    struct drive_options o = {.pattern = pattern_of(pattern),
                              .requests = (int64_t)data_number(t, row, "n_requests"),
                              .rate = rate,
                              .channels = channels,
                              .one_list = lists == ONE_LIST,
                              .seed = 1};
    struct drive_result r = drive_by(p->path, set, &o);
    double error = fabs(r.cycles / cycles - 1), late = fabs(latency_ratio(t, row, &r) - 1);
    printf("  %-12s rate %-4g %d channels %-10.10s %-9s %9.0f cycles, reference %9.0f: %+.3f %%\n",
           pattern, rate, (int)channels, mapping, refresh, r.cycles, cycles,
           (r.cycles / cycles - 1) * 100);
    w->cycles = error > w->cycles ? error : w->cycles;
    w->latency = late > w->latency ? late : w->latency;
    w->rows++;
}

static struct worst compare_all(const struct simulated *p, const char *name, enum lists lists)
{
    struct arena *a = arena_open();
    struct csv_table t = data_table(a, name);
    struct worst w = {0};
    for (size_t i = 0; i < t.rows; i++)
        compare(p, &t, i, lists, &w);
    printf("%s: %d rows, cycles within %.4f %%, mean read latency within %.4f %%\n", name, w.rows,
           w.cycles * 100, w.latency * 100);
    arena_close(a);
    return w;
}

START_TEST(cycles_and_latency_are_those_of_ramulator)
{
    struct worst w = compare_all(&hbm2, "ramulator_runs.csv", PER_CHANNEL);
    ck_assert_int_eq(w.rows, 40);
    ck_assert_msg(w.cycles < 1e-4 && w.latency < 1e-4, "cycles %g, latency %g", w.cycles,
                  w.latency);
}
END_TEST

/* Commands only on the edges that the standard gives them: every run ends in the same cycle. */
START_TEST(cycles_on_both_edges_of_hbm3_are_those_of_ramulator)
{
    struct worst w = compare_all(&hbm3, "ramulator_hbm3.csv", PER_CHANNEL);
    ck_assert_int_eq(w.rows, 38);
    ck_assert_double_eq(w.cycles, 0);
    ck_assert_double_le(w.latency, 1e-5);
}
END_TEST

/* Eight and sixteen channels behind one list in order. */
START_TEST(channels_behind_one_list_end_when_those_of_ramulator_do)
{
    struct worst two = compare_all(&hbm2, "ramulator_hbm2_list.csv", ONE_LIST);
    struct worst three = compare_all(&hbm3, "ramulator_hbm3_list.csv", ONE_LIST);
    ck_assert_int_eq(two.rows, 24);
    ck_assert_int_eq(three.rows, 26);
    ck_assert_double_eq(two.cycles, 0);
    ck_assert_double_eq(three.cycles, 0);
    ck_assert(two.latency < 1e-5 && three.latency < 1e-5);
}
END_TEST

START_TEST(a_million_requests_on_eight_channels_are_those_of_ramulator)
{
    struct worst w = compare_all(&hbm2, "ramulator_long.csv", PER_CHANNEL);
    ck_assert_int_eq(w.rows, 3);
    ck_assert_msg(w.cycles < 1e-4 && w.latency < 1e-4, "cycles %g, latency %g", w.cycles,
                  w.latency);
}
END_TEST

/* `rows` bursts of 64 B, `pitch` bytes apart. */
static void write_tile(FILE *f, char kind, int64_t at, int rows, int64_t pitch)
{
    for (int i = 0; i < rows; i++)
        fprintf(f, "%c 0x%llx\n", kind, (unsigned long long)(at + i * pitch));
}

/* C (int32) += A B (int8), 256 x 256 each, in tiles of 64: a tile of B stays while those of A pass.
 */
static void write_product(FILE *f)
{
    for (int64_t n = 0; n < 4; n++)
        for (int64_t k = 0; k < 4; k++) {
            write_tile(f, 'R', 0x1000000 + 64 * (256 * k + n), 64, 256);
            for (int64_t m = 0; m < 4; m++) {
                int64_t sums = 0x2000000 + 64 * (1024 * m + 4 * n);
                write_tile(f, 'R', 64 * (256 * m + k), 64, 256);
                for (int64_t row = 0; k > 0 && row < 64; row++)
                    write_tile(f, 'R', sums + 1024 * row, 4, 64);
                for (int64_t row = 0; row < 64; row++)
                    write_tile(f, 'W', sums + 1024 * row, 4, 64);
            }
        }
}

/* Every third a write, addresses of a linear congruential sequence within 256 MiB. */
static void write_random(FILE *f)
{
    uint64_t x = 1;
    for (int i = 0; i < 20000; i++) {
        x = x * 6364136223846793005 + 1442695040888963407;
        write_tile(f, i % 3 == 2 ? 'W' : 'R', (int64_t)(((x >> 33) % (1 << 22)) * 64), 1, 0);
    }
}

static double cycles_of_trace(const char *name, const char *mapping)
{
    const char *set[OVERRIDES];
    struct arena *a = arena_open();
    const char *path = arena_printf(a, "/tmp/cimarron-test-requests-%ld.txt", (long)getpid());
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    if (strcmp(name, "gemm256_ws64") == 0)
        write_product(f);
    else
        write_random(f);
    fclose(f);
    overrides_of(&hbm2, mapping, true, set);
    struct drive_result r = drive(RAMULATOR_HBM2, set, path, 0, 1, 0);
    unlink(path);
    arena_close(a);
    return r.cycles;
}

START_TEST(request_traces_end_when_ramulator_ends_them)
{
    struct arena *a = arena_open();
    struct csv_table t = data_table(a, "ramulator_traces.csv");
    ck_assert_uint_eq(t.rows, 4);
    for (size_t i = 0; i < t.rows; i++)
        ASSERT_NEAR(cycles_of_trace(data_text(&t, i, "trace"), data_text(&t, i, "mapping")),
                    data_number(&t, i, "cycles"), 1e-4);
    arena_close(a);
}
END_TEST

SUITE("dram against runs of Ramulator 2.1", cycles_and_latency_are_those_of_ramulator,
      cycles_on_both_edges_of_hbm3_are_those_of_ramulator,
      channels_behind_one_list_end_when_those_of_ramulator_do,
      a_million_requests_on_eight_channels_are_those_of_ramulator,
      request_traces_end_when_ramulator_ends_them)
