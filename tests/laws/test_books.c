/* The books balance: laws that hold for every image network of the samples on every shipped chip
 * and package that can hold it.  tests/shell/books.sh adds up the books of every sample.
 */
#include "core/system/system.h"
#include "tests/laws/matrix.h"
#include "traces/trace.h"

static struct names chips, samples;
static json_t *results[NAMES_MAX][NAMES_MAX][BATCHES]; /* chip, sample, batch */

static void run_all(void)
{
    chips = shipped_systems();
    samples = samples_of("image");
    for (size_t c = 0; c < chips.count; c++)
        for (size_t s = 0; s < samples.count; s++)
            for (size_t b = 0; b < BATCHES; b++) {
                struct request r = {chips.at[c], samples.at[s], batches[b], false};
                results[c][s][b] = evaluated(&r);
            }
}

/* `o` runs over all results of runs that took place. */
#define FOR_EACH_RUN(o)                                                                            \
    for (size_t c = 0; c < chips.count; c++)                                                       \
        for (size_t s = 0; s < samples.count; s++)                                                 \
            for (size_t b = 0; b < BATCHES; b++)                                                   \
                for (const json_t *o = results[c][s][b]; o && held(o); o = NULL)

#define CHECK_RUN(condition, format, ...)                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            printf("  %s, %s, batch %lld: " format "\n", chips.at[c], samples.at[s],               \
                   (long long)batches[b], __VA_ARGS__);                                            \
            wrong++;                                                                               \
        }                                                                                          \
    } while (0)

#define END_CHECK()                                                                                \
    do {                                                                                           \
        fflush(stdout);                                                                            \
        ck_assert_int_eq(wrong, 0);                                                                \
    } while (0)

static bool near(double a, double b, double relative)
{
    return fabs(a - b) <= relative * fabs(b);
}

/* The sum of a key over the layers. */
static double sum_over_layers(const json_t *run, const char *key)
{
    size_t i;
    json_t *row;
    double sum = 0;
    json_array_foreach(json_object_get(run, "layers"), i, row) sum += number(row, key);
    return sum;
}

/* --- what fits ------------------------------------------------------------------------------- */

START_TEST(every_image_network_runs_on_every_chip_or_is_said_not_to_fit)
{
    int wrong = 0;
    for (size_t c = 0; c < chips.count; c++)
        for (size_t s = 0; s < samples.count; s++)
            for (size_t b = 0; b < BATCHES; b++) {
                const json_t *o = results[c][s][b];
                if (held(o))
                    continue;
                const char *why = json_string_value(json_object_get(o, "refused"));
                if (b == 0)
                    printf("  %s on %s: %s\n", samples.at[s], chips.at[c], why);
                bool is_too_small = strncmp(why, "does not fit: ", 14) == 0 &&
                                    strstr(why, " has ") && strstr(why, " need");
                bool is_too_narrow = strstr(why, "-bit activations with ") != NULL;
                CHECK_RUN(number(o, "status") == 1 && (is_too_small || is_too_narrow),
                          "refused with status %g: %s", number(o, "status"), why);
            }
    END_CHECK();
}
END_TEST

START_TEST(what_fits_once_fits_in_every_batch)
{
    int wrong = 0;
    for (size_t c = 0; c < chips.count; c++)
        for (size_t s = 0; s < samples.count; s++)
            for (size_t b = 1; b < BATCHES; b++)
                CHECK_RUN(held(results[c][s][b]) == held(results[c][s][0]), "%s",
                          held(results[c][s][b]) ? "fits, alone it does not" : "does not fit");
    END_CHECK();
}
END_TEST

START_TEST(a_chip_with_a_weight_memory_holds_every_image_network)
{
    int wrong = 0, seen = 0;
    for (size_t c = 0; c < chips.count; c++) {
        struct arena *a = arena_open();
        struct system *chip;
        struct diag d = {.status = 0};
        ck_assert_msg(system_open(a, chips.at[c], NULL, 0, &chip, &d), "%s", d.text);
        for (size_t s = 0, b = 0; chip->can_reload && s < samples.count; s++, seen++)
            CHECK_RUN(held(results[c][s][b]), "%s", "is refused");
        arena_close(a);
    }
    END_CHECK();
    ck_assert_int_ge(seen, 10);
}
END_TEST

