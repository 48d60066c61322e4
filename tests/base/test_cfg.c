/* What reading configs promises, beyond what it refuses (test_bad_cfg.c). */
#include "tests/base/cfg_sample.h"
#include "tests/check_main.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A scratch folder with one config, opened and read. */
struct bench {
    char folder[64], path[96], text[2048];
    struct arena *a;
    struct cfg *c;
    struct diag d;
    struct sample sample;
    struct sample_io io;
};

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static void bench_open(struct bench *b)
{
    memset(b, 0, sizeof *b);
    snprintf(b->folder, sizeof b->folder, "/tmp/cimarron-cfg-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(b->folder));
    snprintf(b->path, sizeof b->path, "%s/in.cfg", b->folder);
    b->a = arena_open();
}

static void bench_close(struct bench *b)
{
    cfg_close(b->c);
    arena_close(b->a);
    unlink(b->path);
    rmdir(b->folder);
}

/* Whether the config can be read with these overrides; the complaint goes to b->text. */
static bool reads(struct bench *b, const char *config, const struct cfg_override *set, size_t count)
{
    b->d = (struct diag){.status = 0};
    write_file(b->path, config);
    bool good = cfg_open(b->a, b->path, set, count, &b->c, &b->d) &&
                sample_read(b->c, &b->sample, &b->io, &b->d);
    diag_format(&b->d, b->text, sizeof b->text);
    return good;
}

static bool sets(struct bench *b, const char *path, const char *value)
{
    const struct cfg_override set = {path, value};
    return reads(b,
                 "source = \"A\"; channels = 8; read_pj = 3; label = \"x\";\n"
                 "spread = { read_pj = 0.1 };\n"
                 "io : { width = 32; };\n"
                 "published = { tops = 1.0; };\n",
                 &set, 1);
}

#define OK "source = \"A. Author\";\nchannels = 8;\nread_pj = 3.5;\n"
#define READS(b, config) ck_assert_msg(reads((b), (config), NULL, 0), "%s", (b)->text)

START_TEST(every_type_is_read)
{
    struct bench b;
    bench_open(&b);
    READS(&b, OK "burst = 4294967296L; vdd = 1; rows = [1, 2, 300]; label = \"a\" \"b\\x41\\n\";\n"
                 "policy = \"closed\"; ecc = TRUE;");
    ck_assert_int_eq(b.sample.channels, 8);
    ck_assert_int_eq(b.sample.burst, INT64_C(4294967296));
    ck_assert(b.sample.vdd == 1 && b.sample.read_pj.value == 3.5);
    ck_assert_uint_eq(b.sample.rows.count, 3);
    ck_assert_int_eq(b.sample.rows.values[2], 300);
    ck_assert_str_eq(b.sample.label, "abA\n");
    ck_assert_int_eq(b.sample.policy, POLICY_CLOSED);
    ck_assert(b.sample.ecc);
    bench_close(&b);
}
END_TEST

START_TEST(every_way_to_write_a_number_is_understood)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {{"3", 3},      {"0x1F", 31}, {"1e3", 1000}, {".5", 0.5},     {"5.", 5},
                 {"+7", 7},     {"007", 7},   {"9L", 9},     {"1.5E+2", 150}, {"1E-2", 0.01},
                 {"0x10L", 16}, {"0.0", 0},   {"0e5", 0},    {"0.1", 0.1},    {"2.2e-16", 2.2e-16}};
    struct bench b;
    bench_open(&b);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char config[128];
        snprintf(config, sizeof config, "source = \"A\"; channels = 8; read_pj = %s;",
                 cases[i].text);
        READS(&b, config);
        ck_assert_msg(b.sample.read_pj.value == cases[i].value, "%s", cases[i].text);
    }
    bench_close(&b);
}
END_TEST

START_TEST(the_bounds_of_a_range_are_inside)
{
    struct bench b;
    bench_open(&b);
    READS(&b, "source = \"A\"; channels = 32; read_pj = 0; vdd = 0.4;");
    READS(&b, "source = \"A\"; channels = 1; read_pj = 1e6; vdd = 1.2;");
    bench_close(&b);
}
END_TEST

