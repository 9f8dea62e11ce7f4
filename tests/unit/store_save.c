/* What other programs find in a file: looked at with libhdf5 itself. */
#include "store/store.h"
#include "store_helpers.h"

#include <hdf5.h>
#include <hdf5_hl.h>

static struct arena *arena;
static hid_t file;

static void save_sample(void)
{
    folder_make();
    OK(arena_create(&arena));
    OK(store_save(sample_record(arena), in_folder("a.h5")));
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    file = H5Fopen(in_folder("a.h5"), H5F_ACC_RDONLY, H5P_DEFAULT);
    cr_assert(file >= 0, "the trailer is ignored by every reader");
}

static void close_sample(void)
{
    H5Fclose(file);
    arena_destroy(arena);
    folder_remove();
}

TestSuite(save, .init = save_sample, .fini = close_sample);

static size_t links(const char *group)
{
    H5G_info_t info;
    cr_assert(H5Gget_info_by_name(file, group, &info, H5P_DEFAULT) >= 0);
    return (size_t)info.nlinks;
}

static herr_t keep_name(hid_t dataset, unsigned axis, hid_t scale, void *name)
{
    (void)dataset;
    (void)axis;
    H5Iget_name(scale, name, 100);
    return 1;
}

static void check_scale(const char *path, unsigned axis, const char *wanted)
{
    char name[100] = "";
    hid_t dataset = H5Dopen2(file, path, H5P_DEFAULT);
    cr_assert(dataset >= 0, "%s", path);
    cr_assert_eq(H5DSget_num_scales(dataset, axis), 1, "%s", path);
    H5DSiterate_scales(dataset, axis, NULL, keep_name, name);
    cr_assert_str_eq(name, wanted);
    H5Dclose(dataset);
}

Test(save, every_axis_has_a_scale)
{
    check_scale("/curves/train_loss", 0, "/curves/epoch");
    check_scale("/curves/matrix", 0, "/curves/axis_3");
    check_scale("/curves/matrix", 1, "/curves/epoch");
    check_scale("/provenance/bytes", 0, "/provenance/axis_2");
    check_scale("/provenance/bytes", 1, "/provenance/axis_2_2");
    check_scale("/provenance/names", 0, "/provenance/axis_2");
    check_scale("/weights/final/layers.0.weight", 0, "/weights/axis_2");
    check_scale("/weights/final/layers.0.weight", 1, "/weights/axis_3");
}

/* A coordinate that no other dataset has for its axis is a scale too: netCDF has no dimension
 * otherwise. */
Test(save, a_lone_coordinate_is_the_scale_of_its_axis)
{
    static const char *const axis = "train";
    const int64_t rows[] = {7, 3, 5};
    const size_t count = 3;
    struct record *record = sample_record(arena);
    OK(record_add(record, "/data/rows/train", RECORD_INTEGER, 1, &count, &axis, rows, NULL));
    OK(store_save(record, in_folder("b.h5")));
    hid_t other = H5Fopen(in_folder("b.h5"), H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t dataset = H5Dopen2(other, "/data/rows/train", H5P_DEFAULT);
    cr_assert_gt(H5DSis_scale(dataset), 0);
    H5Dclose(dataset);
    H5Fclose(other);
}

Test(save, a_set_of_weights_holds_its_parameters_and_nothing_else)
{
    cr_assert_eq(links("/weights/final"), 1);
    cr_assert_eq(links("/empty"), 0);
    cr_assert_eq(links("/measures"), 1);
}

Test(save, floats_have_nan_as_fill_value)
{
    static const char *const paths[] = {"/curves/train_loss", "/measures/test_accuracy",
                                        "/weights/final/layers.0.weight"};
    for (int i = 0; i < 3; i++) {
        hid_t dataset = H5Dopen2(file, paths[i], H5P_DEFAULT), plist = H5Dget_create_plist(dataset),
              type = H5Dget_type(dataset);
        double fill = 0;
        cr_assert(H5Pget_fill_value(plist, H5T_NATIVE_DOUBLE, &fill) >= 0);
        cr_assert(isnan(fill));
        hid_t attribute = H5Aopen(dataset, "_FillValue", H5P_DEFAULT),
              stored = H5Aget_type(attribute);
        fill = 0;
        cr_assert(H5Aread(attribute, H5T_NATIVE_DOUBLE, &fill) >= 0);
        cr_assert(isnan(fill));
        cr_assert(H5Tequal(type, stored) > 0, "netCDF wants the type of the data");
        H5Tclose(stored);
        H5Aclose(attribute);
        H5Tclose(type);
        H5Pclose(plist);
        H5Dclose(dataset);
    }
}

static hid_t type_of(const char *path)
{
    hid_t dataset = H5Dopen2(file, path, H5P_DEFAULT), type = H5Dget_type(dataset);
    H5Dclose(dataset);
    return type;
}

static void check_utf8(hid_t type)
{
    cr_assert(H5Tis_variable_str(type) > 0);
    cr_assert_eq(H5Tget_cset(type), H5T_CSET_UTF8);
    H5Tclose(type);
}

static void check_ascii(hid_t type, size_t size)
{
    cr_assert_eq(H5Tis_variable_str(type), 0);
    cr_assert_eq(H5Tget_cset(type), H5T_CSET_ASCII);
    cr_assert_eq(H5Tget_size(type), size);
    H5Tclose(type);
}

/* What Octave reads, where it can be. */
Test(save, plain_texts_have_their_own_length_and_others_are_utf8_of_variable_length)
{
    hid_t attribute = H5Aopen_by_name(file, "/", "NX_class", H5P_DEFAULT, H5P_DEFAULT);
    check_utf8(H5Aget_type(attribute));
    H5Aclose(attribute);
    check_ascii(type_of("/spec"), sizeof "study: x\n");
    check_ascii(type_of("/provenance/nobody"), 2);
    check_utf8(type_of("/provenance/host"));
    check_utf8(type_of("/provenance/names"));
}

Test(save, no_object_has_a_time_stamp)
{
    static const char *const paths[] = {"/", "/curves", "/curves/train_loss", "/curves/axis_3",
                                        "/spec"};
    for (int i = 0; i < 5; i++) {
        H5O_info_t info;
        cr_assert(H5Oget_info_by_name2(file, paths[i], &info, H5O_INFO_TIME, H5P_DEFAULT) >= 0);
        cr_assert(info.mtime == 0 && info.ctime == 0 && info.btime == 0, "%s", paths[i]);
    }
}
