#include "core/base/rng.h"

#include <assert.h>
#include <math.h>

static uint64_t splitmix64(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* FNV-1a, 64 bits. */
static uint64_t text_hash(const char *text)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 0x100000001b3u;
    return h;
}

struct rng rng_open(uint64_t seed, const char *name)
{
    struct rng r = {{0}, 0, false};
    uint64_t state = seed;
    state = splitmix64(&state) ^ text_hash(name);
    for (size_t i = 0; i < COUNT_OF(r.word); i++)
        r.word[i] = splitmix64(&state);
    return r;
}

static uint64_t rotated(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

uint64_t rng_bits(struct rng *r)
{
    uint64_t *s = r->word;
    uint64_t result = rotated(s[1] * 5, 7) * 9, shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotated(s[3], 45);
    return result;
}

double rng_uniform(struct rng *r)
{
    return (double)(rng_bits(r) >> 11) * 0x1p-53;
}

uint64_t rng_below(struct rng *r, uint64_t bound)
{
    assert(bound > 0);
    uint64_t uneven = (0 - bound) % bound; /* 2^64 mod bound: draws below it would be favoured */
    uint64_t x;
    do
        x = rng_bits(r);
    while (x < uneven);
    return x % bound;
}

/* Marsaglia's polar method: pairs of normals from points in the unit disc. */
double rng_normal(struct rng *r)
{
    if (r->has_spare) {
        r->has_spare = false;
        return r->spare;
    }
    double x, y, s;
    do {
        x = 2 * rng_uniform(r) - 1;
        y = 2 * rng_uniform(r) - 1;
        s = x * x + y * y;
    } while (s >= 1 || s == 0);
    double scale = sqrt(-2 * log(s) / s);
    r->spare = y * scale;
    r->has_spare = true;
    return x * scale;
}

double rng_lognormal(struct rng *r, double sigma)
{
    return exp(sigma * rng_normal(r));
}
