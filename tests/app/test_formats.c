/* What every format of every command's result promises: it is whole, and it says what the JSON
 * says. */
#include "tests/app/program.h"

/* Commands whose result takes a moment, in each of its shapes: figures alone, tables, documents,
 * runs. */
static const char *const lines[] = {
    "macro isaac_xbar --sqnr",
    "peak isaac",
    "peak quad_dcim_hbm3",
    "peak wafer_cim",
    "peak h100_sxm --precision fp16",
    "peak our_work_2023",
    "peak isaac --uncertainty 20",
    "dram hbm2_2000 --requests 500",
    "noc mesh_5nm --warmup 50 --cycles 100",
    "gpu h100_sxm --op matmul --shape 64,64,64 --dtype fp16",
    "gpu h100_sxm --batch tests/gpu/kernels.csv",
    "fit digital",
    "list gpus",
    "trace info resnet50 gpt2_decode",
    "compare tests/golden/compare-small/table.cfg",
    "validate noc",
    "validate silicon --only isaac",
    "run isaac squeezenet --gpu none",
    "run dcim_5nm_hbm3 gpt2_decode --gpu h100_sxm",
    "run dcim_5nm squeezenet --batch 2 --uncertainty 20",
};

static char *printed(struct arena *a, size_t line, const char *format)
{
    const char *words = arena_printf(a, "%s --no-timing --format %s", lines[line], format);
    struct outcome r = run(a, words);
    ck_assert_msg(r.status == 0 && *r.out, "'%s' ends with %d: %s", words, r.status, r.err);
    return r.out;
}

static size_t count_of(const char *text, const char *word)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, word)) != NULL; at += strlen(word))
        count++;
    return count;
}

/* The next line of `*at`, without its end; NULL after the last. */
static char *next_line(char **at)
{
    char *line = *at, *end = strchr(line, '\n');
    if (!*line)
        return NULL;
    ck_assert_msg(end != NULL, "the last line has no end: %s", line);
    *end = '\0';
    *at = end + 1;
    return line;
}

/* Columns on a terminal: bytes that begin a code point. */
static int columns_of(const char *line)
{
    int columns = 0;
    for (; *line; line++)
        columns += ((unsigned char)*line & 0xC0) != 0x80;
    return columns;
}

START_TEST(text_fits_a_hundred_columns_and_ends_no_line_in_blanks)
{
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct arena *a = arena_open();
        char *at = printed(a, i, "text");
        for (char *line; (line = next_line(&at)) != NULL;) {
            ck_assert_msg(columns_of(line) <= 100, "%s: %s", lines[i], line);
            ck_assert_msg(!*line || line[strlen(line) - 1] != ' ', "%s: '%s'", lines[i], line);
        }
        arena_close(a);
    }
}
END_TEST

/* Bars that part cells: those without a backslash. */
static int bars_of(const char *line)
{
    int bars = 0;
    for (const char *c = line; *c; c++)
        bars += *c == '|' && (c == line || c[-1] != '\\');
    return bars;
}

START_TEST(markdown_tables_have_as_many_cells_in_each_row_as_in_their_head)
{
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct arena *a = arena_open();
        char *at = printed(a, i, "md");
        int bars = 0, rows = 0;
        for (char *line; (line = next_line(&at)) != NULL;) {
            bool row = *line == '|';
            if (row && bars)
                ck_assert_msg(bars_of(line) == bars, "%s: %s", lines[i], line);
            bars = row ? bars_of(line) : 0;
            rows += row;
        }
        ck_assert_msg(rows >= 3, "%s: no table", lines[i]);
        arena_close(a);
    }
}
END_TEST

/* Cells of a row: signs that part them, and one more. */
static int cells_of(const char *row)
{
    int cells = 1;
    for (const char *c = row; *c; c++)
        cells += *c == '&' && (c == row || c[-1] != '\\');
    return cells;
}

/* A row of a table that `columns` names ("lrr"); a \multicolumn{n} counts for n of them. */
static void check_latex_row(const char *line, const char *columns, const char *of)
{
    int cells = cells_of(line), wide = 0;
    const char *multi = strstr(line, "\\multicolumn{");
    if (multi)
        wide = atoi(multi + strlen("\\multicolumn{")) - 1;
    ck_assert_msg(cells + wide == (int)strlen(columns), "%s: %s in a table of %s", of, line,
                  columns);
}

START_TEST(latex_closes_what_it_opens_and_its_rows_fill_their_tables)
{
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct arena *a = arena_open();
        char *text = printed(a, i, "latex"), *at = text, columns[64] = "";
        bool rules = strstr(text, "\\toprule") != NULL;
        ck_assert_uint_eq(count_of(text, "\\begin{"), count_of(text, "\\end{"));
        ck_assert_msg(!rules || strstr(text, "% needs \\usepackage{booktabs}"), "%s", lines[i]);
        for (char *line; (line = next_line(&at)) != NULL;) {
            size_t length = strlen(line);
            if (sscanf(line, "\\begin{tabular}{%63[lrc]}", columns) == 1)
                continue;
            if (strstr(line, "\\end{tabular}"))
                *columns = '\0';
            else if (*columns && length > 2 && strcmp(line + length - 2, "\\\\") == 0)
                check_latex_row(line, columns, lines[i]);
            for (const char *c = line; *c && *line != '%';
                 c++) /* what TeX would take for its own */
                ck_assert_msg(!strchr("#%_", *c) || (c > line && c[-1] == '\\'), "%s: %s", lines[i],
                              line);
        }
        arena_close(a);
    }
}
END_TEST

