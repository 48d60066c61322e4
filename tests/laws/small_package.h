/* small_package.h — packages of one, two or four little dies, and little traces, so that a run
 * takes a tenth of a second: for grids of them.
 *
 * A die is the one of dcim_5nm_hbm3 with 4 x 4 tiles.  Two of its edges face memory, as in
 * quad_dcim_hbm3; what a grid turns is in `struct small_package`. */
#ifndef CIMARRON_TEST_SMALL_PACKAGE_H
#define CIMARRON_TEST_SMALL_PACKAGE_H

#include "tests/folder.h"
#include "tests/laws/machine.h"
#include "traces/llm.h"

struct small_package {
    int columns, rows;    /* of dies: 1 or 2 */
    int stacks;           /* before each of a die's two outer edges */
    int links;            /* between two neighbours */
    double link_gb_per_s; /* of each */
    double link_latency_ns;
    int arrays;  /* in a tile */
    int devices; /* packages at least; 0: as few as do */
    const char *trace;
};

#define CONFIGS CIMARRON_SOURCE_DIR "/configs/"

static const char small_package_top[] =
    "source = \"a test\"; kind = \"package\"; year = 2026; substrate = \"interposer\"; "
    "power_scope = \"board\"; width_mm = 100.0; height_mm = 100.0; hop_ns = 12.0; "
    "packet_bytes = 4096; "
    "memory : { @include \"" CONFIGS "memory/hbm3_6400.cfg\" }; "
    "host : { @include \"" CONFIGS "link/pcie5_x16.cfg\" }; "
    "fabric : { @include \"" CONFIGS "link/nvlink_c2c.cfg\" }; "
    "stack : { width_mm = 4.0; depth_mm = 4.0; gap_mm = 0.2; port_mm = 4.0; port_mm2 = 3.0; "
    "usd = 240.0; }; ";

static inline const char *small_package_dies(struct arena *a, const struct small_package *p)
{
    const char *text = "";
    for (int y = 0; y < p->rows; y++)
        for (int x = 0; x < p->columns; x++)
            text = arena_printf(a,
                                "%s d%d%d : { chip = \"dcim_5nm_hbm3\"; x_mm = %.1f; y_mm = %.1f; "
                                "width_mm = 17.0; height_mm = 17.0; };",
                                text, x, y, 30 + 17.5 * x, 30 + 17.5 * y);
    return text;
}

static inline const char *small_package_links(struct arena *a, const struct small_package *p)
{
    const char *text = "";
    for (int i = 0; i < p->rows && p->columns == 2; i++)
        text = arena_printf(a, "%s h%d : { a = \"d0%d\"; b = \"d1%d\"; count = %d; };", text, i, i,
                            i, p->links);
    for (int i = 0; i < p->columns && p->rows == 2; i++)
        text = arena_printf(a, "%s v%d : { a = \"d%d0\"; b = \"d%d1\"; count = %d; };", text, i, i,
                            i, p->links);
    return text;
}

static inline const char *small_package_stacks(struct arena *a, const struct small_package *p)
{
    const char *text = "";
    for (int y = 0; y < p->rows; y++)
        for (int x = 0; x < p->columns; x++)
            text = arena_printf(a,
                                "%s x%d%d : { die = \"d%d%d\"; edge = \"%s\"; count = %d; };"
                                " y%d%d : { die = \"d%d%d\"; edge = \"%s\"; count = %d; };",
                                text, x, y, x, y, x ? "east" : "west", p->stacks, x, y, x, y,
                                y ? "north" : "south", p->stacks);
    return text;
}

/* A file of the test's own, which it removes. */
static inline const char *small_package_file(struct arena *a, const struct small_package *p)
{
    const char *path = arena_printf(a, "/tmp/cimarron-package-%ld.cfg", (long)getpid());
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fprintf(f,
            "%s link : { gb_per_s = %f; latency_ns = %f; pj_per_bit = 0.3; idle_pj_per_bit = 0.045;"
            " static_mw = 0.0; area_um2 = 380000.0; }; dies : { %s }; links : { %s }; memories : { "
            "%s };\n",
            small_package_top, p->link_gb_per_s, p->link_latency_ns, small_package_dies(a, p),
            small_package_links(a, p), small_package_stacks(a, p));
    fclose(f);
    return path;
}

static inline struct machine small_machine(struct arena *a, const struct small_package *p)
{
    return (struct machine){.system = small_package_file(a, p),
                            .trace = p->trace,
                            .set = {{"chip.mesh_width", "4"},
                                    {"chip.mesh_height", "4"},
                                    {"chip.tiles", "16"},
                                    {"chip.memory_ports", "6"},
                                    {"chip.tile.arrays", arena_printf(a, "%d", p->arrays)}},
                            .set_count = 5,
                            .devices = p->devices};
}

static inline double small_time(const struct small_package *p)
{
    struct arena *a = arena_open();
    struct machine m = small_machine(a, p);
    double s = time_of(&m);
    remove(m.system);
    arena_close(a);
    return s;
}

/* A language model of four small layers, one pass of it, in a file that the test removes. */
static inline const char *small_trace(struct arena *a, const char *phase)
{
    const char *path = arena_printf(a, "/tmp/cimarron-%s-%ld.jsonl.gz", phase, (long)getpid());
    struct llm_model m = {.family = *llm_family_find("llama"),
                          .name = "small",
                          .origin = "a test",
                          .layers = 4,
                          .hidden = 256,
                          .heads = 8,
                          .kv_heads = 4,
                          .ffn = 768,
                          .vocab = 2000};
    struct import_options o = {.activation_bits = 8,
                               .weight_bits = 8,
                               .batch = 1,
                               .phase = phase,
                               .name = "small",
                               .sequence = 32,
                               .context = 256,
                               .generate = 2};
    struct trace t;
    struct diag d = {.status = 0};
    llm_model_complete(&m);
    ck_assert_msg(llm_model_check(&m, NULL, &d) && llm_build(a, &m, "a test", &o, &t, &d) &&
                      trace_save(&t, path, &d),
                  "%s", d.text);
    return path;
}

#endif
