#include "core/gpu/serving.h"

#include <assert.h>

double gpu_serving_rate(const struct gpu_serving *s)
{
    double round_s = s->prefills * s->prefill_s + s->output * s->step_s;
    assert(round_s > 0);
    return s->batch * s->output / round_s;
}
