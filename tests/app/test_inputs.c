/* What users hand in: how their texts begin, what their folders and files are called. */
#include <zlib.h>

#include "core/base/cfg.h"
#include "tests/app/program.h"
#include "tests/traces/onnx_build.h"

#define MARK "\xef\xbb\xbf"

static struct arena *a;
static char *folder;

static void begin(void)
{
    a = arena_open();
    folder = new_folder(a);
}

static void end(void)
{
    remove_folder(a, folder);
    arena_close(a);
}

static char *in_folder(const char *name)
{
    return arena_printf(a, "%s/%s", folder, name);
}

static char *replaced(char *text, const char *was, const char *is)
{
    const char *out = "";
    for (char *at; (at = strstr(text, was)) != NULL; text = at + strlen(was)) {
        *at = '\0';
        out = arena_printf(a, "%s%s%s", out, text, is);
    }
    return arena_printf(a, "%s%s", out, text);
}

/* The text of a config that can stand anywhere. */
static char *shipped(const char *path)
{
    const char *whole = arena_printf(a, "%s/configs/%s", CIMARRON_SOURCE_DIR, path);
    int length = (int)(strrchr(whole, '/') - whole);
    return replaced(read_whole(a, whole), "@include \"",
                    arena_printf(a, "@include \"%.*s/", length, whole));
}

static void write_gzip(const char *path, const char *text)
{
    gzFile f = gzopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_gt(gzputs(f, text), 0);
    gzclose(f);
}

/* --- byte order marks ------------------------------------------------------------------------- */

/* A file, what it holds, and a command that reads it and prints nothing that differs by chance. */
struct marked {
    const char *name, *text, *command;
    bool gzip;
};

#define TRACE_TEXT                                                                                 \
    "{\"cimarron_trace\":1,\"name\":\"one\",\"batch\":1,\"activation_bits\":8,"                    \
    "\"weight_bits\":8}\n"                                                                         \
    "{\"id\":0,\"name\":\"p\",\"op\":\"matmul\",\"inputs\":[],\"m\":4,\"k\":8,\"n\":4,"            \
    "\"weight\":\"w\"}\n"

static const struct marked marked[] = {
    {"net.jsonl", TRACE_TEXT, "trace cat net.jsonl", false},
    {"net.jsonl.gz", TRACE_TEXT, "trace cat net.jsonl.gz", true},
    {"topology.csv",
     "Layer,IFMAP Height,IFMAP Width,Filter Height,Filter Width,Channels,Num Filter,Strides,\n"
     "c,8,8,3,3,4,4,1,\n",
     "trace import topology.csv -o out.jsonl.gz", false},
    {"config.json",
     "{\"model_type\":\"llama\",\"hidden_size\":64,\"num_attention_heads\":4,"
     "\"num_hidden_layers\":2}\n",
     "trace import config.json -o out.jsonl.gz", false},
    {"kernels.csv", "op,dtype,m,n,k,batch\nmatmul,int8,64,64,64,1\n",
     "gpu h100_sxm --batch kernels.csv --format csv", false},
    {"hist.csv", "net,op,dims,hist_inputs,hist_weights\nn,Linear,C=8 M=4,0.2 0.6 0.2,0.2 0.6 0.2\n",
     "trace annotate base.jsonl hist.csv --net n -o out.jsonl.gz", false},
    {"requests", "R 0x40\nW 0x80\nR 40\n",
     "dram hbm3_6400 --pattern requests --format csv --no-timing", false},
    {"requests.gz", "R 0x40\nW 0x80\n",
     "dram hbm3_6400 --pattern requests.gz --format csv --no-timing", true},
};

static struct outcome outcome_of(const struct marked *m, const char *mark)
{
    const char *text = arena_printf(a, "%s%s", mark, m->text);
    unlink(in_folder("out.jsonl.gz"));
    if (m->gzip)
        write_gzip(in_folder(m->name), text);
    else
        write_whole(in_folder(m->name), text);
    struct outcome r = run_in(a, folder, m->command);
    ck_assert_msg(r.status == 0, "%s: %s", m->command, r.err);
    if (strstr(m->command, "-o out.jsonl.gz"))
        r.out = run_in(a, folder, "trace cat out.jsonl.gz").out;
    return r;
}

START_TEST(a_byte_order_mark_is_passed_over_in_every_text)
{
    begin();
    write_whole(in_folder("base.jsonl"), TRACE_TEXT);
    for (size_t i = 0; i < COUNT_OF(marked); i++) {
        struct outcome plain = outcome_of(&marked[i], "");
        struct outcome with = outcome_of(&marked[i], MARK);
        ck_assert_msg(plain.out[0] != '\0', "%s prints nothing", marked[i].command);
        ck_assert_str_eq(with.out, plain.out);
    }
    end();
}
END_TEST

