/* Softmax, its Jacobian, logsumexp, maxima: by hand, of every width, and NaN in every place. */
#include "kernels_helpers.h"

static const struct kernel_set softmax = KERNELS(softmax),
                               softmax_jacobian = KERNELS(softmax_jacobian),
                               logsumexp = KERNELS(logsumexp), largest = KERNELS(max),
                               first_maximum = KERNELS(first_maximum);

static struct trial rows_of(const char *name, struct kernel_set set, int64_t rows, int64_t columns,
                            bool keeps_columns)
{
    return (struct trial){.name = name,
                          .set = set,
                          .task = {.size = {rows, columns}},
                          .count = (size_t)(keeps_columns ? rows * columns : rows)};
}

/* Logarithms of 1, 2, 5 and of 3, 3, 4: the softmax is a count of eighths and tenths. */
Test(kernels_rows, softmax_by_hand)
{
    const double a[] = {log(1), log(2), log(5), log(3), log(3), log(4)};
    struct trial t = rows_of("softmax", softmax, 2, 3, true);
    trial_input(&t, 6, a);
    trial_expect(&t, (const double[]){0.125, 0.25, 0.625, 0.3, 0.3, 0.4}, 3e-7);
    t.in_place = true;
    trial_gives(&t, (const double[]){0.125, 0.25, 0.625, 0.3, 0.3, 0.4}, 3e-7);
    t = rows_of("logsumexp", logsumexp, 2, 3, false);
    trial_input(&t, 6, a);
    trial_gives(&t, (const double[]){log(8), log(10)}, 2e-7);
}

/* y (v - sum y v): 0.25 (4 - 2), 0.5 (2 - 2), 0.25 (0 - 2) */
Test(kernels_rows, jacobian_by_hand)
{
    struct trial t = rows_of("softmax_jacobian", softmax_jacobian, 1, 3, true);
    trial_input(&t, 3, (const double[]){0.25, 0.5, 0.25});
    trial_input(&t, 3, (const double[]){4, 2, 0});
    trial_gives(&t, (const double[]){0.5, 0, -0.5}, 0);
}

Test(kernels_rows, the_first_of_equal_maxima)
{
    static const double a[] = {1, 7, 7, 2, -3, -5, -3, -3};
    struct trial t = rows_of("max", largest, 2, 4, false);
    trial_input(&t, 8, a);
    trial_gives(&t, (const double[]){7, -3}, 0);
    t = rows_of("first_maximum", first_maximum, 2, 4, true);
    trial_input(&t, 8, a);
    trial_gives(&t, (const double[]){0, 1, 0, 0, 1, 0, 0, 0}, 0);
}

static void try_width(int64_t rows, int64_t columns)
{
    static const struct {
        const char *name;
        struct kernel_set set;
        bool keeps_columns;
        double tolerance;
    } kinds[] = {{"softmax", KERNELS(softmax), true, 1e-6},
                 {"logsumexp", KERNELS(logsumexp), false, 3e-7},
                 {"max", KERNELS(max), false, 0},
                 {"first_maximum", KERNELS(first_maximum), true, 0}};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct trial t =
            rows_of(kinds[k].name, kinds[k].set, rows, columns, kinds[k].keeps_columns);
        trial_random(&t, (size_t)(rows * columns), -4, 4);
        trial_agrees(&t, kinds[k].tolerance);
    }
    struct trial t = rows_of("softmax_jacobian", softmax_jacobian, rows, columns, true);
    trial_random(&t, t.count, 0, 1);
    trial_random(&t, t.count, -1, 1);
    trial_agrees(&t, 2e-6 * sqrt((double)columns));
}

Test(kernels_rows, rows_of_every_width)
{
    for (int i = 0; i < WIDTHS; i++)
        for (int64_t rows = 1; rows < 8; rows += 3) try_width(rows, widths[i]);
    try_width(5, 511);
    try_width(5, 512); /* logsumexp: as long as its buffer */
    try_width(700, 3); /* many short rows in one buffer */
}

/* Wherever it stands, a NaN is seen by its own row alone. */
Test(kernels_rows, nan_stays_in_its_row)
{
    static const int64_t columns[] = {5, 16, 37};
    const struct kernel_set fast[] = {softmax, logsumexp, largest};
    for (int k = 0; k < 9; k++)
        for (int64_t at = 0; at < 3 * columns[k / 3]; at++) {
            double out[3 * 37];
            struct trial t = rows_of("nan", fast[k % 3], 3, columns[k / 3], k % 3 == 0);
            int64_t each = k % 3 == 0 ? columns[k / 3] : 1;
            trial_random(&t, (size_t)(3 * columns[k / 3]), -1, 1)[at] = NAN;
            for (enum form form = FAST32; form < NAIVE; form++) {
                trial_run(&t, form, out);
                for (int64_t i = 0; i < 3 * each; i++)
                    cr_assert_eq(isnan(out[i]), i / each == at / columns[k / 3],
                                 "kernel %d, form %d, NaN at %d", k, form, (int)at);
            }
            trial_end(&t);
        }
}

/* Beyond the range of exp, where the largest element must be taken off first. The naive twin forms
 * log(sum) + 5000, and loses digits there. */
Test(kernels_rows, elements_beyond_the_range_of_exp)
{
    struct trial t = rows_of("softmax", softmax, 2, 3, true);
    trial_input(&t, 6, (const double[]){5000, 5000, -5000, -9000, -9000, -9000});
    const double third = 1.0 / 3;
    trial_expect(&t, (const double[]){0.5, 0.5, 0, third, third, third}, 1e-4);
    t.set = logsumexp;
    t.count = 2;
    trial_gives(&t, (const double[]){5000 + log(2), -9000 + log(3)}, 1e-7);
}
