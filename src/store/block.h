/* The user block: the 512 bytes in front of the HDF5 image of a result file. Layout in
 * results/README.md.
 *
 *     0   8  magic 89 42 41 53 49 4e 0d 0a (0x89 "BASIN" CR LF: a text-mode transfer breaks it
 *         visibly)
 *     8   4  format of the file, little-endian
 *    12   4  length of this block, 512, little-endian
 *    16   8  length of the HDF5 image that follows, little-endian
 *    24  16  XXH3-128 of every other byte of the file (0 to 23, then 40 to the end), high half
 *        first, big-endian
 *    40 472  zeros
 *
 * The first 40 bytes keep their meaning in every later format, so that an old program can tell a
 * newer file from a damaged one.
 */
#ifndef BASIN_STORE_BLOCK_H
#define BASIN_STORE_BLOCK_H

#include <stdint.h>
#include <stdbool.h>
#include <stddef.h>
#include "base/error.h"

/* Fills the user block at the beginning of `file`, whose image is in place; `length` counts both.
 */
basin_status block_write(uint8_t *file, size_t length);

/* Checks every byte of a file in memory. BASIN_DAMAGED with the byte where it is known, BASIN_DATA
 * for a file that was never ours or is of another format. */
basin_status block_check(const char *path, const uint8_t *file, size_t length);
/* A whole file, its digest right, of a format that this program does not know. */
bool block_is_of_other_format(const uint8_t *file, size_t length);

#endif
