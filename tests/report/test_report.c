#include "tests/check_main.h"

#include <stdio.h>
#include <string.h>

#include "core/report/escape.h"
#include "core/report/format.h"
#include "core/report/render.h"
#include "core/report/run_views.h"
#include "core/report/table.h"

#define SAMPLES CIMARRON_SOURCE_DIR "/tests/report/"

static const char hostile[] = "a,b\"c|&<%_#</script>\x1b[31m";

static json_t *load(const char *name)
{
    char path[512];
    json_error_t e;
    snprintf(path, sizeof path, SAMPLES "%s", name);
    json_t *j = json_load_file(path, 0, &e);
    ck_assert_msg(j != NULL, "%s: %s", path, e.text);
    return j;
}

/* A stream in memory and what was written to it. */
struct sink {
    char *text;
    size_t size;
    FILE *out;
};

static FILE *sink_open(struct sink *s)
{
    s->out = open_memstream(&s->text, &s->size);
    ck_assert_ptr_nonnull(s->out);
    return s->out;
}

static char *sink_close(struct sink *s)
{
    fclose(s->out);
    return s->text;
}

static char *render(const json_t *runs, enum report_format f)
{
    struct sink s;
    struct diag d = {0};
    bool ok = report_runs(sink_open(&s), runs, f, &d);
    ck_assert_msg(ok, "%s", d.text);
    return sink_close(&s);
}

static char *render_sample(enum report_format f)
{
    json_t *run = load("sample_run.json");
    char *text = render(run, f);
    json_decref(run);
    return text;
}

static char *render_demo(const json_t *demo)
{
    struct sink s;
    struct diag d = {0};
    bool ok = report_demo(sink_open(&s), demo, &d);
    ck_assert_msg(ok, "%s", d.text);
    return sink_close(&s);
}

static char *render_table(const json_t *result, enum report_format f)
{
    struct sink s;
    struct diag d = {0};
    bool ok = report_table(sink_open(&s), result, f, &d);
    ck_assert_msg(ok, "%s", d.text);
    return sink_close(&s);
}

static size_t lines_of(const char *text)
{
    size_t lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

static int widest_line(const char *text)
{
    int widest = 0;
    while (*text) {
        size_t length = strcspn(text, "\n");
        int width = format_columns(text, length);
        widest = width > widest ? width : widest;
        text += length + (text[length] == '\n');
    }
    return widest;
}

static bool has_trailing_space(const char *text)
{
    return strstr(text, " \n") != NULL;
}

/* Compares with a golden file, or writes it when CIMARRON_ACCEPT is set. */
static void same_as_golden(const char *text, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, SAMPLES "%s", name);
    if (getenv("CIMARRON_ACCEPT")) {
        FILE *out = fopen(path, "wb");
        ck_assert_ptr_nonnull(out);
        fputs(text, out);
        fclose(out);
    }
    FILE *in = fopen(path, "rb");
    ck_assert_msg(in != NULL, "%s is missing", path);
    size_t room = strlen(text) + 2;
    char *golden = malloc(room);
    size_t size = fread(golden, 1, room - 1, in);
    golden[size] = '\0';
    fclose(in);
    ck_assert_msg(strcmp(golden, text) == 0, "%s differs; the text now is:\n%s", name, text);
    free(golden);
}

static json_t *hostile_run(void)
{
    json_t *run = load("sample_run.json");
    json_t *layer = json_array_get(json_object_get(run, "layers"), 0);
    json_t *parts = json_object_get(run, "energy_by_part_j");
    json_t *device = json_array_get(json_object_get(run, "baselines"), 0);
    json_object_set_new(run, "system", json_string(hostile));
    json_object_set_new(run, "trace", json_string(hostile));
    json_object_set_new(layer, "name", json_string(hostile));
    json_object_set_new(layer, "energy_j", json_real(1.0));
    json_object_set_new(parts, hostile, json_real(1.0));
    json_object_set_new(device, "name", json_string(hostile));
    json_array_append_new(json_object_get(run, "warnings"), json_string(hostile));
    return run;
}

