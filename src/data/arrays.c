/* Data sets that are four arrays in files: fashion-mnist, idx, hdf5. */
#include <string.h>
#include <unistd.h>
#include "data/idx.h"
#include "data/source.h"

static const char *const file_view_keys[] = {
    "seed", "train_size", "test_size", "validation_size", "standardize", "label_noise", NULL};

static void arrays_free(struct source_array arrays[ARRAYS])
{
    for (int i = 0; i < ARRAYS; i++) store_array_free(&arrays[i].array);
}

static bool is_label(int which)
{
    return which == ARRAY_Y || which == ARRAY_Y_TEST;
}

/* ---- IDX ---- */

static basin_status idx_arrays(struct source_array arrays[ARRAYS])
{
    for (int i = 0; i < ARRAYS; i++) {
        arrays[i].name = is_label(i) ? "labels" : "images";
        basin_status status =
            idx_read(arrays[i].file, is_label(i) ? 1 : 2, is_label(i) ? 1 : RECORD_RANK,
                     &arrays[i].array, &arrays[i].layout);
        if (status != BASIN_OK) {
            error_key("%s", arrays[i].key);
            return status;
        }
        if (is_label(i) &&
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

static basin_status idx_load(const struct value *dataset, struct source *source)
{
    struct source_array arrays[ARRAYS] = {
        [ARRAY_X] = {.key = "train_images"},
        [ARRAY_Y] = {.key = "train_labels"},
        [ARRAY_X_TEST] = {.key = "test_images"},
        [ARRAY_Y_TEST] = {.key = "test_labels"},
    };
    for (int i = 0; i < ARRAYS; i++) arrays[i].file = value_text(dataset, arrays[i].key);
    basin_status status = idx_arrays(arrays);
    if (status == BASIN_OK) status = source_from_arrays(source, arrays, 0);
    arrays_free(arrays);
    return status;
}

const struct dataset_kind kind_idx = {.load = idx_load, .view_keys = file_view_keys};

/* ---- Fashion-MNIST ---- */

enum { FASHION_SIDE = 28, FASHION_CLASSES = 10 };

static const char *const fashion_files[ARRAYS] = {
    [ARRAY_X] = "train-images-idx3-ubyte",
    [ARRAY_Y] = "train-labels-idx1-ubyte",
    [ARRAY_X_TEST] = "t10k-images-idx3-ubyte",
    [ARRAY_Y_TEST] = "t10k-labels-idx1-ubyte",
};

/* "folder/file.gz", or without the ".gz" where only that is there. */
static const char *fashion_path(struct arena *arena, const char *folder, const char *file)
{
    char *packed = arena_format(arena, "%s/%s.gz", folder, file),
         *plain = arena_format(arena, "%s/%s", folder, file);
    if (!packed || !plain) return NULL;
    return access(packed, F_OK) != 0 && access(plain, F_OK) == 0 ? plain : packed;
}

static basin_status fashion_check(const struct source_array arrays[ARRAYS])
{
    for (int i = 0; i < ARRAYS; i++) {
        const struct store_array *array = &arrays[i].array;
        if (access(arrays[i].file, F_OK) != 0 || is_label(i)) continue;
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

static basin_status fashion_arrays(struct source *source, struct source_array arrays[ARRAYS])
{
    basin_status status = idx_arrays(arrays);
    if (status == BASIN_OK) status = fashion_check(arrays);
    if (status == BASIN_OK) status = source_from_arrays(source, arrays, FASHION_CLASSES);
    return status;
}

static basin_status fashion_load(const struct value *dataset, struct source *source)
{
    const char *folder = value_text(dataset, "path");
    struct source_array arrays[ARRAYS] = {0};
    struct arena *arena;
    TRY(arena_create(&arena));
    basin_status status = BASIN_OK;
    for (int i = 0; i < ARRAYS && status == BASIN_OK; i++) {
        arrays[i].file = fashion_path(arena, folder, fashion_files[i]);
        arrays[i].key = "path";
        if (!arrays[i].file) status = BASIN_MEMORY;
    }
    if (status == BASIN_OK) status = fashion_arrays(source, arrays);
    if (status == BASIN_DATA && access(arrays[ARRAY_X].file, F_OK) != 0)
        error_hint("apt-get install dataset-fashion-mnist, or give the folder as dataset.path");
    arrays_free(arrays);
    arena_destroy(arena);
    return status;
}

const struct dataset_kind kind_fashion_mnist = {.load = fashion_load, .view_keys = file_view_keys};

/* ---- HDF5 ---- */

static const char *const hdf5_keys[ARRAYS] = {
    [ARRAY_X] = "x", [ARRAY_Y] = "y", [ARRAY_X_TEST] = "x_test", [ARRAY_Y_TEST] = "y_test"};

/* Not the file is to blame, but the key that names the dataset; the hint says what the file has. */
static void raise_no_dataset(const char *name, const char *key)
{
    basin_error error = *basin_error_last();
    error_raise(BASIN_DATA, "there is no dataset \"%s\" for %s", name, key);
    error_hint("%s", error.hint);
    error_key("%s", key);
}

static basin_status hdf5_arrays(const struct value *dataset, struct arena *arena,
                                struct source_array arrays[ARRAYS])
{
    for (int i = 0; i < ARRAYS; i++) {
        const char *name = value_text(dataset, hdf5_keys[i]);
        arrays[i].key = "path";
        arrays[i].file = value_text(dataset, arrays[i].key);
        arrays[i].name = arena_format(arena, "dataset \"%s\"", name);
        if (!arrays[i].name) return BASIN_MEMORY;
        basin_status status = store_array_read(arrays[i].file, name, &arrays[i].array);
        if (status == BASIN_OK) continue;
        if (status == BASIN_DATA && !basin_error_last()->file[0])
            raise_no_dataset(name, hdf5_keys[i]);
        else
            error_key("%s", arrays[i].key);
        return status;
    }
    return BASIN_OK;
}

static basin_status hdf5_load(const struct value *dataset, struct source *source)
{
    struct source_array arrays[ARRAYS] = {0};
    struct arena *arena;
    TRY(arena_create(&arena));
    basin_status status = hdf5_arrays(dataset, arena, arrays);
    if (status == BASIN_OK) status = source_from_arrays(source, arrays, 0);
    arrays_free(arrays);
    arena_destroy(arena);
    return status;
}

const struct dataset_kind kind_hdf5 = {.load = hdf5_load, .view_keys = file_view_keys};
