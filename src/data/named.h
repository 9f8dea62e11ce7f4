/* Data sets whose arrays are called by names, in a file or two: HDF5, MATLAB, .npz, safetensors.
 *
 * A data set has settings that begin with a struct named_settings, rows NAMED_ROWS and
 * NAMED_FILES, and a reader of its format (struct named_format).
 */
#ifndef BASIN_DATA_NAMED_H
#define BASIN_DATA_NAMED_H

#include "data/assemble.h"

struct named_settings {
    struct data_settings common;
    const char *path, *test_path; /* test_path NULL: path */
    const char *x, *y, *x_test, *y_test, *group;
    bool names_x, names_y, names_x_test, names_y_test; /* other names than the default ones */
};

struct named_format {
    const char *noun; /* what an array is called: "dataset" */
    /* Either: one array. BASIN_DATA without a file where there is none of this name; the hint says
     * what there is. */
    basin_status (*read_one)(const char *path, const char *name, double most,
                             struct store_array *array);
    /* Or: those of the arrays that the file has; the data of others is NULL. */
    basin_status (*read)(const char *path, const char *const *names, size_t count, double most,
                         struct store_array *arrays);
    /* And: raises that there is no such array; the hint says what there is. */
    basin_status (*missing)(const char *path, const char *name);
};

/* Reads what the settings name; names of arrays for messages live in `arena`. Test arrays may be
 * missing where nobody has asked for them. */
basin_status named_read(const struct named_settings *settings, const struct named_format *format,
                        double most, struct arena *arena, struct source_input *input);

/* The content digest stands for the names in a run's identity. */
#define NAMED_ROW(name, text)                                                                      \
    {                                                                                              \
        .key = #name, SETTING(struct named_settings, name), .type = SCHEMA_TEXT, .minimum = 1,     \
        .maximum = 1024, .fallback = #name, .flags = SCHEMA_SILENT, .doc = text,                   \
        SETTING_CHANGED(struct named_settings, names_##name)                                       \
    }

#define NAMED_ROWS                                                                                 \
    NAMED_ROW(x, "Name of the array of training examples: shape (N, d), (N, h, w) or (N, h, w, "   \
                 "c), integers, booleans or floats; bytes (uint8) are scaled to 0 ... 1."),        \
        NAMED_ROW(y, "Name of the array of training labels: integers, booleans or texts of shape " \
                     "(N) are classes; floats of shape (N) or (N, k) make the task regression "    \
                     "(see task)."),                                                               \
        NAMED_ROW(x_test, "Name of the array of test examples. Where a file has none of this "     \
                          "name, test_fraction says how many of the examples test."),              \
        NAMED_ROW(y_test, "Name of the array of test labels."),                                    \
    {                                                                                              \
        .key = "group", SETTING(struct named_settings, group), .type = SCHEMA_TEXT, .minimum = 1,  \
        .maximum = 1024, .flags = SCHEMA_OPTIONAL,                                                 \
        .doc = "Name of an array of shape (N), of numbers or texts: training examples of equal "   \
               "values (of one patient, say) stay together when test and validation examples "     \
               "are set aside."                                                                    \
    }

#endif
