/* The kind "dram": a config to numbers. */
#include "memory/dram_cfg.h"

#include <math.h>

#include "memory/dram.h"

enum {
    REFRESHES_PER_RETENTION = 8192, /* JEDEC: all rows in 8192 refresh commands */
    CHANNELS_MAX = 4096
};

struct top {
    const char *kind;
    double clock_mhz;
};

struct times {
    int unit;
    double bl, cl, cwl, rcd_rd, rcd_wr, rp, ras, rc, ccd_s, ccd_l, ccd_r, rrd_s, rrd_l, faw;
    double wr, wtr_s, wtr_l, rtp, rtw, ppd, rfc, rfc_pb, rrefd, refi, refi_pb;
    int64_t act_cycles, column_cycles, pre_cycles;
};

struct words {
    int refresh, page, bus;
};

struct controller {
    struct dram_controller numbers;
    struct words words;
};

struct energy {
    struct quantity activate_pj, read_pj_per_bit, write_pj_per_bit, io_pj_per_bit, background_mw;
    int64_t refresh_rows;
};

static const char *const groups[] = {"organisation", "timing", "controller", "energy", NULL};
static const char *const units[] = {"cycles", "ns", NULL};
static const char *const refreshes[] = {"all-bank", "per-bank", "none", NULL};
static const char *const pages[] = {"open", "closed", NULL};
static const char *const buses[] = {"shared", "row-column", NULL};

#define AT(member) offsetof(struct top, member)
static const struct cfg_field top_fields[] = {
    {"kind", CFG_TEXT, AT(kind), "", 0, 0, NULL, NULL, "dram"},
    {"clock_mhz", CFG_REAL, AT(clock_mhz), "MHz", 1, 20000, NULL, NULL,
     "of the command bus; twice that where row commands use both edges"},
};
#undef AT

const struct cfg_schema dram_schema = {
    .name = "DRAM",
    .help = "command-level DRAM controller; groups organisation, timing, controller, energy",
    .fields = top_fields,
    .count = COUNT_OF(top_fields),
    .groups = groups,
};

#define AT(member) offsetof(struct dram_organisation, member)
static const struct cfg_field organisation_fields[] = {
    {"channels", CFG_INT, AT(channels), "", 1, CHANNELS_MAX, NULL, NULL,
     "channels with a controller each"},
    {"pseudo_channels", CFG_INT, AT(pseudo), "", 1, DRAM_PSEUDO_MAX, "1", NULL,
     "data buses of a channel behind one command bus"},
    {"stack_ids", CFG_INT, AT(sids), "", 1, 16, "1", NULL, "sets of banks on one data bus"},
    {"bank_groups", CFG_INT, AT(groups), "", 1, 64, NULL, NULL, "per pseudo channel and stack id"},
    {"banks", CFG_INT, AT(banks), "", 1, 64, NULL, NULL, "per bank group"},
    {"rows", CFG_INT, AT(rows), "", 1, 16777216, NULL, NULL, "per bank"},
    {"row_bytes", CFG_INT, AT(row_bytes), "bytes", 8, 65536, NULL, NULL,
     "a row of all devices of a pseudo channel"},
    {"burst_bytes", CFG_INT, AT(burst_bytes), "bytes", 8, 1024, NULL, NULL,
     "what one column command moves"},
};
#undef AT
static const struct cfg_schema organisation_schema = {.name = "DRAM organisation",
                                                      .fields = organisation_fields,
                                                      .count = COUNT_OF(organisation_fields)};

#define TIME(key, member, fallback, help)                                                          \
    {                                                                                              \
        key, CFG_REAL, offsetof(struct times, member), "of unit", 0, 1e7, fallback, NULL, help     \
    }
#define CYCLES(key, member, fallback, help)                                                        \
    {                                                                                              \
        key, CFG_INT, offsetof(struct times, member), "cycles", 1, 16, fallback, NULL, help        \
    }
