#include "tests/app/program.h"

/* UTF-8 text: bytes that continue a character take no column. */
static int columns(const char *line)
{
    int count = 0;
    for (; *line; line++)
        count += ((unsigned char)*line & 0xc0) != 0x80;
    return count;
}

START_TEST(the_demonstration_fits_a_screen_and_writes_one_page)
{
    struct arena *a = arena_open();
    char *folder = new_folder(a);
    struct outcome r = run_in(a, folder, "demo");
    ck_assert_msg(r.status == 0, "%s", r.err);
    ck_assert_ptr_nonnull(strstr(r.err, arena_printf(a, "%s/cimarron-demo.html\n", folder)));
    int lines = 0;
    for (char *line = strtok(r.out, "\n"); line; line = strtok(NULL, "\n")) {
        ck_assert_msg(columns(line) <= 100, "too wide: %s", line);
        lines++;
    }
    ck_assert_int_le(lines, 50);
    ck_assert_int_eq(count_files(folder), 1);
    const char *page = read_whole(a, arena_printf(a, "%s/cimarron-demo.html", folder));
    ck_assert_ptr_nonnull(strstr(page, "ISAAC (2016)"));
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

START_TEST(the_demonstration_sets_measured_rates_beside_two_chips)
{
    struct arena *a = arena_open();
    char *folder = new_folder(a);
    struct outcome r = run_in(a, folder, "demo --no-html --format json");
    ck_assert_msg(r.status == 0, "%s", r.err);
    ck_assert_int_eq(count_files(folder), 0);
    json_t *demo = json_loads(r.out, 0, NULL), *runs = json_object_get(demo, "runs");
    ck_assert_uint_eq(json_array_size(runs), 2);
    ck_assert_double_eq(number_of(json_array_get(runs, 0), "batch"), 64);
    const json_t *precision = json_object_get(json_array_get(runs, 1), "precision");
    ck_assert_double_eq(number_of(precision, "activation_bits"), 16);
    ck_assert_uint_gt(json_array_size(json_object_get(json_array_get(runs, 0), "baselines")), 2);
    const json_t *measured = json_object_get(demo, "measured");
    ck_assert_uint_ge(json_array_size(measured), 3);
    ck_assert_double_gt(number_of(json_array_get(measured, 0), "images_per_s"), 1000);
    json_decref(demo);
    remove_folder(a, folder);
    arena_close(a);
}
END_TEST

SUITE("demonstration", the_demonstration_fits_a_screen_and_writes_one_page,
      the_demonstration_sets_measured_rates_beside_two_chips)
