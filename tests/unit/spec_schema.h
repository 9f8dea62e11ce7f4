/* A small but complete schema: every type of row, in the shape of the real one. */
#ifndef BASIN_TESTS_SPEC_SCHEMA_H
#define BASIN_TESTS_SPEC_SCHEMA_H

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include "spec/schema.h"
#include "spec/spec.h"

static const char *const aliases_rate[] = {"lr", "step_size", NULL};
static const char *const aliases_momentum[] = {"mom", NULL};
static const char *const aliases_batch[] = {"bs", NULL};
static const char *const aliases_decay[] = {"wd", NULL};
static const char *const choices_activation[] = {"relu", "tanh", "gelu", NULL};
static const char *const choices_order[] = {"permuted", "file", NULL};
static const char *const choices_precision[] = {"float32", "float64", NULL};

#define RATE                                                                                       \
    {                                                                                              \
        .key = "learning_rate", .type = SCHEMA_FLOAT, .maximum = 1e6,                              \
        .flags = SCHEMA_OPEN_MINIMUM, .fallback = "0.1", .doc = "Step size.",                      \
        .aliases = aliases_rate                                                                    \
    }

static const struct schema_row parameters_sgd[] = {
    RATE,
    {.key = "momentum",
     .type = SCHEMA_FLOAT,
     .maximum = 1,
     .flags = SCHEMA_OPEN_MAXIMUM,
     .fallback = "0",
     .doc = "Share of the last step that is kept.",
     .aliases = aliases_momentum},
    {.key = "nesterov", .type = SCHEMA_BOOLEAN, .fallback = "false", .doc = "Nesterov's form."},
    {0}};
static const struct schema_row parameters_adam[] = {RATE,
                                                    {.key = "beta1",
                                                     .type = SCHEMA_FLOAT,
                                                     .maximum = 1,
                                                     .flags = SCHEMA_OPEN_MAXIMUM,
                                                     .fallback = "0.9",
                                                     .doc = "Decay of the first moment."},
                                                    {0}};
static const struct entry entry_sgd = {
    .name = "sgd", .doc = "Stochastic gradient descent.", .parameters = parameters_sgd};
static const struct entry entry_adam = {.name = "adam",
                                        .doc = "Adaptive moments.",
                                        .source = "Kingma and Ba, ICLR 2015",
                                        .parameters = parameters_adam};
static const struct entry *const entries_optimizer[] = {&entry_sgd, &entry_adam, NULL};
static const struct registry registry_optimizer = {"optimizer", "optimizers", entries_optimizer};

static const struct schema_row parameters_cosine[] = {{.key = "warmup",
                                                       .type = SCHEMA_INTEGER,
                                                       .unit = "steps",
                                                       .maximum = 1e9,
                                                       .fallback = "0",
                                                       .doc = "Warm-up."},
                                                      {0}};
static const struct entry entry_constant = {.name = "constant", .doc = "No change."};
static const struct entry entry_cosine = {
    .name = "cosine", .doc = "Half a cosine.", .parameters = parameters_cosine};
static const struct entry *const entries_schedule[] = {&entry_constant, &entry_cosine, NULL};
static const struct registry registry_schedule = {"schedule", "schedules", entries_schedule};

static const struct schema_row parameters_linear[] = {
    {.key = "bias", .type = SCHEMA_BOOLEAN, .fallback = "true", .doc = "With a bias."}, {0}};
static const struct schema_row parameters_mlp[] = {{.key = "hidden",
                                                    .type = SCHEMA_INTEGERS,
                                                    .unit = "units",
                                                    .minimum = 1,
                                                    .maximum = 65536,
                                                    .fallback = "[128]",
                                                    .flags = SCHEMA_NOT_EMPTY,
                                                    .doc = "Widths."},
                                                   {.key = "activation",
                                                    .type = SCHEMA_CHOICE,
                                                    .choices = choices_activation,
                                                    .fallback = "relu",
                                                    .doc = "Activation."},
                                                   {0}};
