/* hdf5: four datasets of one or two HDF5 files, read by a child process (store/foreign.h). */
#include <string.h>
#include "data/arrays.h"
#include "store/dataset.h"

struct hdf5_settings {
    struct data_settings common;
    const char *path, *test_path; /* test_path NULL: path */
    const char *x, *y, *x_test, *y_test;
};

static const char *const hdf5_keys[ARRAYS] = {
    [ARRAY_X] = "x", [ARRAY_Y] = "y", [ARRAY_X_TEST] = "x_test", [ARRAY_Y_TEST] = "y_test"};

/* Not the file is to blame, but the key that names the dataset; the hint says what the file has. */
static void raise_no_dataset(const char *name, const char *key)
{
    basin_error error = *basin_error_last();
    error_raise(BASIN_DATA, "there is no dataset \"%s\"", name);
    error_hint("%s; \"%s: NAME\" names another%s", error.hint, key,
               strstr(key, "_test") ? ", and test_path another file" : "");
    error_key("%s", key);
}

static basin_status hdf5_arrays(const struct hdf5_settings *settings, double most,
                                struct arena *arena, struct source_array arrays[ARRAYS])
{
    const char *const names[ARRAYS] = {[ARRAY_X] = settings->x,
                                       [ARRAY_Y] = settings->y,
                                       [ARRAY_X_TEST] = settings->x_test,
                                       [ARRAY_Y_TEST] = settings->y_test};
    for (int i = 0; i < ARRAYS; i++) {
        const char *name = names[i];
        bool second = settings->test_path && (i == ARRAY_X_TEST || i == ARRAY_Y_TEST);
        arrays[i].key = second ? "test_path" : "path";
        arrays[i].file = second ? settings->test_path : settings->path;
        arrays[i].name = arena_format(arena, "dataset \"%s\"", name);
        if (!arrays[i].name) return BASIN_MEMORY;
        basin_status status = store_dataset_read(
            arrays[i].file, name, most - source_arrays_bytes(arrays), &arrays[i].array);
        if (status == BASIN_OK) continue;
        if (status == BASIN_DATA && !basin_error_last()->file[0])
            raise_no_dataset(name, hdf5_keys[i]);
        else
            error_key("%s", arrays[i].key);
        return status;
    }
    return BASIN_OK;
}

static basin_status hdf5_load(const void *settings, struct source *source)
{
    struct source_array arrays[ARRAYS] = {0};
    struct arena *arena;
    TRY(arena_create(&arena));
    basin_status status = hdf5_arrays(settings, source->most, arena, arrays);
    if (status == BASIN_OK) status = source_from_arrays(source, arrays, 0);
    source_arrays_free(arrays);
    arena_destroy(arena);
    return status;
}

/* The content digest stands for the names in a run's identity. */
#define HDF5_NAME(name, text)                                                                      \
    {                                                                                              \
        .key = #name, SETTING(struct hdf5_settings, name), .type = SCHEMA_TEXT, .minimum = 1,      \
        .maximum = 1024, .fallback = #name, .flags = SCHEMA_SILENT, .doc = text                    \
    }

static const struct schema_row hdf5_parameters[] = {
    {.key = "path",
     SETTING(struct hdf5_settings, path),
     .type = SCHEMA_PATH,
     .flags = SCHEMA_REQUIRED,
     .doc =
         "An HDF5 file. Virtual datasets and external files are read where every source is there.",
     .aliases = (const char *const[]){"file", "filename", NULL}},
    {.key = "test_path",
     SETTING(struct hdf5_settings, test_path),
     .type = SCHEMA_PATH,
     .flags = SCHEMA_OPTIONAL,
     .doc = "Another HDF5 file, for x_test and y_test; if absent, `path`.",
     .aliases = (const char *const[]){"test_file", NULL}},
    HDF5_NAME(x, "Name of the dataset of training examples: shape (N, d), (N, h, w) or (N, h, w, "
                 "c), integers, booleans or floats; bytes are scaled to 0 ... 1."),
    HDF5_NAME(y, "Name of the dataset of training labels: integers or booleans of shape (N) are "
                 "classes 0 ... C-1; floats of shape (N) or (N, k) make the task regression."),
    HDF5_NAME(x_test, "Name of the dataset of test examples."),
    HDF5_NAME(y_test, "Name of the dataset of test labels."),
    DATA_FILE_ROWS,
    {0}};

const struct entry hdf5_entry = {
    .name = "hdf5",
    .doc = "Data in an HDF5 file: examples and labels, training and test, as datasets.",
    .parameters = hdf5_parameters,
    .implementation = &(const struct dataset){.load = hdf5_load},
    .settings_size = sizeof(struct hdf5_settings)};
