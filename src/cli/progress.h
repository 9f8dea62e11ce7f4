/* Progress: how a study goes, on stderr. A line for every run that ends; on a terminal below them
 * one that is redrawn (done, running, failed, time left).
 *
 * Ownership.  progress_start gives a progress to the caller, who ends it once; it reads session and
 * study until then.
 */
#ifndef BASIN_CLI_PROGRESS_H
#define BASIN_CLI_PROGRESS_H

#include "study/scheduler.h"

struct progress;

basin_status progress_start(const struct study *study, const struct session *session,
                            struct progress **progress);
void progress_end(struct progress *progress); /* clears the line; NULL is allowed */
void progress_listen(void *progress, const struct run_event *event); /* scheduler_options.listen */

#endif
