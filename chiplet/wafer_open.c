/* wafer_open.c — a wafer from its config, and what its structure adds up to. */
#include <math.h>

#include "chiplet/wafer.h"

enum { CORES_MAX = 100000000 };

static const char *const kind_words[] = {"wafer", NULL};
static const char *const groups[] = {"router", "edge", "process", NULL};

#define AT(member) offsetof(struct wafer, member)
static const struct cfg_field fields[] = {
    {"kind", CFG_CHOICE, AT(kind), "", 0, 0, NULL, kind_words, "wafer"},
    {"year", CFG_INT, AT(year), "", 1950, 2100, NULL, NULL, "of the design"},
    {"chip", CFG_TEXT, AT(chip), "", 0, 0, "\"\"", NULL, "config of the chip whose tile is a core"},
    {"width_mm", CFG_REAL, AT(width_mm), "mm", 1, 450, NULL, NULL, "of the square that is cut out"},
    {"height_mm", CFG_REAL, AT(height_mm), "mm", 1, 450, NULL, NULL, ""},
    {"fields_x", CFG_INT, AT(fields_x), "fields", 1, 1000, NULL, NULL, "reticle fields in a row"},
    {"fields_y", CFG_INT, AT(fields_y), "fields", 1, 1000, NULL, NULL,
     "reticle fields in a column"},
    {"field_width_mm", CFG_REAL, AT(field_width_mm), "mm", 0.1, 100, NULL, NULL, ""},
    {"field_height_mm", CFG_REAL, AT(field_height_mm), "mm", 0.1, 100, NULL, NULL, ""},
    {"core_columns", CFG_INT, AT(core_columns), "cores", 1, 10000, NULL, NULL, "of a field"},
    {"core_rows", CFG_INT, AT(core_rows), "cores", 1, 10000, NULL, NULL, "of a field, with spares"},
    {"segment_cores", CFG_INT, AT(segment_cores), "cores", 1, 10000, NULL, NULL,
     "of a column that share spares, with these"},
    {"segment_spares", CFG_INT, AT(segment_spares), "cores", 0, 1000, NULL, NULL, "of a segment"},
    {"columns", CFG_INT, AT(columns), "cores", 1, 100000, NULL, NULL, "that software may use"},
    {"rows", CFG_INT, AT(rows), "cores", 1, 100000, NULL, NULL, "that software may use"},
    {"core_mm2", CFG_REAL, AT(core_mm2), "mm2", 1e-6, 1e4, NULL, NULL, "of a core with its router"},
    {"clock_mhz", CFG_REAL, AT(clock_mhz), "MHz", 0.001, 9000, NULL, NULL, "of cores and fabric"},
    {"link_bits", CFG_INT, AT(link_bits), "bits", 1, 65536, NULL, NULL,
     "a flit: what a link or a core's port moves per cycle and direction"},
    {"router_cycles", CFG_INT, AT(router_cycles), "cycles", 0, 1000, NULL, NULL,
     "head in to head out"},
    {"link_cycles", CFG_INT, AT(link_cycles), "cycles", 0, 1000, NULL, NULL, "between routers"},
    {"seam_cycles", CFG_INT, AT(seam_cycles), "cycles", 0, 1000, "0", NULL,
     "more for a link between fields"},
    {"multicast", CFG_BOOL, AT(multicast), "", 0, 0, "true", NULL, "routers fork"},
    {"wire_pj_per_bit_mm", CFG_QUANTITY, AT(wire_pj_per_bit_mm), "pJ/bit/mm", 0, 100, NULL, NULL,
     "of a link, which is as long as a core"},
    {"defects_per_mm2", CFG_REAL, AT(defects_per_mm2), "1/mm2", 0, 1, NULL, NULL, "that kill"},
    {"seam_yield", CFG_REAL, AT(seam_yield), "", 0, 1, "1", NULL, "that two fields are joined"},
    {"sram_bytes", CFG_INT, AT(sram_bytes), "bytes", 0, 1e12, NULL, NULL, "of a core"},
    {"sram_bytes_per_cycle", CFG_REAL, AT(sram_bytes_per_cycle), "bytes", 0, 1e9, NULL, NULL,
     "of a core, reads and writes"},
    {"core_peak_mw", CFG_QUANTITY, AT(core_peak_mw), "mW", 0, 1e6, "0", NULL,
     "of a busy core; 0: not stated"},
    {"regulator_efficiency", CFG_REAL, AT(regulator_efficiency), "", 0.3, 1, "0.87", NULL,
     "output over input power of the regulators"},
    {"cooling_w_per_mm2", CFG_REAL, AT(cooling_w_per_mm2), "W/mm2", 0.001, 100, "0.5", NULL,
     "power density that the system can cool: 23 kW on 46,225 mm2"},
};
#undef AT

const struct cfg_schema wafer_schema = {
    .name = "wafer",
    .help =
        "cores in one mesh over stitched reticle fields; groups router (a component, energy of a "
        "flit), edge (a link), process (price of the wafer)",
    .fields = fields,
    .count = COUNT_OF(fields),
    .groups = groups,
};

static int64_t segments_per_field(const struct wafer *w)
{
    return w->core_rows / w->segment_cores;
}

