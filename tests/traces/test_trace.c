#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "tests/check_main.h"
#include "traces/id_set.h"
#include "traces/inspect.h"
#include "traces/trace.h"

#define HEADER                                                                                     \
    "{\"cimarron_trace\": 1, \"name\": \"t\", \"source\": \"hand\", \"batch\": 1, "                \
    "\"activation_bits\": 8, \"weight_bits\": 8}\n"

static void temp_path(char *path, size_t size, const char *what)
{
    snprintf(path, size, "/tmp/cimarron_%s_%ld.jsonl.gz", what, (long)getpid());
}

/* A file of the given text; `members` gzip streams in a row, 0: plain. */
static void put(const char *path, const char *text, size_t members)
{
    size_t length = strlen(text), from = 0;
    unlink(path);
    for (size_t i = 1; i <= members; i++) {
        gzFile z = gzopen(path, "ab");
        size_t to = length * i / members;
        gzwrite(z, text + from, (unsigned)(to - from));
        gzclose(z);
        from = to;
    }
    if (members == 0) {
        FILE *f = fopen(path, "w");
        fwrite(text, 1, length, f);
        fclose(f);
    }
}

static struct trace load(struct arena *a, const char *path)
{
    struct trace t;
    struct diag d = {0};
    ck_assert_msg(trace_load(a, path, 1000000, &t, &d), "%d: %s", d.line, d.text);
    return t;
}

/* Loads a text; the file is gone afterwards. */
static struct trace load_text(struct arena *a, const char *text)
{
    char path[64];
    temp_path(path, sizeof path, "text");
    put(path, text, 1);
    struct trace t = load(a, path);
    unlink(path);
    return t;
}

static struct trace_info info_of(struct arena *a, const char *text)
{
    char path[64];
    struct trace_info info;
    struct diag d = {0};
    temp_path(path, sizeof path, "info");
    put(path, text, 1);
    ck_assert_msg(trace_info(a, path, &info, &d), "%s", d.text);
    unlink(path);
    return info;
}

#define RELU(id, inputs)                                                                           \
    "{\"id\": " #id ", \"name\": \"relu" #id "\", \"op\": \"elementwise\", \"fn\": \"relu\", "     \
    "\"inputs\": [" inputs "], \"in\": [1,4,8,8], \"out\": [1,4,8,8]}\n"
#define FC(id, inputs, w)                                                                          \
    "{\"id\": " #id ", \"name\": \"fc" #id "\", \"op\": \"matmul\", \"inputs\": [" inputs          \
    "], \"weight\": \"" w "\", \"m\": 2, \"k\": 3, \"n\": 5}\n"
#define REPEAT(lines, times, weights)                                                              \
    "{\"repeat\": {\"lines\": " #lines ", \"times\": " #times ", \"weights\": \"" weights "\"}}\n"

