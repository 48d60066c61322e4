/* On-chip buffers: given prices, or power laws fitted to CACTI 7 runs.
 *
 * The laws: quantity = value at 32 KiB x (capacity / 32 KiB)^exponent, least squares in logarithms
 * on 93 runs of CACTI 7.0 (HewlettPackard/cacti), 8 KiB to 32 MiB, one bank, one port, 350 K.  The
 * larger of law and run exceeds the smaller by at most: read 30 %, write 55 % (SRAM), leakage 22 %,
 * area 28 %.  CACTI's eDRAM write energies scatter more, and at 65 nm eDRAM is out of line and left
 * out. */
#include "memory/buffer.h"

#include <assert.h>
#include <math.h>

#include "core/tech/component.h"
#include "core/tech/node.h"

enum device { SRAM_HP, SRAM_LSTP, EDRAM };

struct law {
    double value, exponent;
};

struct fit {
    enum device device;
    double nm;
    struct law read_pj, write_pj, leakage_mw, area_mm2; /* of 32-byte accesses */
};

static const struct fit fits[] = {
    {SRAM_HP, 22, {5.436, 0.597}, {14.41, 0.436}, {5.525, 0.962}, {0.02964, 0.977}},
    {SRAM_HP, 32, {9.679, 0.591}, {30.82, 0.449}, {11.13, 0.978}, {0.05908, 0.978}},
    {SRAM_HP, 45, {17.23, 0.589}, {56.57, 0.445}, {36.17, 0.980}, {0.1167, 0.978}},
    {SRAM_HP, 65, {31.46, 0.606}, {98.40, 0.436}, {39.36, 0.971}, {0.2418, 0.982}},
    {SRAM_HP, 90, {54.81, 0.600}, {181.8, 0.448}, {12.59, 0.978}, {0.4551, 0.976}},
    {SRAM_LSTP, 22, {5.398, 0.649}, {17.80, 0.365}, {0.01925, 0.942}, {0.02914, 1.000}},
    {SRAM_LSTP, 32, {11.86, 0.654}, {38.96, 0.427}, {0.007423, 0.972}, {0.05924, 0.986}},
    {SRAM_LSTP, 45, {19.94, 0.655}, {80.85, 0.428}, {0.006340, 0.975}, {0.1133, 0.986}},
    {SRAM_LSTP, 65, {36.35, 0.661}, {148.2, 0.433}, {0.008875, 0.976}, {0.2363, 0.986}},
    {SRAM_LSTP, 90, {55.22, 0.661}, {289.0, 0.433}, {0.004142, 1.013}, {0.4480, 0.988}},
    {EDRAM, 32, {9.292, 0.552}, {215.5, 0.559}, {2.032, 0.743}, {0.02595, 0.926}},
    {EDRAM, 45, {28.46, 0.469}, {276.3, 0.642}, {5.323, 0.764}, {0.06459, 0.886}},
};

/* 8-byte over 32-byte accesses of high-performance SRAM, mean of the five nodes. */
static const struct law narrow_read = {0.458, -0.054}, narrow_write = {0.338, -0.035};
static const double law_bytes = 32768, law_access_bytes = 32;

struct raw_buffer {
    int kind, device;
    int64_t bytes, access_bits;
    double clock_mhz, node_nm, vdd_v;
};

static const char *const kinds[] = {"sram", "edram", NULL};
static const char *const devices[] = {"hp", "lstp", NULL};
static const char *const groups[] = {"read", "write", NULL};

#define AT(member) offsetof(struct raw_buffer, member)
static const struct cfg_field fields[] = {
    {"kind", CFG_CHOICE, AT(kind), "", 0, 0, "\"sram\"", kinds, "the cell"},
    {"bytes", CFG_INT, AT(bytes), "bytes", 1, 1e12, NULL, NULL, "capacity"},
    {"access_bits", CFG_INT, AT(access_bits), "bits", 1, 65536, NULL, NULL,
     "moved per cycle and port"},
    {"clock_mhz", CFG_REAL, AT(clock_mhz), "MHz", 1, 20000, NULL, NULL, "accesses per us and port"},
    {"node_nm", CFG_REAL, AT(node_nm), "nm", NODE_MIN_NM, NODE_MAX_NM, "0.0", NULL,
     "when energy comes from the CACTI laws"},
    {"vdd_v", CFG_REAL, AT(vdd_v), "V", 0.3, 3, "0.0", NULL, "0: the node's usual supply"},
    {"device", CFG_CHOICE, AT(device), "", 0, 0, "\"lstp\"", devices,
     "transistors of the CACTI laws: high performance or low standby power"},
};
#undef AT

