/* Rows and fields of plain comma-separated files. */
#include "traces/import_csv.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of white space at s: a blank, or a no-break space in UTF-8. */
static size_t blank_at(const char *s)
{
    if (s[0] != '\0' && strchr(" \t\r\v\f", s[0]) != NULL)
        return 1;
    return strncmp(s, "\xc2\xa0", 2) == 0 ? 2 : 0;
}

static char *trim(char *s)
{
    char *end = s;
    while (blank_at(s) > 0)
        s += blank_at(s);
    for (char *at = s; *at != '\0';) {
        size_t blank = blank_at(at);
        at += blank > 0 ? blank : 1;
        if (blank == 0)
            end = at;
    }
    if (end >= s)
        *end = '\0';
    return s;
}

bool csv_cut(const struct csv_place *at, char *line, struct csv_row *row)
{
    char separator = strchr(line, ',') != NULL ? ',' : '\t';
    row->n = 0;
    for (char *next = line; next != NULL;) {
        char *field = next;
        next = strchr(field, separator);
        if (next != NULL)
            *next++ = '\0';
        field = trim(field);
        if (field[0] == '#') /* a comment */
            break;
        if (row->n == CSV_FIELDS_MAX && field[0] != '\0')
            return diag_input(at->d, at->path, at->line, "the row has more than %d columns",
                              CSV_FIELDS_MAX);
        if (row->n < CSV_FIELDS_MAX)
            row->field[row->n++] = field;
    }
    while (row->n > 0 && row->field[row->n - 1][0] == '\0')
        row->n--; /* trailing commas */
    return true;
}

bool csv_each_row(struct csv_place *at, struct import_file *f, csv_take *take, void *user)
{
    char *next = (char *)f->bytes;
    if (strlen(next) != f->size)
        return diag_input(at->d, at->path, 1, "this is not a text file: it holds a zero byte");
    while (next != NULL) {
        struct csv_row row;
        char *line = next;
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        at->line++;
        TRY(csv_cut(at, line, &row) && take(user, &row));
    }
    return true;
}

const char *csv_field(const struct csv_row *row, int i)
{
    return i < row->n ? row->field[i] : "";
}

bool csv_size(const struct csv_place *at, const struct csv_row *row, int i, const char *what,
              int64_t *out)
{
    const char *text = csv_field(row, i);
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (text[0] == '\0')
        return diag_input(at->d, at->path, at->line, "%s is missing in column %d", what, i + 1);
    if (*end != '\0' || end == text)
        return diag_input(at->d, at->path, at->line,
                          "%s is '%.40s' in column %d; a whole number is needed", what,
                          import_clean_name(at->scratch, text, strlen(text)), i + 1);
    if (errno != 0 || value < 1 || value > INT32_MAX)
        return diag_input(at->d, at->path, at->line,
                          "%s is '%.40s' in column %d; sizes are from 1 to 2147483647", what, text,
                          i + 1);
    *out = value;
    return true;
}

bool csv_ratio(const struct csv_place *at, const char *text, double *share)
{
    char *end;
    long kept = strtol(text, &end, 10);
    if (end != text && *end == ':') {
        const char *second = end + 1;
        long of = strtol(second, &end, 10);
        if (end != second && *end == '\0' && kept >= 1 && of >= kept && of < INT_MAX) {
            *share = (double)kept / (double)of;
            return true;
        }
    }
    return diag_input(at->d, at->path, at->line,
                      "sparsity is '%.40s'; N:M with N from 1 to M is needed",
                      import_clean_name(at->scratch, text, strlen(text)));
}