/* --- formats ------------------------------------------------------------------------------------
 */

START_TEST(engineering_numbers_have_four_digits_and_a_prefix)
{
    ck_assert_str_eq(format_si(41.3e12, "OPS").s, "41.3 TOPS");
    ck_assert_str_eq(format_si(0.00156, "J").s, "1.56 mJ");
    ck_assert_str_eq(format_si(12.3e-6, "s").s, "12.3 us");
    ck_assert_str_eq(format_si(123456, "W").s, "123.5 kW");
    ck_assert_str_eq(format_si(0, "J").s, "0 J");
    ck_assert_str_eq(format_si(-0.002, "J").s, "-2 mJ");
    ck_assert_str_eq(format_si(3e23, "op").s, "300 Zop");
    ck_assert_str_eq(format_si(1e-30, "J").s, "1.000e-30 J");
}
END_TEST

START_TEST(rounding_up_to_a_thousand_steps_to_the_next_prefix)
{
    ck_assert_str_eq(format_si(999.96e-3, "J").s, "1 J");
    ck_assert_str_eq(format_si(999.94e-3, "J").s, "999.9 mJ");
    ck_assert_str_eq(format_si(1e-3, "J").s, "1 mJ");
    ck_assert_str_eq(format_si(1e-9, "s").s, "1 ns");
    ck_assert_str_eq(format_si(1000, "s").s, "1 ks");
}
END_TEST

START_TEST(a_number_that_is_none_reads_as_a_dash)
{
    ck_assert_str_eq(format_si(NAN, "J").s, "-");
    ck_assert_str_eq(format_plain(INFINITY).s, "-");
    ck_assert_str_eq(format_unit(NAN, "mm2").s, "-");
    ck_assert_str_eq(format_percent(NAN).s, "-");
    ck_assert_str_eq(format_signed_percent(-INFINITY).s, "-");
    ck_assert_str_eq(format_times(NAN).s, "-");
    ck_assert_str_eq(format_exact(NAN).s, "");
}
END_TEST

START_TEST(plain_numbers_are_grouped_by_thousands)
{
    ck_assert_str_eq(format_plain(40577.3).s, "40,577");
    ck_assert_str_eq(format_plain(1234567).s, "1,234,567");
    ck_assert_str_eq(format_plain(-123456).s, "-123,456");
    ck_assert_str_eq(format_plain(999).s, "999");
    ck_assert_str_eq(format_plain(0.8123).s, "0.8123");
    ck_assert_str_eq(format_plain(64).s, "64");
}
END_TEST

START_TEST(factors_and_percentages_read_as_such)
{
    ck_assert_str_eq(format_times(0.4258).s, "0.426x");
    ck_assert_str_eq(format_times(3.214).s, "3.21x");
    ck_assert_str_eq(format_times(25).s, "25.0x");
    ck_assert_str_eq(format_times(1234.4).s, "1234x");
    ck_assert_str_eq(format_percent(0.4123).s, "41.2 %");
    ck_assert_str_eq(format_percent(1).s, "100 %");
    ck_assert_str_eq(format_signed_percent(-0.029).s, "-2.9 %");
    ck_assert_str_eq(format_signed_percent(0.1).s, "+10.0 %");
}
END_TEST

START_TEST(an_exact_number_reads_back_equal)
{
    const double values[] = {0.1,   1.0 / 3, 2.3500000000000001e-3,
                             1e300, -5e-324, 123456789012345678.0};
    for (size_t i = 0; i < COUNT_OF(values); i++)
        ck_assert_double_eq(strtod(format_exact(values[i]).s, NULL), values[i]);
    ck_assert_str_eq(format_exact(0.1).s, "0.1");
}
END_TEST

