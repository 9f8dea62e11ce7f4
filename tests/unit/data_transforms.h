/* Views that list transforms, and what a gather makes of their examples. */
#ifndef BASIN_TESTS_DATA_TRANSFORMS_H
#define BASIN_TESTS_DATA_TRANSFORMS_H

#include "data/view.h"
#include "data_files.h"

/* A view of the same source, with these transforms listed. */
static inline const struct data *listing(const struct data *data,
                                         const struct setting_variant *items, size_t count)
{
    struct data *made = arena_allocate(arena, sizeof *made);
    struct data_settings *settings = arena_allocate(arena, sizeof *settings);
    *settings = *data->settings;
    settings->transforms = (struct setting_list){items, count};
    made->arena = arena;
    OK(view_make(made, data->source, settings));
    return made;
}

/* x (count, features) of a part in its order, `step` examples at a time, from the last to the
 * first batch. */
static inline double *gathered(const struct data *data, enum data_part part, uint64_t seed,
                               uint32_t epoch, size_t step)
{
    size_t count = data_describe(data)->counts[part], features = data_describe(data)->features;
    double *x = arena_array(arena, double, count *features + 1);
    uint32_t *rows = first_rows(count);
    double *scratch = arena_array(arena, double, data_scratch(data) + 1);
    for (size_t end = count; end > 0; end -= end < step ? end : step) {
        size_t begin = end < step ? 0 : end - step;
        struct data_gather gather = {part, rows + begin, end - begin, seed, epoch, scratch};
        data_gather_double(data, &gather, x + begin * features, NULL);
    }
    return x;
}

#endif
