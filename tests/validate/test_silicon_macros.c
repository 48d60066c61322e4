/* Macros bottom-up: every macro with figures is judged, rates follow from structure, and a chip
 * that is left out has no say in its own prediction. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/validate/validate.h"
#include "tests/check_main.h"
#include "tests/folder.h"

static struct judged_list fill(struct arena *a, const char *const *only, const char *const *extra)
{
    struct judged_list l;
    struct diag d = {0};
    judged_open(&l, a);
    l.only = only;
    l.extra = extra;
    ck_assert_msg(silicon_macros(&l, &d), "%s:%d: %s", d.file, d.line, d.text);
    return l;
}

static const struct judged *row_of(const struct judged_list *l, const char *name,
                                   const char *metric, enum judged_kind kind)
{
    for (size_t i = 0; i < l->count; i++)
        if (!strcmp(l->rows[i].case_name, name) && !strcmp(l->rows[i].metric, metric) &&
            l->rows[i].kind == kind)
            return &l->rows[i];
    return NULL;
}

START_TEST(rates_of_structural_cycles_are_within_five_per_cent)
{
    static const char *const chips[] = {"jia_2020",  "sinangil_2020", "wang_2022", "kim_2021",
                                        "chih_2021", "fujiwara_2022", "mori_2023", "papistas_2021",
                                        "xue_2021",  "liu_2020"};
    struct arena *a = arena_open();
    struct judged_list l = fill(a, NULL, NULL);
    for (size_t i = 0; i < COUNT_OF(chips); i++) {
        const struct judged *j = row_of(&l, chips[i], "tops", JUDGED_STRUCTURE);
        ck_assert_msg(j, "%s has no rate", chips[i]);
        ck_assert_msg(fabs(judged_error_pct(j)) <= 5, "%s: %g of %g TOPS", chips[i], j->predicted,
                      j->reference);
    }
    arena_close(a);
}
END_TEST

START_TEST(left_out_predictions_have_intervals_around_them)
{
    struct arena *a = arena_open();
    struct judged_list l = fill(a, NULL, NULL);
    size_t rows = 0;
    for (size_t i = 0; i < l.count; i++) {
        const struct judged *j = &l.rows[i];
        if (j->kind != JUDGED_LEAVE_ONE_OUT)
            continue;
        rows++;
        ck_assert_msg(j->low < j->predicted && j->predicted < j->high, "%s %s: %g to %g",
                      j->case_name, j->metric, j->low, j->high);
    }
    ck_assert_uint_gt(rows, 60);
    arena_close(a);
}
END_TEST

/* All chips of the data stand once: by their config, else by their row. */
START_TEST(a_chip_of_the_data_is_judged_by_its_config_alone)
{
    struct arena *a = arena_open();
    struct judged_list l = fill(a, NULL, NULL);
    ck_assert(row_of(&l, "jia_2020", "tops_per_w", JUDGED_LEAVE_ONE_OUT));
    for (size_t i = 0; i < l.count; i++) {
        ck_assert_str_ne(l.rows[i].chip, "uiuc_5");  /* Jia */
        ck_assert_str_ne(l.rows[i].chip, "uiuc_28"); /* Chih */
    }
    arena_close(a);
}
END_TEST

/* The same chip with a published figure ten times as high, in a file of its own. */
START_TEST(the_published_figure_does_not_move_its_own_prediction)
{
    char path[] = "/tmp/cimarron_test_XXXXXX";
    char line[512], folder[512];
    int file = mkstemp(path);
    FILE *out = fdopen(file, "w"), *in = fopen("configs/macro/papistas_2021.cfg", "r");
    ck_assert(out && in && getcwd(folder, sizeof folder));
    while (fgets(line, sizeof line, in)) {
        if (strstr(line, "@include"))
            fprintf(out, "cell : { @include \"%s/configs/cell/sram_charge.cfg\" };\n", folder);
        else if (strstr(line, "tops_per_w = 1050"))
            fputs("    tops_per_w = 10500.0;\n", out);
        else
            fputs(line, out);
    }
    fclose(in);
    fclose(out);
    struct arena *a = arena_open();
    const char *const extra[] = {path, NULL};
    struct judged_list l = fill(a, NULL, extra);
    unlink(path);
    const struct judged *here = row_of(&l, "papistas_2021", "tops_per_w", JUDGED_LEAVE_ONE_OUT);
    const struct judged *there =
        row_of(&l, judged_base_name(a, path), "tops_per_w", JUDGED_LEAVE_ONE_OUT);
    ck_assert(here && there);
    ASSERT_NEAR(there->reference, 10 * here->reference, 1e-9);
    ck_assert_double_eq(there->predicted, here->predicted);
    ck_assert_double_eq(there->low, here->low);
    arena_close(a);
}
END_TEST

START_TEST(only_what_is_asked_for_is_judged)
{
    static const char *const only[] = {"wang_2022", NULL};
    struct arena *a = arena_open();
    struct judged_list l = fill(a, only, NULL);
    ck_assert_uint_gt(l.count, 4);
    for (size_t i = 0; i < l.count; i++)
        ck_assert_str_eq(l.rows[i].chip, "wang_2022");
    arena_close(a);
}
END_TEST

SUITE("silicon macros", rates_of_structural_cycles_are_within_five_per_cent,
      left_out_predictions_have_intervals_around_them,
      a_chip_of_the_data_is_judged_by_its_config_alone,
      the_published_figure_does_not_move_its_own_prediction, only_what_is_asked_for_is_judged)
