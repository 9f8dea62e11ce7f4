/* Small IDX, gzip and HDF5 files for tests. */
#ifndef BASIN_TESTS_DATA_FILES_H
#define BASIN_TESTS_DATA_FILES_H

#include <hdf5.h>
#include <zlib.h>
#include "data_helpers.h"

static inline void write_plain(const char *name, const void *bytes, size_t length)
{
    FILE *file = fopen(in_folder(name), "wb");
    cr_assert(file && fwrite(bytes, 1, length, file) == length);
    fclose(file);
}

static inline void write_gzip(const char *name, const void *bytes, size_t length, const char *mode)
{
    gzFile file = gzopen(in_folder(name), mode);
    cr_assert(file && gzwrite(file, bytes, (unsigned)length) == (int)length);
    gzclose(file);
}

/* The bytes of an IDX file; `length` counts them. */
static inline uint8_t *idx_bytes(int type, int rank, const uint32_t *dims, const void *elements,
                                 size_t size, size_t *length)
{
    uint8_t *bytes = arena_allocate(arena, 4 + 4 * (size_t)rank + size);
    bytes[2] = (uint8_t)type;
    bytes[3] = (uint8_t)rank;
    for (int i = 0; i < rank; i++)
        for (int k = 0; k < 4; k++) bytes[4 + 4 * i + k] = (uint8_t)(dims[i] >> (24 - 8 * k));
    memcpy(bytes + 4 + 4 * rank, elements, size);
    *length = 4 + 4 * (size_t)rank + size;
    return bytes;
}

static inline void write_idx(const char *name, int type, int rank, const uint32_t *dims,
                             const void *elements, size_t size)
{
    size_t length;
    uint8_t *bytes = idx_bytes(type, rank, dims, elements, size, &length);
    if (strstr(name, ".gz"))
        write_gzip(name, bytes, length, "wb");
    else
        write_plain(name, bytes, length);
}

/* `count` images of `side` x `side` bytes, pixel k of image i being 3 i + 7 k, and labels i %
 * classes. */
static inline void write_images(const char *name, uint32_t count, uint32_t side)
{
    uint8_t *pixels = arena_allocate(arena, count * side * side);
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < side * side; k++)
            pixels[i * side * side + k] = (uint8_t)(3 * i + 7 * k);
    write_idx(name, 8, 3, (uint32_t[]){count, side, side}, pixels, count * side * side);
}

static inline void write_labels(const char *name, uint32_t count, uint32_t classes)
{
    uint8_t *labels = arena_allocate(arena, count);
    for (uint32_t i = 0; i < count; i++) labels[i] = (uint8_t)(i % classes);
    write_idx(name, 8, 1, (uint32_t[]){count}, labels, count);
}

/* 20 + 6 images of 4 x 4 bytes in 5 classes, as four files; the block that names them. */
static inline const struct value *small_idx(const char *suffix)
{
    static const char *const names[] = {"x", "y", "xt", "yt"};
    char file[4][32];
    for (int i = 0; i < 4; i++) snprintf(file[i], sizeof file[i], "%s%s", names[i], suffix);
    write_images(file[0], 20, 4);
    write_labels(file[1], 20, 5);
    write_images(file[2], 6, 4);
    write_labels(file[3], 6, 5);
    return block("idx", "train_images", arena_text(arena, in_folder(file[0])), "train_labels",
                 arena_text(arena, in_folder(file[1])), "test_images",
                 arena_text(arena, in_folder(file[2])), "test_labels",
                 arena_text(arena, in_folder(file[3])), NULL);
}

/* Row of the source that stands at a position: small_idx's first pixel is three times the row. */
static inline int row_of(const double *x, size_t position)
{
    return (int)lround(x[16 * position] * 255 / 3);
}

/* A block with another value of one key. */
static inline const struct value *with(const struct value *dataset, const char *key,
                                       const char *text)
{
    struct value *copy = arena_allocate(arena, sizeof *copy);
    *copy = *dataset;
    copy->map.members = arena_array(arena, struct value_member, dataset->map.count);
    memcpy(copy->map.members, dataset->map.members,
           dataset->map.count * sizeof *dataset->map.members);
    for (size_t i = 0; i < copy->map.count; i++)
        if (strcmp(copy->map.members[i].key, key) == 0) {
            copy->map.members[i].value = value_from(dataset->map.members[i].value->row, text);
            return copy;
        }
    cr_assert_fail("no key %s", key);
    return copy;
}

static inline void h5_add(hid_t file, const char *name, hid_t type, hid_t stored, int rank,
                          const hsize_t *dims, const void *data)
{
    hid_t space = H5Screate_simple(rank, dims, NULL);
    hid_t set = H5Dcreate2(file, name, stored, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    cr_assert(set >= 0 && H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
    H5Dclose(set);
    H5Sclose(space);
}

#endif
