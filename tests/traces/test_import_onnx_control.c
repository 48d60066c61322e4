/* The ONNX importer: what of a graph is run, how often, and with which sizes. */
#include "tests/traces/onnx_fixture.h"

/* --- what is run ---------------------------------------------------------------------------- */

START_TEST(what_reaches_no_output_is_not_run)
{
    first_conv();
    net_weight(n, "aux", INTS(6, 100));
    net_node(n, "MatMul", "dead", "y aux", "unread");
    net_node(n, "NonMaxSuppression", "deader", "unread", "gone");
    net_output(n, "y");
    finish();
    ck_assert_uint_eq(t.count, 1);
    ck_assert_str_eq(t.ops[0].name, "conv");
}
END_TEST

START_TEST(a_convolution_of_which_only_the_shape_is_read_is_not_run)
{
    first_conv();
    net_node(n, "Shape", "shape", "y", "s");
    net_ints(n, "one", INTS(1));
    net_node(n, "Expand", "wide", "z s", "w2");
    net_input(n, "z", INTS(1, 4, 6, 1));
    net_output(n, "w2");
    finish();
    ck_assert_uint_eq(t.count, 1);
    ck_assert_str_eq(t.ops[0].name, "wide");
    ck_assert_int_eq(t.ops[0].id, 0);
}
END_TEST

START_TEST(an_output_that_no_node_makes_is_refused)
{
    first_conv();
    net_output(n, "z");
    refuse("output 'z' is made by no node");
}
END_TEST

START_TEST(weights_may_be_inputs_of_known_shape)
{
    net_input(n, "x", INTS(1, 3, 8, 8));
    net_input(n, "w", INTS(4, 3, 3, 3));
    net_input(n, "fc", INTS(10, 36));
    net_input(n, "bias", INTS(10));
    net_node(n, "Conv", "conv", "x w", "y");
    net_node(n, "Relu", "relu", "y", "r");
    net_ints(n, "rows", INTS(4, 36));
    net_node(n, "Reshape", "flat", "r rows", "f");
    net_node(n, "Transpose", "turned", "fc", "fct");
    net_node(n, "MatMul", "out", "f fct", "p");
    net_node(n, "Add", "shift", "bias p", "z"); /* folded as any bias is */
    net_output(n, "z");
    finish();
    ck_assert_uint_eq(t.count, 4);
    ck_assert_str_eq(t.ops[0].weight, "w");
    ck_assert_str_eq(t.ops[3].weight, "fc");
    ck_assert_double_eq(trace_macs(&t), 4.0 * 36 * 27 + 4 * 36 * 10);
    ck_assert_int_eq(t.warnings, 3);
    ck_assert_str_eq(t.warning, "input 'w' is only read as weights, and taken for such");
}
END_TEST

START_TEST(an_input_that_something_else_reads_too_is_no_weight)
{
    net_input(n, "x", INTS(4, 4));
    net_input(n, "v", INTS(4, 4));
    net_node(n, "MatMul", "product", "x v", "y");
    net_node(n, "Add", "sum", "y v", "z");
    net_output(n, "z");
    finish();
    ck_assert_ptr_null(t.ops[0].weight);
    ck_assert_int_eq(t.warnings, 0);
}
END_TEST

/* --- sizes ---------------------------------------------------------------------------------- */

static void ask_for(const char *const *dims, size_t count)
{
    o.dims = dims;
    o.dim_count = count;
}

