/* Titles: the headings of plots that silx and H5Web draw from a result.
 *
 * A measure or a table of curves gives its group a title that says what it holds ("curves"), but
 * does not know of which run. titles_name_run puts that in front: "STUDY ID: curves".
 */
#ifndef BASIN_RUN_TITLES_H
#define BASIN_RUN_TITLES_H

#include "base/record.h"

/* Changes the titles of all groups. `record` is that of a whole run, with the attributes `study`
 * and `run_id`; titles that name the run already stay as they are. Errors: BASIN_MEMORY. */
basin_status titles_name_run(struct record *record);

#endif
