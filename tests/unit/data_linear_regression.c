#include "data_files.h"

TestSuite(linear_regression, .init = data_start, .fini = data_stop);

static double *all_y(const struct data *data, enum data_part part)
{
    size_t count = data_describe(data)->counts[part];
    double *y = arena_array(arena, double, count);
    data_gather_double(data, ROWS(part, first_rows(count), count), NULL, y);
    return y;
}

Test(linear_regression, shape_and_sizes)
{
    const struct data_info *info =
        data_describe(opened(block("linear-regression", "n", "30", "p", "7", "test_size", "11",
                                   "validation_size", "4", NULL)));
    cr_assert(info->task == DATA_REGRESSION && info->rank == 1 && info->features == 7 &&
              info->outputs == 1);
    cr_assert(info->available == 30 && !info->has_digest);
    cr_assert(info->counts[DATA_TRAIN] == 26 && info->counts[DATA_VALIDATION] == 4 &&
              info->counts[DATA_TEST] == 11);
}

/* Without noise y is linear in x with the same beta, of the length asked for, in training and test
 * data. */
Test(linear_regression, one_beta_of_the_given_length)
{
    const struct data *data =
        opened(block("linear-regression", "n", "2", "p", "2", "noise", "0", "signal", "2.5", NULL));
    double *x = all_x(data, DATA_TRAIN), *y = all_y(data, DATA_TRAIN);
    double det = x[0] * x[3] - x[1] * x[2];
    double beta[2] = {(y[0] * x[3] - x[1] * y[1]) / det, (x[0] * y[1] - y[0] * x[2]) / det};
    cr_assert_float_eq(hypot(beta[0], beta[1]), 2.5, 1e-9);
    double *tests = all_x(data, DATA_TEST), *wanted = all_y(data, DATA_TEST);
    for (size_t i = 0; i < 1000; i++)
        cr_assert_float_eq(tests[2 * i] * beta[0] + tests[2 * i + 1] * beta[1], wanted[i], 1e-9);
}

Test(linear_regression, examples_and_noise_are_standard_normal)
{
    const struct data *noisy =
        opened(block("linear-regression", "n", "20000", "p", "4", "noise", "0.5", NULL));
    const struct data *pure =
        opened(block("linear-regression", "n", "20000", "p", "4", "noise", "0", NULL));
    double *x = all_x(noisy, DATA_TRAIN), *y = all_y(noisy, DATA_TRAIN),
           *clean = all_y(pure, DATA_TRAIN);
    double cov[4][4] = {{0}}, mean = 0, square = 0;
    for (size_t i = 0; i < 20000; i++) {
        for (int a = 0; a < 4; a++)
            for (int b = 0; b < 4; b++) cov[a][b] += x[4 * i + a] * x[4 * i + b] / 20000;
        mean += (y[i] - clean[i]) / 20000;
        square += (y[i] - clean[i]) * (y[i] - clean[i]) / 20000;
    }
    for (int a = 0; a < 4; a++)
        for (int b = 0; b < 4; b++)
            cr_assert_float_eq(cov[a][b], a == b, 5 * sqrt(2.0 / 20000), "%d %d %f", a, b,
                               cov[a][b]);
    cr_assert_float_eq(mean, 0, 5 * 0.5 / sqrt(20000));
    cr_assert_float_eq(sqrt(square), 0.5, 0.02);
}

Test(linear_regression, a_smaller_n_begins_a_larger_one_and_seeds_differ)
{
    const struct data *small = opened(block("linear-regression", "n", "10", NULL));
    const struct data *large = opened(block("linear-regression", "n", "50", NULL));
    const struct data *other = opened(block("linear-regression", "n", "10", "seed", "1", NULL));
    cr_assert_eq(memcmp(all_x(small, DATA_TRAIN), all_x(large, DATA_TRAIN), 10 * 20 * 8), 0);
    cr_assert_eq(memcmp(all_y(small, DATA_TRAIN), all_y(large, DATA_TRAIN), 10 * 8), 0);
    cr_assert_neq(memcmp(all_x(small, DATA_TRAIN), all_x(other, DATA_TRAIN), 10 * 20 * 8), 0);
    cr_assert_neq(memcmp(all_x(small, DATA_TRAIN), all_x(small, DATA_TEST), 10 * 20 * 8), 0);
}

/* The direction of beta is uniform: over many seeds its coordinates have mean 0 and variance 1 / p.
 */
Test(linear_regression, beta_points_anywhere)
{
    double mean = 0, square = 0;
    for (int seed = 0; seed < 400; seed++) {
        const struct data *data =
            opened(block("linear-regression", "n", "1", "p", "1", "noise", "0", "test_size", "1",
                         "seed", arena_format(arena, "%d", seed), NULL));
        double beta = all_y(data, DATA_TRAIN)[0] / all_x(data, DATA_TRAIN)[0];
        cr_assert_float_eq(fabs(beta), 1, 1e-9);
        mean += beta / 400;
        square += beta * beta / 400;
    }
    cr_assert_float_eq(mean, 0, 5 / sqrt(400));
    cr_assert_float_eq(square, 1, 1e-9);
}
