/* Laws of boundaries: no link of a mesh, no seam, no port, no channel of a memory, no host link
 * carries more in the time of a run than it can.
 *
 * What crosses each is seen twice: in the transfers that the simulation hands to networks and
 * memories, which are looked at on their way, and in the actions of the ledger. */
#include "core/plan/plan.h"
#include "memory/dram.h"
#include "tests/laws/small_package.h"

/* --- looking at transfers on their way -------------------------------------------------------- */

/* Stands before the operations of a server; it lies where the server looks for them. */
struct watched_network {
    struct server_ops ops;
    const struct server_ops *real;
    double *bytes; /* over each link */
};

struct watched_memory {
    struct server_ops ops;
    const struct server_ops *real;
    int64_t channels, interleave_bytes;
    double *bytes; /* over each channel */
};

static bool submit_to_network(struct server *s, const struct transfer *t, time_ps now)
{
    const struct watched_network *w = (const void *)s->ops;
    bool taken = w->real->submit(s, t, now);
    if (taken)
        network_add_load_tree((const struct network *)s, t, w->bytes);
    return taken;
}

static bool submit_to_memory(struct server *s, const struct transfer *t, time_ps now)
{
    const struct watched_memory *w = (const void *)s->ops;
    bool taken = w->real->submit(s, t, now);
    for (int64_t at = (int64_t)t->address, end = at + t->bytes; taken && at < end;) {
        int64_t next = (at / w->interleave_bytes + 1) * w->interleave_bytes;
        next = next < end ? next : end;
        w->bytes[at / w->interleave_bytes % w->channels] += (double)(next - at);
        at = next;
    }
    return taken;
}

static struct watched_network *watch_network(struct arena *a, struct network *n)
{
    struct watched_network *w = ARENA_NEW(a, struct watched_network);
    *w = (struct watched_network){*n->base.ops, n->base.ops,
                                  ARENA_ARRAY(a, double, network_links(n))};
    w->ops.submit = submit_to_network;
    n->base.ops = &w->ops;
    return w;
}

static struct watched_memory *watch_memory(struct arena *a, struct memory *m)
{
    const struct dram_spec *spec = dram_spec_of(m);
    struct watched_memory *w = ARENA_NEW(a, struct watched_memory);
    *w = (struct watched_memory){*m->base.ops, m->base.ops, spec->org.channels,
                                 spec->ctl.interleave_bytes,
                                 ARENA_ARRAY(a, double, spec->org.channels)};
    w->ops.submit = submit_to_memory;
    m->base.ops = &w->ops;
    return w;
}

/* --- what each boundary carries --------------------------------------------------------------- */

/* Of what each could carry in the time; 0 where there is no such boundary. */
enum share { LINKS, SEAMS, MESH, CHANNELS, MEMORY, HOST, SHARES };

static const char *const share_names[SHARES] = {"the busiest link of the mesh or port",
                                                "the busiest link across a seam",
                                                "the mesh by its flits",
                                                "the busiest memory channel",
                                                "the memory by its bursts",
                                                "the host link"};

static double counted(const struct ledger *l, enum part part, const char *action)
{
    double count = 0;
    for (size_t i = 0; i < ledger_rows(l); i++) {
        const struct ledger_row *r = ledger_row(l, i);
        if (r->part == part && strcmp(r->action, action) == 0)
            count += r->count;
    }
    return count;
}

static void share_network(const struct plan *p, const struct watched_network *w,
                          const struct sim_result *r, double share[SHARES])
{
    const struct network *n = p->system->noc;
    double all = 0;
    for (size_t i = 0; i < network_links(n); i++) {
        double rate = network_link_rate(n, i), part = w->bytes[i] / rate / r->time_ps;
        bool seam = n->seam_links && rate == p->system->shape.seam.bytes_per_ps;
        enum share kind = seam ? SEAMS : LINKS;
        share[kind] = part > share[kind] ? part : share[kind];
        all += rate * r->time_ps * (double)p->regions;
    }
    share[MESH] = counted(r->ledger, PART_NOC_LINK, "flit") * (double)n->flit_bits / 8 / all;
}

static void share_memory(const struct memory *m, const struct dram_spec *spec,
                         const struct watched_memory *w, const struct sim_result *r,
                         double share[SHARES])
{
    double channel = m->peak_bytes_per_ps / (double)w->channels * r->time_ps;
    for (int64_t c = 0; c < w->channels; c++)
        share[CHANNELS] = fmax(share[CHANNELS], w->bytes[c] / channel);
    share[MEMORY] = counted(r->ledger, PART_MEMORY_IO, "burst") * (double)spec->org.burst_bytes /
                    (m->peak_bytes_per_ps * r->time_ps);
}

