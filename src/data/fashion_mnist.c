/* Fashion-MNIST: four IDX files under the names that MNIST's files have too. */
#include <unistd.h>
#include "data/assemble.h"

struct fashion_settings {
    struct data_settings common;
    const char *path; /* of the folder */
};

enum { FASHION_SIDE = 28, FASHION_CLASSES = 10 };

static const char *const fashion_files[ARRAYS_LEAST] = {
    [ARRAY_X] = "train-images-idx3-ubyte",
    [ARRAY_Y] = "train-labels-idx1-ubyte",
    [ARRAY_X_TEST] = "t10k-images-idx3-ubyte",
    [ARRAY_Y_TEST] = "t10k-labels-idx1-ubyte",
};

static const char *const fashion_classes[FASHION_CLASSES] = {
    "T-shirt/top", "trouser", "pullover", "dress", "coat",
    "sandal",      "shirt",   "sneaker",  "bag",   "ankle boot"};

/* "folder/file.gz", or without the ".gz" where only that is there. */
static const char *fashion_path(struct arena *arena, const char *folder, const char *file)
{
    char *packed = arena_format(arena, "%s/%s.gz", folder, file),
         *plain = arena_format(arena, "%s/%s", folder, file);
    if (!packed || !plain) return NULL;
    return access(packed, F_OK) != 0 && access(plain, F_OK) == 0 ? plain : packed;
}

static basin_status fashion_check(const struct source_array arrays[])
{
    for (int i = 0; i < ARRAYS_LEAST; i++) {
        const struct store_array *array = &arrays[i].array;
        if (access(arrays[i].file, F_OK) != 0 || source_array_is_label(i)) continue;
        if (array->rank == 3 && array->type == RECORD_BYTE && array->dims[1] == FASHION_SIDE &&
            array->dims[2] == FASHION_SIDE)
            continue;
        error_raise(BASIN_DATA, "%s does not hold images of 28 x 28 bytes (byte 4)",
                    arrays[i].file);
        error_byte(arrays[i].file, 4);
        error_key("%s", arrays[i].key);
        error_hint("use the data set idx for other images");
        return BASIN_DATA;
    }
    return BASIN_OK;
}

static basin_status fashion_assemble(struct source *source, struct source_input *input,
                                     const struct fashion_settings *settings)
{
    TRY(idx_read_arrays(source, input));
    TRY(fashion_check(input->arrays));
    return source_from_input(source, input, settings);
}

static basin_status fashion_load(const void *settings, struct source *source)
{
    const char *folder = ((const struct fashion_settings *)settings)->path;
    struct source_input input = {.class_count = FASHION_CLASSES, .classes = fashion_classes};
    struct arena *arena;
    TRY(arena_create(&arena));
    basin_status status = BASIN_OK;
    for (int i = 0; i < ARRAYS_LEAST && status == BASIN_OK; i++) {
        struct source_array *array = &input.arrays[i];
        array->file = fashion_path(arena, folder, fashion_files[i]);
        array->key = "path";
        if (!array->file) status = BASIN_MEMORY;
    }
    if (status == BASIN_OK) status = fashion_assemble(source, &input, settings);
    if (status == BASIN_DATA && access(input.arrays[ARRAY_X].file, F_OK) != 0)
        error_hint("apt-get install dataset-fashion-mnist, or give the folder as dataset.path");
    source_input_free(&input);
    arena_destroy(arena);
    return status;
}

static const struct schema_row fashion_parameters[] = {
    {.key = "path",
     SETTING(struct fashion_settings, path),
     .type = SCHEMA_PATH,
     .fallback = "/usr/share/datasets/fashion-mnist",
     .doc = "Folder with the four IDX files, gzipped or not, named like those of MNIST. The "
            "default is where Debian's package dataset-fashion-mnist installs them."},
    DATA_FILE_ROWS,
    {0}};

const struct entry fashion_mnist_entry = {
    .name = "fashion-mnist",
    .doc =
        "70,000 grey images of clothing, 28 x 28, in 10 classes: 60,000 to train, 10,000 to test.",
    .source = "Xiao, Rasul and Vollgraf, \"Fashion-MNIST: a novel image dataset for benchmarking "
              "machine learning "
              "algorithms\", 2017",
    .parameters = fashion_parameters,
    .implementation = &(const struct dataset){.load = fashion_load},
    .settings_size = sizeof(struct fashion_settings)};