START_TEST(a_key_ending_names_the_unit)
{
    struct arena *a = arena_open();
    ck_assert_str_eq(format_keyed("energy_pj", 1560).s, "1.56 nJ");
    ck_assert_str_eq(format_keyed("latency_ns", 100).s, "100 ns");
    ck_assert_str_eq(format_keyed("peak_tops", 41.3).s, "41.3 TOPS");
    ck_assert_str_eq(format_keyed("tops_per_w", 2.5).s, "2.5");
    ck_assert_str_eq(format_keyed("area_um2", 5400).s, "5,400 um2");
    ck_assert_str_eq(format_keyed("bandwidth_gb_s", 819.2).s, "819.2 GB/s");
    ck_assert_str_eq(format_keyed("requests", 20000).s, "20,000");
    ck_assert_str_eq(format_label(a, "avg_latency_ns"), "avg latency");
    ck_assert_str_eq(format_label(a, "tops_per_w"), "TOPS/W");
    ck_assert_str_eq(format_label(a, "peak_tops"), "peak tops");
    ck_assert_str_eq(format_label(a, "row_hit_rate"), "row hit rate");
    ck_assert_str_eq(format_label(a, "_s"), " s");
    arena_close(a);
}
END_TEST

START_TEST(text_is_measured_and_cut_in_columns_not_bytes)
{
    struct arena *a = arena_open();
    ck_assert_int_eq(format_width("caf\u00e9"), 4);
    ck_assert_int_eq(format_width("\u4e2d\u6587"), 4);
    ck_assert_int_eq(format_width("e\u0301"), 1);
    ck_assert_str_eq(format_cut(a, "\u00e9\u00e9\u00e9\u00e9\u00e9", 4), "\u00e9\u00e9..");
    ck_assert_str_eq(format_cut(a, "short", 5), "short");
    ck_assert_int_eq(format_width(format_cut(a, "\u4e2d\u6587\u4e2d\u6587", 5)), 4);
    arena_close(a);
}
END_TEST

/* --- tables --------------------------------------------------------------------------------------
 */

static char *small_table(enum table_style style)
{
    struct sink s;
    struct arena *a = arena_open();
    struct table *t = table_open(a);
    table_column(t, "name", ALIGN_LEFT);
    table_column(t, "value", ALIGN_RIGHT);
    table_cell(t, "caf\u00e9");
    table_cell(t, "1");
    table_cell(t, "a|b,c_d");
    table_cell(t, NULL);
    table_write(sink_open(&s), t, style);
    arena_close(a);
    return sink_close(&s);
}

START_TEST(a_text_table_aligns_numbers_right_and_names_left)
{
    char *text = small_table(TABLE_TEXT);
    ck_assert_ptr_nonnull(strstr(text, "  name     value\n"));
    ck_assert_ptr_nonnull(strstr(text, "  caf\u00e9         1\n"));
    ck_assert_ptr_nonnull(strstr(text, "  a|b,c_d      -\n"));
    free(text);
}
END_TEST

