/* The seal of result files by a second account of results/README.md, for tests: digests made anew
 * after a change, and files of format 1, which the program reads and no longer writes. */
#ifndef BASIN_TESTS_SEAL_H
#define BASIN_TESTS_SEAL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/hash.h"

/* FORMAT_1_BLOCK: in front of the image; SEAL_TRAILER: behind it. */
enum { FORMAT_1_BLOCK = 512, SEAL_TRAILER = 64 };

/* Puts the digest of everything else into the 16 bytes behind the first 24 of a seal, which begins
 * at byte `seal`: 0 in a file of format 1, the trailer's place in one of format 2. */
static inline void seal_digest(uint8_t *file, size_t length, size_t seal)
{
    uint8_t *rest = malloc(length);
    memcpy(rest, file, seal + 24);
    memcpy(rest + seal + 24, file + seal + 40, length - seal - 40);
    struct digest digest = hash_bytes(rest, length - 16);
    free(rest);
    for (int i = 0; i < 8; i++) {
        file[seal + 24 + (size_t)i] = (uint8_t)(digest.high >> (56 - 8 * i));
        file[seal + 32 + (size_t)i] = (uint8_t)(digest.low >> (56 - 8 * i));
    }
}

/* Fills the block in front of the image. */
static inline void seal_format_1(uint8_t *file, size_t length)
{
    memset(file, 0, FORMAT_1_BLOCK);
    memcpy(file,
           "\x89"
           "BASIN\r\n\1\0\0\0\0\2",
           14);
    for (int i = 0; i < 8; i++)
        file[16 + i] = (uint8_t)((uint64_t)(length - FORMAT_1_BLOCK) >> (8 * i));
    seal_digest(file, length, 0);
}

/* The bytes of a file behind `front` bytes of room; the caller frees them. */
static inline uint8_t *seal_read(const char *path, size_t front, size_t *length)
{
    FILE *file = fopen(path, "rb");
    if (!file) __builtin_trap();
    fseek(file, 0, SEEK_END);
    size_t there = (size_t)ftell(file);
    uint8_t *bytes = malloc(front + there);
    rewind(file);
    if (!bytes || fread(bytes + front, 1, there, file) != there) __builtin_trap();
    fclose(file);
    *length = front + there;
    return bytes;
}

static inline void seal_write(const char *path, const uint8_t *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, length, file) != length || fclose(file) != 0) __builtin_trap();
}

/* Writes the result at `path` again as format 1 had it: the same image behind a block. */
static inline void seal_as_format_1(const char *path)
{
    size_t length;
    uint8_t *bytes = seal_read(path, FORMAT_1_BLOCK, &length);
    seal_format_1(bytes, length - SEAL_TRAILER);
    seal_write(path, bytes, length - SEAL_TRAILER);
    free(bytes);
}

/* Writes it again as a later version might: the number of its format is raised. */
static inline void seal_as_newer_format(const char *path)
{
    size_t length;
    uint8_t *bytes = seal_read(path, 0, &length);
    bytes[length - SEAL_TRAILER + 8]++;
    seal_digest(bytes, length, length - SEAL_TRAILER);
    seal_write(path, bytes, length);
    free(bytes);
}

#endif
