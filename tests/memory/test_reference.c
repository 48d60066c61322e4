/* Runs of Ramulator 2.1 with its own HBM2 parameters, against ours with the same (figures in the
 * reference folder beside the checkout; the suite says aloud when it is missing). */
#include <stdlib.h>

#include "tests/memory/memory_test.h"

enum { FIELDS_MAX = 48, LINE_BYTES = 2048 };

struct table {
    FILE *file;
    char head[LINE_BYTES], row[LINE_BYTES];
    char *names[FIELDS_MAX], *cells[FIELDS_MAX];
    int count;
};

static int split(char *line, char **out)
{
    int n = 0;
    line[strcspn(line, "\r\n")] = '\0';
    for (char *at = line; at && n < FIELDS_MAX; n++) {
        out[n] = at;
        bool quoted = *at == '"';
        char *end = quoted ? strchr(at + 1, '"') : at;
        at = end ? strchr(end, ',') : NULL;
        if (at)
            *at++ = '\0';
    }
    return n;
}

static bool open_table(struct table *t, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, REFERENCE "%s", name);
    t->file = fopen(path, "r");
    if (!t->file) {
        printf("SKIPPED: %s is missing, nothing was compared\n", path);
        return false;
    }
    ck_assert_ptr_nonnull(fgets(t->head, LINE_BYTES, t->file));
    t->count = split(t->head, t->names);
    return true;
}

static bool next_row(struct table *t)
{
    if (!fgets(t->row, LINE_BYTES, t->file))
        return fclose(t->file), false;
    return split(t->row, t->cells) == t->count;
}

static const char *cell(const struct table *t, const char *name)
{
    for (int i = 0; i < t->count; i++)
        if (strcmp(t->names[i], name) == 0)
            return t->cells[i];
    ck_abort_msg("no column %s", name);
    return NULL;
}

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

/* The mapping and refresh of a row as overrides of the config; the list ends with NULL. */
static void overrides_of(const char *mapping, bool refresh, const char *set[7])
{
    int n = 0;
    if (strncmp(mapping, "RoBaRaCoCh", 10) == 0) {
        set[n++] = "controller.mapping";
        set[n++] = "16r2b2g1p5c";
        set[n++] = "controller.hash";
        set[n++] = "";
    }
    if (!refresh) {
        set[n++] = "controller.refresh";
        set[n++] = "none";
    }
    set[n] = NULL;
}

/* Largest deviations seen. */
struct worst {
    double cycles, latency;
    int rows;
};

static void compare(const struct table *t, struct worst *w)
{
    const char *set[7];
    double cycles = strtod(cell(t, "cycles"), NULL),
           latency = strtod(cell(t, "avg_read_latency_ns"), NULL);
    overrides_of(cell(t, "mapping"), strcmp(cell(t, "refresh"), "AllBank") == 0, set);
    struct drive_result r =
        drive(RAMULATOR_HBM2, set, pattern_of(cell(t, "pattern")),
              strtoll(cell(t, "n_requests"), NULL, 10), strtod(cell(t, "rate_of_peak"), NULL),
              strtoll(cell(t, "channels"), NULL, 10));
    double error = fabs(r.cycles / cycles - 1);
    double late = latency > 0 ? fabs(r.avg_latency_ns / latency - 1) : 0;
    printf("  %-12s rate %-4s %s channels %-10.10s %-9s %9.0f cycles, reference %9.0f: %+.3f %%\n",
           cell(t, "pattern"), cell(t, "rate_of_peak"), cell(t, "channels"), cell(t, "mapping"),
           cell(t, "refresh"), r.cycles, cycles, (r.cycles / cycles - 1) * 100);
    w->cycles = error > w->cycles ? error : w->cycles;
    w->latency = late > w->latency ? late : w->latency;
    w->rows++;
}

static bool is_ours(const struct table *t)
{
    bool ramulator = strcmp(cell(t, "simulator"), "Ramulator2.1") == 0;
    bool one = strcmp(cell(t, "channels"), "1") == 0 ||
               strcmp(cell(t, "inject"), "single_list_in_order") != 0;
    return ramulator && one && strcmp(cell(t, "config"), "HBM2_2000") == 0;
}

static struct worst compare_all(const char *name)
{
    struct table t;
    struct worst w = {0};
    if (!open_table(&t, name))
        return w;
    while (next_row(&t))
        if (is_ours(&t))
            compare(&t, &w);
    printf("%s: %d rows, cycles within %.4f %%, mean read latency within %.4f %%\n", name, w.rows,
           w.cycles * 100, w.latency * 100);
    return w;
}

START_TEST(cycles_and_latency_are_those_of_ramulator)
{
    struct worst w = compare_all("simulator_runs.csv");
    ck_assert(w.rows == 0 || w.rows >= 35);
    ck_assert_msg(w.cycles < 1e-4 && w.latency < 1e-4, "cycles %g, latency %g", w.cycles,
                  w.latency);
}
END_TEST

START_TEST(a_million_requests_on_eight_channels_are_those_of_ramulator)
{
    struct worst w = compare_all("ref_long.csv");
    ck_assert(w.rows == 0 || w.rows >= 3);
    ck_assert_msg(w.cycles < 1e-4 && w.latency < 1e-4, "cycles %g, latency %g", w.cycles,
                  w.latency);
}
END_TEST

START_TEST(saved_traces_end_when_ramulator_ends_them)
{
    struct table t;
    int rows = 0;
    if (!open_table(&t, "ref_trace.csv"))
        return;
    while (next_row(&t)) {
        char path[512];
        const char *set[7];
        if (strcmp(cell(&t, "simulator"), "Ramulator2.1") != 0 ||
            strcmp(cell(&t, "config"), "HBM2_2000") != 0)
            continue;
        snprintf(path, sizeof path, REFERENCE "%s.txt.gz", cell(&t, "trace"));
        overrides_of(cell(&t, "mapping"), true, set);
        struct drive_result r = drive(RAMULATOR_HBM2, set, path, 0, 1, 0);
        double cycles = strtod(cell(&t, "cycles"), NULL);
        printf("  %s %s: %.0f cycles, reference %.0f\n", cell(&t, "trace"), cell(&t, "mapping"),
               r.cycles, cycles);
        ASSERT_NEAR(r.cycles, cycles, 1e-4);
        rows++;
    }
    ck_assert_int_ge(rows, 4);
}
END_TEST

SUITE("dram against runs of Ramulator 2.1", cycles_and_latency_are_those_of_ramulator,
      a_million_requests_on_eight_channels_are_those_of_ramulator,
      saved_traces_end_when_ramulator_ends_them)