static void carry(const void *user, FILE *out)
{
    const struct machine *m = user;
    struct arena *a = arena_open();
    struct system *s;
    struct trace t;
    struct plan *p;
    struct sim_result r;
    struct sim_options o = {.exact = true};
    struct plan_options every = {.exact = true};
    struct plan_bound bound;
    struct diag d = {.status = 0};
    double share[SHARES] = {0};
    const char *path = run_find_trace(a, m->trace, &d);
    if (!path || !system_open(a, m->system, m->set, m->set_count, &s, &d) ||
        !trace_load(a, path, 100000, &t, &d) || !plan_make_with(a, s, &t, &every, &p, &d))
        child_fail(d.text);
    const struct dram_spec *spec = s->memory ? dram_spec_of(s->memory) : NULL;
    const struct watched_memory *memory = s->memory ? watch_memory(a, s->memory) : NULL;
    const struct watched_network *network = watch_network(a, p->system->noc);
    if (!sim_run(a, p, &o, &r, &d))
        child_fail(d.text);
    share_network(p, network, &r, share);
    if (memory)
        share_memory(s->memory, spec, memory, &r, share);
    plan_bound(p, t.header.batch, &bound);
    share[HOST] = bound.link_ps / r.time_ps;
    for (int i = 0; i < SHARES; i++)
        child_number(out, share[i]);
    arena_close(a);
}

static void nothing_above_one(const struct machine *m, double share[SHARES])
{
    child_numbers(carry, m, share, SHARES);
    printf("  %s on %s:", m->trace, m->system);
    for (int i = 0; i < SHARES; i++)
        printf(" %.3f", share[i]);
    printf("\n");
    fflush(stdout);
    for (int i = 0; i < SHARES; i++)
        ck_assert_msg(share[i] <= 1 + 1e-9, "%s on %s: %s carries %.4f of what it can", m->trace,
                      m->system, share_names[i], share[i]);
    ck_assert_double_gt(share[LINKS], 0);
}

START_TEST(no_boundary_of_five_shipped_machines_carries_more_than_it_can_on_three_samples)
{
    static const char *const systems[] = {"dcim_5nm", "dcim_5nm_hbm3", "quad_dcim_hbm3",
                                          "wafer_cim", "isaac"};
    static const char *const traces[] = {"gpt2_decode", "bert_base", "squeezenet"};
    for (size_t i = 0; i < COUNT_OF(systems) * COUNT_OF(traces); i++) {
        struct machine m = {.system = systems[i % COUNT_OF(systems)],
                            .trace = traces[i / COUNT_OF(systems)]};
        double share[SHARES];
        if (strcmp(m.system, "isaac") != 0 || strcmp(m.trace, "squeezenet") == 0)
            nothing_above_one(&m, share);
    }
}
END_TEST

/* Narrow boundaries, which are nearly filled. */
START_TEST(no_boundary_of_a_narrow_package_carries_more_than_it_can)
{
    struct arena *a = arena_open();
    const char *trace = small_trace(a, "decode");
    double most[SHARES] = {0};
    for (int dies = 1; dies <= 2; dies++)
        for (double gb_per_s = 0.5; gb_per_s <= 8; gb_per_s *= 16) {
            struct small_package p = {.columns = 2,
                                      .rows = dies,
                                      .stacks = 1,
                                      .links = 1,
                                      .link_gb_per_s = gb_per_s,
                                      .link_latency_ns = 2,
                                      .arrays = 2,
                                      .trace = trace};
            struct machine m = small_machine(a, &p);
            double share[SHARES];
            nothing_above_one(&m, share);
            for (int i = 0; i < SHARES; i++)
                most[i] = fmax(most[i], share[i]);
            ck_assert_double_gt(share[SEAMS], 0);
            ck_assert_double_gt(share[CHANNELS], 0);
            remove(m.system);
        }
    ck_assert_double_gt(most[SEAMS], 0.3);
    ck_assert_double_gt(most[CHANNELS], 0.05);
    remove(trace);
    arena_close(a);
}
END_TEST

SUITE("boundaries", no_boundary_of_five_shipped_machines_carries_more_than_it_can_on_three_samples,
      no_boundary_of_a_narrow_package_carries_more_than_it_can)
