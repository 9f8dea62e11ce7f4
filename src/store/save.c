/* Record -> HDF5 image. */
#include "store/image.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/text.h"
#include "store/hdf5.h"

/* Small groups and attribute lists stay inside their object's header: smaller files, fewer reads.
 */
enum { COMPACT_LINKS = 64, COMPACT_ATTRIBUTES = 64, INCREMENT = 64 << 10 };

struct saved {
    const char *path;
    const struct record_item *item; /* NULL for a bare dimension */
    hid_t id;
    size_t size;   /* of a scale: its length */
    bool is_scale; /* has been made one */
};

struct writer {
    const struct record *record;
    const char *path; /* of the file, for messages */
    struct arena *scratch;
    hid_t file, text_type, group_plist;
    struct saved *saved; /* in the order of writing; capacity for every item and every axis */
    size_t count;
};

static basin_status save_fail(const struct writer *writer, const char *item)
{
    struct text what = {0};
    text_format(&what, "cannot write %s", item);
    hdf5_raise(BASIN_IO, writer->path, text_data(&what));
    text_free(&what);
    return BASIN_IO;
}

static hid_t memory_type(const struct writer *writer, enum record_type type)
{
    switch (type) {
    case RECORD_FLOAT32:
        return H5T_IEEE_F32LE;
    case RECORD_FLOAT64:
        return H5T_IEEE_F64LE;
    case RECORD_INTEGER:
        return H5T_STD_I64LE;
    case RECORD_BYTE:
        return H5T_STD_U8LE;
    case RECORD_TEXT:
        break;
    }
    return writer->text_type;
}

static hid_t space_make(int rank, const size_t *dims)
{
    hsize_t sizes[RECORD_RANK];
    for (int i = 0; i < rank; i++) sizes[i] = dims[i];
    return rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(rank, sizes, NULL);
}

/* What could not be read back is not written. */
static basin_status too_many(const char *item, const char *what, size_t most)
{
    return error_raise(BASIN_INTERNAL, "%s would have more than %zu %s", item, most, what);
}

/* ---- attributes ---- */

static bool attribute_put(hid_t object, const char *name, hid_t type, int rank, size_t count,
                          const void *data)
{
    hid_t space = space_make(rank, &count);
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    bool good = attribute >= 0 && H5Awrite(attribute, type, data) >= 0;
    if (attribute >= 0) H5Aclose(attribute);
    H5Sclose(space);
    return good;
}

static basin_status write_attributes(const struct writer *writer, const struct record_item *item,
                                     hid_t object)
{
    size_t count = 0;
    for (const struct record_attribute *at = item->attributes; at; at = at->next)
        if (++count > IMAGE_ATTRIBUTES)
            return too_many(item->path, "attributes", IMAGE_ATTRIBUTES);
        else if (!attribute_put(object, at->name, memory_type(writer, at->type), at->count > 0,
                                at->count, at->data))
            return save_fail(writer, item->path);
    return BASIN_OK;
}

/* ---- groups and datasets, depth first ---- */

static struct saved *remember(struct writer *writer, const char *path,
                              const struct record_item *item, hid_t id)
{
    struct saved *saved = &writer->saved[writer->count++];
    *saved = (struct saved){.path = path, .item = item, .id = id};
    return saved;
}

/* NaN marks what is not there (a curve's epochs without evaluation, a diverged run); readers turn
 * it into missing values. */
static bool write_fill_value(const struct writer *writer, const struct record_item *item,
                             hid_t dataset)
{
    const float narrow = NAN;
    const double wide = NAN;
    if (item->type != RECORD_FLOAT32 && item->type != RECORD_FLOAT64) return true;
    if (record_attribute_find(item, "_FillValue")) return true;
    return attribute_put(dataset, "_FillValue", memory_type(writer, item->type), 0, 0,
                         item->type == RECORD_FLOAT32 ? (const void *)&narrow : &wide);
}

static hid_t dataset_plist(const struct record_item *item)
{
    const double nan_value = NAN;
    hid_t plist = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(plist, 0);
    H5Pset_attr_creation_order(plist, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    H5Pset_attr_phase_change(plist, COMPACT_ATTRIBUTES, COMPACT_ATTRIBUTES - 8);
    if (item && (item->type == RECORD_FLOAT32 || item->type == RECORD_FLOAT64))
        H5Pset_fill_value(plist, H5T_NATIVE_DOUBLE, &nan_value);
    return plist;
}

/* A scalar text that is plain ASCII has a type of its own length: Octave's `load` stops at the
 * first text of variable length, or in UTF-8, and loses all that follows. Texts of other
 * characters, and arrays of texts, have no form that it reads. */
static bool is_plain_text(const struct record_item *item)
{
    if (item->type != RECORD_TEXT || item->rank != 0) return false;
    for (const char *at = *(const char *const *)item->data; *at; at++)
        if (*at & 0x80) return false;
    return true;
}

/* With a terminating 0, without which netCDF-C reads on behind the text; of one byte it would be a
 * single character. */
static hid_t plain_text_type(size_t length)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, (length ? length : 1) + 1);
    return type;
}

