#include "store/dataset.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/text.h"
#include "store/dataset_text.h"
#include "store/foreign.h"
#include "store/handover.h"
#include "store/hdf5.h"
#include "store/storage.h"

enum { NAMES_SHOWN = 12, CHUNK_SLACK = 64 << 20, CHUNK_COPIES = 6 };

/* What a child is asked for. */
struct wanted {
    const char *path, *dataset;
    double most; /* bytes of memory */
};

/* ---- messages ---- */

static basin_status array_refuse(const char *path, const char *dataset, const char *what)
{
    error_raise(BASIN_DATA, "%s: dataset \"%s\" %s", path, dataset, what);
    error_place(path, 0, 0);
    return BASIN_DATA;
}

struct listing {
    struct text *names;
    int count;
};

static herr_t list_dataset(hid_t file, const char *name, const H5O_info_t *info, void *data)
{
    (void)file;
    struct listing *listing = data;
    if (info->type != H5O_TYPE_DATASET) return 0;
    if (listing->count < NAMES_SHOWN)
        text_format(listing->names, "%s\"%s\"", listing->count ? ", " : "", name);
    if (listing->count == NAMES_SHOWN) text_append(listing->names, ", ...");
    listing->count++;
    return 0;
}

static basin_status refuse_missing(hid_t file, const char *path, const char *dataset)
{
    struct text names = {0};
    struct listing listing = {.names = &names};
    H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_INC, list_dataset, &listing, H5O_INFO_BASIC);
    H5Eclear2(H5E_DEFAULT);
    error_raise(BASIN_DATA, "there is no dataset \"%s\" in this file", dataset);
    error_hint("%s has %s", path, listing.count ? text_data(&names) : "no datasets at all");
    text_free(&names);
    return BASIN_DATA;
}

/* ---- opening ---- */

static basin_status raise_placed(const char *path, const char *what)
{
    hdf5_raise(BASIN_DATA, path, what);
    error_place(path, 0, 0);
    return BASIN_DATA;
}

/* ---- reading ---- */

/* How elements are read; 8-byte unsigned ones keep their type in memory until their range has been
 * checked. Of an enumeration (h5py's booleans are one) the numbers are read: they are no pixels,
 * however narrow. */
static bool choose_type(hid_t type, enum record_type *out, hid_t *as)
{
    H5T_class_t kind = H5Tget_class(type);
    hid_t base = kind == H5T_ENUM ? H5Tget_super(type) : H5Tcopy(type);
    size_t size = H5Tget_size(base);
    bool is_signed = H5Tget_class(base) == H5T_INTEGER && H5Tget_sign(base) == H5T_SGN_2;
    H5Tclose(base);
    switch (kind) {
    case H5T_FLOAT:
        *out = size <= sizeof(float) ? RECORD_FLOAT32 : RECORD_FLOAT64;
        *as = size <= sizeof(float) ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
        return true;
    case H5T_STRING:
        *out = RECORD_TEXT;
        return true;
    case H5T_INTEGER:
    case H5T_ENUM:
        *out = size == 1 && !is_signed && kind == H5T_INTEGER ? RECORD_BYTE : RECORD_INTEGER;
        *as = *out == RECORD_BYTE ? H5T_NATIVE_UINT8
              : is_signed         ? H5T_NATIVE_INT64
                                  : H5T_NATIVE_UINT64;
        return size <= sizeof(int64_t);
    default:
        return false;
    }
}

static basin_status refuse_type(hid_t type, const char *path, const char *dataset)
{
    static const char *const kinds[H5T_NCLASSES] = {[H5T_COMPOUND] = "records of several fields",
                                                    [H5T_REFERENCE] = "references",
                                                    [H5T_VLEN] = "lists of various lengths",
                                                    [H5T_OPAQUE] = "opaque bytes",
                                                    [H5T_BITFIELD] = "bit fields",
                                                    [H5T_ARRAY] = "arrays in each element",
                                                    [H5T_TIME] = "times",
                                                    [H5T_INTEGER] =
                                                        "integers of more than 64 bits"};
    H5T_class_t kind = H5Tget_class(type);
    char what[96];
    snprintf(what, sizeof what, "holds %s; integers, booleans, floats and texts can be read",
             kind >= 0 && kind < H5T_NCLASSES && kinds[kind] ? kinds[kind]
                                                             : "elements of a type unknown here");
    return array_refuse(path, dataset, what);
}

