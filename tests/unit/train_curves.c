/* train/curves.c: rows start as NaN, columns that do not apply are not there, and a record gets
 * NXdata over its axis. */
#include "../support.h"
#include "train/curves.h"

static struct arena *arena;

static void start(void)
{
    OK(arena_create(&arena));
}

static void end(void)
{
    memory_fail_at(0);
    arena_destroy(arena);
}

TestSuite(curves, .init = start, .fini = end);

Test(curves, rows_and_columns)
{
    struct curves curves;
    OK(curves_create(arena, 1u << CURVE_train_loss | 1u << CURVE_weight_norm, 3, &curves));
    cr_assert(isnan(curves_get(&curves, CURVE_train_loss)), "no row yet");
    curves_set(&curves, CURVE_train_loss, 7); /* before the first row: nothing */
    curves_row(&curves, 1);
    cr_assert(isnan(curves_get(&curves, CURVE_train_loss)));
    curves_set(&curves, CURVE_train_loss, 2.5);
    curves_set(&curves, CURVE_test_loss, 3.5); /* no such column */
    cr_assert_eq(curves_get(&curves, CURVE_train_loss), 2.5);
    cr_assert(isnan(curves_get(&curves, CURVE_test_loss)));
    curves_row(&curves, 5);
    curves_row(&curves, 6);
    curves_set(&curves, CURVE_weight_norm, 1);
    curves_row(&curves, 7); /* past the capacity: the last row is used again */
    cr_assert_eq(curves.rows, 3);
    cr_assert_eq(curves.axis[0], 1);
    cr_assert_eq(curves.axis[2], 7);
    cr_assert(isnan(curves_get(&curves, CURVE_weight_norm)));
}

Test(curves, record)
{
    struct curves curves, none;
    struct record *record;
    OK(record_create(arena, &record));
    OK(curves_create(arena, 1u << CURVE_train_loss | 1u << CURVE_learning_rate, 2, &curves));
    OK(curves_create(arena, 1u << CURVE_train_loss, 0, &none));
    curves_row(&none, 1);
    curves_row(&curves, 1);
    curves_set(&curves, CURVE_train_loss, 2.5);
    curves_row(&curves, 2);
    curves_set(&curves, CURVE_learning_rate, 0.1);
    OK(curves_record(&curves, record, "/curves", "epoch", "curves of a test"));
    OK(curves_record(&none, record, "/steps", "step", "none"));
    cr_assert_null(record_find(record, "/steps"));
    const struct record_item *group = found(record, "/curves"),
                             *loss = found(record, "/curves/train_loss");
    cr_assert_str_eq(record_attribute_get_text(group, "NX_class"), "NXdata");
    cr_assert_str_eq(record_attribute_get_text(group, "signal"), "train_loss");
    cr_assert_str_eq(record_attribute_get_text(group, "title"), "curves of a test");
    cr_assert_str_eq(*(const char *const *)record_attribute_find(group, "auxiliary_signals")->data,
                     "learning_rate");
    cr_assert_str_eq(*(const char *const *)record_attribute_find(group, "axes")->data, "epoch");
    cr_assert_eq(loss->dims[0], 2);
    cr_assert_str_eq(loss->axes[0], "epoch");
    cr_assert_eq(record_number(loss, 0), 2.5);
    cr_assert(isnan(record_number(loss, 1)));
    cr_assert_eq(record_number(found(record, "/curves/epoch"), 1), 2);
    cr_assert_eq(record_number(found(record, "/curves/learning_rate"), 1), 0.1);
    cr_assert_null(record_find(record, "/curves/test_loss"));
}
