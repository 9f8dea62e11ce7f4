/* What a training will do, before it does it: its plan, its refusals, its first weights. */
#include "train/train.h"

#include "train/optimizer.h"

enum { FULL_BATCH_PIECE = 2000 }; /* examples of one piece of a full-batch gradient */

struct objective_request train_objective(const struct train_settings *settings,
                                         const struct model *model, const struct data *data,
                                         enum model_mode mode)
{
    bool language = data_describe(data)->task == DATA_LANGUAGE;
    return (struct objective_request){
        .model = model,
        .data = data,
        .loss = language ? LOSS_TOKENS : settings->training.loss,
        .precision = settings->precision,
        .mode = mode,
        .label_smoothing = mode == MODE_TRAIN ? settings->regularizers.label_smoothing : 0,
        .batch = mode == MODE_TRAIN ? (size_t)train_plan(settings, data_describe(data)).batch : 0,
    };
}

basin_status train_initial(const struct train_settings *settings, const struct model *model,
                           void *w)
{
    size_t size = (size_t)model_state_size(model);
    double *drawn = memory_allocate(size * sizeof *drawn);
    if (!drawn) return BASIN_MEMORY;
    model_initialize(model, settings->seed_init, drawn);
    vector_from_double(settings->precision, drawn, w, size);
    memory_free(drawn);
    return BASIN_OK;
}

static const struct optimizer_kind *optimizer_kind_of(const struct train_settings *settings)
{
    return settings->training.optimizer.entry->implementation;
}

/* Batches of an epoch, and what its last step sees. */
static void plan_batches(struct train_plan *plan, const struct training_settings *training,
                         int64_t examples)
{
    if (plan->full_batch) {
        plan->batch = examples < FULL_BATCH_PIECE ? examples : FULL_BATCH_PIECE;
        plan->batches = 1;
        plan->last = examples;
        return;
    }
    plan->batch = training->batch_size < examples ? training->batch_size : examples;
    bool drop = training->drop_last || examples % plan->batch == 0;
    plan->batches = examples / plan->batch + !drop;
    plan->last = drop ? plan->batch : examples % plan->batch;
}

int64_t train_epoch_steps(const struct entry *optimizer, int64_t batch_size, bool drop_last,
                          int64_t examples)
{
    const struct optimizer_kind *kind = optimizer->implementation;
    const struct training_settings training = {.batch_size = batch_size, .drop_last = drop_last};
    struct train_plan plan = {.full_batch = kind->full_batch};
    plan_batches(&plan, &training, examples);
    return plan.batches;
}

struct train_plan train_plan(const struct train_settings *settings, const struct data_info *info)
{
    const struct training_settings *training = &settings->training;
    struct train_plan plan = {.full_batch = optimizer_kind_of(settings)->full_batch,
                              .gradients = optimizer_kind_of(settings)->gradients};
    int64_t every = settings->evaluate.every;
    plan_batches(&plan, training, (int64_t)info->counts[DATA_TRAIN]);
    plan.steps = training->steps ? training->steps : training->epochs * plan.batches;
    plan.epochs = (plan.steps + plan.batches - 1) / plan.batches;
    plan.evaluations = (plan.epochs + every - 1) / every;
    return plan;
}

/* ---- refusals ---- */

static bool smooths(const struct train_settings *settings)
{
    return settings->regularizers.label_smoothing > 0;
}

static bool is_mse(const struct train_settings *settings)
{
    return settings->training.loss == LOSS_MSE;
}

static bool mse_of_tokens(const struct train_settings *settings, const struct data_info *info)
{
    return info->task == DATA_LANGUAGE && is_mse(settings);
}

static bool smoothing_of_tokens(const struct train_settings *settings, const struct data_info *info)
{
    return info->task == DATA_LANGUAGE && smooths(settings);
}

static bool no_examples(const struct train_settings *settings, const struct data_info *info)
{
    (void)settings;
    return info->counts[DATA_TRAIN] == 0;
}

