/* Random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC
 * 2011; Random123).
 *
 * Purpose.  Every random number of a run is a pure function of (seed, stream, major, minor,
 * element). There is no state, so neither the order of calls nor threads can change a number.
 * `major` is the ordinal of a layer or an epoch, `minor` a step.
 *
 * Promise.  The mapping never changes without a new format number; golden values are tested. */
#ifndef BASIN_BASE_RANDOM_H
#define BASIN_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Streams are part of the file format: append only. */
enum random_stream {
    STREAM_INIT,
    STREAM_SHUFFLE,
    STREAM_DROPOUT,
    STREAM_AUGMENT,
    STREAM_LABEL_NOISE,
    STREAM_SUBSET,
    STREAM_PROBE,
    STREAM_DATA,      /* synthetic data sets */
    STREAM_START,     /* start vectors of iterative solvers */
    STREAM_SWEEP,     /* points of a random sweep */
    STREAM_BOOTSTRAP, /* rows of a resample, for intervals over runs */
    STREAM_PERTURB    /* random perturbations of the weights */
};

/* One sequence of numbers: fix these four, then count elements. */
struct random {
    uint64_t seed;
    uint32_t stream, major, minor;
};

struct random random_make(uint64_t seed, enum random_stream stream, uint32_t major, uint32_t minor);

/* Block `index` of a sequence: four independent uniform 32-bit words. Counter words: index, minor,
 * major, stream. */
void random_block(const struct random *random, uint32_t index, uint32_t out[4]);

/* Element `index` of a sequence. Word index % 4 of block index / 4. */
uint32_t random_word(const struct random *random, uint64_t index);
double random_uniform(const struct random *random,
                      uint64_t index); /* [0, 1), 53 bits: uses two words */
double random_normal(const struct random *random, uint64_t index); /* Box-Muller, one per element */
uint32_t random_below(const struct random *random, uint64_t index,
                      uint32_t n); /* 0 .. n-1; bias below 2^-32 n */

/* Arrays of elements 0 .. count-1 of a sequence. */
void random_fill_uniform(const struct random *random, double low, double high, double *out,
                         size_t count);
void random_fill_normal(const struct random *random, double deviation, double *out, size_t count);
void random_fill_sign(const struct random *random, double *out,
                      size_t count); /* +1 or -1: Rademacher */

/* Fisher-Yates permutation of 0 .. count-1. */
void random_permutation(const struct random *random, uint32_t *out, size_t count);

#endif
