/* Records of known misses: each stands for a figure that is judged and beyond its limit. */
#include <string.h>

#include "core/validate/macro_points.h"
#include "core/validate/statistics.h"
#include "tests/check_main.h"

static const struct judged_list *silicon(struct arena *a)
{
    struct judged_list *rows = ARENA_NEW(a, struct judged_list);
    struct diag d = {0};
    size_t filled;
    judged_open(rows, a);
    ck_assert_msg(suite_fill("silicon", rows, &filled, &d), "%s:%d: %s", d.file, d.line, d.text);
    return rows;
}

/* Rows of the case, or of a point of it, that carry this record. */
static int rows_with(const struct judged_list *rows, const char *name, const char *reason,
                     double value)
{
    size_t length = strlen(name);
    int count = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const struct judged *j = &rows->rows[i];
        bool is_case = !strncmp(j->case_name, name, length) &&
                       (j->case_name[length] == '\0' || j->case_name[length] == '@');
        count += is_case && j->known_miss && !strcmp(j->known_miss, reason) &&
                 j->known_value == value && judged_verdict(j) == VERDICT_KNOWN_MISS;
    }
    return count;
}

static struct published published_in(struct arena *a, const char *path)
{
    struct published p;
    struct cfg *c;
    struct diag d = {0};
    bool found;
    ck_assert_msg(cfg_open(a, path, NULL, 0, &c, &d), "%s: %s", path, d.text);
    ck_assert_msg(published_read(a, cfg_root(c), &p, &found, &d), "%s: %s", path, d.text);
    cfg_close(c);
    return p;
}

START_TEST(every_record_in_a_config_is_of_one_figure_that_misses)
{
    static const char *const roles[] = {"macro", "accelerator", "chip"};
    struct arena *a = arena_open();
    const struct judged_list *rows = silicon(a);
    int records = 0;
    for (size_t r = 0; r < COUNT_OF(roles); r++) {
        struct judged_files files = judged_files(rows, roles[r]);
        for (size_t f = 0; f < files.count; f++) {
            const char *name = judged_base_name(a, files.paths[f]);
            struct published p = published_in(a, files.paths[f]);
            for (size_t m = 0; m < p.miss_count; m++, records++)
                ck_assert_msg(rows_with(rows, name, p.misses[m].reason, p.misses[m].value) == 1,
                              "%s: %d rows for '%s'", files.paths[f],
                              rows_with(rows, name, p.misses[m].reason, p.misses[m].value),
                              p.misses[m].metric);
        }
    }
    ck_assert_int_ge(records, 8);
    arena_close(a);
}
END_TEST

START_TEST(every_record_of_a_measured_point_is_of_a_figure_that_misses)
{
    struct arena *a = arena_open();
    const struct judged_list *rows = silicon(a);
    struct macro_points points;
    struct diag d = {0};
    int records = 0;
    ck_assert_msg(macro_points_read(a, &points, &d), "%s", d.text);
    for (size_t i = 0; i < points.count; i++) {
        const struct macro_point *p = &points.at[i];
        if (!p->known_miss)
            continue;
        records++;
        ck_assert_msg(rows_with(rows, p->chip, p->known_miss, p->known_value) == 1, "%s %s",
                      p->chip, p->metric);
    }
    ck_assert_int_ge(records, 1);
    arena_close(a);
}
END_TEST

/* A limit whose statistic nobody computes would hold for ever. */
START_TEST(every_limit_of_the_suite_has_its_statistic)
{
    static const char *const suites[] = {
#define LIMIT(suite, family, metric, kind, statistic, side, limit, recorded, reason) #suite,
#include "core/validate/statistic_limits.def"
#undef LIMIT
    };
    struct arena *a = arena_open();
    const struct statistics_list families = statistics_by_family(a, silicon(a));
    size_t limits = 0;
    for (size_t i = 0; i < COUNT_OF(suites); i++)
        limits += !strcmp(suites[i], "silicon");
    ck_assert_uint_eq(statistics_judge(a, "silicon", &families).count, limits);
    arena_close(a);
}
END_TEST

SUITE("known misses", every_record_in_a_config_is_of_one_figure_that_misses,
      every_record_of_a_measured_point_is_of_a_figure_that_misses,
      every_limit_of_the_suite_has_its_statistic)
