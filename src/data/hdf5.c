/* hdf5: four datasets of one or two HDF5 files, read by a child process (store/foreign.h). */
#include <string.h>
#include "data/assemble.h"
#include "store/dataset.h"

struct hdf5_settings {
    struct data_settings common;
    const char *path, *test_path; /* test_path NULL: path */
    const char *x, *y, *x_test, *y_test, *group;
    bool names_x_test, names_y_test; /* other names than the default ones */
};

static const char *const hdf5_keys[ARRAYS] = {[ARRAY_X] = "x",
                                              [ARRAY_Y] = "y",
                                              [ARRAY_X_TEST] = "x_test",
                                              [ARRAY_Y_TEST] = "y_test",
                                              [ARRAY_GROUP] = "group"};

/* Not the file is to blame, but the key that names the dataset; the hint says what the file has. */
static void raise_no_dataset(const char *name, const char *key)
{
    basin_error error = *basin_error_last();
    error_raise(BASIN_DATA, "there is no dataset \"%s\"", name);
    error_hint("%s; \"%s: NAME\" names another%s", error.hint, key,
               strstr(key, "_test") ? ", and test_path another file" : "");
    error_key("%s", key);
}

static bool is_for_test(int which)
{
    return which == ARRAY_X_TEST || which == ARRAY_Y_TEST;
}

/* A file need not have test data, where nobody has asked for them; but x_test asks for y_test. */
static bool hdf5_may_lack(const struct hdf5_settings *settings, int which,
                          const struct source_input *input)
{
    bool is_asked_for = settings->test_path || settings->names_x_test || settings->names_y_test ||
                        source_array_is_there(&input->arrays[ARRAY_X_TEST]);
    return is_for_test(which) && !is_asked_for;
}

static basin_status hdf5_array(const struct hdf5_settings *settings, int which, const char *name,
                               double most, struct source_input *input)
{
    struct source_array *array = &input->arrays[which];
    basin_status status =
        store_dataset_read(array->file, name, most - source_input_bytes(input), &array->array);
    bool is_missing = status == BASIN_DATA && !basin_error_last()->file[0];
    if (is_missing && hdf5_may_lack(settings, which, input)) return BASIN_OK;
    if (is_missing)
        raise_no_dataset(name, hdf5_keys[which]);
    else if (status != BASIN_OK)
        error_key("%s", array->key);
    return status;
}

static basin_status hdf5_arrays(const struct hdf5_settings *settings, double most,
                                struct arena *arena, struct source_input *input)
{
    const char *const names[ARRAYS] = {[ARRAY_X] = settings->x,
                                       [ARRAY_Y] = settings->y,
                                       [ARRAY_X_TEST] = settings->x_test,
                                       [ARRAY_Y_TEST] = settings->y_test,
                                       [ARRAY_GROUP] = settings->group};
    for (int i = 0; i < ARRAYS; i++) {
        struct source_array *array = &input->arrays[i];
        bool second = settings->test_path && is_for_test(i);
        if (!names[i]) continue;
        array->key = second ? "test_path" : "path";
        array->file = second ? settings->test_path : settings->path;
        array->name = arena_format(arena, "dataset \"%s\"", names[i]);
        if (!array->name) return BASIN_MEMORY;
        TRY(hdf5_array(settings, i, names[i], most, input));
    }
    return BASIN_OK;
}

static basin_status hdf5_load(const void *settings, struct source *source)
{
    struct source_input input = {0};
    struct arena *arena;
    TRY(arena_create(&arena));
    basin_status status = hdf5_arrays(settings, source->most, arena, &input);
    if (status == BASIN_OK) status = source_from_input(source, &input, settings);
    source_input_free(&input);
    arena_destroy(arena);
    return status;
}

/* The content digest stands for the names in a run's identity. */
#define HDF5_NAME(name, text, ...)                                                                 \
    {                                                                                              \
        .key = #name, SETTING(struct hdf5_settings, name), .type = SCHEMA_TEXT, .minimum = 1,      \
        .maximum = 1024, .fallback = #name, .flags = SCHEMA_SILENT, .doc = text, __VA_ARGS__       \
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
    HDF5_NAME(y, "Name of the dataset of training labels: integers, booleans or texts of shape (N) "
                 "are classes; floats of shape (N) or (N, k) make the task regression (see task)."),
    HDF5_NAME(x_test,
              "Name of the dataset of test examples. Where a file has none of this name, "
              "test_fraction says how many of the examples test.",
              SETTING_CHANGED(struct hdf5_settings, names_x_test)),
    HDF5_NAME(y_test, "Name of the dataset of test labels.",
              SETTING_CHANGED(struct hdf5_settings, names_y_test)),
    {.key = "group",
     SETTING(struct hdf5_settings, group),
     .type = SCHEMA_TEXT,
     .minimum = 1,
     .maximum = 1024,
     .flags = SCHEMA_OPTIONAL,
     .doc =
         "Name of a dataset of shape (N), of numbers or texts: training examples of equal values "
         "(of one patient, say) stay together when test and validation examples are set aside."},
    DATA_FILE_ROWS,
    DATA_OWN_ROWS,
    {0}};

const struct entry hdf5_entry = {
    .name = "hdf5",
    .doc = "Data in an HDF5 file: examples and labels, training and test, as datasets.",
    .parameters = hdf5_parameters,
    .implementation = &(const struct dataset){.load = hdf5_load},
    .settings_size = sizeof(struct hdf5_settings)};
