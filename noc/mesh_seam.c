/* mesh_seam.c — which links of a mesh leave a die, and their rate. */
#include <assert.h>
#include <math.h>

#include "noc/mesh.h"

static void mark_seam(struct mesh *m, int64_t x, int64_t y, enum direction way)
{
    m->is_seam[mesh_link(m, (int)x, (int)y, way)] = true;
    m->net.seam_links++;
}

void mesh_set_seams(struct mesh *m, const struct network_shape *s)
{
    int64_t columns = s->seam_columns > 0 ? s->seam_columns : s->width;
    int64_t rows = s->seam_rows > 0 ? s->seam_rows : s->height;
    if (columns == s->width && rows == s->height)
        return;
    m->seam = s->seam;
    m->is_seam = ARENA_ARRAY(m->arena, bool, s->width * s->height * DIRECTIONS);
    m->seam_bits = s->seam.bytes_per_ps * 8e6 / m->cfg.clock_mhz;
    m->seam_cycles = (int64_t)ceil(s->seam.latency_ns * m->cfg.clock_mhz * 1e-3 - 1e-9);
    for (int64_t x = columns; x < s->width; x += columns)
        for (int64_t y = 0; y < s->height; y++) {
            mark_seam(m, x - 1, y, EAST);
            mark_seam(m, x, y, WEST);
        }
    for (int64_t y = rows; y < s->height; y += rows)
        for (int64_t x = 0; x < s->width; x++) {
            mark_seam(m, x, y - 1, SOUTH);
            mark_seam(m, x, y, NORTH);
        }
}

double mesh_link_rate(const struct network *n, size_t link)
{
    const struct mesh *m = (const struct mesh *)n;
    bool between = link < mesh_injection(m, 0);
    return between && mesh_is_seam(m, link) ? m->seam.bytes_per_ps : n->link_bytes_per_ps;
}