START_TEST(a_table_is_written_in_every_style_with_its_escapes)
{
    const struct {
        enum table_style style;
        const char *row;
    } cases[] = {
        {TABLE_CSV, "\"a|b,c_d\",-\n"},
        {TABLE_MD, "| a\\|b,c\\_d | - |\n"},
        {TABLE_LATEX, "a\\textbar{}b,c\\_d & - \\\\\n"},
        {TABLE_HTML, "<tr><td>a|b,c_d</td><td class=\"n\">-</td></tr>\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *text = small_table(cases[i].style);
        ck_assert_msg(strstr(text, cases[i].row) != NULL, "%s", text);
        free(text);
    }
}
END_TEST

START_TEST(a_wide_text_column_wraps_at_words)
{
    struct sink s;
    struct arena *a = arena_open();
    struct table *t = table_open(a);
    table_column(t, "key", ALIGN_LEFT);
    table_column(t, "help", ALIGN_LEFT);
    table_column(t, "n", ALIGN_RIGHT);
    table_cell(t, "k");
    table_cell(t, "a sentence that is by far too long for one line of a terminal and has to go on "
                  "in the next line, under its own column, without a broken word");
    table_cell(t, "7");
    table_write(sink_open(&s), t, TABLE_TEXT);
    char *text = sink_close(&s);
    ck_assert_int_le(widest_line(text), REPORT_WIDTH);
    ck_assert_uint_eq(lines_of(text), 4);
    ck_assert(!has_trailing_space(text));
    ck_assert_ptr_nonnull(strstr(text, "without a broken word"));
    free(text);
    arena_close(a);
}
END_TEST

/* --- runs
 * ------------------------------------------------------------------------------------------ */

START_TEST(every_format_is_found_by_its_name)
{
    enum report_format f = REPORT_TEXT;
    ck_assert(report_format_find("html", &f) && f == REPORT_HTML);
    ck_assert(report_format_find("text", &f) && f == REPORT_TEXT);
    ck_assert(report_format_find("latex", &f) && f == REPORT_LATEX);
    ck_assert(!report_format_find("xml", &f));
    ck_assert(!report_format_find("", &f));
}
END_TEST

START_TEST(every_format_renders_the_sample_twice_to_the_same_bytes)
{
    for (int f = REPORT_TEXT; f <= REPORT_HTML; f++) {
        char *one = render_sample((enum report_format)f);
        char *two = render_sample((enum report_format)f);
        ck_assert_uint_gt(strlen(one), 500);
        ck_assert_str_eq(one, two);
        free(one);
        free(two);
    }
}
END_TEST

START_TEST(json_out_reads_back_equal_and_ends_in_one_newline)
{
    json_t *run = load("sample_run.json");
    char *text = render(run, REPORT_JSON);
    json_t *back = json_loads(text, 0, NULL);
    ck_assert(json_equal(run, back));
    size_t length = strlen(text);
    ck_assert(text[length - 1] == '\n' && text[length - 2] == '}');
    ck_assert_uint_lt((size_t)(strstr(text, "\"system\"") - text),
                      (size_t)(strstr(text, "\"baselines\"") - text));
    json_decref(back);
    json_decref(run);
    free(text);
}
END_TEST

START_TEST(several_runs_give_a_json_array)
{
    json_t *run = load("sample_run.json");
    json_t *two = json_pack("[OO]", run, run);
    char *text = render(two, REPORT_JSON);
    json_t *back = json_loads(text, 0, NULL);
    ck_assert(json_equal(two, back));
    json_decref(back);
    json_decref(two);
    json_decref(run);
    free(text);
}
END_TEST

START_TEST(csv_has_one_row_per_layer_of_every_run)
{
    json_t *run = load("sample_run.json");
    json_t *two = json_pack("[OO]", run, run);
    size_t layers = json_array_size(json_object_get(run, "layers"));
    char *text = render(two, REPORT_CSV);
    ck_assert_uint_eq(lines_of(text), 2 * layers + 1);
    ck_assert_int_eq(strncmp(text, "system,trace,batch,id,name,op,", 30), 0);
    free(text);
    json_decref(two);
    json_decref(run);
}
END_TEST

START_TEST(the_text_report_fits_a_hundred_columns)
{
    json_t *demo = load("sample_demo.json");
    char *text = render(json_object_get(demo, "runs"), REPORT_TEXT);
    ck_assert_int_le(widest_line(text), REPORT_WIDTH);
    ck_assert(!has_trailing_space(text));
    free(text);
    json_decref(demo);
}
END_TEST

START_TEST(the_text_report_is_as_accepted)
{
    char *text = render_sample(REPORT_TEXT);
    same_as_golden(text, "golden_run.txt");
    free(text);
}
END_TEST

START_TEST(markdown_and_latex_are_as_accepted)
{
    char *md = render_sample(REPORT_MD), *tex = render_sample(REPORT_LATEX);
    same_as_golden(md, "golden_run_md.txt");
    same_as_golden(tex, "golden_run_latex.txt");
    free(md);
    free(tex);
}
END_TEST

START_TEST(a_gain_between_unequal_power_scopes_is_never_printed)
{
    json_t *run = load("sample_run.json");
    json_object_set_new(run, "power_scope", json_string("chip"));
    char *text = render(run, REPORT_TEXT);
    ck_assert_ptr_null(strstr(text, "25.0x"));
    ck_assert_ptr_null(strstr(text, "19.9x"));
    ck_assert_ptr_nonnull(strstr(text, "0.426x"));
    ck_assert_ptr_nonnull(strstr(text, "no gain is stated"));
    free(text);
    json_decref(run);
}
END_TEST

START_TEST(hostile_names_are_escaped_in_every_format)
{
    const struct {
        enum report_format format;
        const char *wanted, *forbidden;
    } cases[] = {
        {REPORT_TEXT, "a,b\"c|&<%_#</script>\\u001b[31m", "\x1b"},
        {REPORT_CSV, "\"a,b\"\"c|&<%_#</script>\\u001b[31m\"", "\x1b"},
        {REPORT_MD, "a,b\"c\\|&amp;&lt;%\\_\\#&lt;/script>", "c|&"},
        {REPORT_LATEX, "a,b\"c\\textbar{}\\&\\textless{}\\%\\_\\#\\textless{}/script", "c|&"},
        {REPORT_HTML, "a,b&quot;c|&amp;&lt;%_#&lt;/script&gt;", "#</script>"},
        {REPORT_JSON, "a,b\\\"c|&<%_#</script>\\u001B[31m", "\x1b"},
    };
    json_t *run = hostile_run();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *text = render(run, cases[i].format);
        ck_assert_msg(strstr(text, cases[i].wanted) != NULL, "format %zu", i);
        ck_assert_msg(strstr(text, cases[i].forbidden) == NULL, "format %zu", i);
        free(text);
    }
    json_decref(run);
}
END_TEST

