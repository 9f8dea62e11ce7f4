/* Results: the arrays of finished runs, each result file read once.
 *
 * Purpose.  Curves, spectra and what else of a run is over an axis: collect, pages and expressions
 * ask for them run by run. They are taken from DIR/cache/curves (folder/cache.h) where that knows
 * the file, and otherwise from the file, whose digest is verified; they are kept for the next time,
 * within limits of size. Where a table is loaded for collect or a page, the file is read once for
 * its row, its arrays and its state in the ledger.
 * Promise (P8).  The record has the groups /curves, /steps, /tracked and /measures as the file has
 * them: names, types, axes, attributes and bits, in its order. (What else is in it depends on where
 * it came from.) Arrays of more than RESULTS_ELEMENTS elements are omitted, unless they are curves.
 * Ownership.  What is known lives in the arena given to results_create, and is written to the
 * folder when that ends; records live in the arena of the call.
 * Errors.  Those of store_load_small and result_check; BASIN_MEMORY. What is wrong with a cache is
 * none.
 */
#ifndef BASIN_ANALYSIS_RESULTS_H
#define BASIN_ANALYSIS_RESULTS_H

#include "base/record.h"
#include "folder/ledger.h"

enum {
    RESULTS_ELEMENTS = 1 << 16, /* of an array that is no curve; larger ones are weights */
    RESULTS_POINTS = 1 << 24    /* of a curve */
};

struct results;

basin_status results_create(struct arena *arena, struct results **results);

/* The arrays of a result, `file` as folder_list names it. `results` may be NULL: from the file. */
basin_status results_arrays(struct results *results, const char *file, struct arena *arena,
                            struct record **record);
/* The file in full, but for its weights: it is read in any case, and its arrays and its state are
 * kept. */
basin_status results_read(struct results *results, const char *file, struct arena *arena,
                          struct record **record);

/* Who asks a ledger about this folder after its results were read: it need not read them again. */
struct ledger_reader results_reader(struct results *results, const char *folder);

#endif