static basin_status check_range(const struct store_array *array, size_t count, const char *path,
                                const char *dataset)
{
    const uint64_t *values = array->data;
    for (size_t i = 0; i < count; i++)
        if (values[i] > INT64_MAX) {
            char what[96];
            snprintf(what, sizeof what,
                     "holds %" PRIu64 " at element %zu, too large for 64 bits with a sign",
                     values[i], i);
            return array_refuse(path, dataset, what);
        }
    return BASIN_OK;
}

/* Asks for the size before anything is read: a damaged file may claim more than any memory holds,
 * and a small one that is compressed may hold more than is wanted. */
static basin_status array_measure(hid_t space, const struct wanted *wanted,
                                  struct store_array *array, size_t *count)
{
    hsize_t dims[H5S_MAX_RANK];
    char what[128];
    array->rank = H5Sget_simple_extent_ndims(space);
    if (array->rank < 1 || array->rank > ARRAY_RANK) {
        snprintf(what, sizeof what, "has %d dimensions; 1 to %d can be read", array->rank,
                 ARRAY_RANK);
        return array_refuse(wanted->path, wanted->dataset, what);
    }
    H5Sget_simple_extent_dims(space, dims, NULL);
    double bytes = array->type == RECORD_TEXT ? 1 : (double)record_element_size(array->type);
    *count = 1;
    for (int i = 0; i < array->rank; i++) {
        if (dims[i] == 0) return array_refuse(wanted->path, wanted->dataset, "is empty");
        bytes *= (double)dims[i];
        *count *= array->dims[i] = (size_t)dims[i];
    }
    if (bytes <= wanted->most) return BASIN_OK;
    struct text name = {0};
    text_format(&name, "dataset \"%s\"", wanted->dataset);
    basin_status status = store_array_room(wanted->path, text_data(&name), bytes, wanted->most);
    text_free(&name);
    return status;
}

/* To memory that the parent of this process sees too. */
static basin_status read_elements(hid_t id, hid_t as, size_t count, int shared, const char *path,
                                  const char *dataset, struct store_array *array)
{
    TRY(handover_room(shared, count * record_element_size(array->type), &array->data));
    basin_status status = BASIN_OK;
    if (H5Dread(id, as, H5S_ALL, H5S_ALL, H5P_DEFAULT, array->data) < 0) {
        struct text what = {0};
        text_format(&what, "cannot read dataset \"%s\"", dataset);
        status = raise_placed(path, text_data(&what));
        text_free(&what);
    } else if (H5Tequal(as, H5T_NATIVE_UINT64) > 0) {
        status = check_range(array, count, path, dataset);
    }
    return status;
}

/* The elements, and what libhdf5 needs of a chunk on its way through the filters; more than that a
 * chunk only takes in a file that wants to do harm. */
static double reading_bytes(hid_t id, const struct store_array *array, size_t count)
{
    double bytes = (double)count * (double)record_element_size(array->type);
    return bytes + CHUNK_COPIES * fmin(storage_chunk_bytes(id), bytes + CHUNK_SLACK);
}

static basin_status array_read_texts(hid_t id, size_t count, int shared,
                                     const struct wanted *wanted, struct store_array *array)
{
    TRY(storage_check(id, wanted->path, wanted->dataset));
    basin_status status = dataset_texts_read(id, count, wanted->most, shared, array);
    if (status != BASIN_DATA) return status;
    error_prefix("%s: dataset \"%s\"", wanted->path, wanted->dataset);
    error_place(wanted->path, 0, 0);
    return BASIN_DATA;
}

