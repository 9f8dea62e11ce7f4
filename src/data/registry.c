/* The tables of all data sets: what a `dataset` block may hold. */
#include "data/source.h"

/* ---- rows that data sets share ---- */

#define SEED(text)                                                                                 \
    {                                                                                              \
        .key = "seed", .type = SCHEMA_INTEGER, .minimum = 0, .maximum = 9007199254740991.0,        \
        .fallback = "0", .doc = text                                                               \
    }

#define FILE_SEED                                                                                  \
    SEED("Seed of the subset, the split and the label noise. It is not the seed of the training, " \
         "and stays the same "                                                                     \
         "over `seeds` unless it is swept.")

#define TRAIN_SIZE                                                                                 \
    {                                                                                              \
        .key = "train_size", .type = SCHEMA_COUNT, .unit = "examples", .minimum = 1,               \
        .maximum = 1e9, .fallback = "all",                                                         \
        .doc = "Training examples: the first of one permutation of the training data by "          \
               "`dataset.seed`; `all`: what "                                                      \
               "validation_size leaves.",                                                          \
        .aliases = (const char *const[])                                                           \
        {                                                                                          \
            "n_train", "size", "samples", NULL                                                     \
        }                                                                                          \
    }

#define TEST_SIZE                                                                                  \
    {                                                                                              \
        .key = "test_size", .type = SCHEMA_COUNT, .unit = "examples", .minimum = 1,                \
        .maximum = 1e9, .fallback = "all",                                                         \
        .doc = "Test examples: the first of the test data, in their own order."                    \
    }

#define VALIDATION_SIZE                                                                            \
    {                                                                                              \
        .key = "validation_size", .type = SCHEMA_INTEGER, .unit = "examples", .minimum = 0,        \
        .maximum = 1e9, .fallback = "0",                                                           \
        .doc = "Examples held out for validation: those that follow the training examples in the " \
               "permutation."                                                                      \
    }

#define STANDARDIZE                                                                                \
    {                                                                                              \
        .key = "standardize", .type = SCHEMA_CHOICE, .fallback = "none",                           \
        .choices = standardize_choices,                                                            \
        .doc = "Subtract the mean and divide by the standard deviation of the training split: of " \
               "all its numbers "                                                                  \
               "(global) or of each feature (feature). A constant feature is only centred. Bytes " \
               "of images are scaled "                                                             \
               "to 0 ... 1 in any case.",                                                          \
        .aliases = (const char *const[])                                                           \
        {                                                                                          \
            "normalize", "normalise", "standardise", NULL                                          \
        }                                                                                          \
    }

#define LABEL_NOISE                                                                                \
    {                                                                                              \
        .key = "label_noise", .type = SCHEMA_FLOAT, .unit = "1", .minimum = 0, .maximum = 1,       \
        .fallback = "0.0",                                                                         \
        .doc = "Fraction of the training labels that are replaced by a different class, drawn "    \
               "uniformly; the number is "                                                         \
               "exact (rounded). A higher fraction keeps the wrong labels of a lower one.",        \
        .source = "Zhang et al., \"Understanding deep learning requires rethinking "               \
                  "generalization\", ICLR 2017",                                                   \
        .aliases = (const char *const[])                                                           \
        {                                                                                          \
            "noise", "label_noise_rate", NULL                                                      \
        }                                                                                          \
    }

#define SHUFFLE_POINTS                                                                             \
    {                                                                                              \
        .key = "shuffle_points", .type = SCHEMA_BOOLEAN, .fallback = "false",                      \
        .doc = "Put the points (pixels) of all examples into one random order, always the same, "  \
               "which destroys what is "                                                           \
               "local.",                                                                           \
        .aliases = (const char *const[])                                                           \
        {                                                                                          \
            "shuffle_pixels", "permute_pixels", NULL                                               \
        }                                                                                          \
    }

