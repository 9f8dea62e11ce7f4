/* Batched products and their triangles, causal softmax, positions, row normalisation, indices. */
#include "kernels_helpers.h"

#define POSITIONS(name)                                                                            \
    {                                                                                              \
        kernel_##name##_float32, kernel_##name##_float64, kernel_##name##_naive,                   \
            kernel_##name##_prepare_float32, kernel_##name##_prepare_float64,                      \
            kernel_tables_release                                                                  \
    }

static struct trial batch(int64_t count, int64_t m, int64_t n, int64_t k, int ta, int tb,
                          int triangle)
{
    return (struct trial){.name = "batch_matmul",
                          .set = KERNELS(batch_matmul),
                          .count = (size_t)(count * m * n),
                          .task = {.size = {count, m, n, k, ta, tb, triangle}}};
}

/* (1 2; 3 4) and (5 6; 7 8): all of the product, its triangle, and that of the triangle of the left
 * factor. */
Test(kernels_attention, products_by_hand)
{
    static const double a[] = {1, 2, 3, 4}, b[] = {5, 6, 7, 8};
    static const struct {
        int ta, tb, triangle;
        double wanted[4];
    } cases[] = {{0, 0, 0, {19, 22, 43, 50}}, {1, 0, 0, {26, 30, 38, 44}},
                 {0, 1, 0, {17, 23, 39, 53}}, {0, 1, 1, {17, 0, 39, 53}},
                 {0, 0, 2, {5, 6, 43, 50}},   {1, 0, 2, {26, 30, 28, 32}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct trial t = batch(1, 2, 2, 2, cases[i].ta, cases[i].tb, cases[i].triangle);
        trial_input(&t, 4, a);
        trial_input(&t, 4, b);
        trial_gives(&t, cases[i].wanted, 0);
    }
}

static void try_product(struct trial t)
{
    const int64_t *size = t.task.size;
    trial_random(&t, (size_t)(size[0] * size[1] * size[3]), -1, 1);
    trial_random(&t, (size_t)(size[0] * size[3] * size[2]), -1, 1);
    trial_agrees(&t, 2e-6 * sqrt((double)size[3]) + 1e-6);
}

Test(kernels_attention, products_of_every_shape)
{
    static const int64_t sizes[] = {1, 7, 8, 17, 33};
    for (int i = 0; i < 125; i++)
        for (int flags = 0; flags < 3; flags++)
            try_product(
                batch(3, sizes[i % 5], sizes[i / 5 % 5], sizes[i / 25], flags & 1, flags >> 1, 0));
}

/* Triangles go in blocks of 64 steps. */
Test(kernels_attention, triangles_around_their_blocks)
{
    static const int64_t steps[] = {1, 2, 15, 16, 17, 63, 64, 65, 127, 128, 129, 200};
    static const int64_t widths_of_heads[] = {1, 5, 8, 33};
    for (int i = 0; i < 48; i++) {
        int64_t t = steps[i / 4], d = widths_of_heads[i % 4];
        try_product(batch(2, t, t, d, 0, 1, 1));
        try_product(batch(2, t, d, t, 0, 0, 2));
        try_product(batch(2, t, d, t, 1, 0, 2));
    }
}

/* What lies above the diagonal of the left factor is never looked at, not even where it is NaN. */
Test(kernels_attention, the_upper_triangle_is_not_read)
{
    enum { STEPS = 70, WIDTH = 5 };
    for (int ta = 0; ta < 2; ta++) {
        double out[STEPS * WIDTH];
        struct trial t = batch(1, STEPS, WIDTH, STEPS, ta, 0, 2);
        double *a = trial_random(&t, STEPS * STEPS, -1, 1);
        for (int i = 0; i < STEPS * STEPS; i++)
            if (i % STEPS > i / STEPS) a[i] = NAN;
        trial_random(&t, STEPS * WIDTH, -1, 1);
        for (enum form form = FAST32; form < FORMS; form++) {
            trial_run(&t, form, out);
            for (int i = 0; i < STEPS * WIDTH; i++)
                cr_assert(!isnan(out[i]), "form %d, element %d", form, i);
        }
        trial_end(&t);
    }
}

Test(kernels_attention, causal_rows_by_hand)
{
    const double a[] = {9, 100, 100, log(1), log(3), 100, log(2), log(3), log(5)};
    struct trial t = {.name = "causal_softmax",
                      .set = KERNELS(causal_softmax),
                      .task = {.size = {3, 3}},
                      .count = 9};
    trial_input(&t, 9, a);
    trial_gives(&t, (const double[]){1, 0, 0, 0.25, 0.75, 0, 0.2, 0.3, 0.5}, 3e-7);
    t = (struct trial){.name = "lower_triangle",
                       .set = KERNELS(lower_triangle),
                       .task = {.size = {6, 3}},
                       .count = 18};
    for (double *x = trial_input(&t, 18, NULL), i = 0; i < 18; i++) x[(int)i] = i + 1;
    trial_gives(&t, (const double[]){1, 0, 0, 4, 5, 0, 7, 8, 9, 10, 0, 0, 13, 14, 0, 16, 17, 18},
                0);
    t = (struct trial){.name = "jacobian",
                       .set = KERNELS(causal_softmax_jacobian),
                       .task = {.size = {2, 2}},
                       .count = 4};
    trial_input(&t, 4, (const double[]){1, 0, 0.25, 0.75});
    trial_input(&t, 4, (const double[]){3, 7, 4, 0});
    trial_gives(&t, (const double[]){0, 0, 0.75, -0.75}, 0);
}

Test(kernels_attention, causal_rows_of_every_width)
{
    static const int64_t steps[] = {1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 100};
    const struct kernel_set sets[] = {KERNELS(causal_softmax), KERNELS(causal_softmax_jacobian),
                                      KERNELS(lower_triangle)};
    for (int i = 0; i < 36; i++) {
        int64_t n = steps[i / 3];
        struct trial t = {.name = "causal",
                          .set = sets[i % 3],
                          .task = {.size = {2 * n, n}},
                          .count = (size_t)(2 * n * n)};
        trial_random(&t, t.count, -2, 2);
        if (i % 3 == 1) trial_random(&t, t.count, -1, 1);
        trial_agrees(&t, i % 3 == 1 ? 2e-5 : 1e-6);
    }
}

/* Step t turns the pair (j, j + D/2) by t base^(-2j/D): with base 1 by t radians. */
Test(kernels_attention, rotary_by_hand)
{
    const double c = cos(1), s = sin(1);
    struct trial t = {.name = "rotary",
                      .set = POSITIONS(rotary),
                      .task = {.size = {2, 2, 4, 0}, .number = 1},
                      .count = 8};
    trial_input(&t, 8, (const double[]){1, 2, 3, 4, 1, 0, 0, 1});
    trial_expect(&t, (const double[]){1, 2, 3, 4, c, -s, s, c}, 1e-7);
    t.task.size[3] = 1;
    trial_gives(&t, (const double[]){1, 2, 3, 4, c, s, -s, c}, 1e-7);
}

/* The second pair of a width of 4 turns by t base^(-1/2): pi a step where base is 1 / pi^2. */
Test(kernels_attention, rotary_pairs_have_their_own_frequencies)
{
    struct trial t = {
        .name = "rotary", .set = POSITIONS(rotary), .task = {.size = {2, 2, 4, 0}}, .count = 8};
    t.task.number = 1 / (M_PI * M_PI);
    trial_input(&t, 8, (const double[]){0, 0, 0, 0, 0, 2, 0, 3});
    trial_gives(&t, (const double[]){0, 0, 0, 0, 0, -2, 0, -3}, 1e-6);
}

Test(kernels_attention, rotary_there_and_back)
{
    for (int64_t width = 2; width <= 66; width += 8) {
        double there[2 * 5 * 66], back[2 * 5 * 66];
        struct trial t = {.name = "rotary",
                          .set = POSITIONS(rotary),
                          .task = {.size = {10, 5, width, 0}, .number = 1e4}};
        t.count = (size_t)(10 * width);
        double *x = trial_random(&t, t.count, -1, 1), kept[2 * 5 * 66];
        trial_expect(&t, NULL, 1e-6);
        memcpy(kept, x, t.count * sizeof *x);
        trial_run(&t, FAST64, there);
        memcpy(x, there, t.count * sizeof *x);
        t.task.size[3] = 1;
        trial_run(&t, FAST64, back);
        for (size_t i = 0; i < t.count; i++) cr_assert_float_eq(back[i], kept[i], 1e-14);
        trial_end(&t);
    }
}

/* Vaswani et al. 2017: PE(pos, 2i) = sin(pos / 10000^(2i/d)), PE(pos, 2i + 1) = cos of the same. */
Test(kernels_attention, sinusoid_by_its_definition)
{
    double wanted[7 * 6];
    for (int at = 0; at < 7 * 6; at++) {
        double angle = at / 6 * pow(10000, -(at % 6 / 2) / 3.0);
        wanted[at] = at % 2 ? cos(angle) : sin(angle);
    }
    struct trial t = {
        .name = "sinusoid", .set = POSITIONS(sinusoid), .task = {.size = {7, 6}}, .count = 42};
    trial_gives(&t, wanted, 1e-7);
}

/* 1, 3: mean 2, variance 1. With epsilon 3 the deviation is 2. */
Test(kernels_attention, normalisation_by_hand)
{
    struct trial t = {.name = "normalise",
                      .set = KERNELS(normalise),
                      .task = {.size = {2, 2}, .number = 3},
                      .count = 4};
    trial_input(&t, 4, (const double[]){1, 3, -10, -12});
    trial_expect(&t, (const double[]){-0.5, 0.5, 0.5, -0.5}, 0);
    t.set = (struct kernel_set)KERNELS(rstd);
    t.count = 2;
    trial_gives(&t, (const double[]){0.5, 0.5}, 0);
    t = (struct trial){.name = "jacobian",
                       .set = KERNELS(normalise_jacobian),
                       .task = {.size = {1, 2}},
                       .count = 2};
    trial_input(&t, 2, (const double[]){-0.5, 0.5});
    trial_input(&t, 1, (const double[]){0.5});
    trial_input(
        &t, 2,
        (const double[]){1, 5}); /* mean 3, along y 1: 0.5 (1 - 3 + 0.5), 0.5 (5 - 3 - 0.5) */
    trial_gives(&t, (const double[]){-0.75, 0.75}, 0);
}

Test(kernels_attention, normalisation_of_every_width)
{
    for (int i = 0; i < WIDTHS; i++) {
        struct trial t = {.name = "normalise",
                          .set = KERNELS(normalise),
                          .task = {.size = {3, widths[i]}, .number = 1e-3}};
        t.count = (size_t)(3 * widths[i]);
        trial_random(&t, t.count, 99, 101); /* a mean far from zero */
        trial_expect(&t, NULL, 5e-5);
        t.set = (struct kernel_set)KERNELS(rstd);
        t.count = 3;
        trial_agrees(&t, 1e-5);
        t = (struct trial){.name = "jacobian", .set = KERNELS(normalise_jacobian), .task = t.task};
        t.count = (size_t)(3 * widths[i]);
        trial_random(&t, t.count, -1, 1);
        trial_random(&t, 3, 0.5, 2);
        trial_random(&t, t.count, -1, 1);
        trial_agrees(&t, 2e-6);
    }
}

Test(kernels_attention, nan_stays_in_its_row)
{
    enum { N = 37 };
    const struct kernel_set sets[] = {KERNELS(normalise), KERNELS(rstd)};
    for (int k = 0; k < 2; k++)
        for (size_t at = 0; at < 2 * N; at++) {
            double out[2 * N];
            size_t each = k ? 1 : N;
            struct trial t = {.name = "nan",
                              .set = sets[k],
                              .task = {.size = {2, N}, .number = 1e-5},
                              .count = 2 * each};
            trial_random(&t, 2 * N, -1, 1)[at] = NAN;
            for (enum form form = FAST32; form < FORMS; form++) {
                trial_run(&t, form, out);
                for (size_t i = 0; i < t.count; i++)
                    cr_assert_eq(isnan(out[i]), i / each == at / N, "form %d", form);
            }
            trial_end(&t);
        }
}

Test(kernels_attention, indices_by_hand)
{
    static const double table[] = {1, 2, 3, 4, 5, 6}, ids[] = {2, 0, 2};
    struct trial t = {
        .name = "gather_rows", .set = KERNELS(gather_rows), .task = {.size = {3, 2}}, .count = 6};
    trial_input(&t, 6, table);
    trial_input(&t, 3, ids);
    trial_gives(&t, (const double[]){5, 6, 1, 2, 5, 6}, 0);
    t = (struct trial){.name = "scatter_rows",
                       .set = KERNELS(scatter_rows),
                       .task = {.size = {3, 2, 4}},
                       .count = 8};
    trial_input(&t, 6, table);
    trial_input(&t, 3, ids);
    trial_gives(&t, (const double[]){3, 4, 0, 0, 6, 8, 0, 0}, 0);
    t = (struct trial){.name = "pick", .set = KERNELS(pick), .task = {.size = {3, 2}}, .count = 3};
    trial_input(&t, 6, table);
    trial_input(&t, 3, (const double[]){1, 0, 1});
    trial_gives(&t, (const double[]){2, 3, 6}, 0);
    t = (struct trial){
        .name = "place", .set = KERNELS(place), .task = {.size = {3, 3}}, .count = 9};
    trial_input(&t, 3, (const double[]){7, 8, 9});
    trial_input(&t, 3, ids);
    trial_gives(&t, (const double[]){0, 0, 7, 8, 0, 0, 0, 0, 9}, 0);
}

Test(kernels_attention, indices_of_every_width)
{
    enum { ROWS = 33, TABLE = 9 };
    const struct kernel_set sets[] = {KERNELS(gather_rows), KERNELS(scatter_rows), KERNELS(pick),
                                      KERNELS(place)};
    for (int i = 0; i < 4 * WIDTHS; i++) {
        size_t n = (size_t)widths[i / 4], counts[] = {ROWS * n, TABLE * n, ROWS, ROWS * n},
               lengths[] = {TABLE * n, ROWS * n, ROWS * n, ROWS};
        struct trial t = {
            .name = "indices", .set = sets[i % 4], .task = {.size = {ROWS, (int64_t)n, TABLE}}};
        t.count = counts[i % 4];
        trial_random(&t, lengths[i % 4], -1, 1);
        trial_indices(&t, ROWS, i % 4 < 2 ? TABLE : (double)n);
        trial_agrees(&t, i % 4 == 1 ? 1e-5 : 0);
    }
}
