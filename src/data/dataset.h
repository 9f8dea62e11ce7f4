/* Data sets: what a new one supplies, and the keys that it may share with the others.
 *
 * Purpose.  A data set is one file: its schema rows, the settings struct that they fill, its entry
 * and the function that loads it (fashion_mnist.c is a short one); and one line in registry.c.
 *
 *     struct my_settings { struct data_settings common; const char *path; };
 *     static const struct schema_row my_parameters[] = {
 *         {.key = "path", SETTING(struct my_settings, path), ...}, DATA_FILE_ROWS, {0}};
 *     static basin_status my_load(const void *settings, struct source *source) ...
 *     const struct entry my_entry = {.name = "my", .parameters = my_parameters,
 *                                    .implementation = &(const struct dataset){my_load},
 *                                    .settings_size = sizeof(struct my_settings), ...};
 *
 * Every row states its stage (enum data_stage): a key of stage DATA_SOURCE, which is what a row has
 * that says nothing, makes another source; the others share one.
 */
#ifndef BASIN_DATA_DATASET_H
#define BASIN_DATA_DATASET_H

#include "data/source.h"
#include "data/transform.h"
#include "spec/settings.h"

enum data_test_order { TEST_PERMUTED, TEST_FILE };
enum data_asked { TASK_AUTO, TASK_CLASSIFICATION, TASK_REGRESSION };
enum data_layout { LAYOUT_CHANNELS_LAST, LAYOUT_CHANNELS_FIRST };
enum data_standardize { STANDARDIZE_NONE, STANDARDIZE_GLOBAL, STANDARDIZE_FEATURE };

/* The settings of every data set begin with these. Those of keys that it does not have are 0. */
struct data_settings {
    int64_t seed;                  /* of the subset, the split, the label noise; of a recipe */
    int64_t train_size, test_size; /* SETTING_ALL: all there is */
    int64_t validation_size;
    double test_fraction, validation_fraction;
    bool stratify;
    enum data_asked task;
    enum data_layout layout;
    struct setting_texts classes;
    enum data_test_order test_order; /* of data that are permuted at all */
    enum data_standardize standardize;
    double label_noise; /* fraction of the training labels */
    bool shuffle_points;
    struct setting_list transforms; /* in order, each with its own settings, after those that are
                                       keys of the block */
};

/* Where it stands how files are written so that they can be read. */
#define DATA_MANUAL "see \"Your own data\" in experiments/README.md"

struct dataset {
    /* Fills a zeroed source that has its name. On failure the caller releases what is in it.
     * Whatever is wrong with a file, its absence too, is BASIN_DATA with error_place (the file) and
     * error_key (the row that names it): then it is shown at its line of the spec. formats/gzip.h
     * reads files so. Files of examples end in source_from_input (data/assemble.h), which checks
     * and converts them, counts classes and makes the digest. */
    basin_status (*load)(const void *settings, struct source *source);
    bool is_own; /* the files are the user's own: messages about them name DATA_MANUAL */
};

/* ---- rows for the tables of data sets ---- */

extern const char *const data_standardize_choices[], *const data_test_orders[],
                                                         *const data_tasks[], *const data_layouts[];

#define DATA_SEED(text)                                                                            \
    {                                                                                              \
        .key = "seed", SETTING(struct data_settings, seed), .type = SCHEMA_INTEGER, .minimum = 0,  \
        .maximum = 9007199254740991.0, .fallback = "0", .doc = text                                \
    }

/* Examples that a recipe makes. */
#define DATA_GENERATED(name, member, count, text)                                                  \
    {                                                                                              \
        .key = name, SETTING(struct data_settings, member), .type = SCHEMA_INTEGER,                \
        .unit = "examples", .minimum = 1, .maximum = 10000000, .fallback = count, .doc = text      \
    }

#define DATA_VALIDATION_SIZE                                                                       \
    {                                                                                              \
        .key = "validation_size", SETTING(struct data_settings, validation_size),                  \
        .type = SCHEMA_INTEGER, .stage = DATA_VIEW, .unit = "examples", .minimum = 0,              \
        .maximum = 1e9, .fallback = "0",                                                           \
        .doc = "Examples held out for validation: those that follow the training examples in the " \
               "permutation."                                                                      \
    }

