/* Members of an archive (zip, tar, tar.gz), read into memory: nothing is ever unpacked to a folder.
 *
 *     struct archived batches = {.count = 2, .members = {{.name = "data_batch_1.bin"},
 *                                                        {.name = "test_batch.bin"}}};
 *     TRY(archived_read(path, ARCHIVED_LAST, most, &batches));
 *     if (!batches.members[0].is_there) status = archived_missing(path, "data_batch_1.bin");
 *     ... batches.members[0].bytes, .length ...
 *     archived_free(&batches);
 *
 * libarchive reads in a child process with limits (store/foreign.h), all members in one pass. What
 * an archive is, its content says, not its name.
 * Errors.  BASIN_DATA with the file: no such archive, damage (checksums of gzip and zip are
 * compared), encrypted members, links, devices, absolute paths and paths with `..` (whichever
 * member it is), a name that fits two members, sizes beyond `most` or beyond what a file of this
 * size can hold, and content of more than 64 times the size of the file (and 1 GiB).
 */
#ifndef BASIN_FORMATS_ARCHIVED_H
#define BASIN_FORMATS_ARCHIVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"

enum { ARCHIVED_MOST = 10 };

enum archived_match {
    ARCHIVED_FULL, /* a name is that of the member, with its folders */
    ARCHIVED_LAST, /* or the last component of it, where no member has it as its full name */
};

struct archived_member {
    const char *name;     /* that is wanted; given by the caller, who owns it */
    bool is_there;        /* has the archive such a member? */
    const uint8_t *bytes; /* its content */
    size_t length;
};

struct archived {
    struct archived_member members[ARCHIVED_MOST];
    size_t count;
    void *mapping; /* what `bytes` point into */
    size_t mapped;
};

/* Content of the members that are named, `most` bytes of memory together. A member that the archive
 * has not is no error here. */
basin_status archived_read(const char *path, enum archived_match match, double most,
                           struct archived *archived);
/* The same in this process, which a damaged file may crash: for the fuzz target. */
basin_status archived_read_here(const char *path, enum archived_match match, double most,
                                struct archived *archived);
void archived_free(struct archived *archived); /* after a failure too */

struct archived_name {
    const char *name; /* with its folders, as the archive has it */
    double bytes;
};

/* The files in an archive, in its order, in the arena: at most ARCHIVED_NAMES of them. */
enum { ARCHIVED_NAMES = 65536 };
basin_status archived_list(const char *path, struct arena *arena, struct archived_name **names,
                           size_t *count);

/* Raises that there is no such member: BASIN_DATA without a place, since the name may be what is
 * wrong; the hint says what there is. */
basin_status archived_missing(const char *path, const char *name);

/* Does the file begin like a zip archive? False where it cannot be read. */
bool archived_is_zip(const char *path);

#endif
