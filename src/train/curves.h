/* Curves: tables of float64 columns that grow by a row an epoch or a logged step. */
#ifndef BASIN_TRAIN_CURVES_H
#define BASIN_TRAIN_CURVES_H

#include <stdint.h>
#include "base/record.h"
#include "base/state.h"
#include "train/quantities.h"

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
/* Sets the last row of `curves`: every column that it has. Without an evaluation, what needs one is
 * NaN. */
void train_fill_row(struct curves *curves, const struct train_moment *moment);
double curves_get(const struct curves *curves, enum curve_column column);

basin_status curves_state(struct curves *curves, struct state *state);

/* Writes the group `path` as NXdata over the axis `axis` ("epoch", "step"). Nothing for a table
 * without rows. */
basin_status curves_record(const struct curves *curves, struct record *record, const char *path,
                           const char *axis, const char *title);

#endif