static const struct schema_row parameters_cnn[] = {{.key = "channels",
                                                    .type = SCHEMA_INTEGERS,
                                                    .minimum = 1,
                                                    .maximum = 4096,
                                                    .flags = SCHEMA_REQUIRED,
                                                    .doc = "Channels a stage."},
                                                   {0}};
static const struct entry entry_linear = {
    .name = "linear", .doc = "One linear map.", .parameters = parameters_linear};
static const struct entry entry_mlp = {
    .name = "mlp", .doc = "Dense layers.", .parameters = parameters_mlp};
static const struct entry entry_cnn = {
    .name = "cnn", .doc = "Convolutions.", .parameters = parameters_cnn};
static const struct entry *const entries_architecture[] = {&entry_linear, &entry_mlp, &entry_cnn,
                                                           NULL};
static const struct registry registry_architecture = {"architecture", "architectures",
                                                      entries_architecture};

#define SIZES                                                                                      \
    {.key = "train_size",                                                                          \
     .type = SCHEMA_COUNT,                                                                         \
     .unit = "examples",                                                                           \
     .minimum = 1,                                                                                 \
     .maximum = 1e9,                                                                               \
     .fallback = "all",                                                                            \
     .doc = "Training examples."},                                                                 \
        {.key = "test_size",                                                                       \
         .type = SCHEMA_COUNT,                                                                     \
         .unit = "examples",                                                                       \
         .minimum = 1,                                                                             \
         .maximum = 1e9,                                                                           \
         .fallback = "all",                                                                        \
         .doc = "Test examples."},                                                                 \
        {.key = "test_order",                                                                      \
         .type = SCHEMA_CHOICE,                                                                    \
         .choices = choices_order,                                                                 \
         .fallback = "permuted",                                                                   \
         .former = "file",                                                                         \
         .acts_with = "test_size",                                                                 \
         .doc = "Which test examples."},                                                           \
        {.key = "validation_size",                                                                 \
         .type = SCHEMA_INTEGER,                                                                   \
         .unit = "examples",                                                                       \
         .maximum = 1e9,                                                                           \
         .fallback = "0",                                                                          \
         .doc = "Held out."},                                                                      \
        {.key = "label_noise",                                                                     \
         .type = SCHEMA_FLOAT,                                                                     \
         .unit = "1",                                                                              \
         .maximum = 1,                                                                             \
         .fallback = "0",                                                                          \
         .doc = "Fraction of training labels replaced."},                                          \
    {                                                                                              \
        .key = "seed", .type = SCHEMA_INTEGER, .maximum = 4e9, .fallback = "0",                    \
        .doc = "Seed of the split."                                                                \
    }

static const struct schema_row parameters_mnist1d[] = {SIZES, {0}};
static const struct schema_row parameters_idx[] = {
    SIZES,
    {.key = "path", .type = SCHEMA_PATH, .flags = SCHEMA_REQUIRED | SCHEMA_FIXED, .doc = "Folder."},
    {0}};
static const struct entry entry_mnist1d = {
    .name = "mnist1d", .doc = "Signals.", .parameters = parameters_mnist1d};
static const struct entry entry_idx = {
    .name = "idx", .doc = "IDX files.", .parameters = parameters_idx};
static const struct entry *const entries_dataset[] = {&entry_mnist1d, &entry_idx, NULL};
static const struct registry registry_dataset = {"dataset", "datasets", entries_dataset};

#define EVERY                                                                                      \
    {                                                                                              \
        .key = "every", .type = SCHEMA_INTEGER, .unit = "epochs", .minimum = 1, .maximum = 1e9,    \
        .flags = SCHEMA_OPTIONAL, .doc = "Taken every so many epochs."                             \
    }