static basin_status array_read_dataset(hid_t id, int shared, const struct wanted *wanted,
                                       struct store_array *array)
{
    hid_t type = H5Dget_type(id), space = H5Dget_space(id), as = H5I_INVALID_HID;
    size_t count = 0;
    basin_status status = choose_type(type, &array->type, &as)
                              ? array_measure(space, wanted, array, &count)
                              : refuse_type(type, wanted->path, wanted->dataset);
    H5Sclose(space);
    H5Tclose(type);
    TRY(status);
    if (array->type == RECORD_TEXT) return array_read_texts(id, count, shared, wanted, array);
    foreign_allow(reading_bytes(id, array, count));
    TRY(storage_check(id, wanted->path, wanted->dataset));
    return read_elements(id, as, count, shared, wanted->path, wanted->dataset, array);
}

/* What MATLAB says of a dataset: its class, and that it has no elements but their number. */
static basin_status look_for_matlab(hid_t id, const struct wanted *wanted,
                                    struct store_array *array)
{
    if (H5Aexists(id, "MATLAB_empty") > 0)
        return array_refuse(wanted->path, wanted->dataset, "is empty");
    if (H5Aexists(id, "MATLAB_class") <= 0) return BASIN_OK;
    hid_t attribute = H5Aopen(id, "MATLAB_class", H5P_DEFAULT), type = H5Aget_type(attribute),
          space = H5Aget_space(attribute);
    bool fits = H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 &&
                H5Tget_size(type) < MATLAB_CLASS && H5Sget_simple_extent_npoints(space) == 1;
    if (!fits || H5Aread(attribute, type, array->matlab_class) < 0) *array->matlab_class = 0;
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return BASIN_OK;
}

/* Of labels that this program wrote: some of the classes may have no example. */
static size_t look_for_classes(hid_t id)
{
    int64_t classes = 0;
    if (H5Aexists(id, "class_count") <= 0) return 0;
    hid_t attribute = H5Aopen(id, "class_count", H5P_DEFAULT), type = H5Aget_type(attribute),
          space = H5Aget_space(attribute);
    bool fits = H5Tget_class(type) == H5T_INTEGER && H5Sget_simple_extent_npoints(space) == 1;
    if (!fits || H5Aread(attribute, H5T_NATIVE_INT64, &classes) < 0) classes = 0;
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return classes > 0 ? (size_t)classes : 0;
}

static basin_status read_from(hid_t file, int shared, const struct wanted *wanted,
                              struct store_array *array)
{
    if (!storage_has_dataset(file, wanted->dataset))
        return refuse_missing(file, wanted->path, wanted->dataset);
    hid_t id = storage_open_dataset(file, wanted->dataset);
    if (id < 0) return raise_placed(wanted->path, "cannot open a dataset");
    basin_status status = look_for_matlab(id, wanted, array);
    array->classes = look_for_classes(id);
    if (status == BASIN_OK) status = array_read_dataset(id, shared, wanted, array);
    H5Dclose(id);
    return status;
}

/* ---- in a child ---- */

static basin_status read_in_child(const void *context, void *result, int shared)
{
    const struct wanted *wanted = context;
    storage_isolate();
    hid_t file = storage_open_file(wanted->path);
    if (file < 0) return raise_placed(wanted->path, "this is not a readable HDF5 file");
    basin_status status = read_from(file, shared, wanted, result);
    H5Fclose(file);
    return status;
}

basin_status store_dataset_read(const char *path, const char *dataset, double most,
                                struct store_array *array)
{
    _Static_assert(sizeof *array <= FOREIGN_RESULT,
                   "an array's description fits into what a child hands over");
    struct wanted wanted = {.path = path, .dataset = dataset, .most = store_array_most(most)};
    struct foreign foreign = {.path = path,
                              .library = "libhdf5",
                              .read = read_in_child,
                              .context = &wanted,
                              .result_size = sizeof *array};
    struct store_array read = {0};
    int shared;
    *array = (struct store_array){0};
    TRY(store_array_file(path, "an HDF5 file"));
    hdf5_enter();
    basin_status status = foreign_read(&foreign, &read, &shared);
    hdf5_leave();
    if (status != BASIN_OK) return status;
    struct text what = {0};
    text_format(&what, "dataset \"%s\"", dataset);
    status = handover_take(path, text_data(&what), foreign.library, shared, &read);
    text_free(&what);
    if (status == BASIN_OK) *array = read;
    return status;
}