/* One op of every kind, with statistics, bits of its own and all optional keys. */
static const char EVERY_KIND[] = HEADER
    "{\"id\":0,\"name\":\"c\\\"\\u00e9\",\"op\":\"conv2d\",\"inputs\":[],\"weight\":\"w\",\"in\":"
    "[1,4,9,9],\"out\":[1,8,5,5],\"kernel\":[3,3],\"stride\":[1,1],\"pad\":[0,0,0,0],\"dilation\":"
    "[2,2],\"groups\":2,\"activation_bits\":4,\"weight_bits\":2,\"activation\":{\"density\":0.56},"
    "\"weights\":{\"hist\":[0.25,0.25,0.25,0.25]}}\n"
    "{\"id\":1,\"name\":\"m\",\"op\":\"matmul\",\"inputs\":[0],\"batch\":32,\"m\":1,\"k\":2,"
    "\"n\":3}\n"
    "{\"id\":2,\"name\":\"e\",\"op\":\"embedding\",\"inputs\":[],\"weight\":\"t\",\"rows\":50000,"
    "\"width\":64,\"count\":7}\n"
    "{\"id\":3,\"name\":\"s\",\"op\":\"softmax\",\"inputs\":[1],\"in\":[2,3],\"out\":[2,3]}\n"
    "{\"id\":4,\"name\":\"n\",\"op\":\"norm\",\"fn\":\"rms\",\"inputs\":[3],\"in\":[2,3],\"out\":"
    "[2,3]}\n"
    "{\"id\":5,\"name\":\"a\",\"op\":\"elementwise\",\"fn\":\"add\",\"inputs\":[3,4],\"in\":[2,3],"
    "\"out\":[2,3]}\n"
    "{\"id\":6,\"name\":\"p\",\"op\":\"pool\",\"fn\":\"max\",\"inputs\":[0],\"in\":[1,8,5,5],"
    "\"out\":[1,8,3,3],\"kernel\":[2,2],\"stride\":[2,2],\"pad\":[0,0,0,0]}\n"
    "{\"id\":7,\"name\":\"r\",\"op\":\"rope\",\"inputs\":[5],\"in\":[2,3],\"out\":[2,3]}\n"
    "{\"id\":8,\"name\":\"k\",\"op\":\"concat\",\"inputs\":[5,7],\"in\":[[2,3],[2,3]],\"out\":[2,6]"
    "}\n"
    "{\"id\":9,\"name\":\"v\",\"op\":\"reshape\",\"inputs\":[8],\"in\":[2,6],\"out\":[12]}\n"
    "{\"id\":10,\"name\":\"t\",\"op\":\"transpose\",\"inputs\":[8],\"in\":[2,6],\"out\":[6,2]}\n"
    "{\"id\":11,\"name\":\"l\",\"op\":\"slice\",\"inputs\":[8],\"in\":[2,6],\"out\":[2,1]}\n"
    "{\"id\":12,\"name\":\"ka\",\"op\":\"kv_append\",\"inputs\":[7],\"bytes\":100,\"position\":0}\n"
    "{\"id\":13,\"name\":\"kr\",\"op\":\"kv_read\",\"inputs\":[12],\"bytes\":100,\"position\":5}\n"
    "{\"id\":14,\"name\":\"ro\",\"op\":\"route\",\"inputs\":[7],\"tokens\":4,\"experts\":3,"
    "\"top_k\":2,\"load\":[0.1,0.2,0.7]}\n"
    "{\"id\":15,\"name\":\"ar\",\"op\":\"all_reduce\",\"inputs\":[7],\"bytes\":8,\"group\":4}\n"
    "{\"id\":16,\"name\":\"ag\",\"op\":\"all_gather\",\"inputs\":[7],\"bytes\":8,\"group\":4}\n"
    "{\"id\":17,\"name\":\"rs\",\"op\":\"reduce_scatter\",\"inputs\":[7],\"bytes\":8,\"group\":4}\n"
    "{\"id\":18,\"name\":\"aa\",\"op\":\"all_to_all\",\"inputs\":[7],\"bytes\":8,\"group\":4}\n"
    "{\"id\":19,\"name\":\"se\",\"op\":\"send\",\"inputs\":[7],\"bytes\":8,\"group\":2}\n"
    "{\"id\":20,\"name\":\"re\",\"op\":\"recv\",\"inputs\":[19],\"bytes\":8,\"group\":2}\n"
    "{\"id\":21,\"name\":\"op\",\"op\":\"optimizer\",\"inputs\":[],\"parameters\":9,\"bytes\":8}\n"
    "{\"id\":22,\"name\":\"ch\",\"op\":\"checkpoint\",\"inputs\":[],\"parameters\":9,\"bytes\":8}"
    "\n";

static void same_text(const char *a, const char *b)
{
    ck_assert_int_eq(a == NULL, b == NULL);
    if (a)
        ck_assert_str_eq(a, b);
}

static void same_operand(const struct operand_stats *a, const struct operand_stats *b)
{
    ck_assert_double_eq(a->density, b->density);
    ck_assert_double_eq(a->bit_density, b->bit_density);
    ck_assert_double_eq(a->bit_toggle, b->bit_toggle);
    ck_assert_double_eq(a->mean, b->mean);
    ck_assert_double_eq(a->mean_square, b->mean_square);
    ck_assert_int_eq(a->is_default, b->is_default);
}

