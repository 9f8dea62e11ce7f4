/* Result: is a record that was read from a file what a result is (results/README.md)?
 *
 * Purpose.  The digest of a file says that it is as its writer left it, and store/ that it is made
 * of what records are made of. This says whether what it holds is what its names promise: a number
 * where a number is expected, over the axis that it has in every result. Who reads a result need
 * not look again.
 * Promise.  Names that this version does not know are left alone where the format gives them no
 * type: later versions have more of them. What is not there says nothing, since files of earlier
 * versions have less.
 * Errors.  BASIN_DAMAGED with the place, what was expected there and what was found.
 */
#ifndef BASIN_FOLDER_RESULT_H
#define BASIN_FOLDER_RESULT_H

#include "base/record.h"

/* `path` is that of the file, for the message. */
basin_status result_check(const char *path, const struct record *record);

#endif
