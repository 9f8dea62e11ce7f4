/* What is wrong with the plots of a spec (`report.plots`), before any run. */
#ifndef BASIN_ANALYSIS_PLOTS_STUDY_H
#define BASIN_ANALYSIS_PLOTS_STUDY_H

#include "study/study.h"

/* BASIN_SPEC, with a message at its place for every name that no run of the study will have. */
basin_status plots_check_study(const struct study *study, struct diagnostics *diagnostics);

#endif
