/* Table: the results of a study as rows and columns, for `basin table`, `show` and programs.
 *
 * Purpose.  One row a result file. Columns, in this order: `run_id`, `status`; every parameter of
 * the resolved specs by its dotted path; every scalar of /measures by its name; `study`, `seconds`,
 * `file`. A parameter is *varied* where its values differ over the rows (absent is a value of its
 * own); `seed` always is. What does not change the numbers (study, description) is no parameter
 * here. The options of a measure, `measures.NAME.KEY`, are those that the file holds beside its
 * numbers; they are parameters that vary where rows that have the measure differ, so that no column
 * and no mean mixes numbers that were measured in different ways without a word; they keep nothing
 * apart but the numbers of their measure. A number with
 * the attribute `converged` brings a column NAME_converged; runs whose loss exploded bring a column
 * `exploded` behind `status`.
 * Steps that come to fewer different whole numbers of epochs than of steps (`every: 2 epochs` for
 * several batch sizes) are compared by these.
 * Rows are ordered by the varied parameters, `seed` last. Axes that
 * the latest run of a folder's study gave names (the journal has them) have these as titles; a
 * block that was named as a whole is a column too. So are the items of lists, by their numbers
 * (architecture.hidden.0), to be named and asked for; a list is shown whole unless they have
 * titles.
 * Ownership.  Everything lives in the arena given to table_load.
 * Errors.  A file that cannot be used (damaged, no result of ours) becomes a problem, not a
 * failure.
 */
#ifndef BASIN_ANALYSIS_TABLE_H
#define BASIN_ANALYSIS_TABLE_H

#include <stdbool.h>
#include "base/arena.h"
#include "spec/schema.h"

enum cell_kind { CELL_ABSENT, CELL_NUMBER, CELL_BOOLEAN, CELL_TEXT, CELL_LIST };

struct cell {
    enum cell_kind kind;
    double number;     /* of a number; 0 or 1 of a boolean */
    const char *text;  /* of a text; a list as JSON */
    const char *brief; /* of a list: without what is default in it, for people */
    bool is_default;   /* of a parameter */
    double epochs;     /* of a parameter that counts steps, where epochs were meant; else 0 */
    bool doubtful;     /* of a number: the search for it ended before it converged */
    size_t lacking;    /* of a mean: how many of the runs have no such number */
};

enum column_group { COLUMN_RUN, COLUMN_PARAMETER, COLUMN_MEASURE, COLUMN_FILE };

struct column {
    const char *name,
        *title; /* title: of an axis that has a name of its own (sweep.names), or NULL */
    enum column_group group;
    bool varied;     /* of a parameter */
    bool implied;    /* of a parameter: a block around it that has a title says it, unless it varies
                        inside one variant of that */
    bool replicates; /* of a parameter: rows that differ in it alone are replicates of each other,
                        for table_mean */
    bool axis;       /* of a parameter: the study swept this very path; known of products only */
    bool option;     /* of a parameter: an option of a measure */
    bool item;       /* of a parameter: an item of a list, or a key of one: to be named, but not
                        shown where the list is */
    bool verdict;    /* of a measure: NAME_converged, true or false */
    bool key;        /* of an across-measure: tells the rows of one group apart */
    const char *units;   /* of a measure, or NULL */
    const char *measure; /* of a number of /measures and of an option: its measure, or NULL */
    const struct schema_row *row; /* of a parameter: its aliases; or NULL */
};

struct row {
    struct cell *cells; /* one a column */
    size_t count;       /* while loading: columns known when the row was read */
    bool partial;       /* of a run that has not said more than its axes: the parameters that it
                           lacks are not known */
};

struct table {
    struct arena *arena;
    struct column *columns;
    size_t column_count, column_capacity;
    struct row *rows;
    size_t row_count, row_capacity;
    const char **problems; /* "FILE: message" */
    size_t problem_count;
    size_t under_way;            /* rows of runs that are under way or were interrupted: `status`
                                    says so, and their numbers are those of their checkpoints */
    struct results *results;     /* what else is in the files of its rows (results.h); NULL: it has
                                none */
    bool knows_axes;             /* every folder's study was a product and recorded its axes */
    const struct table *single;  /* of a table of means: the runs that they are of; else NULL */
    const struct entry *across;  /* of the result of an across-measure: that; else NULL */
    const struct cell **members; /* of that result: by row, the cells of a run of its group */
};