static int64_t rows_per_field(const struct wafer *w)
{
    return segments_per_field(w) * (w->segment_cores - w->segment_spares);
}

static bool check_fields(const struct wafer *w, const struct cfg_group *g, struct diag *d)
{
    double wide = (double)w->fields_x * w->field_width_mm;
    double high = (double)w->fields_y * w->field_height_mm;
    double cores = (double)(w->core_columns * w->core_rows) * w->core_mm2;
    double field = w->field_width_mm * w->field_height_mm;
    if (wide > w->width_mm * (1 + 1e-9) || high > w->height_mm * (1 + 1e-9))
        return cfg_complain(g, "fields_x", d, "fields need %g x %g mm, the wafer has %g x %g mm",
                            wide, high, w->width_mm, w->height_mm);
    if (cores > field * (1 + 1e-9))
        return cfg_complain(g, "core_mm2", d, "cores need %g mm2 of a field, it has %g mm2", cores,
                            field);
    if (w->fields_x * w->fields_y * w->core_columns * w->core_rows > CORES_MAX)
        return cfg_complain(g, "core_columns", d, "a wafer has at most %d cores", (int)CORES_MAX);
    return true;
}

static bool check_mesh(const struct wafer *w, const struct cfg_group *g, struct diag *d)
{
    if (w->core_rows % w->segment_cores != 0)
        return cfg_complain(g, "segment_cores", d,
                            "segments of %lld cores do not divide the %lld of a field's column",
                            (long long)w->segment_cores, (long long)w->core_rows);
    if (w->segment_spares >= w->segment_cores)
        return cfg_complain(g, "segment_spares", d, "a segment needs cores beside its spares");
    if (w->columns > w->fields_x * w->core_columns)
        return cfg_complain(g, "columns", d, "%lld columns are asked for, the fields have %lld",
                            (long long)w->columns, (long long)(w->fields_x * w->core_columns));
    if (w->rows > w->fields_y * rows_per_field(w))
        return cfg_complain(g, "rows", d,
                            "%lld rows are asked for, the fields have %lld without their spares",
                            (long long)w->rows, (long long)(w->fields_y * rows_per_field(w)));
    if (w->router_cycles + w->link_cycles < 1)
        return cfg_complain(g, "router_cycles", d, "a hop takes at least one cycle");
    return true;
}

bool wafer_open(struct arena *a, const struct cfg_group *g, uint64_t seed, struct wafer **out,
                struct diag *d)
{
    struct wafer *w = ARENA_NEW(a, struct wafer);
    const struct cfg_group *router, *edge, *process = cfg_sub_or_null(g, "process");
    *out = w;
    TRY(cfg_read(g, &wafer_schema, w, d));
    w->title = arena_strdup(a, cfg_text_or(g, "title", "wafer"));
    TRY(check_fields(w, g, d));
    TRY(check_mesh(w, g, d));
    TRY(cfg_sub(g, "router", &router, d));
    TRY(component_read(router, &w->router, d));
    TRY(cfg_sub(g, "edge", &edge, d));
    TRY(link_open(edge, &w->edge, d));
    w->edge.name = arena_strdup(a, w->edge.name);
    w->has_wafer_process = process != NULL;
    if (process != NULL)
        TRY(yield_process_read(process, &w->process, d));
    w->core_mm = sqrt(w->core_mm2);
    w->link_bytes_per_ps = (double)w->link_bits / 8 * w->clock_mhz * 1e-6;
    w->link_pj = quantity_scaled(w->wire_pj_per_bit_mm, w->core_mm * (double)w->link_bits);
    wafer_draw_defects(w, a, seed);
    return true;
}

int64_t wafer_cores(const struct wafer *w)
{
    return w->columns * w->rows - w->lost_cores;
}

double wafer_area_mm2(const struct wafer *w)
{
    return w->width_mm * w->height_mm;
}

double wafer_sram_bytes(const struct wafer *w)
{
    return (double)wafer_cores(w) * (double)w->sram_bytes;
}

double wafer_sram_bytes_per_s(const struct wafer *w)
{
    return (double)wafer_cores(w) * w->sram_bytes_per_cycle * w->clock_mhz * 1e6;
}

double wafer_fabric_bits_per_s(const struct wafer *w)
{
    return (double)wafer_cores(w) * 4 * 2 * (double)w->link_bits * w->clock_mhz * 1e6;
}

double wafer_bisection_bytes_per_ps(const struct wafer *w)
{
    int64_t cut = w->columns < w->rows ? w->columns : w->rows;
    return 2 * (double)cut * w->link_bytes_per_ps;
}

double wafer_expected_defects(const struct wafer *w)
{
    return w->defects_per_mm2 * wafer_area_mm2(w);
}

double wafer_yield(const struct wafer *w)
{
    double segments = (double)(w->columns * w->fields_y * segments_per_field(w));
    double seams = (double)(w->fields_x * (w->fields_y - 1) + w->fields_y * (w->fields_x - 1));
    return yield_wafer(segments, w->segment_cores, w->segment_spares,
                       exp(-w->defects_per_mm2 * w->core_mm2), seams, w->seam_yield);
}

double wafer_usd(const struct wafer *w)
{
    return w->has_wafer_process ? w->process.wafer_usd / wafer_yield(w) : 0;
}
