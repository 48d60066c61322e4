/* No run goes beyond the peak at its own bits and data: every chip, package and wafer, the cheap
 * samples, at the trace's bits and at narrow, wide and mixed ones. */
#include "core/app/children.h"
#include "core/system/system.h"
#include "tests/laws/machine.h"

enum { ASKS_MAX = 1024 };

struct ask {
    const char *system, *trace;
    int64_t batch;
    int input_bits, weight_bits; /* 0: the trace's */
};

static struct ask asks[ASKS_MAX];
static size_t ask_count;
static json_t *results;

/* --- what is asked --------------------------------------------------------------------------- */

static struct names systems;

static void list_systems(void)
{
    systems = shipped_systems();
    struct names wafers = names_in("configs/wafer", ".cfg");
    for (size_t i = 0; i < wafers.count; i++)
        systems.at[systems.count++] = wafers.at[i];
}

static void add(const char *system, const char *trace, int64_t batch, int in, int w)
{
    if (ask_count == ASKS_MAX)
        child_fail("more runs than ASKS_MAX");
    asks[ask_count++] = (struct ask){system, trace, batch, in, w};
}

static void list_asks(void)
{
    static const char *const narrow[] = {"squeezenet", "squeezenet_end_int4"};
    static const char *const whole[] = {"alexnet", "resnet50", "gpt2_decode"};
    static const int bits[][2] = {{1, 1}, {1, 2}, {2, 2}, {4, 4},  {4, 8},
                                  {8, 4}, {8, 5}, {8, 8}, {16, 16}};
    for (size_t s = 0; s < systems.count; s++) {
        for (size_t t = 0; t < COUNT_OF(narrow); t++)
            for (size_t b = 0; b < COUNT_OF(bits); b++)
                for (int64_t batch = 1; batch <= 16; batch *= 16)
                    add(systems.at[s], narrow[t], batch, bits[b][0], bits[b][1]);
        for (size_t t = 0; t < COUNT_OF(whole); t++)
            add(systems.at[s], whole[t], 1, 0, 0);
    }
}

/* --- the runs -------------------------------------------------------------------------------- */

/* What `cimarron peak` says at the same bits, on the data of a trace without statistics. */
static bool add_said(struct arena *a, const struct ask *q, json_t *o, struct diag *d)
{
    struct system *s;
    struct system_peak p;
    TRY(system_open(a, q->system, NULL, 0, &s, d));
    struct system_work w = system_usual_work(s, q->input_bits, q->weight_bits);
    TRY(system_peak(s, &w, &p, d));
    json_object_set_new(o, "said_tops", json_real(p.tops));
    json_object_set_new(o, "said_tops_per_w", json_real(p.tops / p.power.total_w));
    return true;
}

static bool evaluate_one(struct arena *a, const void *user, size_t index, json_t **out,
                         struct diag *d)
{
    static const char *const no_gpu[] = {NULL};
    const struct ask *q = &asks[index];
    struct run_request r = {.system = q->system,
                            .trace = q->trace,
                            .batch = q->batch,
                            .activation_bits = q->input_bits,
                            .weight_bits = q->weight_bits,
                            .baselines = no_gpu,
                            .seed = 1};
    (void)user;
    if (!run_evaluate(a, &r, out, d))
        *out = json_pack("{s:s}", "refused", d->text);
    else if (q->input_bits > 0)
        TRY(add_said(a, q, *out, d));
    json_object_del(*out, "layers");
    return true;
}

static const char *label_of(const void *user, size_t index)
{
    (void)user;
    return asks[index].system;
}

static void run_all(struct arena *a)
{
    struct children c = {.work = evaluate_one, .count = ask_count, .label = label_of};
    struct diag d = {.status = 0};
    list_systems();
    list_asks();
    c.count = ask_count;
    if (!children_run(a, &c, &results, &d))
        child_fail(d.text);
}