START_TEST(a_default_is_an_assumption)
{
    struct bench b;
    bench_open(&b);
    READS(&b, OK);
    ck_assert(b.sample.write_pj.value == 2.5 && b.sample.write_pj.from == FROM_ASSUMED);
    ck_assert(b.sample.area_um2.value == 0);
    ck_assert_int_eq(b.sample.burst, 4);
    ck_assert_str_eq(b.sample.label, "none");
    ck_assert_int_eq(b.sample.policy, POLICY_OPEN);
    ck_assert_uint_eq(b.sample.rows.count, 0);
    bench_close(&b);
}
END_TEST

START_TEST(comments_are_skipped_and_texts_may_look_like_them)
{
    struct bench b;
    bench_open(&b);
    READS(&b, OK "# channels = 9;\n// @include \"x\"\n/* a\n b */ label = \"# /* @include\";");
    ck_assert_str_eq(b.sample.label, "# /* @include");
    bench_close(&b);
}
END_TEST

START_TEST(a_source_is_inherited_and_overridden_by_key)
{
    struct bench b;
    bench_open(&b);
    READS(&b, "source = \"top\"; channels = 8; read_pj = 1;\n"
              "sources = { read_pj = \"paper\" };\n"
              "io : { width = 2; bit_pj = 1; assumed = [\"bit_pj\"]; };");
    const struct cfg_group *root = cfg_root(b.c), *io = cfg_sub_or_null(root, "io");
    ck_assert_str_eq(cfg_source_of(root, "channels"), "top");
    ck_assert_str_eq(cfg_source_of(root, "read_pj"), "paper");
    ck_assert_str_eq(cfg_source_of(io, "width"), "top");
    ck_assert_str_eq(cfg_source_of(io, NULL), "top");
    ck_assert_ptr_null(cfg_source_of(io, "bit_pj"));
    ck_assert_ptr_null(cfg_source_of(io, "absent"));
    bench_close(&b);
}
END_TEST

START_TEST(assumed_outranks_recalled_outranks_source)
{
    struct bench b;
    bench_open(&b);
    READS(&b, "source = \"A\"; channels = 8; read_pj = 1; write_pj = 1; area_um2 = 1;\n"
              "recalled = [\"read_pj\", \"write_pj\"]; assumed = (\"write_pj\");\n"
              "spread = { write_pj = 0.5; area_um2 = 1; };");
    ck_assert_int_eq(b.sample.area_um2.from, FROM_SOURCE);
    ck_assert_int_eq(b.sample.read_pj.from, FROM_RECALLED);
    ck_assert_int_eq(b.sample.write_pj.from, FROM_ASSUMED);
    ck_assert(b.sample.write_pj.spread == 0.5 && b.sample.area_um2.spread == 1);
    ck_assert(b.sample.read_pj.spread == 0);
    bench_close(&b);
}
END_TEST

START_TEST(what_a_group_says_about_itself_is_no_parameter)
{
    struct bench b;
    bench_open(&b);
    READS(&b, OK "title = \"HBM\"; note = \"n\"; published = { tops = 1.0; };");
    ck_assert_uint_eq(cfg_sub_count(cfg_root(b.c)), 0);
    ck_assert_str_eq(cfg_text_or(cfg_root(b.c), "title", ""), "HBM");
    ck_assert_str_eq(cfg_text_or(cfg_root(b.c), "channels", "no text"), "no text");
    bench_close(&b);
}
END_TEST

START_TEST(published_figures_are_read_by_a_schema_of_their_own)
{
    static const struct cfg_field fields[] = {
        {"tops", CFG_QUANTITY, 0, "TOPS", 0, INFINITY, NULL, NULL, "speed"}};
    static const struct cfg_schema schema = {"published figures", "", fields, 1, NULL, NULL};
    struct quantity tops;
    struct bench b;
    bench_open(&b);
    READS(&b, OK "published = { source = \"B\"; tops = 0.92; };");
    const struct cfg_group *p = cfg_published(cfg_root(b.c));
    ck_assert(p && cfg_read(p, &schema, &tops, &b.d));
    ck_assert(tops.value == 0.92 && tops.from == FROM_SOURCE);
    READS(&b, OK);
    ck_assert_ptr_null(cfg_published(cfg_root(b.c)));
    bench_close(&b);
}
END_TEST

