/* Rankings on grids whose answer is known, and against plain counting. */
#include "analysis/ranking.h"

#include <criterion/criterion.h>
#include <math.h>
#include "analysis/kendall.h"
#include "base/random.h"

static struct arena *arena;

static void start(void)
{
    cr_assert_eq(arena_create(&arena), BASIN_OK);
}

static void stop(void)
{
    arena_destroy(arena);
}

TestSuite(ranking, .init = start, .fini = stop, .timeout = 60);

enum { A = 3, B = 4, C = 2, SEEDS = 2, RUNS = A * B * C * SEEDS };

struct made {
    uint32_t places[3 * RUNS], seeds[RUNS];
    size_t sizes[3];
    double x[RUNS], g[RUNS];
    struct ranking_grid grid;
};

/* A complete grid, in an order of its own; `ties`: few different numbers. */
static struct made *make(uint64_t seed, int ties)
{
    static struct made made;
    const struct random random = random_make(seed, STREAM_DATA, 0, 0);
    uint32_t order[RUNS];
    random_permutation(&random, order, RUNS);
    made.sizes[0] = A, made.sizes[1] = B, made.sizes[2] = C;
    for (size_t i = 0; i < RUNS; i++) {
        uint32_t at = order[i];
        made.places[3 * i] = at % A;
        made.places[3 * i + 1] = at / A % B;
        made.places[3 * i + 2] = at / (A * B) % C;
        made.seeds[i] = at / (A * B * C);
        made.g[i] = random_normal(&random, 1000 + i);
        made.x[i] = made.g[i] + random_normal(&random, 2000 + i);
        if (ties) made.g[i] = round(made.g[i]), made.x[i] = round(made.x[i]);
    }
    made.grid = (struct ranking_grid){.count = RUNS,
                                      .axis_count = 3,
                                      .places = made.places,
                                      .sizes = made.sizes,
                                      .seeds = made.seeds};
    return &made;
}

static double plain_tau(const double *a, const double *b, const size_t *rows, size_t n)
{
    double score = 0, apart_a = 0, apart_b = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++) {
            double x = a[rows[i]] - a[rows[k]], y = b[rows[i]] - b[rows[k]];
            score += (x > 0 ? 1 : x < 0 ? -1 : 0) * (y > 0 ? 1 : y < 0 ? -1 : 0);
            apart_a += x != 0;
            apart_b += y != 0;
        }
    return apart_a * apart_b > 0 ? score / sqrt(apart_a * apart_b) : NAN;
}

Test(ranking, kendall_as_by_counting_pairs)
{
    double scratch[3 * RUNS];
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct made *made = make(seed, seed % 2);
        size_t rows[RUNS];
        for (size_t n = 2; n <= RUNS; n += 7) {
            for (size_t i = 0; i < n; i++) rows[i] = i;
            double plain = plain_tau(made->x, made->g, rows, n),
                   own = kendall_tau(made->x, made->g, n, scratch);
            cr_assert(isnan(plain) ? isnan(own) : fabs(plain - own) < 1e-14, "%zu: %g, not %g", n,
                      own, plain);
        }
    }
    double constant[4] = {1, 1, 1, 1}, rising[4] = {1, 2, 3, 4};
    cr_assert(isnan(kendall_tau(constant, rising, 4, scratch)));
    cr_assert_eq(kendall_tau(rising, rising, 4, scratch), 1);
}

static bool differ_in(const struct made *made, size_t i, size_t k, size_t axis)
{
    for (size_t j = 0; j < 3; j++)
        if (j != axis && made->places[3 * i + j] != made->places[3 * k + j]) return false;
    return made->seeds[i] == made->seeds[k];
}

Test(ranking, granulated_as_by_its_definition)
{
    for (uint64_t seed = 0; seed < 6; seed++) {
        struct made *made = make(seed, seed % 2);
        double psi[3], mean, total = 0;
        struct interval interval;
        cr_assert_eq(
            ranking_granulated(arena, &made->grid, made->x, made->g, psi, &mean, &interval),
            BASIN_OK);
        for (size_t axis = 0; axis < 3; axis++) {
            double sum = 0, sets = 0;
            for (size_t i = 0; i < RUNS; i++) {
                size_t rows[RUNS], n = 0;
                bool is_first = true;
                for (size_t k = 0; k < RUNS; k++) {
                    if (!differ_in(made, i, k, axis)) continue;
                    is_first = is_first && k >= i;
                    rows[n++] = k;
                }
                double tau = plain_tau(made->x, made->g, rows, n);
                if (!is_first || isnan(tau)) continue;
                sum += tau;
                sets++;
            }
            cr_assert_float_eq(psi[axis], sum / sets, 1e-13);
            total += psi[axis] / 3;
        }
        cr_assert_float_eq(mean, total, 1e-13);
        cr_assert(interval.low <= mean && mean <= interval.high);
    }
}

/* The measure is the gap, or turns its order round. */
Test(ranking, perfect_measures)
{
    struct made *made = make(3, 0);
    double scratch[3 * RUNS], psi[3], mean, percent, minus[RUNS];
    struct interval interval;
    struct ranking_errors errors;
    for (size_t i = 0; i < RUNS; i++) minus[i] = -made->g[i];
    cr_assert_eq(kendall_tau(made->g, made->g, RUNS, scratch), 1);
    cr_assert_eq(ranking_granulated(arena, &made->grid, made->g, made->g, psi, &mean, &interval),
                 BASIN_OK);
    cr_assert(mean == 1 && interval.low == 1 && interval.high == 1);
    cr_assert_eq(ranking_conditional(arena, &made->grid, made->g, made->g, &percent), BASIN_OK);
    cr_assert_float_eq(percent, 100, 1e-9);
    cr_assert_eq(ranking_sign_errors(arena, &made->grid, made->g, made->g, 0, &errors), BASIN_OK);
    cr_assert(errors.mean == 0 && errors.worst == 0);
    cr_assert_eq(errors.environments, A * (A - 1) / 2 + B * (B - 1) / 2 + C * (C - 1) / 2);
    cr_assert_eq(kendall_tau(minus, made->g, RUNS, scratch), -1);
    cr_assert_eq(ranking_granulated(arena, &made->grid, minus, made->g, psi, &mean, &interval),
                 BASIN_OK);
    cr_assert_eq(mean, -1);
    cr_assert_eq(ranking_sign_errors(arena, &made->grid, minus, made->g, 0, &errors), BASIN_OK);
    cr_assert(errors.mean == 1 && errors.worst == 1);
}

/* A measure that says nothing but the value of one axis predicts nothing, given that. */
Test(ranking, an_axis_explains_itself_away)
{
    struct made *made = make(4, 0);
    double percent;
    for (size_t i = 0; i < RUNS; i++) made->x[i] = made->places[3 * i];
    cr_assert_eq(ranking_conditional(arena, &made->grid, made->x, made->g, &percent), BASIN_OK);
    cr_assert_float_eq(percent, 0, 1e-9);
}

/* Gaps that a test set of m cannot tell apart have no weight. */
Test(ranking, hoeffding_weights)
{
    struct made *made = make(5, 0);
    struct ranking_errors errors;
    for (size_t i = 0; i < RUNS; i++) made->g[i] *= 1e-6;
    cr_assert_eq(ranking_sign_errors(arena, &made->grid, made->x, made->g, 1000, &errors),
                 BASIN_OK);
    cr_assert(errors.environments == 0 && isnan(errors.mean) && isnan(errors.worst));
}