START_TEST(a_byte_order_mark_is_passed_over_in_configs_and_what_they_include)
{
    begin();
    write_whole(in_folder("cell.cfg"),
                arena_printf(a, MARK "%s", shipped("cell/rram_2b_22nm.cfg")));
    write_whole(in_folder("macro.cfg"),
                MARK "title = \"m\"; source = \"a test\"; kind = \"resistive\"; rows = 64;\n"
                     "columns = 64; columns_per_adc = 8; dac_bits = 1; adc_bits = 6;\n"
                     "adc_kind = \"sar\"; adc_gsps = 0.2; sampling = \"all_columns\";\n"
                     "encoding = \"offset\"; input_bits = 8; weight_bits = 8; read_ns = 50.0;\n"
                     "node_nm = 22.0; vdd_v = 0.8; cell : { @include \"cell.cfg\" };\n");
    struct outcome r = run_in(a, folder, "check macro.cfg");
    ck_assert_msg(r.status == 0, "%s", r.err);
    end();
}
END_TEST

/* --- names of folders and files --------------------------------------------------------------- */

START_TEST(a_file_is_what_its_keys_say_in_a_folder_of_any_name)
{
    static const char *const folders[] = {"chip", "macro", "wafer"};
    a = arena_open();
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        char *top = new_folder(a), *inner = arena_printf(a, "%s/%s", top, folders[i]);
        ck_assert_int_eq(mkdir(inner, 0700), 0);
        write_whole(arena_printf(a, "%s/x.cfg", inner), shipped("macro/isaac_xbar.cfg"));
        write_whole(arena_printf(a, "%s/y.cfg", inner), shipped("memory/hbm3_6400.cfg"));
        struct outcome r =
            run_in(a, top,
                   arena_printf(a, "check %s/x.cfg %s/y.cfg --format csv", folders[i], folders[i]));
        ck_assert_msg(r.status == 0, "%s: %s", folders[i], r.err);
        ck_assert_ptr_nonnull(strstr(r.out, "x.cfg,macro,true"));
        ck_assert_ptr_nonnull(strstr(r.out, "y.cfg,memory,true"));
        remove_folder(a, inner);
        rmdir(top);
    }
    arena_close(a);
}
END_TEST

/* A package of one die whose chip lies beside it, in a folder below it, or among configs/. */
static void check_chip(const char *file, const char *chip)
{
    const char *path = in_folder(file);
    write_whole(path, replaced(shipped("package/quad_dcim_hbm3.cfg"), "\"dcim_5nm_hbm3\"",
                               arena_printf(a, "\"%s\"", chip)));
    struct outcome r = run_in(a, "/", arena_printf(a, "check %s", path));
    ck_assert_msg(r.status == 0, "%s: %s", chip, r.err);
}

START_TEST(a_package_finds_its_chip_beside_it_from_any_folder)
{
    begin();
    write_whole(in_folder("mychip.cfg"), shipped("chip/dcim_5nm_hbm3.cfg"));
    check_chip("one.cfg", "mychip.cfg");
    check_chip("two.cfg", "chip/dcim_5nm_hbm3.cfg");
    check_chip("three.cfg", "dcim_5nm_hbm3");
    end();
}
END_TEST

START_TEST(a_table_finds_its_systems_beside_it_from_any_folder)
{
    begin();
    write_whole(in_folder("mychip.cfg"), shipped("chip/dcim_22nm.cfg"));
    write_whole(in_folder("table.cfg"),
                "name = \"t\"; title = \"t\"; source = \"a test\"; kind = \"table\";\n"
                "rows : { one : { system = \"mychip.cfg\"; }; };\n");
    struct outcome r = run_in(a, "/", arena_printf(a, "compare %s", in_folder("table.cfg")));
    ck_assert_msg(r.status == 0, "%s", r.err);
    end();
}
END_TEST

