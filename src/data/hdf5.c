/* hdf5: datasets of one or two HDF5 files, read by a child process (store/foreign.h). */
#include "data/named.h"
#include "store/dataset.h"

static const struct named_format hdf5_format = {.noun = "dataset", .read_one = store_dataset_read};

/* Of integers, which count classes; more than there can be say nothing. */
static size_t classes_told(const struct store_array *y)
{
    bool counts = y->data && (y->type == RECORD_INTEGER || y->type == RECORD_BYTE);
    return counts && y->classes <= SOURCE_CLASSES_MOST ? y->classes : 0;
}

static basin_status hdf5_load(const void *settings, struct source *source)
{
    struct source_input input = {0};
    struct arena *arena;
    TRY(arena_create(&arena));
    basin_status status = named_read(settings, &hdf5_format, source->most, arena, &input);
    input.class_count = classes_told(&input.arrays[ARRAY_Y].array);
    if (status == BASIN_OK) status = source_from_input(source, &input, settings);
    source_input_free(&input);
    arena_destroy(arena);
    return status;
}

static const struct schema_row hdf5_parameters[] = {
    {.key = "path",
     SETTING(struct named_settings, path),
     .type = SCHEMA_PATH,
     .flags = SCHEMA_REQUIRED,
     .doc =
         "An HDF5 file. Virtual datasets and external files are read where every source is there.",
     .aliases = (const char *const[]){"file", "filename", NULL}},
    {.key = "test_path",
     SETTING(struct named_settings, test_path),
     .type = SCHEMA_PATH,
     .flags = SCHEMA_OPTIONAL,
     .doc = "Another HDF5 file, for x_test and y_test; if absent, `path`.",
     .aliases = (const char *const[]){"test_file", NULL}},
    NAMED_ROWS,
    DATA_FILE_ROWS,
    DATA_OWN_ROWS,
    {0}};

const struct entry hdf5_entry = {
    .name = "hdf5",
    .doc = "Data in an HDF5 file: examples and labels, training and test, as datasets.",
    .parameters = hdf5_parameters,
    .implementation = &(const struct dataset){.load = hdf5_load, .is_own = true},
    .settings_size = sizeof(struct named_settings)};