static bool both_lengths(const struct train_settings *settings, const struct data_info *info)
{
    (void)info;
    return settings->training.steps > 0 && settings->training.epochs_given;
}

static bool batch_of_full_batch(const struct train_settings *settings, const struct data_info *info)
{
    (void)info;
    return optimizer_kind_of(settings)->full_batch && settings->training.batch_size_given;
}

static bool classes_of_regression(const struct train_settings *settings,
                                  const struct data_info *info)
{
    return info->task == DATA_REGRESSION && !is_mse(settings);
}

static bool smoothing_of_mse(const struct train_settings *settings, const struct data_info *info)
{
    (void)info;
    return smooths(settings) && is_mse(settings);
}

static bool best_of_nothing(const struct train_settings *settings, const struct data_info *info)
{
    return settings->weights.best && info->counts[DATA_VALIDATION] == 0;
}

static bool two_kinds_of_snapshots(const struct train_settings *settings,
                                   const struct data_info *info)
{
    (void)info;
    return settings->weights.every != SETTING_ABSENT &&
           settings->weights.every_steps != SETTING_ABSENT;
}

static bool too_many_snapshots(const struct train_settings *settings, const struct data_info *info)
{
    struct train_plan plan = train_plan(settings, info);
    return train_snapshots(&settings->weights, &plan) > TRAIN_SNAPSHOTS_MOST;
}

int64_t train_snapshots(const struct weights_settings *settings, const struct train_plan *plan)
{
    if (settings->every != SETTING_ABSENT) return 1 + plan->epochs / settings->every;
    if (settings->every_steps != SETTING_ABSENT) return 1 + plan->steps / settings->every_steps;
    return 0;
}

static bool best_of_no_text(const struct train_settings *settings, const struct data_info *info)
{
    return info->task == DATA_LANGUAGE && best_of_nothing(settings, info);
}

#define NO_VALIDATION                                                                              \
    "the best weights are chosen by the validation loss, but there is no validation set"

/* The first that is true is what the user is told. */
static const struct refusal {
    bool (*is_wrong)(const struct train_settings *settings, const struct data_info *info);
    const char *key, *message, *hint;
} refusals[] = {
    {mse_of_tokens, "training.loss", "mse has no meaning for the tokens of a text",
     "use cross_entropy"},
    {smoothing_of_tokens, "regularizers.label_smoothing",
     "label_smoothing is not there for language models", "use label_smoothing: 0"},
    {no_examples, "dataset.train_size", "the training set is empty",
     "train_size must be at least 1"},
    {both_lengths, "training.steps", "training.steps and training.epochs are both given",
     "give one of them"},
    {batch_of_full_batch, "training.batch_size",
     "batch_size has no meaning for gd, which sees the whole training set at every step",
     "leave it out, or use optimizer: sgd"},
    {classes_of_regression, "training.loss",
     "cross_entropy needs classes, but this data set is a regression", "use mse"},
    {smoothing_of_mse, "regularizers.label_smoothing",
     "label_smoothing applies to cross_entropy only",
     "use training.loss: cross_entropy, or label_smoothing: 0"},
    {best_of_no_text, "weights.best", NO_VALIDATION, "set dataset.validation_fraction"},
    {best_of_nothing, "weights.best", NO_VALIDATION, "set dataset.validation_size"},
    {two_kinds_of_snapshots, "weights.every_steps",
     "weights.every and weights.every_steps are both given", "give one of them"},
    {too_many_snapshots, "weights.every, every_steps",
     "more than 4,000 snapshots of the weights in one run", "take them less often"},
};

basin_status train_check(const struct train_settings *settings, const struct data_info *info)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        if (!refusals[i].is_wrong(settings, info)) continue;
        error_raise(BASIN_SPEC, "%s", refusals[i].message);
        error_key("%s", refusals[i].key);
        error_hint("%s", refusals[i].hint);
        return BASIN_SPEC;
    }
    return BASIN_OK;
}
