/* How CSV files are to be read. */
#ifndef BASIN_FORMATS_CSV_OPTIONS_H
#define BASIN_FORMATS_CSV_OPTIONS_H

#include "store/array.h"
#include "formats/csv_scan.h"

enum csv_missing { CSV_MISSING_ERROR, CSV_MISSING_DROP, CSV_MISSING_MEAN };
enum { CSV_TRAIN, CSV_TEST, CSV_PARTS };
enum { CSV_CATEGORIES_MOST = 1000 }; /* different texts of a feature */

struct csv_names {
    const char *const *items;
    size_t count;
};

/* Columns are named, or numbered from 1 (from -1 backwards); a name that is a number is a name. */
struct csv_options {
    const char *paths[CSV_PARTS];    /* the second may be NULL */
    const uint8_t *bytes[CSV_PARTS]; /* of files in memory, which `paths` only names; or NULL */
    size_t lengths[CSV_PARTS];
    struct csv_dialect dialect;
    char decimal; /* '.' or ',' */
    bool header;
    enum csv_missing missing;
    struct csv_names missing_texts; /* beside empty cells */
    const char *target;             /* NULL: `targets` */
    struct csv_names targets;       /* none: the last column that is nothing else */
    struct csv_names features;      /* none: all that are nothing else */
    struct csv_names exclude;
    struct csv_names categorical; /* whose cells are texts even where they are numbers */
    const char *group;            /* or NULL */
    enum record_type type;        /* of x: RECORD_FLOAT64, RECORD_FLOAT32 or RECORD_BYTE */
    size_t shape[ARRAY_RANK - 1]; /* of an example */
    int rank;                     /* of the shape; 0: there is none */
};

#endif
