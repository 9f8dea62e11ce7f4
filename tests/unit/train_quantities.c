/* train/quantities.c: which numbers and columns a run has, and that each column has one row. */
#include "../support.h"
#include "train/quantities.h"

static const struct data_info images = {.task = DATA_CLASSIFICATION, .counts = {50, 0, 10}},
                              numbers = {.task = DATA_REGRESSION, .counts = {50, 20, 10}},
                              texts = {.task = DATA_LANGUAGE, .counts = {50, 20, 0}};

static unsigned columns_of(const struct data_info *info, bool by_step)
{
    return train_columns(&(struct train_scope){.info = info}, by_step);
}

static bool has(unsigned columns, enum curve_column column)
{
    return columns & 1u << column;
}

static const struct train_quantity *quantity(const char *name)
{
    const struct train_quantity *each = train_quantities;
    while (each->final.name && strcmp(each->final.name, name) != 0) each++;
    cr_assert(each->final.name, "no %s", name);
    return each;
}

Test(quantities, every_column_has_one_row_and_every_row_a_use)
{
    int rows[CURVES] = {0};
    for (const struct train_quantity *each = train_quantities; each->final.name; each++) {
        cr_assert(each->curve || each->final.long_name, "%s is no column and no number",
                  each->final.name);
        cr_assert(each->curve || !each->by_step, "%s", each->final.name);
        if (each->curve) rows[each->column]++;
        cr_assert_eq(quantity(each->final.name), each, "%s is there twice", each->final.name);
    }
    for (int i = 0; i < CURVES; i++) {
        cr_assert_eq(rows[i], 1, "column %d", i);
        cr_assert_eq(train_curve((enum curve_column)i)->column, i);
    }
}

Test(quantities, columns_follow_from_the_data)
{
    unsigned image = columns_of(&images, false), number = columns_of(&numbers, false),
             text = columns_of(&texts, false);
    cr_assert(has(image, CURVE_train_accuracy) && has(image, CURVE_test_accuracy));
    cr_assert(!has(image, CURVE_validation_loss) && !has(image, CURVE_validation_accuracy));
    cr_assert(!has(image, CURVE_train_perplexity) && !has(image, CURVE_test_bits_per_character));
    cr_assert(has(number, CURVE_validation_loss) && !has(number, CURVE_validation_accuracy));
    cr_assert(has(text, CURVE_train_perplexity) && has(text, CURVE_validation_bits_per_character));
    cr_assert(!has(text, CURVE_test_perplexity) && !has(text, CURVE_test_loss));
    for (const struct data_info *const *info =
             (const struct data_info *const[]){&images, &numbers, &texts, NULL};
         *info; info++) {
        unsigned steps = columns_of(*info, true);
        cr_assert_eq(steps, 1u << CURVE_batch_loss | 1u << CURVE_learning_rate |
                                1u << CURVE_gradient_norm | 1u << CURVE_weight_norm);
        cr_assert_eq(columns_of(*info, false) & steps, steps);
    }
}

Test(quantities, numbers_at_the_end)
{
    struct evaluation parts[DATA_PARTS] = {
        [DATA_TRAIN] = {0.5, 0.875}, [DATA_VALIDATION] = {1, 0.75}, [DATA_TEST] = {2, 0.5}};
    struct train_moment moment = {
        .parts = parts, .parameters = 410, .epochs = 3, .steps = 9, .best_epoch = 2};
    static const struct {
        const char *name;
        double value;
    } expected[] = {{"train_loss", 0.5}, {"validation_accuracy", 0.75},
                    {"test_loss", 2},    {"accuracy_gap", 0.375},
                    {"loss_gap", 1.5},   {"test_bits_per_character", 2 / M_LN2},
                    {"parameters", 410}, {"epochs", 3},
                    {"steps", 9},        {"best_epoch", 2}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        cr_assert_eq(train_quantity_value(quantity(expected[i].name), &moment), expected[i].value,
                     "%s", expected[i].name);
    NEAR(train_quantity_value(quantity("test_perplexity"), &moment), exp(2), 1e-15);
    struct train_scope all = {.info = &images, .best = true}, some = {.info = &images};
    cr_assert(train_quantity_applies(quantity("best_epoch"), &all));
    cr_assert_not(train_quantity_applies(quantity("best_epoch"), &some));
    struct train_scope regression = {.info = &numbers}, language = {.info = &texts};
    cr_assert_not(train_quantity_applies(quantity("accuracy_gap"), &regression));
    cr_assert(train_quantity_applies(quantity("loss_gap"), &regression));
    cr_assert_not(train_quantity_applies(quantity("loss_gap"), &language), "no test set");
}

Test(quantities, what_needs_an_evaluation_is_nan_without_one)
{
    struct arena *arena;
    struct curves curves;
    OK(arena_create(&arena));
    OK(curves_create(arena, columns_of(&images, false), 2, &curves));
    curves_row(&curves, 1);
    struct train_moment moment = {.batch_loss = 7, .weight_norm = 3};
    train_fill_row(&curves, &moment);
    cr_assert(isnan(curves_get(&curves, CURVE_train_loss)));
    cr_assert_eq(curves_get(&curves, CURVE_batch_loss), 7);
    moment.parts = (struct evaluation[DATA_PARTS]){{0.5, 0.25}};
    train_fill_row(&curves, &moment);
    cr_assert_eq(curves_get(&curves, CURVE_train_loss), 0.5);
    cr_assert_eq(curves_get(&curves, CURVE_train_accuracy), 0.25);
    cr_assert_eq(curves_get(&curves, CURVE_weight_norm), 3);
    arena_destroy(arena);
}
