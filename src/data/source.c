#include "data/source.h"

void source_free(struct source *source)
{
    if (source->examples) source->kind->release(source->examples);
    source->examples = NULL;
}

size_t source_bytes(const struct source *source)
{
    return source->kind->bytes(source);
}