static void same_op(const struct op *a, const struct op *b)
{
    struct operand_stats x = op_activation_stats(a), y = op_activation_stats(b);
    same_text(a->name, b->name);
    same_text(a->fn, b->fn);
    same_text(a->weight, b->weight);
    ck_assert_int_eq(a->id, b->id);
    ck_assert_int_eq(a->kind, b->kind);
    ck_assert_int_eq(a->activation_bits, b->activation_bits);
    ck_assert_int_eq(a->weight_bits, b->weight_bits);
    ck_assert_int_eq(a->n_inputs, b->n_inputs);
    for (size_t i = 0; i < a->n_inputs; i++)
        ck_assert_int_eq(a->inputs[i], b->inputs[i]);
    ck_assert_mem_eq(&a->in, &b->in, sizeof a->in);
    ck_assert_mem_eq(&a->out, &b->out, sizeof a->out);
    ck_assert_mem_eq(&a->u, &b->u, sizeof a->u);
    for (size_t i = 0; a->more_in && i < a->n_inputs; i++)
        ck_assert_mem_eq(&a->more_in[i], &b->more_in[i], sizeof a->more_in[i]);
    for (int64_t i = 0; a->load && i < a->u.route.experts; i++)
        ck_assert_double_eq(a->load[i], b->load[i]);
    same_operand(&x, &y);
    x = op_weight_stats(a);
    y = op_weight_stats(b);
    same_operand(&x, &y);
}

START_TEST(what_is_written_reads_back_the_same)
{
    char path[64];
    struct diag d = {0};
    struct arena *a = arena_open();
    struct trace t = load_text(a, EVERY_KIND);
    ck_assert_uint_eq(t.count, OP_KIND_COUNT);
    temp_path(path, sizeof path, "back");
    ck_assert_msg(trace_save(&t, path, &d), "%s", d.text);
    struct trace u = load(a, path);
    ck_assert_uint_eq(u.count, t.count);
    ck_assert_str_eq(u.header.source, "hand");
    ck_assert_int_eq(u.warnings, 0);
    for (size_t i = 0; i < t.count; i++)
        same_op(&t.ops[i], &u.ops[i]);
    unlink(path);
    arena_close(a);
}
END_TEST

START_TEST(the_header_reads_back_the_same)
{
    char path[64];
    struct diag d = {0};
    struct arena *a = arena_open();
    struct trace t = load_text(a, "{\"cimarron_trace\":1,\"name\":\"n\",\"batch\":4,"
                                  "\"activation_bits\":8,\"weight_bits\":4,\"work\":{\"unit\":"
                                  "\"token\",\"count\":64},\"phase\":\"decode\",\"kv_bits\":16,"
                                  "\"context\":1024}\n" FC(0, "", "w"));
    temp_path(path, sizeof path, "header");
    ck_assert_msg(trace_save(&t, path, &d), "%s", d.text);
    const struct trace u = load(a, path);
    const struct trace_header *h = &u.header;
    ck_assert_str_eq(h->name, "n");
    ck_assert_str_eq(h->source, "");
    ck_assert_str_eq(h->phase, "decode");
    ck_assert_str_eq(h->work_unit, "token");
    ck_assert_double_eq(h->work_count, 64);
    ck_assert_int_eq(h->batch, 4);
    ck_assert_int_eq(h->weight_bits, 4);
    ck_assert_int_eq(h->kv_bits, 16);
    ck_assert_int_eq(h->context, 1024);
    unlink(path);
    arena_close(a);
}
END_TEST

static size_t slurp(const char *path, unsigned char *out, size_t size)
{
    FILE *f = fopen(path, "rb");
    ck_assert_ptr_nonnull(f);
    size_t n = fread(out, 1, size, f);
    fclose(f);
    return n;
}

