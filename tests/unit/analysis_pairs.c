#include "analysis/pairs.h"
#include "study_helpers.h"

#include <math.h>

/* Values by hand, and by Python: sum(abs(sum(s * d)) >= abs(sum(d)) for s in product((1, -1),
 * repeat=n)) / 2 ** n. */
Test(pairs, exact_sign_flips)
{
    const double same[] = {1, 2, 3, 4, 5, 6}, mixed[] = {0.3, -0.1, 0.5, 0.2, -0.4, 0.6, 0.1},
                 zero[] = {0, 0, 0}, ties[] = {0.1, 0.2, -0.3, 0.2};
    cr_assert_eq(pairs_sign_flip(same, 6), 2.0 / 64);
    cr_assert_eq(pairs_sign_flip(same, 5), 2.0 / 32);
    cr_assert_eq(pairs_sign_flip(same, 2), 0.5);
    cr_assert_eq(pairs_sign_flip(mixed, 7), 34.0 / 128);
    cr_assert_eq(pairs_sign_flip(zero, 3), 1);
    cr_assert_eq(pairs_sign_flip(ties, 4), 14.0 / 16);
    cr_assert(isnan(pairs_sign_flip(same, 1)));
    cr_assert(isnan(pairs_sign_flip(same, 0)));
}

/* Of 17 equal differences only all signs alike are as extreme: 2 of 2^17. Of 40 with a tail by the
 * normal approximation: z = sum / sqrt(sum of squares). */
Test(pairs, drawn_sign_flips)
{
    double equal[17], many[40], sum = 0, squares = 0;
    for (int i = 0; i < 17; i++) equal[i] = 0.5;
    for (int i = 0; i < 40; i++) {
        many[i] = (i % 5 - 1.4) * (1 + 0.01 * i);
        sum += many[i];
        squares += many[i] * many[i];
    }
    double p = pairs_sign_flip(many, 40), normal = erfc(fabs(sum) / sqrt(2 * squares));
    cr_assert_lt(pairs_sign_flip(equal, 17), 1e-4);
    cr_assert_float_eq(p, normal, 0.01, "%g %g", p, normal);
    cr_assert_eq(p, pairs_sign_flip(many, 40));
}

static struct table *make(struct arena *arena, size_t rows, const double *decay, const double *seed,
                          const double *loss, const char *const *status)
{
    static const char *const names[] = {"run_id", "status", "weight_decay", "seed", "test_loss"};
    static const enum column_group groups[] = {COLUMN_RUN, COLUMN_RUN, COLUMN_PARAMETER,
                                               COLUMN_PARAMETER, COLUMN_MEASURE};
    struct table *table = arena_allocate(arena, sizeof *table);
    *table = (struct table){.arena = arena, .row_count = rows};
    table->rows = arena_array(arena, struct row, rows);
    for (int i = 0; i < 5; i++) table_add_column(table, names[i], groups[i], NULL);
    for (size_t i = 0; i < rows; i++) {
        struct cell *cells = arena_array(arena, struct cell, 5);
        cells[0] = (struct cell){.kind = CELL_TEXT, .text = "id"};
        cells[1] = (struct cell){.kind = CELL_TEXT, .text = status ? status[i] : "finished"};
        cells[2] = (struct cell){.kind = CELL_NUMBER, .number = decay[i]};
        cells[3] = (struct cell){.kind = CELL_NUMBER, .number = seed[i]};
        cells[4] = (struct cell){.kind = CELL_NUMBER, .number = loss[i]};
        table->rows[i] = (struct row){cells, 5};
    }
    table_mark_varied(table);
    return table;
}

/* A varies weight decay over 0 and 1, B over 1 and 2: only 1 is in both. */
Test(pairs, pair_by_what_both_have)
{
    static const double decay_a[] = {0, 0, 1, 1, 1}, seed_a[] = {0, 1, 1, 0, 2},
                        loss_a[] = {9, 9, 3, 2, NAN}, decay_b[] = {1, 1, 1, 2, 1},
                        seed_b[] = {2, 0, 1, 0, 3}, loss_b[] = {7, 2.5, 4, 9, 1};
    static const char *const status_b[] = {"finished", "finished", "finished", "finished",
                                           "diverged"};
    struct arena *arena;
    struct pairs *pairs;
    struct pairs_difference found;
    OK(arena_create(&arena));
    struct table *a = make(arena, 5, decay_a, seed_a, loss_a, NULL),
                 *b = make(arena, 5, decay_b, seed_b, loss_b, status_b);
    OK(pairs_gather(a, b, &pairs));
    cr_assert_eq(pairs->axis_count, 2);
    cr_assert_eq(pairs->seed_count, 1);
    cr_assert_eq(pairs->cell_count, 1);
    cr_assert_eq(pairs->alone[0], 2);
    cr_assert_eq(pairs->alone[1], 1);
    cr_assert_eq(pairs->ended[1], 1);
    OK(pairs_compare(pairs, &pairs->cells[0], 4, 4, &found));
    cr_assert_eq(found.count, 2);
    cr_assert_eq(found.lacking, 1);
    cr_assert_eq(found.a, 2.5);
    cr_assert_eq(found.b, 3.25);
    cr_assert_eq(found.difference, 0.75);
    cr_assert_float_eq(found.deviation, sqrt(0.125), 1e-15);
    /* t(0.975; 1) = tan(0.475 pi) = 12.7062047361747; the standard error is 1/4. */
    cr_assert_float_eq(found.interval.low, 0.75 - 12.7062047361747 / 4, 1e-12);
    cr_assert_float_eq(found.interval.high, 0.75 + 12.7062047361747 / 4, 1e-12);
    cr_assert_eq(found.p, 0.5);
    arena_destroy(arena);
}

/* B has one weight decay, which A does not have: A's runs of a seed are one, their mean. */
Test(pairs, what_one_side_lacks_is_averaged)
{
    static const double decay_a[] = {0, 1, 0, 1}, seed_a[] = {0, 0, 1, 1}, loss_a[] = {1, 3, 5, 9},
                        decay_b[] = {2, 2}, seed_b[] = {0, 1}, loss_b[] = {4, 4};
    struct arena *arena;
    struct pairs *pairs;
    struct pairs_difference found;
    OK(arena_create(&arena));
    OK(pairs_gather(make(arena, 4, decay_a, seed_a, loss_a, NULL),
                    make(arena, 2, decay_b, seed_b, loss_b, NULL), &pairs));
    cr_assert_eq(pairs->axis_count, 1);
    OK(pairs_compare(pairs, &pairs->cells[0], 4, 4, &found));
    cr_assert_eq(found.count, 2);
    cr_assert_eq(found.a, 4.5);
    cr_assert_eq(found.difference, -0.5);
    arena_destroy(arena);
}
