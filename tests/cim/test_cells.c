#include "core/tech/cell.h"
#include "tests/folder.h"

#define CELLS CIMARRON_SOURCE_DIR "/configs/cell"

static struct cell open_cell(struct arena *a, const char *file)
{
    struct cell c;
    struct cfg *cfg;
    struct diag d = {0};
    ck_assert_msg(cfg_open(a, arena_printf(a, CELLS "/%s", file), NULL, 0, &cfg, &d) &&
                      cell_read(cfg_root(cfg), &c, &d),
                  "%s:%d: %s", d.file, d.line, d.text);
    cfg_close(cfg);
    return c;
}

START_TEST(every_cell_opens_and_one_that_keeps_its_state_wears_and_varies)
{
    struct arena *all = arena_open();
    struct folder_names cells = folder_list(all, CELLS, "", ".cfg");
    int kinds[CELL_EDRAM + 1] = {0};
    for (size_t i = 0; i < cells.count; i++) {
        struct arena *a = arena_open();
        const char *name = cells.at[i];
        struct cell c = open_cell(a, name);
        ck_assert_msg(c.write_pj.value > 0 && c.write_pulse_ns > 0, "%s", name);
        ck_assert_msg(cell_is_volatile(&c) || (c.endurance > 0 && c.retention_s > 0 && c.sigma > 0),
                      "%s", name);
        kinds[c.kind]++;
        arena_close(a);
    }
    ck_assert_uint_ge(cells.count, 14);
    arena_close(all);
    ck_assert(kinds[CELL_RRAM] && kinds[CELL_STT_MRAM] && kinds[CELL_FEFET] && kinds[CELL_FLASH]);
}
END_TEST

/* What the technologies are known by: junctions wear least and hardly differ in resistance,
 * ferroelectrics are written by voltage, flash is written slowly and holds many levels. */
START_TEST(technologies_differ_the_way_they_are_known_to)
{
    struct arena *a = arena_open();
    struct cell mram = open_cell(a, "stt_mram_22nm.cfg"), fefet = open_cell(a, "fefet_28nm.cfg");
    struct cell flash = open_cell(a, "nor_flash_40nm.cfg");
    struct cell rram = open_cell(a, "rram_1b_22nm.cfg");
    ck_assert_double_gt(mram.endurance, rram.endurance);
    ck_assert_double_gt(rram.endurance, flash.endurance);
    ck_assert_double_lt(mram.g_on_us.value / mram.g_off_us.value, 4);
    ck_assert_double_gt(rram.g_on_us.value / rram.g_off_us.value, 4);
    ck_assert_double_lt(fefet.write_pj.value, 0.01 * mram.write_pj.value + 1e-12);
    ck_assert_double_gt(flash.write_pulse_ns, 10 * rram.write_pulse_ns);
    ck_assert_int_gt(flash.bits, fefet.bits);
    arena_close(a);
}
END_TEST

SUITE("cells", every_cell_opens_and_one_that_keeps_its_state_wears_and_varies,
      technologies_differ_the_way_they_are_known_to)
