/* serving.h — tokens per second of a server that generates, from the times of its two phases.
 *
 * Answers: the rate of a GPU or group that keeps `batch` sequences in flight, each with a prompt
 * that is prefilled once and `output` tokens that are then decoded, one a step, all sequences
 * together.  One round of the batch takes
 *
 *     prefills x prefill_s + output x step_s,     rate = batch x output / that,
 *
 * where step_s is the decode step at the mean context, input + output / 2 (a step is linear in the
 * context), and prefill_s prefills batch / prefills sequences at a time.  It holds for a static
 * batch and, at steady state, for in-flight batching, where each prompt's prefill delays the steps
 * by its own time.
 *
 * Does not answer: the spread of lengths, queueing, the gain of prefilling and decoding in one
 * kernel (weights read once for both), host time, sampling.  Times may come from gpu_run_group. */
#ifndef CIMARRON_GPU_SERVING_H
#define CIMARRON_GPU_SERVING_H

#ifdef __cplusplus
extern "C" {
#endif

struct gpu_serving {
    double batch, output;       /* sequences in flight; tokens generated for each */
    double prefills, prefill_s; /* how many prefills make up the batch; seconds of one */
    double step_s;              /* seconds of a decode step at the mean context */
};

/* Output tokens per second of the whole group; all members > 0. */
double gpu_serving_rate(const struct gpu_serving *s);

#ifdef __cplusplus
}
#endif
#endif
