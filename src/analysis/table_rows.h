/* Table rows: rows of runs that have no result file: those that a spec will have, and those that
 * are under way.
 *
 * Ownership.  As analysis/table.h.
 */
#ifndef BASIN_ANALYSIS_TABLE_ROWS_H
#define BASIN_ANALYSIS_TABLE_ROWS_H

#include "analysis/table.h"
#include "folder/journal.h"

/* What the latest run of the folder's study called its axes: "path=name" each. */
struct axis_names {
    const char *const *items;
    size_t count;
    const char *const *axes; /* of a product: "path\tvalue\t..." each */
    size_t axis_count;
    const char *const *ids; /* of its runs, in the order of the product, the last axis fastest */
    size_t id_count;
    struct journal_skipped skipped; /* journals that cannot be read */
};

/* A row without a file. */
struct table_no_file {
    const char *id, *status, *study; /* or NULL */
    const struct value *run;         /* resolved; NULL: not known */
    const char *const *numbers;      /* (count) of /measures */
    const double *values;            /* (count); NULL: they are NaN */
    size_t count;
    double seconds;
};

/* Appends it; the table has room for one more row. */
basin_status table_add_no_file(struct table *table, const struct axis_names *names,
                               const struct table_no_file *no_file);

/* Appends the runs of a folder that are under way or were interrupted (table_running.c), and
 * counts them in `source`. */
basin_status table_add_running(struct table *table, struct table_source *source,
                               const struct axis_names *names);

/* Sets the parameter of a row that is not of a file. */
basin_status table_set_parameter(struct table *table, struct row *row, const char *path,
                                 struct cell cell);

#endif