const struct cfg_schema buffer_schema = {
    .name = "buffer",
    .help =
        "on-chip SRAM or eDRAM; groups read and write are components with the energy of an access, "
        "else node_nm selects a law fitted to CACTI 7",
    .fields = fields,
    .count = COUNT_OF(fields),
    .groups = groups,
};

/* --- the laws ------------------------------------------------------------------------------- */

/* What the law says for a capacity. */
struct figures {
    double read_pj, write_pj, leakage_mw, area_mm2;
};

static double law_at(struct law l, double bytes)
{
    return l.value * pow(bytes / law_bytes, l.exponent);
}

static struct figures figures_at(const struct fit *f, double bytes)
{
    return (struct figures){law_at(f->read_pj, bytes), law_at(f->write_pj, bytes),
                            law_at(f->leakage_mw, bytes), law_at(f->area_mm2, bytes)};
}

static double between(double a, double b, double share)
{
    return a * pow(b / a, share);
}

/* Wider accesses cost in proportion; narrower ones fall off as 8-byte accesses do. */
static double width_factor(struct law narrow, double bytes, double access_bits)
{
    double ratio = access_bits / (8 * law_access_bytes);
    return ratio >= 1 ? ratio : pow(ratio, log(law_at(narrow, bytes)) / log(0.25));
}

/* CACTI's own supplies of high-performance transistors, and below 22 nm what foundries state. */
static double usual_supply(double nm)
{
    static const double at[][2] = {{7, 0.70},  {22, 0.80}, {32, 0.90},  {45, 1.00},
                                   {65, 1.10}, {90, 1.20}, {130, 1.30}, {180, 1.80}};
    for (size_t i = 0; i < COUNT_OF(at); i++) {
        if (nm > at[i][0])
            continue;
        if (i == 0)
            return at[0][1];
        double share = log(nm / at[i - 1][0]) / log(at[i][0] / at[i - 1][0]);
        return at[i - 1][1] + share * (at[i][1] - at[i - 1][1]);
    }
    return at[COUNT_OF(at) - 1][1];
}

static void neighbours(enum device device, double nm, const struct fit **low,
                       const struct fit **high)
{
    *low = *high = NULL;
    for (size_t i = 0; i < COUNT_OF(fits); i++) {
        if (fits[i].device != device)
            continue;
        if (fits[i].nm <= nm || !*low)
            *low = &fits[i];
        if (fits[i].nm >= nm && !*high)
            *high = &fits[i];
        *high = fits[i].nm <= nm || *high ? *high : &fits[i];
    }
    if (!*high)
        *high = *low;
    if ((*low)->nm > nm)
        *high = *low;
}

static struct figures interpolated(const struct fit *low, const struct fit *high, double nm,
                                   double bytes)
{
    struct figures a = figures_at(low, bytes), b = figures_at(high, bytes);
    if (low == high)
        return a;
    double share = log(nm / low->nm) / log(high->nm / low->nm);
    return (struct figures){
        between(a.read_pj, b.read_pj, share), between(a.write_pj, b.write_pj, share),
        between(a.leakage_mw, b.leakage_mw, share), between(a.area_mm2, b.area_mm2, share)};
}

