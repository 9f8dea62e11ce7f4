#include "train/quantities.h"

#include <math.h>

static bool is_there(const struct train_scope *scope, enum data_part part)
{
    return scope->info->counts[part] > 0;
}

static bool has_classes(const struct train_scope *scope, enum data_part part)
{
    return is_there(scope, part) && scope->info->task != DATA_REGRESSION;
}

static bool is_language(const struct train_scope *scope, enum data_part part)
{
    return is_there(scope, part) && scope->info->task == DATA_LANGUAGE;
}

static bool keeps_best(const struct train_scope *scope, enum data_part part)
{
    (void)part;
    return scope->best;
}

static double loss_of(const struct train_moment *moment, enum data_part part)
{
    return moment->parts ? moment->parts[part].loss : NAN;
}

static double accuracy_of(const struct train_moment *moment, enum data_part part)
{
    return moment->parts ? moment->parts[part].accuracy : NAN;
}

static double perplexity_of(const struct train_moment *moment, enum data_part part)
{
    return exp(loss_of(moment, part));
}

static double bits_of(const struct train_moment *moment, enum data_part part)
{
    return loss_of(moment, part) / M_LN2;
}

static double accuracy_gap(const struct train_moment *moment, enum data_part part)
{
    return accuracy_of(moment, DATA_TRAIN) - accuracy_of(moment, part);
}

static double loss_gap(const struct train_moment *moment, enum data_part part)
{
    return loss_of(moment, part) - loss_of(moment, DATA_TRAIN);
}

#define FIELD(field)                                                                               \
    static double field##_of_moment(const struct train_moment *moment, enum data_part part)        \
    {                                                                                              \
        (void)part;                                                                                \
        return (double)moment->field;                                                              \
    }
FIELD(batch_loss)
FIELD(learning_rate)
FIELD(gradient_norm)
FIELD(weight_norm)
FIELD(parameters)
FIELD(epochs)
FIELD(steps)
FIELD(best_epoch)
#undef FIELD

#define EVALUATED "over the whole set, eval mode, no regulariser"

/* The four of a part; `how` ends the long name of its loss and accuracy as curves. */
#define PART(name, enumerator, text, how)                                                          \
    {.final = {#name "_loss", "1", text " loss", EVALUATED, NULL},                                 \
     .curve = text " loss, eval mode" how,                                                         \
     .column = CURVE_##name##_loss,                                                                \
     .part = enumerator,                                                                           \
     .applies = is_there,                                                                          \
     .value = loss_of},                                                                            \
        {.final = {#name "_accuracy", "1", text " accuracy", EVALUATED, NULL},                     \
         .curve = text " accuracy, eval mode" how,                                                 \
         .column = CURVE_##name##_accuracy,                                                        \
         .part = enumerator,                                                                       \
         .applies = has_classes,                                                                   \
         .value = accuracy_of},                                                                    \
        {.final = {#name "_perplexity", "1", text " perplexity",                                   \
                   "exp(" #name "_loss); language models", NULL},                                  \
         .curve = "perplexity of the " text " part: exp(" #name "_loss)",                          \
         .column = CURVE_##name##_perplexity,                                                      \
         .part = enumerator,                                                                       \
         .applies = is_language,                                                                   \
         .value = perplexity_of},                                                                  \
    {                                                                                              \
        .final = {#name "_bits_per_character", "bit", text " bits per character",                  \
                  #name "_loss / ln 2, a token being a character (or byte); language models",      \
                  NULL},                                                                           \
        .curve = "bits a token of the " text " part: " #name "_loss / ln 2",                       \
        .column = CURVE_##name##_bits_per_character, .part = enumerator, .applies = is_language,   \
        .value = bits_of                                                                           \
    }

const struct train_quantity train_quantities[] = {
    PART(train, DATA_TRAIN, "training", ", whole set"),
    PART(validation, DATA_VALIDATION, "validation", ""),
    PART(test, DATA_TEST, "test", ""),
    {.final = {"accuracy_gap", "1", "accuracy gap",
               "train_accuracy - test_accuracy; with label_noise the first is of the noisy labels "
               "that were trained on and the second of clean ones, so that a network that ignores "
               "the noise has a negative gap",
               NULL},
     .part = DATA_TEST,
     .applies = has_classes,
     .value = accuracy_gap},
    {.final =
         {"loss_gap", "1", "loss gap",
          "test_loss - train_loss, of the loss that was trained: training.loss; with label_noise "
          "the first is of clean labels and the second of the noisy ones",
          NULL},
     .part = DATA_TEST,
     .applies = is_there,
     .value = loss_gap},
    {.final = {"parameters", "1", "number of trainable parameters", NULL, NULL},
     .is_count = true,
     .value = parameters_of_moment},
    {.final = {"epochs", "1", "epochs begun", NULL, NULL},
     .is_count = true,
     .value = epochs_of_moment},
    {.final = {"steps", "1", "optimiser steps taken", NULL, NULL},
     .is_count = true,
     .value = steps_of_moment},
    {.final = {"best_epoch", "1", "epoch of the lowest validation loss", "with weights.best", NULL},
     .is_count = true,
     .applies = keeps_best,
     .value = best_epoch_of_moment},
    {.final = {.name = "batch_loss", .units = "1"},
     .curve = "training loss before each step, mean over the examples of the epoch (in /steps: "
              "of the batch); with dropout and label smoothing, without l1 and l2",
     .column = CURVE_batch_loss,
     .by_step = true,
     .value = batch_loss_of_moment},
    {.final = {.name = "learning_rate", .units = "1"},
     .curve = "learning rate of the last step",
     .column = CURVE_learning_rate,
     .by_step = true,
     .value = learning_rate_of_moment},
    {.final = {.name = "gradient_norm", .units = "1"},
     .curve =
         "mean over the batches of the Euclidean norm of the gradient, with the gradients of l1 "
         "and l2, before clipping",
     .column = CURVE_gradient_norm,
     .by_step = true,
     .value = gradient_norm_of_moment},
    {.final = {.name = "weight_norm", .units = "1"},
     .curve = "Euclidean norm of all parameters",
     .column = CURVE_weight_norm,
     .by_step = true,
     .value = weight_norm_of_moment},
    {{0}}};

bool train_quantity_applies(const struct train_quantity *quantity, const struct train_scope *scope)
{
    return !quantity->applies || quantity->applies(scope, quantity->part);
}

double train_quantity_value(const struct train_quantity *quantity,
                            const struct train_moment *moment)
{
    return quantity->value(moment, quantity->part);
}

const struct train_quantity *train_curve(enum curve_column column)
{
    const struct train_quantity *quantity = train_quantities;
    while (!quantity->curve || quantity->column != column) quantity++;
    return quantity;
}

unsigned train_columns(const struct train_scope *scope, bool by_step)
{
    unsigned columns = 0;
    for (const struct train_quantity *each = train_quantities; each->final.name; each++)
        if (each->curve && (each->by_step || !by_step) && train_quantity_applies(each, scope))
            columns |= 1u << each->column;
    return columns;
}
