/* Power laws from data that were made by one. */
#include "analysis/power_law.h"

#include <criterion/criterion.h>
#include <math.h>

enum { N = 12, M = 5 };

Test(power_law, one_variable)
{
    static const double laws[][3] = {{0.3, 5, 0.5}, {1.7, 80, 0.25}, {0.02, 2, 1.1}};
    for (size_t k = 0; k < sizeof laws / sizeof *laws; k++) {
        double x[N], y[N];
        for (int i = 0; i < N; i++) {
            x[i] = 50 * pow(2, i);
            y[i] = laws[k][0] + laws[k][1] * pow(x[i], -laws[k][2]);
        }
        struct power_law law;
        power_law_fit(&(struct power_points){y, {x, NULL}, N}, NULL, N, NULL, &law);
        cr_assert_float_eq(law.offset, laws[k][0], 1e-3 * laws[k][0], "%g", law.offset);
        cr_assert_float_eq(law.coefficient[0], laws[k][1], 5e-3 * laws[k][1], "%g",
                           law.coefficient[0]);
        cr_assert_float_eq(law.exponent[0], laws[k][2], 1e-3, "%g", law.exponent[0]);
        cr_assert_lt(law.loss, 1e-8);
    }
}

/* The constants of Hoffmann et al. 2022. */
Test(power_law, two_variables)
{
    double x[N * M], z[N * M], y[N * M];
    for (int i = 0; i < N * M; i++) {
        x[i] = 1e6 * pow(2, i % N);
        z[i] = 1e8 * pow(3, i / N);
        y[i] = 1.69 + 406.4 * pow(x[i], -0.34) + 410.7 * pow(z[i], -0.28);
    }
    struct power_law law;
    power_law_fit(&(struct power_points){y, {x, z}, N * M}, NULL, N * M, NULL, &law);
    cr_assert_float_eq(law.offset, 1.69, 0.02, "%g", law.offset);
    cr_assert_float_eq(law.exponent[0], 0.34, 0.005, "%g", law.exponent[0]);
    cr_assert_float_eq(law.exponent[1], 0.28, 0.005, "%g", law.exponent[1]);
    cr_assert_float_eq(law.coefficient[0], 406.4, 40, "%g", law.coefficient[0]);
    cr_assert_float_eq(law.coefficient[1], 410.7, 60, "%g", law.coefficient[1]);
}

/* A point far off does not move the law: Huber. */
Test(power_law, outlier)
{
    double x[N], y[N];
    for (int i = 0; i < N; i++) {
        x[i] = 50 * pow(2, i);
        y[i] = 0.3 + 5 * pow(x[i], -0.5);
    }
    y[4] *= 3;
    struct power_law law;
    power_law_fit(&(struct power_points){y, {x, NULL}, N}, NULL, N, NULL, &law);
    cr_assert_float_eq(law.offset, 0.3, 0.01);
    cr_assert_float_eq(law.exponent[0], 0.5, 0.02);
}

Test(power_law, straight_line)
{
    double x[4] = {1, 2, 4, 8}, y[4], slope, r_squared;
    for (int i = 0; i < 4; i++) y[i] = 7 * pow(x[i], -0.136);
    const struct power_points points = {y, {x, NULL}, 4};
    power_line_fit(&points, NULL, 4, &slope, &r_squared);
    cr_assert_float_eq(slope, -0.136, 1e-12);
    cr_assert_float_eq(r_squared, 1, 1e-12);
    const uint32_t same[3] = {2, 2, 2};
    power_line_fit(&points, same, 3, &slope, &r_squared);
    cr_assert(isnan(slope) && isnan(r_squared));
}
