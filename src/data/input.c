#include "data/input.h"

#include <math.h>
#include <string.h>
#include "base/text.h"

void source_input_free(struct source_input *input)
{
    for (int i = 0; i < ARRAYS; i++) store_array_free(&input->arrays[i].array);
    for (int i = 0; i < SOURCE_PARTS; i++) {
        memory_free(input->rows[i]);
        input->rows[i] = NULL;
    }
}

double source_input_bytes(const struct source_input *input)
{
    double bytes = 0;
    for (int i = 0; i < ARRAYS; i++) {
        const struct store_array *array = &input->arrays[i].array;
        if (array->data)
            bytes += (double)store_array_count(array) * (double)store_array_element(array);
    }
    return bytes;
}

basin_status source_array_refuse(const struct source_array *array)
{
    error_prefix("%s, %s", array->file, array->name);
    error_place(array->file, 0, 0);
    error_key("%s", array->key);
    return BASIN_DATA;
}

bool source_array_is_float(const struct source_array *array)
{
    return source_array_is_there(array) &&
           (array->array.type == RECORD_FLOAT32 || array->array.type == RECORD_FLOAT64);
}

basin_status source_array_finite(const struct source_array *array, double *most)
{
    struct record_item item = {.type = array->array.type, .data = array->array.data};
    size_t count = store_array_count(&array->array), per_example = count / array->array.dims[0];
    *most = 0;
    for (size_t i = 0; i < count; i++) {
        double magnitude = fabs(record_number(&item, i));
        if (magnitude > *most) *most = magnitude;
        if (isfinite(magnitude)) continue;
        error_raise(BASIN_DATA, "%f at element %zu of example %zu is not a finite number",
                    record_number(&item, i), i % per_example, i / per_example);
        return source_array_refuse(array);
    }
    return BASIN_OK;
}

static char *heap_text(const char *text)
{
    size_t length = strlen(text);
    char *copy = memory_allocate(length + 1);
    return copy ? memcpy(copy, text, length) : NULL;
}

basin_status source_array_origin(const struct source_array *array, struct array_origin *origin)
{
    origin->key = array->key;
    origin->file = heap_text(array->file);
    origin->name = heap_text(array->name);
    return origin->file && origin->name ? BASIN_OK : BASIN_MEMORY;
}

/* ---- two arrays beside each other ---- */

static const char *type_name(enum record_type type)
{
    static const char *const names[] = {[RECORD_BYTE] = "bytes",
                                        [RECORD_FLOAT32] = "float32",
                                        [RECORD_FLOAT64] = "float64",
                                        [RECORD_INTEGER] = "integers",
                                        [RECORD_TEXT] = "texts"};
    return names[type];
}

/* One file need not be named twice. */
static bool is_elsewhere(const struct source_array *train, const struct source_array *test)
{
    return strcmp(train->file, test->file) != 0;
}

basin_status source_arrays_refuse_types(const struct source_array *train,
                                        const struct source_array *test, const char *why)
{
    bool elsewhere = is_elsewhere(train, test);
    const char *a = type_name(train->array.type), *b = type_name(test->array.type);
    error_raise(BASIN_DATA, "holds %s, but %s%s%s holds %s", b, train->name,
                elsewhere ? " of " : "", elsewhere ? train->file : "", a);
    error_expected("%s", a);
    error_found("%s", b);
    error_hint("%s: store both alike", why);
    return source_array_refuse(test);
}

/* Of one example: "3 x 8 x 9", "1" of a plain column. */
static void put_example_shape(const struct store_array *array, struct text *out)
{
    for (int i = 1; i < array->rank; i++)
        text_format(out, "%s%zu", i > 1 ? " x " : "", array->dims[i]);
    if (array->rank == 1) text_append(out, "1");
}

basin_status source_arrays_check_shapes(const struct source_array *train,
                                        const struct source_array *test)
{
    const struct store_array *a = &train->array, *b = &test->array;
    bool elsewhere = is_elsewhere(train, test), same = a->rank == b->rank;
    for (int i = 1; same && i < a->rank; i++) same = a->dims[i] == b->dims[i];
    if (same) return BASIN_OK;
    struct text one = {0}, other = {0};
    put_example_shape(a, &one);
    put_example_shape(b, &other);
    error_raise(BASIN_DATA, "has examples of another shape (%s) than %s%s%s (%s)",
                text_data(&other), train->name, elsewhere ? " of " : "",
                elsewhere ? train->file : "", text_data(&one));
    text_free(&one);
    text_free(&other);
    return source_array_refuse(test);
}
