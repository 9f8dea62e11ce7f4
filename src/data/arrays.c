#include "data/arrays.h"

#include <math.h>

static void forget_origin(struct array_origin *origin)
{
    memory_free(origin->file);
    memory_free(origin->name);
}

static void arrays_release(void *examples)
{
    struct arrays *arrays = examples;
    for (int i = 0; i < SOURCE_PARTS; i++) {
        forget_origin(&arrays->parts[i].x_from);
        forget_origin(&arrays->parts[i].y_from);
        memory_free(arrays->parts[i].x);
        memory_free(arrays->parts[i].labels);
        memory_free(arrays->parts[i].targets);
        memory_free(arrays->parts[i].groups);
        memory_free(arrays->parts[i].rows);
        memory_free(arrays->parts[i].hashes);
    }
    memory_free(arrays);
}

static size_t arrays_bytes(const struct source *source)
{
    const struct arrays *arrays = source_arrays(source);
    size_t bytes = 0, target = source->task == DATA_REGRESSION ? source->outputs * sizeof(double)
                                                               : sizeof(int32_t);
    for (int i = 0; i < SOURCE_PARTS; i++) {
        const struct array_part *part = &arrays->parts[i];
        size_t beside = (part->hashes ? sizeof *part->hashes : 0) +
                        (part->groups ? sizeof *part->groups : 0) +
                        (part->rows ? sizeof *part->rows : 0);
        bytes +=
            part->count * (source->features * record_element_size(arrays->type) + target + beside);
    }
    return bytes;
}

static int64_t arrays_row(const struct data *data, enum data_part part, size_t position)
{
    const uint32_t *rows = arrays_part(data, part)->rows;
    size_t row = view_row(data, part, position);
    return (int64_t)(rows ? rows[row] : row);
}

static const char *arrays_row_meaning(const struct source *source, enum data_part part)
{
    if (source->generated)
        return part == DATA_TEST ? "examples that the recipe makes to test, from 0"
                                 : "examples that the recipe makes to train and validate, from 0";
    return source->whole       ? "rows of the data, from 0"
           : part == DATA_TEST ? "rows of the test data, from 0"
                               : "rows of the training data, from 0";
}

const struct source_kind source_kind_arrays = {.release = arrays_release,
                                               .bytes = arrays_bytes,
                                               .row = arrays_row,
                                               .row_meaning = arrays_row_meaning,
                                               .gather_float = arrays_gather_float,
                                               .gather_double = arrays_gather_double};

basin_status arrays_create(struct source *source, enum record_type type, struct arrays **arrays)
{
    source->kind = &source_kind_arrays;
    source->examples = *arrays = memory_allocate(sizeof **arrays);
    if (!*arrays) return BASIN_MEMORY;
    (*arrays)->type = type;
    return BASIN_OK;
}

void arrays_range(const struct source *source, int part, double *low, double *high)
{
    const struct arrays *arrays = source_arrays(source);
    *low = INFINITY, *high = -INFINITY;
    for (size_t i = 0; i < arrays->parts[part].count * source->features; i++) {
        double x = arrays_element(arrays, part, i);
        if (x < *low) *low = x;
        if (x > *high) *high = x;
    }
}
