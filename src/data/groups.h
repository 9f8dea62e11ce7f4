/* Groups: examples that belong together (of one patient, say) and must not be split between the
 * parts of a data set. */
#ifndef BASIN_DATA_GROUPS_H
#define BASIN_DATA_GROUPS_H

#include "data/input.h"

/* Numbers the different values of a group array from 0, in order of their first appearance:
 * (count), from memory_allocate. BASIN_MEMORY. */
basin_status groups_number(const struct source_array *group, uint32_t **numbers);

/* BASIN_DATA where a value is in both: then training and test data are not apart. */
basin_status groups_check_apart(const struct source_array *train, const struct source_array *test);

#endif