/* From the supply and node at which `f` holds to the wanted ones. */
static bool rescale(struct figures *f, double from_nm, double nm, double vdd, struct diag *d)
{
    double from_v = usual_supply(from_nm), energy = (vdd / from_v) * (vdd / from_v), area = 1;
    if (from_nm < nm || from_nm > nm) {
        struct node_point from = {from_nm, NODE_HIGH_PERFORMANCE, from_v};
        TRY(node_energy_factor(from, (struct node_point){nm, NODE_HIGH_PERFORMANCE, vdd}, &energy,
                               d));
        area = node_area_factor(from_nm, nm);
    }
    f->read_pj *= energy;
    f->write_pj *= energy;
    f->leakage_mw *= area * vdd / from_v; /* current per area and supply kept: assumed */
    f->area_mm2 *= area;
    return true;
}

static bool from_law(const struct cfg_group *g, const struct raw_buffer *r, struct buffer *out,
                     struct diag *d)
{
    const struct fit *low, *high;
    double bytes = (double)r->bytes, bits = (double)r->access_bits;
    double vdd = r->vdd_v > 0 ? r->vdd_v : usual_supply(r->node_nm);
    neighbours(r->kind == 1     ? EDRAM
               : r->device == 0 ? SRAM_HP
                                : SRAM_LSTP,
               r->node_nm, &low, &high);
    struct figures f = interpolated(low, high, r->node_nm, bytes);
    struct diag inner = {0};
    if (!rescale(&f, low == high ? low->nm : r->node_nm, r->node_nm, vdd, &inner))
        return cfg_complain(g, "vdd_v", d, "%s", inner.text);
    enum provenance from = r->node_nm < 7 ? FROM_ASSUMED : FROM_SOURCE;
    out->read_pj = quantity_of(f.read_pj * width_factor(narrow_read, bytes, bits), from, 0.2);
    out->write_pj = quantity_of(f.write_pj * width_factor(narrow_write, bytes, bits), from, 0.3);
    out->leakage_mw = quantity_of(f.leakage_mw, from, 0.2);
    out->area_um2 = f.area_mm2 * 1e6;
    return true;
}

/* --- as given ------------------------------------------------------------------------------- */

static struct quantity sum(struct quantity a, struct quantity b)
{
    double value = a.value + b.value;
    double spread = value > 0 ? hypot(a.value * a.spread, b.value * b.spread) / value : 0;
    return quantity_of(value, a.from > b.from ? a.from : b.from, spread);
}

static bool as_given(const struct cfg_group *g, struct buffer *out, struct diag *d)
{
    struct component read, write;
    TRY(component_sub(g, "read", &read, d));
    TRY(component_sub(g, "write", &write, d));
    out->read_pj = read.energy_pj;
    out->write_pj = write.energy_pj;
    out->area_um2 = read.area_um2 + write.area_um2;
    out->leakage_mw = sum(read.leakage_mw, write.leakage_mw);
    return true;
}

bool buffer_open(const struct cfg_group *g, struct buffer *out, struct diag *d)
{
    struct raw_buffer raw;
    TRY(cfg_read(g, &buffer_schema, &raw, d));
    *out = (struct buffer){
        .bytes = raw.bytes, .access_bits = raw.access_bits, .clock_mhz = raw.clock_mhz};
    bool read = cfg_sub_or_null(g, "read") != NULL, write = cfg_sub_or_null(g, "write") != NULL;
    if (read != write)
        return cfg_complain(g, NULL, d, "a buffer has both groups read and write, or neither");
    if (read)
        return as_given(g, out, d);
    if (raw.node_nm <= 0)
        return cfg_complain(g, NULL, d,
                            "a buffer needs groups read and write with energies, or node_nm");
    return from_law(g, &raw, out, d);
}

void buffer_cost(const struct buffer *b, double read_bytes, double write_bytes, struct cost *out)
{
    assert(read_bytes >= 0 && write_bytes >= 0);
    double bytes = (double)b->access_bits / 8;
    double reads = ceil(read_bytes / bytes), writes = ceil(write_bytes / bytes);
    cost_clear(out);
    out->duration_ps = (reads > writes ? reads : writes) * 1e6 / b->clock_mhz;
    cost_add(out, PART_BUFFER, "read", reads, b->read_pj);
    cost_add(out, PART_BUFFER, "write", writes, b->write_pj);
}

double buffer_bytes_per_ps(const struct buffer *b)
{
    return (double)b->access_bits / 8 * b->clock_mhz * 1e-6;
}
