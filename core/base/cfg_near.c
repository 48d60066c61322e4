#include "core/base/cfg_tree.h"

#include <string.h>

enum { WORD_MAX = 63 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance, one row at a time. */
size_t cfg_distance(const char *a, const char *b, size_t limit)
{
    size_t row[WORD_MAX + 1], rows = strlen(a), columns = strlen(b);
    size_t apart = rows > columns ? rows - columns : columns - rows;
    if (columns > WORD_MAX || apart > limit)
        return limit + 1;
    for (size_t j = 0; j <= columns; j++)
        row[j] = j;
    for (size_t i = 1; i <= rows; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= columns; j++) {
            size_t changed = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = least(changed, 1 + least(row[j], row[j - 1]));
        }
    }
    return least(row[columns], limit + 1);
}

bool cfg_is_near(const char *a, const char *b)
{
    size_t limit = strlen(a) < 6 ? 1 + (strlen(a) > 2) : 3;
    return cfg_distance(a, b, limit) <= limit;
}
