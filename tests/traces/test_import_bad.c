/* Broken workload files: every folder tests/bad/import-CASE holds an in.onnx or in.csv and the
 * one line that it must be refused with, in `error`; and broken files too large to keep. */
#include "tests/bad_inputs.h"
#include "tests/traces/onnx_build.h"

static bool import(struct arena *a, const char *path, struct diag *d, void *user)
{
    struct trace t;
    struct import_options o = plain_options();
    (void)user;
    return importer_for(path)->import(a, path, &o, &t, d);
}

START_TEST(every_broken_file_is_refused_with_its_sentence)
{
    bad_inputs_walk("import-", 85, import, NULL);
}
END_TEST

static void refuse(const uint8_t *bytes, size_t size, const char *sentence)
{
    struct arena *a = arena_open();
    struct trace t;
    struct diag d = {.status = 0};
    struct import_options o = plain_options();
    ck_assert(!import_bytes(a, "onnx", "net.onnx", bytes, size, &o, &t, &d));
    ck_assert_msg(strstr(d.text, sentence) != NULL, "'%s' does not say '%s'", d.text, sentence);
    ck_assert_uint_lt(arena_bytes(a), 1 << 20);
    arena_close(a);
}

/* Writes backwards: tag and length of a field around the `size` bytes that end the buffer. */
static uint8_t *wrap(uint8_t *start, size_t size, uint8_t tag)
{
    uint8_t digits[10];
    int n = 0;
    do {
        digits[n++] = (uint8_t)((size & 0x7f) | (size > 0x7f ? 0x80 : 0));
        size >>= 7;
    } while (size > 0);
    for (int i = n; i-- > 0;)
        *--start = digits[i];
    *--start = tag;
    return start;
}

/* Graph in attribute in node in graph ..., `levels` times. */
static void nest(int levels, const char *sentence)
{
    size_t room = (size_t)levels * 18 + 64;
    uint8_t *buffer = calloc(room, 1), *end = buffer + room, *start = end;
    ck_assert_ptr_nonnull(buffer);
    for (int i = 0; i < levels; i++) {
        start = wrap(start, (size_t)(end - start), 0x32); /* AttributeProto.g */
        start = wrap(start, (size_t)(end - start), 0x2a); /* NodeProto.attribute */
        start = wrap(start, (size_t)(end - start), 0x0a); /* GraphProto.node */
    }
    start = wrap(start, (size_t)(end - start), 0x3a); /* ModelProto.graph */
    refuse(start, (size_t)(end - start), sentence);
    free(buffer);
}

START_TEST(deep_nesting_is_refused_before_it_is_unpacked)
{
    nest(300000, "messages are nested more than 64 deep");
    nest(22, "messages are nested more than 64 deep");
    nest(20, "this operator type is not supported");
}
END_TEST

START_TEST(a_small_file_cannot_ask_for_a_lot_of_memory)
{
    size_t count = 4 << 20;
    uint8_t *bytes = calloc(2 * count + 16, 1);
    ck_assert_ptr_nonnull(bytes);
    uint8_t *start = wrap(bytes + 16, 2 * count, 0x3a);
    for (size_t i = 0; i < count; i++)
        bytes[16 + 2 * i] = 0x0a; /* four million empty nodes */
    refuse(start, (size_t)(bytes + 16 + 2 * count - start),
           "unpacks to more than 8 times its size");
    free(bytes);
}
END_TEST

START_TEST(a_graph_cut_off_anywhere_is_refused)
{
    struct net *n = net_open(13);
    net_input(n, "x", INTS(1, 3, 8, 8));
    net_weight(n, "w", INTS(4, 3, 3, 3));
    net_node(n, "Conv", "conv", "x w", "y");
    n->model.n_opset_import = 0; /* the graph is what the file ends with */
    n->model.producer_name = NULL;
    size_t size = onnx__model_proto__get_packed_size(&n->model);
    uint8_t *bytes = ARENA_ARRAY(n->a, uint8_t, size);
    onnx__model_proto__pack(&n->model, bytes);
    for (size_t keep = 0; keep < size; keep++)
        refuse(bytes, keep, "t");
    arena_close(n->a);
}
END_TEST

START_TEST(a_missing_file_and_a_folder_are_told_apart)
{
    struct arena *a = arena_open();
    struct trace t;
    struct import_options o = plain_options();
    struct diag missing = {.status = 0}, folder = {.status = 0};
    ck_assert(!importer_find("onnx")->import(a, "tests/none.onnx", &o, &t, &missing));
    ck_assert_str_eq(missing.text, "cannot be opened: No such file or directory");
    ck_assert(!importer_find("scalesim")->import(a, "tests", &o, &t, &folder));
    ck_assert_str_eq(folder.text, "this is not a regular file");
    arena_close(a);
}
END_TEST

SUITE("bad imports", every_broken_file_is_refused_with_its_sentence,
      deep_nesting_is_refused_before_it_is_unpacked, a_small_file_cannot_ask_for_a_lot_of_memory,
      a_graph_cut_off_anywhere_is_refused, a_missing_file_and_a_folder_are_told_apart)
