/* Cursor: reading numbers from bytes that may end too soon.
 *
 * What lies behind the end reads as 0, and `failed` says so from then on: a structure is taken
 * apart in one go, and asked once whether all of it was there. Numbers are little-endian, as HDF5
 * has them. */
#ifndef BASIN_STORE_CURSOR_H
#define BASIN_STORE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct cursor {
    const uint8_t *at;
    size_t left;
    bool failed;
};

/* The next `length` bytes; NULL where there are fewer. */
static inline const uint8_t *cursor_take(struct cursor *cursor, uint64_t length)
{
    const uint8_t *taken = cursor->at;
    if (length > cursor->left) cursor->failed = true;
    if (cursor->failed) return NULL;
    cursor->at += length;
    cursor->left -= (size_t)length;
    return taken;
}

static inline uint64_t cursor_number(struct cursor *cursor, int bytes)
{
    const uint8_t *from = cursor_take(cursor, (uint64_t)bytes);
    uint64_t value = 0;
    for (int i = 0; from && i < bytes; i++) value |= (uint64_t)from[i] << (8 * i);
    return value;
}

/* Are these the next four bytes? Takes them. */
static inline bool cursor_is(struct cursor *cursor, const char signature[4])
{
    const uint8_t *from = cursor_take(cursor, 4);
    return from && memcmp(from, signature, 4) == 0;
}

#endif
