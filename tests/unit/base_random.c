/* base/random.c: Philox4x32-10 against the values published with Random123; golden permutation;
 * distributions by statistics. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/random.h"

enum { MANY = 200000 };
static double numbers[MANY];

/* kat_vectors of Random123: counter (index, minor, major, stream), key (low, high half of the
 * seed). */
Test(random, known_answers)
{
    static const struct {
        uint32_t counter[4];
        uint64_t seed;
        uint32_t expected[4];
    } answers[] = {
        {{0, 0, 0, 0}, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{~0u, ~0u, ~0u, ~0u}, ~0ull, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         0x299f31d0a4093822,
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < 3; i++) {
        const uint32_t *counter = answers[i].counter;
        struct random random = {.seed = answers[i].seed,
                                .stream = counter[3],
                                .major = counter[2],
                                .minor = counter[1]};
        uint32_t block[4];
        random_block(&random, counter[0], block);
        cr_assert_arr_eq(block, answers[i].expected, sizeof block);
    }
}

Test(random, streams_keep_their_numbers)
{
    cr_assert_eq(STREAM_INIT, 0);
    cr_assert_eq(STREAM_SHUFFLE, 1);
    cr_assert_eq(STREAM_DROPOUT, 2);
    cr_assert_eq(STREAM_AUGMENT, 3);
    cr_assert_eq(STREAM_LABEL_NOISE, 4);
    cr_assert_eq(STREAM_SUBSET, 5);
    cr_assert_eq(STREAM_PROBE, 6);
    cr_assert_eq(STREAM_DATA, 7);
    cr_assert_eq(STREAM_START, 8);
    cr_assert_eq(STREAM_SWEEP, 9);
    cr_assert_eq(STREAM_BOOTSTRAP, 10);
}

Test(random, every_part_of_the_key_counts)
{
    struct random base = random_make(1, STREAM_INIT, 2, 3),
                  other[] = {random_make(2, STREAM_INIT, 2, 3),
                             random_make(1ull << 32 | 1, STREAM_INIT, 2, 3),
                             random_make(1, STREAM_PROBE, 2, 3), random_make(1, STREAM_INIT, 3, 3),
                             random_make(1, STREAM_INIT, 2, 4)};
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        cr_assert_neq(random_word(&base, 5), random_word(&other[i], 5), "part %zu", i);
}

/* From the definition: element i is word i % 4 of block i / 4; a uniform takes words 2i and 2i + 1,
 * 53 bits. */
Test(random, elements_follow_from_blocks)
{
    struct random random = random_make(77, STREAM_SHUFFLE, 4, 9);
    uint32_t block[4];
    for (uint32_t i = 0; i < 40; i++) {
        random_block(&random, i / 4, block);
        cr_assert_eq(random_word(&random, i), block[i % 4]);
        cr_assert_eq(random_below(&random, i, 10),
                     (uint32_t)((uint64_t)block[i % 4] * 10 / 4294967296u));
        random_block(&random, i / 2, block);
        double expected = ldexp(block[i % 2 * 2], -32) + ldexp(block[i % 2 * 2 + 1] & ~0x7ffu, -64);
        cr_assert_eq(random_uniform(&random, i), expected);
    }
}

static void moments(double *mean, double *variance)
{
    *mean = *variance = 0;
    for (int i = 0; i < MANY; i++) *mean += numbers[i] / MANY;
    for (int i = 0; i < MANY; i++) *variance += (numbers[i] - *mean) * (numbers[i] - *mean) / MANY;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Kolmogorov's distance of the sorted numbers from a distribution; beyond 1.95 / sqrt(n) once in a
 * thousand draws. */
static double distance(double (*cdf)(double))
{
    double most = 0;
    qsort(numbers, MANY, sizeof *numbers, compare);
    for (int i = 0; i < MANY; i++) most = fmax(most, fabs(cdf(numbers[i]) - (i + 0.5) / MANY));
    return most;
}

static double uniform_cdf(double x)
{
    return (x + 2) / 5;
}

static double normal_cdf(double x)
{
    return 0.5 * erfc(-x / 3 / sqrt(2));
}

Test(random, uniforms)
{
    struct random random = random_make(5, STREAM_DATA, 0, 0);
    random_fill_uniform(&random, -2, 3, numbers, MANY);
    cr_assert_eq(numbers[17], -2 + 5 * random_uniform(&random, 17));
    cr_assert_lt(distance(uniform_cdf), 1.95 / sqrt(MANY));
    cr_assert(numbers[0] >= -2 && numbers[MANY - 1] < 3);
}

Test(random, normals)
{
    struct random random = random_make(5, STREAM_DATA, 1, 0);
    random_fill_normal(&random, 3, numbers, MANY);
    cr_assert_eq(numbers[18], 3 * random_normal(&random, 18));
    double product = 0; /* the two of a Box-Muller pair are uncorrelated */
    for (int i = 0; i < MANY; i += 2) product += numbers[i] * numbers[i + 1] / (9 * MANY / 2.0);
    cr_assert_lt(fabs(product), 4 / sqrt(MANY / 2.0));
    cr_assert_lt(distance(normal_cdf), 1.95 / sqrt(MANY));
}

Test(random, signs)
{
    struct random random = random_make(5, STREAM_PROBE, 0, 0);
    random_fill_sign(&random, numbers, MANY);
    double mean, variance, pairs = 0;
    moments(&mean, &variance);
    for (int i = 0; i < MANY; i++) cr_assert(fabs(numbers[i]) == 1);
    for (int i = 0; i + 1 < MANY; i++) pairs += numbers[i] * numbers[i + 1] / MANY;
    cr_assert_lt(fabs(mean), 4 / sqrt(MANY));
    cr_assert_lt(fabs(pairs), 4 / sqrt(MANY));
    uint32_t block[4]; /* one bit each, from the lowest of the first word */
    random_block(&random, 0, block);
    for (int i = 0; i < 128; i++) cr_assert_eq(numbers[i], block[i / 32] >> (i % 32) & 1 ? 1 : -1);
}

Test(random, below_is_even)
{
    struct random random = random_make(6, STREAM_SUBSET, 0, 0);
    double counts[7] = {0}, chi = 0;
    for (uint64_t i = 0; i < 70000; i++) counts[random_below(&random, i, 7)]++;
    for (int i = 0; i < 7; i++) chi += (counts[i] - 10000) * (counts[i] - 10000) / 10000;
    cr_assert_lt(chi, 22.5); /* chi square with 6 degrees of freedom: p = 0.001 */
}

/* Fisher-Yates from the top, in the order that the format fixes. */
static void naive_permutation(const struct random *random, uint32_t *out, size_t count)
{
    for (size_t i = 0; i < count; i++) out[i] = (uint32_t)i;
    for (size_t last = count - 1; last >= 1; last--) {
        size_t other = random_below(random, last + 1, (uint32_t)(last + 1));
        uint32_t kept = out[last];
        out[last] = out[other];
        out[other] = kept;
    }
}

Test(random, golden_permutation)
{
    static const uint32_t golden[10] = {7, 8, 6, 5, 9, 4, 3, 0, 2, 1};
    struct random random = random_make(0, STREAM_SHUFFLE, 1, 0);
    uint32_t order[1000], expected[1000];
    random_permutation(&random, order, 10);
    cr_assert_arr_eq(order, golden, sizeof golden);
    random_permutation(&random, order, 1000);
    naive_permutation(&random, expected, 1000);
    cr_assert_arr_eq(order, expected, sizeof order);
    bool seen[1000] = {false};
    for (int i = 0; i < 1000; i++) {
        cr_assert(order[i] < 1000 && !seen[order[i]]);
        seen[order[i]] = true;
    }
    random_permutation(&random, order, 0);
    random_permutation(&random, order, 1);
    cr_assert_eq(order[0], 0);
}

/* Each of the 24 orders of four comes as often as any other. */
Test(random, permutations_are_even)
{
    double counts[256] = {0}, chi = 0;
    for (uint32_t epoch = 0; epoch < 24000; epoch++) {
        struct random random = random_make(3, STREAM_SHUFFLE, epoch, 0);
        uint32_t order[4];
        random_permutation(&random, order, 4);
        counts[order[0] * 64 + order[1] * 16 + order[2] * 4 + order[3]]++;
    }
    int orders = 0;
    for (int i = 0; i < 256; i++) {
        if (counts[i] == 0) continue;
        orders++;
        chi += (counts[i] - 1000) * (counts[i] - 1000) / 1000;
    }
    cr_assert_eq(orders, 24);
    cr_assert_lt(chi, 49.7); /* 23 degrees of freedom: p = 0.001 */
}
