/* Collect inputs: what study.h5 was made from, so that it is not made again where nothing changed.
 *
 * Purpose.  collect_inputs_look takes the stamps (folder/cache.h) of everything in the folder that
 * a collected study follows from: results, journals, checkpoints. After the study was written
 * collect_inputs_keep notes them in DIR/cache/collected, and the next time collect_inputs_known
 * tells whether they and study.h5 are the same.
 * Promise.  What is known is what collecting again would write and say. Nothing is known of
 * folders of few results, of those in which a process has claimed a run, of what changed just now,
 * of another build, or where something was said of a file or a measure.
 * Errors.  None that anybody needs to know: then nothing is known. BASIN_MEMORY.
 */
#ifndef BASIN_ANALYSIS_COLLECT_INPUTS_H
#define BASIN_ANALYSIS_COLLECT_INPUTS_H

#include <stdbool.h>
#include "base/arena.h"
#include "base/hash.h"

struct collect_inputs {
    struct digest digest; /* of all names and stamps */
    size_t results;
    bool is_steady; /* it can be known later whether they are the same */
};

void collect_inputs_look(const char *folder, struct collect_inputs *inputs);

/* `*said`: what was said of the study when it was written, in the arena; NULL: it is to be made. */
basin_status collect_inputs_known(struct arena *arena, const char *folder,
                                  const struct collect_inputs *inputs, const char **said);
/* `inputs`: from before the results were read. The caller has the lock since before study.h5 was
 * written: else it could be that of another process, made from other inputs. */
basin_status collect_inputs_keep(struct arena *arena, const char *folder,
                                 const struct collect_inputs *inputs, const char *said);

#endif
