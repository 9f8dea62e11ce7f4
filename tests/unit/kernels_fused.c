/* Rows and columns that are read where they are, backward halves of activations, sums of products.
 */
#include "kernels_helpers.h"

static const struct kernel_set multiply_row = KERNELS(multiply_row), add_row = KERNELS(add_row),
                               affine_row = KERNELS(affine_row),
                               multiply_column = KERNELS(multiply_column),
                               relu_backward = KERNELS(relu_backward),
                               tanh_backward = KERNELS(tanh_backward),
                               sigmoid_backward = KERNELS(sigmoid_backward),
                               sum_product = KERNELS(sum_product);

static struct trial two_by_three(const char *name, struct kernel_set set, bool in_place)
{
    struct trial t = {
        .name = name, .set = set, .task = {.size = {6, 3}}, .count = 6, .in_place = in_place};
    trial_input(&t, 6, (const double[]){1, 2, 3, 4, 5, 6});
    return t;
}

Test(kernels_fused, rows_and_columns_by_hand)
{
    static const double row[] = {10, 20, 30}, shift[] = {-1, 0, 1}, column[] = {2, 3};
    for (int in_place = 0; in_place < 2; in_place++) {
        struct trial t = two_by_three("multiply_row", multiply_row, in_place);
        trial_input(&t, 3, row);
        trial_gives(&t, (const double[]){10, 40, 90, 40, 100, 180}, 0);
        t = two_by_three("add_row", add_row, in_place);
        trial_input(&t, 3, row);
        trial_gives(&t, (const double[]){11, 22, 33, 14, 25, 36}, 0);
        t = two_by_three("affine_row", affine_row, in_place);
        trial_input(&t, 3, row);
        trial_input(&t, 3, shift);
        trial_gives(&t, (const double[]){9, 40, 91, 39, 100, 181}, 0);
        t = two_by_three("multiply_column", multiply_column, in_place);
        trial_input(&t, 2, column);
        trial_gives(&t, (const double[]){2, 4, 6, 12, 15, 18}, 0);
    }
}

static void try_rows(int64_t rows, int64_t length, bool in_place)
{
    static const struct {
        const char *name;
        struct kernel_set set;
        int vectors;
        bool column;
    } kinds[] = {{"multiply_row", KERNELS(multiply_row), 1, false},
                 {"add_row", KERNELS(add_row), 1, false},
                 {"affine_row", KERNELS(affine_row), 2, false},
                 {"multiply_column", KERNELS(multiply_column), 1, true}};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct trial t = {.name = kinds[k].name,
                          .set = kinds[k].set,
                          .task = {.size = {rows * length, length}},
                          .count = (size_t)(rows * length),
                          .in_place = in_place};
        trial_random(&t, t.count, -1, 1);
        for (int i = 0; i < kinds[k].vectors; i++)
            trial_random(&t, (size_t)(kinds[k].column ? rows : length), -1, 1);
        trial_agrees(&t, 2e-7);
    }
}

Test(kernels_fused, rows_of_every_width)
{
    for (int i = 0; i < WIDTHS; i++)
        for (int64_t rows = 1; rows < 5; rows++) try_rows(rows, widths[i], rows % 2);
    for (int64_t length = 1; length < 40; length += 6)
        try_rows(700, length, false); /* several spread buffers of 1024 */
}

Test(kernels_fused, backward_halves_by_hand)
{
    static const double g[] = {2, 2, 2, -3}, y[] = {-1, 0, 0.5, 0.25};
    static const double wanted[3][4] = {{0, 0, 2, -3}, {0, 2, 1.5, -2.8125}, {-4, 0, 0.5, -0.5625}};
    const struct kernel_set sets[] = {relu_backward, tanh_backward, sigmoid_backward};
    for (int i = 0; i < 6; i++) {
        struct trial t = {.name = "backward",
                          .set = sets[i / 2],
                          .task = {.size = {4}},
                          .count = 4,
                          .in_place = i % 2};
        trial_input(&t, 4, g);
        trial_input(&t, 4, y);
        trial_gives(&t, wanted[i / 2], 0);
    }
}

Test(kernels_fused, backward_halves_of_every_width)
{
    const struct kernel_set sets[] = {relu_backward, tanh_backward, sigmoid_backward};
    for (int i = 0; i < 3 * WIDTHS; i++) {
        size_t n = (size_t)widths[i / 3];
        struct trial t = {
            .name = "backward", .set = sets[i % 3], .task = {.size = {(int64_t)n}}, .count = n};
        trial_random(&t, n, -1, 1);
        trial_random(&t, n, -1, 1);
        trial_agrees(&t, 2e-7);
    }
}

/* NaN of an activation is seen in what goes back, in every lane. */
Test(kernels_fused, nan_of_an_activation_goes_back)
{
    enum { N = 37 };
    const struct kernel_set sets[] = {relu_backward, tanh_backward, sigmoid_backward};
    for (int i = 0; i < 3; i++)
        for (size_t at = 0; at < N; at++) {
            double out[N];
            struct trial t = {
                .name = "backward", .set = sets[i], .task = {.size = {N}}, .count = N};
            trial_random(&t, N, -1, 1);
            trial_random(&t, N, 0.1, 0.9)[at] = NAN;
            for (enum form form = FAST32; form < FORMS; form++) {
                trial_run(&t, form, out);
                for (size_t j = 0; j < N; j++)
                    cr_assert_eq(isnan(out[j]), j == at, "kernel %d, form %d", i, form);
            }
            trial_end(&t);
        }
}

Test(kernels_fused, sums_of_products_by_hand)
{
    static const double a[] = {1, 2, 3, 4, 5, 6}, b[] = {1, -1, 2, 0.5, 3, -2};
    struct trial t = {
        .name = "sum_product", .set = sum_product, .task = {.size = {2, 3, 1}}, .count = 3};
    trial_input(&t, 6, a);
    trial_input(&t, 6, b);
    trial_expect(&t, (const double[]){3, 13, -6}, 0);
    t.task.size[2] = 0;
    t.count = 2;
    trial_gives(&t, (const double[]){5, 5}, 0);
}

Test(kernels_fused, sums_of_products_of_every_shape)
{
    static const int64_t rows[] = {1, 3, 8, 64, 257};
    for (int i = 0; i < WIDTHS; i++)
        for (int j = 0; j < 10; j++) {
            int64_t r = rows[j / 2], c = widths[i];
            struct trial t = {
                .name = "sum_product", .set = sum_product, .task = {.size = {r, c, j % 2}}};
            t.count = (size_t)(j % 2 ? c : r);
            trial_random(&t, (size_t)(r * c), -1, 1);
            trial_random(&t, (size_t)(r * c), -1, 1);
            trial_agrees(&t, 1e-6);
        }
}

/* A float32 sum of so many products would be off by far more than its last bit. */
Test(kernels_fused, sums_of_products_are_in_double)
{
    enum { N = 1 << 18 };
    struct trial t = {
        .name = "sum_product", .set = sum_product, .task = {.size = {1, N, 0}}, .count = 1};
    for (int k = 0; k < 2; k++) {
        double *a = trial_input(&t, N, NULL);
        for (int i = 0; i < N; i++) a[i] = k ? 1 : (double)0.1f;
    }
    trial_expect(&t, (const double[]){(double)0.1f * N}, 1e-7);
    t.task.size[0] = N / 2, t.task.size[1] = 2, t.task.size[2] = 1;
    t.count = 2;
    trial_gives(&t, (const double[]){(double)0.1f * N / 2, (double)0.1f * N / 2}, 1e-7);
}
