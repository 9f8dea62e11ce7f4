/* The root of the spec language: every key that a study file may have, and every registry that
 * `basin list` shows.
 *
 * Purpose.  The one place where the tables of the rooms come together. The keys `sweep` and `seeds`
 * belong to spec/.
 * Ownership.  Static data.
 */
#ifndef BASIN_STUDY_SCHEMA_H
#define BASIN_STUDY_SCHEMA_H

#include "spec/schema.h"

extern const struct schema_row study_schema[];
extern const struct registry *const study_registries[]; /* NULL at the end */

#endif
