/* What the parts of collect share: a record that is being filled, and where its arrays lie. */
#ifndef BASIN_ANALYSIS_COLLECT_PARTS_H
#define BASIN_ANALYSIS_COLLECT_PARTS_H

#include "analysis/cube.h"
#include "base/record.h"
#include "base/text.h"

struct collector {
    struct arena *arena;
    struct record *record;
    const struct table *table;
    const struct cube *cube;
    size_t dims[RECORD_RANK]; /* of an array over all runs: those of the cube, or (run) */
    const char *axes[RECORD_RANK];
    int rank;
    struct text coordinates; /* names of arrays that label others, for readers */
    const char **notes;      /* what could not be computed, and why */
    size_t note_count, note_capacity;
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
/* collect_across.c: what the study declares to be computed over its runs. */
basin_status collect_across(struct collector *collector, const char *folder);
/* collect_all_curves.c: every curve, over its epochs. */
basin_status collect_all_curves(struct collector *collector);
/* collect_claims.c: what the study expects, and what came out. */
basin_status collect_claims(struct collector *collector, const char *folder);

#endif
