/* The columns of a CSV file: their names, and what each of them is.
 *
 * Ownership.  csv_columns_free releases the words; everything else belongs to the arena.
 * Errors.  BASIN_DATA with the key of the options to blame, or with file and line.
 */
#ifndef BASIN_FORMATS_CSV_COLUMNS_H
#define BASIN_FORMATS_CSV_COLUMNS_H

#include "formats/csv_options.h"
#include "formats/csv_words.h"

enum csv_role { CSV_UNUSED, CSV_EXCLUDED, CSV_FEATURE, CSV_TARGET, CSV_GROUP };
enum csv_kind { CSV_UNKNOWN, CSV_NUMBER, CSV_TEXT };

struct csv_column {
    const char *name; /* "" where there is no header, or none of this column */
    size_t number;    /* from 1 */
    enum csv_role role;
    size_t at;          /* among the features, or the targets */
    bool categorical;   /* numbers are texts too */
    enum csv_kind kind; /* by the first cell that is there, which was: */
    const char *path, *example;
    long line;
    bool fractions; /* there are numbers that are not whole */
    struct csv_words words;
};

struct csv_columns {
    const char *path; /* of the first file, and the line of its first row */
    long line;
    struct csv_column *items;
    size_t count;
    struct csv_words names; /* of all columns, in order; none without a header */
    size_t *named;          /* of each of these names: index of its column */
    size_t features, targets;
    size_t number_names; /* names that are numbers */
    bool grouped;
};

/* From the first row of the first file: the header, or a row of that many cells. */
basin_status csv_columns_create(struct csv_columns *columns, const struct csv_options *options,
                                const struct csv_row *row, struct arena *arena);
void csv_columns_free(struct csv_columns *columns);

/* The column of each cell of a row, by the header of this file where there is one; NULL for those
 * that are not used. */
basin_status csv_columns_match(const struct csv_columns *columns, const struct csv_options *options,
                               const struct csv_row *row, struct arena *arena,
                               struct csv_column ***plan);

/* BASIN_DATA where the first line has turned out to be data: a text in it is a value of its column
 * too, and there are numbers in it, or it is so in all columns that are used. */
basin_status csv_columns_check_header(const struct csv_columns *columns);

/* Puts `column "age": ` or `column 3: ` before the last error. */
void csv_column_prefix(const struct csv_column *column);

#endif
