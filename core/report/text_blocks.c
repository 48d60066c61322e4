#include "core/report/text_blocks.h"

#include <math.h>
#include <string.h>

#include "core/report/escape.h"
#include "core/report/format.h"
#include "core/report/table.h"

enum { NAME_WIDTH = 17, BAR_WIDTH = 12, LAYER_WIDTH = 28 };

void text_rule(FILE *out)
{
    for (int i = 0; i < REPORT_WIDTH; i++)
        fputs("\u2500", out);
    putc('\n', out);
}

/* A bar of eighths of a character; what is not nothing shows at least one eighth. */
static const char *bar(struct arena *a, double fraction)
{
    static const char *const eighths[] = {"",       "\u258F", "\u258E", "\u258D",
                                          "\u258C", "\u258B", "\u258A", "\u2589"};
    char text[BAR_WIDTH * 4 + 8] = "";
    int parts = (int)lround(fraction * BAR_WIDTH * 8);
    parts = parts < 1 ? 1 : parts > BAR_WIDTH * 8 ? BAR_WIDTH * 8 : parts;
    for (int i = 0; i < parts / 8; i++)
        strcat(text, "\u2588");
    strcat(text, eighths[parts % 8]);
    return arena_strdup(a, text);
}

/* `text` in `width` columns: cut or padded on the right. */
static void put_left(FILE *out, struct arena *a, const char *text, int width)
{
    const char *cut = format_cut(a, text, width);
    escape_text(out, cut, strlen(cut));
    fprintf(out, "%*s", width - format_width(cut), "");
}

static double longest(const struct shares *s)
{
    double last = s->items[s->count - 1].value; /* "other" may exceed the first */
    return last > s->items[0].value ? last : s->items[0].value;
}

/* The bar's length is relative to the longest, its percentage to the whole. */
static void put_bar(FILE *out, struct arena *a, const struct shares *s, size_t index,
                    const char *unit)
{
    const struct share *item = &s->items[index];
    put_left(out, a, item->name, NAME_WIDTH);
    putc(' ', out);
    put_left(out, a, bar(a, item->value / longest(s)), BAR_WIDTH);
    fprintf(out, " %7s %9s", format_percent(item->fraction).s, format_si(item->value, unit).s);
}

void text_bars(FILE *out, struct arena *a, const struct run_facts *run, size_t most)
{
    struct shares energy = facts_shares(a, json_object_get(run->json, "energy_by_part_j"), most);
    struct shares time = facts_shares(a, json_object_get(run->json, "time_by_cause_s"), most);
    size_t rows = energy.count > time.count ? energy.count : time.count;
    fprintf(out, "  %-*s  %s\n", BLOCK_WIDTH, "Energy by part", "Time by cause");
    if (rows == 0)
        fprintf(out, "  %-*s  %s\n", BLOCK_WIDTH, "-", "-");
    for (size_t i = 0; i < rows; i++) {
        fputs("  ", out);
        if (i < energy.count)
            put_bar(out, a, &energy, i, "J");
        else if (i < time.count)
            fprintf(out, "%*s", BLOCK_WIDTH, "");
        if (i < time.count) {
            fputs("  ", out);
            put_bar(out, a, &time, i, "s");
        }
        putc('\n', out);
    }
}

static void put_layer(FILE *out, struct arena *a, const struct layer_facts *layer, bool energy)
{
    put_left(out, a, layer->name, LAYER_WIDTH);
    if (energy)
        fprintf(out, " %9s %8s", format_si(layer->energy_j, "J").s,
                format_percent(layer->energy_fraction).s);
    else
        fprintf(out, " %9s %8s", format_si(layer->duration_s, "s").s,
                format_percent(layer->utilization).s);
}

void text_worst_layers(FILE *out, struct arena *a, const struct run_facts *run)
{
    struct layer_facts hungry[WORST_LAYERS], idle[WORST_LAYERS];
    size_t eaters = facts_hungriest(run->json, hungry, WORST_LAYERS);
    size_t idlers = facts_idlest(run->json, idle, WORST_LAYERS);
    size_t rows = eaters > idlers ? eaters : idlers;
    fprintf(out, "  %-*s %9s %8s  ", LAYER_WIDTH, "Layers with the most energy", "energy", "share");
    fprintf(out, "%-*s %9s %8s\n", LAYER_WIDTH, "Layers idling their arrays", "lasting", "in use");
    for (size_t i = 0; i < rows; i++) {
        fputs("  ", out);
        if (i < eaters)
            put_layer(out, a, &hungry[i], true);
        else
            fprintf(out, "%*s", LAYER_WIDTH + 19, "");
        if (i < idlers) {
            fputs("  ", out);
            put_layer(out, a, &idle[i], false);
        }
        putc('\n', out);
    }
    if (rows == 0)
        fputs("  -\n", out);
}