#define FILE_ROWS                                                                                  \
    FILE_SEED, TRAIN_SIZE, TEST_SIZE, VALIDATION_SIZE, STANDARDIZE, LABEL_NOISE, SHUFFLE_POINTS

static const char *const standardize_choices[] = {"none", "global", "feature", NULL};

/* ---- fashion-mnist ---- */

static const struct schema_row fashion_parameters[] = {
    {.key = "path",
     .type = SCHEMA_PATH,
     .fallback = "/usr/share/datasets/fashion-mnist",
     .doc = "Folder with the four IDX files, gzipped or not, under the names that MNIST's files "
            "have too; the default "
            "is where Debian's package dataset-fashion-mnist puts them."},
    FILE_ROWS,
    {0}};

static const struct entry fashion = {
    .name = "fashion-mnist",
    .doc =
        "70,000 grey images of clothing, 28 x 28, in 10 classes: 60,000 to train, 10,000 to test.",
    .source = "Xiao, Rasul and Vollgraf, \"Fashion-MNIST: a novel image dataset for benchmarking "
              "machine learning "
              "algorithms\", 2017",
    .parameters = fashion_parameters,
    .implementation = &kind_fashion_mnist};

/* ---- idx ---- */

#define IDX_FILE(name, text)                                                                       \
    {                                                                                              \
        .key = name, .type = SCHEMA_PATH, .flags = SCHEMA_REQUIRED, .doc = text                    \
    }

static const struct schema_row idx_parameters[] = {
    IDX_FILE(
        "train_images",
        "IDX file of the training images: 2 to 4 dimensions (examples first), elements u8, s8, "
        "i16, i32, f32 or f64, gzipped or not."),
    IDX_FILE("train_labels",
             "IDX file of the training labels: one dimension of integers, classes 0 ... C-1."),
    IDX_FILE("test_images",
             "IDX file of the test images, of the type and size of the training images."),
    IDX_FILE("test_labels", "IDX file of the test labels."),
    FILE_ROWS,
    {0}};

static const struct entry idx = {.name = "idx",
                                 .doc = "Images and labels in four IDX files, the format of MNIST.",
                                 .parameters = idx_parameters,
                                 .implementation = &kind_idx};

/* ---- hdf5 ---- */

/* The content digest stands for the names in a run's identity. */
#define HDF5_NAME(name, text)                                                                      \
    {                                                                                              \
        .key = name, .type = SCHEMA_TEXT, .minimum = 1, .maximum = 1024, .fallback = name,         \
        .flags = SCHEMA_SILENT, .doc = text                                                        \
    }

static const struct schema_row hdf5_parameters[] = {
    {.key = "path",
     .type = SCHEMA_PATH,
     .flags = SCHEMA_REQUIRED,
     .doc = "An HDF5 file.",
     .aliases = (const char *const[]){"file", "filename", NULL}},
    HDF5_NAME("x", "Name of the dataset of training examples: shape (N, d), (N, h, w) or (N, h, w, "
                   "c), integers or "
                   "floats; bytes are scaled to 0 ... 1."),
    HDF5_NAME("y", "Name of the dataset of training labels: integers of shape (N) are classes 0 "
                   "... C-1; floats of "
                   "shape (N) or (N, k) make the task regression."),
    HDF5_NAME("x_test", "Name of the dataset of test examples."),
    HDF5_NAME("y_test", "Name of the dataset of test labels."),
    FILE_ROWS,
    {0}};

static const struct entry hdf5 = {
    .name = "hdf5",
    .doc = "Data in an HDF5 file: examples and labels, training and test, as datasets.",
    .parameters = hdf5_parameters,
    .implementation = &kind_hdf5};

/* ---- mnist1d ---- */

#define GENERATED(name, count, text)                                                               \
    {                                                                                              \
        .key = name, .type = SCHEMA_INTEGER, .unit = "examples", .minimum = 1,                     \
        .maximum = 10000000, .fallback = count, .doc = text                                        \
    }

