/* Events: what a process writes into its journal about the study that it works on.
 *
 * The members of each event are listed in folder/journal.h. Whoever calls holds the session's lock
 * while workers run. A journal that cannot be written never stops a study.
 */
#ifndef BASIN_STUDY_EVENTS_H
#define BASIN_STUDY_EVENTS_H

#include "study/session.h"

void events_study_start(struct journal *journal, const struct study *study,
                        const struct scheduler_options *options, const struct session *session);
void events_study_stop(struct journal *journal);
/* study_interrupt where `interrupted`, else study_end. */
void events_study_end(struct journal *journal, const struct scheduler_options *options,
                      const struct session *session, bool interrupted);

/* `run`: as it is now; `alone`: a suspect, beside which nothing else is trained. */
void events_run_start(struct journal *journal, const struct study_run *run, bool alone);
void events_run_finish(struct journal *journal, const char *folder, const char *id,
                       const struct runner_outcome *outcome, double seconds);
void events_run_fail(struct journal *journal, const char *id, const basin_error *error,
                     bool refused);

/* Does the latest study_start of the folder name the same runs, the same names of axes and say the
 * same of the study as a whole? Also
 * where the journals cannot be read. */
bool events_name_study(const struct study *study);

#endif