/* `o` runs over the results of runs that took place, `q` over what was asked. */
#define FOR_EACH_RUN(q, o)                                                                         \
    for (size_t i_ = 0; i_ < ask_count; i_++)                                                      \
        for (const struct ask *q = &asks[i_]; q; q = NULL)                                         \
            for (const json_t *o = json_array_get(results, i_); o && held(o); o = NULL)

/* Nothing is beyond: false, and a line that says what. */
static bool within(const struct ask *q, const char *what, double is, double most)
{
    if (is <= most)
        return true;
    printf("  %s, %s, batch %lld, %d x %d bits: %s %.6g of %.6g\n", q->system, q->trace,
           (long long)q->batch, q->input_bits, q->weight_bits, what, is, most);
    fflush(stdout);
    return false;
}

/* --- the laws -------------------------------------------------------------------------------- */

START_TEST(every_chip_package_and_wafer_runs_something)
{
    for (size_t s = 0; s < systems.count; s++) {
        double most = 0;
        int count = 0;
        FOR_EACH_RUN(q, o)
        {
            double share = number(o, "tops_per_w") / number(o, "peak_tops_per_w");
            if (strcmp(q->system, systems.at[s]) != 0)
                continue;
            most = share > most ? share : most;
            count++;
        }
        printf("  %s: %d runs, at most %.3f of the peak TOPS/W\n", systems.at[s], count, most);
        fflush(stdout);
        ck_assert_int_ge(count, 4);
    }
}
END_TEST

START_TEST(no_run_beats_the_peak_of_its_own_bits_and_data)
{
    int beyond = 0;
    FOR_EACH_RUN(q, o)
    {
        double tops = number(o, "peak_tops"), per_w = number(o, "peak_tops_per_w");
        const json_t *steady = json_object_get(o, "steady");
        beyond += !within(q, "TOPS", number(o, "tops"), tops);
        beyond += !within(q, "TOPS/W", number(o, "tops_per_w"), per_w);
        if (json_is_object(steady)) {
            beyond += !within(q, "steady TOPS", number(steady, "tops"), tops);
            beyond += !within(q, "steady TOPS/W", number(steady, "tops_per_w"), per_w);
        }
    }
    ck_assert_int_eq(beyond, 0);
}
END_TEST

START_TEST(no_run_beats_what_peak_says_at_its_bits)
{
    int beyond = 0, seen = 0;
    FOR_EACH_RUN(q, o)
    {
        if (!json_object_get(o, "said_tops"))
            continue;
        beyond += !within(q, "TOPS", number(o, "tops"), number(o, "said_tops"));
        beyond += !within(q, "TOPS/W", number(o, "tops_per_w"), number(o, "said_tops_per_w"));
        seen++;
    }
    ck_assert_int_eq(beyond, 0);
    ck_assert_int_ge(seen, 100);
}
END_TEST

/* An interval's losses were once scaled with time, as if nothing but standing power went through
 * the regulators. */
START_TEST(regulators_lose_the_same_share_of_an_interval_as_of_the_run)
{
    struct machine m = {.system = "dcim_22nm", .trace = "squeezenet", .batch = 2};
    json_t *board = run_machine(&m);
    m.set[m.set_count++] = (struct cfg_override){"regulator_efficiency", "1.0"};
    json_t *ideal = run_machine(&m);
    const json_t *lossy = json_object_get(board, "steady");
    const json_t *lossless = json_object_get(ideal, "steady");
    ASSERT_NEAR(number(lossy, "energy_j") / number(lossless, "energy_j"),
                number(board, "energy_j") / number(ideal, "energy_j"), 1e-9);
    json_decref(board);
    json_decref(ideal);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {every_chip_package_and_wafer_runs_something,
                                  no_run_beats_the_peak_of_its_own_bits_and_data,
                                  no_run_beats_what_peak_says_at_its_bits,
                                  regulators_lose_the_same_share_of_an_interval_as_of_the_run};
    struct arena *a = arena_open();
    run_all(a); /* once, in the parent: the tests' own processes inherit the results */
    return check_run("the peak", tests, COUNT_OF(tests));
}