#define DATA_STANDARDIZE                                                                           \
    {                                                                                              \
        .key = "standardize", SETTING(struct data_settings, standardize), .type = SCHEMA_CHOICE,   \
        .stage = DATA_VIEW, .fallback = "none", .choices = data_standardize_choices,               \
        .doc = "Subtract the mean and divide by the standard deviation of the training split: of " \
               "all its numbers (global) or of each feature (feature). A constant feature is "     \
               "only centred. Bytes of images are scaled to 0 ... 1 in any case.",                 \
        .aliases = (const char *const[])                                                           \
        {                                                                                          \
            "normalize", "normalise", "standardise", NULL                                          \
        }                                                                                          \
    }

#define DATA_LABEL_NOISE                                                                           \
    {                                                                                              \
        .key = "label_noise", SETTING(struct data_settings, label_noise), .type = SCHEMA_FLOAT,    \
        .stage = DATA_VIEW, .unit = "1", .minimum = 0, .maximum = 1, .fallback = "0.0",            \
        .doc = "Fraction of the training labels that are replaced by a different class, drawn "    \
               "uniformly; the number is exact (rounded). A higher fraction keeps the wrong "      \
               "labels of a lower one.",                                                           \
        .source = "Zhang et al., \"Understanding deep learning requires rethinking "               \
                  "generalization\", ICLR 2017",                                                   \
        .aliases = (const char *const[])                                                           \
        {                                                                                          \
            "noise", "label_noise_rate", NULL                                                      \
        }                                                                                          \
    }

#define DATA_SHUFFLE_POINTS(text, ...)                                                             \
    {                                                                                              \
        .key = "shuffle_points", SETTING(struct data_settings, shuffle_points),                    \
        .type = SCHEMA_BOOLEAN, .fallback = "false", .doc = text, __VA_ARGS__                      \
    }

/* Of the stages of its items, those of DATA_SOURCE make another source (data/data.c). */
#define DATA_TRANSFORMS                                                                            \
    {                                                                                              \
        .key = "transforms", SETTING(struct data_settings, transforms), .type = SCHEMA_SEQUENCE,   \
        .stage = DATA_VIEW, .registry = &transform_registry, .fallback = "[]",                     \
        .doc = "What is done to the training examples whenever they are put into a batch, drawn "  \
               "anew in every epoch: transforms in order, each a name or \"name: {...}\". They "   \
               "act on inputs as they are in the data (pixels in 0 ... 1), and what they give is " \
               "standardised. Losses and accuracies of the curves, and measures, are of the "      \
               "examples as they are; only batch_loss is of what training saw.",                   \
        .aliases = (const char *const[])                                                           \
        {                                                                                          \
            "augmentation", "augment", "transform", NULL                                           \
        }                                                                                          \
    }

/* Which examples train, validate and test, of all that files hold. */
#define DATA_SUBSET_ROWS                                                                           \
    {.key = "seed",                                                                                \
     SETTING(struct data_settings, seed),                                                          \
     .type = SCHEMA_INTEGER,                                                                       \
     .stage = DATA_VIEW,                                                                           \
     .minimum = 0,                                                                                 \
     .maximum = 9007199254740991.0,                                                                \
     .fallback = "0",                                                                              \
     .doc = "Seed of the subset, the split and the label noise. It is not the seed of the "        \
            "training, and stays the same over `seeds` unless it is swept."},                      \
        {.key = "train_size",                                                                      \
         SETTING(struct data_settings, train_size),                                                \
         .type = SCHEMA_COUNT,                                                                     \
         .stage = DATA_VIEW,                                                                       \
         .unit = "examples",                                                                       \
         .minimum = 1,                                                                             \
         .maximum = 1e9,                                                                           \
         .fallback = "all",                                                                        \
         .doc = "Training examples: the first ones of a permutation of the training data by "      \
                "`dataset.seed`; `all`: all that are not held out for validation.",                \
         .aliases = (const char *const[]){"n_train", "size", "samples", NULL}},                    \
        {.key = "test_size",                                                                       \
         SETTING(struct data_settings, test_size),                                                 \
         .type = SCHEMA_COUNT,                                                                     \
         .stage = DATA_VIEW,                                                                       \
         .unit = "examples",                                                                       \
         .minimum = 1,                                                                             \
         .maximum = 1e9,                                                                           \
         .fallback = "all",                                                                        \
         .doc = "Test examples: the first ones of a permutation of the test data by "              \
                "`dataset.seed`, or of the file (test_order)."},                                   \
        {.key = "test_order",                                                                      \
         SETTING(struct data_settings, test_order),                                                \
         .type = SCHEMA_CHOICE,                                                                    \
         .stage = DATA_VIEW,                                                                       \
         .choices = data_test_orders,                                                              \
         .fallback = "permuted",                                                                   \
         .former = "file",                                                                         \
         .acts_with = "test_size",                                                                 \
         .doc = "Which test examples a smaller test_size takes: the first of a permutation, so "   \
                "that a file sorted by class gives all classes, or the first of the file, as "     \
                "versions without this key did. Without effect where test_size is all."},          \
        DATA_VALIDATION_SIZE

