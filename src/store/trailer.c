#include "store/trailer.h"

#include <inttypes.h>
#include <string.h>
#include "base/hash.h"

/* Places in the seal, the 40 bytes with which both the trailer of format 2 and the block of format 1
 * begin. */
enum { AT_FORMAT = 8, AT_SIZE = 12, AT_LENGTH = 16, AT_DIGEST = 24, AT_PADDING = 40 };

/* FRONT: length of the block of format 1. SUPERBLOCK: what is read of HDF5's own header, version 0,
 * as libhdf5 writes it here; at AT_END it says where the image ends. */
enum { FRONT = 512, FRONT_FORMAT = 1, SUPERBLOCK = 48, AT_SUPERBLOCK_VERSION = 8, AT_END = 40 };

static const uint8_t magic[8] = {0x89, 'B', 'A', 'S', 'I', 'N', '\r', '\n'};
static const uint8_t hdf5_magic[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};

static void put_little(uint8_t *out, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) out[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_little(const uint8_t *in, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++) value |= (uint64_t)in[i] << (8 * i);
    return value;
}

static bool has_magic(const uint8_t *at)
{
    return memcmp(at, magic, sizeof magic) == 0;
}

static bool has_hdf5_magic(const uint8_t *at)
{
    return memcmp(at, hdf5_magic, sizeof hdf5_magic) == 0;
}

static void put_digest(uint8_t *out, struct digest digest)
{
    for (int i = 0; i < 8; i++) {
        out[i] = (uint8_t)(digest.high >> (56 - 8 * i));
        out[8 + i] = (uint8_t)(digest.low >> (56 - 8 * i));
    }
}

/* Of every byte of the file but the digest's own; the seal begins at byte `seal`. */
static basin_status digest_of(const uint8_t *file, size_t length, size_t seal, uint8_t out[16])
{
    struct hash_stream *stream;
    TRY(hash_create(&stream));
    hash_add(stream, file, seal + AT_DIGEST);
    hash_add(stream, file + seal + AT_PADDING, length - seal - AT_PADDING);
    put_digest(out, hash_digest(stream));
    hash_destroy(stream);
    return BASIN_OK;
}

basin_status trailer_write(uint8_t *file, size_t length)
{
    size_t image = length - TRAILER_LENGTH;
    uint8_t *trailer = file + image;
    memset(trailer, 0, TRAILER_LENGTH);
    memcpy(trailer, magic, sizeof magic);
    put_little(trailer + AT_FORMAT, STORE_FORMAT, 4);
    put_little(trailer + AT_SIZE, TRAILER_LENGTH, 4);
    put_little(trailer + AT_LENGTH, image, 8);
    uint8_t digest[16];
    TRY(digest_of(file, length, image, digest));
    memcpy(trailer + AT_DIGEST, digest, sizeof digest);
    return BASIN_OK;
}

static basin_status damaged(const char *path, long long byte, const char *what)
{
    error_raise(BASIN_DAMAGED, "%s is damaged: %s", path, what);
    error_byte(path, byte);
    error_hint("run its study again: the file is set aside and this run alone is trained anew");
    return BASIN_DAMAGED;
}

static basin_status not_ours(const char *path)
{
    error_raise(BASIN_DATA, "%s is not a result file of this program", path);
    error_byte(path, 0);
    return BASIN_DATA;
}

/* ---- files without a seal in its place: another program's, or ours and damaged? ---- */

/* An HDF5 file may be anybody's. Its own header says where the image ends: a file that is shorter is
 * damaged, and so is one with a seal, or a part of one, at that place. */
static basin_status check_without_trailer(const char *path, const uint8_t *file, size_t length)
{
    if (length < SUPERBLOCK)
        return damaged(path, (long long)length, "it ends inside its first 48 bytes");
    uint64_t end = get_little(file + AT_END, 8);
    if (file[AT_SUPERBLOCK_VERSION] != 0) return not_ours(path);
    if (end > length) return damaged(path, (long long)length, "it is shorter than it says");
    size_t rest = length - (size_t)end;
    if (rest >= sizeof magic && has_magic(file + end))
        return rest < TRAILER_LENGTH
                   ? damaged(path, (long long)length, "it ends inside its last 64 bytes")
                   : damaged(path, (long long)end + TRAILER_LENGTH, "it is longer than it says");
    if (rest > 0 && rest < sizeof magic && memcmp(file + end, magic, rest) == 0)
        return damaged(path, (long long)length, "it ends inside its last 64 bytes");
    if (rest == TRAILER_LENGTH && get_little(file + end + AT_LENGTH, 8) == end)
        return damaged(path, (long long)end, "its trailer does not begin as that of a result file");
    not_ours(path);
    error_hint("it is an HDF5 file without a trailer; a result that another program has written "
               "again has lost it");
    return BASIN_DATA;
}

