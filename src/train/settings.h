/* Settings of a training: the blocks `training`, `regularizers`, `evaluate` and `weights` of a
 * resolved run as structs, with the tables of rows that fill them.
 *
 * Ownership.  Plain data, filled once per run (spec/settings.h); what pointers point to lives as
 * long as the arena and the run that they were filled from. */
#ifndef BASIN_TRAIN_SETTINGS_H
#define BASIN_TRAIN_SETTINGS_H

#include "models/model.h"
#include "spec/settings.h"

extern const struct registry optimizer_registry; /* optimizer.c */
extern const struct registry schedule_registry;  /* schedule.c */

extern const struct schema_row training_parameters[];
extern const struct schema_row regularizer_parameters[];
extern const struct schema_row evaluate_parameters[];
extern const struct schema_row weights_parameters[];

struct stop_settings {
    double train_loss_below; /* NaN: never */
};

struct training_settings {
    struct setting_variant optimizer; /* of optimizer_registry */
    struct setting_variant schedule;  /* of schedule_registry */
    enum loss loss;                   /* LOSS_CROSS_ENTROPY or LOSS_MSE */
    int64_t batch_size, epochs;
    bool batch_size_given, epochs_given; /* by other values than the defaults */
    int64_t steps;                       /* 0: count by epochs */
    bool shuffle, drop_last;
    double gradient_clipping; /* NaN: none */
    struct stop_settings stop;
    int64_t log_every; /* 0: no curves by step */
};

enum exemption { EXEMPT_BIASES, EXEMPT_NONE };

struct regularizer_settings {
    double l1, l2, weight_decay, dropout, label_smoothing;
    enum exemption exempt;
};

struct evaluate_settings {
    int64_t every;
};

struct weights_settings {
    bool initial, best;
    int64_t every, every_steps; /* SETTING_ABSENT: no snapshots while training */
};

/* All that a training reads. */
struct train_settings {
    struct training_settings training;
    struct regularizer_settings regularizers;
    struct evaluate_settings evaluate;
    struct weights_settings weights;
    enum precision precision;
    uint64_t seed_init, seed_order; /* of the initial weights; of the order of examples, dropout */
};

#endif
