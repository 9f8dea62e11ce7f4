/* Folder: where a study keeps its results.
 *
 *     DIR/runs/<id>.h5                    one finished run each, complete and verified, or not
 *                                         there (P1)
 *     DIR/runs/<id>.h5.damaged            a file that failed verification, set aside before its run
 *                                         was trained again
 *     DIR/checkpoints/<id>.0, <id>.1      runs in progress (folder/checkpoint.h)
 *     DIR/claims/<id>                     which process trains a run (folder/claim.h)
 *     DIR/journal/<host>-<pid>.jsonl      what each process did (folder/journal.h)
 *     DIR/cache/<kind>                    what is slow to find out from results (folder/cache.h)
 *     DIR/logs/<id>.log                   warnings and errors about a run, where there are any
 *                                         (folder/log.h)
 *
 * Promise.  Nothing here removes or replaces a finished run. Temporary files are removed only where
 * the process that wrote them is gone.
 * Errors.  BASIN_IO with the path and the system's reason.
 */
#ifndef BASIN_FOLDER_FOLDER_H
#define BASIN_FOLDER_FOLDER_H

#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"

enum {
    FOLDER_PATH = 4096,
    RESULT_SMALL = 256 /* elements of the arrays that a look at a result needs (store_load_small) */
};

/* Makes DIR, DIR/runs, DIR/checkpoints, DIR/claims and DIR/journal, and removes what dead processes
 * left behind. */
basin_status folder_prepare(const char *folder);

/* BASIN_IO where DIR/runs or another folder in DIR is a symbolic link. */
basin_status folder_refuse_links(const char *folder);

/* Removes what dead processes left behind. */
basin_status folder_tidy(const char *folder);

/* "DIR/runs/ID.h5" into `out` of FOLDER_PATH bytes. A folder's path is at most FOLDER_PATH - 512
 * long (folder_check).
 */
const char *folder_run_file(const char *folder, const char *id, char *out);
basin_status folder_check(const char *folder); /* BASIN_USAGE: too long */
/* Waits for the one lock of a result file, for a change that reads it first; -1 where it cannot be
 * opened. */
int folder_lock_file(const char *path);
void folder_unlock_file(int lock);
/* Opens a file to which this process alone appends, O_WRONLY or O_RDWR. One with several names (a
 * copy of the folder was made of hard links) is parted from the others first: they stay as they
 * are. */
basin_status folder_open_append(const char *path, int access, int *file);
bool folder_exists(const char *path);
bool folder_file_exists(const char *path);
uint64_t
folder_stamp(const char *path); /* another one whenever the file is replaced; 0: it is not there */

/* What a person calls a result: a path that is there is itself; else the first digits of a run's
 * id, at least four, stand for the one result in DIR ("DIR/0123ab"), or under results/ ("0123ab"),
 * whose name begins so. Any other name is itself. BASIN_USAGE, with a hint, where no result, or
 * more than one, begins so. */
basin_status folder_find(struct arena *arena, const char *name, const char **path);

/* Renames a damaged result to FILE.damaged (or FILE.damaged.2, ...). */
basin_status folder_set_aside(const char *file,
                              char *aside); /* `aside` of FOLDER_PATH bytes: the new name */

/* BASIN_IO where the file system of DIR has fewer than `bytes` bytes left: asked before a run, so
 * that a full disk does not cost a training. */
basin_status folder_check_space(const char *folder, double bytes);

/* Every result that `path` means: itself if it is a file, otherwise path/runs/ *.h5 (or path/
 * *.h5), sorted by name. A path that is neither a file nor a folder is BASIN_IO, and so is a folder
 * that is no study's, with a hint that names the studies under it; a study without results gives 0
 * files. */
struct folder_files {
    const char **paths;
    size_t count;
};
basin_status folder_list(struct arena *arena, const char *path, struct folder_files *files);

#endif
