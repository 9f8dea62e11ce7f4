/* Progress of a study, on stderr: a line for every run that ends, and on a terminal, below them,
 * lines that are redrawn: done, running, failed, time left, and of each run under way its epoch and
 * loss, or the measure that is being taken.
 *
 * Ownership.  The caller of progress_start calls progress_end once; session and study must live
 * until then.
 */
#ifndef BASIN_CLI_PROGRESS_H
#define BASIN_CLI_PROGRESS_H

#include "study/scheduler.h"

struct progress;

/* `expected`: the seconds of each run (study/timing.h), or NULL. */
basin_status progress_start(const struct study *study, const struct session *session,
                            const double *expected, struct progress **progress);
void progress_end(struct progress *progress); /* clears the line; NULL is allowed */
void progress_listen(void *progress, const struct run_event *event); /* scheduler_options.listen */

#endif
