/* The group /data of a record: which examples a run had, and what became of them.
 *
 * Purpose.  What is needed to put the same training set together elsewhere: the digest of the
 * files, the vocabulary of a text, the rows of every part, the labels where noise has changed them,
 * and the mean and deviation of `standardize`. results/README.md describes it.
 */
#ifndef BASIN_RUN_DATA_RECORD_H
#define BASIN_RUN_DATA_RECORD_H

#include "base/record.h"
#include "data/data.h"

basin_status data_record(struct record *record, const struct data *data);

/* What classes and features are called, where that is known: attributes of an item. */
basin_status data_record_names(struct record *record, struct record_item *item,
                               const struct data *data);

/* Bytes of the largest arrays that it adds. */
size_t data_record_bytes(const struct data *data);

#endif