/* Where results are: a result file or a folder (folder/folder.h, folder_list), and which of them
 * are meant. */
struct table_source {
    const char *path;
    const char *const *ids; /* (id_count) sorted: only these runs; NULL: all */
    size_t id_count;
    bool running; /* also runs that are under way or were interrupted: of a folder only */
    size_t under_way, unsaved; /* set likewise: how many these are, and how many of them have no
                                  checkpoint yet, so that no number of theirs is known */
    bool arrays;          /* their arrays will be asked for: a file that is read is read for both */
    size_t found, others; /* set by table_load_runs: how many results are there, and how many were
                             left out for that */
};
basin_status table_load_runs(struct arena *arena, struct table_source *sources, size_t count,
                             struct table **table);

/* All of them. paths: as above. */
basin_status table_load(struct arena *arena, const char *const *paths, size_t path_count,
                        struct table **table);

/* The same columns for runs that have no results yet: of what a spec says, with the numbers that
 * they will have as NaN. */
struct table_specs {
    const struct value *const *runs; /* (count) resolved */
    size_t count;
    const char *const *numbers; /* (number_count) of /measures */
    size_t number_count;
    const char *const *names; /* (name_count) "path=name" of axes with names of their own */
    size_t name_count;
};
basin_status table_of_specs(struct arena *arena, const struct table_specs *specs,
                            struct table **table);

/* The index of a column: its name, or the end of its dotted path where only one column, or one of
 * the varied ones, ends so; the last part of it may be one of the other words for that key (`lr`).
 * -1, with BASIN_USAGE and a hint as the last error, where there is none. */
int table_column(const struct table *table, const char *name);

/* What a column is called where it is printed; table_column takes it back. Its title, or its name;
 * `whole` false: the end of its path where that is enough. */
const char *table_name(const struct table *table, int column, bool whole);

/* Order of two cells: absent, booleans, numbers (NaN last), lists, texts. */
int cell_compare(const struct cell *a, const struct cell *b);
bool cell_equal(const struct cell *a, const struct cell *b);
bool cell_is_null(const struct cell *cell); /* absent, or NaN */

struct sort_key {
    int column;
    bool descending;
};

/* Orders the rows by the given columns, the first one first; equal rows stay as they are. In both
 * directions NaN goes behind all numbers, and what is absent last. */
basin_status table_sort(struct table *table, const struct sort_key *keys, size_t count);

/* Rows that agree in status, study and every varied parameter but the replicating ones become one:
 * numbers of measures and seconds become their mean, a column `NAME_sd` beside each is their
 * standard deviation (n - 1); the last column is their count: `seeds`, or `runs` where something
 * else than seeds replicates. Where their numbers of a measure were taken with several options,
 * they become a row for each, in which only the means of that measure differ. A mean is doubtful
 * where one of its numbers is. */
basin_status table_mean(struct table *table);
/* Which parameters replicate: "a,b" as for table_column, instead of the seeds (seed, seed.init,
 * seed.order). `study` may be one: runs of several studies are replicates then. */
basin_status table_replicate(struct table *table, const char *list);
/* The other way round: "a,b" tell groups apart, and all other parameters replicate. Options of
 * measures keep their numbers apart still; so do status, exploded and study. */
basin_status table_group_by(struct table *table, const char *list);

/* How many runs a mean would count more than once: the same id in several folders. */
basin_status table_count_twice(const struct table *table, size_t *count);
/* How many rows of table_mean(all) lose some of their replicates, and keep others, where only the
 * rows of `chosen` are left (the same rows, in the same order). */
basin_status table_count_partial(const struct table *all, const struct table *chosen,
                                 size_t *count);

/* The rows that table_mean makes one: groups in the order of their first rows. */
struct table_group {
    const size_t *rows; /* (count) in their order */
    size_t count;
};
basin_status table_groups(const struct table *table, struct table_group **groups, size_t *count);
bool table_tells_groups_apart(const struct table *table, size_t column); /* and is not constant */

/* Used while loading (table_load.c) and by table_mean. */
basin_status table_count_in_epochs(struct table *table); /* fills `epochs` (table_epochs.c) */
int table_add_column(struct table *table, const char *name, enum column_group group,
                     const char *units);
void table_mark_varied(struct table *table);
bool table_is_below(const char *path, const char *block); /* a key of that block? */
bool table_ends_with(const char *path, const char *part); /* after a dot */

#endif
