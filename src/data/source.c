#include "data/source.h"

#include "base/arena.h"

void source_free(struct source *source)
{
    if (source->examples) source->kind->release(source->examples);
    source->examples = NULL;
    arena_destroy(source->arena);
    source->arena = NULL;
}

size_t source_bytes(const struct source *source)
{
    return source->kind->bytes(source);
}
