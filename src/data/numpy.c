/* numpy: arrays in one or two .npz files, or each in an .npy file of its own. */
#include "data/named.h"
#include "formats/npy_file.h"

struct numpy_settings {
    struct named_settings named;
    const char *x_path, *y_path, *x_test_path, *y_test_path, *group_path;
};

static const char *const pair_keys[ARRAYS] = {[ARRAY_X] = "x_path",
                                              [ARRAY_Y] = "y_path",
                                              [ARRAY_X_TEST] = "x_test_path",
                                              [ARRAY_Y_TEST] = "y_test_path",
                                              [ARRAY_GROUP] = "group_path"};

/* What messages call the arrays. */
static const char *const pair_names[ARRAYS] = {[ARRAY_X] = "examples",
                                               [ARRAY_Y] = "labels",
                                               [ARRAY_X_TEST] = "examples",
                                               [ARRAY_Y_TEST] = "labels",
                                               [ARRAY_GROUP] = "groups"};

static const struct named_format npz_format = {
    .noun = "array", .read = npz_read, .missing = npz_missing};

static void pair_paths(const struct numpy_settings *settings, const char *paths[ARRAYS])
{
    paths[ARRAY_X] = settings->x_path;
    paths[ARRAY_Y] = settings->y_path;
    paths[ARRAY_X_TEST] = settings->x_test_path;
    paths[ARRAY_Y_TEST] = settings->y_test_path;
    paths[ARRAY_GROUP] = settings->group_path;
    paths[ARRAY_GROUP_TEST] = NULL;
}

/* The first key of an .npy file that is given; NULL: none is. */
static const char *pair_given(const char *const paths[ARRAYS])
{
    for (int i = 0; i < ARRAYS; i++)
        if (paths[i]) return pair_keys[i];
    return NULL;
}

/* The first key that only makes sense with an .npz file; NULL: none is given. */
static const char *npz_given(const struct named_settings *named)
{
    const struct {
        const char *key;
        bool is_given;
    } keys[] = {{"path", named->path},           {"test_path", named->test_path},
                {"x", named->names_x},           {"y", named->names_y},
                {"x_test", named->names_x_test}, {"y_test", named->names_y_test},
                {"group", named->group}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i].is_given) return keys[i].key;
    return NULL;
}

static basin_status refuse_keys(const char *keys, const char *hint)
{
    error_key("%s", keys);
    error_hint("%s", hint);
    return BASIN_DATA;
}

/* Either an .npz file or a file for each array; of these x and y belong together. */
static basin_status numpy_check(const struct numpy_settings *settings,
                                const char *const paths[ARRAYS])
{
    static const char both[] = "give either path (an .npz file, whose arrays x, y, x_test, y_test "
                               "name) or x_path and y_path (.npy files)";
    const char *pair = pair_given(paths), *npz = npz_given(&settings->named);
    if (!pair && !settings->named.path) {
        error_raise(BASIN_DATA, "no file is given");
        return refuse_keys(npz ? npz : "path", both);
    }
    if (pair && npz) {
        error_raise(BASIN_DATA, "%s and %s exclude each other", npz, pair);
        error_key("%s, %s", pair, npz);
        error_hint("%s", both);
        return BASIN_DATA;
    }
    for (int i = ARRAY_X; pair && i <= ARRAY_X_TEST; i += ARRAY_X_TEST - ARRAY_X) {
        if ((!paths[i] == !paths[i + 1]) && (paths[i] || i == ARRAY_X_TEST)) continue;
        const char *there = paths[i] ? pair_keys[i] : paths[i + 1] ? pair_keys[i + 1] : pair;
        error_raise(BASIN_DATA, "%s is given without %s", there,
                    paths[i] ? pair_keys[i + 1] : pair_keys[i]);
        return refuse_keys(there, "examples and their labels are two .npy files");
    }
    return BASIN_OK;
}

static basin_status pairs_read(const char *const paths[ARRAYS], double most,
                               struct source_input *input)
{
    for (int i = 0; i < ARRAYS; i++) {
        struct source_array *array = &input->arrays[i];
        if (!paths[i]) continue;
        array->key = pair_keys[i];
        array->file = paths[i];
        array->name = pair_names[i];
        basin_status status = npy_read(paths[i], most - source_input_bytes(input), &array->array);
        if (status == BASIN_DATA) error_key("%s", array->key);
        TRY(status);
    }
    return BASIN_OK;
}

static basin_status numpy_read(const struct numpy_settings *settings, double most,
                               struct arena *arena, struct source_input *input)
{
    const char *paths[ARRAYS];
    pair_paths(settings, paths);
    TRY(numpy_check(settings, paths));
    return settings->named.path ? named_read(&settings->named, &npz_format, most, arena, input)
                                : pairs_read(paths, most, input);
}

static basin_status numpy_load(const void *settings, struct source *source)
{
    struct source_input input = {0};
    struct arena *arena;
    TRY(arena_create(&arena));
    basin_status status = numpy_read(settings, source->most, arena, &input);
    if (status == BASIN_OK) status = source_from_input(source, &input, settings);
    source_input_free(&input);
    arena_destroy(arena);
    return status;
}

#define NPY_FILE(name, text)                                                                       \
    {                                                                                              \
        .key = #name, SETTING(struct numpy_settings, name), .type = SCHEMA_PATH,                   \
        .flags = SCHEMA_OPTIONAL, .doc = text                                                      \
    }

static const struct schema_row numpy_parameters[] = {
    {.key = "path",
     SETTING(struct named_settings, path),
     .type = SCHEMA_PATH,
     .flags = SCHEMA_OPTIONAL,
     .doc = "An .npz file, as np.savez and np.savez_compressed write it. It excludes x_path, "
            "y_path, x_test_path, y_test_path and group_path.",
     .aliases = (const char *const[]){"file", "filename", NULL}},
    {.key = "test_path",
     SETTING(struct named_settings, test_path),
     .type = SCHEMA_PATH,
     .flags = SCHEMA_OPTIONAL,
     .doc = "Another .npz file, for x_test and y_test; if absent, `path`.",
     .aliases = (const char *const[]){"test_file", NULL}},
    NAMED_ROWS,
    NPY_FILE(x_path, "An .npy file of the training examples, as np.save writes it; y_path has "
                     "their labels. Both in place of `path`."),
    NPY_FILE(y_path, "An .npy file of the training labels."),
    NPY_FILE(x_test_path, "An .npy file of the test examples. Without it test_fraction says how "
                          "many of the examples test."),
    NPY_FILE(y_test_path, "An .npy file of the test labels."),
    NPY_FILE(group_path, "An .npy file of what `group` names in an .npz file."),
    DATA_FILE_ROWS,
    DATA_OWN_ROWS,
    {0}};

const struct entry numpy_entry = {
    .name = "numpy",
    .doc = "Arrays that NumPy saved: an .npz file, or an .npy file for each.",
    .parameters = numpy_parameters,
    .implementation = &(const struct dataset){.load = numpy_load, .is_own = true},
    .settings_size = sizeof(struct numpy_settings)};
