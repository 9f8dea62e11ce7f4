/* Writes a small data file for `dataset: {name: hdf5}` with much of what the format has:
 * contiguous, compact, chunked and compressed storage, groups, attributes, several types; with
 * "new" the structures of later versions too, with their checksums.
 *     make_hdf5 FILE old|new */
#include <hdf5.h>
#include <stdint.h>
#include <string.h>

enum { TRAIN = 24, TEST = 6, FEATURES = 5, ATTRIBUTES = 12 };

static void add(hid_t group, const char *name, hid_t stored, hid_t type, hid_t creation, int rank,
                const hsize_t *dims, const void *data)
{
    hid_t space = H5Screate_simple(rank, dims, NULL);
    hid_t set = H5Dcreate2(group, name, stored, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
    hid_t scalar = H5Screate(H5S_SCALAR), text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, H5T_VARIABLE);
    for (char key[] = "a"; key[0] < 'a' + ATTRIBUTES; key[0]++) {
        const char *value = "of no use";
        hid_t attribute = H5Acreate2(set, key, text, scalar, H5P_DEFAULT, H5P_DEFAULT);
        H5Awrite(attribute, text, &value);
        H5Aclose(attribute);
    }
    H5Tclose(text);
    H5Sclose(scalar);
    H5Dclose(set);
    H5Sclose(space);
}

int main(int argc, char **argv)
{
    float x[TRAIN][FEATURES];
    int64_t y[TRAIN];
    hid_t access = H5Pcreate(H5P_FILE_ACCESS), chunked = H5Pcreate(H5P_DATASET_CREATE),
          compact = H5Pcreate(H5P_DATASET_CREATE);
    if (argc != 3) return 2;
    for (int i = 0; i < TRAIN; i++) {
        y[i] = i % 3;
        for (int k = 0; k < FEATURES; k++) x[i][k] = (float)(i * k % 7);
    }
    if (strcmp(argv[2], "new") == 0)
        H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    H5Pset_chunk(chunked, 2, (hsize_t[]){7, 2});
    H5Pset_shuffle(chunked);
    H5Pset_deflate(chunked, 6);
    H5Pset_fletcher32(chunked);
    H5Pset_layout(compact, H5D_COMPACT);
    hid_t file = H5Fcreate(argv[1], H5F_ACC_TRUNC, H5P_DEFAULT, access);
    hid_t group = H5Gcreate2(file, "g", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    add(file, "x", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, chunked, 2, (hsize_t[]){TRAIN, FEATURES}, x);
    add(file, "y", H5T_STD_I16BE, H5T_NATIVE_INT64, H5P_DEFAULT, 1, (hsize_t[]){TRAIN}, y);
    add(group, "x_test", H5T_IEEE_F32BE, H5T_NATIVE_FLOAT, H5P_DEFAULT, 2,
        (hsize_t[]){TEST, FEATURES}, x);
    add(group, "y_test", H5T_STD_U64LE, H5T_NATIVE_INT64, compact, 1, (hsize_t[]){TEST}, y);
    H5Gclose(group);
    return H5Fclose(file) < 0;
}