#define ASK_FOR(...)                                                                               \
    ask_for((const char *const[]){__VA_ARGS__},                                                    \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void open_product(void)
{
    net_input(n, "x", INTS(-1, -2, 20));
    net_weight(n, "w", INTS(20, 9));
    net_node(n, "MatMul", "fc", "x w", "y");
}

START_TEST(an_open_dimension_takes_the_size_asked_for)
{
    open_product();
    ASK_FOR("seq=128");
    finish();
    ck_assert_double_eq(trace_macs(&t), 128.0 * 180);
    ck_assert_int_eq(t.header.batch, 1);
}
END_TEST

START_TEST(an_open_dimension_is_named_by_its_place_too)
{
    open_product();
    ASK_FOR("x:0=3", "x:1=7");
    finish();
    ck_assert_double_eq(trace_macs(&t), 21.0 * 180);
    ck_assert_int_eq(t.header.batch, 3);
}
END_TEST

START_TEST(the_message_for_an_open_dimension_names_the_option)
{
    open_product();
    refuse("input 'x' leaves dimension 1 open: say its size with --dim seq=N");
}
END_TEST

START_TEST(a_dimension_that_is_a_sum_follows_from_its_parts)
{
    open_product();
    net_input(n, "past", INTS(-1, -3, 20));
    net_set_int(n, net_node(n, "Concat", "cat", "past x", "all"), "axis", 1);
    net_node(n, "MatMul", "fc2", "all w", "z");
    ASK_FOR("seq=8", "seq + 1=9");
    finish();
    ck_assert_double_eq(trace_macs(&t), (8.0 + 17) * 180);
    n = net_open(13);
    open_product();
    net_input(n, "past", INTS(-1, -3, 20));
    net_node(n, "MatMul", "fc2", "past w", "z");
    ASK_FOR("seq=8");
    finish();
    ck_assert_double_eq(trace_macs(&t), (8.0 + 9) * 180);
}
END_TEST

START_TEST(an_empty_cache_is_as_if_it_were_not_there)
{
    net_input(n, "x", INTS(1, 4, 16));
    net_input(n, "past", INTS(1, -2, 16));
    net_set_int(n, net_node(n, "Concat", "cat", "past x", "all"), "axis", 1);
    net_node(n, "Relu", "relu", "all", "y");
    ASK_FOR("seq=0");
    finish();
    ck_assert_uint_eq(t.count, 1);
    ASSERT_SHAPE(t.ops[0].out, 1, 4, 16);
}
END_TEST

START_TEST(sizes_that_name_nothing_are_refused)
{
    static const char *const texts[][2] = {
        {"sequence=8", "--dim sequence: no input leaves such a dimension open"},
        {"seq", "--dim takes NAME=N with N from 0 to 2^53, not 'seq'"},
        {"seq=-1", "--dim takes NAME=N"},
        {"seq=9007199254740993", "--dim takes NAME=N"},
        {"=4", "--dim takes NAME=N"}};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct diag d = {.status = 0};
        n = i == 0 ? n : net_open(13);
        open_product();
        ASK_FOR("seq=5", texts[i][0]);
        ck_assert(!net_try(n, a, &o, &t, &d));
        ck_assert_msg(strstr(d.text, texts[i][1]) != NULL, "'%s'", d.text);
    }
}
END_TEST

/* --- branches ------------------------------------------------------------------------------- */

/* if c: 3x3 convolution of x, else: relu of x */
static void branches(void)
{
    struct net *yes = net_inner(n->a), *no = net_inner(n->a);
    net_input(n, "x", INTS(1, 3, 8, 8));
    net_weight(n, "w", INTS(4, 3, 3, 3));
    net_node(yes, "Conv", "conv", "x w", "a");
    net_output(yes, "a");
    net_node(no, "Relu", "relu", "x", "b");
    net_output(no, "b");
    Onnx__NodeProto *node = net_node(n, "If", "choice", "c", "y");
    net_set_graph(n, node, "then_branch", yes);
    net_set_graph(n, node, "else_branch", no);
    net_output(n, "y");
}

START_TEST(a_constant_condition_takes_its_branch)
{
    for (int64_t c = 0; c < 2; c++) {
        n = c == 0 ? n : net_open(13);
        net_ints(n, "c", INTS(c));
        branches();
        finish();
        ck_assert_uint_eq(t.count, 1);
        ck_assert_str_eq(t.ops[0].name, c == 1 ? "conv" : "relu");
        ck_assert_int_eq(t.warnings, 0);
    }
}
END_TEST

START_TEST(a_condition_on_an_input_can_be_told)
{
    net_ints(n, "rate", INTS(16000));
    net_node(n, "Equal", "wide", "sr rate", "c");
    branches();
    net_input(n, "sr", NULL, 0);
    n->inputs[1]->type->tensor_type->elem_type = 7;
    ASK_FOR("sr=8000");
    finish();
    ck_assert_uint_eq(t.count, 1);
    ck_assert_str_eq(t.ops[0].name, "relu");
}
END_TEST

START_TEST(a_condition_that_is_computed_takes_the_then_branch_and_says_so)
{
    net_node(n, "ReduceMax", "largest", "x", "m");
    net_node(n, "Cast", "whether", "m", "c");
    branches();
    finish();
    ck_assert_uint_eq(t.count, 2);
    ck_assert_str_eq(t.ops[0].name, "largest"); /* the condition is needed */
    ck_assert_str_eq(t.ops[1].name, "conv");
    ck_assert_int_eq(t.warnings, 1);
    ck_assert_ptr_nonnull(strstr(t.warning, "node 'choice' (If): its condition is computed while"));
}
END_TEST

