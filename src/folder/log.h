/* Log: warnings and errors about one run, for people: DIR/logs/<id>.log.
 *
 * The file, and the folder, exist only where there is something to report: a failure, a checkpoint
 * that could not be written or used, a damaged result that was set aside, a crash. Lines are only
 * ever appended:
 *
 *     2026-11-26T16:20:00.123Z node1-4711 error: the run needs 2.1 GiB of memory, and the limit
 *         leaves 1 GiB
 *       hint: raise --memory ...
 *
 * Promise.  A log that cannot be written never stops or fails a run: failures are in the journal
 * too. Threads.  Any thread; a run's log is written by the one process that has claimed the run.
 */
#ifndef BASIN_FOLDER_LOG_H
#define BASIN_FOLDER_LOG_H

#include "base/error.h"

const char *log_file(const char *folder, const char *id,
                     char *out); /* the path, into `out` of FOLDER_PATH bytes */

void log_error(const char *folder, const char *id, const basin_error *error);
void log_warning(const char *folder, const char *id, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