/* --- energy ---------------------------------------------------------------------------------- */

START_TEST(the_energies_of_the_parts_sum_to_the_total)
{
    int wrong = 0;
    FOR_EACH_RUN(o)
    {
        double sum = sum_of(json_object_get(o, "energy_by_part_j")), all = number(o, "energy_j");
        CHECK_RUN(near(sum, all, 1e-9), "parts sum to %.12g J, the total is %.12g J", sum, all);
    }
    END_CHECK();
}
END_TEST

START_TEST(the_energies_of_the_layers_sum_to_the_total)
{
    int wrong = 0;
    FOR_EACH_RUN(o)
    {
        double sum = sum_over_layers(o, "energy_j"), all = number(o, "energy_j");
        CHECK_RUN(near(sum, all, 1e-9), "layers sum to %.12g J, the total is %.12g J", sum, all);
    }
    END_CHECK();
}
END_TEST

START_TEST(no_part_and_no_layer_gives_energy_back)
{
    int wrong = 0;
    FOR_EACH_RUN(o)
    {
        const char *part;
        json_t *x;
        size_t i;
        json_object_foreach(json_object_get(o, "energy_by_part_j"), part, x)
            CHECK_RUN(json_number_value(x) >= 0, "%s: %g J", part, json_number_value(x));
        json_array_foreach(json_object_get(o, "layers"), i, x)
            CHECK_RUN(number(x, "energy_j") >= 0, "layer %zu: %g J", i, number(x, "energy_j"));
        double assumed = number(o, "assumed_energy_fraction");
        CHECK_RUN(assumed >= 0 && assumed <= 1, "assumed: %g", assumed);
    }
    END_CHECK();
}
END_TEST

START_TEST(every_layer_with_multiplications_takes_energy_and_arrays)
{
    int wrong = 0;
    FOR_EACH_RUN(o)
    {
        size_t i;
        json_t *x;
        json_array_foreach(json_object_get(o, "layers"), i, x) if (number(x, "ops") > 0) CHECK_RUN(
            number(x, "energy_j") > 0 && number(x, "arrays") > 0, "layer %zu: %g J on %g arrays", i,
            number(x, "energy_j"), number(x, "arrays"));
    }
    END_CHECK();
}
END_TEST

/* --- time ------------------------------------------------------------------------------------ */

START_TEST(the_causes_sum_to_the_time)
{
    int wrong = 0;
    FOR_EACH_RUN(o)
    {
        double sum = sum_of(json_object_get(o, "time_by_cause_s")), all = number(o, "time_s");
        CHECK_RUN(near(sum, all, 1e-9), "causes sum to %.12g s, the run takes %.12g s", sum, all);
    }
    END_CHECK();
}
END_TEST

START_TEST(layers_lie_within_the_run)
{
    int wrong = 0;
    FOR_EACH_RUN(o)
    {
        size_t i;
        json_t *x;
        json_array_foreach(json_object_get(o, "layers"), i, x)
        {
            if (!json_is_number(json_object_get(x, "start_s")))
                continue;
            double from = number(x, "start_s"), to = number(x, "end_s");
            CHECK_RUN(from >= 0 && from <= to && to <= number(o, "time_s") * (1 + 1e-12),
                      "layer %zu lasts from %g to %g s of %g s", i, from, to, number(o, "time_s"));
        }
    }
    END_CHECK();
}
END_TEST

START_TEST(no_run_beats_its_lower_bound)
{
    int wrong = 0;
    FOR_EACH_RUN(o)
    {
        double bound = number(o, "lower_bound_s"), took = number(o, "time_s");
        CHECK_RUN(bound > 0 && bound <= took, "%.9g s, the bound by %s is %.9g s", took,
                  json_string_value(json_object_get(o, "lower_bound_by")), bound);
    }
    END_CHECK();
}
END_TEST

