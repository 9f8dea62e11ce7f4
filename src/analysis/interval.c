#include "analysis/interval.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/random.h"

static int interval_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void interval_sort(double *x, size_t n)
{
    if (n > 1) qsort(x, n, sizeof *x, interval_order);
}

/* ---- mean and spread ---- */

/* Means are taken of differences from the smallest number: those of equal numbers are 0, so that
 * their mean is one of them. */
static double least(const double *x, size_t n)
{
    double low = x[0];
    for (size_t i = 1; i < n; i++) low = fmin(low, x[i]);
    return low;
}

/* A sum that hardly depends on the order: what each addition loses is added up beside it (Neumaier,
 * "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM 1974). */
struct sum {
    double total, lost;
};

static void sum_add(struct sum *sum, double x)
{
    double total = sum->total + x;
    sum->lost += fabs(sum->total) >= fabs(x) ? sum->total - total + x : x - total + sum->total;
    sum->total = total;
}

double interval_mean(const double *x, size_t n)
{
    struct sum sum = {0, 0};
    if (n == 0) return NAN;
    double low = least(x, n);
    for (size_t i = 0; i < n; i++) sum_add(&sum, x[i] - low);
    return low + (sum.total + sum.lost) / (double)n;
}

double interval_deviation(const double *x, size_t n)
{
    struct sum sum = {0, 0};
    if (n < 2) return NAN;
    double mean = interval_mean(x, n);
    for (size_t i = 0; i < n; i++) sum_add(&sum, (x[i] - mean) * (x[i] - mean));
    return sqrt((sum.total + sum.lost) / (double)(n - 1));
}

double interval_standard_error(const double *x, size_t n)
{
    return interval_deviation(x, n) / sqrt((double)n);
}

/* The k-th smallest, k from 0, found by counting: no copy to sort is needed for a few runs. */
static double ranked(const double *x, size_t n, size_t k)
{
    for (size_t i = 0; i < n; i++) {
        size_t below = 0, equal = 0;
        for (size_t j = 0; j < n; j++) {
            below += x[j] < x[i];
            equal += x[j] == x[i];
        }
        if (below <= k && k < below + equal) return x[i];
    }
    return NAN;
}

double interval_median(const double *x, size_t n)
{
    if (n == 0) return NAN;
    double low = ranked(x, n, (n - 1) / 2), high = ranked(x, n, n / 2);
    return low + (high - low) / 2;
}

double interval_quantile(const double *sorted, size_t n, double p)
{
    if (n == 0) return NAN;
    double place = (double)(n - 1) * p, below = floor(place);
    size_t at = (size_t)below;
    if (at + 1 >= n) return sorted[n - 1];
    return sorted[at] + (place - below) * (sorted[at + 1] - sorted[at]);
}

struct interval interval_student(const double *x, size_t n, double level)
{
    if (n < 2) return (struct interval){NAN, NAN};
    double mean = interval_mean(x, n), error = interval_standard_error(x, n);
    double reach = error > 0 ? error * student_quantile(0.5 + level / 2, (double)(n - 1)) : error;
    return (struct interval){mean - reach, mean + reach};
}

/* ---- bootstrap ---- */

enum { BOOTSTRAP_SEED = 1979 };

basin_status resamples_make(struct arena *arena, size_t n, size_t count,
                            struct resamples **resamples)
{
    struct resamples *made = arena_allocate(arena, sizeof *made);
    if (!made) return BASIN_MEMORY;
    *made = (struct resamples){.n = n, .count = count};
    made->rows = arena_array(arena, uint32_t, count * n + 1);
    made->scratch = arena_array(arena, double, count + n + 1);
    if (!made->rows || !made->scratch) return BASIN_MEMORY;
    struct random random = random_make(BOOTSTRAP_SEED, STREAM_BOOTSTRAP, (uint32_t)n, 0);
    for (size_t i = 0; i < count * n; i++) made->rows[i] = random_below(&random, i, (uint32_t)n);
    *resamples = made;
    return BASIN_OK;
}

static struct interval percentiles(double *values, size_t n, double level)
{
    if (n < 2) return (struct interval){NAN, NAN};
    interval_sort(values, n);
    return (struct interval){interval_quantile(values, n, 0.5 - level / 2),
                             interval_quantile(values, n, 0.5 + level / 2)};
}

struct interval interval_of_mean(const struct resamples *resamples, const double *x, double level)
{
    size_t n = resamples->n;
    double *means = resamples->scratch, *sorted = means + resamples->count;
    if (n < 2) return (struct interval){NAN, NAN};
    memcpy(sorted, x, n * sizeof *x);
    interval_sort(sorted, n); /* which run a resample takes does not depend on their order */
    for (size_t i = 0; i < resamples->count; i++) {
        const uint32_t *rows = resamples->rows + i * n;
        double sum = 0;
        for (size_t k = 0; k < n; k++) sum += sorted[rows[k]] - sorted[0];
        means[i] = sorted[0] + sum / (double)n;
    }
    return percentiles(means, resamples->count, level);
}

struct interval interval_of(const struct resamples *resamples, interval_statistic *statistic,
                            void *context, double level, size_t *defined)
{
    size_t kept = 0;
    for (size_t i = 0; i < resamples->count; i++) {
        double value = statistic(context, resamples->rows + i * resamples->n, resamples->n);
        if (!isnan(value)) resamples->scratch[kept++] = value;
    }
    if (defined) *defined = kept;
    return percentiles(resamples->scratch, kept, level);
}
