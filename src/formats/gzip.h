/* A file read from front to back, gzipped or not (told by its first two bytes).
 *
 * Errors.  BASIN_DATA with the file and the byte in it: a file that ends early, damaged compressed
 * data or a wrong checksum, bytes behind the end. A file that cannot be opened or read is
 * BASIN_DATA too: it is data that is missing.
 * Ownership.  A reader is closed by the caller. The bytes of gzip_open_bytes stay the caller's and
 * must outlive it.
 */
#ifndef BASIN_FORMATS_GZIP_H
#define BASIN_FORMATS_GZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/error.h"

struct gzip;

basin_status gzip_open(const char *path, struct gzip **gzip);
/* The same on a file that is in memory; `name` is what messages call it. */
basin_status gzip_open_bytes(const char *name, const uint8_t *bytes, size_t length,
                             struct gzip **gzip);
basin_status gzip_read(struct gzip *gzip, void *out,
                       size_t length); /* exactly so many decoded bytes */
/* Up to so many, as many as are at hand; `*done` is 0 only at the end, where all checksums were
 * right. */
basin_status gzip_some(struct gzip *gzip, void *out, size_t length, size_t *done);
double
gzip_share(const struct gzip *gzip);      /* of the bytes of the file that has been read, 0 to 1 */
basin_status gzip_end(struct gzip *gzip); /* there is nothing more */
void gzip_close(struct gzip *gzip);
bool gzip_is_packed(const struct gzip *gzip);
/* The most decoded bytes that a file of this size can hold: deflate packs at most 1032 to 1. */
double gzip_most(const struct gzip *gzip);
const char *gzip_library(void); /* the version of zlib */

#endif
