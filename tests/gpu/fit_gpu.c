/* Fits a GPU's kernel model on one fifth of the measured GEMMs and reports the error on the rest.
 *
 *   cmake --build build --target cimarron_gpu
 *   cc -O2 -I. -o fit_gpu tests/gpu/fit_gpu.c build/libcimarron_gpu.a build/libcimarron_traces.a \
 *      build/libcimarron_base.a -lconfig -ljansson -lz -lprotobuf-c -lm
 *   ./fit_gpu configs/gpu/h200_sxm.cfg MEASURED.csv "NVIDIA H200"
 *   ./fit_gpu configs/gpu/h100_sxm.cfg MEASURED.csv "NVIDIA H100 80GB HBM3" energy
 *   ./fit_gpu configs/gpu/a100_sxm.cfg MEASURED.csv "NVIDIA A100-SXM4-80GB"
 *
 * Starts from the config's own structure and a neutral guess, minimises the mean |ln ratio| of the
 * times (and, where power was measured, of the power of runs over 100 us) by Nelder-Mead with
 * deterministic restarts, and prints the values to be put into the config.  Without power
 * measurements the energies and the floor stay as the config has them; with `energy` the energy
 * per operation is fitted all the same, from the rates at the power cap.  `keep` fits nothing and
 * prints the errors of the config. */
#include "tests/gpu/measured.h"

enum { PARAMETERS_MAX = 16, RESTARTS = 10, STEPS = 600 };

struct parameter {
    const char *key;
    double *value;
    double low, high;
};

struct problem {
    struct gpu gpu;
    const struct measured *rows;
    size_t count;
    struct parameter parameters[PARAMETERS_MAX];
    int n;
    bool power, energy;
};

static void parameter(struct problem *p, const char *key, double *value, double start, double low,
                      double high)
{
    p->parameters[p->n++] = (struct parameter){key, value, low, high};
    *value = start;
}

static void set_up(struct problem *p)
{
    struct gpu_fit *f = &p->gpu.fit;
    struct gpu_power *w = &p->gpu.power;
    parameter(p, "launch_us", &f->launch_us, 2.5, 0.3, 20);
    parameter(p, "efficiency", &f->efficiency, 0.92, 0.3, 1);
    parameter(p, "tile_half", &f->tile_half, 20, 0.5, 100);
    parameter(p, "fill_ns", &f->fill_ns, 800, 1, 5000);
    parameter(p, "epilogue", &f->epilogue, 0.5, 0.001, 3);
    parameter(p, "wave_rounding", &f->wave_rounding, 0.7, 0.01, 1);
    parameter(p, "memory_efficiency", &f->memory_efficiency, 0.88, 0.3, 1);
    parameter(p, "memory_us", &f->memory_us, 0.5, 0.001, 10);
    parameter(p, "sm_gb_s", &f->sm_gb_s, 60, 5, 500);
    parameter(p, "split_us", &f->split_us, 1, 0.01, 20);
    parameter(p, "l2_speedup", &f->l2_speedup, 2, 1, 10);
    parameter(p, "l2_share", &f->l2_share, 0.3, 0.01, 1);
    if (p->power || p->energy)
        parameter(p, "pj_per_op.bf16", &w->pj_per_op[GPU_BF16], 0.85, 0.1, 3);
    if (p->power) {
        parameter(p, "pj_per_byte", &w->pj_per_byte, 80, 10, 300);
        parameter(p, "floor_w", &w->floor_w, 126, 60, 300);
    }
}

/* Mean |ln ratio| at the logarithms x, plus what lies outside the ranges. */
static double loss(struct problem *p, const double *x)
{
    double time = 0, power = 0, outside = 0;
    size_t times = 0, powers = 0;
    for (int i = 0; i < p->n; i++) {
        double v = exp(x[i]), inside = fmin(fmax(v, p->parameters[i].low), p->parameters[i].high);
        outside += fabs(log(v / inside));
        *p->parameters[i].value = inside;
    }
    for (size_t i = 0; i < p->count; i++) {
        const struct measured *r = &p->rows[i];
        struct gpu_result result;
        if (!r->fit || r->odd)
            continue;
        gpu_run_kernel(&p->gpu, &r->kernel, &result);
        time += fabs(log(result.time_s / r->time_s));
        times++;
        if (p->power && r->time_s >= 100e-6) {
            power += fabs(log(result.power_w / r->power_w));
            powers++;
        }
    }
    return time / (double)times + (powers ? 0.3 * power / (double)powers : 0) + outside;
}

struct simplex {
    double x[PARAMETERS_MAX + 1][PARAMETERS_MAX];
    double f[PARAMETERS_MAX + 1];
};

static void simplex_start(struct problem *p, struct simplex *s, int restart)
{
    for (int i = 0; i <= p->n; i++) {
        for (int j = 0; j < p->n; j++)
            s->x[i][j] = log(*p->parameters[j].value);
    }
    for (int i = 1; i <= p->n; i++)
        s->x[i][i - 1] += (restart % 2 ? -0.12 : 0.2) * (1 + 0.3 * ((i * 7 + restart * 3) % 5));
    for (int i = 0; i <= p->n; i++)
        s->f[i] = loss(p, s->x[i]);
}

