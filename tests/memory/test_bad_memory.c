/* Broken memories: every folder tests/bad/memory-CASE holds an in.cfg and, in `error`, the one line
 * that it must be refused with. */
#include "tests/bad_inputs.h"
#include "tests/memory/memory_test.h"

static bool read_memory(struct arena *a, const struct cfg_group *g, struct diag *d)
{
    struct memory *m;
    return memory_open(a, g, &m, d);
}

START_TEST(every_broken_memory_is_refused_with_its_sentence)
{
    bad_configs_walk("memory-", 17, read_memory);
}
END_TEST

START_TEST(every_shipped_memory_opens)
{
    static const char *const paths[] = {HBM2, RAMULATOR_HBM2, "configs/memory/hbm2_2400.cfg",
                                        "configs/memory/hbm3_6400.cfg",
                                        "configs/memory/ddr4_2400.cfg"};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        struct arena *a = arena_open();
        struct memory *m = open_memory(a, paths[i], NULL);
        ck_assert(m->capacity_bytes >= INT64_C(1) << 31 && m->peak_bytes_per_ps > 0.01);
        ck_assert(m->background_mw > 0 && m->stream_pj_per_bit.value > 1);
        arena_close(a);
    }
}
END_TEST

START_TEST(every_kind_has_a_schema)
{
    size_t i = 0;
    for (const struct memory_kind *k; (k = memory_kind_at(i)); i++)
        ck_assert(k->kind && k->help && k->schema && k->open);
    ck_assert_uint_ge(i, 1);
}
END_TEST

SUITE("bad memories", every_broken_memory_is_refused_with_its_sentence, every_shipped_memory_opens,
      every_kind_has_a_schema)
