/* What files of format 1 say in other places than format 2 does: a record that was read from one
 * becomes what it would be today, so that no other file knows of the old places. Format 1 had arrays
 * of texts, at the first of which Octave's `load` stops.
 */
#ifndef BASIN_STORE_FORMAT_1_H
#define BASIN_STORE_FORMAT_1_H

#include "base/record.h"

basin_status format_1_mend(struct record *record);

#endif
