/* The data sets: one line each. */
#include "data/data.h"

extern const struct entry fashion_mnist_entry, hdf5_entry, idx_entry, kjv_text_entry,
    linear_regression_entry, mnist1d_entry, text_entry;

static const struct entry *const entries[] = {&fashion_mnist_entry,     /* fashion_mnist.c */
                                              &mnist1d_entry,           /* mnist1d.c */
                                              &linear_regression_entry, /* linear_regression.c */
                                              &idx_entry,               /* idx.c */
                                              &hdf5_entry,              /* hdf5.c */
                                              &text_entry,              /* text.c */
                                              &kjv_text_entry,          /* kjv_text.c */
                                              NULL};

const struct registry dataset_registry = {
    .kind = "data set", .plural = "data sets", .entries = entries};
