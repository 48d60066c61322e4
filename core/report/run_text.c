#include <stdio.h>
#include <string.h>

#include "core/report/escape.h"
#include "core/report/format.h"
#include "core/report/run_tables.h"
#include "core/report/run_views.h"
#include "core/report/text_blocks.h"

enum { GRID_COLUMNS = 3, LABEL_WIDTH = 16, PAIR_WIDTH = 30, BARS = 12 };

static void put_title(FILE *out, struct arena *a, const struct run_facts *run)
{
    const char *title =
        arena_printf(a, "%s   %s   batch %s   %s   power at the %s   %s fidelity   seed %s",
                     run->system, run->trace, format_plain(run->batch).s, run->precision,
                     run->scope, run->fidelity, format_plain(facts_number(run->json, "seed")).s);
    table_wrap(out, "", title, REPORT_WIDTH);
    text_rule(out);
}

/* Label and value, three pairs to a line. */
static void put_grid(FILE *out, struct arena *a, const struct run_facts *run)
{
    struct headline lines[HEADLINES_MAX];
    size_t count = run_headlines(a, run, lines);
    for (size_t i = 0; i < count; i++) {
        const char *label = format_cut(a, lines[i].label, LABEL_WIDTH);
        fprintf(out, "%s%s%*s", i % GRID_COLUMNS ? "    " : "  ", label,
                PAIR_WIDTH - format_width(label), lines[i].value);
        if (i % GRID_COLUMNS == GRID_COLUMNS - 1 || i + 1 == count)
            putc('\n', out);
    }
}

static void put_baselines(FILE *out, struct arena *a, const struct run_facts *run)
{
    if (run->baselines == 0)
        return;
    fputs("\n  Beside GPUs (modelled, same trace; speedup and energy gain of this system over them)"
          "\n\n",
          out);
    table_write(out, run_baselines_table(a, run), TABLE_TEXT);
    for (size_t i = 0; i < run->baselines; i++) {
        struct baseline_facts b;
        facts_baseline(a, run, i, &b);
        if (!facts_same_scope(run->scope, b.scope)) {
            fputs("  - : no gain is stated between power at different places (see power at)\n",
                  out);
            return;
        }
    }
}

static void put_warnings(FILE *out, const json_t *run)
{
    const json_t *warnings = json_object_get(run, "warnings");
    for (size_t i = 0; i < json_array_size(warnings); i++) {
        const char *text = json_string_value(json_array_get(warnings, i));
        if (text)
            table_wrap(out, "  warning        ", text, REPORT_WIDTH);
    }
}

void run_text(FILE *out, struct arena *a, const json_t *json)
{
    struct run_facts run;
    facts_run(a, json, &run);
    put_title(out, a, &run);
    put_grid(out, a, &run);
    putc('\n', out);
    table_wrap(out, "  steady         ", run_steady_line(a, &run), REPORT_WIDTH);
    table_wrap(out, "  time           ", run_bound_line(a, &run), REPORT_WIDTH);
    table_wrap(out, "  trust          ", run_trust_line(a, &run), REPORT_WIDTH);
    put_warnings(out, json);
    putc('\n', out);
    text_bars(out, a, &run, BARS);
    putc('\n', out);
    text_worst_layers(out, a, &run);
    put_baselines(out, a, &run);
}
