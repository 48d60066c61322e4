/* wafer_fixture.h — wafers from a few numbers. */
#ifndef CIMARRON_TEST_CHIPLET_WAFER_FIXTURE_H
#define CIMARRON_TEST_CHIPLET_WAFER_FIXTURE_H

#include "chiplet/wafer.h"
#include "tests/chiplet/fixture.h"

struct wafer_setup {
    int fields_x, fields_y, core_columns, core_rows, segment, spares, columns, rows;
    int link_bits, seam_cycles;
    double defects, clock_mhz;
};

/* One field of 20 x 16 cores of 1 mm2, no spares, no defects, 32 bits at 1 GHz. */
static inline struct wafer_setup plain_wafer(void)
{
    return (struct wafer_setup){1, 1, 20, 16, 16, 0, 20, 16, 32, 0, 0, 1000};
}

static inline struct wafer *wafer_of(struct arena *a, struct wafer_setup s, uint64_t seed)
{
    struct cfg *cfg = cfg_from_text(
        a,
        arena_printf(
            a,
            "source = \"a test\"; kind = \"wafer\"; year = 2026; width_mm = %d.0; height_mm = "
            "%d.0; "
            "fields_x = %d; fields_y = %d; field_width_mm = %d.0; field_height_mm = %d.0; "
            "core_columns = %d; core_rows = %d; segment_cores = %d; segment_spares = %d; "
            "columns = %d; rows = %d; core_mm2 = 1.0; clock_mhz = %f; link_bits = %d; "
            "router_cycles = 0; link_cycles = 1; seam_cycles = %d; wire_pj_per_bit_mm = 0.1; "
            "defects_per_mm2 = %f; sram_bytes = 1024; sram_bytes_per_cycle = 24.0; "
            "router : { energy_pj = 3.0; area_um2 = 1000.0; leakage_mw = 0.1; }; "
            "edge : { gb_per_s = 150.0; latency_ns = 1000.0; pj_per_bit = 10.0; static_mw = 0.0; "
            "area_um2 = 0.0; };",
            s.fields_x * s.core_columns, s.fields_y * s.core_rows, s.fields_x, s.fields_y,
            s.core_columns, s.core_rows, s.core_columns, s.core_rows, s.segment, s.spares,
            s.columns, s.rows, s.clock_mhz, s.link_bits, s.seam_cycles, s.defects));
    struct wafer *w = NULL;
    struct diag d = {0};
    bool ok = wafer_open(a, cfg_root(cfg), seed, &w, &d);
    cfg_close(cfg);
    ck_assert_msg(ok, "%s", d.text);
    return w;
}

static inline struct wafer *wafer_of_file(struct arena *a, const char *path, uint64_t seed)
{
    struct cfg *cfg = cfg_from_file(a, path);
    struct wafer *w = NULL;
    struct diag d = {0};
    bool ok = wafer_open(a, cfg_root(cfg), seed, &w, &d);
    cfg_close(cfg);
    ck_assert_msg(ok, "%s:%d: %s", d.file, d.line, d.text);
    return w;
}

static inline uint32_t draw(uint64_t *seed, uint32_t bound)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((*seed >> 33) % bound);
}

static inline struct wafer_region random_region(const struct wafer *w, uint64_t *seed)
{
    struct wafer_region r;
    r.width = 1 + draw(seed, (uint32_t)w->columns);
    r.height = 1 + draw(seed, (uint32_t)w->rows);
    r.x = draw(seed, (uint32_t)(w->columns - r.width + 1));
    r.y = draw(seed, (uint32_t)(w->rows - r.height + 1));
    return r;
}

static inline struct wafer_flow random_flow(const struct wafer *w, uint64_t *seed)
{
    struct wafer_flow f = {.from = random_region(w, seed), .to = random_region(w, seed)};
    f.pattern = (enum wafer_pattern)draw(seed, 3);
    f.bytes = 1 + draw(seed, 1000000);
    return f;
}

#endif
