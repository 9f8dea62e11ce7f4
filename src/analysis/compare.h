/* Compare: are two results the same, bit for bit?
 *
 * Everything but /provenance and the attributes of the root counts: names, types, shapes, axes,
 * every byte of every dataset, every attribute that is not wording (title, definition, long_name,
 * source). Root attributes that count are run_id and status. What is below /data, and its digest,
 * counts where both have it: earlier versions recorded less. /spec counts by its meaning, which is
 * what the run's id is made of: its text is compared only where the ids are not equal. Options of a
 * measure count where both name them.
 */
#ifndef BASIN_ANALYSIS_COMPARE_H
#define BASIN_ANALYSIS_COMPARE_H

#include <stdbool.h>
#include "base/record.h"
#include "base/text.h"

/* True if they are equal; otherwise `difference` says where they first differ: looked for in the
 * datasets of `a`, in the spec, then in what only `b` has ("only the second has PATH": everything
 * that `a` holds is in `b`, bit for bit), then in attributes. */
bool compare_records(const struct record *a, const struct record *b, struct text *difference);

#endif