START_TEST(the_same_ops_give_the_same_bytes)
{
    char one[64], two[64];
    unsigned char x[16384], y[16384];
    struct diag d = {0};
    struct arena *a = arena_open();
    struct trace t = load_text(a, EVERY_KIND);
    temp_path(one, sizeof one, "one");
    temp_path(two, sizeof two, "two");
    ck_assert(trace_save(&t, one, &d) && trace_save(&t, two, &d));
    size_t n = slurp(one, x, sizeof x);
    ck_assert_uint_eq(n, slurp(two, y, sizeof y));
    ck_assert_mem_eq(x, y, n);
    ck_assert_mem_eq(x + 4, "\0\0\0\0", 4); /* no time stamp */
    ck_assert_uint_eq(x[9], 255);           /* no system */
    unlink(one);
    unlink(two);
    arena_close(a);
}
END_TEST

START_TEST(an_abandoned_writer_leaves_the_file_as_it_was)
{
    char path[64];
    struct diag d = {0};
    struct trace_writer *w;
    const struct trace_header h = {.name = "n", .batch = 1, .activation_bits = 8, .weight_bits = 8};
    temp_path(path, sizeof path, "old");
    put(path, "old", 0);
    ck_assert(trace_create(path, &h, &w, &d));
    trace_abandon(w);
    unsigned char text[16];
    ck_assert_uint_eq(slurp(path, text, sizeof text), 3);
    unlink(path);
}
END_TEST

START_TEST(the_writer_refuses_what_the_reader_would)
{
    char path[64];
    struct diag d = {0}, e = {0}, f = {0};
    struct trace_writer *w;
    const struct trace_header h = {.name = "n", .batch = 1, .activation_bits = 8, .weight_bits = 8};
    const int32_t inputs[] = {5};
    const struct trace_repeat far = {2, 1, false};
    struct op o = {.name = "m",
                   .kind = OP_MATMUL,
                   .activation_bits = 8,
                   .weight_bits = 8,
                   .u.matmul = {1, 2, 3, 4}};
    temp_path(path, sizeof path, "refuse");
    ck_assert(trace_create(path, &h, &w, &d));
    ck_assert(trace_write(w, &o, &d));
    ck_assert(!trace_write(w, &o, &d)); /* the id again */
    o.id = 1;
    o.inputs = inputs;
    o.n_inputs = 1;
    ck_assert(!trace_write(w, &o, &e));
    ck_assert_str_eq(e.text, "operator 1: input 5 is not an earlier operator");
    ck_assert(!trace_write_repeat(w, &far, &f));
    trace_abandon(w);
}
END_TEST

START_TEST(plain_gzip_and_several_members_read_alike)
{
    char path[64];
    struct arena *a = arena_open();
    temp_path(path, sizeof path, "members");
    for (size_t members = 0; members <= 5; members++) {
        put(path, EVERY_KIND, members);
        ck_assert_uint_eq(load(a, path).count, OP_KIND_COUNT);
    }
    unlink(path);
    arena_close(a);
}
END_TEST

START_TEST(a_last_line_without_newline_counts)
{
    char text[2048];
    struct arena *a = arena_open();
    snprintf(text, sizeof text, "%s", HEADER RELU(0, "") RELU(1, "0"));
    text[strlen(text) - 1] = '\0';
    ck_assert_uint_eq(load_text(a, text).count, 2);
    arena_close(a);
}
END_TEST

START_TEST(unknown_keys_are_counted_and_the_first_is_kept)
{
    struct arena *a = arena_open();
    const struct trace t = load_text(
        a, HEADER RELU(0, "") "{\"id\": 1, \"name\": \"m\", \"op\": \"matmul\", \"inputs\": [], "
                              "\"m\": 1, \"n\": 1, \"k\": 1, \"colour\": 3, \"stride\": [1,1]}\n");
    ck_assert_int_eq(t.warnings, 2);
    ck_assert_str_eq(t.warning, "line 3: unknown key \"colour\"");
    arena_close(a);
}
END_TEST

START_TEST(a_density_that_contradicts_its_histogram_is_a_warning)
{
    struct arena *a = arena_open();
    struct trace t = load_text(
        a, HEADER "{\"id\": 1, \"name\": \"m\", \"op\": \"matmul\", \"inputs\": [], \"m\": 1, "
                  "\"n\": 1, \"k\": 1, \"activation_bits\": 2, \"activation\": {\"hist\": [0.5, "
                  "0.5, 0, 0], \"density\": 0.9}}\n");
    ck_assert_int_eq(t.warnings, 1);
    ASSERT_NEAR(op_activation_stats(&t.ops[0]).density, 0.5, 1e-12);
    ck_assert(op_weight_stats(&t.ops[0]).is_default);
    arena_close(a);
}
END_TEST

