/* cimarron gpu: time and energy of one kernel on a GPU, or of a CSV of kernels. */
#include "core/app/app.h"
#include "core/app/result.h"
#include "core/gpu/gpu_batch.h"

struct gpu_options {
    const char *op, *dtype, *batch;
    struct reals shape;
};

static const struct gpu_options defaults = {.op = "matmul", .dtype = "fp16"};

static const struct option options[] = {
    {"op", 0, OPTION_TEXT, offsetof(struct gpu_options, op), "OP", 0, 0,
     "the kernel, as named above [matmul]"},
    {"shape", 0, OPTION_REALS, offsetof(struct gpu_options, shape), "M,N,K[,BATCH]", 1, 1e12,
     "the product, or the attention; M,N elements for the others"},
    {"dtype", 0, OPTION_TEXT, offsetof(struct gpu_options, dtype), "DTYPE", 0, 0,
     "int8, fp8, fp16, bf16, tf32 or fp32 [fp16]"},
    {"batch", 0, OPTION_TEXT, offsetof(struct gpu_options, batch), "FILE.csv", 0, 0,
     "kernels in a file with the columns op,dtype,m,n,k,batch instead"},
};

static bool whole(const struct reals *shape)
{
    for (size_t i = 0; i < shape->count; i++)
        if (shape->items[i] != floor(shape->items[i]))
            return false;
    return true;
}

static bool read_shape(const struct gpu_options *o, struct gpu_kernel *k, struct diag *d)
{
    const struct reals *s = &o->shape;
    bool product = k->op == GPU_MATMUL || k->op == GPU_CONV || k->op == GPU_ATTENTION;
    if (product && s->count < 3)
        return diag_input(d, NULL, 0, "%s needs --shape M,N,K or M,N,K,BATCH (or --batch FILE.csv)",
                          o->op);
    if (!product && s->count != 2)
        return diag_input(d, NULL, 0, "%s moves M x N elements: --shape M,N", o->op);
    if (!whole(s))
        return diag_input(d, NULL, 0, "--shape takes whole numbers from 1 to 1e12");
    k->m = s->items[0];
    k->n = s->items[1];
    k->k = product ? s->items[2] : 0;
    k->batch = s->count > 3 ? s->items[3] : 1;
    return true;
}

static bool read_kernel(const struct gpu_options *o, struct gpu_kernel *k, struct diag *d)
{
    *k = (struct gpu_kernel){0};
    if (!gpu_op_find(o->op, &k->op))
        return diag_input(d, NULL, 0,
                          "--op takes matmul, conv, attention, elementwise, softmax, norm, pool or "
                          "copy, not '%s'",
                          o->op);
    if (!gpu_dtype_find(o->dtype, &k->dtype))
        return diag_input(d, NULL, 0, "--dtype takes int8, fp8, fp16, bf16, tf32 or fp32, not '%s'",
                          o->dtype);
    return read_shape(o, k, d);
}

/* One kernel of the options, or all of the file. */
static bool read_kernels(struct arena *a, const struct gpu_options *o, struct gpu_batch *out,
                         struct diag *d)
{
    if (o->batch && o->shape.count)
        return diag_input(d, NULL, 0, "either --shape or --batch FILE.csv, not both");
    if (o->batch)
        return gpu_batch_read(a, o->batch, out, d);
    out->count = 1;
    out->kernels = ARENA_NEW(a, struct gpu_kernel);
    return read_kernel(o, out->kernels, d);
}

/* A type that the GPU lacks runs as the next wider one, which the row says. */
static json_t *row_of(const struct gpu *g, const struct gpu_kernel *k)
{
    struct gpu_result r;
    json_t *o = json_object();
    gpu_run_kernel(g, k, &r);
    put_text(o, "gpu", gpu_name(g));
    put_text(o, "op", gpu_op_name(k->op));
    put_text(o, "dtype", gpu_dtype_name(k->dtype));
    put_text(o, "runs_as", gpu_dtype_name(gpu_dtype_fallback(g, k->dtype)));
    put_count(o, "m", k->m);
    put_count(o, "n", k->n);
    put_count(o, "k", k->k);
    put_count(o, "batch", k->batch);
    put_real(o, "time_us", r.time_s * 1e6);
    put_real(o, "power_w", r.power_w);
    put_real(o, "energy_mj", r.energy_j * 1e3);
    put_count(o, "ops", r.ops);
    put_real(o, "tops", r.ops / r.time_s * 1e-12);
    put_text(o, "bound", r.bound);
    return o;
}

static bool open_gpu(struct app *app, const char *name, struct gpu **out, struct diag *d)
{
    static const char *const roles[] = {"gpu", NULL};
    struct cfg *c;
    const char *path;
    TRY(app_open_config(app, name, roles, &c, &path, d));
    bool ok = gpu_open(app->arena, cfg_root(c), out, d);
    cfg_close(c);
    return ok;
}

static int run(struct app *app, const struct texts *words, void *values)
{
    const struct gpu_options *o = values;
    struct gpu_batch kernels = {0};
    struct gpu *g;
    struct diag d = {0};
    if (!read_kernels(app->arena, o, &kernels, &d) || !open_gpu(app, words->items[0], &g, &d))
        return app_fail(&d);
    if (!o->batch)
        return app_report(app, row_of(g, kernels.kernels));
    json_t *rows = json_array();
    for (size_t i = 0; i < kernels.count; i++)
        json_array_append_new(rows, row_of(g, &kernels.kernels[i]));
    return app_report(app, rows);
}

const struct command command_gpu = {
    .name = "gpu",
    .summary = "time and energy of one kernel on a GPU, or of a CSV",
    .words = "NAME",
    .about =
        "A product [M, K] x [K, N] (BATCH of them), or a kernel that moves M x N elements in and\n"
        "out, on a GPU of configs/gpu, replayed in a CUDA graph.  Kernels: matmul, conv (as "
        "im2col),\n"
        "attention, elementwise, softmax, norm, pool, copy.  Attention: M queries of width K, N "
        "keys\n"
        "and values, all of them seen, for each of BATCH KV heads.  A type that the GPU lacks runs "
        "as\n"
        "the next wider one: runs_as.\n"
        "\n"
        "RESULT\n"
        "  gpu, op, dtype, runs_as, m, n, k, batch, time_us, power_w (of the board), energy_mj, "
        "ops,\n"
        "  tops, bound (compute, memory, launch or power): one object, with --batch FILE.csv an\n"
        "  array with a row per kernel, in the file's order\n"
        "\n"
        "EXAMPLES\n"
        "  cimarron gpu h100_sxm --shape 4096,4096,4096 --dtype fp8\n"
        "  cimarron gpu h100_sxm --op attention --shape 8,4096,128,32\n"
        "  cimarron gpu a100_sxm --batch kernels.csv --format csv\n",
    .options = options,
    .option_count = COUNT_OF(options),
    .values_size = sizeof(struct gpu_options),
    .defaults = &defaults,
    .words_min = 1,
    .words_max = 1,
    .takes_set = true,
    .run = run,
};
