/* Data: datasets, opened and checked once, shared read-only by all runs.
 *
 * Purpose.  From the `dataset` block of a resolved spec to batches of examples.
 * Promises.  data_open refuses a truncated, mislabelled or mismatched file with its name and byte.
 * The same block gives the same bits whatever the thread, order or number of runs. After data_open
 * an object is immutable: any number of threads may gather from it. The raw arrays of one source
 * are in memory once per process, however many blocks (train_size, label_noise, ...) refer to them.
 * Ownership.  A data_store owns every `struct data` it hands out; they die with it.
 */
#ifndef BASIN_DATA_DATA_H
#define BASIN_DATA_DATA_H

#include "base/record.h"
#include "base/text.h"
#include "data/info.h"
#include "spec/input.h"

struct data_store;

basin_status data_store_create(struct data_store **store);
void data_store_destroy(struct data_store *store);
/* The most memory that what is opened may take together; data that would take more are refused
 * before they are read. There is no limit otherwise. */
void data_store_limit(struct data_store *store, double bytes);
/* Memory of all that is open: every source once, what each view of it adds, and what is kept of
 * views that nobody has. */
size_t data_store_bytes(struct data_store *store);
/* Memory that a run may take in addition, where runs have data of different seeds. */
size_t data_store_run_bytes(struct data_store *store);

/* Opens what the `dataset` block of a resolved spec names (`dataset`: that block, a VALUE_MAP), for
 * as long as the store lives. Thread-safe by one lock; repeated calls with equal blocks return the
 * same object. Errors: BASIN_DATA (missing, damaged, mismatched, train_size larger than what is
 * there), BASIN_MEMORY, BASIN_IO. */
basin_status data_open(struct data_store *store, const struct value *dataset,
                       const struct data **data);
/* The same until data_release: what nobody has any more is kept while there is room for it. */
basin_status data_acquire(struct data_store *store, const struct value *dataset,
                          const struct data **data);
void data_release(struct data_store *store, const struct data *data);
/* Data that differ from those of the block in their seed alone, or not at all: for what depends on
 * no example (data_describe, data_inputs, errors), without making one data set a seed. */
basin_status data_outline(struct data_store *store, const struct value *dataset,
                          const struct data **data);

const struct data_info *data_describe(const struct data *data);

/* Do all examples and targets of the parts lie within the range of float32, or of float64 (`wide`),
 * as they are gathered? BASIN_DATA with the first that does not (range.c). */
basin_status data_check_range(const struct data *data, bool wide);
/* The same of what a block names. */
basin_status data_check_block(struct data_store *store, const struct value *dataset, bool wide);
/* True where it follows from the files alone, whatever the seed. */
bool data_is_within_range(const struct data *data, bool wide);

/* Adds the files that the data come from; nothing for data made by a recipe, which the spec
 * describes whole. The texts die with the store. */
basin_status data_inputs(const struct data *data, struct run_inputs *inputs);

/* Copies the examples to x (count, features) and their targets to y (count, outputs): one-hot 0/1,
 * or the regression targets; of a language model tokens to x and y (count, context). Bytes are
 * scaled to [0, 1], then standardised as the spec says. Either of x, y may be NULL. */
void data_gather_float(const struct data *data, const struct data_gather *gather, float *x,
                       float *y);
void data_gather_double(const struct data *data, const struct data_gather *gather, double *x,
                        double *y);

/* Numbers that a gather of x needs as its scratch: 0 where no transforms act on batches. */
size_t data_scratch(const struct data *data);

/* Class of each example of a part, in its order, after label noise (training part) and as it was
 * before. NULL for regression. */
const int32_t *data_labels(const struct data *data, enum data_part part);
const int32_t *data_clean_labels(const struct data *data, enum data_part part);
/* Where each example of a part comes from, in the part's order: to `rows` (counts[part]). What is
 * counted is in data_rows_meaning: "rows of the training data, from 0", or the examples that a
 * recipe makes, or the tokens of a text, of which the first of each window is given. */
void data_rows(const struct data *data, enum data_part part, int64_t *rows);
const char *data_rows_meaning(const struct data *data, enum data_part part);
/* Are inputs standardised that lie so far from 0, for their spread, that float32 keeps little of
 * them? Versions that standardised in float32 trained on something else. Judged by the first rows
 * of the files, which no seed changes. */
bool data_lost_in_float32(const struct data *data);
/* Are the examples of a part the same ones of the same source, in the same order? Both are of one
 * store. Standardisation and labels may differ. */
bool data_same_examples(const struct data *a, const struct data *b, enum data_part part);
/* How the data were read, in one line: "60000 training and 10000 test examples of 28 x 28 bytes; 10
 * classes, labels 0 to 9". */
void data_summary(const struct data *data, struct text *line);
/* What may be a mistake in them, each in a line: classes without examples, channels first, test
 * examples that are training examples. Nothing for recipes. */
void data_notes(const struct data *data, struct text *lines);

/* (features) What `standardize` subtracts from x; NULL where nothing is standardised. */
const double *data_mean(const struct data *data);
/* (features) And what it divides the rest by: the standard deviation, 1 where that is 0. From
 * memory_allocate; NULL without memory. */
double *data_deviations(const struct data *data);
/* How the elements of x are stored where they come from: RECORD_BYTE, _FLOAT32 or _FLOAT64. Not of
 * texts. */
enum record_type data_element(const struct data *data);
/* What classes and features are called, where that is known. */
const struct data_names *data_names(const struct data *data);
/* (vocabulary) What each token of a text is: a byte, or a Unicode code point. NULL where there are
 * no tokens. */
const uint32_t *data_codes(const struct data *data);

#endif
