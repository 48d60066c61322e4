#include "core/report/scatter.h"

#include <math.h>
#include <string.h>

#include "core/report/escape.h"
#include "core/report/format.h"

/* All lengths are user units of the drawing. */
enum {
    PLOT = 460,
    LEFT = 64,
    ABOVE = 44,
    BOTTOM = 58,
    RIGHT = 20,
    PANEL = LEFT + PLOT + RIGHT,
    LEGEND_ROW = 20,
    LEGEND_COLUMN = 170,
    ROW = ABOVE + PLOT + BOTTOM,
    COLUMNS = 2, /* of panels */
    LABELS_MAX = 512,
};
#define GLYPH 5.6 /* width of a letter of a name */
#define NAME_HEIGHT 9.0

/* Okabe and Ito's colours, which the colour-blind can tell apart (their page of 2008). */
static const char *const colours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                      "#b8860b", "#56b4e9", "#444444", "#8b5fbf"};

static const char *colour_of(size_t series)
{
    return colours[series % COUNT_OF(colours)];
}

/* A panel in the drawing: its left edge and the decades of both axes. */
struct frame {
    FILE *out;
    const struct scatter *s;
    double left, top;
    double low, high; /* logarithms of the ends */
};

static double along(const struct frame *f, double value)
{
    return PLOT * (log10(value) - f->low) / (f->high - f->low);
}

static double at_x(const struct frame *f, double value)
{
    return f->left + along(f, value);
}

static double at_y(const struct frame *f, double value)
{
    return f->top + PLOT - along(f, value);
}

static void stretch(double value, double *low, double *high)
{
    if (!(value > 0))
        return;
    *low = fmin(*low, value);
    *high = fmax(*high, value);
}

/* Bars that reach further than the points are cut at the frame. */
static struct frame frame_of(FILE *out, const struct scatter *s, double left, double top)
{
    double low = INFINITY, high = 0;
    for (size_t i = 0; i < s->count; i++) {
        stretch(s->points[i].x, &low, &high);
        stretch(s->points[i].y, &low, &high);
    }
    if (!(high > 0))
        low = high = 1;
    return (struct frame){out, s, left, top, log10(low / 1.6), log10(high * 1.6)};
}

/* --- axes ------------------------------------------------------------------------------------- */

static void put_text(FILE *out, double x, double y, const char *attributes, const char *text)
{
    fprintf(out, "<text x=\"%.1f\" y=\"%.1f\"%s>", x, y, attributes);
    escape_html(out, text);
    fputs("</text>\n", out);
}

static void put_line(FILE *out, double x1, double y1, double x2, double y2, const char *attributes)
{
    fprintf(out, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"%s/>\n", x1, y1, x2, y2,
            attributes);
}

static struct shown tick_name(double value)
{
    struct shown text;
    snprintf(text.s, sizeof text.s, value >= 1e5 || value < 1e-3 ? "%.0e" : "%g", value);
    return text;
}

static void put_tick(const struct frame *f, double value, bool named)
{
    double x = at_x(f, value), y = at_y(f, value);
    const char *style = named ? " stroke=\"#d3dae2\"" : " stroke=\"#eaeef2\"";
    if (log10(value) < f->low || log10(value) > f->high)
        return;
    put_line(f->out, x, f->top, x, f->top + PLOT, style);
    put_line(f->out, f->left, y, f->left + PLOT, y, style);
    if (!named)
        return;
    put_text(f->out, x, f->top + PLOT + 16, " text-anchor=\"middle\" fill=\"#5b6878\"",
             tick_name(value).s);
    put_text(f->out, f->left - 7, y + 4, " text-anchor=\"end\" fill=\"#5b6878\"",
             tick_name(value).s);
}

/* Decades have names; over few decades 2 and 5 have them, too. */
static void put_grid(const struct frame *f)
{
    bool few = f->high - f->low < 3;
    for (int e = (int)floor(f->low); e <= (int)ceil(f->high); e++) {
        put_tick(f, 2 * pow(10, e), few);
        put_tick(f, 5 * pow(10, e), few);
        put_tick(f, pow(10, e), true);
    }
}

