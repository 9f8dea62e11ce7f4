/* Assembling: from what files hold (data/input.h) to a source of arrays.
 *
 * Purpose.  Everything that is the same for all formats, in this order:
 *
 *     task, labels -> classes or targets         labels.c
 *     layout: channels_first -> channels last    layout.c
 *     examples of unwanted classes left out      assemble.c
 *     numbers of two types -> one                assemble.c
 *     groups -> numbers                          groups.c
 *     hashes of examples, the digest             twins.c, assemble.c
 *
 * Training and test data are two sets of arrays, or one of which test examples are cut (subset.c).
 * Promise.  The digest follows from what the arrays hold after that: content, shapes, types and
 * order; neither paths, nor format, nor names.
 * Ownership.  Takes the memory of arrays and rows, and copies names.
 * Errors.  BASIN_DATA with the file, the key and the element to blame; BASIN_MEMORY.
 */
#ifndef BASIN_DATA_ASSEMBLE_H
#define BASIN_DATA_ASSEMBLE_H

#include "data/input.h"

/* `settings`: those of the data set, which begin with a struct data_settings. */
basin_status source_from_input(struct source *source, struct source_input *input,
                               const void *settings);

#endif
