#include "analysis/ranking.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "analysis/kendall.h"
#include "base/random.h"

/* ---- runs that agree in everything but one axis ---- */

struct order {
    const struct ranking_grid *grid;
    size_t axis;
};

static int compare_but(const struct order *order, uint32_t left, uint32_t right)
{
    const struct ranking_grid *grid = order->grid;
    const uint32_t *a = grid->places + left * grid->axis_count,
                   *b = grid->places + right * grid->axis_count;
    if (grid->seeds[left] != grid->seeds[right])
        return grid->seeds[left] < grid->seeds[right] ? -1 : 1;
    for (size_t i = 0; i < grid->axis_count; i++)
        if (i != order->axis && a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
    return 0;
}

static int compare_in_order(const void *left, const void *right, void *context)
{
    const struct order *order = context;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    int by_others = compare_but(order, a, b);
    return by_others ? by_others : (a > b) - (a < b);
}

/* The runs, those that differ in the axis alone beside each other. */
static uint32_t *ranking_order(struct arena *arena, const struct ranking_grid *grid, size_t axis)
{
    struct order order = {grid, axis};
    uint32_t *runs = arena_array(arena, uint32_t, grid->count + 1);
    for (size_t i = 0; runs && i < grid->count; i++) runs[i] = (uint32_t)i;
    if (runs) qsort_r(runs, grid->count, sizeof *runs, compare_in_order, &order);
    return runs;
}

/* How many runs from `runs` on agree in all but the axis. */
static size_t set_length(const struct order *order, const uint32_t *runs, size_t most)
{
    size_t length = 1;
    while (length < most && compare_but(order, runs[0], runs[length]) == 0) length++;
    return length;
}

/* ---- granulated ---- */

struct sets {
    double *taus;   /* of all axes, one behind the other */
    size_t *firsts; /* (axis_count + 1) where those of an axis begin */
    size_t axes;
};

static basin_status axis_taus(struct arena *arena, const struct ranking_grid *grid, size_t axis,
                              const double *x, const double *g, struct sets *sets)
{
    const struct order order = {grid, axis};
    const uint32_t *runs = ranking_order(arena, grid, axis);
    double *own = arena_array(arena, double, 5 * grid->count + 1);
    if (!runs || !own) return BASIN_MEMORY;
    size_t *end = &sets->firsts[axis + 1];
    *end = sets->firsts[axis];
    for (size_t i = 0, length; i < grid->count; i += length) {
        length = set_length(&order, runs + i, grid->count - i);
        for (size_t k = 0; k < length; k++) {
            own[k] = x[runs[i + k]];
            own[length + k] = g[runs[i + k]];
        }
        double tau = kendall_tau(own, own + length, length, own + 2 * length);
        if (!isnan(tau)) sets->taus[(*end)++] = tau;
    }
    return BASIN_OK;
}

/* Mean over the axes that have sets: of all, or where there is `random` of as many of each axis,
 * drawn from number *drawn on. */
static double mean_of_axes(const struct sets *sets, double *psi, const struct random *random,
                           uint64_t *drawn)
{
    double total = 0;
    size_t axes = 0;
    for (size_t i = 0; i < sets->axes; i++) {
        size_t first = sets->firsts[i], count = sets->firsts[i + 1] - first;
        double sum = 0;
        for (size_t k = 0; k < count; k++)
            sum += sets->taus[first +
                              (random ? random_below(random, (*drawn)++, (uint32_t)count) : k)];
        if (psi) psi[i] = count ? sum / (double)count : NAN;
        if (!count) continue;
        total += sum / (double)count;
        axes++;
    }
    return axes ? total / (double)axes : NAN;
}

static basin_status granulated_interval(struct arena *arena, const struct sets *sets,
                                        struct interval *interval)
{
    enum { SEED = 0x5e75 };
    struct random random = random_make(SEED, STREAM_BOOTSTRAP, 0, 0);
    uint64_t drawn = 0;
    double *means = arena_array(arena, double, INTERVAL_RESAMPLES);
    if (!means) return BASIN_MEMORY;
    for (size_t i = 0; i < INTERVAL_RESAMPLES; i++)
        means[i] = mean_of_axes(sets, NULL, &random, &drawn);
    interval_sort(means, INTERVAL_RESAMPLES);
    double tail = (1 - INTERVAL_LEVEL) / 2;
    *interval = (struct interval){interval_quantile(means, INTERVAL_RESAMPLES, tail),
                                  interval_quantile(means, INTERVAL_RESAMPLES, 1 - tail)};
    return BASIN_OK;
}

basin_status ranking_granulated(struct arena *arena, const struct ranking_grid *grid,
                                const double *x, const double *g, double *psi, double *mean,
                                struct interval *interval)
{
    struct sets sets = {.taus = arena_array(arena, double, grid->axis_count * grid->count + 1),
                        .firsts = arena_array(arena, size_t, grid->axis_count + 1),
                        .axes = grid->axis_count};
    if (!sets.taus || !sets.firsts) return BASIN_MEMORY;
    sets.firsts[0] = 0;
    for (size_t i = 0; i < grid->axis_count; i++) TRY(axis_taus(arena, grid, i, x, g, &sets));
    *mean = mean_of_axes(&sets, psi, NULL, NULL);
    *interval = (struct interval){NAN, NAN};
    return isnan(*mean) ? BASIN_OK : granulated_interval(arena, &sets, interval);
}

/* ---- conditional mutual information ---- */

static double entropy_term(double count, double total)
{
    return count > 0 ? -count / total * log2(count / total) : 0;
}

/* Of four counts (2 x * 2 g): I(x; g) and H(g), in bits. */
static void information(const double counts[4], double *mutual, double *entropy)
{
    double total = counts[0] + counts[1] + counts[2] + counts[3];
    double of_x = 0, of_g = 0, joint = 0;
    for (int i = 0; i < 2; i++) {
        of_x += entropy_term(counts[2 * i] + counts[2 * i + 1], total);
        of_g += entropy_term(counts[i] + counts[2 + i], total);
    }
    for (int i = 0; i < 4; i++) joint += entropy_term(counts[i], total);
    *entropy = of_g;
    *mutual = of_x + of_g - joint;
}

/* Given the values of both runs on two axes. */
static double conditional_ratio(const struct ranking_grid *grid, const double *x, const double *g,
                                size_t first, size_t second, double *counts)
{
    size_t a = grid->sizes[first], b = grid->sizes[second], cells = a * a * b * b,
           d = grid->axis_count;
    double mutual = 0, entropy = 0;
    memset(counts, 0, 4 * cells * sizeof *counts);
    for (size_t i = 0; i < grid->count; i++) {
        const uint32_t *p = grid->places + i * d;
        for (size_t k = 0; k < grid->count; k++) {
            const uint32_t *q = grid->places + k * d;
            size_t cell = ((p[first] * a + q[first]) * b + p[second]) * b + q[second];
            counts[4 * cell + 2 * (size_t)(x[i] > x[k]) + (size_t)(g[i] > g[k])]++;
        }
    }
    for (size_t i = 0; i < cells; i++) {
        double own, of_g;
        information(counts + 4 * i, &own, &of_g);
        mutual += own;
        entropy += of_g;
    }
    return entropy > 0 ? mutual / entropy : NAN;
}

basin_status ranking_conditional(struct arena *arena, const struct ranking_grid *grid,
                                 const double *x, const double *g, double *percent)
{
    *percent = NAN;
    for (size_t i = 0; i < grid->axis_count; i++) {
        for (size_t k = i + 1; k < grid->axis_count; k++) {
            size_t cells = grid->sizes[i] * grid->sizes[i] * grid->sizes[k] * grid->sizes[k];
            double *counts = arena_array(arena, double, 4 * cells + 1);
            if (!counts) return BASIN_MEMORY;
            double ratio = 100 * conditional_ratio(grid, x, g, i, k, counts);
            if (isnan(ratio)) continue;
            *percent = isnan(*percent) ? ratio : fmin(*percent, ratio);
        }
    }
    return BASIN_OK;
}

/* ---- sign errors ---- */

static double hoeffding_weight(double difference, double examples)
{
    double sure = 1 - 2 * exp(-examples * difference * difference / 2);
    return sure > 0 ? sure * sure : 0;
}

static double sign_of(double x)
{
    return (x > 0) - (x < 0);
}

/* Sums of one axis: weights and weighted errors, by its pair of values. */
static void add_environment(const struct ranking_grid *grid, const struct order *order,
                            const uint32_t *set, size_t length, const double *x, const double *g,
                            double examples, double *sums)
{
    size_t size = grid->sizes[order->axis];
    for (size_t i = 0; i < length; i++)
        for (size_t k = 0; k < length; k++) {
            size_t low = grid->places[set[i] * grid->axis_count + order->axis],
                   high = grid->places[set[k] * grid->axis_count + order->axis];
            if (low >= high) continue;
            double gap = g[set[i]] - g[set[k]];
            double weight = examples > 0 ? hoeffding_weight(gap, examples) : 1;
            double error = (1 - sign_of(x[set[i]] - x[set[k]]) * sign_of(gap)) / 2;
            sums[2 * (low * size + high)] += weight;
            sums[2 * (low * size + high) + 1] += weight * error;
        }
}

static void take_environments(size_t axis, size_t size, const double *sums,
                              struct ranking_errors *errors)
{
    for (size_t low = 0; low < size; low++)
        for (size_t high = low + 1; high < size; high++) {
            const double *sum = sums + 2 * (low * size + high);
            if (!(sum[0] > 0)) continue;
            double error = sum[1] / sum[0];
            errors->mean += error;
            errors->environments++;
            if (error <= errors->worst) continue;
            errors->worst = error;
            errors->axis = axis;
            errors->low = low;
            errors->high = high;
        }
}

basin_status ranking_sign_errors(struct arena *arena, const struct ranking_grid *grid,
                                 const double *x, const double *g, double test_examples,
                                 struct ranking_errors *errors)
{
    *errors = (struct ranking_errors){.worst = -1};
    for (size_t axis = 0; axis < grid->axis_count; axis++) {
        const struct order order = {grid, axis};
        const uint32_t *runs = ranking_order(arena, grid, axis);
        size_t size = grid->sizes[axis];
        double *sums = arena_array(arena, double, 2 * size * size + 1);
        if (!runs || !sums) return BASIN_MEMORY;
        memset(sums, 0, 2 * size * size * sizeof *sums);
        for (size_t i = 0, length; i < grid->count; i += length) {
            length = set_length(&order, runs + i, grid->count - i);
            add_environment(grid, &order, runs + i, length, x, g, test_examples, sums);
        }
        take_environments(axis, size, sums, errors);
    }
    errors->mean = errors->environments ? errors->mean / (double)errors->environments : NAN;
    if (!errors->environments) errors->worst = NAN;
    return BASIN_OK;
}