START_TEST(hostile_names_keep_the_text_within_its_width)
{
    json_t *run = hostile_run();
    char name[401];
    memset(name, 'x', 400);
    name[400] = '\0';
    json_object_set_new(json_array_get(json_object_get(run, "layers"), 0), "name",
                        json_string(name));
    json_object_set_new(run, "fidelity", json_string(name));
    char *text = render(run, REPORT_TEXT);
    ck_assert_int_le(widest_line(text), REPORT_WIDTH);
    free(text);
    json_decref(run);
}
END_TEST

/* Takes each top-level key away in turn, or makes it null, and renders everything. */
START_TEST(any_missing_or_null_key_reads_as_a_dash_and_never_fails)
{
    json_t *whole = load("sample_run.json");
    const char *key;
    json_t *value;
    json_object_foreach(whole, key, value)
    {
        for (int null = 0; null < 2; null++) {
            json_t *run = json_copy(whole);
            if (null)
                json_object_set_new(run, key, json_null());
            else
                json_object_del(run, key);
            for (int f = REPORT_TEXT; f <= REPORT_LATEX; f++)
                free(render(run, (enum report_format)f));
            json_t *demo = json_pack("{s:[O]}", "runs", run);
            free(render_demo(demo));
            json_decref(demo);
            json_decref(run);
        }
    }
    json_decref(whole);
}
END_TEST

START_TEST(an_empty_run_renders_in_every_format)
{
    json_t *run = json_object();
    for (int f = REPORT_TEXT; f <= REPORT_HTML; f++) {
        char *text = render(run, (enum report_format)f);
        if (f == REPORT_HTML) /* the chart library is not ours to judge */
            strstr(text, "<script")[0] = '\0';
        ck_assert_ptr_null(strstr(text, " nan"));
        ck_assert_ptr_null(strstr(text, ">nan"));
        ck_assert_ptr_null(strstr(text, "(null)"));
        free(text);
    }
    json_decref(run);
}
END_TEST

