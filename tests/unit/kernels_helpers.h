/* For tests of kernels: one task in its three forms, on arrays that are not aligned and end where
 * their memory ends (what reads beyond is seen by the sanitizer), the result between guard elements
 * and full of NaN before (what is not written is seen).
 *
 *     struct trial t = {.name = "add", .set = KERNELS(add), .task = {.size = {2}}, .count = 2};
 *     trial_input(&t, 2, (const double[]){1, 2});
 *     trial_random(&t, 2, -1, 1);
 *     trial_agrees(&t, 1e-6);
 */
#ifndef BASIN_TESTS_KERNELS_HELPERS_H
#define BASIN_TESTS_KERNELS_HELPERS_H

#include <criterion/criterion.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "base/random.h"
#include "kernels/kernels.h"

enum { GUARDS = 3, GUARD = 77 };
enum form { FAST32, FAST64, NAIVE, FORMS };

struct trial {
    const char *name;
    struct kernel_set set;
    struct kernel_task task;
    size_t count;  /* elements of the result */
    bool in_place; /* the result is written over the first input */
    int inputs;
    double *in[KERNEL_INPUTS];
    size_t length[KERNEL_INPUTS];
};

/* Around the width of vectors and the blocks of the kernels. */
static const int64_t widths[] = {1,  2,  7,  8,   9,   15,  16,  17,   31,   32,  33,
                                 63, 64, 65, 100, 129, 257, 513, 1024, 1025, 2050};
enum { WIDTHS = sizeof widths / sizeof *widths };

static inline double *trial_input(struct trial *t, size_t length, const double *values)
{
    double *a = malloc((length + 1) * sizeof *a);
    if (values) memcpy(a, values, length * sizeof *a);
    t->in[t->inputs] = a;
    t->length[t->inputs++] = length;
    return a;
}

/* Numbers that float32 holds as well. */
static inline double *trial_random(struct trial *t, size_t length, double low, double high)
{
    static uint32_t draws;
    struct random random = random_make(12, STREAM_DATA, draws++, 0);
    double *a = trial_input(t, length, NULL);
    random_fill_uniform(&random, low, high, a, length);
    for (size_t i = 0; i < length; i++) {
        volatile float rounded = (float)a[i]; /* without `volatile` gcc 12.2 -O3 leaves out some
                                                 roundings (-ftree-slp-vectorize) */
        a[i] = rounded;
    }
    return a;
}

/* Whole numbers 0 ... below - 1. */
static inline double *trial_indices(struct trial *t, size_t length, double below)
{
    double *a = trial_random(t, length, 0, below);
    for (size_t i = 0; i < length; i++) a[i] = floor(a[i]);
    return a;
}

static inline void trial_end(struct trial *t)
{
    for (int i = 0; i < t->inputs; i++) free(t->in[i]);
    t->inputs = 0;
}

/* Memory of exactly `count` elements whose first lies one element off an aligned place. */
static inline void *off_place(size_t count, size_t size, void **block)
{
    *block = malloc(size + count * size); /* itself aligned to 16 bytes */
    return (char *)*block + size;
}

static inline void store(void *to, enum form form, size_t i, double value)
{
    if (form == FAST32)
        ((float *)to)[i] = (float)value;
    else
        ((double *)to)[i] = value;
}

static inline double stored(const void *from, enum form form, size_t i)
{
    return form == FAST32 ? (double)((const float *)from)[i] : ((const double *)from)[i];
}

static inline void *trial_prepare(struct trial *t, enum form form)
{
    kernel_prepare *prepare = form == FAST32   ? t->set.prepare_float32
                              : form == FAST64 ? t->set.prepare_float64
                                               : NULL;
    t->task.prepared = NULL;
    t->task.scratch = 0;
    if (prepare) cr_assert_eq(prepare(&t->task), BASIN_OK, "%s", t->name);
    return t->task.scratch ? aligned_alloc(64, (t->task.scratch + 63) / 64 * 64) : NULL;
}

/* Writes what one form of the kernel gives to `out`, and checks the guards. */
static inline void trial_run(struct trial *t, enum form form, double *out)
{
    kernel_function *const functions[] = {t->set.float32, t->set.float64, t->set.naive};
    size_t size = form == FAST32 ? sizeof(float) : sizeof(double);
    void *blocks[KERNEL_INPUTS + 1];
    const void *in[KERNEL_INPUTS] = {0};
    char *result = off_place(t->count + 2 * GUARDS, size, &blocks[KERNEL_INPUTS]);
    char *first = result + GUARDS * size;
    for (size_t i = 0; i < t->count + 2 * GUARDS; i++)
        store(result, form, i, i < GUARDS || i >= GUARDS + t->count ? GUARD : NAN);
    for (int k = 0; k < t->inputs; k++) {
        bool over = t->in_place && k == 0;
        char *at = off_place(t->length[k], size, &blocks[k]);
        for (size_t i = 0; i < t->length[k]; i++) store(over ? first : at, form, i, t->in[k][i]);
        in[k] = over ? first : at;
    }
    void *scratch = trial_prepare(t, form);
    if (scratch) in[t->inputs] = scratch;
    functions[form](&t->task, first, in);
    if (t->task.prepared) t->set.release((void *)(uintptr_t)t->task.prepared);
    free(scratch);
    for (size_t i = 0; i < GUARDS; i++) {
        cr_assert_eq(stored(result, form, i), GUARD, "%s, form %d: written before the result",
                     t->name, form);
        cr_assert_eq(stored(result, form, GUARDS + t->count + i), GUARD,
                     "%s, form %d: written behind it", t->name, form);
    }
    for (size_t i = 0; i < t->count; i++) out[i] = stored(first, form, i);
    for (int k = 0; k < t->inputs; k++) free(blocks[k]);
    free(blocks[KERNEL_INPUTS]);
}

static inline bool alike(double a, double b, double tolerance)
{
    return a == b || (isnan(a) && isnan(b)) || fabs(a - b) <= tolerance * (1 + fabs(b));
}

/* Every form against `wanted` (NULL: the fast ones against the naive one). `tolerance` is that of
 * float32; float64 has a share of it as their roundings have. */
static inline void trial_expect(struct trial *t, const double *wanted, double tolerance)
{
    double *naive = malloc((t->count + 1) * sizeof *naive),
           *got = malloc((t->count + 1) * sizeof *got);
    trial_run(t, NAIVE, naive);
    for (enum form form = FAST32; form < FORMS; form++) {
        trial_run(t, form, got);
        for (size_t i = 0; i < t->count; i++) {
            double other = wanted ? wanted[i] : naive[i];
            cr_assert(alike(got[i], other, form == FAST32 ? tolerance : 1e-8 * tolerance),
                      "%s (%lld, %lld, %lld), form %d, element %zu: %.17g, not %.17g", t->name,
                      (long long)t->task.size[0], (long long)t->task.size[1],
                      (long long)t->task.size[2], form, i, got[i], other);
        }
    }
    free(naive);
    free(got);
}

/* The same, and the arrays are released. */
static inline void trial_agrees(struct trial *t, double tolerance)
{
    trial_expect(t, NULL, tolerance);
    trial_end(t);
}

static inline void trial_gives(struct trial *t, const double *wanted, double tolerance)
{
    trial_expect(t, wanted, tolerance);
    trial_end(t);
}

#endif
