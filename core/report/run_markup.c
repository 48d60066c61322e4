#include <stdio.h>

#include "core/report/escape.h"
#include "core/report/format.h"
#include "core/report/run_tables.h"
#include "core/report/run_views.h"

/* Markdown and LaTeX differ in how a heading and a sentence are marked, and in nothing else. */
struct markup {
    enum table_style style;
    void (*escape)(FILE *out, const char *text);
    const char *title_begin, *title_end;
    const char *head_begin, *head_end;
    const char *item_begin, *item_end;
};

static const struct markup markdown = {
    TABLE_MD, escape_md, "# ", "\n\n", "\n## ", "\n\n", "\n", "\n",
};
static const struct markup latex = {
    TABLE_LATEX,        escape_latex, "\\section*{",   "}\n\n",
    "\n\\subsection*{", "}\n\n",      "\n\\noindent ", "\n",
};

static void put_marked(FILE *out, const struct markup *m, const char *begin, const char *text,
                       const char *end)
{
    fputs(begin, out);
    m->escape(out, text);
    fputs(end, out);
}

static void put_section(FILE *out, const struct markup *m, const char *title, const struct table *t)
{
    put_marked(out, m, m->head_begin, title, m->head_end);
    if (table_rows(t))
        table_write(out, t, m->style);
    else
        fputs("-\n", out);
}

static void put_warnings(FILE *out, struct arena *a, const struct markup *m, const json_t *run)
{
    const json_t *warnings = json_object_get(run, "warnings");
    for (size_t i = 0; i < json_array_size(warnings); i++) {
        const char *text = json_string_value(json_array_get(warnings, i));
        if (text)
            put_marked(out, m, m->item_begin, arena_printf(a, "Warning: %s", text), m->item_end);
    }
}

static void put_run(FILE *out, struct arena *a, const json_t *json, const struct markup *m)
{
    struct run_facts run;
    facts_run(a, json, &run);
    put_marked(out, m, m->title_begin, arena_printf(a, "%s on %s", run.trace, run.system),
               m->title_end);
    table_write(out, run_headline_table(a, &run), m->style);
    put_marked(out, m, m->item_begin, arena_printf(a, "Steady: %s.", run_steady_line(a, &run)),
               m->item_end);
    put_marked(out, m, m->item_begin, arena_printf(a, "Time: %s.", run_bound_line(a, &run)),
               m->item_end);
    put_marked(out, m, m->item_begin, arena_printf(a, "Trust: %s.", run_trust_line(a, &run)),
               m->item_end);
    put_warnings(out, a, m, json);
    put_section(out, m, "Energy by part", run_parts_table(a, &run));
    put_section(out, m, "Time by cause", run_causes_table(a, &run));
    put_section(out, m, "Layers", run_layers_table(a, &run));
    put_section(out, m, "Baselines", run_baselines_table(a, &run));
}

void run_md(FILE *out, struct arena *a, const json_t *run)
{
    put_run(out, a, run, &markdown);
}

void run_latex(FILE *out, struct arena *a, const json_t *run)
{
    put_run(out, a, run, &latex);
}
