#include "data/arrays.h"

#include <math.h>
#include <string.h>
#include "base/text.h"
#include "data/view.h"

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
    }
    memory_free(arrays->twins);
    memory_free(arrays);
}

static size_t arrays_bytes(const struct source *source)
{
    const struct arrays *arrays = source_arrays(source);
    size_t bytes = 0, target = source->task == DATA_REGRESSION ? source->outputs * sizeof(double)
                                                               : sizeof(int32_t);
    for (int i = 0; i < SOURCE_PARTS; i++)
        bytes += arrays->parts[i].count *
                 (source->features * record_element_size(arrays->type) + target);
    return bytes;
}

static int64_t arrays_row(const struct data *data, enum data_part part, size_t position)
{
    return (int64_t)view_row(data, part, position);
}

static const char *arrays_row_meaning(const struct source *source, enum data_part part)
{
    if (source->generated)
        return part == DATA_TEST ? "examples that the recipe makes to test, from 0"
                                 : "examples that the recipe makes to train and validate, from 0";
    return part == DATA_TEST ? "rows of the test data, from 0"
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

void source_arrays_free(struct source_array arrays[ARRAYS])
{
    for (int i = 0; i < ARRAYS; i++) store_array_free(&arrays[i].array);
}

/* ---- four arrays of files ---- */

static basin_status source_refuse(const struct source_array *array)
{
    error_prefix("%s, %s", array->file, array->name);
    error_place(array->file, 0, 0);
    error_key("%s", array->key);
    return BASIN_DATA;
}

static size_t source_array_count(const struct source_array *array)
{
    size_t count = 1;
    for (int i = 0; i < array->array.rank; i++) count *= array->array.dims[i];
    return count;
}

double source_arrays_bytes(const struct source_array arrays[ARRAYS])
{
    double bytes = 0;
    for (int i = 0; i < ARRAYS; i++)
        if (arrays[i].array.data)
            bytes += (double)source_array_count(&arrays[i]) *
                     (double)record_element_size(arrays[i].array.type);
    return bytes;
}

/* ---- checks ---- */

static basin_status check_counts(const struct source_array *x, const struct source_array *y)
{
    if (x->array.dims[0] == y->array.dims[0]) return BASIN_OK;
    if (strcmp(x->file, y->file) == 0)
        error_raise(BASIN_DATA, "%s: %s has %zu examples, but %s has %zu", y->file, x->name,
                    x->array.dims[0], y->name, y->array.dims[0]);
    else
        error_raise(BASIN_DATA, "%s holds %zu %s, but %s holds %zu %s", x->file, x->array.dims[0],
                    x->name, y->file, y->array.dims[0], y->name);
    error_place(y->file, 0, 0);
    error_key("%s", y->key);
    error_expected("%zu", x->array.dims[0]);
    error_found("%zu", y->array.dims[0]);
    return BASIN_DATA;
}

static const char *type_name(enum record_type type)
{
    static const char *const names[] = {[RECORD_BYTE] = "bytes",
                                        [RECORD_FLOAT32] = "float32",
                                        [RECORD_FLOAT64] = "float64",
                                        [RECORD_INTEGER] = "integers"};
    return names[type];
}

static bool is_float(const struct source_array *array)
{
    return array->array.type == RECORD_FLOAT32 || array->array.type == RECORD_FLOAT64;
}

/* Numbers of any two types but bytes mean the same, and go together as float64. Bytes are scaled to
 * 0 ... 1, others are not. */
static bool go_together(const struct source_array *a, const struct source_array *b)
{
    return a->array.type != RECORD_BYTE && b->array.type != RECORD_BYTE;
}

/* One file need not be named twice. */
static bool is_elsewhere(const struct source_array *train, const struct source_array *test)
{
    return strcmp(train->file, test->file) != 0;
}

static basin_status refuse_types(const struct source_array *train, const struct source_array *test,
                                 const char *why)
{
    bool elsewhere = is_elsewhere(train, test);
    const char *a = type_name(train->array.type), *b = type_name(test->array.type);
    error_raise(BASIN_DATA, "holds %s, but %s%s%s holds %s", b, train->name,
                elsewhere ? " of " : "", elsewhere ? train->file : "", a);
    error_expected("%s", a);
    error_found("%s", b);
    error_hint("%s: store both alike", why);
    return source_refuse(test);
}

/* Of one example: "3 x 8 x 9", "1" of a plain column. */
static void put_example_shape(const struct store_array *array, struct text *out)
{
    for (int i = 1; i < array->rank; i++)
        text_format(out, "%s%zu", i > 1 ? " x " : "", array->dims[i]);
    if (array->rank == 1) text_append(out, "1");
}

static basin_status refuse_shape(const struct source_array *train, const struct source_array *test)
{
    bool elsewhere = is_elsewhere(train, test);
    struct text a = {0}, b = {0};
    put_example_shape(&train->array, &a);
    put_example_shape(&test->array, &b);
    error_raise(BASIN_DATA, "has examples of another shape (%s) than %s%s%s (%s)", text_data(&b),
                train->name, elsewhere ? " of " : "", elsewhere ? train->file : "", text_data(&a));
    text_free(&a);
    text_free(&b);
    return source_refuse(test);
}

/* Examples of training and test data have the same shape, and types that go together. */
static basin_status check_alike(const struct source_array *train, const struct source_array *test)
{
    const struct store_array *a = &train->array, *b = &test->array;
    if (a->type != b->type && !go_together(train, test))
        return refuse_types(train, test, "bytes are scaled to 0 ... 1, and other numbers are not");
    bool same = a->rank == b->rank;
    for (int i = 1; same && i < a->rank; i++) same = a->dims[i] == b->dims[i];
    return same ? BASIN_OK : refuse_shape(train, test);
}

/* Classes on one side and numbers on the other are no task. */
static basin_status check_targets_alike(const struct source_array *train,
                                        const struct source_array *test)
{
    if (is_float(train) != is_float(test))
        return refuse_types(train, test, "integers are classes, and floats make it a regression");
    return check_alike(train, test);
}

/* All are finite; `most` is the largest magnitude. */
static basin_status check_finite(const struct source_array *array, double *most)
{
    struct record_item item = {.type = array->array.type, .data = array->array.data};
    size_t count = source_array_count(array), per_example = count / array->array.dims[0];
    *most = 1; /* of bytes, which are scaled */
    if (!is_float(array)) return BASIN_OK;
    *most = 0;
    for (size_t i = 0; i < count; i++) {
        double magnitude = fabs(record_number(&item, i));
        if (magnitude > *most) *most = magnitude;
        if (isfinite(magnitude)) continue;
        error_raise(BASIN_DATA, "%f at element %zu of example %zu is not a finite number",
                    record_number(&item, i), i % per_example, i / per_example);
        return source_refuse(array);
    }
    return BASIN_OK;
}

/* ---- conversion ---- */

/* int64 and double have one size: integers become floats where they stand. */
static void integers_to_floats(struct store_array *array, size_t count)
{
    const int64_t *integers = array->data;
    double *floats = array->data;
    for (size_t i = 0; i < count; i++) {
        double value = (double)integers[i];
        memcpy(&floats[i], &value, sizeof value);
    }
    array->type = RECORD_FLOAT64;
}

static basin_status floats_to_doubles(struct store_array *array, size_t count)
{
    const float *narrow = array->data;
    double *wide = memory_allocate(count * sizeof *wide);
    if (!wide) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++) wide[i] = narrow[i];
    memory_free(array->data);
    array->data = wide;
    array->type = RECORD_FLOAT64;
    return BASIN_OK;
}

