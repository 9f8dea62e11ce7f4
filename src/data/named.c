#include "data/named.h"

#include <math.h>
#include <string.h>

static const char *const named_keys[ARRAYS] = {[ARRAY_X] = "x",
                                               [ARRAY_Y] = "y",
                                               [ARRAY_X_TEST] = "x_test",
                                               [ARRAY_Y_TEST] = "y_test",
                                               [ARRAY_GROUP] = "group"};

static bool named_is_test(int which)
{
    return which == ARRAY_X_TEST || which == ARRAY_Y_TEST;
}

/* Not the file is to blame, but the key that names the array; the hint says what the file has. */
static basin_status raise_no_array(const struct named_format *format,
                                   const struct source_array *array, const char *name,
                                   const char *key)
{
    struct store_array none = {0};
    basin_status status = format->missing ? format->missing(array->file, name)
                                          : format->read_one(array->file, name, INFINITY, &none);
    basin_error error = *basin_error_last();
    store_array_free(&none); /* of a file that has changed since */
    if (status == BASIN_OK || status == BASIN_MEMORY) return status;
    if (!error.file[0]) {
        error_raise(BASIN_DATA, "there is no %s \"%s\"", format->noun, name);
        error_hint("%s; \"%s: NAME\" names another%s", error.hint, key,
                   strstr(key, "_test") ? ", and test_path another file" : "");
        error_key("%s", key);
    } else { /* it has changed since */
        error_key("%s", array->key);
    }
    return BASIN_DATA;
}

static basin_status read_each(const struct named_format *format, const char *path,
                              const char *const *names, size_t count, double most,
                              struct store_array *arrays)
{
    for (size_t i = 0; i < count; i++) {
        basin_status status = format->read_one(path, names[i], most, &arrays[i]);
        bool is_missing = status == BASIN_DATA && !basin_error_last()->file[0];
        for (size_t k = 0; k < i && status != BASIN_OK && !is_missing; k++)
            store_array_free(&arrays[k]);
        if (!is_missing) TRY(status);
        if (arrays[i].data)
            most -= (double)store_array_count(&arrays[i]) * (double)store_array_element(&arrays[i]);
    }
    return BASIN_OK;
}

/* All arrays of the training or of the test file at once: an archive is read from front to back. */
static basin_status named_file(const struct named_format *format, const char *const names[ARRAYS],
                               const char *path, const char *key, double most,
                               struct source_input *input)
{
    const char *wanted[ARRAYS];
    struct store_array read[ARRAYS] = {0};
    size_t count = 0;
    for (int i = 0; i < ARRAYS; i++)
        if (names[i] && input->arrays[i].key == key) wanted[count++] = names[i];
    basin_status status = format->read ? format->read(path, wanted, count, most, read)
                                       : read_each(format, path, wanted, count, most, read);
    if (status != BASIN_OK) {
        if (status == BASIN_DATA) error_key("%s", key);
        return status;
    }
    count = 0;
    for (int i = 0; i < ARRAYS; i++)
        if (names[i] && input->arrays[i].key == key) input->arrays[i].array = read[count++];
    return BASIN_OK;
}

static basin_status check_there(const struct named_settings *settings,
                                const struct named_format *format, const char *const names[ARRAYS],
                                const struct source_input *input)
{
    for (int i = 0; i < ARRAYS; i++) {
        bool is_asked = settings->names_x_test || settings->names_y_test ||
                        source_array_is_there(&input->arrays[ARRAY_X_TEST]);
        if (!names[i] || source_array_is_there(&input->arrays[i])) continue;
        if (named_is_test(i) && !settings->test_path && !is_asked) continue;
        return raise_no_array(format, &input->arrays[i], names[i], named_keys[i]);
    }
    return BASIN_OK;
}

basin_status named_read(const struct named_settings *settings, const struct named_format *format,
                        double most, struct arena *arena, struct source_input *input)
{
    static const char train_key[] = "path", test_key[] = "test_path";
    const char *const names[ARRAYS] = {[ARRAY_X] = settings->x,
                                       [ARRAY_Y] = settings->y,
                                       [ARRAY_X_TEST] = settings->x_test,
                                       [ARRAY_Y_TEST] = settings->y_test,
                                       [ARRAY_GROUP] = settings->group};
    for (int i = 0; i < ARRAYS; i++) {
        struct source_array *array = &input->arrays[i];
        bool second = settings->test_path && named_is_test(i);
        if (!names[i]) continue;
        array->key = second ? test_key : train_key;
        array->file = second ? settings->test_path : settings->path;
        array->name = arena_format(arena, "%s \"%s\"", format->noun, names[i]);
        if (!array->name) return BASIN_MEMORY;
    }
    TRY(named_file(format, names, settings->path, train_key, most, input));
    if (settings->test_path)
        TRY(named_file(format, names, settings->test_path, test_key,
                       most - source_input_bytes(input), input));
    return check_there(settings, format, names, input);
}
