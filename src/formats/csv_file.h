/* CSV files as arrays: a table whose columns are features, targets and perhaps a group.
 *
 * Purpose.  One file, or two with the same columns: training and test. A column of numbers is one
 * feature; a column of texts is one for each different text ("colour=red", in the order of their
 * bytes, of both files together); true and false are 1 and 0.
 *
 *     x      (N, features) or (N, shape), of options.type
 *     y      (N) or (N, targets): whole numbers RECORD_INTEGER, other numbers RECORD_FLOAT64, texts
 *            RECORD_TEXT
 *     group  (N): whole numbers RECORD_INTEGER, otherwise RECORD_TEXT
 *
 * Promise.  What a column is follows from all its cells together, and does not depend on the order
 * of rows: numbers and texts in one column are refused, not guessed at. Numbers are correctly
 * rounded.
 * Ownership.  Arrays are from memory_allocate (csv_data_free); names belong to the arena.
 * Errors.  BASIN_DATA with file and line, and the key of the options to blame.
 */
#ifndef BASIN_FORMATS_CSV_FILE_H
#define BASIN_FORMATS_CSV_FILE_H

#include "base/arena.h"
#include "formats/csv_options.h"
#include "store/array.h"

struct csv_part {
    struct store_array x, y, group; /* data NULL: not there */
    uint32_t *rows; /* (N) rows of the file from 0, where some are left out; or NULL */
    size_t dropped; /* rows that are left out */
    size_t filled;  /* missing cells that are means */
};

struct csv_data {
    struct csv_part parts[CSV_PARTS];
    const char **features;              /* names */
    size_t feature_count, text_columns; /* and columns that are several features */
    const char *target;                 /* names of the targets */
    const char *counter;                /* a feature that only counts the rows, or NULL */
    const char *distinct;               /* a column of texts most of which are different, or NULL */
    size_t distinct_count;
};

/* `most`: bytes of memory that it may take, asked for before they are taken. */
basin_status csv_read(const struct csv_options *options, double most, struct arena *arena,
                      struct csv_data *data);
void csv_data_free(struct csv_data *data);

#endif
