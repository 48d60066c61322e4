/* On how many machines, in which regions, and where the next device begins. */
#include "tests/plan/fixture.h"

#include "chiplet/wafer.h"

static struct plan *on(struct arena *a, const char *system, const char *sample, int64_t batch,
                       int64_t devices, struct diag *d)
{
    struct plan_options o = {.devices = devices};
    struct plan *p = NULL;
    struct trace *t = sample_trace(a, sample, 0);
    ck_assert(batch < 2 || trace_scale_batch(t, batch, d));
    return plan_make_with(a, plan_chip(a, system, NULL, 0), t, &o, &p, d) ? p : NULL;
}

static struct plan *fits(struct arena *a, const char *system, const char *sample, int64_t batch)
{
    struct diag d = {.status = 0};
    struct plan *p = on(a, system, sample, batch, 0, &d);
    ck_assert_msg(p != NULL, "%s", d.text);
    return p;
}

START_TEST(every_block_of_a_language_model_has_a_region)
{
    struct arena *a = arena_open();
    struct plan *p = fits(a, "configs/wafer/wafer_cim.cfg", "llama2_7b_decode", 0);
    ck_assert(p->spread && p->resident);
    ck_assert_int_eq((int64_t)p->segment_count, 32 + 1); /* blocks, and the head */
    ck_assert_int_eq(p->devices, 1);
    ck_assert_int_ge(p->regions, 33);
    ck_assert_int_le(p->regions * p->system->tiles, p->machine->tiles);
    arena_close(a);
}
END_TEST

START_TEST(sequences_on_a_wafer_take_of_a_port_what_others_leave)
{
    struct arena *a = arena_open();
    struct plan *p = fits(a, "configs/wafer/wafer_cim.cfg", "llama2_7b_decode", 4);
    const struct segment *g = &p->segments[1];
    double sum = 0;
    int stages = 0;
    ck_assert_double_gt(g->pace_ps, 0);
    ck_assert_double_ge(plan_pace_ps(p), g->pace_ps);
    for (int32_t i = 0; i < g->stage_count; i++) {
        const struct stage *s = &p->stages[g->first_stage + i];
        double busy = stage_rows_ps(s, s->rows, NULL);
        if (stage_is_outside(s))
            continue;
        ck_assert_double_le(busy, g->pace_ps * 1.000001); /* all keep up */
        sum += busy;
        stages++;
    }
    ck_assert_double_lt(sum, 0.5 * stages * g->pace_ps); /* and none has to take all the time */
    arena_close(a);
}
END_TEST

static bool is_sent(const struct flow *flows, size_t count, uint32_t tile)
{
    for (size_t f = 0; f < count; f++)
        for (uint32_t i = 0; i < flows[f].count; i++)
            if (flows[f].dst[i] == tile)
                return true;
    return false;
}

START_TEST(products_on_a_wafer_that_read_the_same_get_it_by_the_same_trees)
{
    struct arena *a = arena_open();
    struct plan *p = fits(a, "configs/wafer/wafer_cim.cfg", "llama2_7b_decode", 0);
    const struct segment *g = &p->segments[1];
    int riders = 0;
    for (int32_t k = 0; k < g->edge_count; k++) {
        const struct edge *e = &p->edges[g->first_edge + k];
        const struct edge *lead = &p->edges[e->with];
        const struct layouts *at = &p->stages[e->consumer].makes;
        riders += e->rides;
        for (size_t i = 0; e->rides && i < at->count; i++)
            ck_assert(is_sent(lead->flows, lead->flow_count, at->at[i].tile) ||
                      is_sent(lead->to_hub, lead->to_hub_count, at->at[i].tile));
        ck_assert(!e->rides || (e->flow_count == 0 && e->producer == lead->producer));
    }
    ck_assert_int_eq(riders, 3); /* k and v beside q, up beside gate */
    arena_close(a);
}
END_TEST

START_TEST(equal_blocks_are_planned_once)
{
    struct arena *a = arena_open();
    struct plan *p = fits(a, "configs/wafer/wafer_cim.cfg", "gpt3_175b_decode", 0);
    size_t own = 0;
    for (size_t g = 0; g < p->segment_count; g++)
        own += p->segments[g].twin < 0;
    ck_assert_uint_eq(p->segment_count, 97);
    ck_assert_uint_le(own, 5); /* first, next, crossing, head */
    arena_close(a);
}
END_TEST

