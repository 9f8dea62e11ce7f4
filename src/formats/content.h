/* Content: the bytes of a file, or of a member of an archive that is in memory, at any place.
 *
 * Errors.  BASIN_DATA with the file: not a regular file that can be read, or one that got shorter
 * while it was read.
 * Ownership.  content_open opens, content_close closes; bytes and names stay the caller's.
 */
#ifndef BASIN_FORMATS_CONTENT_H
#define BASIN_FORMATS_CONTENT_H

#include <stddef.h>
#include <stdint.h>
#include "base/error.h"

struct content {
    const char *path;
    const char *member;   /* of the archive `path`, or NULL: the file itself */
    const uint8_t *bytes; /* in memory; otherwise `file` is open */
    int file;
    size_t length;
};

basin_status content_open(const char *path, const char *what, struct content *content);
void content_close(struct content *content); /* of bytes in memory too */

/* Bytes `at` to `at + length`, which the content has: where they are, or in `buffer`. */
basin_status content_view(const struct content *content, size_t at, size_t length, uint8_t *buffer,
                          const uint8_t **view);

/* Puts the file before the message of the last error, and gives it its place: `byte` of the
 * content. Returns BASIN_DATA. */
basin_status content_blame(const struct content *content, size_t byte);

#endif
