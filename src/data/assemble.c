#include "data/assemble.h"

#include <math.h>
#include <string.h>
#include "data/groups.h"
#include "data/labels.h"
#include "data/layout.h"

/* Rows are counted in 32 bits, and products of two counts in 64. */
enum { EXAMPLES_MOST = 1000000000 };

static const int x_arrays[SOURCE_PARTS] = {[SOURCE_TRAIN] = ARRAY_X, [SOURCE_TEST] = ARRAY_X_TEST};
static const int y_arrays[SOURCE_PARTS] = {[SOURCE_TRAIN] = ARRAY_Y, [SOURCE_TEST] = ARRAY_Y_TEST};
static const int group_arrays[SOURCE_PARTS] = {
    [SOURCE_TRAIN] = ARRAY_GROUP, [SOURCE_TEST] = ARRAY_GROUP_TEST};

/* ---- checks ---- */

static basin_status check_example_number(const struct source_array *x)
{
    size_t found = x->array.dims[0];
    if (found <= EXAMPLES_MOST) return BASIN_OK;
    error_raise(BASIN_DATA, "has %zu examples; at most %d can be read", found, EXAMPLES_MOST);
    error_expected("at most %d", EXAMPLES_MOST);
    error_found("%zu", found);
    return source_array_refuse(x);
}

static basin_status check_counts(const struct source_array *x, const struct source_array *y)
{
    size_t there = x->array.dims[0], found = y->array.dims[0];
    if (there == found) return BASIN_OK;
    if (strcmp(x->file, y->file) == 0)
        error_raise(BASIN_DATA, "%s: %s has %zu examples, but %s has %zu", y->file, x->name, there,
                    y->name, found);
    else
        error_raise(BASIN_DATA, "%s holds %zu %s, but %s holds %zu %s", x->file, there, x->name,
                    y->file, found, y->name);
    error_place(y->file, 0, 0);
    error_key("%s", y->key);
    error_expected("%zu", there);
    error_found("%zu", found);
    if (y->array.rank == 2 && found == 1 && y->array.dims[1] == there)
        error_hint("%s has shape (1, %zu): store it as (%zu)", y->name, there, there);
    return BASIN_DATA;
}

/* Numbers of any two types but bytes mean the same, and go together as float64. Bytes are scaled to
 * 0 ... 1, others are not. */
static bool go_together(const struct source_array *a, const struct source_array *b)
{
    return a->array.type != RECORD_BYTE && b->array.type != RECORD_BYTE;
}

static basin_status check_holds_numbers(const struct source_array *x)
{
    if (x->array.type != RECORD_TEXT) return BASIN_OK;
    error_raise(BASIN_DATA, "holds texts, but examples are numbers");
    return source_array_refuse(x);
}

/* Examples of training and test data have the same shape, and types that go together. */
static basin_status check_examples(const struct source_array *train,
                                   const struct source_array *test)
{
    TRY(check_holds_numbers(train));
    if (!source_array_is_there(test)) return BASIN_OK;
    TRY(check_holds_numbers(test));
    if (train->array.type != test->array.type && !go_together(train, test))
        return source_arrays_refuse_types(train, test,
                                          "bytes are scaled to 0 ... 1, and other numbers are not");
    return source_arrays_check_shapes(train, test);
}

/* Either both of x and y are there for testing, or none. */
static basin_status check_tests(const struct source_input *input)
{
    const struct source_array *x = &input->arrays[ARRAY_X_TEST], *y = &input->arrays[ARRAY_Y_TEST];
    if (source_array_is_there(x) == source_array_is_there(y)) return BASIN_OK;
    const struct source_array *there = source_array_is_there(x) ? x : y,
                              *missing = there == x ? y : x;
    error_raise(BASIN_DATA, "is there, but %s is not: test data are both",
                missing->name ? missing->name
                : there == x  ? "y of the test data"
                              : "x");
    return source_array_refuse(there);
}

static basin_status check_group_arrays(const struct source_input *input)
{
    const struct source_array *group = &input->arrays[ARRAY_GROUP],
                              *test = &input->arrays[ARRAY_GROUP_TEST];
    if (!source_array_is_there(group)) return BASIN_OK;
    TRY(check_counts(&input->arrays[ARRAY_X], group));
    if (!source_array_is_there(test)) return BASIN_OK;
    TRY(check_counts(&input->arrays[ARRAY_X_TEST], test));
    return groups_check_apart(group, test);
}

