/* Quantities: every number that a training itself gives, in one table.
 *
 * Purpose.  A row is a column of /curves (and of /steps), a number in /measures of every run, or
 * both. Curves, final numbers, `basin explain` and results/REFERENCE.md are made from the rows: a
 * quantity that is added is one row, and a column of enum curve_column where it is a curve. The
 * order of rows is that of the numbers in a file.
 */
#ifndef BASIN_TRAIN_QUANTITIES_H
#define BASIN_TRAIN_QUANTITIES_H

#include "base/quantity.h"
#include "models/score.h"

/* The columns, in the order in which files have them. */
enum curve_column {
    CURVE_train_loss,
    CURVE_train_accuracy,
    CURVE_validation_loss,
    CURVE_validation_accuracy,
    CURVE_test_loss,
    CURVE_test_accuracy,
    CURVE_batch_loss,
    CURVE_learning_rate,
    CURVE_gradient_norm,
    CURVE_weight_norm,
    CURVE_train_perplexity,
    CURVE_validation_perplexity,
    CURVE_test_perplexity,
    CURVE_train_bits_per_character,
    CURVE_validation_bits_per_character,
    CURVE_test_bits_per_character,
    CURVES
};

/* What is known of a training at some moment. */
struct train_moment {
    const struct evaluation *parts; /* (DATA_PARTS) losses and accuracies; NULL: not evaluated */
    double batch_loss, learning_rate, gradient_norm, weight_norm;
    int64_t parameters, epochs, steps, best_epoch; /* at the end */
};

/* What decides which quantities a run has. */
struct train_scope {
    const struct data_info *info;
    bool best; /* the best weights are kept */
};

struct train_quantity {
    struct quantity final;    /* as a number in /measures; without a long name it is none */
    const char *curve;        /* what it is as a column; NULL: it is none */
    enum curve_column column; /* where it is a curve */
    bool by_step;             /* in /steps too */
    bool is_count;            /* a whole number */
    enum data_part part;      /* that `applies` and `value` are asked about */
    bool (*applies)(const struct train_scope *scope, enum data_part part); /* NULL: always */
    double (*value)(const struct train_moment *moment, enum data_part part);
};

extern const struct train_quantity train_quantities[]; /* ends with a NULL name */

bool train_quantity_applies(const struct train_quantity *quantity, const struct train_scope *scope);
double train_quantity_value(const struct train_quantity *quantity,
                            const struct train_moment *moment);

const struct train_quantity *train_curve(enum curve_column column); /* its row */

/* The columns of /curves and of /steps that a run has: masks of 1u << CURVE_... */
unsigned train_columns(const struct train_scope *scope, bool by_step);

#endif
