#include "store/trailer.h"

#include <inttypes.h>
#include <string.h>

/* Places in the seal, the 40 bytes with which both the trailer of format 2 and the block of format
 * 1 begin. */
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

/* The digest is of every byte of the file but its own; the seal begins at byte `seal`. */
static void hash_piece(struct hash_stream *stream, uint64_t seal, uint64_t start,
                       const uint8_t *bytes, size_t length)
{
    uint64_t from = seal + AT_DIGEST, to = seal + AT_PADDING, end = start + length;
    uint64_t before = start < from ? (end < from ? end : from) - start : 0;
    uint64_t behind = end > to ? (start > to ? start : to) - start : length;
    hash_add(stream, bytes, (size_t)before);
    hash_add(stream, bytes + behind, length - (size_t)behind);
}

static basin_status digest_of(const uint8_t *file, size_t length, size_t seal,
                              struct digest *digest)
{
    struct hash_stream *stream;
    TRY(hash_create(&stream));
    hash_piece(stream, seal, 0, file, length);
    *digest = hash_digest(stream);
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
    struct digest digest;
    TRY(digest_of(file, length, image, &digest));
    put_digest(trailer + AT_DIGEST, digest);
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

static size_t head_length(const struct trailer_ends *ends)
{
    return ends->length < TRAILER_HEAD ? (size_t)ends->length : TRAILER_HEAD;
}

/* Where HDF5's own header says that the image ends; and how many bytes behind it are looked at. */
uint64_t trailer_behind(const struct trailer_ends *ends, size_t *length)
{
    uint64_t end = ends->length >= SUPERBLOCK ? get_little(ends->head + AT_END, 8) : 0;
    uint64_t rest = end < ends->length ? ends->length - end : 0;
    *length = rest < TRAILER_LENGTH ? (size_t)rest : TRAILER_LENGTH;
    return end;
}

/* An HDF5 file may be anybody's. Its own header says where the image ends: a file that is shorter
 * is damaged, and so is one with a seal, or a part of one, at that place. */
static basin_status check_without_trailer(const char *path, const struct trailer_ends *ends)
{
    long long length = (long long)ends->length;
    size_t there;
    if (ends->length < SUPERBLOCK)
        return damaged(path, length, "it ends inside its first 48 bytes");
    if (ends->head[AT_SUPERBLOCK_VERSION] != 0) return not_ours(path);
    uint64_t end = trailer_behind(ends, &there);
    if (end > ends->length) return damaged(path, length, "it is shorter than it says");
    uint64_t rest = ends->length - end;
    if (rest >= sizeof magic && has_magic(ends->behind))
        return rest < TRAILER_LENGTH
                   ? damaged(path, length, "it ends inside its last 64 bytes")
                   : damaged(path, (long long)end + TRAILER_LENGTH, "it is longer than it says");
    if (rest > 0 && rest < sizeof magic && memcmp(ends->behind, magic, (size_t)rest) == 0)
        return damaged(path, length, "it ends inside its last 64 bytes");
    if (rest == TRAILER_LENGTH && get_little(ends->behind + AT_LENGTH, 8) == end)
        return damaged(path, (long long)end, "its trailer does not begin as that of a result file");
    not_ours(path);
    error_hint("it is an HDF5 file without a trailer; a result that another program has written "
               "again has lost it");
    return BASIN_DATA;
}

/* A file of format 1 whose first bytes are damaged is known by the rest of its block. */
static bool is_format_1_without_magic(const struct trailer_ends *ends)
{
    return ends->length >= FRONT + sizeof hdf5_magic &&
           get_little(ends->head + AT_SIZE, 4) == FRONT && has_hdf5_magic(ends->head + FRONT);
}

static basin_status check_foreign(const char *path, const struct trailer_ends *ends)
{
    size_t start = ends->length < sizeof magic ? (size_t)ends->length : sizeof magic;
    if (ends->length < sizeof magic &&
        (memcmp(ends->head, hdf5_magic, start) == 0 || memcmp(ends->head, magic, start) == 0))
        return damaged(path, (long long)ends->length, "it ends inside its first 8 bytes");
    if (ends->length >= sizeof magic && has_hdf5_magic(ends->head))
        return check_without_trailer(path, ends);
    if (is_format_1_without_magic(ends))
        return damaged(path, 0, "its first 8 bytes are not those of a result file");
    return not_ours(path);
}

/* ---- files with a seal ---- */

static basin_status check_digest(const char *path, const uint8_t *seal, struct digest digest)
{
    uint8_t found[16];
    put_digest(found, digest);
    if (memcmp(found, seal + AT_DIGEST, sizeof found) == 0) return BASIN_OK;
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

/* `seal` is at the beginning of the file, or else at its end. What stands at the end is known by
 * itself: bytes that are missing or too many are somewhere before it. */
static basin_status check_length(const char *path, const uint8_t *seal, bool is_front,
                                 uint64_t length)
{
    uint64_t beside = is_front ? FRONT : TRAILER_LENGTH, said = get_little(seal + AT_LENGTH, 8);
    if (length < beside)
        return damaged(path, (long long)length, "it ends inside its first 512 bytes");
    if (said > length - beside)
        return damaged(path, is_front ? (long long)length : -1, "it is shorter than it says");
    if (said < length - beside)
        return damaged(path, is_front ? (long long)(FRONT + said) : -1,
                       "it is longer than it says");
    return BASIN_OK;
}

static bool has_front(const uint8_t *file, uint64_t length)
{
    return length >= sizeof magic && has_magic(file);
}

static bool has_back(const uint8_t *tail, uint64_t length)
{
    return length >= TRAILER_LENGTH && has_magic(tail);
}

bool trailer_fits(const struct trailer_ends *ends)
{
    basin_error before = *basin_error_last();
    bool is_front = has_front(ends->head, ends->length);
    bool fits =
        (is_front || has_back(ends->tail, ends->length)) &&
        check_length("", is_front ? ends->head : ends->tail, is_front, ends->length) == BASIN_OK;
    error_restore(&before);
    return fits;
}

basin_status trailer_refuse(const char *path, const struct trailer_ends *ends)
{
    if (has_front(ends->head, ends->length))
        return check_length(path, ends->head, true, ends->length);
    if (has_back(ends->tail, ends->length))
        return check_length(path, ends->tail, false, ends->length);
    return check_foreign(path, ends);
}

static uint64_t seal_of(const struct trailer_ends *ends)
{
    return has_front(ends->head, ends->length) ? 0 : ends->length - TRAILER_LENGTH;
}

void trailer_hash(struct hash_stream *stream, const struct trailer_ends *ends, uint64_t start,
                  const uint8_t *bytes, size_t length)
{
    hash_piece(stream, seal_of(ends), start, bytes, length);
}

basin_status trailer_judge(const char *path, const struct trailer_ends *ends, struct digest digest,
                           struct trailer_image *image)
{
    bool is_front = has_front(ends->head, ends->length);
    const uint8_t *seal = is_front ? ends->head : ends->tail;
    unsigned beside = is_front ? FRONT : TRAILER_LENGTH;
    *image = (struct trailer_image){.start = is_front ? FRONT : 0,
                                    .length = (size_t)ends->length - beside,
                                    .format = is_front ? FRONT_FORMAT : STORE_FORMAT};
    TRY(check_digest(path, seal, digest));
    return check_format(path, seal, (unsigned)image->format, beside);
}

static void ends_of(const uint8_t *file, size_t length, struct trailer_ends *ends)
{
    size_t behind;
    *ends = (struct trailer_ends){.length = length};
    memcpy(ends->head, file, head_length(ends));
    if (length >= TRAILER_LENGTH)
        memcpy(ends->tail, file + length - TRAILER_LENGTH, TRAILER_LENGTH);
    uint64_t end = trailer_behind(ends, &behind);
    memcpy(ends->behind, file + (behind ? end : 0), behind);
}

basin_status trailer_check(const char *path, const uint8_t *file, size_t length,
                           struct trailer_image *image)
{
    struct trailer_ends ends;
    struct digest digest;
    ends_of(file, length, &ends);
    if (!trailer_fits(&ends)) return trailer_refuse(path, &ends);
    TRY(digest_of(file, length, (size_t)seal_of(&ends), &digest));
    return trailer_judge(path, &ends, digest, image);
}

basin_status trailer_is_of_other_format(const uint8_t *file, size_t length, bool *is)
{
    struct trailer_image image;
    struct trailer_ends ends;
    *is = false;
    ends_of(file, length, &ends);
    if (!trailer_fits(&ends)) return BASIN_OK;
    basin_status status = trailer_check("", file, length, &image);
    *is = status == BASIN_DATA;
    return status == BASIN_MEMORY ? status : BASIN_OK;
}