START_TEST(an_include_is_found_beside_its_includer_and_belongs_to_its_group)
{
    struct bench b;
    char folder[128], path[160];
    bench_open(&b);
    snprintf(folder, sizeof folder, "%s/parts", b.folder);
    ck_assert_int_eq(mkdir(folder, 0700), 0);
    snprintf(path, sizeof path, "%s/io.cfg", folder);
    write_file(path, "# an interface\nsource = \"included\";\nwidth = 16");
    READS(&b, OK "io : { @include \"parts/../parts/io.cfg\"; bit_pj = 2.0; };\necc = true;");
    const struct cfg_group *io = cfg_sub_or_null(cfg_root(b.c), "io");
    const char *file;
    ck_assert_int_eq(b.io.width, 16);
    ck_assert(b.io.bit_pj.value == 2 && b.sample.ecc);
    ck_assert_str_eq(cfg_source_of(io, "width"), "included");
    ck_assert_str_eq(cfg_source_of(cfg_root(b.c), "channels"), "A. Author");
    ck_assert_int_eq(cfg_key_line(io, "width", &file), 3);
    ck_assert_str_eq(file, path);
    ck_assert_int_eq(cfg_key_line(io, "bit_pj", &file), 4);
    ck_assert_str_eq(file, b.path);
    unlink(path);
    rmdir(folder);
    bench_close(&b);
}
END_TEST

START_TEST(lines_are_those_of_the_file)
{
    struct bench b;
    bench_open(&b);
    READS(&b,
          "/* one\n two */ source\n=\n\"A\"\n\"B\";\nchannels = 8; read_pj = 1;\n\nio\n:\n{\n}");
    ck_assert_int_eq(cfg_key_line(cfg_root(b.c), "source", NULL), 2);
    ck_assert_int_eq(cfg_key_line(cfg_root(b.c), "read_pj", NULL), 6);
    ck_assert_int_eq(cfg_line(cfg_sub_or_null(cfg_root(b.c), "io")), 8);
    ck_assert(!cfg_complain(cfg_root(b.c), "channels", &b.d, "is %s", "odd"));
    ck_assert_int_eq(b.d.line, 6);
    ck_assert_str_eq(b.d.text, "is odd");
    bench_close(&b);
}
END_TEST

START_TEST(sub_groups_are_walked_in_file_order)
{
    struct bench b;
    const struct cfg_group *sub;
    bench_open(&b);
    write_file(b.path, "zz = { }; n = 1; sources = { }; aa = { a = 1; }; spread = { };");
    ck_assert(cfg_open(b.a, b.path, NULL, 0, &b.c, &b.d));
    const struct cfg_group *root = cfg_root(b.c);
    ck_assert_uint_eq(cfg_sub_count(root), 2);
    ck_assert_str_eq(cfg_name(cfg_sub_at(root, 0)), "zz");
    ck_assert_str_eq(cfg_name(cfg_sub_at(root, 1)), "aa");
    ck_assert_str_eq(cfg_name(root), "");
    ck_assert(cfg_sub(root, "aa", &sub, &b.d) && cfg_has(sub, "a") && !cfg_has(sub, "b"));
    ck_assert(!cfg_sub(root, "n", &sub, &b.d));
    bench_close(&b);
}
END_TEST

START_TEST(a_set_value_is_applied_and_marked)
{
    struct bench b;
    bench_open(&b);
    ck_assert_msg(sets(&b, "read_pj", "4.5"), "%s", b.text);
    ck_assert(b.sample.read_pj.value == 4.5 && b.sample.read_pj.from == FROM_SET);
    ck_assert(b.sample.read_pj.spread == 0);
    ck_assert_ptr_null(cfg_source_of(cfg_root(b.c), "read_pj"));
    ck_assert_msg(sets(&b, "io.width", "128"), "%s", b.text);
    ck_assert_int_eq(b.io.width, 128);
    bench_close(&b);
}
END_TEST

