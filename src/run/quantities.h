/* Quantities: the numbers of a finished run by their names, those that every run has
 * (train/quantities.h) and those of its measures. */
#ifndef BASIN_RUN_QUANTITIES_H
#define BASIN_RUN_QUANTITIES_H

#include "measure/measure.h"

/* A quantity of a run by its name, or NULL; `*measure` is the measure it belongs to, NULL for a
 * final. A name may end in options of the measure (spec/member.h): "_examples_500". */
const struct quantity *quantities_find(const char *name, const struct entry **measure);
/* These options, "examples_500" of "hessian_lambda_max_examples_500"; or "". */
const char *quantities_suffix(const struct quantity *quantity, const char *name);

/* An array of a measure by its name, with the group of /measures it lies in; NULL where `nth` is
 * past the last of that name. */
const struct quantity *quantities_find_array(const char *name, size_t nth,
                                             const struct entry **measure, const char **group);
const char *quantities_group(const struct entry *measure); /* of its arrays */

/* What results/REFERENCE.md says: every number with its definition, and the names of the
 * parameters of every architecture with its defaults on images. */
basin_status quantities_reference(struct text *out);

#endif
