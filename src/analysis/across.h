/* Across: measures over runs, for `basin table --across`.
 *
 * Purpose.  What no single run can say: how good the ensemble of several seeds is, say. An across-
 * measure is one file with one entry in the table of across.c: its parameters, the columns that it
 * gives, and a function that is called once for each group of runs. A group is the runs that agree
 * in every varied parameter but those that the parameter `over` names. The function sees the
 * numbers of its runs as rows of a table, can reopen each of them (spec, data, model, weights), and
 * adds rows to the result; nothing is trained again.
 * Promise.  Only runs that finished are members; what is left out is counted. The data of all runs
 * are in memory once. The order of members is that of the table.
 * Ownership.  The result lives in the table's arena.
 * Errors.  Those of the measure; BASIN_SPEC with the place in the request for wrong options.
 */
#ifndef BASIN_ANALYSIS_ACROSS_H
#define BASIN_ANALYSIS_ACROSS_H

#include "analysis/table.h"
#include "base/quantity.h"
#include "run/finished.h"

extern const struct registry across_registry;

/* What the settings of every across-measure begin with, as a member `common`. */
struct across_common {
    const char *over; /* parameters, ',' between them; ACROSS_SEEDS: those that are seeds */
};

#define ACROSS_SEEDS "seeds"
#define ACROSS_OVER_ROW                                                                            \
    {                                                                                              \
        .key = "over", SETTING(struct across_common, over), .type = SCHEMA_TEXT,                   \
        .fallback = ACROSS_SEEDS,                                                                  \
        .doc = "In what the runs of a group differ: parameters, with commas between them, as in "  \
               "`basin table --over`; seeds: seed, seed.init and seed.order."                      \
    }

/* The parameter `examples` of measures that look at test examples. */
#define ACROSS_EXAMPLES_ROW(structure)                                                             \
    {                                                                                              \
        .key = "examples", SETTING(structure, examples), .type = SCHEMA_COUNT, .unit = "examples", \
        .minimum = 1, .maximum = 1e9, .fallback = "all",                                           \
        .doc = "The first N test examples, or all."                                                \
    }

#define ACROSS_ALL "all"
/* The same of measures that compare all runs unless told otherwise. */
#define ACROSS_OVER_ALL_ROW                                                                        \
    {                                                                                              \
        .key = "over", SETTING(struct across_common, over), .type = SCHEMA_TEXT,                   \
        .fallback = ACROSS_ALL,                                                                    \
        .doc =                                                                                     \
            "In what the runs of a group differ: parameters, with commas between them; all: one "  \
            "group of all runs."                                                                   \
    }

struct across_sink;

/* What an across-measure sees. */
struct across_site {
    struct arena *arena; /* of the result */
    const void *settings;
    const struct table *table; /* all runs that finished */
    const size_t *rows;        /* (count) of this group */
    size_t count;
    size_t largest;          /* runs of the largest group */
    struct data_store *data; /* shared by all runs */
    struct across_sink *sink;
};

struct across_measure {
    /* The columns it gives, ended by a NULL name: first `keys` that tell the rows of a group apart,
     * then numbers. */
    const struct quantity *columns;
    int keys;
    basin_status (*run)(const struct across_site *site);
    bool whole; /* there is one group, all runs; the settings begin with no `common` */
    /* The first key is the name of a number or a curve, the second a place on the curve, or
     * absent: study.h5 has arrays by quantity. Columns whose units are "" have those of it. */
    bool by_quantity;
    /* Refuses what cannot apply to a network: BASIN_SPEC. NULL: it applies to all. */
    basin_status (*check)(const void *settings, const struct model *model);
};

/* --- for measures --- */

/* A row of the result: one cell a column. */
basin_status across_add(const struct across_site *site, const struct cell *cells);
/* Member i of the group, reopened with its weights; in its own arena, which the caller destroys
 * after finished_close. */
basin_status across_open(const struct across_site *site, size_t i, struct finished *finished);
/* Refuses where no group has `least` runs: in a table with larger groups a smaller one just has
 * less to tell. `who`: the measure. BASIN_USAGE. */
basin_status across_check_size(const struct across_site *site, const char *who, size_t least);
/* values (count): a number of each run of the group, by an expression as in --where; NaN where a
 * run has none. `who`, `key`: the measure and where the text stands, for messages. BASIN_USAGE
 * where it is no number of a run. */
basin_status across_numbers(const struct across_site *site, const char *who, const char *key,
                            const char *text, double *values);
/* The name of member i for messages: its file. */
const char *across_name(const struct across_site *site, size_t i);

/* --- for the rooms above --- */

/* `request`: "ensemble", or "ensemble: {sizes: [1, 2]}". What is wrong with it is in
 * `diagnostics`, as a spec's errors are. */
basin_status across_read(struct arena *arena, const char *request, struct diagnostics *diagnostics,
                         struct setting_variant *measure);
/* Can the measure be computed from runs of this network? Asked before anything is trained. */
basin_status across_check(const struct setting_variant *measure, const struct model *model);
/* Replaces the runs of the table by the result: a column for each parameter that tells the groups
 * apart, then those of the measure. `left_out`: runs that have not finished. */
basin_status across_table(struct table *table, const struct setting_variant *measure,
                          size_t *left_out);

#endif