static const struct schema_row parameters_top[] = {{.key = "k",
                                                    .type = SCHEMA_INTEGER,
                                                    .minimum = 1,
                                                    .maximum = 1000,
                                                    .fallback = "1",
                                                    .doc = "How many."},
                                                   {.key = "examples",
                                                    .type = SCHEMA_COUNT,
                                                    .minimum = 1,
                                                    .maximum = 1e9,
                                                    .fallback = "2000",
                                                    .doc = "Examples."},
                                                   EVERY,
                                                   {0}};
static const struct schema_row parameters_trace[] = {{.key = "probes",
                                                      .type = SCHEMA_INTEGER,
                                                      .minimum = 2,
                                                      .maximum = 1e6,
                                                      .fallback = "100",
                                                      .doc = "Probes."},
                                                     EVERY,
                                                     {0}};
static const struct schema_row parameters_norm[] = {EVERY, {0}};
static const struct entry entry_top = {
    .name = "hessian_top", .doc = "Largest eigenvalues.", .parameters = parameters_top};
static const struct entry entry_trace = {
    .name = "hessian_trace", .doc = "Trace.", .parameters = parameters_trace};
static const struct entry entry_norm = {
    .name = "weight_norm", .doc = "Norm.", .parameters = parameters_norm};
static const struct entry *const entries_measure[] = {&entry_top, &entry_trace, &entry_norm, NULL};
static const struct registry registry_measure = {"measure", "measures", entries_measure};

static const struct schema_row table_regularizers[] = {{.key = "weight_decay",
                                                        .type = SCHEMA_FLOAT,
                                                        .maximum = 1e6,
                                                        .fallback = "0",
                                                        .doc = "Decay.",
                                                        .aliases = aliases_decay},
                                                       {.key = "dropout",
                                                        .type = SCHEMA_FLOAT,
                                                        .maximum = 1,
                                                        .flags = SCHEMA_OPEN_MAXIMUM,
                                                        .fallback = "0",
                                                        .doc = "Rate."},
                                                       {0}};
static const struct schema_row table_training[] = {
    {.key = "optimizer",
     .type = SCHEMA_VARIANT,
     .registry = &registry_optimizer,
     .discriminator = "type",
     .fallback = "sgd",
     .doc = "Optimiser."},
    {.key = "schedule",
     .type = SCHEMA_VARIANT,
     .registry = &registry_schedule,
     .discriminator = "type",
     .fallback = "constant",
     .doc = "Schedule."},
    {.key = "batch_size",
     .type = SCHEMA_INTEGER,
     .unit = "examples",
     .minimum = 1,
     .maximum = 1e9,
     .fallback = "128",
     .doc = "Examples a step.",
     .aliases = aliases_batch},
    {.key = "epochs",
     .type = SCHEMA_INTEGER,
     .unit = "epochs",
     .minimum = 1,
     .maximum = 1e9,
     .fallback = "10",
     .doc = "Passes."},
    {.key = "milestones", .type = SCHEMA_NUMBERS, .maximum = 1, .fallback = "[]", .doc = "Places."},
    {.key = "shuffle",
     .type = SCHEMA_BOOLEAN,
     .fallback = "true",
     .doc = "A new order each epoch."},
    {.key = "log_every",
     .type = SCHEMA_INTEGER,
     .minimum = 1,
     .maximum = 1e9,
     .flags = SCHEMA_OPTIONAL,
     .doc = "Steps."},
    {0}};
static const struct schema_row table_evaluate[] = {{.key = "every",
                                                    .type = SCHEMA_INTEGER,
                                                    .unit = "epochs",
                                                    .minimum = 1,
                                                    .maximum = 1e9,
                                                    .fallback = "1",
                                                    .flags = SCHEMA_SILENT,
                                                    .doc = "Every so many epochs."},
                                                   {0}};