START_TEST(ids_are_found_in_any_order)
{
    struct arena *a = arena_open();
    struct trace t = load_text(a, HEADER RELU(70, "") RELU(3, "70") RELU(900, "3") RELU(5, ""));
    ck_assert_int_eq(trace_index(&t, 70), 0);
    ck_assert_int_eq(trace_index(&t, 3), 1);
    ck_assert_int_eq(trace_index(&t, 900), 2);
    ck_assert_int_eq(trace_index(&t, 5), 3);
    ck_assert_int_eq(trace_index(&t, 4), -1);
    arena_close(a);
}
END_TEST

/* 0 ; block 1, 2 (three times in all) ; 3 names 2 and 0. */
static const char REPEATED[] =
    HEADER RELU(0, "") FC(1, "0", "w") RELU(2, "1, 0") REPEAT(2, 2, "distinct") RELU(3, "2, 0");

START_TEST(copies_chain_and_later_lines_mean_the_last)
{
    struct arena *a = arena_open();
    struct trace t = load_text(a, REPEATED);
    const int32_t ids[] = {0, 1, 2, 4, 5, 6, 7, 3};
    ck_assert_uint_eq(t.count, COUNT_OF(ids));
    for (size_t i = 0; i < t.count; i++)
        ck_assert_int_eq(t.ops[i].id, ids[i]);
    ck_assert_int_eq(t.ops[1].inputs[0], 0); /* the block itself */
    ck_assert_int_eq(t.ops[3].inputs[0], 2); /* copy 1 begins where the block ended */
    ck_assert_int_eq(t.ops[4].inputs[0], 4); /* and moves its own inputs along */
    ck_assert_int_eq(t.ops[4].inputs[1], 2);
    ck_assert_int_eq(t.ops[5].inputs[0], 5);
    ck_assert_int_eq(t.ops[6].inputs[0], 6);
    ck_assert_int_eq(t.ops[7].inputs[0], 7); /* line 3 means the last copy */
    ck_assert_int_eq(t.ops[7].inputs[1], 0); /* what lies before the block stays */
    ck_assert_int_eq(trace_index(&t, 3), 7);
    arena_close(a);
}
END_TEST

START_TEST(an_input_from_before_the_last_line_stays_in_all_copies)
{
    struct arena *a = arena_open();
    struct trace t =
        load_text(a, HEADER RELU(0, "") RELU(1, "0") RELU(2, "1, 0") REPEAT(1, 3, "shared"));
    for (size_t i = 2; i < 6; i++)
        ck_assert_int_eq(t.ops[i].inputs[1], 0);
    ck_assert_int_eq(t.ops[5].inputs[0], t.ops[4].id);
    arena_close(a);
}
END_TEST

START_TEST(a_block_after_a_block_binds_to_its_last_copy)
{
    struct arena *a = arena_open();
    struct trace t = load_text(a, HEADER RELU(0, "") REPEAT(1, 2, "shared") RELU(1, "0")
                                      REPEAT(1, 2, "shared") RELU(2, "1"));
    const int32_t ids[] = {0, 3, 4, 1, 5, 6, 2}, inputs[] = {-1, -1, -1, 4, 1, 5, 6};
    for (size_t i = 0; i < t.count; i++) {
        ck_assert_int_eq(t.ops[i].id, ids[i]);
        if (inputs[i] >= 0)
            ck_assert_int_eq(t.ops[i].inputs[0], inputs[i]);
    }
    arena_close(a);
}
END_TEST

