/* Finals: the numbers that every finished run has, whichever measures were asked for. One row each:
 * attributes of the dataset in /measures, what `basin explain` prints, and the table in
 * results/README.md. */
#ifndef BASIN_RUN_QUANTITIES_H
#define BASIN_RUN_QUANTITIES_H

#include "measure/measure.h"

/* Losses and accuracies of part p stand at 2 p and 2 p + 1 (enum data_part). */
enum final {
    FINAL_PARTS,
    FINAL_ACCURACY_GAP = FINAL_PARTS + 2 * DATA_PARTS,
    FINAL_LOSS_GAP,
    FINAL_PARAMETERS,
    FINAL_EPOCHS,
    FINAL_STEPS,
    FINAL_BEST_EPOCH,
    FINAL_PERPLEXITY, /* of part p at + 2 p, bits per character at + 2 p + 1 */
    FINAL_LANGUAGE_LAST = FINAL_PERPLEXITY + 2 * DATA_PARTS - 1,
    FINALS
};

extern const struct quantity final_quantities[FINALS + 1]; /* ends with a NULL name */

/* A quantity of a run by its name, or NULL; `*measure` is the measure it belongs to, NULL for a
 * final. */
const struct quantity *quantities_find(const char *name, const struct entry **measure);

/* An array of a measure by its name, with the group of /measures it lies in; NULL where `nth` is
 * past the last of that name. */
const struct quantity *quantities_find_array(const char *name, size_t nth,
                                             const struct entry **measure, const char **group);
const char *quantities_group(const struct entry *measure); /* of its arrays */

/* What results/REFERENCE.md says: every number with its definition, and the names of the
 * parameters of every architecture with its defaults on images. */
basin_status quantities_reference(struct text *out);

#endif