START_TEST(the_first_sample_comes_before_the_last)
{
    int wrong = 0;
    FOR_EACH_RUN(o)
    {
        double first = number(o, "latency_s"), all = number(o, "time_s");
        CHECK_RUN(b == 0 ? near(first, all, 1e-12) : first > 0 && first <= all,
                  "the first after %g s, all after %g s", first, all);
        CHECK_RUN(json_is_null(json_object_get(o, "interval_s")) == (b == 0), "%s",
                  "an interval stands where one sample runs, or none where several do");
    }
    END_CHECK();
}
END_TEST

/* --- work ------------------------------------------------------------------------------------ */

/* Output elements x K / groups, counted from the shapes alone. */
static double macs_of(const struct op *o)
{
    double macs = 0;
    if (o->kind == OP_CONV2D) {
        macs = (double)(o->in.dim[1] / o->u.conv.groups * o->u.conv.kernel[0]);
        macs *= o->u.conv.kernel[1];
        for (int i = 0; i < o->out.dims; i++)
            macs *= (double)o->out.dim[i];
    } else if (o->kind == OP_MATMUL) {
        macs = (double)o->u.matmul.batch * (double)o->u.matmul.m;
        macs *= (double)o->u.matmul.k * (double)o->u.matmul.n;
    }
    return macs;
}

static double macs_in(const char *sample)
{
    struct arena *a = arena_open();
    struct trace t;
    struct diag d = {.status = 0};
    double macs = 0;
    const char *path = run_find_trace(a, sample, &d);
    ck_assert_msg(path && trace_load(a, path, 100000, &t, &d), "%s", d.text);
    for (size_t i = 0; i < t.count; i++)
        macs += macs_of(&t.ops[i]);
    arena_close(a);
    return macs;
}

START_TEST(ops_are_twice_the_multiplications_of_the_trace)
{
    int wrong = 0;
    double macs[NAMES_MAX];
    for (size_t s = 0; s < samples.count; s++)
        macs[s] = macs_in(samples.at[s]);
    FOR_EACH_RUN(o)
    {
        double expected = 2 * macs[s] * (double)batches[b];
        CHECK_RUN(near(number(o, "ops"), expected, 1e-12), "%.15g ops, by the shapes %.15g",
                  number(o, "ops"), expected);
        CHECK_RUN(near(sum_over_layers(o, "ops"), expected, 1e-12), "%.15g ops in the layers",
                  sum_over_layers(o, "ops"));
    }
    END_CHECK();
}
END_TEST

START_TEST(figures_follow_from_time_energy_and_ops)
{
    int wrong = 0;
    FOR_EACH_RUN(o)
    {
        double t = number(o, "time_s"), j = number(o, "energy_j"), ops = number(o, "ops");
        CHECK_RUN(near(number(o, "power_w"), j / t, 1e-12), "power_w %g", number(o, "power_w"));
        CHECK_RUN(near(number(o, "tops"), ops / t * 1e-12, 1e-12), "tops %g", number(o, "tops"));
        CHECK_RUN(near(number(o, "tops_per_w"), ops / j * 1e-12, 1e-12), "tops_per_w %g",
                  number(o, "tops_per_w"));
        CHECK_RUN(near(number(o, "images_per_s"), (double)batches[b] / t, 1e-12), "images_per_s %g",
                  number(o, "images_per_s"));
    }
    END_CHECK();
}
END_TEST

