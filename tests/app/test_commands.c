#include "core/app/list.h"
#include "tests/app/program.h"
#include "tests/folder.h"

START_TEST(one_trace_gives_an_object_and_several_an_array_in_order)
{
    struct arena *a = arena_open();
    json_t *one = run_json(a, "run isaac squeezenet --gpu none --format json");
    json_t *two = run_json(a, "run isaac alexnet squeezenet --gpu none --format json");
    ck_assert(json_is_object(one));
    ck_assert_uint_eq(json_array_size(two), 2);
    json_t *first = json_array_get(two, 0), *second = json_array_get(two, 1);
    ck_assert_str_eq(json_string_value(json_object_get(first, "trace")), "alexnet");
    json_object_del(one, "cpu_s");
    json_object_del(second, "cpu_s");
    ck_assert(json_equal(one, second));
    json_decref(one);
    json_decref(two);
    arena_close(a);
}
END_TEST

START_TEST(without_timing_two_runs_give_the_same_bytes)
{
    struct arena *a = arena_open();
    static const char *const lines[] = {
        "run isaac squeezenet --batch 2 --seed 7 --format json",
        "run isaac squeezenet alexnet --gpu none --format html",
        "run isaac squeezenet --gpu none --uncertainty 8 --format json",
        "dram hbm3_6400 --requests 1000 --format json",
        "noc isaac --warmup 100 --cycles 100 --format csv",
    };
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        const char *line = arena_printf(a, "%s --no-timing", lines[i]);
        struct outcome one = run(a, line), other = run(a, line);
        ck_assert_msg(one.status == 0, "%s: %s", line, one.err);
        ck_assert_str_eq(one.out, other.out);
        ck_assert_ptr_null(strstr(one.out, "cpu_s"));
        ck_assert_ptr_nonnull(strstr(run(a, lines[i]).out, "cpu_s"));
    }
    arena_close(a);
}
END_TEST

START_TEST(the_energies_of_a_run_add_up_by_part_and_by_layer)
{
    struct arena *a = arena_open();
    json_t *r = run_json(a, "run isaac squeezenet --gpu none --batch 3 --format json");
    double layers = 0;
    size_t i;
    json_t *layer;
    json_array_foreach(json_object_get(r, "layers"), i, layer) layers +=
        number_of(layer, "energy_j");
    ASSERT_NEAR(sum_of(r, "energy_by_part_j"), number_of(r, "energy_j"), 1e-9);
    ASSERT_NEAR(layers, number_of(r, "energy_j"), 1e-9);
    ASSERT_NEAR(sum_of(r, "time_by_cause_s"), number_of(r, "time_s"), 1e-9);
    json_decref(r);
    arena_close(a);
}
END_TEST

START_TEST(baselines_are_those_asked_for)
{
    struct arena *a = arena_open();
    json_t *none = run_json(a, "run isaac squeezenet --gpu none --format json");
    json_t *two = run_json(a, "run isaac squeezenet --gpu a100_sxm --gpu h100_pcie --format json");
    ck_assert_uint_eq(json_array_size(json_object_get(none, "baselines")), 0);
    json_t *list = json_object_get(two, "baselines");
    ck_assert_uint_eq(json_array_size(list), 2);
    ck_assert_str_eq(json_string_value(json_object_get(json_array_get(list, 1), "name")),
                     "h100_pcie");
    json_decref(none);
    json_decref(two);
    arena_close(a);
}
END_TEST

START_TEST(of_several_bad_traces_the_first_is_told)
{
    struct arena *a = arena_open();
    for (int i = 0; i < 3; i++) {
        struct outcome r = run(a, "run isaac squeezenet missing_one missing_two --gpu none");
        ck_assert_int_eq(r.status, 2);
        ck_assert_str_eq(r.out, "");
        ck_assert_ptr_nonnull(strstr(r.err, "missing_one"));
        ck_assert_ptr_null(strstr(r.err, "missing_two"));
    }
    arena_close(a);
}
END_TEST