START_TEST(a_device_ends_where_its_regions_do)
{
    struct arena *a = arena_open();
    struct plan *p = fits(a, "configs/wafer/wafer_cim.cfg", "llama2_70b_decode", 0);
    int64_t crossings = 0;
    ck_assert_int_gt(p->devices, 1);
    for (int64_t g = 0; g < (int64_t)p->segment_count; g++) {
        ck_assert_int_eq(p->segments[g].crosses, g > 0 && g % p->regions == 0);
        crossings += p->segments[g].crosses;
    }
    ck_assert_int_eq(crossings, p->devices - 1);
    arena_close(a);
}
END_TEST

START_TEST(caches_of_more_samples_ask_for_larger_regions)
{
    struct arena *a = arena_open();
    struct plan *one = fits(a, "configs/wafer/wafer_cim.cfg", "llama2_7b_decode", 0);
    struct plan *many = fits(a, "configs/wafer/wafer_cim.cfg", "llama2_7b_decode", 64);
    ck_assert_int_gt(many->system->tiles, one->system->tiles);
    ck_assert_int_ge(many->devices, one->devices);
    arena_close(a);
}
END_TEST

START_TEST(memories_of_several_packages_hold_what_one_cannot)
{
    struct arena *a = arena_open();
    struct plan *p = fits(a, "configs/package/quad_dcim_hbm3.cfg", "gpt3_175b_decode", 0);
    double bytes = trace_weights(p->whole);
    ck_assert(!p->resident && !p->spread);
    ck_assert_int_eq(p->devices, (int64_t)(bytes / (double)p->system->memory->capacity_bytes) + 1);
    arena_close(a);
}
END_TEST

START_TEST(devices_that_would_idle_are_refused)
{
    struct arena *a = arena_open();
    struct diag d = {.status = 0};
    ck_assert_ptr_null(on(a, "configs/wafer/wafer_cim.cfg", "gpt2_decode", 0, 2, &d));
    ck_assert_msg(strstr(d.text, "idle") != NULL, "%s", d.text);
    d = (struct diag){.status = 0};
    ck_assert_ptr_null(on(a, "configs/chip/isaac.cfg", "resnet50", 0, 2, &d));
    ck_assert_msg(strstr(d.text, "no link") != NULL, "%s", d.text);
    arena_close(a);
}
END_TEST

START_TEST(segments_in_two_banks_have_half_of_the_arrays)
{
    static const char *const systems[] = {"configs/package/quad_dcim_hbm3.cfg",
                                          "configs/chip/dcim_5nm_hbm3.cfg"};
    for (size_t i = 0; i < COUNT_OF(systems); i++) {
        struct arena *a = arena_open();
        struct plan *p = fits(a, systems[i], "llama2_7b_decode", 0);
        ck_assert_int_eq(p->banks, 2);
        ck_assert_int_le(2 * p->system->arrays_per_tile, p->machine->arrays_per_tile);
        ck_assert_int_le(2 * p->arrays_used, p->machine->arrays);
        for (size_t k = 0; k < p->segment_count; k++)
            ck_assert_int_le(2 * p->segments[k].arrays, p->machine->arrays);
        arena_close(a);
    }
}
END_TEST

START_TEST(every_load_is_dealt_exactly_once)
{
    struct arena *a = arena_open();
    struct plan *p = fits(a, "configs/package/quad_dcim_hbm3.cfg", "llama2_7b_decode", 0);
    const struct segment *g = &p->segments[1];
    double bytes = 0;
    ck_assert(!g->loads[0].joins);
    for (size_t i = 0; i < g->load_count; i++) {
        bytes += g->loads[i].bytes;
        ck_assert(!g->loads[i].joins || g->loads[i].stage == g->loads[i - 1].stage);
        ck_assert_int_eq(system_die_of(p->system, g->loads[i].flow.dst[0]) *
                             (p->system->memory_ports / 4),
                         (int64_t)(g->loads[i].flow.src - p->system->tiles - 1) /
                             (p->system->memory_ports / 4) * (p->system->memory_ports / 4));
    }
    ASSERT_NEAR(bytes, g->weight_bytes, 1e-9);
    arena_close(a);
}
END_TEST

SUITE("machines", every_block_of_a_language_model_has_a_region, equal_blocks_are_planned_once,
      sequences_on_a_wafer_take_of_a_port_what_others_leave,
      products_on_a_wafer_that_read_the_same_get_it_by_the_same_trees,
      a_device_ends_where_its_regions_do, caches_of_more_samples_ask_for_larger_regions,
      memories_of_several_packages_hold_what_one_cannot, devices_that_would_idle_are_refused,
      segments_in_two_banks_have_half_of_the_arrays, every_load_is_dealt_exactly_once)