static const struct cfg_field timing_fields[] = {
    {"unit", CFG_CHOICE, offsetof(struct times, unit), "", 0, 0, NULL, units,
     "of all timings; ns are rounded up to cycles of clock_mhz"},
    TIME("tBL", bl, NULL, "data bus time of a burst"),
    TIME("tCL", cl, NULL, "read to first data"),
    TIME("tCWL", cwl, NULL, "write to first data"),
    TIME("tRCDRD", rcd_rd, NULL, "activate to read"),
    TIME("tRCDWR", rcd_wr, NULL, "activate to write"),
    TIME("tRP", rp, NULL, "precharge to activate"),
    TIME("tRAS", ras, NULL, "activate to precharge"),
    TIME("tRC", rc, NULL, "activate to activate, same bank"),
    TIME("tCCD_S", ccd_s, NULL, "column to column, other bank group"),
    TIME("tCCD_L", ccd_l, NULL, "column to column, same bank group"),
    TIME("tCCD_R", ccd_r, "0.0", "read to read, other stack id"),
    TIME("tRRD_S", rrd_s, NULL, "activate to activate, other bank group"),
    TIME("tRRD_L", rrd_l, NULL, "activate to activate, same bank group"),
    TIME("tFAW", faw, NULL, "window of four activates"),
    TIME("tWR", wr, NULL, "end of write data to precharge"),
    TIME("tWTR_S", wtr_s, NULL, "end of write data to read, other bank group"),
    TIME("tWTR_L", wtr_l, NULL, "end of write data to read, same bank group"),
    TIME("tRTP", rtp, NULL, "read to precharge"),
    TIME("tRTW", rtw, "0.0", "read to write; 0: tCL + tBL + 2 cycles - tCWL"),
    TIME("tPPD", ppd, "0.0", "precharge to precharge"),
    TIME("tRFC", rfc, NULL, "refresh of all banks"),
    TIME("tRFCpb", rfc_pb, "0.0", "refresh of one bank"),
    TIME("tRREFD", rrefd, "0.0", "refresh of one bank to activate of another"),
    TIME("tREFI", refi, NULL, "between refreshes of all banks"),
    TIME("tREFIpb", refi_pb, "0.0", "between refreshes of single banks of a channel"),
    CYCLES("act_cycles", act_cycles, "1", "of an activate on its command bus"),
    CYCLES("column_cycles", column_cycles, "1", "of a read or write on its command bus"),
    CYCLES("pre_cycles", pre_cycles, "1", "of a precharge on its command bus"),
};
static const struct cfg_schema timing_schema = {
    .name = "DRAM timing", .fields = timing_fields, .count = COUNT_OF(timing_fields)};