#define KNOB(name, least, most, default_text, text)                                                \
    {                                                                                              \
        .key = name, .type = SCHEMA_FLOAT, .unit = "1", .minimum = least, .maximum = most,         \
        .fallback = default_text, .doc = text                                                      \
    }

#define POINTS(name, least, most, default_text, text)                                              \
    {                                                                                              \
        .key = name, .type = SCHEMA_INTEGER, .unit = "points", .minimum = least, .maximum = most,  \
        .fallback = default_text, .doc = text                                                      \
    }

static const struct schema_row mnist1d_parameters[] = {
    SEED("Seed of the examples and of the label noise. Another seed is another data set of the "
         "same kind."),
    GENERATED("train_size", "4000",
              "Training examples to make; every ten in a row hold each class once. A smaller set "
              "is the beginning of a larger one of the same seed."),
    GENERATED("test_size", "1000", "Test examples to make."),
    {.key = "validation_size",
     .type = SCHEMA_INTEGER,
     .unit = "examples",
     .minimum = 0,
     .maximum = 10000000,
     .fallback = "0",
     .doc = "Validation examples to make, besides the training examples."},
    STANDARDIZE,
    LABEL_NOISE,
    POINTS("padding_minimum", 0, 1024, "36",
           "Least number of zeros behind the 12 points of a template."),
    POINTS("padding_maximum", 0, 1024, "60",
           "Greatest number of zeros behind the 12 points of a template."),
    KNOB("scale", 0, 100, "0.4",
         "Amplitude of the random factor 1 + scale (u - 1/2), u uniform in 0 ... 1."),
    POINTS("max_translation", 1, 1024, "48",
           "The signal is rotated by 0 ... max_translation - 1 points, uniformly."),
    KNOB("correlated_noise", 0, 100, "0.25",
         "Standard deviation of the noise that stands in for the zeros, before it "
         "is smoothed by a Gaussian filter of two points."),
    KNOB("noise", 0, 100, "0.02",
         "Standard deviation of the independent noise that is added to every point."),
    KNOB("shear", 0, 100, "0.75",
         "Amplitude of the random slope: shear (u - 1/2) times a ramp from -1/2 to 1/2 is "
         "subtracted."),
    POINTS("length", 2, 1024, "40", "Points of an example."),
    {.key = "shuffle_points",
     .type = SCHEMA_BOOLEAN,
     .fallback = "false",
     .doc = "Put the points of all examples into one random order, which destroys what is local."},
    {0}};

static const struct entry mnist1d = {
    .name = "mnist1d",
    .doc = "Ten classes of one-dimensional signals, made by a recipe: needs no file. 4,000 + 1,000 "
           "examples of 40 "
           "points by default.",
    .source = "Greydanus and Kobak, \"Scaling down deep learning with MNIST-1D\", ICML 2024",
    .parameters = mnist1d_parameters,
    .implementation = &kind_mnist1d};

/* ---- linear-regression ---- */

static const struct schema_row linear_parameters[] = {
    SEED("Seed of beta, the examples and the noise."),
    {.key = "n",
     .type = SCHEMA_INTEGER,
     .unit = "examples",
     .minimum = 1,
     .maximum = 10000000,
     .fallback = "100",
     .doc = "Training examples to make, those for validation included. A smaller n is the "
            "beginning of a larger one."},
    {.key = "p",
     .type = SCHEMA_INTEGER,
     .unit = "features",
     .minimum = 1,
     .maximum = 1000000,
     .fallback = "20",
     .doc = "Features: x is Gaussian with mean 0 and the identity as covariance."},
    KNOB("noise", 0, 1e6, "1.0",
         "Standard deviation of the Gaussian noise in y = x . beta + noise."),
    KNOB("signal", 0, 1e6, "1.0",
         "Euclidean norm of beta, whose direction is uniform on the sphere."),
    {.key = "train_size",
     .type = SCHEMA_COUNT,
     .unit = "examples",
     .minimum = 1,
     .maximum = 10000000,
     .fallback = "all",
     .doc = "Training examples: the first of the n; `all`: what validation_size leaves of them. "
            "Usually n alone is "
            "given."},
    GENERATED("test_size", "1000", "Test examples to make, besides the n."),
    VALIDATION_SIZE,
    STANDARDIZE,
    {0}};