START_TEST(a_set_value_may_replace_a_default)
{
    struct bench b;
    bench_open(&b);
    ck_assert_msg(sets(&b, "policy", "adaptive"), "%s", b.text);
    ck_assert_int_eq(b.sample.policy, POLICY_ADAPTIVE);
    ck_assert_msg(sets(&b, "ecc", "true"), "%s", b.text);
    ck_assert(b.sample.ecc);
    ck_assert_msg(sets(&b, "rows", "[512, 3]"), "%s", b.text);
    ck_assert_int_eq(b.sample.rows.values[1], 3);
    ck_assert_msg(sets(&b, "write_pj", "2"), "%s", b.text);
    ck_assert(b.sample.write_pj.value == 2 && b.sample.write_pj.from == FROM_SET);
    bench_close(&b);
}
END_TEST

START_TEST(a_set_text_needs_no_quotes)
{
    static const char *const texts[][2] = {{"fast", "fast"}, {"8", "8"},       {"\"a b\"", "a b"},
                                           {"16nm", "16nm"}, {"true", "true"}, {"a=b.c", "a=b.c"},
                                           {"1, 2", "1, 2"}};
    struct bench b;
    bench_open(&b);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        ck_assert_msg(sets(&b, "label", texts[i][0]), "%s", b.text);
        ck_assert_str_eq(b.sample.label, texts[i][1]);
    }
    bench_close(&b);
}
END_TEST

START_TEST(a_set_text_needs_no_quotes_where_nothing_stood)
{
    const struct cfg_override text = {"label", "16nm"}, number = {"label", "3000000000"};
    struct bench b;
    bench_open(&b);
    ck_assert_msg(reads(&b, OK, &text, 1), "%s", b.text);
    ck_assert_str_eq(b.sample.label, "16nm");
    ck_assert(!reads(&b, OK, &number, 1));
    ck_assert_ptr_nonnull(strstr(b.text, "beyond 2^31"));
    bench_close(&b);
}
END_TEST

START_TEST(the_last_set_value_of_a_key_wins)
{
    const struct cfg_override both[] = {{"channels", "3"}, {"channels", "4"}};
    struct bench b;
    bench_open(&b);
    ck_assert_msg(reads(&b, OK, both, 2), "%s", b.text);
    ck_assert_int_eq(b.sample.channels, 4);
    bench_close(&b);
}
END_TEST

START_TEST(a_wrong_set_value_is_refused_by_name)
{
    static const char *const cases[][3] = {
        {"io.with", "3", "--set io.with=3: interface: 'with' is not known; did you mean 'width'?"},
        {"oi.width", "3", "--set oi.width=3: the config has no group oi"},
        {"io.a.b", "3", "--set io.a.b=3: the config has no group io.a"},
        {"channels", "99",
         "--set channels=99: 'channels' is 99; it must be an integer from 1 to 32"},
        {"channels", "many", "--set channels=many: the config has there an integer"},
        {"channels", "3x", "--set channels=3x: '3x' is not a number"},
        {"channels", "3 4", "--set channels=3 4: '3 4' is more than one value"},
        {"channels", "3000000000",
         "--set channels=3000000000: 3000000000 is beyond 2^31; write an L behind it"},
        {"channels", "1.5",
         "--set channels=1.5: 'channels' is a real number; it must be an integer from 1 to 32"},
        {"io", "3", "--set io=3: the config has there a group"},
        {"io.", "3", "--set io.=3: the path ends without a key"},
        {"rows", "[1, ", "--set rows=[1, : '[1, ' is not a list such as [1, 2]"},
        {"published.tops", "3", "--set published.tops=3: published figures are not for setting"},
    };
    struct bench b;
    bench_open(&b);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        ck_assert_msg(!sets(&b, cases[i][0], cases[i][1]), "%s=%s", cases[i][0], cases[i][1]);
        ck_assert_str_eq(b.text, cases[i][2]);
        ck_assert_int_eq(b.d.status, 2);
    }
    bench_close(&b);
}
END_TEST

START_TEST(values_stay_when_the_config_is_closed)
{
    struct bench b;
    bench_open(&b);
    READS(&b, OK "label = \"kept\"; rows = [7];");
    cfg_close(b.c);
    b.c = NULL;
    ck_assert_str_eq(b.sample.label, "kept");
    ck_assert_int_eq(b.sample.rows.values[0], 7);
    bench_close(&b);
}
END_TEST

