/* The points of all examples in one random order: the channels of a pixel stay together. A recipe
 * that has the key orders the points itself, as it makes them. */
#include <string.h>
#include "data/arrays.h"

static basin_status shuffle_points(struct source *source, const void *settings)
{
    const struct data_settings *wanted = settings;
    if (!wanted->shuffle_points || source->generated) return BASIN_OK;
    struct arrays *arrays = source_arrays(source);
    size_t channels = source->rank == 3 ? source->dims[2] : 1, points = source->features / channels;
    size_t bytes = channels * record_element_size(arrays->type);
    uint32_t *order = memory_allocate(points * sizeof *order);
    unsigned char *moved = memory_allocate(points * bytes);
    struct random random = random_make(0, STREAM_DATA, 1, 0);
    if (order && moved) {
        for (size_t i = 0; i < points; i++) order[i] = (uint32_t)i;
        random_permutation(&random, order, points);
    }
    for (int part = 0; order && moved && part < SOURCE_PARTS; part++)
        for (size_t row = 0; row < arrays->parts[part].count; row++) {
            unsigned char *x = (unsigned char *)arrays->parts[part].x + row * points * bytes;
            for (size_t i = 0; i < points; i++)
                memcpy(moved + i * bytes, x + order[i] * bytes, bytes);
            memcpy(x, moved, points * bytes);
        }
    source->names.features = NULL; /* they are elsewhere now */
    basin_status status = order && moved ? BASIN_OK : BASIN_MEMORY;
    memory_free(order);
    memory_free(moved);
    return status;
}

static const struct schema_row shuffle_points_rows[] = {
    DATA_SHUFFLE_POINTS("Permute the points of all examples by one random order.", .flags = 0),
    {0}};

const struct entry shuffle_points_entry = {
    .name = "shuffle_points",
    .doc = "All examples with their points in one random order, which destroys what is local.",
    .parameters = shuffle_points_rows,
    .implementation =
        &(const struct transform){.stage = DATA_SOURCE, .keyed = true, .source = shuffle_points}};
