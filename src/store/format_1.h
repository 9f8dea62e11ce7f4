/* Format 1: what its files say in another place than format 2 does.
 *
 * format_1_mend turns a record that was read from such a file into the one that format 2 would
 * hold, so that no other code knows of the old places. Format 1 had an array of texts, at which
 * Octave's `load` stops; its texts are now an attribute. Errors: BASIN_MEMORY.
 */
#ifndef BASIN_STORE_FORMAT_1_H
#define BASIN_STORE_FORMAT_1_H

#include "base/record.h"

basin_status format_1_mend(struct record *record);

#endif