/* How many examples of files are set aside, as fractions, and how they are chosen. */
#define DATA_SPLIT_ROWS                                                                            \
    {.key = "validation_fraction",                                                                 \
     SETTING(struct data_settings, validation_fraction),                                           \
     .type = SCHEMA_FLOAT,                                                                         \
     .stage = DATA_VIEW,                                                                           \
     .unit = "1",                                                                                  \
     .minimum = 0,                                                                                 \
     .maximum = 1,                                                                                 \
     .flags = SCHEMA_OPEN_MAXIMUM,                                                                 \
     .fallback = "0.0",                                                                            \
     .doc = "Fraction of the examples that are held out for validation, in place of "              \
            "validation_size: of all examples that are not test data of their own, test_fraction " \
            "included, so that 0.2 and test_fraction: 0.2 leave 0.6 to train on. Rounded to "      \
            "whole examples."},                                                                    \
        {.key = "stratify",                                                                        \
         SETTING(struct data_settings, stratify),                                                  \
         .type = SCHEMA_BOOLEAN,                                                                   \
         .stage = DATA_VIEW,                                                                       \
         .fallback = "false",                                                                      \
         .doc = "Each part has the classes in the proportion of the whole, as nearly as whole "    \
                "examples can."},                                                                  \
    {                                                                                              \
        .key = "classes", SETTING(struct data_settings, classes), .type = SCHEMA_TEXTS,            \
        .minimum = 1, .maximum = 200, .fallback = "[]",                                            \
        .doc = "The labels that are classes 0, 1, 2, ..., in this order; examples with other "     \
               "labels are left out. If empty: texts are classes in the order of their bytes, "    \
               "whole numbers from 0 are the numbers of their classes, and whole numbers from 1 "  \
               "or more, or -1 and 1, are classes in their order."                                 \
    }

/* Of data sets that are files of examples. */
#define DATA_FILE_ROWS                                                                             \
    DATA_SUBSET_ROWS, DATA_SPLIT_ROWS, DATA_STANDARDIZE, DATA_LABEL_NOISE, DATA_TRANSFORMS,        \
        DATA_SHUFFLE_POINTS("Permute the points (pixels) of all examples by one fixed random "     \
                            "order, which destroys local structure.",                              \
                            .aliases =                                                             \
                                (const char *const[]){"shuffle_pixels", "permute_pixels", NULL})

#define DATA_TEST_FRACTION                                                                         \
    {                                                                                              \
        .key = "test_fraction", SETTING(struct data_settings, test_fraction),                      \
        .type = SCHEMA_FLOAT, .stage = DATA_VIEW, .unit = "1", .minimum = 0, .maximum = 1,         \
        .flags = SCHEMA_OPEN_MAXIMUM, .fallback = "0.0",                                           \
        .doc =                                                                                     \
            "Fraction of the examples that become test examples, where there are no test data of " \
            "their own: the last ones of the permutation by `dataset.seed`, rounded to whole "     \
            "examples. test_size gives their number instead.",                                     \
        .aliases = (const char *const[])                                                           \
        {                                                                                          \
            "test_split", NULL                                                                     \
        }                                                                                          \
    }

/* What y means can be told. */
#define DATA_TASK                                                                                  \
    {                                                                                              \
        .key = "task", SETTING(struct data_settings, task), .type = SCHEMA_CHOICE,                 \
        .choices = data_tasks, .fallback = "auto",                                                 \
        .doc = "What y is. auto: whole numbers, booleans and texts are labels of classes, "        \
               "floats are regression targets. classification takes floats that are whole "        \
               "numbers too, and rows with a single 1 among zeros (one-hot). regression takes "    \
               "whole numbers as quantities."                                                      \
    }

#define DATA_LAYOUT                                                                                \
    {                                                                                              \
        .key = "layout", SETTING(struct data_settings, layout), .type = SCHEMA_CHOICE,             \
        .choices = data_layouts, .fallback = "channels_last",                                      \
        .doc = "How images of several channels are stored: channels_last is (N, height, width, "   \
               "channels), channels_first is (N, channels, height, width), as in PyTorch."         \
    }

/* Of a user's own arrays, beside DATA_FILE_ROWS. */
#define DATA_OWN_ROWS DATA_TEST_FRACTION, DATA_TASK, DATA_LAYOUT

#endif