static basin_status write_typed_dataset(struct writer *writer, const struct record_item *item,
                                        hid_t type, const void *data)
{
    hid_t space = space_make(item->rank, item->dims), plist = dataset_plist(item);
    hid_t id = hdf5_checked(
        H5Dcreate2(writer->file, item->path, type, space, H5P_DEFAULT, plist, H5P_DEFAULT));
    bool good = id >= 0;
    if (good && record_count(item) > 0)
        good = H5Dwrite(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0;
    if (good) good = write_fill_value(writer, item, id);
    if (id >= 0) remember(writer, item->path, item, id);
    H5Pclose(plist);
    H5Sclose(space);
    return good ? write_attributes(writer, item, id) : save_fail(writer, item->path);
}

static basin_status write_dataset(struct writer *writer, const struct record_item *item)
{
    if (!is_plain_text(item))
        return write_typed_dataset(writer, item, memory_type(writer, item->type), item->data);
    static const char nothing[2];
    const char *text = *(const char *const *)item->data;
    hid_t type = plain_text_type(strlen(text));
    basin_status status = write_typed_dataset(writer, item, type, *text ? text : nothing);
    H5Tclose(type);
    return status;
}

static bool is_child(const char *parent, size_t parent_length, const char *path)
{
    if (strncmp(path, parent, parent_length) != 0 || path[parent_length] != '/') return false;
    return path[parent_length + 1] && !strchr(path + parent_length + 1, '/');
}

static basin_status write_children(struct writer *writer, const char *parent);

static basin_status save_write_group(struct writer *writer, const struct record_item *item)
{
    hid_t id = H5Gcreate2(writer->file, item->path, H5P_DEFAULT, writer->group_plist, H5P_DEFAULT);
    if (id < 0) return save_fail(writer, item->path);
    basin_status status = write_attributes(writer, item, id);
    H5Gclose(id);
    return status == BASIN_OK ? write_children(writer, item->path) : status;
}

static basin_status write_children(struct writer *writer, const char *parent)
{
    size_t length = strcmp(parent, "/") == 0 ? 0 : strlen(parent), count = 0,
           most = image_members_most(parent);
    for (const struct record_item *item = writer->record->items; item; item = item->next) {
        if (!is_child(parent, length, item->path)) continue;
        if (++count > most) return too_many(parent, "members", most);
        TRY(item->is_group ? save_write_group(writer, item) : write_dataset(writer, item));
    }
    return BASIN_OK;
}

/* ---- axes ---- */

static struct saved *saved_find(struct writer *writer, const char *path)
{
    for (size_t i = 0; i < writer->count; i++)
        if (strcmp(writer->saved[i].path, path) == 0) return &writer->saved[i];
    return NULL;
}

/* Length of the part of `path` before its last slash: 0 for what lies in the root. */
static size_t folder_length(const char *path)
{
    return (size_t)(strrchr(path, '/') - path);
}

static char *sibling_path(struct writer *writer, const char *path, size_t folder, const char *name)
{
    return arena_format(writer->scratch, "%.*s/%s", (int)folder, path, name);
}

/* Makes the dataset of a record that has an axis' name into its scale. */
static basin_status scale_from_item(struct writer *writer, struct saved *saved, const char *name)
{
    const struct record_item *item = saved->item;
    if (saved->is_scale) return BASIN_OK;
    if (item->rank != 1)
        return error_raise(BASIN_INTERNAL, "%s is the scale of an axis but has rank %d", item->path,
                           item->rank);
    if (H5DSset_scale(saved->id, name) < 0) return save_fail(writer, item->path);
    saved->is_scale = true;
    saved->size = item->dims[0];
    return BASIN_OK;
}

/* An axis without values: what netCDF calls a dimension without a coordinate variable. */
static basin_status bare_dimension(struct writer *writer, const char *path, size_t size,
                                   struct saved **out)
{
    char name[80];
    snprintf(name, sizeof name, "%s%10zu", HDF5_BARE_DIMENSION, size);
    hid_t space = space_make(1, &size), plist = dataset_plist(NULL);
    hid_t id = hdf5_checked(
        H5Dcreate2(writer->file, path, H5T_IEEE_F32BE, space, H5P_DEFAULT, plist, H5P_DEFAULT));
    H5Pclose(plist);
    H5Sclose(space);
    if (id < 0) return save_fail(writer, path);
    *out = remember(writer, path, NULL, id);
    (*out)->is_scale = true;
    (*out)->size = size;
    return H5DSset_scale(id, name) < 0 ? save_fail(writer, path) : BASIN_OK;
}

/* The nearest dataset called `name` in the group of `path` or above; NULL where there is none.
 * Reading programs look for scales on this way too. */
static basin_status named_scale(struct writer *writer, const char *path, const char *name,
                                struct saved **out)
{
    *out = NULL;
    for (size_t folder = folder_length(path);; folder--) {
        char *candidate = sibling_path(writer, path, folder, name);
        if (!candidate) return BASIN_MEMORY;
        *out = saved_find(writer, candidate);
        if (*out || folder == 0) break;
        while (path[folder - 1] != '/') folder--;
    }
    return *out && (*out)->item ? scale_from_item(writer, *out, name) : BASIN_OK;
}

/* "axis_10" for the first axis of 10 without a name, "axis_10_2" for a second one of the same
 * dataset: the size is part of the name, so that two groups never disagree about the size of a
 * dimension. */
static char *bare_name(struct writer *writer, const struct record_item *item, int axis)
{
    int same = 1;
    for (int i = 0; i < axis; i++) same += item->dims[i] == item->dims[axis] && !item->axes[i][0];
    if (same == 1) return arena_format(writer->scratch, "axis_%zu", item->dims[axis]);
    return arena_format(writer->scratch, "axis_%zu_%d", item->dims[axis], same);
}

/* Where a bare dimension goes: into the group of its dataset. Those of weights go into the group
 * above all sets of weights, so that a set holds its parameters and nothing else. */
static size_t bare_folder(const struct record_item *item)
{
    static const char weights[] = "/weights";
    if (strncmp(item->path, weights, sizeof weights - 1) == 0 &&
        item->path[sizeof weights - 1] == '/')
        return sizeof weights - 1;
    return folder_length(item->path);
}

static basin_status attach_axis(struct writer *writer, const struct saved *saved, int axis)
{
    const struct record_item *item = saved->item;
    const char *name = item->axes[axis][0] ? item->axes[axis] : bare_name(writer, item, axis);
    struct saved *scale;
    if (!name) return BASIN_MEMORY;
    TRY(named_scale(writer, item->path, name, &scale));
    if (!scale) {
        char *path = sibling_path(writer, item->path, bare_folder(item), name);
        if (!path) return BASIN_MEMORY;
        TRY(bare_dimension(writer, path, item->dims[axis], &scale));
    }
    if (scale->item == item) return BASIN_OK; /* the scale of its own axis */
    if (scale->size != item->dims[axis])
        return error_raise(BASIN_INTERNAL,
                           "axis %d of %s has %zu elements but its scale %s has %zu", axis,
                           item->path, item->dims[axis], scale->path, scale->size);
    return H5DSattach_scale(saved->id, scale->id, (unsigned)axis) < 0
               ? save_fail(writer, item->path)
               : BASIN_OK;
}

/* Is the item named as the axis of another? Then it becomes a scale, and must not be given scales
 * itself. */
static bool is_coordinate(const struct writer *writer, const struct record_item *item)
{
    const char *name = item->path + folder_length(item->path) + 1;
    if (item->rank != 1) return false;
    for (size_t i = 0; i < writer->count; i++) {
        const struct record_item *other = writer->saved[i].item;
        for (int axis = 0; other && axis < other->rank; axis++)
            if (strcmp(other->axes[axis], name) == 0 &&
                strncmp(other->path, item->path, folder_length(item->path) + 1) == 0)
                return true;
    }
    return false;
}

/* A dataset that is the only one on its own axis is a scale all the same: readers want one. */
static basin_status lone_coordinates(struct writer *writer, size_t datasets)
{
    for (size_t i = 0; i < datasets; i++) {
        const struct record_item *item = writer->saved[i].item;
        const char *name = item->path + folder_length(item->path) + 1;
        if (item->rank == 1 && strcmp(item->axes[0], name) == 0)
            TRY(scale_from_item(writer, &writer->saved[i], name));
    }
    return BASIN_OK;
}

static basin_status attach_axes(struct writer *writer)
{
    size_t datasets = writer->count; /* bare dimensions are added behind */
    for (size_t i = 0; i < datasets; i++) {
        const struct record_item *item = writer->saved[i].item;
        if (is_coordinate(writer, item)) continue;
        for (int axis = 0; axis < item->rank; axis++)
            TRY(attach_axis(writer, &writer->saved[i], axis));
    }
    return lone_coordinates(writer, datasets);
}

/* ---- the file ---- */

size_t image_members_most(const char *group)
{
    static const char weights[] = "/weights/";
    return strncmp(group, weights, sizeof weights - 1) == 0 ? IMAGE_OBJECTS : IMAGE_MEMBERS;
}

/* The bare dimensions of all sets of weights stand beside the sets. */
size_t image_members_read(const char *group)
{
    if (strcmp(group, "/weights") == 0) return IMAGE_OBJECTS_READ;
    return image_members_most(group) * (1 + RECORD_RANK);
}

static basin_status save_reserve(struct writer *writer, size_t *bytes)
{
    size_t room = 0;
    *bytes = 0;
    if (writer->record->count > IMAGE_OBJECTS) return too_many("/", "arrays", IMAGE_OBJECTS);
    for (const struct record_item *item = writer->record->items; item; item = item->next) {
        room += 1 + (size_t)item->rank;
        if (!item->is_group) *bytes += record_count(item) * record_element_size(item->type) + 1024;
    }
    writer->saved = arena_array(writer->scratch, struct saved, room);
    return writer->saved ? BASIN_OK : BASIN_MEMORY;
}

static void group_settings(hid_t plist)
{
    H5Pset_obj_track_times(plist, 0);
    H5Pset_link_creation_order(plist, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    H5Pset_attr_creation_order(plist, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    H5Pset_link_phase_change(plist, COMPACT_LINKS, COMPACT_LINKS - 16);
    H5Pset_attr_phase_change(plist, COMPACT_ATTRIBUTES, COMPACT_ATTRIBUTES - 8);
}

/* Fixed library bounds make files that every HDF5 since 1.8 reads and that are never marked as open
 * for writing. With 1.8 as the lower bound too, the superblock has a checksum that
 * H5Fget_file_image of HDF5 1.10 leaves wrong (it clears the status byte under it): such an image
 * cannot be opened. */
static hid_t file_create(const char *path, size_t bytes)
{
    hid_t access = H5Pcreate(H5P_FILE_ACCESS), create = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_fapl_core(access, bytes / 16 > INCREMENT ? bytes / 16 : INCREMENT, 0);
    H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, H5F_LIBVER_V18);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    group_settings(create);
    hid_t file = hdf5_checked(H5Fcreate(path, H5F_ACC_TRUNC, create, access));
    H5Pclose(access);
    H5Pclose(create);
    return file;
}

static basin_status write_record(struct writer *writer)
{
    hid_t root = H5Gopen2(writer->file, "/", H5P_DEFAULT);
    if (root < 0) return save_fail(writer, "/");
    basin_status status = write_attributes(writer, writer->record->items, root);
    H5Gclose(root);
    if (status == BASIN_OK) status = write_children(writer, "/");
    if (status == BASIN_OK) status = attach_axes(writer);
    for (size_t i = 0; i < writer->count; i++) H5Dclose(writer->saved[i].id);
    return status;
}

static basin_status take_image(const struct writer *writer, size_t room, uint8_t **bytes,
                               size_t *length)
{
    if (H5Fflush(writer->file, H5F_SCOPE_GLOBAL) < 0) return save_fail(writer, "the image");
    ssize_t size = H5Fget_file_image(writer->file, NULL, 0);
    if (size <= 0) return save_fail(writer, "the image");
    *bytes = memory_allocate((size_t)size + room);
    if (!*bytes) return BASIN_MEMORY;
    *length = (size_t)size + room;
    if (H5Fget_file_image(writer->file, *bytes, (size_t)size) == size) return BASIN_OK;
    memory_free(*bytes);
    return save_fail(writer, "the image");
}

static basin_status save_make(struct writer *writer, size_t room, uint8_t **bytes, size_t *length)
{
    size_t estimate;
    TRY(save_reserve(writer, &estimate));
    writer->file = file_create(writer->path, estimate);
    if (writer->file < 0) return save_fail(writer, "the image");
    writer->text_type = H5Tcopy(H5T_C_S1);
    H5Tset_size(writer->text_type, H5T_VARIABLE);
    H5Tset_cset(writer->text_type, H5T_CSET_UTF8);
    writer->group_plist = H5Pcreate(H5P_GROUP_CREATE);
    group_settings(writer->group_plist);
    basin_status status = write_record(writer);
    if (status == BASIN_OK) status = take_image(writer, room, bytes, length);
    H5Pclose(writer->group_plist);
    H5Tclose(writer->text_type);
    H5Fclose(writer->file);
    return status;
}

basin_status image_make(const struct record *record, const char *path, size_t room, uint8_t **bytes,
                        size_t *length)
{
    struct writer writer = {.record = record, .path = path};
    TRY(arena_create(&writer.scratch));
    basin_status status = save_make(&writer, room, bytes, length);
    arena_destroy(writer.scratch);
    return status;
}
