/* Finished: a result file as the spec that made it.
 *
 * Purpose.  A result holds its resolved spec in /spec; measures that were added later are in the
 * attribute `measures` of /measures. Together they are a spec that makes the same file again.
 * Ownership.  Everything lives in the arena.
 */
#ifndef BASIN_RUN_FINISHED_H
#define BASIN_RUN_FINISHED_H

#include "base/record.h"
#include "spec/spec.h"

/* Fills text and sets of a request whose file is a result: /spec, and as the first --set the
 * measures that the record holds. BASIN_DATA where there is no /spec. */
basin_status finished_request(struct arena *arena, const struct record *record,
                              struct spec_request *request);

/* The run of a record, resolved, with all measures that it holds; defaults that depend on the data
 * are in it already. */
basin_status finished_spec(struct arena *arena, const struct record *record, const char *file,
                           struct diagnostics *diagnostics, struct value **run);

/* The same without the measures that were added later: /spec as the file has it. */
basin_status finished_original_spec(struct arena *arena, const struct record *record,
                                    const char *file, struct diagnostics *diagnostics,
                                    struct value **run);

#endif