static const struct schema_row test_schema[] = {
    {.key = "study",
     .type = SCHEMA_NAME,
     .flags = SCHEMA_REQUIRED | SCHEMA_SILENT | SCHEMA_FIXED,
     .doc = "Name."},
    {.key = "description",
     .type = SCHEMA_TEXT,
     .fallback = "",
     .flags = SCHEMA_SILENT | SCHEMA_FIXED,
     .doc = "Text."},
    {.key = "dataset",
     .type = SCHEMA_VARIANT,
     .registry = &registry_dataset,
     .discriminator = "name",
     .fallback = "mnist1d",
     .doc = "Data."},
    {.key = "architecture",
     .type = SCHEMA_VARIANT,
     .registry = &registry_architecture,
     .discriminator = "type",
     .flags = SCHEMA_REQUIRED,
     .doc = "Net."},
    {.key = "regularizers",
     .type = SCHEMA_TABLE,
     .table = table_regularizers,
     .doc = "Regularisers."},
    {.key = "training", .type = SCHEMA_TABLE, .table = table_training, .doc = "Training."},
    {.key = "evaluate", .type = SCHEMA_TABLE, .table = table_evaluate, .doc = "Evaluation."},
    {.key = "measures",
     .type = SCHEMA_SET,
     .registry = &registry_measure,
     .flags = SCHEMA_TRACKED | SCHEMA_SEVERAL,
     .doc = "Measures."},
    {.key = "precision",
     .type = SCHEMA_CHOICE,
     .choices = choices_precision,
     .fallback = "float32",
     .doc = "Arithmetic."},
    {.key = "seed", .type = SCHEMA_INTEGER, .maximum = 9e15, .fallback = "0", .doc = "Seed."},
    {0}};

/* A spec read from a text, with everything that belongs to it. */
struct reading {
    struct arena *arena;
    struct diagnostics diagnostics;
    struct spec *spec;
    basin_status status;
    struct text printed;
};

static struct reading read_request(struct spec_request request)
{
    struct reading reading = {0};
    request.file = "study.yaml";
    request.folder = "/base/folder";
    request.schema = test_schema;
    while (request.sets && request.sets[request.set_count]) request.set_count++;
    reading.status = arena_create(&reading.arena);
    if (reading.status != BASIN_OK) return reading;
    diagnostics_start(&reading.diagnostics, reading.arena);
    reading.status = spec_read(reading.arena, &request, &reading.diagnostics, &reading.spec);
    diagnostics_print(&reading.diagnostics, &reading.printed);
    return reading;
}

__attribute__((unused)) static struct reading read_sets(const char *text, size_t length,
                                                        const char *const *sets)
{
    return read_request((struct spec_request){.text = text, .length = length, .sets = sets});
}

/* As the /spec of a result. */
__attribute__((unused)) static struct reading read_stored(const char *text)
{
    return read_request(
        (struct spec_request){.text = text, .length = strlen(text), .stored = true});
}

__attribute__((unused)) static struct reading read_text(const char *text)
{
    return read_sets(text, strlen(text), NULL);
}

__attribute__((unused)) static void reading_free(struct reading *reading)
{
    text_free(&reading->printed);
    arena_destroy(reading->arena);
}

/* The whole report of a text must be `expected`. */
#define expect_report(yaml, expected)                                                              \
    do {                                                                                           \
        struct reading reading_ = read_text(yaml);                                                 \
        cr_expect_str_eq(text_data(&reading_.printed), expected);                                  \
        cr_expect_eq(reading_.status, *(expected) ? BASIN_SPEC : BASIN_OK);                        \
        reading_free(&reading_);                                                                   \
    } while (0)

/* The message (first line of the report, without "study.yaml:") of a text. */
#define expect_message(yaml, expected)                                                             \
    do {                                                                                           \
        struct reading reading_ = read_text(yaml);                                                 \
        char *line_ = strdup(text_data(&reading_.printed));                                        \
        line_[strcspn(line_, "\n")] = 0;                                                           \
        cr_expect_str_eq(line_, "study.yaml:" expected);                                           \
        free(line_);                                                                               \
        reading_free(&reading_);                                                                   \
    } while (0)

#endif