START_TEST(a_run_with_null_interval_and_no_baselines_says_so)
{
    json_t *run = load("sample_run.json");
    json_object_set_new(run, "interval_s", json_null());
    json_object_set_new(run, "steady", json_null());
    json_object_set_new(run, "baselines", json_array());
    char *text = render(run, REPORT_TEXT);
    ck_assert_ptr_nonnull(strstr(text, "interval                     -"));
    ck_assert_ptr_nonnull(strstr(text, "steady         - (fewer than two samples)"));
    free(text);
    json_decref(run);
}
END_TEST

START_TEST(a_token_run_speaks_of_tokens)
{
    json_t *run = load("sample_run.json");
    json_object_set_new(run, "work", json_pack("{s:s, s:i}", "unit", "token", "count", 128));
    json_object_set_new(run, "tokens_per_s", json_real(900));
    json_object_set_new(run, "j_per_token", json_real(0.25));
    json_object_set_new(run, "ttft_s", json_real(0.031));
    char *text = render(run, REPORT_TEXT);
    ck_assert_ptr_nonnull(strstr(text, "tokens/s                   900"));
    ck_assert_ptr_nonnull(strstr(text, "energy per token        250 mJ"));
    ck_assert_ptr_nonnull(strstr(text, "first token              31 ms"));
    ck_assert_ptr_null(strstr(text, "image"));
    free(text);
    json_decref(run);
}
END_TEST

START_TEST(no_run_at_all_is_refused_with_a_sentence)
{
    struct sink s;
    struct diag d = {0}, e = {0}, p = {0};
    json_t *none = json_array(), *empty = json_object();
    FILE *out = sink_open(&s);
    ck_assert(!report_runs(out, none, REPORT_TEXT, &d));
    ck_assert_int_eq(d.status, 1);
    ck_assert(!report_demo(out, empty, &e));
    ck_assert(strlen(e.text) > 0);
    ck_assert(!report_html_page(out, none, &p));
    free(sink_close(&s));
    json_decref(none);
    json_decref(empty);
}
END_TEST

START_TEST(a_full_disk_is_an_error_and_not_a_short_report)
{
    FILE *full = fopen("/dev/full", "w");
    json_t *run = load("sample_run.json");
    struct diag d = {0};
    if (full) {
        ck_assert(!report_runs(full, run, REPORT_TEXT, &d));
        ck_assert_int_eq(d.status, 1);
        fclose(full);
    }
    json_decref(run);
}
END_TEST

/* --- the demonstration
 * ----------------------------------------------------------------------------- */

START_TEST(the_demo_fits_one_screen)
{
    json_t *demo = load("sample_demo.json");
    char *text = render_demo(demo);
    ck_assert_int_le(widest_line(text), REPORT_WIDTH);
    ck_assert_uint_le(lines_of(text), 50);
    ck_assert(!has_trailing_space(text));
    same_as_golden(text, "golden_demo.txt");
    free(text);
    json_decref(demo);
}
END_TEST

START_TEST(the_demo_sets_the_measured_rate_beside_the_modelled_one)
{
    json_t *demo = load("sample_demo.json");
    char *text = render_demo(demo);
    ck_assert_ptr_nonnull(strstr(text, "40,577"));
    ck_assert_ptr_nonnull(strstr(text, "90,930"));
    ck_assert_ptr_nonnull(strstr(text, "-2.8 %"));
    ck_assert_ptr_nonnull(strstr(text, "ISAAC (2016)"));
    free(text);
    json_decref(demo);
}
END_TEST

START_TEST(the_verdict_states_a_gain_only_at_equal_scope)
{
    json_t *demo = load("sample_demo.json");
    struct arena *a = arena_open();
    const char *equal = demo_verdict(a, demo);
    ck_assert_ptr_nonnull(strstr(equal, "At equal board power, dcim_5nm gives 19.9x the images/J"));
    json_t *run = json_array_get(json_object_get(demo, "runs"), 0);
    json_object_set_new(run, "power_scope", json_string("chip"));
    const char *unequal = demo_verdict(a, demo);
    ck_assert_ptr_null(strstr(unequal, "19.9x"));
    ck_assert_ptr_nonnull(strstr(unequal, "allows no energy gain"));
    arena_close(a);
    json_decref(demo);
}
END_TEST