/* Replaces the worst corner by a point on the line through the centre of the others. */
static double try_point(struct problem *p, const struct simplex *s, int worst, double stretch,
                        double *point)
{
    for (int j = 0; j < p->n; j++) {
        double centre = 0;
        for (int i = 0; i <= p->n; i++)
            centre += i == worst ? 0 : s->x[i][j] / p->n;
        point[j] = centre + stretch * (s->x[worst][j] - centre);
    }
    return loss(p, point);
}

static void accept(struct simplex *s, int corner, const double *point, double f)
{
    memcpy(s->x[corner], point, sizeof s->x[corner]);
    s->f[corner] = f;
}

static void simplex_step(struct problem *p, struct simplex *s)
{
    double a[PARAMETERS_MAX] = {0}, b[PARAMETERS_MAX] = {0}, fa, fb;
    int best = 0, worst = 0, worse = 0;
    for (int i = 1; i <= p->n; i++) {
        best = s->f[i] < s->f[best] ? i : best;
        worst = s->f[i] > s->f[worst] ? i : worst;
    }
    fa = try_point(p, s, worst, -1, a);
    if (fa < s->f[best]) {
        fb = try_point(p, s, worst, -2, b);
        accept(s, worst, fb < fa ? b : a, fmin(fa, fb));
        return;
    }
    for (int i = 0; i <= p->n; i++)
        worse += i != worst && s->f[i] > fa;
    if (worse > 0) {
        accept(s, worst, a, fa);
        return;
    }
    fb = try_point(p, s, worst, fa < s->f[worst] ? -0.5 : 0.5, b);
    if (fb < fmin(fa, s->f[worst])) {
        accept(s, worst, b, fb);
        return;
    }
    for (int i = 0; i <= p->n; i++) {
        if (i == best)
            continue;
        for (int j = 0; j < p->n; j++)
            s->x[i][j] = (s->x[i][j] + s->x[best][j]) / 2;
        s->f[i] = loss(p, s->x[i]);
    }
}

static void fit(struct problem *p)
{
    static struct simplex s;
    for (int restart = 0; restart < RESTARTS; restart++) {
        int best = 0;
        simplex_start(p, &s, restart);
        for (int i = 0; i < STEPS; i++)
            simplex_step(p, &s);
        for (int i = 1; i <= p->n; i++)
            best = s.f[i] < s.f[best] ? i : best;
        loss(p, s.x[best]);
    }
}

static void print_error(const struct problem *p, const char *what, bool fitted, double from_s,
                        double to_s, bool power)
{
    struct error e = measured_error(&p->gpu, p->rows, p->count, fitted, from_s, to_s, power);
    if (e.count > 0)
        printf("%-28s %5zu rows  mean %5.1f %%  median %5.1f %%  90th %5.1f %%  bias %+5.1f %%\n",
               what, e.count, 100 * e.mean, 100 * e.median, 100 * e.worst_tenth, 100 * e.bias);
}

static void print(const struct problem *p)
{
    for (int i = 0; i < p->n; i++)
        printf("%s = %.4g;\n", p->parameters[i].key, *p->parameters[i].value);
    print_error(p, "time, fitted", true, 0, INFINITY, false);
    print_error(p, "time, held out", false, 0, INFINITY, false);
    print_error(p, "time, held out, < 20 us", false, 0, 20e-6, false);
    print_error(p, "time, held out, >= 20 us", false, 20e-6, INFINITY, false);
    print_error(p, "power, fitted", true, 0, INFINITY, true);
    print_error(p, "power, held out", false, 0, INFINITY, true);
}

int main(int argc, char **argv)
{
    static struct problem p;
    struct arena *arena = arena_open();
    struct diag d = {0};
    struct cfg *config;
    struct gpu *gpu;
    struct measured *rows;
    if (argc < 4 || argc > 5) {
        fprintf(stderr, "fit_gpu CONFIG.cfg MEASURED.csv DEVICE [energy|keep]\n");
        return 2;
    }
    if (!cfg_open(arena, argv[1], NULL, 0, &config, &d) ||
        !gpu_open(arena, cfg_root(config), &gpu, &d)) {
        fprintf(stderr, "%s:%d: %s\n", d.file, d.line, d.text);
        return 2;
    }
    rows = measured_read(argv[2], argv[3], "bfloat16", &p.count);
    p.gpu = *gpu;
    p.rows = rows;
    if (!rows || p.count == 0) {
        fprintf(stderr, "%s: no GEMM of %s\n", argv[2], argv[3]);
        return 2;
    }
    for (size_t i = 0; i < p.count; i++)
        p.power = p.power || rows[i].power_w > 0;
    p.energy = argc == 5 && strcmp(argv[4], "energy") == 0;
    if (argc == 4 || p.energy) {
        set_up(&p);
        fit(&p);
    }
    print(&p);
    free(rows);
    cfg_close(config);
    arena_close(arena);
    return 0;
}
