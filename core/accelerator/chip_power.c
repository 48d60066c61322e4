/* The chip power formula, term by term. */
#include "core/accelerator/chip_power.h"

#include <math.h>
#include <string.h>

#include "core/tech/mac_prices.h"

struct constant {
    const char *name, *source;
    double value, spread;
};
static const struct constant constants[CHIP_CONSTANTS] = {
#define CONSTANT(id, name, unit, value, spread, from, what) {name, what, value, spread},
#include "core/accelerator/constants.def"
#undef CONSTANT
};

const char *chip_constant_name(enum chip_constant c)
{
    return constants[c].name;
}

double chip_constant_spread(enum chip_constant c)
{
    return constants[c].spread;
}

const char *chip_constant_source(enum chip_constant c)
{
    return constants[c].source;
}

struct chip_constants chip_constants_blind(void)
{
    struct chip_constants c;
    for (int i = 0; i < CHIP_CONSTANTS; i++)
        c.value[i] = constants[i].value;
    return c;
}

struct chip_constants chip_constants_fitted(void)
{
    struct chip_constants c = chip_constants_blind();
#define FITTED(id, factor) c.value[CHIP_##id] = factor;
#include "core/accelerator/fitted.def"
#undef FITTED
    return c;
}

double chip_voltage_at(const struct chip_voltage *law, double clock_ghz)
{
    return fmax(law->volt_min, law->volt + law->volt_per_ghz * (clock_ghz - law->ghz));
}

int chip_precision_bits(enum chip_precision p)
{
    static const int bits[CHIP_PRECISIONS] = {4, 8, 16, 4, 8, 16, 16, 19, 32};
    return bits[p];
}

bool chip_precision_is_float(enum chip_precision p)
{
    return p >= CHIP_FP4;
}

/* What a data item takes in registers and memories, in bits: tf32 is stored as 32. */
static double stored_bits(enum chip_precision p)
{
    return p == CHIP_TF32 ? 32 : chip_precision_bits(p);
}

/* Dot products are summed in one tree before a float is rounded. */
static bool sums_in_a_tree(enum chip_engine e)
{
    return e == ENGINE_TREE || e == ENGINE_MMA_SYNC || e == ENGINE_WGMMA || e == ENGINE_TCGEN ||
           e == ENGINE_MFMA;
}

double chip_mac_pj(enum chip_precision p, enum chip_engine e, const struct chip_constants *by)
{
    static const enum chip_constant multiply[CHIP_PRECISIONS] = {
        CHIP_MUL_INT4, CHIP_MUL_INT8, CHIP_MUL_INT16, CHIP_MUL_FP4, CHIP_MUL_FP8,
        CHIP_MUL_FP16, CHIP_MUL_BF16, CHIP_MUL_TF32,  CHIP_MUL_FP32};
    double mac = by->value[multiply[p]];
    if (chip_precision_is_float(p))
        mac += by->value[CHIP_ADD_FP32] * (sums_in_a_tree(e) ? by->value[CHIP_ADD_FUSED] : 1);
    return mac * by->value[CHIP_FIT_MUL];
}

/* Register bits clocked per MAC: operands with their pipeline stage, and the running sum. */
static double register_bits(const struct chip_point *p, double accumulator_bits)
{
    double operands = 1.5 * stored_bits(p->precision);
    if (!sums_in_a_tree(p->engine))
        return operands + accumulator_bits;
    return operands + 2 * accumulator_bits / p->rows + 4;
}

double chip_sram_pj_per_byte(double kb, const struct chip_constants *by)
{
    return by->value[CHIP_SRAM] * pow(kb / MEMORY_KB, by->value[CHIP_SRAM_POWER]);
}

/* Bytes per MAC that GPU cores move through their register files. */
static double register_file_bytes(const struct chip_point *p, const struct chip_constants *by)
{
    double bytes = stored_bits(p->precision) / 8;
    switch (p->engine) {
    case ENGINE_MMA_SYNC:
        return by->value[CHIP_RF_MMA_SYNC] * bytes;
    case ENGINE_WGMMA:
        return by->value[CHIP_RF_WGMMA] * bytes;
    case ENGINE_MFMA:
        return by->value[CHIP_RF_MFMA];
    case ENGINE_SYSTOLIC:
    case ENGINE_TREE:
    case ENGINE_TCGEN:
    case ENGINE_SIMD:
    case ENGINE_RF:
    case ENGINES:
        break;
    }
    return 0;
}

static double design_factor(enum chip_class design, const struct chip_constants *by)
{
    switch (design) {
    case CLASS_TEST_CHIP:
        return by->value[CHIP_FIT_TEST];
    case CLASS_DATACENTRE:
        return by->value[CHIP_FIT_DATACENTRE];
    case CLASS_GPU:
        return by->value[CHIP_FIT_DATACENTRE] * by->value[CHIP_FIT_GPU];
    case CLASS_PRODUCT:
    case CHIP_CLASSES:
        break;
    }
    return 1;
}