#define AT(member) offsetof(struct controller, numbers.member)
static const struct cfg_field controller_fields[] = {
    {"mapping", CFG_TEXT, AT(mapping), "", 0, 0, NULL, NULL,
     "address bits above a burst from MSB to LSB: counts and r c b g p s, as \"15r3c2b2g1p2c\""},
    {"hash", CFG_TEXT, AT(hash), "", 0, 0, "\"\"", NULL, "XORs on those bits, as \"g0^c1 b0^c3\""},
    {"interleave_bytes", CFG_INT, AT(interleave_bytes), "bytes", 8, 1048576, NULL, NULL,
     "consecutive bytes in one channel"},
    {"read_queue", CFG_INT, AT(read_queue), "bursts", 1, DRAM_QUEUE_MAX, NULL, NULL, "per channel"},
    {"write_queue", CFG_INT, AT(write_queue), "bursts", 1, DRAM_QUEUE_MAX, NULL, NULL,
     "per channel"},
    {"write_high", CFG_REAL, AT(write_high), "", 0, 1, NULL, NULL,
     "share of the write queue at which writes go"},
    {"write_low", CFG_REAL, AT(write_low), "", 0, 1, NULL, NULL, "share at which reads go again"},
    {"write_wait", CFG_INT, AT(write_wait), "cycles", 0, 1000000, "0", NULL,
     "longest time that reads hold up a write; 0: any"},
    {"bursts_per_cycle", CFG_INT, AT(feed_per_cycle), "", 1, 16, "2", NULL, "taken in per channel"},
    {"edges", CFG_INT, AT(edges), "", 1, 2, "1", NULL,
     "cycles of clock_mhz in a clock; 2: one on each edge"},
    {"rising", CFG_TEXT, AT(rising), "", 0, 0, "\"ACT RD WR REFab REFpb\"", NULL,
     "commands that go on the rising edge only, where edges is 2: ACT PRE RD WR REFab REFpb"},
    {"refresh", CFG_CHOICE, offsetof(struct controller, words.refresh), "", 0, 0, "\"all-bank\"",
     refreshes, ""},
    {"page", CFG_CHOICE, offsetof(struct controller, words.page), "", 0, 0, "\"open\"", pages,
     "closed: a row goes with its last waiting hit"},
    {"command_bus", CFG_CHOICE, offsetof(struct controller, words.bus), "", 0, 0, NULL, buses,
     "one, or one for row and one for column commands"},
};
#undef AT
static const struct cfg_schema controller_schema = {
    .name = "DRAM controller", .fields = controller_fields, .count = COUNT_OF(controller_fields)};

#define AT(member) offsetof(struct energy, member)
static const struct cfg_field energy_fields[] = {
    {"activate_pj", CFG_QUANTITY, AT(activate_pj), "pJ", 0, 1e6, NULL, NULL,
     "opening and closing a row"},
    {"read_pj_per_bit", CFG_QUANTITY, AT(read_pj_per_bit), "pJ/bit", 0, 1e3, NULL, NULL,
     "inside the device"},
    {"write_pj_per_bit", CFG_QUANTITY, AT(write_pj_per_bit), "pJ/bit", 0, 1e3, NULL, NULL,
     "inside the device"},
    {"io_pj_per_bit", CFG_QUANTITY, AT(io_pj_per_bit), "pJ/bit", 0, 1e3, NULL, NULL,
     "over the interface"},
    {"refresh_rows", CFG_INT, AT(refresh_rows), "rows", 0, 1e6, "0", NULL,
     "opened by a refresh command; 0: all rows in 8192 refreshes"},
    {"background_mw", CFG_QUANTITY, AT(background_mw), "mW", 0, 1e5, NULL, NULL,
     "standby power of a channel"},
};
#undef AT
static const struct cfg_schema energy_schema = {
    .name = "DRAM energy", .fields = energy_fields, .count = COUNT_OF(energy_fields)};

/* Nanoseconds go up to whole cycles; 1e-6 forgives decimals such as 0.833. */
static int64_t cycles_of(const struct times *t, double value, double clock_mhz)
{
    return t->unit == 0 ? (int64_t)ceil(value - 1e-6)
                        : (int64_t)ceil(value * clock_mhz * 1e-3 - 1e-3);
}

static void fill_cycles(const struct times *t, double mhz, struct dram_cycles *c)
{
#define CYCLES_OF(member) .member = cycles_of(t, t->member, mhz)
    *c = (struct dram_cycles){CYCLES_OF(bl),
                              CYCLES_OF(cl),
                              CYCLES_OF(cwl),
                              CYCLES_OF(rcd_rd),
                              CYCLES_OF(rcd_wr),
                              CYCLES_OF(rp),
                              CYCLES_OF(ras),
                              CYCLES_OF(rc),
                              CYCLES_OF(ccd_s),
                              CYCLES_OF(ccd_l),
                              CYCLES_OF(ccd_r),
                              CYCLES_OF(rrd_s),
                              CYCLES_OF(rrd_l),
                              CYCLES_OF(faw),
                              CYCLES_OF(wr),
                              CYCLES_OF(wtr_s),
                              CYCLES_OF(wtr_l),
                              CYCLES_OF(rtp),
                              CYCLES_OF(rtw),
                              CYCLES_OF(ppd),
                              CYCLES_OF(rfc),
                              CYCLES_OF(rfc_pb),
                              CYCLES_OF(rrefd),
                              CYCLES_OF(refi),
                              CYCLES_OF(refi_pb),
                              .act_cycles = t->act_cycles,
                              .column_cycles = t->column_cycles,
                              .pre_cycles = t->pre_cycles};
#undef CYCLES_OF
}

