/* idx: images and labels in four IDX files. */
#include "data/assemble.h"

struct idx_settings {
    struct data_settings common;
    const char *train_images, *train_labels, *test_images, *test_labels;
};

static basin_status check_labels(const struct source_array *labels)
{
    if (!source_array_is_float(labels)) return BASIN_OK;
    error_raise(BASIN_DATA, "%s holds floats (byte 2), but labels are integers", labels->file);
    error_byte(labels->file, 2);
    error_key("%s", labels->key);
    return BASIN_DATA;
}

basin_status idx_read_arrays(const struct source *source, struct source_input *input)
{
    for (int i = 0; i < ARRAYS_LEAST; i++) {
        struct source_array *array = &input->arrays[i];
        bool is_label = source_array_is_label(i);
        array->name = is_label ? "labels" : "images";
        if (!array->file) continue;
        basin_status status =
            idx_read(array->file, is_label ? 1 : 2, is_label ? 1 : ARRAY_RANK,
                     source->most - source_input_bytes(input), &array->array, &array->layout);
        if (status != BASIN_OK) {
            error_key("%s", array->key);
            return status;
        }
    }
    return BASIN_OK;
}

static basin_status idx_assemble(struct source *source, struct source_input *input,
                                 const struct idx_settings *settings)
{
    TRY(idx_read_arrays(source, input));
    for (int i = 0; i < ARRAYS_LEAST && settings->common.task == TASK_AUTO; i++)
        if (source_array_is_label(i)) TRY(check_labels(&input->arrays[i]));
    return source_from_input(source, input, settings);
}

static basin_status idx_load(const void *settings, struct source *source)
{
    const struct idx_settings *files = settings;
    struct source_input input = {
        .arrays = {
            [ARRAY_X] = {.key = "train_images", .file = files->train_images},
            [ARRAY_Y] = {.key = "train_labels", .file = files->train_labels},
            [ARRAY_X_TEST] = {.key = "test_images", .file = files->test_images},
            [ARRAY_Y_TEST] = {.key = "test_labels", .file = files->test_labels},
        }};
    basin_status status = idx_assemble(source, &input, files);
    source_input_free(&input);
    return status;
}

#define IDX_FILE(name, flag, text)                                                                 \
    {                                                                                              \
        .key = #name, SETTING(struct idx_settings, name), .type = SCHEMA_PATH, .flags = flag,      \
        .doc = text                                                                                \
    }

static const struct schema_row idx_parameters[] = {
    IDX_FILE(
        train_images, SCHEMA_REQUIRED,
        "IDX file of the training images: 2 to 4 dimensions (examples first), elements u8, s8, "
        "i16, i32, f32 or f64, gzipped or not."),
    IDX_FILE(train_labels, SCHEMA_REQUIRED,
             "IDX file of the training labels: one dimension of integers, classes 0 ... C-1."),
    IDX_FILE(test_images, SCHEMA_OPTIONAL,
             "IDX file of the test images, of the type and size of the training images; if absent, "
             "test_fraction says how many of the training images test."),
    IDX_FILE(test_labels, SCHEMA_OPTIONAL, "IDX file of the test labels."),
    DATA_FILE_ROWS,
    DATA_OWN_ROWS,
    {0}};

const struct entry idx_entry = {.name = "idx",
                                .doc = "Images and labels in four IDX files, the format of MNIST.",
                                .parameters = idx_parameters,
                                .implementation =
                                    &(const struct dataset){.load = idx_load, .is_own = true},
                                .settings_size = sizeof(struct idx_settings)};
