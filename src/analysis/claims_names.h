/* Which names the runs of a spec will have, before there is one: for checking its claims.
 *
 * Parameters are those of the resolved runs; so that every value of every axis is seen once, not
 * every run is resolved. Numbers and curves are those that each training gives on the study's data,
 * and those of the measures that are asked for.
 */
#ifndef BASIN_ANALYSIS_CLAIMS_NAMES_H
#define BASIN_ANALYSIS_CLAIMS_NAMES_H

#include "analysis/curve_source.h"
#include "study/study.h"

/* The caller closes the curves. Everything else lives in the arena. */
basin_status claims_names(struct arena *arena, const struct study *study, struct table **table,
                          struct curve_source **curves);

#endif