/* Within a factor of two, cut at the corners of the frame. */
static void put_band(const struct frame *f)
{
    double two = PLOT * log10(2) / (f->high - f->low), x = f->left, y = f->top + PLOT;
    fprintf(f->out,
            "<polygon points=\"%.1f,%.1f %.1f,%.1f %.1f,%.1f %.1f,%.1f %.1f,%.1f %.1f,%.1f\" "
            "fill=\"#e8eef4\"/>\n",
            x, y, x, y - two, x + PLOT - two, y - PLOT, x + PLOT, y - PLOT, x + PLOT,
            y - PLOT + two, x + two, y);
}

static void put_titles(const struct frame *f)
{
    const char *middle = " text-anchor=\"middle\" fill=\"#16202c\" font-size=\"13\"";
    char turned[128];
    double x = f->left - 46, y = f->top + PLOT / 2.0;
    put_text(f->out, f->left + PLOT / 2.0, f->top - 16,
             " text-anchor=\"middle\" fill=\"#16202c\" font-size=\"15\" font-weight=\"600\"",
             f->s->title);
    put_text(f->out, f->left + PLOT / 2.0, f->top + PLOT + 38, middle, f->s->x_title);
    snprintf(turned, sizeof turned, "%s transform=\"rotate(-90 %.1f %.1f)\"", middle, x, y);
    put_text(f->out, x, y, turned, f->s->y_title);
}

/* --- points ----------------------------------------------------------------------------------- */

static void put_shape(FILE *out, double x, double y, size_t series, bool hollow)
{
    const char *colour = colour_of(series), *fill = hollow ? "#ffffff" : colour;
    double r = 4.2;
    switch (series % 4) {
    case 0:
        fprintf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"", x, y, r);
        break;
    case 1:
        fprintf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"7.6\" height=\"7.6\"", x - 3.8, y - 3.8);
        break;
    case 2:
        fprintf(out, "<polygon points=\"%.1f,%.1f %.1f,%.1f %.1f,%.1f\"", x, y - 5, x + 4.8, y + 4,
                x - 4.8, y + 4);
        break;
    default:
        fprintf(out, "<polygon points=\"%.1f,%.1f %.1f,%.1f %.1f,%.1f %.1f,%.1f\"", x, y - 5.4,
                x + 5.4, y, x, y + 5.4, x - 5.4, y);
    }
    fprintf(out, " fill=\"%s\" stroke=\"%s\" stroke-width=\"1.2\"", fill, colour);
}

static double clamped(const struct frame *f, double y)
{
    return fmin(fmax(y, f->top), f->top + PLOT);
}

static void put_bar(const struct frame *f, const struct scatter_point *p)
{
    char style[96];
    if (!(p->low > 0) || !(p->high > 0))
        return;
    double x = at_x(f, p->x);
    snprintf(style, sizeof style, " stroke=\"%s\" stroke-opacity=\"0.35\" stroke-width=\"1.4\"",
             colour_of(p->series));
    put_line(f->out, x, clamped(f, at_y(f, p->low)), x, clamped(f, at_y(f, p->high)), style);
}

static void put_point(const struct frame *f, const struct scatter_point *p)
{
    put_shape(f->out, at_x(f, p->x), at_y(f, p->y), p->series, p->hollow);
    fputs("><title>", f->out);
    escape_html(f->out, p->name);
    fprintf(f->out, ": predicted %s, published %s</title></", format_plain(p->y).s,
            format_plain(p->x).s);
    fputs(p->series % 4 == 0 ? "circle" : p->series % 4 == 1 ? "rect" : "polygon", f->out);
    fputs(">\n", f->out);
}

/* --- names, where there is room --------------------------------------------------------------- */

struct box {
    double x1, y1, x2, y2;
};

struct boxes {
    struct box items[LABELS_MAX];
    size_t count;
};

static bool meets(const struct box *a, const struct box *b)
{
    return a->x1 < b->x2 && b->x1 < a->x2 && a->y1 < b->y2 && b->y1 < a->y2;
}

static bool is_free(const struct frame *f, const struct boxes *taken, const struct box *b)
{
    if (b->x1 < f->left + 1 || b->x2 > f->left + PLOT - 1 || b->y1 < f->top + 1 ||
        b->y2 > f->top + PLOT - 1)
        return false;
    for (size_t i = 0; i < taken->count; i++)
        if (meets(b, &taken->items[i]))
            return false;
    return true;
}

