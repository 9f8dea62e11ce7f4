/* Hashing: XXH3-128, for run ids and for digests of data and files. It is no defence against an
 * adversary. */
#ifndef BASIN_BASE_HASH_H
#define BASIN_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include "base/error.h"

struct digest {
    uint64_t high, low;
};

struct digest hash_bytes(const void *bytes, size_t length);
void hash_library(unsigned version[3]); /* of xxHash */
bool digest_equal(struct digest a, struct digest b);
const char *digest_hex(struct digest digest,
                       char out[33]); /* 32 lower-case hex digits, high half first */

/* The digest of parts that are added one after another; equal to hash_bytes of all of them. */
struct hash_stream;
basin_status hash_create(struct hash_stream **stream);
void hash_add(struct hash_stream *stream, const void *bytes, size_t length);
struct digest hash_digest(const struct hash_stream *stream);
void hash_destroy(struct hash_stream *stream);

#endif
