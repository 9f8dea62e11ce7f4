/* Seen: a set of digests, to find texts that are equal among many. */
#ifndef BASIN_SPEC_SEEN_H
#define BASIN_SPEC_SEEN_H

#include "base/arena.h"
#include "base/hash.h"
#include "base/text.h"

struct seen {
    struct digest *slots; /* a hash table with open addressing; a free slot is zero */
    size_t capacity;      /* a power of 2 */
};

basin_status seen_create(struct arena *arena, size_t most, struct seen *seen);
/* Adds a text; true where it was there before. */
bool seen_add(struct seen *seen, const struct text *text);

#endif
