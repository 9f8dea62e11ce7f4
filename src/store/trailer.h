/* The trailer: the 64 bytes behind the HDF5 image of a file, by which a whole file is told from a
 * damaged one before libhdf5 sees it. Layout, from the trailer's first byte (results/README.md):
 *
 *      0   8  magic 89 42 41 53 49 4e 0d 0a (0x89 "BASIN" CR LF: a text-mode transfer breaks it)
 *      8   4  format of the file, little-endian
 *     12   4  length of the trailer, 64, little-endian
 *     16   8  length of the HDF5 image in front of it, little-endian
 *     24  16  XXH3-128 of every other byte of the file, high half first, big-endian
 *     40  24  zeros
 *
 * The image stands at byte 0, where programs that look at a file's first bytes to guess what it is
 * expect it; readers of HDF5 ignore what follows. Format 1 had the same 40 bytes in front of the
 * image instead, at the beginning of a block of 512 bytes; it is read, and no longer written. The
 * first 40 bytes of the trailer keep their meaning in every later format, and so does its length:
 * an old program can tell a newer file from a damaged one.
 */
#ifndef BASIN_STORE_TRAILER_H
#define BASIN_STORE_TRAILER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/error.h"

enum { TRAILER_LENGTH = 64 };

/* Where the image of a file is. */
struct trailer_image {
    size_t start, length;
    int format; /* of the file: 1 or STORE_FORMAT */
};

/* Fills the last TRAILER_LENGTH bytes of `file`, in front of which the image is in place; `length`
 * counts both. */
basin_status trailer_write(uint8_t *file, size_t length);

/* Checks every byte of a file in memory. BASIN_DAMAGED with the byte where it is known, BASIN_DATA
 * for a file that was never ours or is of a format that this program does not know. */
basin_status trailer_check(const char *path, const uint8_t *file, size_t length,
                           struct trailer_image *image);

/* A whole file, its digest right, of a format that this program does not know. */
bool trailer_is_of_other_format(const uint8_t *file, size_t length);

#endif