/* --- loops ---------------------------------------------------------------------------------- */

/* Each trip multiplies the state with w, keeps its relu, and goes on while `on` says so. */
static void loop(const char *trips, const char *on, const char *goes_on)
{
    struct net *body = net_inner(n->a);
    net_input(n, "x", INTS(1, 5));
    net_weight(n, "w", INTS(5, 5));
    net_input(body, "i", NULL, 0);
    net_input(body, "was", NULL, 0);
    net_input(body, "s", INTS(1, 5));
    net_node(body, "MatMul", "step", "s w", "next");
    net_node(body, "Relu", "seen", "next", "r");
    net_ints(body, "three", INTS(3));
    net_node(body, "Less", "few", "i three", "more");
    net_node(body, "Identity", "same", "was", "still");
    net_output(body, goes_on);
    net_output(body, "next");
    net_output(body, "r");
    Onnx__NodeProto *node =
        net_node(n, "Loop", "loop", arena_printf(n->a, "%s %s x", trips, on), "last all");
    net_set_graph(n, node, "body", body);
    net_output(n, "last");
    net_output(n, "all");
}

START_TEST(a_loop_is_written_out_trip_by_trip)
{
    net_ints(n, "m", INTS(6));
    loop("m", "-", "still");
    net_node(n, "Relu", "after", "all", "z");
    net_output(n, "z");
    finish();
    ck_assert_double_eq(trace_macs(&t), 6.0 * 25);
    ck_assert_double_eq(trace_weights(&t), 25);
    const struct op *last = &t.ops[t.count - 1];
    ASSERT_SHAPE(last->out, 6, 1, 5);
    ck_assert_int_eq(t.ops[2].inputs[0], 0); /* the second trip reads the first */
}
END_TEST

START_TEST(a_loop_ends_when_its_condition_says_so)
{
    loop("-", "-", "more");
    finish();
    ck_assert_double_eq(trace_macs(&t), 4.0 * 25);
}
END_TEST

START_TEST(a_loop_that_makes_no_trip_hands_its_states_on)
{
    net_ints(n, "m", INTS(0));
    loop("m", "-", "still");
    net_node(n, "Relu", "after", "last", "z");
    n->graph.n_output = 0;
    net_output(n, "z");
    n->nodes[0]->n_output = 1;
    finish();
    ck_assert_uint_eq(t.count, 1);
    ASSERT_SHAPE(t.ops[0].out, 1, 5);
}
END_TEST

START_TEST(a_scan_makes_a_trip_per_slice)
{
    struct net *body = net_inner(n->a);
    net_input(n, "h", INTS(2, 5));
    net_input(n, "x", INTS(7, 2, 5));
    net_weight(n, "w", INTS(5, 5));
    net_input(body, "s", INTS(2, 5));
    net_input(body, "xi", INTS(2, 5));
    net_node(body, "MatMul", "step", "xi w", "p");
    net_node(body, "Add", "sum", "p s", "next");
    net_node(body, "Identity", "same", "next", "kept");
    net_output(body, "next");
    net_output(body, "kept");
    Onnx__NodeProto *node = net_node(n, "Scan", "scan", "h x", "last all");
    net_set_graph(n, node, "body", body);
    net_set_int(n, node, "num_scan_inputs", 1);
    net_node(n, "Relu", "after", "all", "z");
    net_output(n, "z");
    finish();
    ck_assert_double_eq(trace_macs(&t), 7.0 * 2 * 25);
    ASSERT_SHAPE(t.ops[t.count - 1].out, 7, 2, 5);
}
END_TEST

/* --- functions ------------------------------------------------------------------------------ */

START_TEST(the_nodes_of_a_function_stand_where_it_is_called)
{
    struct net *body = net_inner(n->a);
    Onnx__NodeProto *soft = net_node(body, "Softmax", "rows", "p", "q");
    Onnx__AttributeProto *axis = net_attribute(body, soft, "axis");
    axis->ref_attr_name = arena_strdup(n->a, "over");
    net_node(body, "MatMul", "mix", "q b", "r");
    net_node(body, "Clip", "bound", "r left_out", "c");
    net_function(n, "attend", "p b left_out", "c", body);
    net_input(n, "x", INTS(4, 6, 6));
    net_weight(n, "w", INTS(6, 3));
    Onnx__NodeProto *call = net_node(n, "attend", "head", "x w", "y");
    call->domain = arena_strdup(n->a, "own");
    net_set_int(n, call, "over", 1);
    call = net_node(n, "attend", "again", "x w", "z");
    call->domain = arena_strdup(n->a, "own");
    net_output(n, "y");
    net_output(n, "z");
    finish();
    ck_assert_uint_eq(t.count, 6);
    ck_assert_int_eq(t.ops[0].kind, OP_SOFTMAX);
    ck_assert_double_eq(trace_macs(&t), 2 * 4.0 * 6 * 6 * 3);
    ck_assert_double_eq(trace_weights(&t), 18);
    ck_assert_int_eq(t.ops[2].inputs[0], 1);
}
END_TEST

