/* Equal blocks that do not fit a chip: played twice, then repeated; the books still balance. */
#include "tests/check_main.h"

#include <jansson.h>
#include <unistd.h>

#include "core/report/run.h"
#include "tests/sim/child.h"
#include "traces/trace.h"

enum { BLOCKS = 16, WIDTH = 1536, TOKENS = 64 };

static struct op product(int32_t id, const int32_t *input, const char *weight)
{
    struct op o;
    memset(&o, 0, sizeof o);
    o.id = id;
    o.kind = OP_MATMUL;
    o.name = o.weight = weight;
    o.activation_bits = o.weight_bits = 8;
    o.inputs = input;
    o.n_inputs = input ? 1 : 0;
    o.u.matmul.batch = 1;
    o.u.matmul.m = TOKENS;
    o.u.matmul.k = o.u.matmul.n = WIDTH;
    return o;
}

static struct op activation(int32_t id, const int32_t *input)
{
    struct op o;
    memset(&o, 0, sizeof o);
    o.id = id;
    o.kind = OP_ELEMENTWISE;
    o.name = o.fn = "relu";
    o.activation_bits = o.weight_bits = 8;
    o.inputs = input;
    o.n_inputs = 1;
    o.in.dims = o.out.dims = 2;
    o.in.dim[0] = o.out.dim[0] = TOKENS;
    o.in.dim[1] = o.out.dim[1] = WIDTH;
    return o;
}

/* Blocks of three products and an activation, each with weights of its own. */
static void write_blocks(const char *path)
{
    struct trace_header h = {.name = "blocks",
                             .source = "made by a test",
                             .work_unit = "token",
                             .phase = "inference",
                             .work_count = TOKENS,
                             .batch = 1,
                             .activation_bits = 8,
                             .weight_bits = 8,
                             .kv_bits = 8};
    struct trace_writer *w;
    struct diag d = {.status = 0};
    ck_assert_msg(trace_create(path, &h, &w, &d), "%s", d.text);
    int32_t id = 0;
    for (int b = 0; b < BLOCKS; b++)
        for (int k = 0; k < 4; k++, id++) {
            char name[32];
            int32_t before = id - 1;
            snprintf(name, sizeof name, "w%d.%d", b, k);
            struct op o = k == 3 ? activation(id, &before) : product(id, id ? &before : NULL, name);
            ck_assert_msg(trace_write(w, &o, &d), "%s", d.text);
        }
    ck_assert_msg(trace_commit(w, &d), "%s", d.text);
}

struct request {
    const char *path;
    bool exact;
};

static void evaluate(const void *user, FILE *out)
{
    static const char *const no_gpus[] = {NULL};
    const struct request *r = user;
    struct run_request q = {.system = "dcim_22nm",
                            .trace = r->path,
                            .batch = 1,
                            .baselines = no_gpus,
                            .seed = 1,
                            .exact = r->exact};
    struct arena *a = arena_open();
    struct diag d = {.status = 0};
    json_t *result = NULL;
    if (!run_evaluate(a, &q, &result, &d))
        child_fail(d.text);
    json_dumpf(result, out, JSON_REAL_PRECISION(17));
    json_decref(result);
    arena_close(a);
}

static json_t *run(bool exact)
{
    char path[] = "/tmp/cimarron_twins_XXXXXX";
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    close(file);
    write_blocks(path);
    struct request r = {path, exact};
    char *text = child_text(evaluate, &r);
    unlink(path);
    json_t *result = json_loads(text, 0, NULL);
    ck_assert_ptr_nonnull(result);
    free(text);
    return result;
}

static double number(const json_t *o, const char *key)
{
    return json_number_value(json_object_get(o, key));
}

START_TEST(equal_blocks_are_repeated_with_the_time_and_energy_of_playing_all)
{
    json_t *fast = run(false), *all = run(true);
    ck_assert(number(all, "repeated_fraction") == 0);
    ck_assert(number(fast, "repeated_fraction") > 0.3);
    ASSERT_NEAR(number(fast, "time_s"), number(all, "time_s"), 5e-3);
    ASSERT_NEAR(number(fast, "energy_j"), number(all, "energy_j"), 5e-3);
    json_decref(fast);
    json_decref(all);
}
END_TEST

static double sum_of(const json_t *object)
{
    double sum = 0;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value) sum += json_number_value(value);
    return sum;
}

START_TEST(the_books_balance_when_blocks_are_repeated)
{
    json_t *r = run(false), *layer;
    double layers = 0;
    size_t i;
    json_array_foreach(json_object_get(r, "layers"), i, layer) layers += number(layer, "energy_j");
    ASSERT_NEAR(sum_of(json_object_get(r, "energy_by_part_j")), number(r, "energy_j"), 1e-9);
    ASSERT_NEAR(layers, number(r, "energy_j"), 1e-9);
    ASSERT_NEAR(sum_of(json_object_get(r, "time_by_cause_s")), number(r, "time_s"), 1e-9);
    json_decref(r);
}
END_TEST

START_TEST(every_block_is_booked_on_its_own_layers)
{
    json_t *r = run(false), *layers = json_object_get(r, "layers");
    for (size_t b = 1; b < BLOCKS; b++)
        for (size_t k = 0; k < 3 && 3 * b + k < 3 * BLOCKS - 1;
             k++) { /* the last leaves the chip */
            double first = number(json_array_get(layers, 4 + k), "energy_j");
            double here = number(json_array_get(layers, 4 * b + k), "energy_j");
            ASSERT_NEAR(here, first, 0.02);
        }
    json_decref(r);
}
END_TEST

SUITE("equal segments", equal_blocks_are_repeated_with_the_time_and_energy_of_playing_all,
      the_books_balance_when_blocks_are_repeated, every_block_is_booked_on_its_own_layers)
