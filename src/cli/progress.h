/* Progress: how a study goes, on stderr. On a terminal one line that is redrawn (done, running, failed, time left);
 * otherwise a line for every run that ends.
 *
 * Ownership.  progress_start gives a progress to the caller, who ends it once; it reads session and study until then.
 */
#ifndef BASIN_CLI_PROGRESS_H
#define BASIN_CLI_PROGRESS_H

#include "study/scheduler.h"

struct progress;

basin_status progress_start(const struct study *study, const struct session *session, struct progress **progress);
void progress_end(struct progress *progress);                        /* clears the line; NULL is allowed */
void progress_listen(void *progress, const struct run_event *event); /* scheduler_options.listen */

#endif
