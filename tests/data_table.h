/* data_table.h — the tables under tests/data: published and measured figures to judge by.
 *
 * They are carried in the tree; tests/data/README.md names the source of each.  One that cannot be
 * read fails the test. */
#ifndef CIMARRON_TESTS_DATA_TABLE_H
#define CIMARRON_TESTS_DATA_TABLE_H

#include "core/base/csv.h"
#include "tests/check_main.h"

#define DATA "tests/data/"

static inline struct csv_table data_table(struct arena *a, const char *name)
{
    struct csv_table t;
    struct diag d = {.status = 0};
    ck_assert_msg(csv_read(a, arena_printf(a, DATA "%s", name), &t, &d), "%s:%d: %s", d.file,
                  d.line, d.text);
    ck_assert_uint_gt(t.rows, 0);
    return t;
}

static inline const char *data_text(const struct csv_table *t, size_t row, const char *column)
{
    ck_assert_msg(csv_column(t, column) >= 0, "%s has no column %s", t->path, column);
    return csv_text(t, row, csv_column(t, column));
}

/* 0 where nothing stands. */
static inline double data_number(const struct csv_table *t, size_t row, const char *column)
{
    double x;
    struct diag d = {.status = 0};
    ck_assert_msg(csv_real_or(t, row, csv_column(t, column), -1e300, 1e300, 0, &x, &d), "%s:%d: %s",
                  d.file, d.line, d.text);
    return x;
}

#endif
