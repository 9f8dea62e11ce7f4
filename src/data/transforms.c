/* The transforms: one line each. */
#include "data/transform.h"

extern const struct entry label_noise_entry, shuffle_points_entry, standardize_entry, subset_entry;
extern const struct entry gaussian_noise_entry;

/* Keys of the block `dataset`. Those of one stage act in this order. */
static const struct entry *const keyed[] = {
    &shuffle_points_entry, /* source */
    &subset_entry,         /* view */
    &label_noise_entry,    /* view */
    &standardize_entry,    /* view: of what the others have left */
    NULL};

const struct registry keyed_transform_registry = {
    .kind = "transform", .plural = "transforms", .entries = keyed};

/* What a spec lists under `transforms`, and which act in the order of that list. */
static const struct entry *const listed[] = {&gaussian_noise_entry, NULL};

const struct registry transform_registry = {
    .kind = "transform", .plural = "transforms", .entries = listed};