/* What a call leaves out stands in a field that older schemas do not know. */
START_TEST(a_function_has_defaults_for_attributes_that_a_call_leaves_out)
{
    static uint8_t axis[] = {0x0a, 0x04, 'o', 'v', 'e', 'r', 0x18, 0x00, 0xa0, 0x01, 0x02};
    static uint8_t field[1 + sizeof axis] = {sizeof axis};
    for (int given = 0; given < 2; given++) {
        n = given == 0 ? n : net_open(13);
        struct net *body = net_inner(n->a);
        Onnx__NodeProto *top = net_node(body, "Concat", "join", "p p", "q");
        net_attribute(body, top, "axis")->ref_attr_name = arena_strdup(n->a, "over");
        net_function(n, "twice", "p", "q", body);
        memcpy(field + 1, axis, sizeof axis);
        ProtobufCMessageUnknownField *u = ARENA_NEW(n->a, ProtobufCMessageUnknownField);
        *u = (ProtobufCMessageUnknownField){11, PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED, sizeof field,
                                            field};
        n->functions[0]->base.unknown_fields = u;
        n->functions[0]->base.n_unknown_fields = 1;
        net_input(n, "x", INTS(2, 3));
        Onnx__NodeProto *call = net_node(n, "twice", "call", "x", "y");
        call->domain = arena_strdup(n->a, "own");
        if (given == 1)
            net_set_int(n, call, "over", 1);
        net_output(n, "y");
        finish();
        ASSERT_SHAPE(t.ops[0].out, given == 0 ? 4 : 2, given == 0 ? 3 : 6);
    }
}
END_TEST

/* A time step of one number, a vector beside it: nothing says that they are weights. */
START_TEST(a_vector_alone_is_no_weight)
{
    for (int64_t size = 1; size < 5; size += 3) {
        n = size == 1 ? n : net_open(13);
        net_input(n, "x", INTS(1, 4));
        net_input(n, "step", &size, 1);
        net_weight(n, "frequencies", INTS(4));
        net_weight(n, "w", INTS(4, 4));
        net_node(n, "Mul", "times", "step frequencies", "angles");
        net_node(n, "MatMul", "embed", "angles w", "e");
        net_node(n, "Add", "sum", "x e", "y");
        net_output(n, "y");
        finish();
        ck_assert_uint_eq(t.count, 3);
        ck_assert_double_eq(trace_macs(&t), 16);
    }
}
END_TEST

START_TEST(the_first_input_is_data_whatever_reads_it)
{
    net_input(n, "x", INTS(4, 4));
    net_weight(n, "w", INTS(4, 4));
    net_node(n, "MatMul", "product", "w x", "y");
    net_output(n, "y");
    finish();
    ck_assert_str_eq(t.ops[0].weight, "w");
    ck_assert_int_eq(t.warnings, 0);
}
END_TEST

ONNX_SUITE("onnx control", what_reaches_no_output_is_not_run,
           a_convolution_of_which_only_the_shape_is_read_is_not_run,
           an_output_that_no_node_makes_is_refused, weights_may_be_inputs_of_known_shape,
           an_input_that_something_else_reads_too_is_no_weight, a_vector_alone_is_no_weight,
           the_first_input_is_data_whatever_reads_it,
           a_function_has_defaults_for_attributes_that_a_call_leaves_out,
           an_open_dimension_takes_the_size_asked_for, an_open_dimension_is_named_by_its_place_too,
           the_message_for_an_open_dimension_names_the_option,
           a_dimension_that_is_a_sum_follows_from_its_parts,
           an_empty_cache_is_as_if_it_were_not_there, sizes_that_name_nothing_are_refused,
           a_constant_condition_takes_its_branch, a_condition_on_an_input_can_be_told,
           a_condition_that_is_computed_takes_the_then_branch_and_says_so,
           a_loop_is_written_out_trip_by_trip, a_loop_ends_when_its_condition_says_so,
           a_loop_that_makes_no_trip_hands_its_states_on, a_scan_makes_a_trip_per_slice,
           the_nodes_of_a_function_stand_where_it_is_called)
