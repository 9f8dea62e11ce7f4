/* idx: images and labels in four IDX files. */
#include "data/arrays.h"

struct idx_settings {
    struct data_settings common;
    const char *train_images, *train_labels, *test_images, *test_labels;
};

basin_status idx_read_arrays(const struct source *source, struct source_array arrays[ARRAYS])
{
    for (int i = 0; i < ARRAYS; i++) {
        arrays[i].name = source_array_is_label(i) ? "labels" : "images";
        bool is_label = source_array_is_label(i);
        basin_status status = idx_read(arrays[i].file, is_label ? 1 : 2, is_label ? 1 : RECORD_RANK,
                                       source->most - source_arrays_bytes(arrays), &arrays[i].array,
                                       &arrays[i].layout);
        if (status != BASIN_OK) {
            error_key("%s", arrays[i].key);
            return status;
        }
        if (source_array_is_label(i) &&
            (arrays[i].array.type == RECORD_FLOAT32 || arrays[i].array.type == RECORD_FLOAT64)) {
            error_raise(BASIN_DATA, "%s holds floats (byte 2), but labels are integers",
                        arrays[i].file);
            error_byte(arrays[i].file, 2);
            error_key("%s", arrays[i].key);
            return BASIN_DATA;
        }
    }
    return BASIN_OK;
}

static basin_status idx_load(const void *settings, struct source *source)
{
    const struct idx_settings *files = settings;
    struct source_array arrays[ARRAYS] = {
        [ARRAY_X] = {.key = "train_images", .file = files->train_images},
        [ARRAY_Y] = {.key = "train_labels", .file = files->train_labels},
        [ARRAY_X_TEST] = {.key = "test_images", .file = files->test_images},
        [ARRAY_Y_TEST] = {.key = "test_labels", .file = files->test_labels},
    };
    basin_status status = idx_read_arrays(source, arrays);
    if (status == BASIN_OK) status = source_from_arrays(source, arrays, 0);
    source_arrays_free(arrays);
    return status;
}

#define IDX_FILE(name, text)                                                                       \
    {                                                                                              \
        .key = #name, SETTING(struct idx_settings, name), .type = SCHEMA_PATH,                     \
        .flags = SCHEMA_REQUIRED, .doc = text                                                      \
    }

static const struct schema_row idx_parameters[] = {
    IDX_FILE(
        train_images,
        "IDX file of the training images: 2 to 4 dimensions (examples first), elements u8, s8, "
        "i16, i32, f32 or f64, gzipped or not."),
    IDX_FILE(train_labels,
             "IDX file of the training labels: one dimension of integers, classes 0 ... C-1."),
    IDX_FILE(test_images,
             "IDX file of the test images, of the type and size of the training images."),
    IDX_FILE(test_labels, "IDX file of the test labels."),
    DATA_FILE_ROWS,
    {0}};

const struct entry idx_entry = {.name = "idx",
                                .doc = "Images and labels in four IDX files, the format of MNIST.",
                                .parameters = idx_parameters,
                                .implementation = &(const struct dataset){.load = idx_load},
                                .settings_size = sizeof(struct idx_settings)};
