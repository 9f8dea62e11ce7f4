#include "run/schema.h"

#include "data/data.h"
#include "measure/measure.h"
#include "train/train.h"
#include "models/model.h"

static const char *const precisions[] = {"float32", "float64", NULL}; /* enum precision */

#define SEED_MOST 9007199254740992.0 /* 2^53: what JSON and double hold exactly */

static const struct schema_row checkpoint_parameters[] = {
    {.key = "every_seconds",
     SETTING(struct checkpoint_settings, every_seconds),
     .type = SCHEMA_FLOAT,
     .unit = "seconds",
     .minimum = 0,
     .maximum = 1e9,
     .fallback = "60.0",
     .flags = SCHEMA_SILENT | SCHEMA_FIXED,
     .doc = "Time between two checkpoints of a run; 0: after every step."},
    {.key = "every_epochs",
     SETTING(struct checkpoint_settings, every_epochs),
     .type = SCHEMA_INTEGER,
     .unit = "epochs",
     .minimum = 1,
     .maximum = 1e9,
     .flags = SCHEMA_OPTIONAL | SCHEMA_SILENT | SCHEMA_FIXED,
     .doc = "Take a checkpoint after every N epochs instead."},
    {0}};

const struct schema_row study_schema[] = {
    {.key = "study",
     SETTING(struct run_settings, study),
     .type = SCHEMA_NAME,
     .flags = SCHEMA_REQUIRED | SCHEMA_SILENT | SCHEMA_FIXED,
     .doc = "Name of the study; its results go to results/<study>/ unless -o says otherwise."},
    {.key = "description",
     SETTING(struct run_settings, description),
     .type = SCHEMA_TEXT,
     .fallback = "",
     .flags = SCHEMA_SILENT | SCHEMA_FIXED,
     .doc = "What the study asks, in a sentence or a page."},
    {.key = "dataset",
     SETTING(struct run_settings, dataset),
     .type = SCHEMA_VARIANT,
     .registry = &dataset_registry,
     .discriminator = "name",
     .fallback = "mnist1d",
     .doc = "The data, their split and their preprocessing."},
    {.key = "architecture",
     SETTING(struct run_settings, architecture),
     .type = SCHEMA_VARIANT,
     .registry = &architecture_registry,
     .discriminator = "type",
     .flags = SCHEMA_REQUIRED,
     .doc = "The network. A head for the classes (or regression targets) is added at its end."},
    {.key = "regularizers",
     SETTING(struct run_settings, train.regularizers),
     .type = SCHEMA_TABLE,
     .table = regularizer_parameters,
     .doc = "Techniques that limit overfitting."},
    {.key = "training",
     SETTING(struct run_settings, train.training),
     .type = SCHEMA_TABLE,
     .table = training_parameters,
     .doc = "How the network is trained."},
    {.key = "evaluate",
     SETTING(struct run_settings, train.evaluate),
     .type = SCHEMA_TABLE,
     .table = evaluate_parameters,
     .doc = "How often the curves are evaluated."},
    {.key = "measures",
     SETTING(struct run_settings, measures),
     .type = SCHEMA_SET,
     .registry = &measure_registry,
     .flags = SCHEMA_TRACKED | SCHEMA_SILENT | SCHEMA_SEVERAL,
     .doc = "What is measured on the trained network. A measure with `every` is also taken during "
            "training, and is then part of the run's identity. A list takes a measure with several "
            "options side by side, as in `hessian_top: [{examples: 500}, {examples: all}]`: the "
            "names of its results end in the options that differ, hessian_lambda_max_examples_500 "
            "and hessian_lambda_max_examples_all."},
    {.key = "weights",
     SETTING(struct run_settings, train.weights),
     .type = SCHEMA_TABLE,
     .table = weights_parameters,
     .doc = "Weights to store in addition to the final ones."},
    {.key = "checkpoint",
     SETTING(struct run_settings, checkpoint),
     .type = SCHEMA_TABLE,
     .table = checkpoint_parameters,
     .flags = SCHEMA_SILENT | SCHEMA_FIXED,
     .doc = "How often a run in progress is saved, so that it can resume after an interruption. It "
            "changes no result."},
    {.key = "precision",
     SETTING(struct run_settings, train.precision),
     .type = SCHEMA_CHOICE,
     .choices = precisions,
     .fallback = "float32",
     .doc = "Floating-point type of weights, activations and gradients."},
    {.key = "seed",
     SETTING(struct run_settings, seeds.all),
     .type = SCHEMA_INTEGER,
     .minimum = 0,
     .maximum = SEED_MOST,
     .fallback = "0",
     .doc = "Seed of initialisation, order of examples and dropout; `seeds: N` makes it an axis 0 "
            "... N-1. A block gives a source a seed of its own, as in `seed: {init: 3}`; `all` in "
            "the block is the seed of the others."},
    {.key = "seed.init",
     SETTING(struct run_settings, seeds.init),
     .type = SCHEMA_INTEGER,
     .minimum = 0,
     .maximum = SEED_MOST,
     .flags = SCHEMA_OPTIONAL,
     .doc = "Seed of the initial weights only; if absent, `seed`. To vary it: `seed.init: [0, 1, "
            "2]` under `sweep.grid`."},
    {.key = "seed.order",
     SETTING(struct run_settings, seeds.order),
     .type = SCHEMA_INTEGER,
     .minimum = 0,
     .maximum = SEED_MOST,
     .flags = SCHEMA_OPTIONAL,
     .doc = "Seed of the randomness of training only (order of the examples, dropout); if absent, "
            "`seed`."},
    {.key = "seed.data",
     SETTING(struct run_settings, seeds.data),
     .type = SCHEMA_INTEGER,
     .minimum = 0,
     .maximum = SEED_MOST,
     .flags = SCHEMA_OPTIONAL,
     .doc = "Seed of the data: another name for `dataset.seed` (subset, split, label noise, "
            "generated examples), which does not follow `seed`."},
    {0}};

