/* What the parts of collect share: a record that is being filled, and where its arrays lie. */
#ifndef BASIN_ANALYSIS_COLLECT_PARTS_H
#define BASIN_ANALYSIS_COLLECT_PARTS_H

#include "analysis/cube.h"
#include "base/record.h"
#include "base/text.h"
#include "spec/settings.h"

struct collector {
    struct arena *arena;
    struct record *record;
    const struct table *table;
    const struct cube *cube;
    size_t dims[RECORD_RANK]; /* of an array over all runs: those of the cube, or (run) */
    const char *axes[RECORD_RANK];
    int rank;
    struct text coordinates; /* names of arrays that label others, for readers */
    const char **notes;      /* what was left out or could not be computed, and why */
    size_t note_count, note_capacity;
    const char **left_out; /* arrays that are too large */
    size_t left_out_count, left_out_capacity;
};

/* An array over all runs, `more` axes behind it. */
basin_status collect_add(struct collector *collector, const char *name, enum record_type type,
                         const void *data, struct record_item **item);
basin_status collect_describe(struct collector *collector, struct record_item *item,
                              const char *units, const char *long_name, const char *definition);

/* collect_numbers.c: run_id, status, every number of the table. */
basin_status collect_numbers(struct collector *collector);
/* An axis of its own: numbers, whole ones as int64. */
basin_status collect_add_numbers(struct collector *collector, const char *name,
                                 const double *numbers, size_t count, struct record_item **item);
basin_status collect_add_axis(struct collector *collector, const struct cube_axis *axis);
/* Says that an array labels others. */
basin_status collect_name_coordinate(struct collector *collector, const char *name);
bool collect_is_among(const char *names, const char *name); /* of names with blanks between */
/* The name of an axis "BASE", or "BASE_2", ...: one that has these values, or *made, a new one. */
basin_status collect_share_axis(struct collector *collector, const char *base, const double *values,
                                size_t count, const char **name, struct record_item **made);
/* collect_options.c: for each of the options that numbers of one measure were taken with ("{k: 3,
 * examples: 20}", or NULL), what of them differs from the others: "_examples_20", "" for nothing.
 */
basin_status collect_option_suffixes(struct arena *arena, const char *const *options, size_t count,
                                     const char **suffixes);
void collect_name_option(struct text *suffix, const char *key, const char *value);
/* The file of the run in a row of the table. */
const char *collect_file_of(const struct table *table, size_t row);
bool collect_is_diverged(const struct cube_run *run);
/* What is left out of the file, or could not be computed, for the caller to say. */
basin_status collect_note(struct collector *collector, const char *note);
/* collect_across.c: what the study declares to be computed over its runs. */
basin_status collect_across(struct collector *collector, const char *folder);
/* collect_result.c: the result of one of them (across_table), computed from `runs`. */
basin_status collect_result(struct collector *collector, const struct setting_variant *measure,
                            const struct table *runs, const struct table *result);
/* collect_curves.c: every curve, over its epochs. */
basin_status collect_all_curves(struct collector *collector);
/* collect_arrays.c: arrays of measures, and those taken while training. */
basin_status collect_arrays(struct collector *collector);
/* collect_claims.c: what the study expects, and what came out. */
basin_status collect_claims(struct collector *collector, const char *folder);

#endif
