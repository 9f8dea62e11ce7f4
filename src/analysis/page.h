/* Page: a study as one HTML file, for `basin report`.
 *
 * Purpose.  The page is opened from disk and needs nothing else: no network, no other file. It has
 * three parts that know little of each other: the data (one JSON object, and one block of numbers
 * in base64), what draws them (src/page/: HTML, CSS, JavaScript, and d3), and a plain HTML table
 * for readers without JavaScript.
 *
 * Promises (P8).  Final numbers and parameters are written with all their digits: they read back as
 * the doubles of the run files. Curves and arrays of measures are those of the files bit for bit
 * while they fit; those of larger studies are rounded to float32, then to 16 bits
 * of each curve's range, then thinned to epochs that are spread evenly. The page says below each
 * chart which of these it shows. Texts of others are data: they are escaped once, here, and the
 * page makes text nodes of them.
 *
 * Ownership.  What is read lives in the arena; the page is the caller's text.
 * Errors.  Those of table_load and ledger_read. A result that cannot be read is named on the page,
 * and is one of the table's problems.
 */
#ifndef BASIN_ANALYSIS_PAGE_H
#define BASIN_ANALYSIS_PAGE_H

#include <stdbool.h>
#include "analysis/table.h"
#include "base/text.h"
#include "folder/ledger.h"

bool page_is_available(void); /* has this build d3? */

struct page {
    struct arena *arena;
    const char *folder;
    const struct table *table; /* one row a result */
    const struct ledger *ledger;
    const char *description;
    const char **definitions; /* (columns of the table) of numbers: long name and definition */
    struct page_arrays *curves, *arrays;
    const char **omitted; /* names of arrays that are too large for it, "group/name", each once */
    size_t omitted_count, omitted_capacity;
};

basin_status page_make(struct arena *arena, const char *folder, struct text *out,
                       const struct table **table);

/* --- parts, each in its own file --- */

/* What is plotted over an axis, of all runs (page_arrays.c). */
enum page_kind { PAGE_CURVES, PAGE_ARRAYS };
basin_status page_arrays_create(struct arena *arena, enum page_kind kind, size_t runs,
                                struct page_arrays **arrays);
basin_status page_arrays_take(struct page_arrays *arrays, size_t run, const struct record *record);
/* Appends the list as JSON, and its numbers to `bytes`; `most`: of the bytes that they may take. */
basin_status page_arrays_write(const struct page_arrays *arrays, size_t most, struct text *out,
                               struct text *bytes);

basin_status page_read(struct page *page); /* page_read.c */
basin_status page_write_data(const struct page *page, struct text *out,
                             struct text *bytes);                            /* page_data.c */
basin_status page_write_table(const struct page *page, struct text *out);    /* page_table.c */
basin_status page_write_findings(const struct page *page, struct text *out); /* page_across.c */
/* A result of a measure over runs; NULL: the last error says why there is none. */
void page_put_result(const struct entry *measure, const struct table *result, size_t left_out,
                     struct text *out);
/* A member with a comma behind it, and a value, as page_data.c describes them. */
void page_put_text(struct text *out, const char *key, const char *value);
void page_put_value(struct text *out, const struct cell *cell);
void page_escape(struct text *out,
                 const char *value); /* for HTML; what is unseen is made visible */

#endif