/* `count` keys in `groups` groups. */
static char *many_keys(struct arena *a, int groups, int count)
{
    char *text = arena_alloc(a, (size_t)groups * (size_t)(count + 2), 20), *at = text;
    for (int g = 0; g < groups; g++) {
        at += sprintf(at, "g%d : {\n", g);
        for (int i = 0; i < count; i++)
            at += sprintf(at, "k%d=1;\n", i);
        at += sprintf(at, "};\n");
    }
    return text;
}

START_TEST(too_many_keys_are_refused_at_their_line)
{
    struct bench b;
    bench_open(&b);
    ck_assert(!reads(&b, many_keys(b.a, 1, 4097), NULL, 0));
    ck_assert_str_eq(b.d.text, "a group may have at most 4,096 keys");
    ck_assert_int_eq(b.d.line, 4098);
    ck_assert(!reads(&b, many_keys(b.a, 40, 2000), NULL, 0));
    ck_assert_str_eq(b.d.text, "a config may have at most 16,384 keys in all");
    bench_close(&b);
}
END_TEST

START_TEST(the_largest_config_is_read_in_seconds)
{
    struct bench b;
    bench_open(&b);
    clock_t start = clock();
    write_file(b.path, many_keys(b.a, 4, 4095));
    ck_assert(cfg_open(b.a, b.path, NULL, 0, &b.c, &b.d));
    double s = (double)(clock() - start) / CLOCKS_PER_SEC;
    printf("16,384 keys: %.2f s\n", s);
    ck_assert_msg(s < 10, "%g s", s);
    bench_close(&b);
}
END_TEST

START_TEST(more_than_4_mib_are_refused)
{
    struct bench b;
    bench_open(&b);
    FILE *file = fopen(b.path, "w");
    for (int i = 0; i < 4 * 1024 + 1; i++)
        fprintf(file, "#%1022s\n", "");
    fclose(file);
    ck_assert(!cfg_open(b.a, b.path, NULL, 0, &b.c, &b.d));
    ck_assert_str_eq(b.d.text, "configs may have at most 4 MiB in all");
    ck_assert_str_eq(b.d.file, b.path);
    bench_close(&b);
}
END_TEST

START_TEST(what_is_no_regular_file_is_refused_at_once)
{
    struct bench b;
    bench_open(&b);
    ck_assert(!cfg_open(b.a, b.folder, NULL, 0, &b.c, &b.d));
    ck_assert_str_eq(b.d.text, "it is not a regular file");
    ck_assert_int_eq(mkfifo(b.path, 0600), 0);
    b.d.status = 0;
    ck_assert(!cfg_open(b.a, b.path, NULL, 0, &b.c, &b.d));
    ck_assert_str_eq(b.d.text, "it is not a regular file");
    b.d.status = 0;
    ck_assert(!cfg_open(b.a, "absent.cfg", NULL, 0, &b.c, &b.d));
    ck_assert_str_eq(b.d.text, "there is no such file");
    bench_close(&b);
}
END_TEST

SUITE("configs", every_type_is_read, every_way_to_write_a_number_is_understood,
      the_bounds_of_a_range_are_inside, a_default_is_an_assumption,
      comments_are_skipped_and_texts_may_look_like_them,
      a_source_is_inherited_and_overridden_by_key, assumed_outranks_recalled_outranks_source,
      what_a_group_says_about_itself_is_no_parameter,
      published_figures_are_read_by_a_schema_of_their_own,
      an_include_is_found_beside_its_includer_and_belongs_to_its_group, lines_are_those_of_the_file,
      sub_groups_are_walked_in_file_order, a_set_value_is_applied_and_marked,
      a_set_value_may_replace_a_default, a_set_text_needs_no_quotes,
      a_set_text_needs_no_quotes_where_nothing_stood, the_last_set_value_of_a_key_wins,
      a_wrong_set_value_is_refused_by_name, values_stay_when_the_config_is_closed,
      too_many_keys_are_refused_at_their_line, the_largest_config_is_read_in_seconds,
      more_than_4_mib_are_refused, what_is_no_regular_file_is_refused_at_once)