/* --- the page
 * --------------------------------------------------------------------------------------- */

static char *render_page(const json_t *data)
{
    struct sink s;
    struct diag d = {0};
    bool ok = report_html_page(sink_open(&s), data, &d);
    ck_assert_msg(ok, "%s", d.text);
    return sink_close(&s);
}

START_TEST(the_page_carries_its_data_and_charts_and_loads_nothing)
{
    json_t *demo = load("sample_demo.json");
    char *text = render_page(demo);
    char *data = strstr(text, "id=\"cimarron-data\">");
    ck_assert_ptr_nonnull(data);
    data += strlen("id=\"cimarron-data\">");
    json_t *back = json_loadb(data, (size_t)(strstr(data, "</script>") - data), 0, NULL);
    ck_assert(json_equal(demo, back));
    ck_assert_ptr_nonnull(strstr(text, "Chart.js v"));
    ck_assert_ptr_nonnull(strstr(text, "default-src 'none'"));
    ck_assert_ptr_null(strstr(text, " src="));
    ck_assert_ptr_null(strstr(text, "<link"));
    json_decref(back);
    json_decref(demo);
    free(text);
}
END_TEST

START_TEST(a_name_cannot_close_the_data_element)
{
    json_t *run = hostile_run();
    char *text = render_page(run);
    char *data = strstr(text, "id=\"cimarron-data\">") + strlen("id=\"cimarron-data\">");
    json_t *back = json_loadb(data, (size_t)(strstr(data, "</script>") - data), 0, NULL);
    ck_assert_ptr_nonnull(back);
    json_t *first = json_array_get(json_object_get(back, "runs"), 0);
    ck_assert_str_eq(json_string_value(json_object_get(first, "system")), hostile);
    json_decref(back);
    json_decref(run);
    free(text);
}
END_TEST

START_TEST(a_missing_chart_library_is_named_and_nothing_is_written)
{
    struct sink s;
    struct diag d = {0};
    json_t *run = load("sample_run.json");
    ck_assert(!page_write(sink_open(&s), run, "/nowhere/chart.min.js", &d));
    ck_assert_ptr_nonnull(strstr(d.text, "/nowhere/chart.min.js"));
    ck_assert_ptr_nonnull(strstr(d.text, "libjs-chart.js"));
    char *text = sink_close(&s);
    ck_assert_uint_eq(strlen(text), 0);
    free(text);
    json_decref(run);
}
END_TEST

/* --- generic results
 * --------------------------------------------------------------------------------- */

static json_t *sample_result(void)
{
    return json_pack(
        "{s:s, s:f, s:f, s:b, s:n, s:[i,i], s:{s:f, s:f}, s:[{s:s, s:f},{s:s, s:n, s:s}]}", "name",
        "isaac_xbar", "energy_pj", 1560.0, "tops_per_w", 2.5, "stable", 1, "interval_s", "bits", 4,
        8, "power_by_part_w", "array.adc", 0.0156, "array.cells", 0.002, "rows", "case", "a|b",
        "error_pct", 1.5, "case", "c", "error_pct", "known_miss", "why");
}

START_TEST(a_generic_result_is_as_accepted_in_text_and_markdown)
{
    json_t *result = sample_result();
    char *text = render_table(result, REPORT_TEXT), *md = render_table(result, REPORT_MD);
    same_as_golden(text, "golden_table.txt");
    same_as_golden(md, "golden_table_md.txt");
    free(text);
    free(md);
    json_decref(result);
}
END_TEST

