/* fuzz_annotate.c — any bytes as a file of value histograms: refused with a sentence, or the trace
 * has statistics that are shares. */
#include "tests/fuzz/input.h"
#include "tests/fuzz/judge.h"
#include "traces/annotate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char TRACE[] =
    "{\"cimarron_trace\":1,\"name\":\"t\",\"source\":\"\",\"batch\":1,\"activation_bits\":8,"
    "\"weight_bits\":8}\n"
    "{\"id\":0,\"name\":\"c\",\"op\":\"conv2d\",\"inputs\":[],\"weight\":\"c\",\"in\":[1,3,8,8],"
    "\"out\":[1,4,8,8],\"kernel\":[3,3],\"stride\":[1,1],\"pad\":[1,1,1,1],\"groups\":1}\n"
    "{\"id\":1,\"name\":\"f\",\"op\":\"matmul\",\"inputs\":[0],\"weight\":\"f\",\"m\":1,\"k\":256,"
    "\"n\":10}\n"
    "{\"id\":2,\"name\":\"qk\",\"op\":\"matmul\",\"inputs\":[1,1],\"m\":1,\"k\":10,\"n\":1}\n";

static void check(const struct operand_stats *s)
{
    const double shares[] = {s->density, s->bit_density, s->bit_toggle, s->mean, s->mean_square};
    for (size_t i = 0; !s->is_default && i < COUNT_OF(shares); i++)
        if (!(shares[i] >= 0 && shares[i] <= 1 + 1e-9))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_open();
    struct trace t;
    struct annotated found;
    struct diag d = {.status = 0};
    struct fuzz_input trace = fuzz_input_open((const uint8_t *)TRACE, sizeof TRACE - 1);
    struct fuzz_input in = fuzz_input_open(data, size);
    if (!trace_load(a, trace.path, 10, &t, &d))
        abort();
    bool good = trace_annotate(a, &t, in.path, "net", &found, &d);
    for (size_t i = 0; fuzz_took(good, &d) && i < t.count; i++)
        if (t.ops[i].stats) {
            check(&t.ops[i].stats->activation);
            check(&t.ops[i].stats->weights);
        }
    fuzz_input_close(&in);
    fuzz_input_close(&trace);
    arena_close(a);
    return 0;
}
