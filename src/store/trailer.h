/* The trailer: the last 64 bytes of a file, behind its HDF5 image. They tell a whole file from a
 * damaged one before its content is looked at. Layout, from the trailer's first byte
 * (results/README.md):
 *
 *      0   8  magic 89 42 41 53 49 4e 0d 0a (0x89 "BASIN" CR LF: a text-mode transfer breaks it)
 *      8   4  format of the file, little-endian
 *     12   4  length of the trailer, 64, little-endian
 *     16   8  length of the HDF5 image in front of it, little-endian
 *     24  16  XXH3-128 of every other byte of the file, high half first, big-endian
 *     40  24  zeros
 *
 * The image stands at byte 0, where programs look to guess what a file is; readers of HDF5 ignore
 * what follows it. The length of the trailer, and the meaning of its first 40 bytes, stay the same
 * in every later format, so that an old program can tell a newer file from a damaged one.
 *
 * Format 1 had the same 40 bytes in front of the image, at the beginning of a block of 512 bytes.
 * Its files are read, but no longer written.
 */
#ifndef BASIN_STORE_TRAILER_H
#define BASIN_STORE_TRAILER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/hash.h"

/* The format of files that are written. Those of format 1 are read too: store_load gives the record
 * that format 2 would hold, but its attribute format_version is still 1. */
enum { STORE_FORMAT = 2 };
enum { TRAILER_LENGTH = 64 };

/* Where the image of a file is. */
struct trailer_image {
    size_t start, length;
    int format; /* of the file: 1 or STORE_FORMAT */
};

/* Fills the last TRAILER_LENGTH bytes of `file`; the image is in place in front of them. `length`
 * counts both. */
basin_status trailer_write(uint8_t *file, size_t length);

/* Checks every byte of a file in memory. BASIN_DAMAGED with the byte where it is known, BASIN_DATA
 * for a file that was never ours or is of a format that this program does not know. */
basin_status trailer_check(const char *path, const uint8_t *file, size_t length,
                           struct trailer_image *image);

/* The same for a file that has not been read: what its first TRAILER_HEAD bytes (or all, where it
 * is shorter) and its last TRAILER_LENGTH say of it. Where there is no seal, or one that says
 * another length, nothing more than a few bytes at `*behind` is wanted to tell a foreign file from
 * a damaged one: trailer_refuse says which it is. */
enum { TRAILER_HEAD = 520 };
struct trailer_ends {
    uint64_t length; /* of the file */
    uint8_t head[TRAILER_HEAD], tail[TRAILER_LENGTH];
    uint8_t behind[TRAILER_LENGTH]; /* what stands behind the image, by the header of HDF5 */
};
bool trailer_fits(const struct trailer_ends *ends);
uint64_t trailer_behind(const struct trailer_ends *ends, size_t *length);
basin_status trailer_refuse(const char *path, const struct trailer_ends *ends);

/* A file that fits and is read piece by piece: each piece, in their order, with the byte `start` at
 * which it begins; then what trailer_check says of one whose `digest` this is. */
void trailer_hash(struct hash_stream *stream, const struct trailer_ends *ends, uint64_t start,
                  const uint8_t *bytes, size_t length);
basin_status trailer_judge(const char *path, const struct trailer_ends *ends, struct digest digest,
                           struct trailer_image *image);

/* A whole file, its digest right, of a format that this program does not know. */
basin_status trailer_is_of_other_format(const uint8_t *file, size_t length, bool *is);

#endif
