#include "data_files.h"

TestSuite(shuffle_points, .init = data_start, .fini = data_stop);

enum { SIDE = 4, POINTS = SIDE * SIDE };

/* The files of small_idx, which must have been written, with their points in the order of a
 * permutation. */
static const struct value *shuffled(void)
{
    return block("idx", "train_images", arena_text(arena, in_folder("x")), "train_labels",
                 arena_text(arena, in_folder("y")), "test_images",
                 arena_text(arena, in_folder("xt")), "test_labels",
                 arena_text(arena, in_folder("yt")), "shuffle_points", "true", NULL);
}

Test(shuffle_points, shuffling_moves_the_points_of_every_example_to_one_order)
{
    const struct data *plain = opened(small_idx("")), *moved = opened(shuffled());
    int from[POINTS], seen[POINTS] = {0}, fixed = 0;
    const double *x = all_x(plain, DATA_TRAIN), *y = all_x(moved, DATA_TRAIN);
    for (int k = 0; k < POINTS; k++) {
        from[k] = -1;
        for (int i = 0; i < POINTS; i++)
            if (y[k] == x[i]) from[k] = i;
        cr_assert(from[k] >= 0, "point %d has a value that the first example has not", k);
        seen[from[k]]++;
        fixed += from[k] == k;
    }
    for (int k = 0; k < POINTS; k++)
        cr_assert_eq(seen[k], 1, "point %d is used %d times", k, seen[k]);
    cr_assert_lt(fixed, POINTS / 2, "%d points did not move", fixed);
    for (int part = 0; part < 2; part++) {
        enum data_part which = part ? DATA_TEST : DATA_TRAIN;
        size_t count = data_describe(plain)->counts[which];
        x = all_x(plain, which);
        y = all_x(moved, which);
        cr_assert_eq(count, data_describe(moved)->counts[which]);
        for (size_t row = 0; row < count; row++) {
            for (int k = 0; k < POINTS; k++)
                cr_assert_eq(y[row * POINTS + k], x[row * POINTS + from[k]]);
            cr_assert_eq(data_labels(plain, which)[row], data_labels(moved, which)[row]);
        }
    }
}

Test(shuffle_points, the_order_is_the_same_at_every_opening)
{
    small_idx("");
    const double *first = all_x(opened(shuffled()), DATA_TRAIN);
    data_store_destroy(store);
    OK(data_store_create(&store));
    const double *again = all_x(opened(shuffled()), DATA_TRAIN);
    for (int k = 0; k < 20 * POINTS; k++) cr_assert_eq(first[k], again[k]);
}
