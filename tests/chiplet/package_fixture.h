/* package_fixture.h — packages from a few numbers, and a clock that drives them. */
#ifndef CIMARRON_TEST_CHIPLET_PACKAGE_FIXTURE_H
#define CIMARRON_TEST_CHIPLET_PACKAGE_FIXTURE_H

#include "chiplet/package.h"
#include "tests/chiplet/fixture.h"

/* The complaint that a text earns, or "none" and the package. */
static inline const char *package_complaint(struct arena *a, const char *text, struct package **out)
{
    struct cfg *cfg = cfg_from_text(a, text);
    struct diag d = {0};
    bool ok = package_open(a, cfg_root(cfg), out, &d);
    cfg_close(cfg);
    return ok ? "none" : arena_strdup(a, d.text);
}

static inline struct package *package_of(struct arena *a, const char *text)
{
    struct package *p = NULL;
    const char *said = package_complaint(a, text, &p);
    ck_assert_msg(strcmp(said, "none") == 0, "%s", said);
    return p;
}

static inline struct package *package_of_file(struct arena *a, const char *path)
{
    struct cfg *cfg = cfg_from_file(a, path);
    struct package *p = NULL;
    struct diag d = {0};
    bool ok = package_open(a, cfg_root(cfg), &p, &d);
    cfg_close(cfg);
    ck_assert_msg(ok, "%s:%d: %s", d.file, d.line, d.text);
    return p;
}

#define TOP                                                                                        \
    "source = \"a test\"; kind = \"package\"; year = 2026; substrate = \"interposer\"; "           \
    "width_mm = 200.0; height_mm = 200.0; hop_ns = 10.0; packet_bytes = 1024; "
#define LINK                                                                                       \
    "link : { gb_per_s = 100.0; latency_ns = 2.0; pj_per_bit = 0.5; idle_pj_per_bit = 0.1; "       \
    "static_mw = 3.0; area_um2 = 100000.0; edge_gb_per_s_mm = 1000.0; reach_mm = 2.0; "            \
    "substrate = \"fanout\"; }; "

/* A grid of 10 x 10 mm dies 1 mm apart, neighbours joined by `count` links of `gb` GB/s each. */
static inline struct package *grid(struct arena *a, int width, int height, int count, double gb)
{
    const char *dies = "", *links = "";
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            dies = arena_printf(a,
                                "%s d%d_%d : { x_mm = %d.0; y_mm = %d.0; width_mm = 10.0; "
                                "height_mm = 10.0; };",
                                dies, x, y, 11 * x, 11 * y);
            if (x + 1 < width)
                links = arena_printf(a,
                                     "%s h%d_%d : { a = \"d%d_%d\"; b = \"d%d_%d\"; count = %d; "
                                     "};",
                                     links, x, y, x, y, x + 1, y, count);
            if (y + 1 < height)
                links = arena_printf(a,
                                     "%s v%d_%d : { a = \"d%d_%d\"; b = \"d%d_%d\"; count = %d; "
                                     "};",
                                     links, x, y, x, y, x, y + 1, count);
        }
    return package_of(
        a, arena_printf(a,
                        TOP "link : { gb_per_s = %f; latency_ns = 2.0; pj_per_bit = 0.5; "
                            "idle_pj_per_bit = 0.1; static_mw = 3.0; area_um2 = 1000.0; }; "
                            "dies : { %s }; links : { %s };",
                        gb, dies, links));
}

struct package_job {
    time_ps at, done;
    int64_t bytes;
    uint32_t src, dst;
    int32_t layer;
    const uint32_t *more;
    uint32_t more_count;
};

/* Runs jobs (in the order of `at`; ids are their numbers plus one); returns the last completion. */
static inline time_ps run_package(struct package *p, struct package_job *jobs, size_t count)
{
    struct server *s = &p->base;
    size_t sent = 0, finished = 0;
    time_ps now = 0, next = TIME_NEVER, last = 0;
    for (size_t i = 0; i < count; i++)
        jobs[i].done = -1;
    while (sent < count || next != TIME_NEVER) {
        now = sent < count && jobs[sent].at <= next ? jobs[sent].at : next;
        for (; sent < count && jobs[sent].at == now; sent++)
            ck_assert(s->ops->submit(s,
                                     &(struct transfer){.id = sent + 1,
                                                        .bytes = jobs[sent].bytes,
                                                        .src = jobs[sent].src,
                                                        .dst = jobs[sent].dst,
                                                        .layer = jobs[sent].layer,
                                                        .more_dst = jobs[sent].more,
                                                        .more_count = jobs[sent].more_count},
                                     now));
        next = s->ops->advance(s, now);
        ck_assert_msg(next > now, "news must lie ahead");
        uint64_t id;
        for (time_ps done, before = 0; s->ops->collect(s, &id, &done); finished++) {
            ck_assert_msg(done <= now && done >= before, "completions come in order, when due");
            ck_assert_int_eq(jobs[id - 1].done, -1);
            jobs[id - 1].done = before = last = done;
        }
    }
    ck_assert_uint_eq(finished, count);
    return last;
}

static inline uint32_t draw(uint64_t *seed, uint32_t bound)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((*seed >> 33) % bound);
}

static inline struct package_job *random_jobs(struct arena *a, size_t count, uint32_t dies,
                                              uint32_t most, uint32_t span, uint64_t seed)
{
    struct package_job *jobs = ARENA_ARRAY(a, struct package_job, count);
    time_ps at = 0;
    for (size_t i = 0; i < count; i++)
        jobs[i] = (struct package_job){.at = at += draw(&seed, span),
                                       .bytes = 1 + draw(&seed, most),
                                       .src = draw(&seed, dies),
                                       .dst = draw(&seed, dies),
                                       .layer = (int32_t)draw(&seed, 5)};
    return jobs;
}

#endif