static void take(struct boxes *taken, struct box b)
{
    if (taken->count < LABELS_MAX)
        taken->items[taken->count++] = b;
}

static void put_name(const struct frame *f, struct boxes *taken, const struct scatter_point *p)
{
    static const double sides[][2] = {{1, 0},  {-1, 0},  {0, -1}, {0, 1},
                                      {1, -1}, {-1, -1}, {1, 1},  {-1, 1}};
    double w = GLYPH * format_width(p->name), h = NAME_HEIGHT, x = at_x(f, p->x), y = at_y(f, p->y);
    for (size_t i = 0; i < COUNT_OF(sides); i++) {
        double cx = x + sides[i][0] * (w / 2 + 8), cy = y + sides[i][1] * (h / 2 + 6);
        struct box b = {cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2};
        if (!is_free(f, taken, &b))
            continue;
        take(taken, b);
        put_text(f->out, b.x1, b.y2 - 1,
                 " font-size=\"9.5\" fill=\"#38434f\" stroke=\"#ffffff\" stroke-width=\"2.2\" "
                 "stroke-linejoin=\"round\" paint-order=\"stroke\"",
                 p->name);
        return;
    }
}

static void put_names(const struct frame *f)
{
    struct boxes taken;
    taken.count = 0;
    for (size_t i = 0; i < f->s->count; i++) {
        double x = at_x(f, f->s->points[i].x), y = at_y(f, f->s->points[i].y);
        take(&taken, (struct box){x - 5, y - 5, x + 5, y + 5});
    }
    for (size_t i = 0; i < f->s->count; i++)
        put_name(f, &taken, &f->s->points[i]);
}

/* --- the drawing ------------------------------------------------------------------------------ */

static void put_panel(FILE *out, const struct scatter *s, double left, double top)
{
    struct frame f = frame_of(out, s, left, top);
    put_band(&f);
    put_grid(&f);
    put_line(out, f.left, f.top + PLOT, f.left + PLOT, f.top,
             " stroke=\"#5b6878\" stroke-width=\"1.2\"");
    fprintf(out,
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"%d\" fill=\"none\" "
            "stroke=\"#5b6878\"/>\n",
            f.left, f.top, PLOT, PLOT);
    put_titles(&f);
    for (size_t i = 0; i < s->count; i++)
        put_bar(&f, &s->points[i]);
    for (size_t i = 0; i < s->count; i++)
        put_point(&f, &s->points[i]);
    put_names(&f);
}

static void put_legend(FILE *out, const struct scatter *s, size_t columns, double top)
{
    for (size_t i = 0; i < s->series_count; i++) {
        double x = LEFT + LEGEND_COLUMN * (double)(i % columns);
        size_t row = i / columns;
        double y = top + LEGEND_ROW * (double)row;
        put_shape(out, x, y, i, false);
        fputs("/>\n", out);
        put_text(out, x + 11, y + 4, " fill=\"#16202c\"", s->series[i]);
    }
    double x = LEFT + LEGEND_COLUMN * (double)(s->series_count % columns);
    size_t last_row = s->series_count / columns;
    double y = top + LEGEND_ROW * (double)last_row;
    fprintf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"14\" height=\"10\" fill=\"#dfe7ef\"/>\n",
            x - 7, y - 5);
    put_text(out, x + 11, y + 4, " fill=\"#16202c\"", "within a factor of two");
}

void scatter_write(FILE *out, const struct scatter *panels, size_t count)
{
    size_t across = count < COLUMNS ? count : COLUMNS, rows = (count + across - 1) / across;
    size_t width = PANEL * across, columns = (width - LEFT) / LEGEND_COLUMN;
    size_t height = ROW * rows + LEGEND_ROW * ((panels[0].series_count + columns) / columns);
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %zu %zu\" width=\"%zu\" "
            "height=\"%zu\" style=\"max-width:100%%;height:auto\" role=\"img\" "
            "font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\" font-size=\"11\">\n"
            "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n",
            width, height, width, height);
    for (size_t i = 0; i < count; i++) {
        size_t row = i / across;
        put_panel(out, &panels[i], LEFT + (double)(PANEL * (i % across)),
                  ABOVE + (double)(ROW * row));
    }
    put_legend(out, &panels[0], columns, (double)(ROW * rows));
    fputs("</svg>\n", out);
}
