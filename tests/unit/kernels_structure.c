/* Kernels that add up or move elements: exact by hand, and of every width. */
#include "kernels_helpers.h"

static const double six[] = {1, 2, 3, 4, 5, 6};

static struct trial of_six(const char *name, struct kernel_set set, struct kernel_task task,
                           size_t count)
{
    struct trial t = {.name = name, .set = set, .task = task, .count = count};
    trial_input(&t, 6, six);
    return t;
}

/* (2, 3) as outer, middle, inner. */
Test(kernels_structure, sums_and_repetitions_by_hand)
{
    static const struct kernel_set sum = KERNELS(sum), broadcast = KERNELS(broadcast);
    struct trial t = of_six("sum", sum, (struct kernel_task){.size = {1, 2, 3}}, 3);
    trial_gives(&t, (const double[]){5, 7, 9}, 0);
    t = of_six("sum", sum, (struct kernel_task){.size = {2, 3, 1}}, 2);
    trial_gives(&t, (const double[]){6, 15}, 0);
    t = of_six("sum", sum, (struct kernel_task){.size = {1, 3, 2}}, 2);
    trial_gives(&t, (const double[]){9, 12}, 0);
    t = of_six("broadcast", broadcast, (struct kernel_task){.size = {2, 2, 3}}, 12);
    trial_gives(&t, (const double[]){1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6}, 0);
    t = of_six("broadcast", broadcast, (struct kernel_task){.size = {6, 2, 1}}, 12);
    trial_gives(&t, (const double[]){1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6}, 0);
}

Test(kernels_structure, moves_by_hand)
{
    static const struct kernel_set slice = KERNELS(slice), pad = KERNELS(pad),
                                   shift = KERNELS(shift), concatenate = KERNELS(concatenate);
    struct trial t = of_six("slice", slice, (struct kernel_task){.size = {2, 3, 1, 1, 2}}, 4);
    trial_gives(&t, (const double[]){2, 3, 5, 6}, 0);
    t = of_six("slice", slice, (struct kernel_task){.size = {1, 3, 2, 1, 1}}, 2);
    trial_gives(&t, (const double[]){3, 4}, 0);
    t = of_six("pad", pad, (struct kernel_task){.size = {2, 3, 1, 1, 5}}, 10);
    trial_gives(&t, (const double[]){0, 1, 2, 3, 0, 0, 4, 5, 6, 0}, 0);
    t = of_six("shift", shift, (struct kernel_task){.size = {2, 3, 0}}, 6);
    trial_gives(&t, (const double[]){0, 0, 1, 2, 3, 4}, 0);
    t = of_six("shift", shift, (struct kernel_task){.size = {2, 3, 1}}, 6);
    trial_gives(&t, (const double[]){3, 4, 5, 6, 0, 0}, 0);
    t = of_six("concatenate", concatenate, (struct kernel_task){.size = {2, 3, 1, 1}}, 8);
    trial_input(&t, 2, (const double[]){10, 20});
    trial_gives(&t, (const double[]){1, 2, 3, 10, 4, 5, 6, 20}, 0);
}

/* size: rank, dimensions of the result, strides of the input along them */
Test(kernels_structure, transpositions_by_hand)
{
    static const struct kernel_set transpose = KERNELS(transpose);
    static const double wanted[] = {1, 4, 2, 5, 3, 6};
    struct kernel_task matrix = {.size = {2, 3, 2, [7] = 1, 3}},
                       cube = {.size = {3, 3, 2, 1, [7] = 1, 3, 6}};
    struct trial t = of_six("transpose", transpose, matrix, 6);
    trial_gives(&t, wanted, 0);
    t = of_six("transpose", transpose, cube, 6);
    trial_gives(&t, wanted, 0);
}

