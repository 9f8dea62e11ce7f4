/* Names in what a spec asks of its runs together (`across`), checked before there is a run. */
#ifndef BASIN_ANALYSIS_ACROSS_NAMES_H
#define BASIN_ANALYSIS_ACROSS_NAMES_H

#include "analysis/findings.h"
#include "study/study.h"

/* Adds a message at its place for every name that no run of the study will have. */
basin_status across_check_names(struct arena *arena, const struct study *study,
                                const struct findings *findings, struct diagnostics *diagnostics);

#endif