START_TEST(a_request_trace_needs_no_dot_in_its_name)
{
    begin();
    write_whole(in_folder("requests"), "R 0x40\nR 0x80\n");
    write_whole(in_folder("random"), "R 0x40\n");
    const char *line = "dram hbm3_6400 --pattern %s --format csv";
    struct outcome bare = run_in(a, folder, arena_printf(a, line, "requests"));
    struct outcome path = run_in(a, folder, arena_printf(a, line, "./requests"));
    ck_assert_msg(bare.status == 0, "%s", bare.err);
    ck_assert_ptr_nonnull(strstr(bare.out, "\nrequests,4\n"));
    ck_assert_int_eq(path.status, 0);
    struct outcome pattern = run_in(a, folder, arena_printf(a, line, "random"));
    ck_assert_msg(pattern.status == 0, "%s", pattern.err);
    ck_assert_ptr_nonnull(strstr(pattern.out, "\nrequests,100000\n"));
    end();
}
END_TEST

/* --- files of other kinds --------------------------------------------------------------------- */

/* What a run prints but for the trace's name. */
static const char *result_of(const char *line)
{
    struct outcome r = run_in(a, folder, arena_printf(a, "%s --gpu none --format csv", line));
    ck_assert_msg(r.status == 0, "%s: %s", line, r.err);
    return r.out;
}

START_TEST(a_run_imports_on_the_way)
{
    static const struct {
        const char *name, *text, *options;
    } files[] = {
        {"net.csv", "8,8,3,3,3,16,1,1\n1,1,256,1,1,10,0,1\n", ""},
        {"net.yaml", "problem:\n  shape: gemm-ABZ\n  M: 16\n  N: 32\n  K: 64\n", ""},
        {"net.json",
         "{\"model_type\":\"llama\",\"hidden_size\":64,\"num_attention_heads\":4,"
         "\"num_hidden_layers\":3}\n",
         "--phase prefill --sequence 8"},
    };
    begin();
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        write_whole(in_folder(files[i].name), files[i].text);
        struct outcome r = run_in(a, folder,
                                  arena_printf(a, "trace import %s %s --bits 8,4 -o net.jsonl.gz",
                                               files[i].name, files[i].options));
        ck_assert_msg(r.status == 0, "%s: %s", files[i].name, r.err);
        const char *once = result_of(arena_printf(a, "run dcim_5nm_hbm3 %s %s --bits 8,4 --batch 3",
                                                  files[i].name, files[i].options));
        ck_assert_str_eq(once, result_of("run dcim_5nm_hbm3 net.jsonl.gz --batch 3"));
    }
    end();
}
END_TEST

START_TEST(a_run_takes_the_sizes_of_an_onnx_graph)
{
    size_t size;
    begin();
    struct net *n = net_open(13);
    net_input(n, "x", INTS(-1, -2, 20)); /* -1: the batch, -2: seq */
    net_weight(n, "w", INTS(20, 9));
    net_node(n, "MatMul", "fc", "x w", "y");
    net_output(n, "y");
    const uint8_t *bytes = net_pack(n, &size);
    FILE *out = fopen(in_folder("net.onnx"), "wb");
    ck_assert_ptr_nonnull(out);
    ck_assert_uint_eq(fwrite(bytes, 1, size, out), size);
    ck_assert_int_eq(fclose(out), 0);
    arena_close(n->a);
    struct outcome r = run_in(a, folder, "trace import net.onnx --dim seq=128 -o net.jsonl.gz");
    ck_assert_msg(r.status == 0, "%s", r.err);
    ck_assert_str_eq(result_of("run dcim_22nm net.onnx --dim seq=128 --batch 3"),
                     result_of("run dcim_22nm net.jsonl.gz --batch 3"));
    r = run_in(a, folder, "run dcim_22nm net.onnx");
    ck_assert_int_eq(r.status, 2);
    ck_assert_ptr_nonnull(strstr(r.err, "say its size with --dim seq=N"));
    end();
}
END_TEST

START_TEST(a_trace_stays_one_whatever_its_name)
{
    begin();
    write_whole(in_folder("net.json"), TRACE_TEXT);
    result_of("run dcim_22nm net.json");
    struct outcome r = run_in(a, folder, "run dcim_22nm net.json --phase decode");
    ck_assert_int_eq(r.status, 2);
    ck_assert_ptr_nonnull(strstr(r.err, "is a trace already"));
    end();
}
END_TEST

SUITE("what users hand in", a_byte_order_mark_is_passed_over_in_every_text,
      a_byte_order_mark_is_passed_over_in_configs_and_what_they_include,
      a_file_is_what_its_keys_say_in_a_folder_of_any_name,
      a_package_finds_its_chip_beside_it_from_any_folder,
      a_table_finds_its_systems_beside_it_from_any_folder, a_request_trace_needs_no_dot_in_its_name,
      a_run_imports_on_the_way, a_run_takes_the_sizes_of_an_onnx_graph,
      a_trace_stays_one_whatever_its_name)
