#include "spec/seen.h"

basin_status seen_create(struct arena *arena, size_t most, struct seen *seen)
{
    seen->capacity = 16;
    while (seen->capacity < 2 * most) seen->capacity *= 2;
    seen->slots = arena_array(arena, struct digest, seen->capacity);
    return seen->slots ? BASIN_OK : BASIN_MEMORY;
}

bool seen_add(struct seen *seen, const struct text *text)
{
    static const struct digest nothing;
    struct digest digest = hash_bytes(text_data(text), text->length);
    digest.low |= (uint64_t)digest_equal(digest, nothing);
    size_t slot = digest.low & (seen->capacity - 1);
    while (!digest_equal(seen->slots[slot], nothing)) {
        if (digest_equal(seen->slots[slot], digest)) return true;
        slot = (slot + 1) & (seen->capacity - 1);
    }
    seen->slots[slot] = digest;
    return false;
}