/* The JSON that a page carries in its script element. */
static json_t *data_of_page(struct arena *a, const char *page)
{
    const char *open = strstr(page, "id=\"cimarron-data\"");
    ck_assert_ptr_nonnull(open);
    const char *begin = strchr(open, '>') + 1, *end = strstr(begin, "</script>");
    ck_assert_ptr_nonnull(end);
    json_t *data = json_loads(arena_strndup(a, begin, (size_t)(end - begin)), 0, NULL);
    ck_assert_ptr_nonnull(data);
    return data;
}

/* People get a choice of a long result, and one row for each of several traces; JSON has all. */
static bool is_shortened(const char *line)
{
    return strcmp(line, "peak our_work_2023") == 0 || strncmp(line, "trace info", 10) == 0;
}

START_TEST(a_page_is_whole_loads_nothing_and_carries_the_json)
{
    static const char *const tags[] = {"html",  "head", "body", "main", "table", "tr", "td", "th",
                                       "title", "h1",   "h2",   "h3",   "div",   "dl", "ul", "svg"};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct arena *a = arena_open();
        char *page = printed(a, i, "html");
        json_t *data = data_of_page(a, page), *runs = json_object_get(data, "runs");
        char *cut = strstr(page, "<script");
        json_t *same = json_loads(printed(a, i, "json"), 0, NULL);
        if (!is_shortened(lines[i]))
            ck_assert_msg(json_equal(json_is_array(runs) ? json_array_get(runs, 0) : data, same),
                          "%s: the page says other things", lines[i]);
        ck_assert_ptr_nonnull(strstr(page, "</body>\n</html>\n"));
        *cut = '\0'; /* what follows is data and code */
        ck_assert_msg(!strstr(page, "src=") && !strstr(page, "href=\"http") &&
                          !strstr(page, "url("),
                      "%s loads something", lines[i]);
        ck_assert_msg(count_of(page, "<h1>") == 1, "%s has %zu titles", lines[i],
                      count_of(page, "<h1>"));
        for (size_t k = 4; k < COUNT_OF(tags); k++) {
            size_t opened = count_of(page, arena_printf(a, "<%s>", tags[k])) +
                            count_of(page, arena_printf(a, "<%s ", tags[k]));
            ck_assert_msg(opened == count_of(page, arena_printf(a, "</%s>", tags[k])),
                          "%s: %zu <%s> are not closed", lines[i], opened, tags[k]);
        }
        json_decref(same);
        json_decref(data);
        arena_close(a);
    }
}
END_TEST

/* Cells of a line of CSV; quoted cells may hold commas, not ends of lines. */
static int csv_cells(const char *line)
{
    int cells = 1;
    bool quoted = false;
    for (; *line; line++) {
        quoted ^= *line == '"';
        cells += *line == ',' && !quoted;
    }
    ck_assert(!quoted);
    return cells;
}

START_TEST(csv_has_the_cells_of_its_head_in_every_row)
{
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct arena *a = arena_open();
        char *at = printed(a, i, "csv");
        int cells = 0, rows = 0;
        for (char *line; (line = next_line(&at)) != NULL;) {
            if (!*line) { /* a further table follows */
                cells = 0;
                continue;
            }
            ck_assert_msg(!cells || csv_cells(line) == cells, "%s: %s", lines[i], line);
            cells = csv_cells(line);
            rows++;
        }
        ck_assert_msg(rows >= 2, "%s: no row", lines[i]);
        arena_close(a);
    }
}
END_TEST

/* Every number of `value` stands in the csv as KEY,NUMBER to the last digit. */
static void check_csv_figures(struct arena *a, const char *csv, const char *path,
                              const json_t *value)
{
    const char *key, *end;
    json_t *member;
    json_object_foreach((json_t *)value, key, member)
    {
        const char *name = *path ? arena_printf(a, "%s.%s", path, key) : key;
        if (json_is_object(member))
            check_csv_figures(a, csv, name, member);
        if (!json_is_number(member))
            continue;
        const char *at = strstr(csv, arena_printf(a, "\n%s,", name));
        ck_assert_msg(at != NULL, "the csv has no %s", name);
        end = at + strlen(name) + 2;
        ck_assert_msg(strtod(end, NULL) == json_number_value(member), "%s is %.20s", name, end);
    }
}

START_TEST(figures_of_the_csv_are_those_of_the_json_to_the_last_digit)
{
    static const char *const plain[] = {"macro isaac_xbar",
                                        "peak isaac",
                                        "peak wafer_cim",
                                        "noc mesh_5nm --warmup 50 --cycles 100",
                                        "dram hbm2_2000 --requests 500",
                                        "gpu h100_sxm --shape 64,64,64"};
    for (size_t i = 0; i < COUNT_OF(plain); i++) {
        struct arena *a = arena_open();
        json_t *json = run_json(a, arena_printf(a, "%s --no-timing --format json", plain[i]));
        struct outcome csv = run(a, arena_printf(a, "%s --no-timing --format csv", plain[i]));
        check_csv_figures(a, csv.out, "", json);
        json_decref(json);
        arena_close(a);
    }
}
END_TEST

SUITE("formats", text_fits_a_hundred_columns_and_ends_no_line_in_blanks,
      markdown_tables_have_as_many_cells_in_each_row_as_in_their_head,
      latex_closes_what_it_opens_and_its_rows_fill_their_tables,
      a_page_is_whole_loads_nothing_and_carries_the_json,
      csv_has_the_cells_of_its_head_in_every_row,
      figures_of_the_csv_are_those_of_the_json_to_the_last_digit)
