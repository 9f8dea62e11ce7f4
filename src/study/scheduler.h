/* Scheduler: the runs of a study, side by side on the cores of one machine.
 *
 * Purpose.  One OpenMP region, one run a thread from start to end, the longest first by estimated
 * FLOPs (so that no core waits long at the end), as far as the memory goes (study/admission.h). A
 * run that can never fit fails with BASIN_MEMORY and the two numbers; the others go on. What is
 * left of a run's share of the limit it may use to save time.
 * Inputs.  A run that needs the result of another run of the study starts after it. If that one
 * fails, the run is a failure that says so; it is not started, and not recorded as failed.
 * Others.  Every run is claimed first (folder/claim.h). One that another process has is left for
 * later, and taken up or found finished when that process is done with it; the session ends when
 * nothing is left.
 * Promises.  The bits of a result do not depend on `jobs` or order (P3): every worker is one thread
 * for the libraries below. A failed run never stops another (P5), unless most_failures. After
 * `stop` turns true nothing new starts, runs stop at their next step, and no partial file is left.
 * Ownership.  The caller owns the study, the listener and the session. Errors of single runs are in
 * the session's failures; scheduler_run itself fails only where nothing could start.
 */
#ifndef BASIN_STUDY_SCHEDULER_H
#define BASIN_STUDY_SCHEDULER_H

#include "study/session.h"

/* 80 % of what the machine has available, the study's own data counted in. */
double scheduler_default_memory(const struct study *study);

basin_status scheduler_create(const struct study *study, const struct scheduler_options *options,
                              struct session **session);
basin_status scheduler_run(const struct study *study, const struct scheduler_options *options,
                           struct session *session);
void scheduler_destroy(struct session *session);

/* Says in the journal that the process has been asked to stop. Any thread, also before and after
 * scheduler_run. */
void scheduler_stopping(struct session *session);

double session_done_flops(const struct session *session); /* of finished and running runs */

/* What the command line's exit status should be: 3 where a run failed for the environment (IO,
 * data), else 1; 0 if none. */
int session_exit(const struct session *session);

#endif
