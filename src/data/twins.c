/* Examples that are the same, input and target, element by element. Inputs alone say little: in a
 * table of categories many people have the same. */
#include <stdlib.h>
#include <string.h>
#include "data/arrays.h"

static uint64_t hash_target(const struct source *source, const struct array_part *part, size_t i)
{
    if (part->labels) return hash_bytes(&part->labels[i], sizeof *part->labels).low;
    return hash_bytes(part->targets + i * source->outputs, source->outputs * sizeof *part->targets)
        .low;
}

static basin_status hash_part(const struct source *source, struct array_part *part)
{
    size_t bytes = source->features * record_element_size(source_arrays(source)->type);
    const unsigned char *x = part->x;
    part->hashes = memory_allocate((part->count + 1) * sizeof *part->hashes);
    if (!part->hashes) return BASIN_MEMORY;
    for (size_t i = 0; i < part->count; i++)
        part->hashes[i] = hash_bytes(x + i * bytes, bytes).low ^ hash_target(source, part, i);
    return BASIN_OK;
}

basin_status arrays_hash(struct source *source)
{
    for (int part = 0; part < SOURCE_PARTS; part++)
        TRY(hash_part(source, &source_arrays(source)->parts[part]));
    return BASIN_OK;
}

static int by_hash(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Of the examples that a view trains on, sorted. */
static uint64_t *training_hashes(const struct data *data)
{
    const uint64_t *all = arrays_part(data, DATA_TRAIN)->hashes;
    size_t count = data->info.counts[DATA_TRAIN];
    uint64_t *hashes = memory_allocate((count + 1) * sizeof *hashes);
    if (!hashes) return NULL;
    for (size_t i = 0; i < count; i++) hashes[i] = all[view_row(data, DATA_TRAIN, i)];
    qsort(hashes, count, sizeof *hashes, by_hash);
    return hashes;
}

basin_status arrays_count_twins(const struct data *data, enum data_part part, size_t *count)
{
    const uint64_t *all = arrays_part(data, part)->hashes;
    *count = 0;
    if (!all) return BASIN_OK;
    uint64_t *hashes = training_hashes(data);
    if (!hashes) return BASIN_MEMORY;
    for (size_t i = 0; i < data->info.counts[part]; i++)
        *count += bsearch(&all[view_row(data, part, i)], hashes, data->info.counts[DATA_TRAIN],
                          sizeof *hashes, by_hash) != NULL;
    memory_free(hashes);
    return BASIN_OK;
}