static basin_status check_input(const struct source_input *input)
{
    const struct source_array *arrays = input->arrays;
    TRY(check_tests(input));
    for (int part = 0; part < SOURCE_PARTS; part++) {
        const struct source_array *x = &arrays[x_arrays[part]], *y = &arrays[y_arrays[part]];
        if (!source_array_is_there(x)) continue;
        TRY(check_example_number(x));
        TRY(check_counts(x, y));
    }
    TRY(check_examples(&arrays[ARRAY_X], &arrays[ARRAY_X_TEST]));
    return check_group_arrays(input);
}

/* Labels with what sorts them, targets, groups with what numbers them, and hashes: of one example,
 * at most at one time. */
static double bytes_beside(const struct source *source, const struct source_input *input)
{
    enum { LABEL = 88, GROUP = 56, ALWAYS = 16 };
    const struct store_array *y = &input->arrays[ARRAY_Y].array;
    double outputs = (double)store_array_count(y) / (double)y->dims[0];
    double label = source->task == DATA_REGRESSION ? outputs * sizeof(double) : LABEL;
    return ALWAYS + label + (source_array_is_there(&input->arrays[ARRAY_GROUP]) ? GROUP : 0);
}

static basin_status check_input_room(const struct source *source, const struct source_input *input)
{
    const struct source_array *x = &input->arrays[ARRAY_X], *test = &input->arrays[ARRAY_X_TEST];
    double count = (double)x->array.dims[0];
    if (source_array_is_there(test)) count += (double)test->array.dims[0];
    double bytes = source_input_bytes(input) + count * bytes_beside(source, input);
    if (bytes <= source->most) return BASIN_OK;
    basin_status status =
        store_array_room(x->file, "reading its examples and labels", bytes, source->most);
    error_key("%s", x->key);
    return status;
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
        if (source_array_is_there(both[i]) && both[i]->array.type == RECORD_INTEGER)
            integers_to_floats(&both[i]->array, store_array_count(&both[i]->array));
    if (!source_array_is_there(test) || train->array.type == test->array.type) return BASIN_OK;
    struct source_array *narrow = train->array.type == RECORD_FLOAT32 ? train : test;
    return floats_to_doubles(&narrow->array, store_array_count(&narrow->array));
}

/* ---- taking ---- */

/* The kept ones of `count` elements of `size` bytes, in order. */
static void keep_only(void *elements, size_t size, const uint32_t *kept, size_t count)
{
    unsigned char *bytes = elements;
    for (size_t i = 0; kept && i < count; i++)
        memmove(bytes + i * size, bytes + kept[i] * size, size);
}

static basin_status take_x(struct source *source, int part, struct source_array *x,
                           const uint32_t *kept)
{
    struct arrays *arrays = source_arrays(source);
    struct array_part *taken = &arrays->parts[part];
    struct store_array *array = &x->array;
    TRY(source_array_origin(x, &taken->x_from));
    taken->x_from.most = 1; /* of bytes, which are scaled */
    if (source_array_is_float(x)) TRY(source_array_finite(x, &taken->x_from.most));
    arrays->type = array->type;
    source->rank = array->rank > 1 ? array->rank - 1 : 1;
    source->features = 1;
    source->dims[0] = 1;
    for (int i = 1; i < array->rank; i++) source->features *= source->dims[i - 1] = array->dims[i];
    keep_only(array->data, source->features * store_array_element(array), kept, taken->count);
    taken->x = array->data;
    array->data = NULL;
    return BASIN_OK;
}

/* Which row of the file an example is: of those that the format has kept, those that are left. */
static void take_rows(struct array_part *taken, uint32_t **rows, uint32_t **kept)
{
    if (*rows) {
        keep_only(*rows, sizeof **rows, *kept, taken->count);
        taken->rows = *rows;
        *rows = NULL;
    } else if (*kept) {
        taken->rows = *kept;
        *kept = NULL;
    }
}

