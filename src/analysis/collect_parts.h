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
};

/* An array over all runs, `more` axes behind it. */
basin_status collect_add(struct collector *collector, const char *name, enum record_type type,
                         const void *data, struct record_item **item);
basin_status collect_describe(struct collector *collector, struct record_item *item,
                              const char *units, const char *long_name, const char *definition);

/* collect_numbers.c: run_id, status, every number of the table. */
basin_status collect_numbers(struct collector *collector);
/* collect_all_curves.c: every curve, over its epochs. */
basin_status collect_all_curves(struct collector *collector);
/* collect_claims.c: what the study expects, and what came out. */
basin_status collect_claims(struct collector *collector, const char *folder);

#endif