START_TEST(the_peak_is_the_sum_of_its_parts)
{
    struct arena *a = arena_open();
    json_t *r = run_json(a, "peak isaac --format json");
    ASSERT_NEAR(sum_of(r, "power_by_part_w"), number_of(r, "power_w"), 1e-9);
    ASSERT_NEAR(sum_of(r, "area_by_part_mm2"), number_of(r, "area_mm2"), 1e-9);
    ASSERT_NEAR(number_of(r, "tops_per_w"), number_of(r, "tops") / number_of(r, "power_w"), 1e-9);
    json_t *narrow = run_json(a, "peak isaac --precision int8 --format json");
    ck_assert_str_eq(json_string_value(json_object_get(narrow, "precision")), "int8");
    ck_assert_double_gt(number_of(narrow, "tops"), number_of(r, "tops"));
    json_decref(narrow);
    json_decref(r);
    arena_close(a);
}
END_TEST

START_TEST(the_breakdown_of_a_macro_is_its_energy)
{
    struct arena *a = arena_open();
    json_t *r = run_json(a, "macro isaac_xbar --format json");
    ASSERT_NEAR(sum_of(r, "breakdown"), number_of(r, "energy_pj"), 1e-9);
    ASSERT_NEAR(sum_of(r, "area_by_part_um2"), number_of(r, "area_um2"), 1e-9);
    json_decref(r);
    arena_close(a);
}
END_TEST

START_TEST(a_seed_moves_what_is_random_and_nothing_else)
{
    struct arena *a = arena_open();
    const char *line = "noc isaac --warmup 100 --cycles 500 --format json --seed";
    json_t *one = run_json(a, arena_printf(a, "%s 1", line));
    json_t *again = run_json(a, arena_printf(a, "%s 1", line));
    json_t *other = run_json(a, arena_printf(a, "%s 2", line));
    ck_assert_double_eq(number_of(one, "packets"), number_of(again, "packets"));
    ck_assert_double_ne(number_of(one, "packets"), number_of(other, "packets"));
    ck_assert_double_eq(number_of(one, "nodes"), number_of(other, "nodes"));
    json_decref(one);
    json_decref(again);
    json_decref(other);
    arena_close(a);
}
END_TEST

START_TEST(a_stream_is_slower_than_the_peak_and_faster_than_random)
{
    struct arena *a = arena_open();
    json_t *stream = run_json(a, "dram hbm3_6400 --requests 20000 --format json");
    json_t *random = run_json(a, "dram hbm3_6400 --pattern random --requests 20000 --format json");
    ck_assert_double_gt(number_of(stream, "bandwidth_gb_s"), number_of(random, "bandwidth_gb_s"));
    ASSERT_NEAR(sum_of(stream, "energy_pj"), number_of(stream, "total_energy_pj"), 1e-9);
    json_decref(stream);
    json_decref(random);
    arena_close(a);
}
END_TEST