struct mac_pj chip_mac_energy(const struct chip_point *p, const struct chip_constants *by)
{
    const double *c = by->value;
    double accumulator = 32, bytes = stored_bits(p->precision) / 8;
    double moved = 0.6 + 0.4 * p->activity;
    double near_bytes =
        bytes * (1 / p->columns + 1 / p->hold_cycles) + 2 * accumulator / (8 * p->rows);
    double far_bytes = bytes * 2 / p->tile;
    double wire_mm = fmin(c[CHIP_WIRE_LENGTH] * sqrt(p->area_mm2), c[CHIP_WIRE_MAX]);
    double scale = pow(p->node_nm / MAC_PRICE_NM, c[CHIP_NODE_POWER]) * p->vdd_v * p->vdd_v /
                   (MAC_PRICE_V * MAC_PRICE_V) * design_factor(p->design, by);
    struct mac_pj e;
    e.multiply = scale * p->activity * chip_mac_pj(p->precision, p->engine, by);
    e.registers =
        scale * (0.5 + 0.5 * p->activity) * register_bits(p, accumulator) * c[CHIP_FF] * 1e-3;
    e.register_file = scale * moved * register_file_bytes(p, by) *
                      chip_sram_pj_per_byte(c[CHIP_REGISTER_FILE_KB], by) / 2;
    e.near_memory = scale * moved * near_bytes * chip_sram_pj_per_byte(p->near_kb, by);
    e.far_memory = scale * moved * far_bytes * chip_sram_pj_per_byte(c[CHIP_FAR_KB], by);
    e.wires = scale * moved * far_bytes * 8 * c[CHIP_WIRE] * wire_mm;
    return e;
}

static double memory_pj_per_bit(const struct chip_point *p, const struct chip_constants *by)
{
    static const enum chip_constant kinds[CHIP_MEMORIES] = {
        [CHIP_MEMORY_HBM2] = CHIP_MEM_HBM2,     [CHIP_MEMORY_HBM3] = CHIP_MEM_HBM3,
        [CHIP_MEMORY_GDDR6] = CHIP_MEM_GDDR6,   [CHIP_MEMORY_LPDDR4] = CHIP_MEM_LPDDR4,
        [CHIP_MEMORY_LPDDR5] = CHIP_MEM_LPDDR5, [CHIP_MEMORY_DDR3] = CHIP_MEM_DDR3,
        [CHIP_MEMORY_DDR4] = CHIP_MEM_DDR4};
    if (p->memory_pj_per_bit > 0)
        return p->memory_pj_per_bit;
    if (p->memory == CHIP_MEMORY_NONE || p->memory == CHIP_MEMORY_OTHER)
        return 0;
    return by->value[kinds[p->memory]];
}

static void add_data_path(const struct chip_point *p, const struct chip_constants *by,
                          double part_w[PART_COUNT])
{
    struct mac_pj e = chip_mac_energy(p, by);
    part_w[PART_ARRAY_MULTIPLIER] = p->tera_macs_per_s * e.multiply;
    part_w[PART_ARRAY_REGISTER] = p->tera_macs_per_s * (e.registers + e.register_file);
    part_w[PART_BUFFER] = p->tera_macs_per_s * (e.near_memory + e.far_memory);
    part_w[PART_BUS] = p->tera_macs_per_s * e.wires;
}

static void add_die(const struct chip_point *p, const struct chip_constants *by,
                    double part_w[PART_COUNT])
{
    enum chip_constant leak =
        p->process == PROCESS_HIGH_PERFORMANCE ? CHIP_LEAK_HIGH : CHIP_LEAK_LOW;
    part_w[PART_CLOCK] = by->value[CHIP_CLOCK] * p->area_mm2 * p->clock_ghz * p->vdd_v * p->vdd_v *
                         pow(MAC_PRICE_NM / p->node_nm, CLOCK_EXPONENT);
    part_w[PART_LEAKAGE] =
        by->value[leak] * p->area_mm2 * p->vdd_v * sqrt(MAC_PRICE_NM / p->node_nm);
}

static void add_traffic(const struct chip_point *p, const struct chip_constants *by,
                        double part_w[PART_COUNT])
{
    if (p->scope == CHIP_SCOPE_CORE)
        return;
    part_w[PART_MEMORY_READ] = 8e-3 * p->memory_gb_s * memory_pj_per_bit(p, by);
    part_w[PART_LINK] = 8e-3 * p->link_gb_s * by->value[CHIP_LINK_BUSY] * by->value[CHIP_LINK];
}

double chip_power_w(const struct chip_point *p, const struct chip_constants *by,
                    double part_w[PART_COUNT])
{
    double sum = 0;
    memset(part_w, 0, PART_COUNT * sizeof *part_w);
    add_data_path(p, by, part_w);
    add_die(p, by, part_w);
    add_traffic(p, by, part_w);
    for (int i = 0; i < PART_COUNT; i++)
        sum += part_w[i];
    if (p->scope == CHIP_SCOPE_BOARD) {
        part_w[PART_REGULATOR] = sum * (1 / by->value[CHIP_REGULATOR] - 1);
        sum += part_w[PART_REGULATOR];
    }
    return sum;
}

struct chip_point chip_point_at(const struct chip_point *p, double clock_ghz, double vdd_v)
{
    struct chip_point q = *p;
    q.tera_macs_per_s *= clock_ghz / p->clock_ghz;
    q.memory_gb_s *= clock_ghz / p->clock_ghz;
    q.clock_ghz = clock_ghz;
    q.vdd_v = vdd_v;
    return q;
}

struct chip_point chip_point_under_cap(const struct chip_point *p, const struct chip_voltage *law,
                                       double clock_max_ghz, double cap_w,
                                       const struct chip_constants *by)
{
    double part_w[PART_COUNT], low = clock_max_ghz / 1000, high = clock_max_ghz;
    struct chip_point q = chip_point_at(p, high, chip_voltage_at(law, high));
    if (chip_power_w(&q, by, part_w) <= cap_w)
        return q;
    for (int i = 0; i < 60; i++) { /* power grows with the clock */
        double middle = 0.5 * (low + high);
        q = chip_point_at(p, middle, chip_voltage_at(law, middle));
        if (chip_power_w(&q, by, part_w) <= cap_w)
            low = middle;
        else
            high = middle;
    }
    return chip_point_at(p, low, chip_voltage_at(law, low));
}
