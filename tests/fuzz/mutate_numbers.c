/* mutate_numbers.c — for targets whose inputs are texts of numbers: every other change puts another
 * number in the place of one, so that what is inside stays whole and is reached. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed);

static int is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static uint64_t next(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

/* The beginning of a number at or behind `from`, going round; `size`: there is none. */
static size_t find_number(const uint8_t *data, size_t size, size_t from)
{
    for (size_t i = 0; i < size; i++) {
        size_t at = (from + i) % size;
        if (is_digit(data[at]) && (at == 0 || !is_digit(data[at - 1])))
            return at;
    }
    return size;
}

static void draw_number(uint64_t *state, uint64_t old, char *out, size_t size)
{
    static const char *const words[] = {
        "0",   "1", "2", "3", "64", "255", "1e-9", "0.5", "-1", "2147483648", "9007199254740993",
        "1e18"};
    switch (next(state) % 6) {
    case 0:
        snprintf(out, size, "%s", words[next(state) % (sizeof words / sizeof words[0])]);
        return;
    case 1:
        snprintf(out, size, "%llu", (unsigned long long)(old + 1));
        return;
    case 2:
        snprintf(out, size, "%llu", (unsigned long long)(old ? old - 1 : 0));
        return;
    case 3:
        snprintf(out, size, "%llu", (unsigned long long)(old * 2));
        return;
    case 4:
        snprintf(out, size, "%llu", (unsigned long long)(old / 2));
        return;
    default:
        snprintf(out, size, "%llu", (unsigned long long)(next(state) % 40));
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed)
{
    uint64_t state = seed;
    char number[32];
    if (size == 0 || next(&state) % 2 == 0)
        return LLVMFuzzerMutate(data, size, most);
    size_t at = find_number(data, size, (size_t)next(&state) % size), end = at;
    if (at == size)
        return LLVMFuzzerMutate(data, size, most);
    uint64_t old = 0;
    for (; end < size && is_digit(data[end]); end++)
        old = old * 10 + (uint64_t)(data[end] - '0');
    draw_number(&state, old, number, sizeof number);
    size_t length = strlen(number);
    if (size - (end - at) + length > most)
        return size;
    memmove(data + at + length, data + end, size - end);
    memcpy(data + at, number, length);
    return size - (end - at) + length;
}
