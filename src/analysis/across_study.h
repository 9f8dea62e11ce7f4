/* Across, before any run: can what a spec asks of its runs together be computed from them?
 *
 * Purpose.  Some measures apply to some networks only (units of a recurrent network cannot be
 * renumbered, a layer has to exist). across_check_study asks each measure of `across:` about the
 * network of each run, and puts what is refused into the diagnostics, at its place in the spec.
 * Errors.  BASIN_SPEC where something was refused; those of making a model.
 */
#ifndef BASIN_ANALYSIS_ACROSS_STUDY_H
#define BASIN_ANALYSIS_ACROSS_STUDY_H

#include "study/study.h"

basin_status across_check_study(const struct study *study, struct diagnostics *diagnostics);

#endif