START_TEST(a_table_of_kernels_gives_a_row_each_equal_to_the_single_ones)
{
    struct arena *a = arena_open();
    char *folder = new_folder(a);
    write_whole(arena_printf(a, "%s/k.csv", folder),
                "op,dtype,m,n,k,batch\nmatmul,fp16,512,512,512,\nelementwise,fp16,64,64,,1\n");
    json_t *rows =
        run_json(a, arena_printf(a, "gpu h100_sxm --batch %s/k.csv --format json", folder));
    json_t *one = run_json(a, "gpu h100_sxm --op matmul --shape 512,512,512 --format json");
    ck_assert_uint_eq(json_array_size(rows), 2);
    ck_assert(json_equal(json_array_get(rows, 0), one));
    json_decref(rows);
    json_decref(one);
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

START_TEST(attention_is_the_same_alone_and_in_a_table)
{
    struct arena *a = arena_open();
    char *folder = new_folder(a);
    write_whole(arena_printf(a, "%s/k.csv", folder),
                "op,dtype,m,n,k,batch\nattention,fp16,8,4096,128,32\n");
    json_t *rows =
        run_json(a, arena_printf(a, "gpu h100_sxm --batch %s/k.csv --format json", folder));
    json_t *one = run_json(a, "gpu h100_sxm --op attention --shape 8,4096,128,32 --format json");
    ck_assert(json_equal(json_array_get(rows, 0), one));
    ASSERT_NEAR(number_of(one, "ops"), 4.0 * 32 * 8 * 4096 * 128, 1e-9);
    json_decref(rows);
    json_decref(one);
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

static size_t parameters_of(const json_t *list, const char *of)
{
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(list); i++)
        count += !strcmp(json_string_value(json_object_get(json_array_get(list, i), "of")), of);
    return count;
}

START_TEST(packages_and_wafers_are_listed_with_all_that_their_configs_may_say)
{
    struct arena *a = arena_open();
    static const char *const of[][2] = {
        {"packages", "package"},
        {"packages", "package.dies.*"},
        {"packages", "package.links.*"},
        {"packages", "package.memories.*"},
        {"packages", "package.stack"},
        {"packages", "package.die_process"},
        {"packages", "package.assembly"},
        {"packages", "package.assembly.interposer"},
        {"wafers", "wafer"},
        {"wafers", "wafer.router"},
        {"wafers", "wafer.edge"},
        {"wafers", "wafer.process"},
    };
    for (size_t i = 0; i < COUNT_OF(of); i++) {
        json_t *r = run_json(a, arena_printf(a, "list %s --format json", of[i][0]));
        ck_assert_msg(parameters_of(json_object_get(r, "parameters"), of[i][1]) > 0,
                      "list %s has no parameters of %s", of[i][0], of[i][1]);
        json_decref(r);
    }
    arena_close(a);
}
END_TEST

static const json_t *named(const json_t *rows, const char *name)
{
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (!strcmp(json_string_value(json_object_get(json_array_get(rows, i), "name")), name))
            return json_array_get(rows, i);
    ck_abort_msg("no row is named %s", name);
    return NULL;
}

START_TEST(a_listed_package_or_wafer_says_what_its_parts_add_up_to)
{
    struct arena *a = arena_open();
    json_t *packages = run_json(a, "list packages --format json");
    json_t *wafers = run_json(a, "list wafers --format json");
    const json_t *quad = named(json_object_get(packages, "packages"), "quad_dcim_hbm3");
    const json_t *wafer = named(json_object_get(wafers, "wafers"), "wafer_cim");
    ck_assert_double_eq(number_of(quad, "dies"), 4);
    ASSERT_NEAR(number_of(quad, "silicon_mm2"), 4 * 17.0 * 17.0, 1e-9);
    ck_assert_double_eq(number_of(quad, "stacks"), 8);
    ASSERT_NEAR(number_of(quad, "memory_gb_s"), 8 * 6.4 * 1024 / 8, 1e-9);
    ASSERT_NEAR(number_of(wafer, "sram_gib"), number_of(wafer, "cores") / 2048, 1e-9);
    json_decref(packages);
    json_decref(wafers);
    arena_close(a);
}
END_TEST

START_TEST(every_list_has_entries_and_every_config_on_disk_opens)
{
    struct arena *a = arena_open();
    for (size_t i = 0; listing_at(i); i++) {
        const char *name = listing_at(i)->name;
        json_t *r = run_json(a, arena_printf(a, "list %s --format json", name));
        json_t *rows = json_object_get(r, name), *row;
        size_t k;
        ck_assert_msg(json_array_size(rows) > 0, "list %s is empty", name);
        json_array_foreach(rows, k, row)
            ck_assert_msg(!json_object_get(row, "error"), "list %s: %s", name,
                          json_string_value(json_object_get(row, "error")));
        json_decref(r);
    }
    arena_close(a);
}
END_TEST

/* One of its depth-wise layers takes 154 of the chip's 512 arrays, for its 768 channels are one
 * column of outputs each. */
START_TEST(wide_depthwise_layers_run_where_arrays_hold_them)
{
    struct arena *a = arena_open();
    json_t *r =
        run_json(a, "run dcim_22nm tests/data/convnext_tiny.jsonl.gz --gpu none --format json");
    ck_assert_double_eq_tol(number_of(r, "ops"), 2 * 4.456e9, 2e7);
    ck_assert_double_gt(number_of(r, "time_s"), number_of(r, "lower_bound_s"));
    json_decref(r);
    arena_close(a);
}
END_TEST

static const json_t *row_named(const json_t *rows, const char *name)
{
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row) if (!strcmp(json_string_value(json_object_get(row, "name")),
                                                 name)) return row;
    ck_abort_msg("no row %s", name);
}

