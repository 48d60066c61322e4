/* link.c — a link that leaves a die. */
#include "chiplet/link.h"

#include <assert.h>
#include <math.h>

const char *const substrate_words[] = {"organic", "fanout", "interposer", "stacked", NULL};

#define AT(member) offsetof(struct link, member)
static const struct cfg_field fields[] = {
    {"gb_per_s", CFG_REAL, AT(raw_gb_per_s), "GB/s", 1e-6, 1e9, NULL, NULL,
     "in one direction, all lanes; flit overhead is taken off"},
    {"latency_ns", CFG_REAL, AT(latency_ns), "ns", 0, 1e9, NULL, NULL, "one way, first byte"},
    {"pj_per_bit", CFG_QUANTITY, AT(pj_per_bit), "pJ/bit", 0, 1e6, NULL, NULL,
     "both ends, per bit moved"},
    {"static_mw", CFG_QUANTITY, AT(static_mw), "mW", 0, 1e9, NULL, NULL,
     "drawn whether bits move or not"},
    {"area_um2", CFG_REAL, AT(area_um2), "um2", 0, 1e12, NULL, NULL, "on this die"},
    {"idle_pj_per_bit", CFG_QUANTITY, AT(idle_pj_per_bit), "pJ/bit", 0, 1e6, "0", NULL,
     "both ends, in the time of a bit that does not move"},
    {"lanes", CFG_INT, AT(lanes), "lanes", 0, 1e6, "0", NULL,
     "data lanes of one direction; 0: not stated"},
    {"spare_lanes", CFG_INT, AT(spare_lanes), "lanes", 0, 1e6, "0", NULL,
     "lanes of one direction that stand in for broken ones"},
    {"gt_per_s", CFG_REAL, AT(gt_per_s), "GT/s", 0, 1e4, "0", NULL, "of a lane"},
    {"flit_bytes", CFG_INT, AT(flit_bytes), "bytes", 0, 65536, "0", NULL,
     "protected by one CRC and sent again as one; 0: no replay"},
    {"flit_overhead_bytes", CFG_INT, AT(flit_overhead_bytes), "bytes", 0, 65535, "0", NULL,
     "header and CRC of a flit"},
    {"replay_flits", CFG_INT, AT(replay_flits), "flits", 1, 65536, "1", NULL,
     "sent again for each flit that was lost"},
    {"ber", CFG_REAL, AT(ber), "", 0, 0.01, "0", NULL, "probability that a bit is lost"},
    {"edge_gb_per_s_mm", CFG_REAL, AT(edge_gb_per_s_mm), "GB/s/mm", 0, 1e6, "0", NULL,
     "both directions, per mm of a die's edge; 0: takes no edge"},
    {"reach_mm", CFG_REAL, AT(reach_mm), "mm", 0, 1e6, "0", NULL, "0: any distance"},
    {"substrate", CFG_CHOICE, AT(substrate), "", 0, 0, "\"organic\"", substrate_words,
     "the coarsest wiring that can carry it"},
};
#undef AT

const struct cfg_schema link_schema = {
    .name = "link",
    .help = "host, board or die-to-die link: rate, latency, energy per bit, static power, edge",
    .fields = fields,
    .count = COUNT_OF(fields),
};

double link_retry_probability(const struct link *l)
{
    return -expm1(8.0 * (double)l->flit_bytes * log1p(-l->ber));
}

/* What follows from the raw rate, the flits and the errors. */
static void set_payload(struct link *l)
{
    double lost = link_retry_probability(l);
    double payload = l->flit_bytes > 0
                         ? (double)(l->flit_bytes - l->flit_overhead_bytes) / (double)l->flit_bytes
                         : 1;
    double sendings = 1 + lost / (1 - lost) * (double)l->replay_flits;
    l->wire_bits_per_bit = sendings / payload;
    l->gb_per_s = l->raw_gb_per_s / l->wire_bits_per_bit;
}

static bool check_link(const struct cfg_group *g, const struct link *l, struct diag *d)
{
    double most = (double)l->lanes * l->gt_per_s / 8;
    if (l->lanes > 0 && l->gt_per_s <= 0)
        return cfg_complain(g, "lanes", d, "a link that states lanes needs a gt_per_s above 0");
    if (l->lanes > 0 && l->raw_gb_per_s > most * (1 + 1e-9))
        return cfg_complain(g, "gb_per_s", d, "%lld lanes of %g GT/s carry at most %g GB/s, not %g",
                            (long long)l->lanes, l->gt_per_s, most, l->raw_gb_per_s);
    if (l->flit_overhead_bytes > 0 && l->flit_overhead_bytes >= l->flit_bytes)
        return cfg_complain(g, "flit_overhead_bytes", d,
                            "a flit of %lld bytes cannot hold %lld bytes of overhead",
                            (long long)l->flit_bytes, (long long)l->flit_overhead_bytes);
    if (link_retry_probability(l) > 0.5)
        return cfg_complain(g, "ber", d,
                            "more than half of the flits would be lost: BER %g over %g bits",
                            l->ber, 8.0 * (double)l->flit_bytes);
    return true;
}

bool link_open(const struct cfg_group *g, struct link *out, struct diag *d)
{
    *out = (struct link){0};
    TRY(cfg_read(g, &link_schema, out, d));
    TRY(check_link(g, out, d));
    set_payload(out);
    out->name = cfg_text_or(g, "title", cfg_name(g));
    return true;
}

void link_cost(const struct link *l, double bytes, struct cost *out)
{
    assert(bytes >= 0);
    cost_clear(out);
    cost_add(out, PART_LINK, "bit", 8 * bytes * l->wire_bits_per_bit, l->pj_per_bit);
    out->duration_ps = bytes / l->gb_per_s * 1e3; /* 1 GB/s is a byte per ns */
}

double link_edge_mm(const struct link *l, int64_t count)
{
    if (l->edge_gb_per_s_mm <= 0)
        return 0;
    return 2 * l->raw_gb_per_s * (double)count / l->edge_gb_per_s_mm;
}

bool link_with_faults(const struct link *l, int64_t faulty, struct link *out)
{
    assert(faulty >= 0);
    *out = *l;
    int64_t working = l->lanes + l->spare_lanes - faulty, width = l->lanes;
    while (width > working)
        width /= 2;
    if (width <= 0)
        return false;
    out->lanes = width;
    out->spare_lanes = working - width < l->spare_lanes ? working - width : l->spare_lanes;
    out->raw_gb_per_s = l->raw_gb_per_s * (double)width / (double)l->lanes;
    set_payload(out);
    return true;
}