START_TEST(distinct_copies_have_tensors_of_their_own)
{
    struct arena *a = arena_open();
    struct trace t = load_text(a, REPEATED);
    ck_assert_str_eq(t.ops[1].weight, "w");
    ck_assert_str_eq(t.ops[3].weight, "w#1");
    ck_assert_str_eq(t.ops[5].weight, "w#2");
    ASSERT_NEAR(trace_weights(&t), 3 * 15, 0);
    ASSERT_NEAR(trace_macs(&t), 3 * 30, 0);
    struct trace u = load_text(a, HEADER FC(0, "", "w") REPEAT(1, 4, "shared"));
    ASSERT_NEAR(trace_weights(&u), 15, 0);
    ASSERT_NEAR(trace_macs(&u), 5 * 30, 0);
    arena_close(a);
}
END_TEST

START_TEST(a_trace_beyond_the_limit_says_how_large_it_is)
{
    char path[64];
    struct trace t;
    struct diag d = {0};
    struct arena *a = arena_open();
    temp_path(path, sizeof path, "limit");
    put(path, HEADER FC(0, "", "w") REPEAT(1, 999999999, "shared"), 1);
    ck_assert(!trace_load(a, path, 5000, &t, &d));
    ck_assert_ptr_nonnull(strstr(d.text, "expands to 1000000000 operators; at most 5000"));
    ck_assert_int_eq(d.status, 2);
    unlink(path);
    arena_close(a);
}
END_TEST

START_TEST(the_batch_of_a_whole_trace_scales)
{
    struct diag d = {0};
    struct arena *a = arena_open();
    struct trace t = load_text(a, REPEATED);
    ck_assert(trace_scale_batch(&t, 8, &d));
    ASSERT_NEAR(trace_macs(&t), 8 * 3 * 30, 0);
    ASSERT_NEAR(trace_weights(&t), 3 * 15, 0);
    ck_assert_int_eq(t.header.batch, 8);
    ASSERT_NEAR(t.header.work_count, 8, 0);
    arena_close(a);
}
END_TEST

START_TEST(info_agrees_with_the_expanded_trace)
{
    struct arena *a = arena_open();
    struct trace t = load_text(a, REPEATED);
    struct trace_info i = info_of(a, REPEATED);
    ck_assert_int_eq(i.lines, 4);
    ck_assert_int_eq(i.repeats, 1);
    ck_assert_int_eq(i.operators, (int64_t)t.count);
    ck_assert(i.macs == trace_macs_exact(&t));
    ck_assert(i.ops == 2 * i.macs);
    ASSERT_NEAR((double)i.weights, trace_weights(&t), 0);
    ck_assert(i.weight_bits == 8 * i.weights);
    ck_assert_int_eq(i.tensors, 3);
    ck_assert(i.tensors_exact);
    ck_assert_int_eq(i.kind[OP_MATMUL].operators, 3);
    ck_assert_int_eq(i.kind[OP_ELEMENTWISE].lines, 3);
    ck_assert(i.activations == 3 * 10 + 5 * 256);
    ck_assert_str_eq(i.most_macs.name, "fc1");
    ck_assert_int_eq(i.most_macs.line, 3);
    ck_assert_str_eq(i.most_activations.name, "relu0");
    arena_close(a);
}
END_TEST

START_TEST(one_weight_named_twice_counts_once)
{
    struct arena *a = arena_open();
    struct trace_info i = info_of(a, HEADER FC(0, "", "w") FC(1, "0", "w") FC(2, "1", "v"));
    ck_assert_int_eq(i.tensors, 2);
    ck_assert(i.weights == 30);
    arena_close(a);
}
END_TEST

struct collected {
    char text[65536];
    size_t length, lines, stop_after;
};

static bool collect(void *user, const char *text, size_t length)
{
    struct collected *c = user;
    memcpy(c->text + c->length, text, length);
    c->length += length;
    c->text[c->length] = '\0';
    return ++c->lines != c->stop_after;
}

START_TEST(expanding_cat_prints_what_loading_holds)
{
    char path[64], again[64];
    struct diag d = {0};
    static struct collected c;
    struct arena *a = arena_open();
    temp_path(path, sizeof path, "cat");
    temp_path(again, sizeof again, "cat2");
    put(path, REPEATED, 1);
    struct trace t = load(a, path);
    ck_assert_msg(trace_cat(path, true, collect, &c, &d), "%s", d.text);
    put(again, c.text, 0);
    struct trace u = load(a, again);
    ck_assert_uint_eq(u.count, t.count);
    for (size_t i = 0; i < t.count; i++)
        same_op(&t.ops[i], &u.ops[i]);
    unlink(path);
    unlink(again);
    arena_close(a);
}
END_TEST