static const struct entry linear_regression = {
    .name = "linear-regression",
    .doc =
        "Gaussian linear regression, made by a recipe: where the theory of interpolation is exact.",
    .source = "Hastie, Montanari, Rosset and Tibshirani, \"Surprises in high-dimensional ridgeless "
              "least squares "
              "interpolation\", 2019",
    .parameters = linear_parameters,
    .implementation = &kind_linear_regression};

/* ---- text ---- */

static const char *const unit_choices[] = {"characters", "bytes", NULL};

#define WINDOWS(name, text)                                                                        \
    {                                                                                              \
        .key = name, .type = SCHEMA_COUNT, .unit = "windows", .minimum = 1, .maximum = 1e9,        \
        .fallback = "all", .doc = text                                                             \
    }

#define TEXT_ROWS                                                                                  \
    {.key = "units",                                                                               \
     .type = SCHEMA_CHOICE,                                                                        \
     .choices = unit_choices,                                                                      \
     .fallback = "characters",                                                                     \
     .doc = "What a token is: a Unicode character, or a byte.",                                    \
     .aliases = (const char *const[]){"tokens", NULL}},                                            \
        {.key = "context",                                                                         \
         .type = SCHEMA_INTEGER,                                                                   \
         .unit = "tokens",                                                                         \
         .minimum = 1,                                                                             \
         .maximum = 65536,                                                                         \
         .fallback = "128",                                                                        \
         .doc = "Tokens of a window, which is one example; the next token is predicted at each "   \
                "of them.",                                                                        \
         .aliases =                                                                                \
             (const char *const[]){"context_length", "sequence_length", "block_size", NULL}},      \
        {.key = "train_fraction",                                                                  \
         .type = SCHEMA_FLOAT,                                                                     \
         .unit = "1",                                                                              \
         .minimum = 0,                                                                             \
         .maximum = 1,                                                                             \
         .flags = SCHEMA_OPEN_MINIMUM,                                                             \
         .fallback = "0.9",                                                                        \
         .doc = "Share of the text, from its beginning, that trains."},                            \
        {.key = "validation_fraction",                                                             \
         .type = SCHEMA_FLOAT,                                                                     \
         .unit = "1",                                                                              \
         .minimum = 0,                                                                             \
         .maximum = 1,                                                                             \
         .fallback = "0.05",                                                                       \
         .doc = "Share that follows and validates; the rest tests."},                              \
        WINDOWS("train_size", "Training windows: the first of the training part."),                \
        WINDOWS("test_size", "Test windows: the first of the test part.")

static const struct schema_row text_parameters[] = {
    {.key = "path",
     .type = SCHEMA_PATH,
     .flags = SCHEMA_REQUIRED,
     .doc = "A text file, UTF-8 where units are characters.",
     .aliases = (const char *const[]){"file", "filename", NULL}},
    TEXT_ROWS,
    {0}};
static const struct schema_row kjv_parameters[] = {TEXT_ROWS, {0}};

static const struct entry text = {
    .name = "text",
    .doc = "Any text file, for language models: windows of bytes or characters.",
    .parameters = text_parameters,
    .implementation = &kind_text};
static const struct entry kjv_text = {
    .name = "kjv-text",
    .doc = "The King James Bible, 4.4 million characters, for language models (Debian packages "
           "bible-kjv, bible-kjv-text).",
    .parameters = kjv_parameters,
    .implementation = &kind_kjv_text};

static const struct entry *const entries[] = {&fashion, &mnist1d, &linear_regression, &idx,
                                              &hdf5,    &text,    &kjv_text,          NULL};

const struct registry dataset_registry = {
    .kind = "data set", .plural = "data sets", .entries = entries};
