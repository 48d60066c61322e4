/* check_main.h — one Check suite per test file.
 *
 * A file lists its tests once:
 *     SUITE("network", a_packet_arrives_after_its_hops, ...)
 * Each test is a START_TEST whose name is the promise it checks. */
#ifndef CIMARRON_CHECK_MAIN_H
#define CIMARRON_CHECK_MAIN_H

#include <check.h>
#include <math.h>
#include <stdlib.h>

#define ASSERT_NEAR(actual, expected, relative)                                                    \
    do {                                                                                           \
        double actual_ = (actual), expected_ = (expected);                                         \
        ck_assert_msg(fabs(actual_ - expected_) <= (relative)*fabs(expected_),                     \
                      "%s is %.10g, expected %.10g within %g", #actual, actual_, expected_,        \
                      (double)(relative));                                                         \
    } while (0)

/* Runs the tests, each in a process of its own between `before` and `after` (NULL: nothing). */
static inline int check_run_each(const char *name, const TTest *const *tests, size_t count,
                                 void (*before)(void), void (*after)(void))
{
    Suite *suite = suite_create(name);
    TCase *cases = tcase_create(name);
    tcase_set_timeout(cases, 120);
    if (before && after)
        tcase_add_checked_fixture(cases, before, after);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(cases, tests[i]);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* The same; what stands before is done once for all of them. */
static inline int check_run(const char *name, const TTest *const *tests, size_t count)
{
    return check_run_each(name, tests, count, NULL, NULL);
}

#define SUITE(suite_name, ...)                                                                     \
    int main(void)                                                                                 \
    {                                                                                              \
        const TTest *const tests[] = {__VA_ARGS__};                                                \
        return check_run(suite_name, tests, sizeof tests / sizeof tests[0]);                       \
    }

#endif
