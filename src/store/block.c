#include "store/block.h"

#include <inttypes.h>
#include <string.h>
#include "base/hash.h"
#include "store/store.h"

enum { AT_FORMAT = 8, AT_BLOCK = 12, AT_LENGTH = 16, AT_DIGEST = 24, AT_PADDING = 40 };

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

static void put_digest(uint8_t *out, struct digest digest)
{
    for (int i = 0; i < 8; i++) {
        out[i] = (uint8_t)(digest.high >> (56 - 8 * i));
        out[8 + i] = (uint8_t)(digest.low >> (56 - 8 * i));
    }
}

/* Of every byte of the file but the digest's own. */
static basin_status digest_of(const uint8_t *file, size_t length, struct digest *digest)
{
    struct hash_stream *stream;
    TRY(hash_create(&stream));
    hash_add(stream, file, AT_DIGEST);
    hash_add(stream, file + AT_PADDING, length - AT_PADDING);
    *digest = hash_digest(stream);
    hash_destroy(stream);
    return BASIN_OK;
}

basin_status block_write(uint8_t *file, size_t length)
{
    memset(file, 0, STORE_USER_BLOCK);
    memcpy(file, magic, sizeof magic);
    put_little(file + AT_FORMAT, STORE_FORMAT, 4);
    put_little(file + AT_BLOCK, STORE_USER_BLOCK, 4);
    put_little(file + AT_LENGTH, length - STORE_USER_BLOCK, 8);
    struct digest digest;
    TRY(digest_of(file, length, &digest));
    put_digest(file + AT_DIGEST, digest);
    return BASIN_OK;
}

static basin_status damaged(const char *path, long long byte, const char *what)
{
    error_raise(BASIN_DAMAGED, "%s is damaged: %s", path, what);
    error_byte(path, byte);
    error_hint("run its study again: the file is set aside and this run alone is trained anew");
    return BASIN_DAMAGED;
}

/* The magic is wrong: was this one of our files? Its beginning may be cut off in the middle of the
 * magic, or the magic itself may be hit; then what the block says of the length is still right. */
static basin_status check_foreign(const char *path, const uint8_t *file, size_t length)
{
    size_t start = length < sizeof magic ? length : sizeof magic;
    if (memcmp(file, magic, start) == 0)
        return damaged(path, (long long)length, "it ends inside its first 8 bytes");
    if (length >= STORE_USER_BLOCK + sizeof hdf5_magic &&
        get_little(file + AT_BLOCK, 4) == STORE_USER_BLOCK &&
        memcmp(file + STORE_USER_BLOCK, hdf5_magic, sizeof hdf5_magic) == 0)
        return damaged(path, 0, "its first 8 bytes are not those of a result file");
    error_raise(BASIN_DATA, "%s is not a result file of this program", path);
    error_byte(path, 0);
    return BASIN_DATA;
}

/* A valid digest over a format that this program does not know is a newer file, not damage. */
static basin_status check_format(const char *path, const uint8_t *file)
{
    uint64_t format = get_little(file + AT_FORMAT, 4), block = get_little(file + AT_BLOCK, 4);
    if (format == STORE_FORMAT && block == STORE_USER_BLOCK) return BASIN_OK;
    error_raise(BASIN_DATA, "%s has format %" PRIu64 "; this program reads format %d", path, format,
                STORE_FORMAT);
    error_hint("use a newer version of the program");
    return BASIN_DATA;
}

basin_status block_check(const char *path, const uint8_t *file, size_t length)
{
    if (length < sizeof magic || memcmp(file, magic, sizeof magic) != 0)
        return check_foreign(path, file, length);
    if (length < STORE_USER_BLOCK)
        return damaged(path, (long long)length, "it ends inside its first 512 bytes");
    uint64_t image = get_little(file + AT_LENGTH, 8), there = length - STORE_USER_BLOCK;
    if (image > there) return damaged(path, (long long)length, "it is shorter than it says");
    if (image < there)
        return damaged(path, (long long)(STORE_USER_BLOCK + image), "it is longer than it says");
    struct digest digest;
    uint8_t wanted[16];
    TRY(digest_of(file, length, &digest));
    put_digest(wanted, digest);
    if (memcmp(wanted, file + AT_DIGEST, sizeof wanted) != 0)
        return damaged(path, -1, "its content does not match its digest");
    return check_format(path, file);
}

bool block_is_of_other_format(const uint8_t *file, size_t length)
{
    return block_check("", file, length) == BASIN_DATA && length >= STORE_USER_BLOCK &&
           memcmp(file, magic, sizeof magic) == 0;
}
