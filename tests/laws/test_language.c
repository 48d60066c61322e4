/* The laws of the books for language models: every token sample on every chip, once.
 *
 * Those that a chip cannot hold are told with what it lacks.  Weights beyond half a billion
 * elements take minutes under a sanitizer: of these only the refusals are asked for. */
#include "tests/laws/matrix.h"

static const double WEIGHTS_PLAYED_MAX = 5e8;

static bool is_small(const char *sample)
{
    struct arena *a = arena_open();
    struct trace t;
    struct diag d = {.status = 0};
    const char *path = run_find_trace(a, sample, &d);
    if (!path || !trace_load(a, path, 100000, &t, &d))
        child_fail(d.text);
    bool small = trace_weights(&t) <= WEIGHTS_PLAYED_MAX;
    arena_close(a);
    return small;
}

/* What is said per token follows from the whole. */
static void tokens_add_up(const json_t *r)
{
    double energy_j = number(r, "energy_j"), time_s = number(r, "time_s");
    double tokens = json_number_value(json_object_get(json_object_get(r, "work"), "count"));
    ASSERT_NEAR(number(r, "tokens_per_s"), tokens / time_s, 1e-12);
    ASSERT_NEAR(number(r, "j_per_token"), energy_j / tokens, 1e-12);
}

START_TEST(the_books_of_language_models_balance)
{
    struct names chips = names_in("configs/chip", ".cfg"), samples = samples_of("token");
    size_t played = 0;
    for (size_t c = 0; c < chips.count; c++)
        for (size_t s = 0; s < samples.count; s++) {
            if (!is_small(samples.at[s]))
                continue;
            struct request q = {chips.at[c], samples.at[s], 1, false};
            json_t *r = evaluated(&q);
            if (held(r)) {
                books_balance(r);
                tokens_add_up(r);
                played++;
            } else {
                printf("%s on %s: %s\n", q.trace, q.chip,
                       json_string_value(json_object_get(r, "refused")));
            }
            json_decref(r);
        }
    ck_assert_uint_ge(played, 4);
    names_free(&chips);
    names_free(&samples);
}
END_TEST

START_TEST(models_that_memory_cannot_hold_are_refused)
{
    static const char *const too_large[] = {"gpt3_175b_decode", "llama2_70b_decode"};
    for (size_t i = 0; i < COUNT_OF(too_large); i++) {
        struct request q = {"dcim_5nm", too_large[i], 1, false};
        json_t *r = evaluated(&q);
        const char *why = json_string_value(json_object_get(r, "refused"));
        ck_assert_ptr_nonnull(why);
        ck_assert_ptr_nonnull(strstr(why, "does not fit: weights and caches need"));
        json_decref(r);
    }
}
END_TEST

SUITE("language models", the_books_of_language_models_balance,
      models_that_memory_cannot_hold_are_refused)
