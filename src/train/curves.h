/* Curves: tables of float64 columns that grow by a row an epoch or a logged step. */
#ifndef BASIN_TRAIN_CURVES_H
#define BASIN_TRAIN_CURVES_H

#include <stdint.h>
#include "base/record.h"
#include "base/state.h"

/* column, units, long name */
#define CURVE_COLUMNS(X)                                                                           \
    X(train_loss, "1", "training loss, eval mode, whole set")                                      \
    X(train_accuracy, "1", "training accuracy, eval mode, whole set")                              \
    X(validation_loss, "1", "validation loss, eval mode")                                          \
    X(validation_accuracy, "1", "validation accuracy, eval mode")                                  \
    X(test_loss, "1", "test loss, eval mode")                                                      \
    X(test_accuracy, "1", "test accuracy, eval mode")                                              \
    X(batch_loss, "1", "mean loss of the batches as they were trained on")                         \
    X(learning_rate, "1", "learning rate of the last step")                                        \
    X(gradient_norm, "1", "mean Euclidean norm of the batches' gradients before clipping")         \
    X(weight_norm, "1", "Euclidean norm of all parameters")                                        \
    X(train_perplexity, "1", "perplexity of the training part: exp(train_loss)")                   \
    X(validation_perplexity, "1", "perplexity of the validation part: exp(validation_loss)")       \
    X(test_perplexity, "1", "perplexity of the test part: exp(test_loss)")                         \
    X(train_bits_per_character, "bit", "bits a token of the training part: train_loss / ln 2")     \
    X(validation_bits_per_character, "bit",                                                        \
      "bits a token of the validation part: validation_loss / ln 2")                               \
    X(test_bits_per_character, "bit", "bits a token of the test part: test_loss / ln 2")

enum curve_column {
#define X(name, units, long_name) CURVE_##name,
    CURVE_COLUMNS(X)
#undef X
        CURVES
};

enum {
    CURVES_BY_STEP = 1u << CURVE_batch_loss | 1u << CURVE_learning_rate |
                     1u << CURVE_gradient_norm | 1u << CURVE_weight_norm
};

struct curves {
    int64_t *axis;           /* (rows): epoch from 1, or step from 1 */
    double *columns[CURVES]; /* (rows) each; NULL where the column does not apply */
    int64_t rows, capacity;
};

/* What each column is, for rooms that explain them. */
struct curve_description {
    const char *name, *units, *long_name;
    bool by_step; /* it stands in /steps too */
};
const struct curve_description *curve_describe(enum curve_column column);

/* `columns` is a mask of 1u << CURVE_... */
basin_status curves_create(struct arena *arena, unsigned columns, int64_t capacity,
                           struct curves *curves);
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
