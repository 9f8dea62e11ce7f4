/* Places: names in folders that are open.
 *
 * Purpose.  Whoever may write to a results folder can put a link in the place of one of its folders
 * at any instant, also between a look at it and the call that writes. So that folder is opened
 * first, through no link, and what happens then happens in what is open, by the name alone. The
 * folders above it are the user's own, and may be links.
 * Errors.  BASIN_IO with the path, errno as of open(2): ELOOP where the folder is a link.
 */
#ifndef BASIN_STORE_PLACE_H
#define BASIN_STORE_PLACE_H

#include <stdbool.h>
#include "base/error.h"

struct place {
    int folder; /* for calls like openat */
    const char *name;
    const char *path; /* both, for messages */
};

/* The place that `path` names, which must live as long. */
basin_status place_open(const char *path, struct place *place);
/* The same where a link in the place of the folder is meant: of a path that the user has given. */
basin_status place_open_followed(const char *path, struct place *place);
void place_close(struct place *place);

/* unlink and rename of what has the name; errors are errno. The new name is in the same folder. */
bool place_unlink(const struct place *place);
bool place_rename(const struct place *place, const char *to);
/* The two at once, for a path; errno and the last error are left alone where it is not there. */
void place_remove(const char *path);

/* fsync of the folder. */
basin_status place_sync(const struct place *place);

#endif
