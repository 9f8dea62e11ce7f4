/* Interval: n numbers as a mean, a spread and an interval of confidence.
 *
 * Purpose.  What a table over runs says beside a mean: standard deviation, standard error, a 95 %
 * interval by Student's t and one by the bootstrap.
 * Promises.  The same numbers give the same results, whatever else was computed before: the
 * resamples of a bootstrap come from a Philox stream of their own whose seed is a constant. The
 * order of the numbers changes at most the last bit. The mean of equal numbers is that number, and
 * their spread is exactly 0.
 * Numbers have to be finite: what is absent or NaN is left out, and counted, by the caller. What is
 * not defined is NaN: a mean of nothing, a spread or an interval of fewer than two numbers.
 * Ownership.  Resamples live in the arena that they are made in.
 *
 *     struct resamples *resamples;
 *     TRY(resamples_make(arena, n, INTERVAL_RESAMPLES, &resamples));
 *     struct interval t = interval_student(x, n, INTERVAL_LEVEL);
 *     struct interval bootstrap = interval_of_mean(resamples, x, INTERVAL_LEVEL);
 */
#ifndef BASIN_ANALYSIS_INTERVAL_H
#define BASIN_ANALYSIS_INTERVAL_H

#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"

#define INTERVAL_LEVEL 0.95
enum { INTERVAL_RESAMPLES = 2000 };

struct interval {
    double low, high;
};

/* Orders numbers, as the functions below do with a copy. */
void interval_sort(double *x, size_t n);

double interval_mean(const double *x, size_t n);
double interval_median(const double *x, size_t n); /* of an even number: between the middle two */
double interval_deviation(const double *x, size_t n);      /* n - 1 */
double interval_standard_error(const double *x, size_t n); /* deviation / sqrt(n) */
/* Quantile p in [0, 1] of numbers in ascending order: linear between the two around (n - 1) p
 * (Hyndman and Fan 1996, type 7; what numpy and R give). */
double interval_quantile(const double *sorted, size_t n, double p);

/* Student's t: P(T <= t) = p for `freedom` > 0 degrees, to near double precision; 0 < p < 1. */
double student_quantile(double p, double freedom);
double student_cumulative(double t, double freedom);
/* mean -+ t(1/2 + level/2; n - 1) * standard error. */
struct interval interval_student(const double *x, size_t n, double level);

/* Resamples of n things: each row has n of 0 ... n-1, drawn with replacement. */
struct resamples {
    size_t n, count;
    uint32_t *rows;  /* (count, n) */
    double *scratch; /* (count + n) */
};
basin_status resamples_make(struct arena *arena, size_t n, size_t count,
                            struct resamples **resamples);

/* A number of the things `rows` (count of them, with repetitions); NaN where it has none. */
typedef double interval_statistic(void *context, const uint32_t *rows, size_t count);

/* Percentile bootstrap (Efron 1979) of the mean: the quantiles of the resamples' means. */
struct interval interval_of_mean(const struct resamples *resamples, const double *x, double level);
/* The same of any statistic. `defined` (or NULL): resamples that have one; the others are left
 * out. NaN where fewer than two have one. */
struct interval interval_of(const struct resamples *resamples, interval_statistic *statistic,
                            void *context, double level, size_t *defined);

#endif