START_TEST(no_array_is_used_more_than_wholly)
{
    int wrong = 0;
    FOR_EACH_RUN(o)
    {
        size_t i;
        json_t *x;
        CHECK_RUN(number(o, "array_utilization") <= 1 && number(o, "array_utilization") > 0,
                  "the arrays are used %g", number(o, "array_utilization"));
        CHECK_RUN(number(o, "arrays_used") <= number(o, "arrays"), "%g arrays of %g",
                  number(o, "arrays_used"), number(o, "arrays"));
        json_array_foreach(json_object_get(o, "layers"), i, x)
        {
            double u = json_number_value(json_object_get(x, "utilization"));
            CHECK_RUN(u <= 1.0001, /* steps last whole picoseconds */
                      "layer %zu uses its arrays %g", i, u);
        }
    }
    END_CHECK();
}
END_TEST

START_TEST(no_run_beats_the_peak_at_its_own_bits_and_data)
{
    int wrong = 0;
    FOR_EACH_RUN(o)
    {
        double tops = number(o, "peak_tops"), per_w = number(o, "peak_tops_per_w");
        const json_t *steady = json_object_get(o, "steady");
        CHECK_RUN(number(o, "tops") <= tops, "%.4g TOPS, the peak %.4g", number(o, "tops"), tops);
        CHECK_RUN(number(o, "tops_per_w") <= per_w, "%.4g TOPS/W, the peak %.4g",
                  number(o, "tops_per_w"), per_w);
        if (json_is_object(steady))
            CHECK_RUN(number(steady, "tops") <= tops && number(steady, "tops_per_w") <= per_w,
                      "steady %.4g TOPS at %.4g TOPS/W, the peak %.4g at %.4g",
                      number(steady, "tops"), number(steady, "tops_per_w"), tops, per_w);
    }
    END_CHECK();
}
END_TEST

/* --- batches --------------------------------------------------------------------------------- */

START_TEST(doubling_the_batch_never_lowers_time_or_energy)
{
    int wrong = 0;
    FOR_EACH_RUN(o)
    {
        const json_t *half = b ? results[c][s][b - 1] : o;
        CHECK_RUN(number(o, "time_s") >= number(half, "time_s"), "%g s, half of it takes %g s",
                  number(o, "time_s"), number(half, "time_s"));
        CHECK_RUN(number(o, "energy_j") >= number(half, "energy_j"), "%g J, half of it takes %g J",
                  number(o, "energy_j"), number(half, "energy_j"));
    }
    END_CHECK();
}
END_TEST

START_TEST(a_batch_takes_no_more_than_its_samples_one_by_one)
{
    int wrong = 0;
    FOR_EACH_RUN(o)
    {
        double n = (double)batches[b] * (1 + 1e-9);
        CHECK_RUN(number(o, "time_s") <= n * number(results[c][s][0], "time_s"),
                  "%g s, one takes %g s", number(o, "time_s"), number(results[c][s][0], "time_s"));
        CHECK_RUN(number(o, "energy_j") <= n * number(results[c][s][0], "energy_j"),
                  "%g J, one takes %g J", number(o, "energy_j"),
                  number(results[c][s][0], "energy_j"));
    }
    END_CHECK();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {every_image_network_runs_on_every_chip_or_is_said_not_to_fit,
                                  what_fits_once_fits_in_every_batch,
                                  a_chip_with_a_weight_memory_holds_every_image_network,
                                  the_energies_of_the_parts_sum_to_the_total,
                                  the_energies_of_the_layers_sum_to_the_total,
                                  no_part_and_no_layer_gives_energy_back,
                                  every_layer_with_multiplications_takes_energy_and_arrays,
                                  the_causes_sum_to_the_time,
                                  layers_lie_within_the_run,
                                  no_run_beats_its_lower_bound,
                                  the_first_sample_comes_before_the_last,
                                  ops_are_twice_the_multiplications_of_the_trace,
                                  figures_follow_from_time_energy_and_ops,
                                  no_array_is_used_more_than_wholly,
                                  no_run_beats_the_peak_at_its_own_bits_and_data,
                                  doubling_the_batch_never_lowers_time_or_energy,
                                  a_batch_takes_no_more_than_its_samples_one_by_one};
    run_all(); /* once, in the parent: the tests' own processes inherit the results */
    return check_run("the books", tests, sizeof tests / sizeof tests[0]);
}
