/* fixture.h — a mesh from a few numbers, and a clock that drives it. */
#ifndef CIMARRON_TEST_NOC_FIXTURE_H
#define CIMARRON_TEST_NOC_FIXTURE_H

#include <stdio.h>
#include <string.h>

#include "noc/mesh.h"
#include "tests/cfg_text.h"

struct setup {
    int width, height, concentration, tiles;
    int link_bits, port_bits, router, link, port, packet, header, train;
    double clock_mhz;
    const char *routing;
    int seam_columns, seam_rows; /* 0: none */
    double seam_gb_s, seam_ns;
};

/* A 5 x 4 mesh of two tiles per router, 32-bit flits at 1 GHz. */
static inline struct setup plain_setup(void)
{
    return (struct setup){.width = 5,
                          .height = 4,
                          .concentration = 2,
                          .tiles = 40,
                          .link_bits = 32,
                          .router = 3,
                          .link = 1,
                          .port = 1,
                          .packet = 64,
                          .train = 1,
                          .clock_mhz = 1000,
                          .routing = "xy"};
}

static inline struct network *open_text(struct arena *a, const char *text,
                                        const struct network_shape *shape, struct diag *d)
{
    struct cfg *cfg = NULL;
    struct network *n = NULL;
    bool ok = cfg_open_text(a, text, &cfg, d) && network_open(a, cfg_root(cfg), shape, &n, d);
    cfg_close(cfg);
    return ok ? n : NULL;
}

static inline struct network *open_setup(struct arena *a, struct setup s)
{
    char text[2048];
    snprintf(text, sizeof text,
             "source = \"a test\"; kind = \"mesh\"; clock_mhz = %.6f; link_bits = %d; "
             "port_bits = %d; router_cycles = %d; link_cycles = %d; port_cycles = %d; "
             "packet_bytes = %d; header_bytes = %d; train_packets = %d; routing = \"%s\"; "
             "wire_pj_per_bit_mm = 0.1; link_mm = 2.0; port_mm = 0.5; "
             "router : { energy_pj = 3.0; area_um2 = 1000.0; leakage_mw = 0.25; };\n",
             s.clock_mhz, s.link_bits, s.port_bits, s.router, s.link, s.port, s.packet, s.header,
             s.train, s.routing);
    struct network_shape shape = {.width = s.width,
                                  .height = s.height,
                                  .concentration = s.concentration,
                                  .tiles = s.tiles,
                                  .seam_columns = s.seam_columns,
                                  .seam_rows = s.seam_rows,
                                  .seam = {.bytes_per_ps = s.seam_gb_s * 1e-3,
                                           .latency_ns = s.seam_ns,
                                           .wire_bits_per_bit = 1.5,
                                           .pj_per_bit = {.value = 0.25, .from = FROM_SOURCE}}};
    struct diag d = {0};
    struct network *n = open_text(a, text, &shape, &d);
    ck_assert_msg(n != NULL, "%s", d.text);
    return n;
}

/* One transfer of a run: when it is submitted, and, after the run, when it was done. */
struct job {
    time_ps at, done;
    uint64_t id;
    int64_t bytes;
    uint32_t src, dst;
    int32_t layer;
};

static inline void submit_job(struct network *n, const struct job *j, time_ps now)
{
    struct transfer t = {
        .id = j->id, .bytes = j->bytes, .src = j->src, .dst = j->dst, .layer = j->layer};
    ck_assert(n->base.ops->submit(&n->base, &t, now));
}

static inline void finish_job(struct job *jobs, size_t count, uint64_t id, time_ps done)
{
    size_t i = (size_t)(id - jobs[0].id);
    if (i >= count || jobs[i].id != id)
        for (i = 0; i < count && jobs[i].id != id;)
            i++;
    ck_assert_msg(i < count && jobs[i].done < 0, "transfer %llu was done twice or never sent",
                  (unsigned long long)id);
    jobs[i].done = done;
}

/* Runs all jobs (in the order of `at`) to their end; returns the time of the last completion. */
static inline time_ps run_jobs(struct network *n, struct job *jobs, size_t count)
{
    struct server *s = &n->base;
    size_t sent = 0, finished = 0;
    time_ps now = 0, next = TIME_NEVER, last = 0;
    for (size_t i = 0; i < count; i++)
        jobs[i].done = -1;
    while (sent < count || next != TIME_NEVER) {
        now = sent < count && jobs[sent].at <= next ? jobs[sent].at : next;
        for (; sent < count && jobs[sent].at == now; sent++)
            submit_job(n, &jobs[sent], now);
        next = s->ops->advance(s, now);
        ck_assert_msg(next > now, "news must lie ahead");
        uint64_t id;
        for (time_ps done; s->ops->collect(s, &id, &done); finished++) {
            ck_assert_msg(done == now, "a completion at %lld was told at %lld", (long long)done,
                          (long long)now);
            finish_job(jobs, count, id, done);
            last = done;
        }
    }
    ck_assert_uint_eq(finished, count);
    return last;
}

/* The time of clock edge `cycle` at whole MHz. */
static inline time_ps edge(int64_t cycle, double clock_mhz)
{
    return (time_ps)floor((double)cycle * 1e6 / clock_mhz + 1e-6);
}

/* A small generator for traffic: the top bits of a linear congruence (Knuth's constants). */
static inline uint32_t draw(uint64_t *seed, uint32_t bound)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((*seed >> 33) % bound);
}

/* `count` transfers of up to `most` bytes at random times below `span`, sorted by time. */
static inline struct job *random_jobs(struct arena *a, size_t count, uint32_t endpoints,
                                      uint32_t most, uint32_t span, uint64_t seed)
{
    struct job *jobs = ARENA_ARRAY(a, struct job, count);
    time_ps at = 0;
    for (size_t i = 0; i < count; i++) {
        at += draw(&seed, span);
        jobs[i] = (struct job){.at = at,
                               .id = i + 1,
                               .bytes = 1 + draw(&seed, most),
                               .src = draw(&seed, endpoints),
                               .dst = draw(&seed, endpoints),
                               .layer = (int32_t)draw(&seed, 5)};
    }
    return jobs;
}

#endif
