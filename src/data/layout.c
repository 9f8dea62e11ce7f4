#include "data/layout.h"

#include <string.h>

const char *const data_layouts[] = {"channels_last", "channels_first", NULL}; /* enum data_layout */

/* One example, (c, h w) to (h w, c). */
static void layout_move(const unsigned char *in, size_t channels, size_t points, size_t size,
                        unsigned char *out)
{
    for (size_t c = 0; c < channels; c++)
        for (size_t i = 0; i < points; i++)
            memcpy(out + (i * channels + c) * size, in + (c * points + i) * size, size);
}

basin_status layout_to_channels_last(struct source_array *x)
{
    struct store_array *array = &x->array;
    if (array->rank != 4) {
        error_raise(BASIN_DATA,
                    "has %d dimensions, and layout: channels_first is of images of "
                    "shape (N, channels, height, width)",
                    array->rank);
        source_array_refuse(x);
        error_key("layout");
        error_hint("leave layout out");
        return BASIN_DATA;
    }
    size_t channels = array->dims[1], points = array->dims[2] * array->dims[3];
    size_t size = store_array_element(array), bytes = channels * points * size;
    unsigned char *example = memory_allocate(bytes), *at = array->data;
    if (!example) return BASIN_MEMORY;
    for (size_t i = 0; i < array->dims[0]; i++, at += bytes) {
        memcpy(example, at, bytes);
        layout_move(example, channels, points, size, at);
    }
    memory_free(example);
    array->dims[1] = array->dims[2];
    array->dims[2] = array->dims[3];
    array->dims[3] = channels;
    return BASIN_OK;
}