START_TEST(a_wafer_has_one_area_in_peak_list_and_run)
{
    struct arena *a = arena_open();
    json_t *list = run_json(a, "list wafers --format json");
    json_t *peak = run_json(a, "peak wafer_cim --format json");
    json_t *played = run_json(a, "run wafer_cim squeezenet --gpu none --format json");
    double mm2 = number_of(row_named(json_object_get(list, "wafers"), "wafer_cim"), "area_mm2");
    ck_assert_double_eq(mm2, 215.0 * 215.0);
    ck_assert_double_eq(number_of(peak, "area_mm2"), mm2);
    ck_assert_double_eq(number_of(played, "area_mm2"), mm2);
    ck_assert_double_eq_tol(number_of(peak, "tops_per_mm2"), number_of(peak, "tops") / mm2, 1e-9);
    ck_assert_double_eq_tol(sum_of(peak, "area_by_part_mm2"), mm2, 1e-6);
    json_decref(list);
    json_decref(peak);
    json_decref(played);
    arena_close(a);
}
END_TEST

/* 3,000,017 x 300,007 x 100,003 is no double; nor is the sum of four of them. */
START_TEST(counts_beyond_2_to_the_53_are_exact_in_json_and_csv)
{
    struct arena *a = arena_open();
    char *folder = new_folder(a);
    write_whole(arena_printf(a, "%s/big.jsonl", folder),
                "{\"cimarron_trace\":1,\"name\":\"big\",\"batch\":1,\"activation_bits\":8,"
                "\"weight_bits\":8}\n"
                "{\"id\":0,\"name\":\"p\",\"op\":\"matmul\",\"inputs\":[],\"m\":3000017,"
                "\"k\":300007,\"n\":100003,\"weight\":\"w\"}\n"
                "{\"repeat\":{\"lines\":1,\"times\":3,\"weights\":\"shared\"}}\n");
    const char *line = arena_printf(a, "trace info %s/big.jsonl --format", folder);
    struct outcome json = run(a, arena_printf(a, "%s json", line));
    ck_assert_msg(json.status == 0, "%s", json.err);
    ck_assert_ptr_nonnull(strstr(json.out, "\"macs\": 360021240360801428,"));
    ck_assert_ptr_nonnull(strstr(json.out, "\"ops\": 720042480721602856,"));
    struct outcome csv = run(a, arena_printf(a, "%s csv", line));
    ck_assert_ptr_nonnull(strstr(csv.out, "360021240360801428"));
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

START_TEST(a_seed_may_have_sixty_three_bits)
{
    struct arena *a = arena_open();
    json_t *r = run_json(a, "run isaac squeezenet --gpu none --seed 9223372036854775807 "
                            "--format json");
    ck_assert(json_integer_value(json_object_get(r, "seed")) == INT64_MAX);
    json_decref(r);
    ck_assert_int_eq(run(a, "run isaac squeezenet --gpu none --seed 9223372036854775808").status,
                     2);
    arena_close(a);
}
END_TEST

START_TEST(checking_goes_on_behind_a_file_that_is_wrong)
{
    struct arena *a = arena_open();
    struct outcome r = run(a, "check tests/bad/macro-zero-rows/in.cfg isaac_xbar no_such_thing");
    ck_assert_int_eq(r.status, 2);
    ck_assert_ptr_nonnull(strstr(r.out, "isaac_xbar.cfg: ok\n"));
    ck_assert_ptr_nonnull(strstr(r.err, "tests/bad/macro-zero-rows/in.cfg:"));
    ck_assert_ptr_nonnull(strstr(r.err, "no_such_thing"));
    arena_close(a);
}
END_TEST

/* tests/bad/ROLE-*: no folder tells what they are, only the kind that they name.  The sentences are
 * the business of the suites of packages and wafers. */
static void refuse_all(struct arena *a, const char *prefix)
{
    struct folder_names cases = folder_list(a, "tests/bad", prefix, "");
    ck_assert_uint_gt(cases.count, 0);
    for (size_t i = 0; i < cases.count; i++) {
        const char *path = arena_printf(a, "tests/bad/%s/in.cfg", cases.at[i]);
        struct outcome r = run(a, arena_printf(a, "check %s", path));
        ck_assert_msg(r.status == 2 && !*r.out, "%s: %d %s", path, r.status, r.out);
        ck_assert_ptr_null(strstr(r.err, "neither its keys"));
        ck_assert_msg(strstr(r.err, arena_printf(a, "%s:", path)) != NULL, "%s: %s", path, r.err);
    }
}

START_TEST(packages_and_wafers_that_cannot_be_built_are_refused)
{
    struct arena *a = arena_open();
    refuse_all(a, "package-");
    refuse_all(a, "wafer-");
    arena_close(a);
}
END_TEST

START_TEST(what_is_set_in_the_chip_of_a_package_or_wafer_is_checked)
{
    struct arena *a = arena_open();
    struct outcome r = run(a, "check quad_dcim_hbm3 wafer_cim --set chip.tile.arrays=8");
    ck_assert_msg(r.status == 0, "%s", r.err);
    ck_assert_ptr_nonnull(strstr(r.out, "wafer_cim.cfg: ok\n"));
    ck_assert_int_eq(run(a, "check quad_dcim_hbm3 --set chip.tile.no_such=8").status, 2);
    ck_assert_int_eq(run(a, "check isaac --set chip.tile.arrays=8").status, 2);
    arena_close(a);
}
END_TEST

START_TEST(every_shipped_config_and_trace_is_sound)
{
    struct arena *a = arena_open();
    static const char *const roles[] = {"cell",   "chip", "gpu",     "link",  "macro",
                                        "memory", "noc",  "package", "study", "wafer"};
    for (size_t i = 0; i < COUNT_OF(roles); i++) {
        const char *folder = arena_printf(a, "configs/%s", roles[i]), *line = "check -q";
        struct folder_names files = folder_list(a, folder, "", ".cfg");
        for (size_t f = 0; f < files.count; f++)
            line = arena_printf(a, "%s %s/%s", line, folder, files.at[f]);
        struct outcome r = run(a, line);
        ck_assert_msg(r.status == 0, "%s: %s", folder, r.err);
    }
    arena_close(a);
}
END_TEST

START_TEST(a_trace_printed_and_read_again_is_the_same)
{
    struct arena *a = arena_open();
    char *folder = new_folder(a), *file = arena_printf(a, "%s/net.jsonl", folder);
    struct outcome first = run(a, "trace cat squeezenet");
    ck_assert_int_eq(first.status, 0);
    write_whole(file, first.out);
    ck_assert_str_eq(run(a, arena_printf(a, "trace cat %s", file)).out, first.out);
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

SUITE("commands", one_trace_gives_an_object_and_several_an_array_in_order,
      without_timing_two_runs_give_the_same_bytes,
      the_energies_of_a_run_add_up_by_part_and_by_layer, baselines_are_those_asked_for,
      of_several_bad_traces_the_first_is_told, the_peak_is_the_sum_of_its_parts,
      the_breakdown_of_a_macro_is_its_energy, a_seed_moves_what_is_random_and_nothing_else,
      a_stream_is_slower_than_the_peak_and_faster_than_random,
      a_table_of_kernels_gives_a_row_each_equal_to_the_single_ones,
      attention_is_the_same_alone_and_in_a_table,
      packages_and_wafers_are_listed_with_all_that_their_configs_may_say,
      a_listed_package_or_wafer_says_what_its_parts_add_up_to,
      every_list_has_entries_and_every_config_on_disk_opens,
      wide_depthwise_layers_run_where_arrays_hold_them, a_wafer_has_one_area_in_peak_list_and_run,
      counts_beyond_2_to_the_53_are_exact_in_json_and_csv, a_seed_may_have_sixty_three_bits,
      checking_goes_on_behind_a_file_that_is_wrong,
      packages_and_wafers_that_cannot_be_built_are_refused,
      what_is_set_in_the_chip_of_a_package_or_wafer_is_checked,
      every_shipped_config_and_trace_is_sound, a_trace_printed_and_read_again_is_the_same)
