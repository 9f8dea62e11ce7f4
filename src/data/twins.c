/* Test examples that are training examples too, element by element. */
#include <stdlib.h>
#include <string.h>
#include "data/arrays.h"

static uint64_t row_hash(const struct source *source, int part, size_t row)
{
    const struct arrays *arrays = source_arrays(source);
    size_t bytes = source->features * record_element_size(arrays->type);
    const unsigned char *x = arrays->parts[part].x;
    return hash_bytes(x + row * bytes, bytes).low;
}

static int by_hash(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

basin_status arrays_find_twins(struct source *source)
{
    struct arrays *arrays = source_arrays(source);
    size_t count = arrays->parts[SOURCE_TRAIN].count, tests = arrays->parts[SOURCE_TEST].count;
    uint64_t *hashes = memory_allocate((count + 1) * sizeof *hashes);
    arrays->twins = memory_allocate((tests + 1) * sizeof *arrays->twins);
    if (hashes && arrays->twins) {
        for (size_t i = 0; i < count; i++) hashes[i] = row_hash(source, SOURCE_TRAIN, i);
        qsort(hashes, count, sizeof *hashes, by_hash);
        for (size_t i = 0; i < tests; i++) {
            uint64_t hash = row_hash(source, SOURCE_TEST, i);
            arrays->twins[i] = bsearch(&hash, hashes, count, sizeof *hashes, by_hash) != NULL;
        }
    }
    memory_free(hashes);
    return hashes && arrays->twins ? BASIN_OK : BASIN_MEMORY;
}
