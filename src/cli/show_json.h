/* Show JSON: one result for programs: all that `basin show` prints, whole and typed. */
#ifndef BASIN_CLI_SHOW_JSON_H
#define BASIN_CLI_SHOW_JSON_H

#include "base/record.h"
#include "base/text.h"
#include "spec/value.h"

/* `run`: its resolved spec; NULL where that is not understood. Numbers that are not finite are
 * null. */
basin_status show_json(const struct record *record, const char *file, const struct value *run,
                       struct text *out);

#endif
