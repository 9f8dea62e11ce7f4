/* History: what the journals say of runs that have no result: they failed, or a process died with
 * them.
 *
 * From it follow the states RUN_FAILED and RUN_QUARANTINED, and which runs are suspects
 * (folder/crashes.h).
 */
#ifndef BASIN_STUDY_HISTORY_H
#define BASIN_STUDY_HISTORY_H

#include "study/study.h"

/* Which runs another process has at present is asked first. */
basin_status history_apply(struct study *study, const struct study_request *request);
void history_forget_failure(
    struct study_run *run); /* it is to be trained as if it had never been tried */

#endif
