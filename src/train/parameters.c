/* The tables of the blocks `training`, `regularizers`, `evaluate` and `weights`. */
#include "train/train.h"

static const char *const losses[] = {"cross_entropy", "mse", NULL};

static const struct schema_row stop_parameters[] = {
    {.key = "train_loss_below", .type = SCHEMA_FLOAT, .maximum = 1e30, .flags = SCHEMA_OPTIONAL,
     .doc = "Stop after the first evaluation whose training loss (eval mode) is below this."},
    {0}};

const struct schema_row training_parameters[] = {
    {.key = "optimizer", .type = SCHEMA_VARIANT, .registry = &optimizer_registry, .discriminator = "type",
     .fallback = "sgd", .doc = "How a gradient becomes a step.", .aliases = (const char *const[]){"optimiser", "opt", NULL}},
    {.key = "schedule", .type = SCHEMA_VARIANT, .registry = &schedule_registry, .discriminator = "type",
     .fallback = "constant", .doc = "How the learning rate changes over the steps.",
     .aliases = (const char *const[]){"scheduler", "lr_schedule", NULL}},
    {.key = "loss", .type = SCHEMA_CHOICE, .choices = losses, .fallback = "cross_entropy",
     .doc = "Loss of an example, averaged over the batch: cross_entropy of the softmax (natural logarithm), or mse = "
            "0.5 ||f - y||^2 summed over outputs, against one-hot classes or the targets of a regression. A regression always "
            "uses mse."},
    {.key = "batch_size", .type = SCHEMA_INTEGER, .unit = "examples", .minimum = 1, .maximum = 1e9, .fallback = "128",
     .doc = "Examples of a step; at most the training set.", .aliases = (const char *const[]){"bs", "batch", NULL}},
    {.key = "epochs", .type = SCHEMA_INTEGER, .unit = "epochs", .minimum = 1, .maximum = 1e9, .fallback = "10",
     .doc = "Passes over the training set; not used where steps is given.",
     .aliases = (const char *const[]){"num_epochs", "max_epochs", NULL}},
    {.key = "steps", .type = SCHEMA_INTEGER, .unit = "steps", .minimum = 0, .maximum = 1e12, .fallback = "0",
     .doc = "Optimiser steps; 0: count by epochs. The last epoch may be a part of one.",
     .aliases = (const char *const[]){"max_steps", "iterations", NULL}},
    {.key = "shuffle", .type = SCHEMA_BOOLEAN, .fallback = "true",
     .doc = "Draw a new order of the training set in every epoch."},
    {.key = "drop_last", .type = SCHEMA_BOOLEAN, .fallback = "false",
     .doc = "Leave out the last, smaller batch of an epoch."},
    {.key = "gradient_clipping", .type = SCHEMA_FLOAT, .maximum = 1e30,
     .flags = SCHEMA_OPTIONAL | SCHEMA_OPEN_MINIMUM,
     .doc = "Largest Euclidean norm of the gradient; a longer one is scaled down.",
     .source = "Pascanu et al., ICML 2013",
     .aliases = (const char *const[]){"clip", "clip_norm", "gradient_clip", "max_grad_norm", NULL}},
    {.key = "stop", .type = SCHEMA_TABLE, .table = stop_parameters, .doc = "When to end before the last epoch."},
    {.key = "log_every", .type = SCHEMA_INTEGER, .unit = "steps", .minimum = 0, .maximum = 1e12, .fallback = "0",
     .doc = "Write /steps curves (batch loss, learning rate, gradient norm) every so many steps; 0: none."},
    {0}};

static const char *const exemptions[] = {"biases", "none", NULL};

const struct schema_row regularizer_parameters[] = {
    {.key = "l1", .type = SCHEMA_FLOAT, .maximum = 1e6, .fallback = "0.0",
     .doc = "Adds l1 ||w||_1 to the training objective.", .source = "Tibshirani, 1996"},
    {.key = "l2", .type = SCHEMA_FLOAT, .maximum = 1e6, .fallback = "0.0",
     .doc = "Adds l2/2 ||w||^2 to the training objective."},
    {.key = "weight_decay", .type = SCHEMA_FLOAT, .maximum = 1e6, .fallback = "0.0",
     .doc = "Decoupled: w <- w - learning_rate weight_decay w at each step.",
     .source = "Loshchilov and Hutter, ICLR 2019", .aliases = (const char *const[]){"wd", "decay", NULL}},
    {.key = "dropout", .type = SCHEMA_FLOAT, .maximum = 1, .fallback = "0.0", .flags = SCHEMA_OPEN_MAXIMUM,
     .doc = "Probability that a hidden unit is zeroed in training; the others are scaled by 1/(1-p). In recurrent nets it "
            "acts between layers and before the head, not from step to step.",
     .source = "Srivastava et al., JMLR 2014", .aliases = (const char *const[]){"dropout_rate", NULL}},
    {.key = "label_smoothing", .type = SCHEMA_FLOAT, .maximum = 1, .fallback = "0.0", .flags = SCHEMA_OPEN_MAXIMUM,
     .doc = "Training targets (1 - s) y + s / classes; cross-entropy only.", .source = "Szegedy et al., CVPR 2016"},
    {.key = "exempt", .type = SCHEMA_CHOICE, .choices = exemptions, .fallback = "biases",
     .doc = "What l1, l2 and weight_decay leave alone: biases and normalisation parameters, or none."},
    {0}};

const struct schema_row evaluate_parameters[] = {
    {.key = "every", .type = SCHEMA_INTEGER, .unit = "epochs", .minimum = 1, .maximum = 1e9, .fallback = "1",
     .doc = "Epochs between full passes over the training, validation and test sets; the last epoch always has one."},
    {0}};

const struct schema_row weights_parameters[] = {
    {.key = "initial", .type = SCHEMA_BOOLEAN, .fallback = "false", .flags = SCHEMA_SILENT | SCHEMA_FIXED,
     .doc = "Store the weights before the first step too, as /weights/initial."},
    {.key = "best", .type = SCHEMA_BOOLEAN, .fallback = "false", .flags = SCHEMA_SILENT | SCHEMA_FIXED,
     .doc = "Store the weights at the lowest validation loss too, as /weights/best; needs dataset.validation_size, of texts validation_fraction."},
    {0}};
