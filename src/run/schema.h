/* The root of the spec language: every key that a study file may have, every registry that
 * `basin list` shows, and the struct that a resolved run fills.
 *
 * Purpose.  The one place where the tables of the rooms come together. The keys `sweep` and `seeds`
 * belong to spec/. The settings are filled once per run and handed down: below, nothing looks up a
 * key by its name.
 * Ownership.  The tables are static data; settings live in the arena, and their texts in the run
 * that they were filled from.
 */
#ifndef BASIN_RUN_SCHEMA_H
#define BASIN_RUN_SCHEMA_H

#include "train/settings.h"

/* SETTING_ABSENT where a source has no seed of its own and follows `all`. */
struct seed_settings {
    int64_t all, init, order, data;
};

struct checkpoint_settings {
    double every_seconds; /* 0: after every step */
    int64_t every_epochs; /* SETTING_ABSENT: by time */
};

struct run_settings {
    const struct value *spec; /* the resolved run that they were filled from: what results state */
    const char *study, *description;
    struct setting_variant dataset, architecture;
    struct train_settings train;
    struct setting_list measures;
    struct seed_settings seeds;
    struct checkpoint_settings checkpoint;
};

extern const struct schema_row study_schema[];
extern const struct registry *const study_registries[]; /* NULL at the end */

/* The settings of a resolved run. BASIN_MEMORY. */
basin_status run_settings_create(struct arena *arena, const struct value *run,
                                 const struct run_settings **settings);

/* The model of a run; settings must live as long as it. Errors: those of model_create. */
basin_status run_model_create(struct arena *arena, const struct run_settings *settings,
                              const struct data_info *info, struct model **model);

/* Examples over which training takes the statistics of batch normalisation, where they are all that
 * there are, at most 2,000; 0: the training has smaller batches, or more examples, or the model no
 * such statistics. */
size_t run_statistics_batch(const struct run_settings *settings, const struct model *model,
                            const struct data_info *info);

#endif
