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
    for (size_t i = 0; i < part->count; i++) part->hashes[i] = hash_bytes(x + i * bytes, bytes).low;
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

/* Of an example of a view: of its input, and where wanted of its target too. */
static uint64_t example_hash(const struct data *data, enum data_part part, size_t i,
                             bool with_target)
{
    const struct array_part *all = arrays_part(data, part);
    size_t row = view_row(data, part, i);
    return all->hashes[row] ^ (with_target ? hash_target(data->source, all, row) : 0);
}

/* How many examples of a part have the hash of a training example. */
static basin_status count_equal(const struct data *data, enum data_part part, bool with_target,
                                size_t *equal)
{
    size_t count = data->info.counts[DATA_TRAIN];
    uint64_t *hashes = memory_allocate((count + 1) * sizeof *hashes);
    if (!hashes) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++) hashes[i] = example_hash(data, DATA_TRAIN, i, with_target);
    qsort(hashes, count, sizeof *hashes, by_hash);
    for (size_t i = 0; i < data->info.counts[part]; i++) {
        uint64_t hash = example_hash(data, part, i, with_target);
        *equal += bsearch(&hash, hashes, count, sizeof *hashes, by_hash) != NULL;
    }
    memory_free(hashes);
    return BASIN_OK;
}

basin_status arrays_count_twins(const struct data *data, enum data_part part, struct twins *twins)
{
    *twins = (struct twins){0};
    if (!arrays_part(data, part)->hashes) return BASIN_OK;
    TRY(count_equal(data, part, true, &twins->equal));
    return count_equal(data, part, false, &twins->inputs);
}