static void try_axis(int64_t outer, int64_t middle, int64_t inner)
{
    size_t all = (size_t)(outer * middle * inner), without = (size_t)(outer * inner);
    struct trial t = {.name = "sum",
                      .set = KERNELS(sum),
                      .task = {.size = {outer, middle, inner}},
                      .count = without};
    trial_random(&t, all, -1, 1);
    trial_agrees(&t, 1e-6);
    t = (struct trial){.name = "broadcast",
                       .set = KERNELS(broadcast),
                       .count = all,
                       .task = {.size = {outer, middle, inner}}};
    trial_random(&t, without, -1, 1);
    trial_agrees(&t, 0);
    t = (struct trial){.name = "slice",
                       .set = KERNELS(slice),
                       .count = without,
                       .task = {.size = {outer, middle, inner, middle / 2, 1}}};
    trial_random(&t, all, -1, 1);
    trial_agrees(&t, 0);
    t = (struct trial){.name = "pad",
                       .set = KERNELS(pad),
                       .count = (size_t)(outer * (middle + 3) * inner),
                       .task = {.size = {outer, middle, inner, 2, middle + 3}}};
    trial_random(&t, all, -1, 1);
    trial_agrees(&t, 0);
    t = (struct trial){.name = "concatenate",
                       .set = KERNELS(concatenate),
                       .count = (size_t)(outer * (middle + 2) * inner),
                       .task = {.size = {outer, middle, inner, 2}}};
    trial_random(&t, all, -1, 1);
    trial_random(&t, (size_t)(outer * 2 * inner), -1, 1);
    trial_agrees(&t, 0);
}

Test(kernels_structure, axes_of_every_width)
{
    for (int i = 0; i < WIDTHS; i++) {
        try_axis(1, 3, widths[i]);
        try_axis(3, widths[i], 1);
        try_axis(2, widths[i], 5);
        try_axis(widths[i], 2, 3);
    }
}

/* Narrow columns lie several rows side by side in one buffer: every number of rows that is left
 * over. */
Test(kernels_structure, narrow_sums_with_every_rest)
{
    for (int64_t inner = 2; inner <= 66; inner += 9)
        for (int64_t middle = 1; middle < 300; middle += 7) try_axis(1, middle, inner);
}

Test(kernels_structure, shifts_of_every_width)
{
    for (int i = 0; i < WIDTHS; i++)
        for (int flags = 0; flags < 6; flags++) {
            int64_t steps = 1 + flags / 2 * 3;
            struct trial t = {.name = "shift",
                              .set = KERNELS(shift),
                              .task = {.size = {widths[i], steps, flags % 2}}};
            t.count = (size_t)(widths[i] * steps);
            trial_random(&t, t.count, -1, 1);
            trial_agrees(&t, 0);
        }
}

/* All orders of three axes of different lengths. */
Test(kernels_structure, every_order_of_three_axes)
{
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                     {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    static const int64_t dim[] = {5, 33, 17}, stride[] = {33 * 17, 17, 1};
    for (int k = 0; k < 6; k++) {
        struct trial t = {.name = "transpose",
                          .set = KERNELS(transpose),
                          .task = {.size = {3}},
                          .count = 5 * 33 * 17};
        for (int i = 0; i < 3; i++) {
            t.task.size[1 + i] = dim[orders[k][i]];
            t.task.size[7 + i] = stride[orders[k][i]];
        }
        trial_random(&t, t.count, -1, 1);
        trial_agrees(&t, 0);
    }
}

Test(kernels_structure, a_sum_with_nan_is_nan)
{
    for (size_t at = 0; at < 70; at++) {
        double out[2];
        struct trial t = {
            .name = "sum", .set = KERNELS(sum), .task = {.size = {2, 35, 1}}, .count = 2};
        trial_random(&t, 70, -1, 1)[at] = NAN;
        for (enum form form = FAST32; form < FORMS; form++) {
            trial_run(&t, form, out);
            for (size_t i = 0; i < 2; i++)
                cr_assert_eq(isnan(out[i]), at / 35 == i, "form %d, element %zu", form, at);
        }
        trial_end(&t);
    }
}
