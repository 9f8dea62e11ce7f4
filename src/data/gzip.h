/* A file read from front to back, gzipped or not (told by its first two bytes).
 *
 * Errors.  BASIN_DATA with the file and the byte in it: a file that ends early, damaged compressed data or a wrong
 * checksum, bytes behind the end. A file that cannot be opened is BASIN_DATA too: it is data that is missing.
 * Ownership.  gzip_open's reader is closed by the caller.
 */
#ifndef BASIN_DATA_GZIP_H
#define BASIN_DATA_GZIP_H

#include <stdbool.h>
#include <stddef.h>
#include "base/error.h"

struct gzip;

basin_status gzip_open(const char *path, struct gzip **gzip);
basin_status gzip_read(struct gzip *gzip, void *out, size_t length); /* exactly so many decoded bytes */
basin_status gzip_end(struct gzip *gzip);                            /* there is nothing more */
void gzip_close(struct gzip *gzip);
bool gzip_is_packed(const struct gzip *gzip);
/* The most decoded bytes that a file of this size can hold: deflate packs at most 1032 to 1. */
double gzip_most(const struct gzip *gzip);

#endif
