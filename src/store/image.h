/* Images: a record as an HDF5 file in memory, and back. Written with libhdf5, under the lock of
 * hdf5.h; read without it (layout.h). No disk I/O.
 *
 * What a file holds beside the record, and what is therefore dropped on the way back: attributes of
 * dimension scales (CLASS, NAME, REFERENCE_LIST, DIMENSION_LIST, DIMENSION_LABELS), `_FillValue`,
 * and bare dimensions (scales without values, for axes without a scale of their own). Items come
 * back group by group, in the order in which they were added to each group. The axis of a scale has
 * the scale's own name.
 */
#ifndef BASIN_STORE_IMAGE_H
#define BASIN_STORE_IMAGE_H

#include <stdint.h>
#include "base/record.h"

/* The name that the netCDF convention gives to a scale that is a dimension and nothing more. */
#define HDF5_BARE_DIMENSION "This is a netCDF dimension but not a netCDF variable."

/* What a file has at most, so that no file keeps its reader busy: arrays and groups; members of a
 * group, except of a set of weights; attributes of one of them. */
enum { IMAGE_OBJECTS = 1 << 16, IMAGE_MEMBERS = 1 << 12, IMAGE_ATTRIBUTES = 1 << 8 };
size_t image_members_most(const char *group);

/* What a reader allows, since save.c adds to that: to an item the attributes that are dropped on
 * the way back, and to a group bare dimensions, one for each axis at most. */
enum {
    IMAGE_ATTRIBUTES_READ = IMAGE_ATTRIBUTES + 6,
    IMAGE_OBJECTS_READ = IMAGE_OBJECTS * (1 + RECORD_RANK)
};
size_t image_members_read(const char *group);

/* Builds the image at `*bytes`, with room for `room` bytes behind it; `*length` counts both. The
 * caller frees `*bytes`. */
basin_status image_make(const struct record *record, const char *path, size_t room, uint8_t **bytes,
                        size_t *length);

/* Reads an image whose digest has been checked; items of more than `most` elements are left out.
 * `bytes` is only read.
 */
basin_status image_read(const uint8_t *bytes, size_t length, const char *path, size_t most,
                        struct arena *arena, struct record **record);

#endif