START_TEST(csv_of_a_generic_result_is_its_rows)
{
    json_t *result = sample_result();
    char *text = render_table(result, REPORT_CSV);
    ck_assert_str_eq(text, "case,error_pct,known_miss\na|b,1.5,\nc,,why\n");
    free(text);
    json_object_del(result, "rows");
    text = render_table(result, REPORT_CSV);
    ck_assert_ptr_nonnull(strstr(text, "key,value\nname,isaac_xbar\nenergy_pj,1560\n"));
    ck_assert_ptr_nonnull(strstr(text, "power_by_part_w.array.adc,0.0156\n"));
    ck_assert_ptr_nonnull(strstr(text, "stable,true\ninterval_s,\nbits,4 8\n"));
    free(text);
    json_decref(result);
}
END_TEST

START_TEST(a_generic_result_renders_in_every_format)
{
    json_t *result = sample_result();
    for (int f = REPORT_TEXT; f <= REPORT_HTML; f++)
        free(render_table(result, (enum report_format)f));
    json_t *rows = json_object_get(result, "rows");
    for (int f = REPORT_TEXT; f <= REPORT_HTML; f++) {
        char *text = render_table(rows, (enum report_format)f);
        ck_assert_ptr_nonnull(strstr(text, "why"));
        free(text);
    }
    json_decref(result);
}
END_TEST

START_TEST(a_generic_result_escapes_hostile_keys_and_values)
{
    json_t *result = json_pack("{s:s, s:[{s:s}], s:{s:i}}", hostile, hostile, "rows", hostile,
                               hostile, "x", hostile, 1);
    char *text = render_table(result, REPORT_TEXT), *html = render_table(result, REPORT_HTML);
    char *tex = render_table(result, REPORT_LATEX), *md = render_table(result, REPORT_MD);
    ck_assert_ptr_null(strchr(text, '\x1b'));
    ck_assert_ptr_null(strstr(html, "#</script>"));
    ck_assert_ptr_null(strstr(tex, "c|&"));
    ck_assert_ptr_null(strstr(md, "c|&"));
    free(text);
    free(html);
    free(tex);
    free(md);
    json_decref(result);
}
END_TEST

SUITE("report", engineering_numbers_have_four_digits_and_a_prefix,
      rounding_up_to_a_thousand_steps_to_the_next_prefix, a_number_that_is_none_reads_as_a_dash,
      plain_numbers_are_grouped_by_thousands, factors_and_percentages_read_as_such,
      an_exact_number_reads_back_equal, a_key_ending_names_the_unit,
      text_is_measured_and_cut_in_columns_not_bytes,
      a_text_table_aligns_numbers_right_and_names_left,
      a_table_is_written_in_every_style_with_its_escapes, a_wide_text_column_wraps_at_words,
      every_format_is_found_by_its_name, every_format_renders_the_sample_twice_to_the_same_bytes,
      json_out_reads_back_equal_and_ends_in_one_newline, several_runs_give_a_json_array,
      csv_has_one_row_per_layer_of_every_run, the_text_report_fits_a_hundred_columns,
      the_text_report_is_as_accepted, markdown_and_latex_are_as_accepted,
      a_gain_between_unequal_power_scopes_is_never_printed,
      hostile_names_are_escaped_in_every_format, hostile_names_keep_the_text_within_its_width,
      any_missing_or_null_key_reads_as_a_dash_and_never_fails, an_empty_run_renders_in_every_format,
      a_run_with_null_interval_and_no_baselines_says_so, a_token_run_speaks_of_tokens,
      no_run_at_all_is_refused_with_a_sentence, a_full_disk_is_an_error_and_not_a_short_report,
      the_demo_fits_one_screen, the_demo_sets_the_measured_rate_beside_the_modelled_one,
      the_verdict_states_a_gain_only_at_equal_scope,
      the_page_carries_its_data_and_charts_and_loads_nothing, a_name_cannot_close_the_data_element,
      a_missing_chart_library_is_named_and_nothing_is_written,
      a_generic_result_is_as_accepted_in_text_and_markdown, csv_of_a_generic_result_is_its_rows,
      a_generic_result_renders_in_every_format, a_generic_result_escapes_hostile_keys_and_values)
