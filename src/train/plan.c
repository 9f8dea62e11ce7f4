/* What a training will do, before it does it: its plan, its refusals, its first weights. */
#include "train/train.h"

#include <string.h>
#include "train/optimizer.h"

enum { FULL_BATCH_PIECE = 2000 }; /* examples of one piece of a full-batch gradient */

enum precision train_precision(const struct value *spec)
{
    return strcmp(value_text(spec, "precision"), "float64") == 0 ? PRECISION_FLOAT64
                                                                 : PRECISION_FLOAT32;
}

struct network_request train_network(const struct value *spec, const struct model *model,
                                     const struct data *data, enum network_kind kind,
                                     enum model_mode mode)
{
    return (struct network_request){
        .model = model,
        .data = data,
        .kind = kind,
        .mode = mode,
        .loss = data_describe(data)->task == DATA_LANGUAGE
                    ? LOSS_TOKENS
                    : model_loss_find(value_text(spec, "training.loss")),
        .label_smoothing =
            mode == MODE_TRAIN ? value_number(spec, "regularizers.label_smoothing") : 0,
        .precision = train_precision(spec),
    };
}

basin_status train_initial(const struct value *spec, const struct model *model, void *w)
{
    size_t size = (size_t)model_state_size(model);
    double *drawn = memory_allocate(size * sizeof *drawn);
    if (!drawn) return BASIN_MEMORY;
    model_initialize(model, value_seed(spec, "seed.init"), drawn);
    vector_from_double(train_precision(spec), drawn, w, size);
    memory_free(drawn);
    return BASIN_OK;
}

struct train_plan train_plan(const struct value *spec, const struct data_info *info)
{
    const struct optimizer_kind *optimizer = optimizer_of(spec);
    struct train_plan plan = {.full_batch = optimizer->full_batch,
                              .gradients = optimizer->gradients};
    int64_t examples = (int64_t)info->counts[DATA_TRAIN],
            batch = value_integer(spec, "training.batch_size");
    if (plan.full_batch) {
        plan.batch = examples < FULL_BATCH_PIECE ? examples : FULL_BATCH_PIECE;
        plan.batches = 1;
        plan.last = examples;
    } else {
        plan.batch = batch < examples ? batch : examples;
        bool drop = value_boolean(spec, "training.drop_last") || examples % plan.batch == 0;
        plan.batches = examples / plan.batch + !drop;
        plan.last = drop ? plan.batch : examples % plan.batch;
    }
    plan.steps = value_integer(spec, "training.steps");
    if (plan.steps == 0) plan.steps = value_integer(spec, "training.epochs") * plan.batches;
    plan.epochs = (plan.steps + plan.batches - 1) / plan.batches;
    int64_t every = value_integer(spec, "evaluate.every");
    plan.evaluations = (plan.epochs + every - 1) / every;
    return plan;
}

static basin_status train_refuse(const char *key, const char *hint, const char *message)
{
    error_raise(BASIN_SPEC, "%s", message);
    error_key("%s", key);
    error_hint("%s", hint);
    return BASIN_SPEC;
}

/* Both steps and epochs were written by the user (a default has no place in the file). */
static bool both_lengths(const struct value *spec)
{
    return value_integer(spec, "training.steps") > 0 &&
           !value_find(spec, "training.epochs")->is_default;
}

basin_status train_check(const struct value *spec, const struct data_info *info)
{
    bool classes = info->task != DATA_REGRESSION, language = info->task == DATA_LANGUAGE;
    if (language && strcmp(value_text(spec, "training.loss"), "mse") == 0)
        return train_refuse("training.loss", "use cross_entropy",
                            "mse has no meaning for the tokens of a text");
    if (language && value_number(spec, "regularizers.label_smoothing") > 0)
        return train_refuse("regularizers.label_smoothing", "use label_smoothing: 0",
                            "label_smoothing is not there for language models");
    if (info->counts[DATA_TRAIN] == 0)
        return train_refuse("dataset.train_size", "train_size must be at least 1",
                            "the training set is empty");
    if (both_lengths(spec))
        return train_refuse("training.steps", "give one of them",
                            "training.steps and training.epochs are both given");
    if (optimizer_of(spec)->full_batch && !value_find(spec, "training.batch_size")->is_default)
        return train_refuse(
            "training.batch_size", "leave it out, or use optimizer: sgd",
            "batch_size has no meaning for gd, which sees the whole training set at every step");
    if (!classes && strcmp(value_text(spec, "training.loss"), "mse") != 0)
        return train_refuse("training.loss", "use mse",
                            "cross_entropy needs classes, but this data set is a regression");
    if (value_number(spec, "regularizers.label_smoothing") > 0 &&
        strcmp(value_text(spec, "training.loss"), "mse") == 0)
        return train_refuse("regularizers.label_smoothing",
                            "use training.loss: cross_entropy, or label_smoothing: 0",
                            "label_smoothing applies to cross_entropy only");
    if (value_boolean(spec, "weights.best") && info->counts[DATA_VALIDATION] == 0)
        return train_refuse(
            "weights.best",
            info->task == DATA_LANGUAGE ? "set dataset.validation_fraction"
                                        : "set dataset.validation_size",
            "the best weights are chosen by the validation loss, but there is no validation set");
    return BASIN_OK;
}