static basin_status assemble_part(struct source *source, int part, struct source_input *input,
                                  uint32_t **kept)
{
    struct array_part *taken = &source_arrays(source)->parts[part];
    struct source_array *x = &input->arrays[x_arrays[part]],
                        *group = &input->arrays[group_arrays[part]];
    if (!source_array_is_there(x)) return BASIN_OK;
    TRY(take_x(source, part, x, *kept));
    if (source_array_is_there(group)) {
        TRY(groups_number(group, &taken->groups));
        keep_only(taken->groups, sizeof *taken->groups, *kept, taken->count);
    }
    take_rows(taken, &input->rows[part], kept);
    return BASIN_OK;
}

static basin_status copy_feature_names(struct source *source, const struct source_input *input)
{
    const char **names = arena_array(source->arena, const char *, source->features + 1);
    if (input->told && !(source->names.told = arena_text(source->arena, input->told)))
        return BASIN_MEMORY;
    if (input->notes && !(source->names.notes = arena_text(source->arena, input->notes)))
        return BASIN_MEMORY;
    if (!input->features) return BASIN_OK;
    if (!names) return BASIN_MEMORY;
    for (size_t i = 0; i < source->features; i++)
        if (!(names[i] = arena_text(source->arena, input->features[i]))) return BASIN_MEMORY;
    source->names.features = names;
    return BASIN_OK;
}

/* ---- training and test data are not the same ---- */

static basin_status check_twins(const struct source *source)
{
    const struct array_part *train = &source_arrays(source)->parts[SOURCE_TRAIN],
                            *test = &source_arrays(source)->parts[SOURCE_TEST];
    size_t bytes = source->features * record_element_size(source_arrays(source)->type);
    if (train->count != test->count || source->whole ||
        memcmp(train->x, test->x, train->count * bytes) != 0)
        return BASIN_OK;
    error_raise(BASIN_DATA,
                "%s, %s: the test examples are the training examples, one by one, so that test "
                "numbers would say nothing of unseen data",
                test->x_from.file, test->x_from.name);
    error_place(test->x_from.file, 0, 0);
    error_key("%s", test->x_from.key);
    error_hint("name other data to test on, or leave them out and write test_fraction: 0.2");
    return BASIN_DATA;
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
        if (part->groups) hash_add(stream, part->groups, part->count * sizeof *part->groups);
        if (part->labels) hash_add(stream, part->labels, part->count * sizeof *part->labels);
        if (part->targets)
            hash_add(stream, part->targets, part->count * source->outputs * sizeof *part->targets);
    }
    source->digest = hash_digest(stream);
    hash_destroy(stream);
    return BASIN_OK;
}

/* ---- the whole ---- */

static basin_status assemble(struct source *source, struct source_input *input,
                             const struct data_settings *settings, uint32_t *kept[SOURCE_PARTS])
{
    struct source_array *x = &input->arrays[ARRAY_X], *x_test = &input->arrays[ARRAY_X_TEST];
    struct arrays *arrays;
    TRY(arena_create(&source->arena));
    TRY(arrays_create(source, x->array.type, &arrays));
    TRY(labels_task(source, input, settings));
    TRY(check_input(input));
    TRY(check_input_room(source, input));
    source->whole = !source_array_is_there(x_test);
    for (int part = 0; part < SOURCE_PARTS && settings->layout == LAYOUT_CHANNELS_FIRST; part++)
        if (source_array_is_there(&input->arrays[x_arrays[part]]))
            TRY(layout_to_channels_last(&input->arrays[x_arrays[part]]));
    TRY(labels_take(source, input, settings, kept));
    TRY(unite_types(x, x_test));
    for (int part = 0; part < SOURCE_PARTS; part++)
        TRY(assemble_part(source, part, input, &kept[part]));
    source->available = arrays->parts[SOURCE_TRAIN].count;
    source->test_available = arrays->parts[SOURCE_TEST].count;
    TRY(copy_feature_names(source, input));
    TRY(arrays_hash(source));
    TRY(check_twins(source));
    return source_digest(source);
}

basin_status source_from_input(struct source *source, struct source_input *input,
                               const void *settings)
{
    uint32_t *kept[SOURCE_PARTS] = {0};
    basin_status status = assemble(source, input, settings, kept);
    for (int part = 0; part < SOURCE_PARTS; part++) memory_free(kept[part]);
    return status;
}
