#include "base/random.h"

#include <math.h>
#include <Random123/philox.h>

struct random random_make(uint64_t seed, enum random_stream stream, uint32_t major, uint32_t minor)
{
    return (struct random){
        .seed = seed, .stream = (uint32_t)stream, .major = major, .minor = minor};
}

void random_block(const struct random *random, uint32_t index, uint32_t out[4])
{
    philox4x32_key_t key = {{(uint32_t)random->seed, (uint32_t)(random->seed >> 32)}};
    philox4x32_ctr_t counter = {{index, random->minor, random->major, random->stream}};
    philox4x32_ctr_t result = philox4x32(counter, key);
    for (int i = 0; i < 4; i++) out[i] = result.v[i];
}

uint32_t random_word(const struct random *random, uint64_t index)
{
    uint32_t block[4];
    random_block(random, (uint32_t)(index / 4), block);
    return block[index % 4];
}

static double unit(uint32_t high, uint32_t low)
{
    return (double)(((uint64_t)high << 32 | low) >> 11) * 0x1p-53;
}

double random_uniform(const struct random *random, uint64_t index)
{
    uint32_t block[4];
    random_block(random, (uint32_t)(index / 2), block);
    return unit(block[2 * (index % 2)], block[2 * (index % 2) + 1]);
}

double random_normal(const struct random *random, uint64_t index)
{
    uint32_t
        block[4]; /* one block makes a pair: the cosine for the even element, the sine for the odd
                     one */
    random_block(random, (uint32_t)(index / 2), block);
    double radius = sqrt(-2 * log(1 - unit(block[0], block[1])));
    double angle = 2 * M_PI * unit(block[2], block[3]);
    return radius * (index % 2 ? sin(angle) : cos(angle));
}

uint32_t random_below(const struct random *random, uint64_t index, uint32_t n)
{
    return (uint32_t)((uint64_t)random_word(random, index) * n >> 32);
}

void random_fill_uniform(const struct random *random, double low, double high, double *out,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) out[i] = low + (high - low) * random_uniform(random, i);
}

void random_fill_normal(const struct random *random, double deviation, double *out, size_t count)
{
    for (size_t i = 0; i < count; i++) out[i] = deviation * random_normal(random, i);
}

void random_fill_sign(const struct random *random, double *out, size_t count)
{
    uint32_t block[4];
    for (size_t i = 0; i < count; i++) {
        size_t word = i / 32;
        if (i % 128 == 0) random_block(random, (uint32_t)(i / 128), block);
        out[i] = block[word % 4] >> (i % 32) & 1 ? 1 : -1;
    }
}

void random_permutation(const struct random *random, uint32_t *out, size_t count)
{
    for (size_t i = 0; i < count; i++) out[i] = (uint32_t)i;
    for (size_t i = count; i > 1; i--) {
        uint32_t j = random_below(random, i, (uint32_t)i), other = out[j];
        out[j] = out[i - 1];
        out[i - 1] = other;
    }
}
