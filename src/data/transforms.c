/* The transforms: one line each. Those of one stage act in this order. */
#include "data/transform.h"

extern const struct entry label_noise_entry, shuffle_points_entry, standardize_entry, subset_entry;

static const struct entry *const entries[] = {
    &shuffle_points_entry, /* source */
    &subset_entry,         /* view */
    &label_noise_entry,    /* view */
    &standardize_entry,    /* view: of what the others have left */
    NULL};

const struct registry transform_registry = {
    .kind = "transform", .plural = "transforms", .entries = entries};
