/* Labels: what the y of files mean.
 *
 * Whole numbers and texts are labels of classes, floats are regression targets; `task` decides
 * otherwise. Labels become 0 ... C-1:
 *
 *     texts                                   classes by name, sorted by bytes
 *     whole numbers from 0                    themselves; C is the greatest plus one
 *     whole numbers from 1 or more; -1 and 1  sorted: the least is class 0, and so on
 *     `classes: [...]`                        in that order; examples of others are left out
 *     one-hot rows (task: classification)     the place of the 1
 */
#ifndef BASIN_DATA_LABELS_H
#define BASIN_DATA_LABELS_H

#include "data/input.h"

/* The largest number of classes. */
enum { LABELS_CLASSES_MOST = 65536 };

/* Is the task that of classes? BASIN_DATA where training and test y do not go together, or not with
 * the key `task`. */
basin_status labels_task(struct source *source, const struct source_input *input,
                         const struct data_settings *settings);

/* Fills labels of both parts, `outputs` and names of a source of that task; afterwards `kept` of a
 * part has so many entries: which examples remain, in order. NULL: all. The caller frees them. */
basin_status labels_take(struct source *source, const struct source_input *input,
                         const struct data_settings *settings, uint32_t *kept[SOURCE_PARTS]);

#endif