/* Integers are floats; of two types of floats both become the wider one. */
static basin_status unite_types(struct source_array *train, struct source_array *test)
{
    struct source_array *both[] = {train, test};
    for (int i = 0; i < 2; i++)
        if (both[i]->array.type == RECORD_INTEGER)
            integers_to_floats(&both[i]->array, source_array_count(both[i]));
    if (train->array.type == test->array.type) return BASIN_OK;
    struct source_array *narrow = train->array.type == RECORD_FLOAT32 ? train : test;
    return floats_to_doubles(&narrow->array, source_array_count(narrow));
}

static char *heap_text(const char *text)
{
    size_t length = strlen(text);
    char *copy = memory_allocate(length + 1);
    return copy ? memcpy(copy, text, length) : NULL;
}

static basin_status note_origin(const struct source_array *array, struct array_origin *origin)
{
    origin->key = array->key;
    origin->file = heap_text(array->file);
    origin->name = heap_text(array->name);
    return origin->file && origin->name ? BASIN_OK : BASIN_MEMORY;
}

static basin_status take_x(struct source *source, int part, struct source_array *x)
{
    struct arrays *arrays = source_arrays(source);
    struct store_array *array = &x->array;
    TRY(note_origin(x, &arrays->parts[part].x_from));
    TRY(check_finite(x, &arrays->parts[part].x_from.most));
    arrays->type = array->type;
    source->rank = array->rank > 1 ? array->rank - 1 : 1;
    source->features = 1;
    source->dims[0] = 1;
    for (int i = 1; i < array->rank; i++) source->features *= source->dims[i - 1] = array->dims[i];
    arrays->parts[part].count = array->dims[0];
    arrays->parts[part].x = array->data;
    array->data = NULL;
    return BASIN_OK;
}

/* What to do with labels that are no classes. */
static void hint_label(double label)
{
    error_hint("map the labels to 0 ... C-1%s, or store y as floats for a regression",
               label == -1 ? " (-1 and 1 to 0 and 1)" : "");
}

/* `most` is the largest label that can be. */
static basin_status refuse_label(const struct source_array *y, size_t i, double label, size_t most)
{
    const struct idx_layout *layout = &y->layout;
    size_t byte = layout->start + i * layout->size;
    if (!layout->size) {
        error_raise(BASIN_DATA, "label %.0f at element %zu is not a class (0 to %zu)", label, i,
                    most);
        error_expected("0 to %zu", most);
        error_found("%.0f", label);
        hint_label(label);
        return source_refuse(y);
    }
    error_raise(BASIN_DATA, "%s: label %.0f of element %zu is not a class, 0 to %zu (byte %zu%s)",
                y->file, label, i, most, byte,
                layout->packed ? " of the uncompressed content" : "");
    error_byte(y->file, (long long)byte);
    error_key("%s", y->key);
    error_expected("0 to %zu", most);
    error_found("%.0f", label);
    return BASIN_DATA;
}

