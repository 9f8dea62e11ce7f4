/* Known: what a study asks of its finished results, kept in DIR/cache/gaps (folder/cache.h).
 *
 * Purpose.  Whether a result lacks something that the spec asks for takes reading it. `plan` and
 * `status` of thousands of finished runs take the answer from here.
 * Promise.  The answer is that of study_find_gaps for the same result and the same wishes: the
 * blocks `measures` and `weights` of the resolved run, on which it depends, are part of the key.
 * Errors.  Only BASIN_MEMORY.
 */
#ifndef BASIN_STUDY_KNOWN_H
#define BASIN_STUDY_KNOWN_H

#include "folder/cache.h"
#include "study/study.h"

basin_status known_open(struct arena *arena, const char *folder, struct cache **cache);

/* Fills what `file`, the run's result, says of it; false: that is not known, and the file is to be
 * read. Texts live in the cache's arena. */
bool known_take(struct cache *cache, const char *file, const struct run_settings *settings,
                struct study_run *run);
/* Of the file that was asked for last, just read. */
void known_keep(struct cache *cache, const struct run_settings *settings,
                const struct study_run *run);

#endif
