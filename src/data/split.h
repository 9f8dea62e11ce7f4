/* Splits: orders of examples whose pieces have the classes in proportion, or whole groups. */
#ifndef BASIN_DATA_SPLIT_H
#define BASIN_DATA_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/random.h"
#include "base/error.h"

/* Rearranges a random order of `count` examples so that every piece of it has the classes of
 * `labels` in the proportion of the whole, as nearly as whole examples can: example k of the n of
 * its class (from 0, in the random order) goes to the place (k + 1/2) / n of the whole. */
basin_status split_stratify(const int32_t *labels, size_t classes, size_t count, uint32_t *order);

/* Groups in random order, each whole; within a group, examples in random order too. */
basin_status split_order_groups(const uint32_t *groups, size_t count, const struct random *random,
                                uint32_t *order);

/* Where such an order is cut:
 *
 *     0      train   first  + validation     all - test     all
 *     | training |   |      validation  |        |     test  |
 *
 * Cuts between parts lie where one group ends, next to where the sizes ask for them. What lies
 * between them belongs to no part. */
struct split_cuts {
    size_t all, train, validation, test; /* in: as wanted; out: as they are */
    size_t first;                        /* out: the first validation example */
    bool all_train;                      /* what is left over trains */
};

/* BASIN_DATA where there are fewer groups than parts. */
basin_status split_cut_groups(const char *name, const uint32_t *groups, const uint32_t *order,
                              struct split_cuts *cuts);

#endif
