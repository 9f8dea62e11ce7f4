/* Meanwhile: what other processes have made of a run since this one opened the study, from the
 * journals.
 *
 * For a run that another process has had, and which is ours now (folder/claim.h): it may have failed
 * there, or the process may have died with it.
 */
#ifndef BASIN_STUDY_MEANWHILE_H
#define BASIN_STUDY_MEANWHILE_H

#include <stdbool.h>
#include "base/error.h"

struct meanwhile {
    bool is_suspect;     /* folder/crashes.h */
    char crash[160];     /* of a suspect: "process node1-4711 died with it, after 2026-..." */
    basin_error failure; /* for a reason of the run's own, since `opened` (a time of the journal);
                            BASIN_OK: none */
};

/* Not knowing is no reason to stop: what cannot be read says nothing. */
void meanwhile_read(const char *folder, const char *id, const char *opened,
                    struct meanwhile *meanwhile);

#endif
