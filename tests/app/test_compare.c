/* compare, as a user who writes a table of own systems calls it. */
#include "tests/app/program.h"

static const char own[] =
    "kind = \"table\"; name = \"mine\"; source = \"me\"; node_nm = 28.0;\n"
    "rows = {\n"
    "    chip = { system = \"dcim_22nm\"; trace = \"squeezenet\"; batch = 2; };\n"
    "    gpu = { system = \"h100_sxm\"; role = \"gpu\"; trace = \"squeezenet\"; "
    "batch = 2; };\n"
    "};\n";

static const char *own_table(struct arena *a, const char *folder)
{
    const char *path = arena_printf(a, "%s/own.cfg", folder);
    write_whole(path, own);
    return path;
}

static json_t *predicted(json_t *table, const char *key)
{
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(table, "rows"), i,
                       row) if (!strcmp(json_string_value(json_object_get(row, "row")),
                                        key)) return json_object_get(row, "predicted");
    ck_abort_msg("no row %s", key);
}

START_TEST(a_gpu_row_with_a_trace_is_the_baseline_of_a_run)
{
    struct arena *a = arena_open();
    char *folder = new_folder(a);
    json_t *table =
        run_json(a, arena_printf(a, "compare %s --format json -q", own_table(a, folder)));
    json_t *r = run_json(a, "run dcim_22nm squeezenet --batch 2 --gpu h100_sxm --format json -q");
    json_t *baseline = json_array_get(json_object_get(r, "baselines"), 0);
    static const char *const keys[] = {"tops", "power_w", "tops_per_w"};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        ASSERT_NEAR(number_of(predicted(table, "gpu"), keys[i]), number_of(baseline, keys[i]),
                    1e-12);
        ASSERT_NEAR(number_of(predicted(table, "chip"), keys[i]), number_of(r, keys[i]), 1e-12);
    }
    json_decref(table);
    json_decref(r);
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

START_TEST(a_table_of_own_systems_says_what_each_column_is)
{
    struct arena *a = arena_open();
    char *folder = new_folder(a);
    static const char *const formats[] = {"text", "md", "latex", "html"};
    static const char *const headings[] = {"TOPS (pred.)", "W (pred.)", "TOPS/W (pred.)",
                                           "1b (pred.)"};
    for (size_t f = 0; f < COUNT_OF(formats); f++) {
        const char *line =
            arena_printf(a, "compare %s --format %s", own_table(a, folder), formats[f]);
        struct outcome r = run(a, line);
        ck_assert_msg(r.status == 0, "%s: %s", line, r.err);
        for (size_t h = 0; h < COUNT_OF(headings); h++)
            ck_assert_msg(strstr(r.out, headings[h]) != NULL, "%s: no \"%s\"", formats[f],
                          headings[h]);
    }
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

SUITE("own comparison tables", a_gpu_row_with_a_trace_is_the_baseline_of_a_run,
      a_table_of_own_systems_says_what_each_column_is)