/* Integers of any width are classes 0 ... C-1; `classes` is C where it is known. */
static basin_status take_labels(struct source *source, int part, struct source_array *y,
                                size_t classes)
{
    size_t most = (classes ? classes : SOURCE_CLASSES_MOST) - 1;
    size_t count = source_array_count(y);
    struct record_item item = {.type = y->array.type, .data = y->array.data};
    int32_t *labels = source_arrays(source)->parts[part].labels =
        memory_allocate(count * sizeof *labels);
    if (!labels) return BASIN_MEMORY;
    if (count != y->array.dims[0]) {
        error_raise(BASIN_DATA, "has %zu labels for each example; one is wanted",
                    count / y->array.dims[0]);
        error_hint("store the class of each as one integer; if they are one-hot, y.argmax(1)");
        return source_refuse(y);
    }
    for (size_t i = 0; i < count; i++) {
        double label = record_number(&item, i);
        if (label < 0 || label > (double)most) return refuse_label(y, i, label, most);
        labels[i] = (int32_t)label;
        if ((size_t)labels[i] >= source->outputs) source->outputs = (size_t)labels[i] + 1;
    }
    return BASIN_OK;
}

static basin_status take_targets(struct source *source, int part, struct source_array *y)
{
    size_t count = source_array_count(y);
    struct record_item item = {.type = y->array.type, .data = y->array.data};
    if (y->array.rank > 2) {
        error_raise(BASIN_DATA, "has %d dimensions; regression targets have shape (N) or (N, k)",
                    y->array.rank);
        return source_refuse(y);
    }
    TRY(check_finite(y, &source_arrays(source)->parts[part].y_from.most));
    double *targets = source_arrays(source)->parts[part].targets =
        memory_allocate(count * sizeof *targets);
    if (!targets) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++) targets[i] = record_number(&item, i);
    source->outputs = count / y->array.dims[0];
    return BASIN_OK;
}

static basin_status take_y(struct source *source, int part, struct source_array *y, size_t classes)
{
    TRY(note_origin(y, &source_arrays(source)->parts[part].y_from));
    return source->task == DATA_REGRESSION ? take_targets(source, part, y)
                                           : take_labels(source, part, y, classes);
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

/* ---- digest ---- */

static void hash_number(struct hash_stream *stream, uint64_t number)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++) bytes[i] = (uint8_t)(number >> (8 * i));
    hash_add(stream, bytes, sizeof bytes);
}

/* Of what the arrays hold after decoding, so that neither path nor compression nor file format
 * counts. */
static basin_status source_digest(struct source *source)
{
    const struct arrays *arrays = source_arrays(source);
    struct hash_stream *stream;
    TRY(hash_create(&stream));
    hash_number(stream, source->task);
    hash_number(stream, arrays->type);
    hash_number(stream, (uint64_t)source->rank);
    for (int i = 0; i < source->rank; i++) hash_number(stream, source->dims[i]);
    hash_number(stream, source->outputs);
    for (int i = 0; i < SOURCE_PARTS; i++) {
        const struct array_part *part = &arrays->parts[i];
        hash_number(stream, part->count);
        hash_add(stream, part->x,
                 part->count * source->features * record_element_size(arrays->type));
        if (part->labels) hash_add(stream, part->labels, part->count * sizeof *part->labels);
        if (part->targets)
            hash_add(stream, part->targets, part->count * source->outputs * sizeof *part->targets);
    }
    source->digest = hash_digest(stream);
    hash_destroy(stream);
    return BASIN_OK;
}

basin_status source_from_arrays(struct source *source, struct source_array arrays[ARRAYS],
                                size_t classes)
{
    struct source_array *x = &arrays[ARRAY_X], *y = &arrays[ARRAY_Y];
    struct source_array *x_test = &arrays[ARRAY_X_TEST], *y_test = &arrays[ARRAY_Y_TEST];
    struct arrays *taken;
    source->task = is_float(y) ? DATA_REGRESSION : DATA_CLASSIFICATION;
    TRY(arrays_create(source, x->array.type, &taken));
    TRY(check_counts(x, y));
    TRY(check_counts(x_test, y_test));
    TRY(check_alike(x, x_test));
    if (is_float(y) || is_float(y_test)) TRY(check_targets_alike(y, y_test));
    source->outputs = classes;
    source->available = x->array.dims[0];
    source->test_available = x_test->array.dims[0];
    TRY(take_y(source, SOURCE_TRAIN, y, classes));
    TRY(take_y(source, SOURCE_TEST, y_test, classes));
    TRY(unite_types(x, x_test));
    TRY(take_x(source, SOURCE_TRAIN, x));
    TRY(take_x(source, SOURCE_TEST, x_test));
    TRY(arrays_find_twins(source));
    return source_digest(source);
}
