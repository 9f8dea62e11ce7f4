/* The rows of CSV files as numbers, as long as nobody knows how many features they are.
 *
 * A cell is its number, or the number of its word (csv_words.h) where it is a text, or NaN where it
 * is missing. Rows are appended to memory that grows by what the file seems to hold.
 *
 * Errors, ownership: csv_file.h.
 */
#ifndef BASIN_FORMATS_CSV_TABLE_H
#define BASIN_FORMATS_CSV_TABLE_H

#include "formats/csv_columns.h"

struct csv_rows {
    void *x;        /* (capacity, columns.features) of options.type */
    double *y;      /* (capacity, csv_table_width): targets, then the word of the group */
    uint32_t *rows; /* (capacity) rows of the file; only where rows may be dropped */
    size_t count, capacity, dropped;
    size_t missing; /* cells of x, among `count` */
};

struct csv_table {
    const struct csv_options *options;
    double most;
    struct arena *arena;
    struct csv_columns columns;
    struct csv_rows parts[CSV_PARTS];
    bool may_be_missing[256]; /* first characters of missing_texts */
};

static inline size_t csv_table_width(const struct csv_table *table)
{
    return table->columns.targets + table->columns.grouped;
}

double csv_table_bytes(const struct csv_table *table); /* that it has taken */
double csv_table_get(const struct csv_table *table, const void *x, size_t at);
void csv_table_put(const struct csv_table *table, void *x, size_t at, double value);

/* Reads all files of the options into a table that has them, `most` and `arena`. */
basin_status csv_table_read(struct csv_table *table);
void csv_table_free(struct csv_table *table);

#endif
