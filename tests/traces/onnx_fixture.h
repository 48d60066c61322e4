/* onnx_fixture.h — a suite of the ONNX importer: every test begins with an empty net and ends with
 * its trace, or with the sentence that it is refused with. */
#ifndef CIMARRON_TESTS_ONNX_FIXTURE_H
#define CIMARRON_TESTS_ONNX_FIXTURE_H

#include "tests/traces/onnx_build.h"

#define ASSERT_SHAPE(shape, ...)                                                                   \
    do {                                                                                           \
        const int64_t want_[] = {__VA_ARGS__};                                                     \
        ck_assert_int_eq((shape).dims, (int)(sizeof want_ / sizeof want_[0]));                     \
        for (int i_ = 0; i_ < (shape).dims; i_++)                                                  \
            ck_assert_int_eq((shape).dim[i_], want_[i_]);                                          \
    } while (0)

static struct arena *a;
static struct import_options o;
static struct trace t;
static struct net *n;

static void open_all(void)
{
    a = arena_open();
    o = plain_options();
    n = net_open(13);
}

static void close_all(void)
{
    arena_close(a);
}

/* x of [1, 3, 8, 8] into a 3x3 convolution with 4 filters. */
static inline Onnx__NodeProto *first_conv(void)
{
    net_input(n, "x", INTS(1, 3, 8, 8));
    net_weight(n, "w", INTS(4, 3, 3, 3));
    return net_node(n, "Conv", "conv", "x w", "y");
}

static inline void finish(void)
{
    net_import(n, a, &o, &t);
}

static inline void refuse(const char *sentence)
{
    struct diag d = {.status = 0};
    ck_assert(!net_try(n, a, &o, &t, &d));
    ck_assert_int_eq(d.status, 2);
    ck_assert_str_eq(d.file, "net.onnx");
    ck_assert_msg(strstr(d.text, sentence) != NULL, "'%s' does not say '%s'", d.text, sentence);
}

#define ONNX_SUITE(suite_name, ...)                                                                \
    int main(void)                                                                                 \
    {                                                                                              \
        const TTest *const tests[] = {__VA_ARGS__};                                                \
        return check_run_each(suite_name, tests, sizeof tests / sizeof tests[0], open_all,         \
                              close_all);                                                          \
    }

#endif
