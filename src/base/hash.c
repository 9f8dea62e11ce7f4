#include "base/hash.h"

#include <stdio.h>
#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>
#include "base/arena.h"

struct hash_stream {
    XXH3_state_t state;
};

static struct digest from_xxh(XXH128_hash_t hash)
{
    return (struct digest){.high = hash.high64, .low = hash.low64};
}

struct digest hash_bytes(const void *bytes, size_t length)
{
    return from_xxh(XXH3_128bits(bytes, length));
}

bool digest_equal(struct digest a, struct digest b)
{
    return a.high == b.high && a.low == b.low;
}

const char *digest_hex(struct digest digest, char out[33])
{
    snprintf(out, 33, "%016llx%016llx", (unsigned long long)digest.high,
             (unsigned long long)digest.low);
    return out;
}

basin_status hash_create(struct hash_stream **stream)
{
    *stream = memory_allocate(sizeof **stream);
    if (!*stream) return BASIN_MEMORY;
    XXH3_INITSTATE(&(*stream)->state);
    XXH3_128bits_reset(&(*stream)->state);
    return BASIN_OK;
}

void hash_add(struct hash_stream *stream, const void *bytes, size_t length)
{
    XXH3_128bits_update(&stream->state, bytes, length);
}

struct digest hash_digest(const struct hash_stream *stream)
{
    return from_xxh(XXH3_128bits_digest(&stream->state));
}

void hash_destroy(struct hash_stream *stream)
{
    memory_free(stream);
}

void hash_library(unsigned version[3])
{
    unsigned number = XXH_versionNumber();
    version[0] = number / 10000;
    version[1] = number / 100 % 100;
    version[2] = number % 100;
}
