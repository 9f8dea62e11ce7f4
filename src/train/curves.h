/* Curves: tables of float64 columns that grow by a row an epoch or a logged step. */
#ifndef BASIN_TRAIN_CURVES_H
#define BASIN_TRAIN_CURVES_H

#include <stdint.h>
#include "base/record.h"
#include "base/state.h"

/* The columns, in the order in which files have them; what each is: train/quantities.c. */
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

struct curves {
    int64_t *axis;           /* (rows): epoch from 1, or step from 1 */
    double *columns[CURVES]; /* (rows) each; NULL where the column does not apply */
    int64_t rows, capacity;
};

/* `columns` is a mask of 1u << CURVE_... */
basin_status curves_create(struct arena *arena, unsigned columns, int64_t capacity,
                           struct curves *curves);
size_t curves_bytes(unsigned columns, int64_t capacity); /* that curves_create takes */
/* Starts a row: every column NaN. The row of the same place, where it is there, and past the
 * capacity the last one, is used again. */
void curves_row(struct curves *curves, int64_t at);
void curves_set(struct curves *curves, enum curve_column column,
                double value); /* in the last row */
double curves_get(const struct curves *curves, enum curve_column column);

basin_status curves_state(struct curves *curves, struct state *state);

/* Writes the group `path` as NXdata over the axis `axis` ("epoch", "step"). Nothing for a table
 * without rows. */
basin_status curves_record(const struct curves *curves, struct record *record, const char *path,
                           const char *axis, const char *title);

#endif
