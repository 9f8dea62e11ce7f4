#include "store/dataset.h"
#include "store_helpers.h"

#include <hdf5.h>
#include <sys/stat.h>

TestSuite(array, .init = folder_make, .fini = folder_remove);

static void add(hid_t file, const char *name, hid_t type, hid_t stored, int rank,
                const hsize_t *dims, const void *data)
{
    hid_t space = H5Screate_simple(rank, dims, NULL);
    hid_t set = H5Dcreate2(file, name, stored, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    cr_assert(set >= 0);
    if (data) cr_assert(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
    H5Dclose(set);
    H5Sclose(space);
}

static hid_t create(void)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return H5Fcreate(in_folder("a.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
}

static struct store_array load(const char *name)
{
    struct store_array array;
    OK(store_dataset_read(in_folder("a.h5"), name, INFINITY, &array));
    return array;
}

static void check_refused(const char *name, const char *const *texts)
{
    struct store_array array;
    cr_assert_eq(store_dataset_read(in_folder("a.h5"), name, INFINITY, &array), BASIN_DATA);
    cr_assert_null(array.data);
    for (; *texts; texts++)
        cr_assert(strstr(basin_error_last()->message, *texts), "\"%s\" is not in \"%s\"", *texts,
                  basin_error_last()->message);
}

#define REFUSED(name, ...) check_refused(name, (const char *const[]){__VA_ARGS__, NULL})

Test(array, integers_of_every_width_and_byte_order)
{
    const hid_t stored[] = {H5T_STD_I8LE,  H5T_STD_I16BE, H5T_STD_I32LE, H5T_STD_I64BE,
                            H5T_STD_U16LE, H5T_STD_U32BE, H5T_STD_U64LE, H5T_STD_I32BE};
    const int64_t values[] = {0, 1, 100};
    hid_t file = create();
    char name[16];
    for (int i = 0; i < 8; i++) {
        snprintf(name, sizeof name, "d%d", i);
        add(file, name, H5T_NATIVE_INT64, stored[i], 1, (hsize_t[]){3}, values);
    }
    H5Fclose(file);
    for (int i = 0; i < 8; i++) {
        snprintf(name, sizeof name, "d%d", i);
        struct store_array array = load(name);
        cr_assert(array.type == RECORD_INTEGER && array.rank == 1 && array.dims[0] == 3);
        cr_assert_arr_eq((int64_t *)array.data, values, sizeof values);
        store_array_free(&array);
    }
}

Test(array, negative_numbers_bytes_and_floats)
{
    const int64_t negative[] = {-1, -128};
    const uint8_t bytes[] = {0, 200, 255};
    const double floats[] = {0.5, -1.25, NAN};
    hid_t file = create();
    add(file, "negative", H5T_NATIVE_INT64, H5T_STD_I8LE, 1, (hsize_t[]){2}, negative);
    add(file, "bytes", H5T_NATIVE_UINT8, H5T_STD_U8LE, 1, (hsize_t[]){3}, bytes);
    add(file, "single", H5T_NATIVE_DOUBLE, H5T_IEEE_F32BE, 1, (hsize_t[]){3}, floats);
    add(file, "double", H5T_NATIVE_DOUBLE, H5T_IEEE_F64BE, 1, (hsize_t[]){3}, floats);
    H5Fclose(file);
    struct store_array array = load("negative");
    cr_assert_arr_eq((int64_t *)array.data, negative, sizeof negative);
    store_array_free(&array);
    array = load("bytes");
    cr_assert_eq(array.type, RECORD_BYTE);
    cr_assert_eq(memcmp(array.data, bytes, 3), 0);
    store_array_free(&array);
    array = load("single");
    cr_assert_eq(array.type, RECORD_FLOAT32);
    cr_assert_eq(((float *)array.data)[1], -1.25f);
    cr_assert(isnan(((float *)array.data)[2]));
    store_array_free(&array);
    array = load("double");
    cr_assert_eq(array.type, RECORD_FLOAT64);
    cr_assert_eq(((double *)array.data)[0], 0.5);
    store_array_free(&array);
}

Test(array, up_to_four_dimensions_in_groups)
{
    double values[120];
    for (int i = 0; i < 120; i++) values[i] = i;
    hid_t file = create();
    H5Gclose(H5Gcreate2(file, "g", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    add(file, "g/four", H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, 4, (hsize_t[]){2, 3, 4, 5}, values);
    add(file, "five", H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, 5, (hsize_t[]){1, 2, 3, 4, 5}, values);
    H5Fclose(file);
    struct store_array array = load("g/four");
    cr_assert(array.rank == 4 && array.dims[0] == 2 && array.dims[3] == 5);
    cr_assert_arr_eq((double *)array.data, values, sizeof values);
    store_array_free(&array);
    REFUSED("five", "a.h5", "\"five\"", "5 dimensions");
}

Test(array, what_cannot_be_read_is_refused_with_a_reason)
{
    const uint64_t large[] = {1, UINT64_MAX};
    hid_t file = create(), text = H5Tcopy(H5T_C_S1), pair = H5Tcreate(H5T_COMPOUND, 16);
    H5Tset_size(text, 4);
    H5Tinsert(pair, "a", 0, H5T_STD_U64LE);
    H5Tinsert(pair, "b", 8, H5T_STD_U64LE);
    add(file, "pair", pair, pair, 1, (hsize_t[]){1}, large);
    add(file, "text", text, text, 1, (hsize_t[]){1}, "ab\xff");
    add(file, "large", H5T_NATIVE_UINT64, H5T_STD_U64LE, 1, (hsize_t[]){2}, large);
    add(file, "empty", H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, 1, (hsize_t[]){0}, NULL);
    add(file, "scalar", H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, 0, NULL, NULL);
    H5Tclose(text);
    H5Tclose(pair);
    H5Fclose(file);
    REFUSED("pair", "\"pair\"",
            "holds records of several fields; integers, booleans, floats and texts can be read");
    REFUSED("text", "\"text\"", "holds a text at element 0 that is not UTF-8");
    REFUSED("large", "18446744073709551615", "element 1");
    REFUSED("empty", "\"empty\" is empty");
    REFUSED("scalar", "0 dimensions");
    REFUSED("none", "no dataset \"none\"");
    cr_assert(strstr(basin_error_last()->hint,
                     "a.h5 has \"empty\", \"large\", \"pair\", \"scalar\", \"text\""));
    cr_assert_str_eq(basin_error_last()->file, "");
}

Test(array, a_claim_beyond_memory_is_refused)
{
    hid_t file = create(), plist = H5Pcreate(H5P_DATASET_CREATE);
    hsize_t dims[] = {1ull << 30, 1ull << 20};
    H5Pset_chunk(plist, 2, (hsize_t[]){1024, 1024});
    hid_t space = H5Screate_simple(2, dims, NULL);
    H5Dclose(H5Dcreate2(file, "huge", H5T_IEEE_F64LE, space, H5P_DEFAULT, plist, H5P_DEFAULT));
    H5Sclose(space);
    H5Pclose(plist);
    H5Fclose(file);
    REFUSED("huge", "takes 8192 TiB of memory, and there is room for");
}

Test(array, files_that_are_not_hdf5_are_refused)
{
    FILE *file = fopen(in_folder("a.h5"), "w");
    fputs("x,y\n1,2\n", file);
    fclose(file);
    REFUSED("x", "not a readable HDF5 file");
    remove(in_folder("a.h5"));
    REFUSED("x", "cannot open", "a.h5: No such file or directory");
    cr_assert_eq(mkdir(in_folder("a.h5"), 0777), 0);
    REFUSED("x", "a.h5 is a folder");
    rmdir(in_folder("a.h5"));
    cr_assert_eq(mkfifo(in_folder("a.h5"), 0600), 0);
    REFUSED("x", "a.h5 is not a regular file");
    remove(in_folder("a.h5"));
    file = fopen(in_folder("a.h5"), "w");
    fclose(file);
    REFUSED("x", "not a readable HDF5 file");
}

/* libhdf5 itself must cope here; a cut-off file is the damage that is common. */
Test(array, truncated_files_are_refused)
{
    double values[1000] = {0};
    hid_t file = create();
    add(file, "x", H5T_NATIVE_DOUBLE, H5T_IEEE_F64LE, 1, (hsize_t[]){1000}, values);
    H5Fclose(file);
    struct store_array array;
    for (off_t cut = 9000; cut > 0; cut -= 500) {
        cr_assert_eq(truncate(in_folder("a.h5"), cut), 0);
        cr_assert_eq(store_dataset_read(in_folder("a.h5"), "x", INFINITY, &array), BASIN_DATA,
                     "%ld", (long)cut);
    }
}

/* h5py stores booleans as an enumeration of int8. */
Test(array, booleans_and_other_enumerations_are_their_numbers)
{
    hid_t file = create(), boolean = H5Tenum_create(H5T_STD_I8LE),
          color = H5Tenum_create(H5T_STD_U8LE);
    const int8_t no = 0, yes = 1, flags[] = {1, 0, 1};
    const uint8_t red = 3, blue = 200, colors[] = {200, 3, 3};
    H5Tenum_insert(boolean, "FALSE", &no), H5Tenum_insert(boolean, "TRUE", &yes);
    H5Tenum_insert(color, "RED", &red), H5Tenum_insert(color, "BLUE", &blue);
    add(file, "flags", boolean, boolean, 1, (hsize_t[]){3}, flags);
    add(file, "colors", color, color, 1, (hsize_t[]){3}, colors);
    H5Fclose(file);
    static const char *const names[] = {"flags", "colors"};
    static const int64_t values[2][3] = {{1, 0, 1}, {200, 3, 3}};
    for (int i = 0; i < 2; i++) {
        struct store_array array = load(names[i]);
        cr_assert_eq(array.type, RECORD_INTEGER, "no pixels, which would be scaled");
        cr_assert_arr_eq(array.data, values[i], sizeof values[i]);
        store_array_free(&array);
    }
}

Test(array, the_size_is_asked_for_before_anything_is_read)
{
    hid_t file = create(), created = H5Pcreate(H5P_DATASET_CREATE),
          space = H5Screate_simple(1, (hsize_t[]){1 << 20}, NULL);
    int64_t *zeros = calloc(1 << 20, sizeof *zeros);
    H5Pset_chunk(created, 1, (hsize_t[]){1 << 18});
    H5Pset_deflate(created, 9);
    hid_t set = H5Dcreate2(file, "small", H5T_STD_I8LE, space, H5P_DEFAULT, created, H5P_DEFAULT);
    H5Dwrite(set, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, zeros);
    free(zeros);
    H5Dclose(set), H5Sclose(space), H5Pclose(created), H5Fclose(file);
    struct store_array array;
    cr_assert_eq(store_dataset_read(in_folder("a.h5"), "small", 4 << 20, &array), BASIN_DATA);
    cr_assert(strstr(basin_error_last()->message,
                     "takes 8.0 MiB of memory, and there is room for 4.0 MiB"),
              "%s", basin_error_last()->message);
    OK(store_dataset_read(in_folder("a.h5"), "small", 8 << 20, &array));
    store_array_free(&array);
}
