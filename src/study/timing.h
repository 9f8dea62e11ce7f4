/* Timing: how long the runs of a study will take, before they run.
 *
 * Purpose.  A run's time is its FLOPs (execute.h) at the rate that runs of its shape have: that of
 * finished runs of the study (made by this build on this CPU model), or, where there are none, of
 * some training steps that are taken here and now (a calibration, on real data, within
 * TIMING_BUDGET seconds for all shapes), and for measures of some Hessian-vector products. As many
 * threads calibrate at a time as runs will be trained side by side, since they slow each other
 * down; the mean counts, not the best. A shape for which no time is left has the rate of the
 * nearest in FLOPs a step. An interrupted run needs its remaining steps, a finished one that lacks
 * measures only these.
 * What it is not.  A promise: how many products a search for eigenvalues takes is not known before,
 * and other programs use the cores too.
 * Ownership.  Arrays live in the arena. Errors: BASIN_MEMORY, and those of resolving a run.
 */
#ifndef BASIN_STUDY_TIMING_H
#define BASIN_STUDY_TIMING_H

#include "study/study.h"

struct timing {
    double *seconds;   /* by run: what is left to do of it, 0 of a run that is not to do */
    double work, wall; /* seconds of one core in all; of `jobs` cores, the longest runs first */
    size_t finished, calibrated, steps; /* where the rates are from: finished runs; shapes
                                           calibrated here, with so many steps */
};

/* `jobs`: runs side by side. `memory`: bytes that a calibration may use; shapes that need more are
 * not calibrated. */
basin_status timing_estimate(const struct study *study, int jobs, double memory,
                             struct arena *arena, struct timing *timing);

double timing_flops(const struct study_run *run);    /* FLOPs that are left to do of a run */
double timing_measures(const struct study_run *run); /* of these, those of measures */

/* The time of runs of the given lengths on `jobs` cores, the longest first. Sorts `seconds`. */
double timing_wall(double *seconds, size_t count, int jobs, double *loads);

#endif