const struct registry *const study_registries[] = {&dataset_registry,      &transform_registry,
                                                   &architecture_registry, &layer_registry,
                                                   &activation_registry,   &initializer_registry,
                                                   &optimizer_registry,    &schedule_registry,
                                                   &measure_registry,      NULL};

static uint64_t seed_of(const struct seed_settings *seeds, int64_t own)
{
    return (uint64_t)(own == SETTING_ABSENT ? seeds->all : own);
}

basin_status run_settings_create(struct arena *arena, const struct value *run,
                                 const struct run_settings **settings)
{
    struct run_settings *own = arena_allocate(arena, sizeof *own);
    if (!own) return BASIN_MEMORY;
    *settings = own;
    own->spec = run;
    TRY(settings_fill(arena, study_schema, run, own));
    own->train.seed_init = seed_of(&own->seeds, own->seeds.init);
    own->train.seed_order = seed_of(&own->seeds, own->seeds.order);
    return BASIN_OK;
}

basin_status run_model_create(struct arena *arena, const struct run_settings *settings,
                              const struct data_info *info, struct model **model)
{
    struct model_settings *own = arena_allocate(arena, sizeof *own);
    if (!own) return BASIN_MEMORY;
    *own = (struct model_settings){.architecture = settings->architecture,
                                   .dropout = settings->train.regularizers.dropout};
    return model_create(arena, own, info, model);
}

/* Beyond MOST a product of the Hessian would take many times the memory of training. */
size_t run_statistics_batch(const struct run_settings *settings, const struct model *model,
                            const struct data_info *info)
{
    enum { MOST = 2000 };
    struct train_plan plan = train_plan(&settings->train, info);
    bool is_whole = plan.batches == 1 && plan.batch == (int64_t)info->counts[DATA_TRAIN];
    return is_whole && plan.batch <= MOST && model_buffer_count(model) ? (size_t)plan.batch : 0;
}
