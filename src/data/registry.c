#include "data/dataset.h"

/* One line a data set: its entry, defined in its own file. */
#define DATA_SETS(X)                                                                               \
    X(fashion_mnist_entry)                                                                         \
    X(mnist1d_entry)                                                                               \
    X(linear_regression_entry)                                                                     \
    X(idx_entry)                                                                                   \
    X(hdf5_entry)                                                                                  \
    X(matlab_entry)                                                                                \
    X(csv_entry)                                                                                   \
    X(images_entry)                                                                                \
    X(cifar10_entry)                                                                               \
    X(cifar100_entry)                                                                              \
    X(numpy_entry)                                                                                 \
    X(safetensors_entry)                                                                           \
    X(text_entry)                                                                                  \
    X(kjv_text_entry)

#define X(name) extern const struct entry name;
DATA_SETS(X)
#undef X

#define X(name) &name,
static const struct entry *const entries[] = {DATA_SETS(X) NULL};
#undef X

const struct registry dataset_registry = {
    .kind = "data set", .plural = "data sets", .manual = DATA_MANUAL, .entries = entries};
