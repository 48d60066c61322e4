/* The peak of a compute-in-memory chip: every array busy, with the least that feeds it. */
#include <math.h>
#include <string.h>

#include "core/app/peak.h"
#include "core/app/result.h"
#include "core/base/units.h"
#include "core/system/system.h"

/* "int8" or "int8xint4". */
static bool read_precision(const char *text, int *input_bits, int *weight_bits, struct diag *d)
{
    int end = 0;
    if (!text)
        return true;
    bool both = sscanf(text, "int%2dxint%2d%n", input_bits, weight_bits, &end) == 2;
    if (!both || text[end]) {
        end = 0;
        both = sscanf(text, "int%2d%n", input_bits, &end) == 1;
        *weight_bits = *input_bits;
    }
    if (both && !text[end] && *input_bits >= 1 && *weight_bits >= 1)
        return true;
    if (!strncmp(text, "fp", 2) || !strncmp(text, "bf", 2) || !strncmp(text, "tf", 2))
        return diag_input(d, NULL, 0,
                          "these arrays compute on integers: --precision int8, not '%s'", text);
    return diag_input(d, NULL, 0, "--precision takes int1 to int99 or int8xint4, not '%s'", text);
}

static bool refuse_options(const struct peak_options *o, struct diag *d)
{
    if (o->sparse)
        return diag_input(d, NULL, 0, "these arrays have no 2:4 sparsity: no --sparse");
    if (o->point)
        return diag_input(d, NULL, 0, "a chip has no named operating points: no --point");
    if (o->uncertainty && o->uncertainty < PEAK_SAMPLES_MIN)
        return diag_input(d, NULL, 0, "an interval needs at least %d samples: --uncertainty 1000",
                          PEAK_SAMPLES_MIN);
    return true;
}

/* Bits that are independent, a share of them ones, where the user says so. */
static struct system_work work_of(const struct system *s, const struct peak_options *o, int in,
                                  int w)
{
    struct system_work work = system_usual_work(s, in, w);
    if (!isnan(o->input_density))
        work.input = array_bit_stats(o->input_density, work.input_bits);
    if (!isnan(o->weight_density))
        work.weight = array_bit_stats(o->weight_density, work.weight_bits);
    return work;
}

struct chip_peak {
    const struct system *system;
    struct system_work work;
    struct system_peak peak;
    struct system_power full;
};

static json_t *result_of(struct arena *a, const struct chip_peak *c)
{
    const struct system *s = c->system;
    const struct system_peak *p = &c->peak;
    struct system_area area;
    json_t *o = json_object();
    system_area(s, &area);
    put_text(o, "system", s->name);
    put_text(o, "title", s->title);
    put_real(o, "tops", p->tops);
    put_real(o, "power_w", p->power.total_w);
    put_real(o, "tops_per_w", p->tops / p->power.total_w);
    put_real(o, "area_mm2", p->area_mm2);
    put_real(o, "tops_per_mm2", p->tops / p->area_mm2);
    put_real(o, "memory_gb", p->memory_gb);
    put_real(o, "memory_gb_s", p->memory_gb_s);
    put_real(o, "on_chip_mb", p->on_chip_mb);
    put_text(o, "precision",
             p->input_bits == p->weight_bits
                 ? arena_printf(a, "int%d", p->input_bits)
                 : arena_printf(a, "int%dxint%d", p->input_bits, p->weight_bits));
    put_int(o, "input_bits", p->input_bits);
    put_int(o, "weight_bits", p->weight_bits);
    put_real(o, "input_density", c->work.input.bit_density);
    put_real(o, "weight_density", c->work.weight.bit_density);
    put_text(o, "power_scope", power_scope_name(s->scope));
    put_real(o, "node_nm", s->node_nm);
    put_int(o, "arrays", s->arrays);
    put_real(o, "full_activity_power_w", c->full.total_w);
    put_parts(o, "power_by_part_w", p->power.part_w, 1);
    put_parts(o, "full_activity_power_by_part_w", c->full.part_w, 1);
    put_parts(o, "area_by_part_mm2", area.part_um2, 1 / UM2_PER_MM2);
    if (area.rest_um2 > 0)
        put_real(json_object_get(o, "area_by_part_mm2"), "rest", area.rest_um2 / UM2_PER_MM2);
    return o;
}

bool peak_chip(const struct app *app, const char *path, const struct peak_options *o, json_t **out,
               struct diag *d)
{
    struct system *s;
    struct chip_peak c = {.system = NULL};
    int input_bits = 0, weight_bits = 0;
    TRY(refuse_options(o, d));
    TRY(read_precision(o->precision, &input_bits, &weight_bits, d));
    TRY(system_open(app->arena, path, app->set, app->common.set.count, &s, d));
    c.system = s;
    c.work = work_of(s, o, input_bits, weight_bits);
    TRY(system_peak(s, &c.work, &c.peak, d));
    TRY(system_full_power(s, &c.work, &c.full, d));
    *out = result_of(app->arena, &c);
    if (o->uncertainty) {
        double range[2];
        system_peak_interval(app->arena, &c.peak, (size_t)o->uncertainty,
                             (uint64_t)app->common.seed, range);
        json_object_set_new(*out, "tops_per_w_interval", json_pack("[f, f]", range[0], range[1]));
    }
    return true;
}