START_TEST(plain_cat_keeps_repeats_and_stops_when_told)
{
    char path[64];
    struct diag d = {0};
    static struct collected c;
    temp_path(path, sizeof path, "stop");
    put(path, REPEATED, 1);
    ck_assert(trace_cat(path, false, collect, &c, &d));
    ck_assert_uint_eq(c.lines, 6);
    ck_assert_ptr_nonnull(strstr(c.text, "{\"repeat\":{\"lines\":2,\"times\":2,\"weights\":"
                                         "\"distinct\"}}\n"));
    c = (struct collected){.stop_after = 2};
    ck_assert(trace_cat(path, false, collect, &c, &d));
    ck_assert_uint_eq(c.lines, 2);
    ck_assert_int_eq(d.status, 0);
    unlink(path);
}
END_TEST

START_TEST(an_id_set_holds_what_was_added_and_nothing_else)
{
    struct id_set *s = id_set_open();
    bool fine = true;
    for (int32_t id = 0; id < 3 << 20; id++) /* dense: whole branches fold */
        fine = fine && (id == 12345 || id_set_add(s, id));
    ck_assert(fine);
    ck_assert(id_set_has(s, 0) && id_set_has(s, (3 << 20) - 1));
    ck_assert(!id_set_has(s, 12345) && !id_set_has(s, 3 << 20) && !id_set_has(s, -1));
    for (int64_t id = 1 << 23; id <= INT32_MAX; id += 1000003) { /* strewn */
        fine = fine && !id_set_has(s, (int32_t)id) && id_set_add(s, (int32_t)id) &&
               id_set_has(s, (int32_t)id);
    }
    ck_assert(fine);
    ck_assert(id_set_add(s, 12345) && id_set_add(s, INT32_MAX));
    ck_assert(id_set_has(s, 12345) && id_set_has(s, INT32_MAX));
    id_set_close(s);
}
END_TEST

START_TEST(a_pipe_streams_but_is_not_read_twice)
{
    char path[64];
    int ends[2];
    struct diag d = {0}, e = {0};
    struct trace t;
    struct arena *a = arena_open();
    ck_assert_int_eq(pipe(ends), 0);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    ck_assert_int_eq(write(ends[1], EVERY_KIND, sizeof EVERY_KIND - 1), sizeof EVERY_KIND - 1);
    close(ends[1]);
    ck_assert(!trace_load(a, path, 100, &t, &d));
    ck_assert_str_eq(d.text, "is no regular file; it is read twice, so store it first");
    ck_assert_msg(trace_check(path, NULL, &e), "%s", e.text);
    close(ends[0]);
    arena_close(a);
}
END_TEST

SUITE("trace", a_pipe_streams_but_is_not_read_twice, what_is_written_reads_back_the_same,
      the_header_reads_back_the_same, the_same_ops_give_the_same_bytes,
      an_abandoned_writer_leaves_the_file_as_it_was, the_writer_refuses_what_the_reader_would,
      plain_gzip_and_several_members_read_alike, a_last_line_without_newline_counts,
      unknown_keys_are_counted_and_the_first_is_kept,
      a_density_that_contradicts_its_histogram_is_a_warning, ids_are_found_in_any_order,
      copies_chain_and_later_lines_mean_the_last,
      an_input_from_before_the_last_line_stays_in_all_copies,
      a_block_after_a_block_binds_to_its_last_copy, distinct_copies_have_tensors_of_their_own,
      a_trace_beyond_the_limit_says_how_large_it_is, the_batch_of_a_whole_trace_scales,
      info_agrees_with_the_expanded_trace, one_weight_named_twice_counts_once,
      expanding_cat_prints_what_loading_holds, plain_cat_keeps_repeats_and_stops_when_told,
      an_id_set_holds_what_was_added_and_nothing_else)
