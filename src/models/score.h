/* Score: what outputs are worth against targets, in float64, outside of any graph.
 *
 * Purpose.  Losses and accuracies that are reported come from here, from the outputs of a network;
 * the loss that is differentiated is a node of its graph (model_loss) and means the same.
 */
#ifndef BASIN_MODELS_SCORE_H
#define BASIN_MODELS_SCORE_H

#include "models/model.h"

/* What a pass over examples finds. */
struct evaluation {
    double loss;     /* mean over predictions: cross-entropy, or 0.5 ||f - y||^2 */
    double accuracy; /* share of predictions whose largest output (the first, in a tie) is the
                        target; NAN for regression, and where the loss is not finite */
};

struct score {
    double loss; /* sum over predictions */
    size_t hits, predictions;
};

/* How outputs are compared with targets. */
struct score_rule {
    enum loss loss;
    enum data_task task;
    double label_smoothing;    /* of LOSS_CROSS_ENTROPY */
    size_t outputs, positions; /* numbers of a prediction; predictions of an example */
};

/* The loss of one prediction: f (outputs) against y, which is (outputs) numbers that are one-hot,
 * soft labels or regression targets, or one token of a language model. */
double score_loss(const struct score_rule *rule, const double *f, const double *y);
/* Numbers that one prediction has as its target: `outputs`, or 1 of a language model. */
size_t score_targets(const struct score_rule *rule);
/* Adds `count` examples: f (count, positions, outputs), y (count, positions, targets). */
void score_add(const struct score_rule *rule, size_t count, const double *f, const double *y,
               struct score *score);
/* The means; NANs where nothing was added. */
struct evaluation score_mean(const struct score_rule *rule, const struct score *score);

#endif