/* A file of format 1 whose first bytes are damaged is known by the rest of its block. */
static bool is_format_1_without_magic(const uint8_t *file, size_t length)
{
    return length >= FRONT + sizeof hdf5_magic && get_little(file + AT_SIZE, 4) == FRONT &&
           has_hdf5_magic(file + FRONT);
}

static basin_status check_foreign(const char *path, const uint8_t *file, size_t length)
{
    size_t start = length < sizeof magic ? length : sizeof magic;
    if (length < sizeof magic &&
        (memcmp(file, hdf5_magic, start) == 0 || memcmp(file, magic, start) == 0))
        return damaged(path, (long long)length, "it ends inside its first 8 bytes");
    if (length >= sizeof magic && has_hdf5_magic(file))
        return check_without_trailer(path, file, length);
    if (is_format_1_without_magic(file, length))
        return damaged(path, 0, "its first 8 bytes are not those of a result file");
    return not_ours(path);
}

/* ---- files with a seal ---- */

static basin_status check_digest(const char *path, const uint8_t *file, size_t length, size_t seal)
{
    uint8_t wanted[16];
    TRY(digest_of(file, length, seal, wanted));
    if (memcmp(wanted, file + seal + AT_DIGEST, sizeof wanted) == 0) return BASIN_OK;
    return damaged(path, -1, "its content does not match its digest");
}

/* A right digest and a format that this program does not know: a newer file, not damage. */
static basin_status check_format(const char *path, const uint8_t *seal, unsigned format,
                                 unsigned size)
{
    uint64_t found = get_little(seal + AT_FORMAT, 4);
    if (found == format && get_little(seal + AT_SIZE, 4) == size) return BASIN_OK;
    error_raise(BASIN_DATA, "%s has format %" PRIu64 "; this program reads formats 1 to %d", path,
                found, STORE_FORMAT);
    error_hint("use a newer version of the program");
    return BASIN_DATA;
}

static basin_status check_front(const char *path, const uint8_t *file, size_t length,
                                struct trailer_image *image)
{
    if (length < FRONT)
        return damaged(path, (long long)length, "it ends inside its first 512 bytes");
    uint64_t said = get_little(file + AT_LENGTH, 8), there = length - FRONT;
    if (said > there) return damaged(path, (long long)length, "it is shorter than it says");
    if (said < there) return damaged(path, (long long)(FRONT + said), "it is longer than it says");
    *image = (struct trailer_image){.start = FRONT, .length = there, .format = FRONT_FORMAT};
    TRY(check_digest(path, file, length, 0));
    return check_format(path, file, FRONT_FORMAT, FRONT);
}

/* The trailer is at the end, so bytes that are missing or too many are somewhere before it: where is
 * not known. */
static basin_status check_back(const char *path, const uint8_t *file, size_t length,
                               struct trailer_image *image)
{
    size_t there = length - TRAILER_LENGTH;
    uint64_t said = get_little(file + there + AT_LENGTH, 8);
    if (said > there) return damaged(path, -1, "it is shorter than it says");
    if (said < there) return damaged(path, -1, "it is longer than it says");
    *image = (struct trailer_image){.length = there, .format = STORE_FORMAT};
    TRY(check_digest(path, file, length, there));
    return check_format(path, file + there, STORE_FORMAT, TRAILER_LENGTH);
}

static bool has_front(const uint8_t *file, size_t length)
{
    return length >= sizeof magic && has_magic(file);
}

static bool has_back(const uint8_t *file, size_t length)
{
    return length >= TRAILER_LENGTH && has_magic(file + length - TRAILER_LENGTH);
}

basin_status trailer_check(const char *path, const uint8_t *file, size_t length,
                           struct trailer_image *image)
{
    if (has_front(file, length)) return check_front(path, file, length, image);
    if (has_back(file, length)) return check_back(path, file, length, image);
    return check_foreign(path, file, length);
}

basin_status trailer_is_of_other_format(const uint8_t *file, size_t length, bool *is)
{
    struct trailer_image image;
    *is = false;
    if (!has_front(file, length) && !has_back(file, length)) return BASIN_OK;
    basin_status status = trailer_check("", file, length, &image);
    *is = status == BASIN_DATA;
    return status == BASIN_MEMORY ? status : BASIN_OK;
}
