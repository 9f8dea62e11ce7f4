/* Titles: what plots of a result's groups are headed with. A measure and a table of curves know what
 * they are ("curves"), and not of which run: that is put in front, "STUDY ID: curves", so that a
 * plot which silx or H5Web draws can be told from that of another run.
 */
#ifndef BASIN_RUN_TITLES_H
#define BASIN_RUN_TITLES_H

#include "base/record.h"

/* Of the record of a whole run, with its attributes `study` and `run_id`. Titles that name the run
 * already stay. */
basin_status titles_name_run(struct record *record);

#endif
