/* measure/box.c: corners of convex functions, interior and bounded maxima of concave ones, a curved
 * valley. */
#include <criterion/criterion.h>
#include <math.h>
#include "measure/box.h"

enum { N = 4 };
#define OK(call) cr_assert_eq((call), BASIN_OK)

/* g'x + x'Hx / 2 */
struct bowl {
    double g[N], h[N][N];
};

static basin_status bowl_value(void *context, const double *x, double *f, double *g)
{
    const struct bowl *bowl = context;
    *f = 0;
    for (int i = 0; i < N; i++) {
        double hx = 0;
        for (int j = 0; j < N; j++) hx += bowl->h[i][j] * x[j];
        g[i] = bowl->g[i] + hx;
        *f += bowl->g[i] * x[i] + x[i] * hx / 2;
    }
    return BASIN_OK;
}

/* -Rosenbrock around (1, 1) twice: the maximum 0 at x = 1 for a wide box. */
static basin_status valley_value(void *context, const double *x, double *f, double *g)
{
    (void)context;
    *f = 0;
    for (int i = 0; i < N; i += 2) {
        double a = 1 - x[i], b = x[i + 1] - x[i] * x[i];
        *f -= a * a + 100 * b * b;
        g[i] = 2 * a + 400 * x[i] * b;
        g[i + 1] = -200 * b;
    }
    return BASIN_OK;
}

static struct box_result solve(basin_status (*value)(void *, const double *, double *, double *),
                               void *context, const double bound[N], double memory[])
{
    struct box_problem problem = {.value = value,
                                  .context = context,
                                  .size = N,
                                  .bound = bound,
                                  .iterations = 200,
                                  .tolerance = 1e-6,
                                  .memory = memory};
    struct box_result result;
    OK(box_maximise(&problem, &result));
    cr_assert(result.converged, "gap %g", result.gap);
    for (int i = 0; i < N; i++) cr_assert_leq(fabs(result.x[i]), bound[i]);
    return result;
}

Test(box, a_convex_function_ends_in_a_corner)
{
    double memory[BOX_VECTORS * N], bound[N] = {1, 2, 0, 0.5};
    struct bowl bowl = {{1, -2, 5, 0.1}, {{2, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 3}}};
    struct box_result result = solve(bowl_value, &bowl, bound, memory);
    static const double corner[N] = {1, -2, 0, 0.5};
    for (int i = 0; i < N; i++) cr_assert_eq(result.x[i], corner[i]);
    cr_assert_leq(result.iterations, 3);
}

/* -I + coupling: with a wide box x = -H^-1 g; with a narrow one the second coordinate is held. */
Test(box, a_concave_function_ends_where_the_conditions_say)
{
    double memory[BOX_VECTORS * N], wide[N] = {10, 10, 10, 10}, narrow[N] = {10, 0.25, 10, 10};
    struct bowl bowl = {{1, 1, 1, 1}, {{-2, 1, 0, 0}, {1, -2, 0, 0}, {0, 0, -5, 0}, {0, 0, 0, -1}}};
    struct box_result result = solve(bowl_value, &bowl, wide, memory);
    static const double inside[N] = {1, 1, 0.2, 1}, at_bound[N] = {0.625, 0.25, 0.2, 1};
    for (int i = 0; i < N; i++) cr_assert_float_eq(result.x[i], inside[i], 1e-5);
    result = solve(bowl_value, &bowl, narrow, memory);
    for (int i = 0; i < N; i++) cr_assert_float_eq(result.x[i], at_bound[i], 1e-5);
}

Test(box, a_curved_valley)
{
    double memory[BOX_VECTORS * N], bound[N] = {2, 2, 0.5, 2};
    struct box_result result = solve(valley_value, NULL, bound, memory);
    static const double top[N] = {1, 1, 0.5, 0.25};
    for (int i = 0; i < N; i++) cr_assert_float_eq(result.x[i], top[i], 1e-4);
    cr_assert_float_eq(result.f, -0.25, 1e-8);
}

static basin_status no_value(void *context, const double *x, double *f, double *g)
{
    (void)context, (void)x;
    *f = NAN;
    for (int i = 0; i < N; i++) g[i] = 0;
    return BASIN_OK;
}

Test(box, without_a_finite_start)
{
    double memory[BOX_VECTORS * N], bound[N] = {1, 1, 1, 1};
    struct box_problem problem = {
        .value = no_value, .size = N, .bound = bound, .iterations = 5, .memory = memory};
    struct box_result result;
    OK(box_maximise(&problem, &result));
    cr_assert(isnan(result.f) && isnan(result.gap) && !result.converged);
}
