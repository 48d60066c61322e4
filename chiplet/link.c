/* link.c — a link that leaves a die. */
#include "chiplet/link.h"

#include <assert.h>

#define AT(member) offsetof(struct link, member)
static const struct cfg_field fields[] = {
    {"gb_per_s", CFG_REAL, AT(gb_per_s), "GB/s", 1e-6, 1e9, NULL, NULL,
     "payload in one direction, all lanes"},
    {"latency_ns", CFG_REAL, AT(latency_ns), "ns", 0, 1e9, NULL, NULL, "one way, first byte"},
    {"pj_per_bit", CFG_QUANTITY, AT(pj_per_bit), "pJ/bit", 0, 1e6, NULL, NULL,
     "both ends, per bit moved"},
    {"static_mw", CFG_QUANTITY, AT(static_mw), "mW", 0, 1e9, NULL, NULL,
     "drawn whether bits move or not"},
    {"area_um2", CFG_REAL, AT(area_um2), "um2", 0, 1e12, NULL, NULL, "on this die"},
};
#undef AT

const struct cfg_schema link_schema = {
    .name = "link",
    .help = "host, board or die-to-die link: rate, latency, energy per bit, static power",
    .fields = fields,
    .count = COUNT_OF(fields),
};

bool link_open(const struct cfg_group *g, struct link *out, struct diag *d)
{
    *out = (struct link){0};
    TRY(cfg_read(g, &link_schema, out, d));
    out->name = cfg_text_or(g, "title", cfg_name(g));
    return true;
}

void link_cost(const struct link *l, double bytes, struct cost *out)
{
    assert(bytes >= 0);
    cost_clear(out);
    cost_add(out, PART_LINK, "bit", 8 * bytes, l->pj_per_bit);
    out->duration_ps = bytes / l->gb_per_s * 1e3; /* 1 GB/s is a byte per ns */
}