static void fill_prices(const struct energy *e, const struct dram_spec *s, struct dram_prices *p)
{
    double bits = 8.0 * (double)s->org.burst_bytes;
    double banks = s->ctl.refresh == DRAM_REFRESH_PER_BANK
                       ? 1
                       : (double)(s->org.sids * s->org.groups * s->org.banks);
    double rows = e->refresh_rows > 0 ? (double)e->refresh_rows
                                      : (double)s->org.rows * banks / REFRESHES_PER_RETENTION;
    *p = (struct dram_prices){.activate_pj = e->activate_pj,
                              .read_pj = quantity_scaled(e->read_pj_per_bit, bits),
                              .write_pj = quantity_scaled(e->write_pj_per_bit, bits),
                              .io_pj = quantity_scaled(e->io_pj_per_bit, bits),
                              .refresh_pj = quantity_scaled(e->activate_pj, rows),
                              .background_mw = e->background_mw};
}

static bool read_sub(const struct cfg_group *g, const char *key, const struct cfg_schema *schema,
                     void *out, struct diag *d)
{
    const struct cfg_group *sub;
    TRY(cfg_sub(g, key, &sub, d));
    return cfg_read(sub, schema, out, d);
}

static bool create(struct arena *a, const struct cfg_group *g, const struct top *top,
                   const struct dram_spec *s, const struct dram_prices *p, struct memory **out,
                   struct diag *d)
{
    struct diag inner = {0};
    const char *name = cfg_name(g)[0] ? cfg_name(g) : cfg_file(g);
    if (dram_create(a, arena_strdup(a, name), s, (int64_t)llround(top->clock_mhz * 1e3), p, out,
                    &inner))
        return true;
    const struct cfg_group *controller = cfg_sub_or_null(g, "controller");
    return cfg_complain(controller ? controller : g, NULL, d, "%s", inner.text);
}

bool dram_open(struct arena *a, const struct cfg_group *g, int64_t stacks, struct memory **out,
               struct diag *d)
{
    struct top top;
    struct times times;
    struct controller controller;
    struct energy energy;
    struct dram_prices prices;
    struct dram_spec spec = {0};
    TRY(cfg_read(g, &dram_schema, &top, d));
    TRY(read_sub(g, "organisation", &organisation_schema, &spec.org, d));
    TRY(read_sub(g, "timing", &timing_schema, &times, d));
    TRY(read_sub(g, "controller", &controller_schema, &controller, d));
    TRY(read_sub(g, "energy", &energy_schema, &energy, d));
    if (stacks > CHANNELS_MAX / spec.org.channels)
        return cfg_complain(g, NULL, d, "%lld stacks of %lld channels are more than %d channels",
                            (long long)stacks, (long long)spec.org.channels, (int)CHANNELS_MAX);
    spec.org.channels *= stacks;
    spec.ctl = controller.numbers;
    spec.ctl.refresh = (enum dram_refresh)controller.words.refresh;
    spec.ctl.page = (enum dram_page)controller.words.page;
    spec.ctl.bus = (enum dram_bus)controller.words.bus;
    fill_cycles(&times, top.clock_mhz, &spec.cycles);
    fill_prices(&energy, &spec, &prices);
    return create(a, g, &top, &spec, &prices, out, d);
}
