/* HDF5 image -> record. */
#include "store/image.h"

#include <stdio.h>
#include <string.h>
#include "store/hdf5.h"

struct reader {
    struct record *record;
    const char *path; /* of the file, for messages */
    size_t most;
    hid_t file;
    struct arena *scratch;
};

static basin_status load_fail(const struct reader *reader, const char *item)
{
    char what[256];
    snprintf(what, sizeof what, "cannot read %s", item);
    return hdf5_raise(BASIN_DAMAGED, reader->path, what);
}

static basin_status foreign(const struct reader *reader, const char *item, const char *what)
{
    return error_raise(BASIN_DATA, "%s: %s has %s, which no result file has", reader->path, item,
                       what);
}

/* ---- names, in order of creation ---- */

struct names {
    struct arena *arena;
    bool failed; /* memory is short */
    struct name {
        const char *text;
        struct name *next;
    } * first, **tail;
};

static void names_start(struct names *names, struct arena *arena)
{
    *names = (struct names){.arena = arena};
    names->tail = &names->first;
}

static herr_t names_add(struct names *names, const char *text)
{
    struct name *name = arena_allocate(names->arena, sizeof *name);
    names->failed = !name || !(name->text = arena_text(names->arena, text));
    if (names->failed) return -1;
    *names->tail = name;
    names->tail = &name->next;
    return 0;
}

static herr_t add_link(hid_t group, const char *name, const H5L_info_t *info, void *names)
{
    (void)group;
    (void)info;
    return names_add(names, name);
}

static herr_t add_attribute(hid_t object, const char *name, const H5A_info_t *info, void *names)
{
    (void)object;
    (void)info;
    return names_add(names, name);
}

/* ---- values ---- */

/* The record's type of an HDF5 type, and the type to read it as; false for one that result files do
 * not use. `text` is the variable-length UTF-8 type; texts of fixed length are read as they are. */
static bool record_type_of(hid_t type, hid_t text, enum record_type *out, hid_t *as)
{
    size_t size = H5Tget_size(type);
    switch (H5Tget_class(type)) {
    case H5T_FLOAT:
        *out = size == sizeof(float) ? RECORD_FLOAT32 : RECORD_FLOAT64;
        *as = size == sizeof(float) ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
        return size == sizeof(float) || size == sizeof(double);
    case H5T_INTEGER:
        *out = size == 1 ? RECORD_BYTE : RECORD_INTEGER;
        *as = size == 1 ? H5T_NATIVE_UINT8 : H5T_NATIVE_INT64;
        return size == 1 || size == sizeof(int64_t);
    case H5T_STRING:
        *out = RECORD_TEXT;
        *as = H5Tis_variable_str(type) > 0 ? text : type;
        return true;
    default:
        return false;
    }
}

struct values {
    enum record_type type;
    int rank;
    size_t dims[RECORD_RANK], count;
    void *data;
};

/* libhdf5 gives texts memory of its own and may give NULL for an empty one: copy them, give the
 * memory back. */
static basin_status own_texts(struct arena *arena, struct values *values, hid_t text, hid_t space)
{
    char **given = values->data, **owned = arena_array(arena, char *, values->count + 1);
    basin_status status = owned ? BASIN_OK : BASIN_MEMORY;
    for (size_t i = 0; status == BASIN_OK && i < values->count; i++)
        if (!(owned[i] = arena_text(arena, given[i] ? given[i] : ""))) status = BASIN_MEMORY;
    H5Dvlen_reclaim(text, space, H5P_DEFAULT, given);
    values->data = owned;
    return status;
}

/* Texts of one fixed length lie one behind the other; a 0 behind the longest is not promised. */
static basin_status own_fixed_texts(struct arena *arena, struct values *values, size_t size)
{
    const char *given = values->data;
    char **owned = arena_array(arena, char *, values->count + 1);
    if (!owned) return BASIN_MEMORY;
    for (size_t i = 0; i < values->count; i++)
        if (!(owned[i] = arena_text_n(arena, given + i * size, strnlen(given + i * size, size))))
            return BASIN_MEMORY;
    values->data = owned;
    return BASIN_OK;
}

static bool describe_space(hid_t space, struct values *values)
{
    hsize_t dims[H5S_MAX_RANK];
    values->rank = H5Sget_simple_extent_ndims(space);
    if (values->rank < 0 || values->rank > RECORD_RANK ||
        H5Sget_simple_extent_type(space) == H5S_NULL)
        return false;
    H5Sget_simple_extent_dims(space, dims, NULL);
    values->count = 1;
    for (int i = 0; i < values->rank; i++) values->count *= values->dims[i] = (size_t)dims[i];
    return true;
}

typedef herr_t (*read_function)(hid_t object, hid_t type, void *data);

static herr_t read_dataset_values(hid_t dataset, hid_t type, void *data)
{
    return H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
}

/* `as` is the type in memory, `text` that of texts of variable length. */
static basin_status read_space(struct reader *reader, const char *name, hid_t object, hid_t as,
                               hid_t text, hid_t space, read_function read, struct values *values)
{
    size_t size = H5Tget_size(as);
    values->data = arena_allocate(reader->scratch, (values->count + 1) * size);
    if (!values->data) return BASIN_MEMORY;
    if (values->count && read(object, as, values->data) < 0) return load_fail(reader, name);
    if (values->type != RECORD_TEXT) return BASIN_OK;
    return as == text ? own_texts(reader->scratch, values, text, space)
                      : own_fixed_texts(reader->scratch, values, size);
}

static basin_status read_values(struct reader *reader, const char *name, hid_t object, hid_t type,
                                hid_t space, read_function read, struct values *values)
{
    hid_t as, text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, H5T_VARIABLE);
    H5Tset_cset(text, H5T_CSET_UTF8);
    basin_status status = BASIN_OK;
    if (!record_type_of(type, text, &values->type, &as))
        status = foreign(reader, name, "a type");
    else if (!describe_space(space, values))
        status = foreign(reader, name, "a shape");
    else if (values->count <= reader->most)
        status = read_space(reader, name, object, as, text, space, read, values);
    H5Tclose(text);
    return status;
}

/* ---- attributes ---- */

static bool is_reserved(const char *name)
{
    static const char *const reserved[] = {
        "CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LIST", "DIMENSION_LABELS", "_FillValue"};
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcmp(name, reserved[i]) == 0) return true;
    return false;
}

/* Attributes of a record are of three types: numbers are widened. */
static basin_status widen(struct reader *reader, struct values *values)
{
    if (values->type == RECORD_FLOAT64 || values->type == RECORD_INTEGER ||
        values->type == RECORD_TEXT)
        return BASIN_OK;
    struct record_item narrow = {.type = values->type, .data = values->data};
    double *wide = arena_array(reader->scratch, double, values->count + 1);
    if (!wide) return BASIN_MEMORY;
    for (size_t i = 0; i < values->count; i++) wide[i] = record_number(&narrow, i);
    values->data = wide;
    values->type = RECORD_FLOAT64;
    return BASIN_OK;
}

static basin_status read_attribute(struct reader *reader, hid_t object, const char *name,
                                   struct record_item *item)
{
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0) return load_fail(reader, name);
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    struct values values = {0};
    size_t most = reader->most;
    reader->most = (size_t)-1;
    basin_status status = read_values(reader, name, attribute, type, space, H5Aread, &values);
    reader->most = most;
    H5Tclose(type);
    H5Sclose(space);
    H5Aclose(attribute);
    if (status == BASIN_OK && values.rank > 1) status = foreign(reader, name, "a shape");
    if (status == BASIN_OK) status = widen(reader, &values);
    if (status != BASIN_OK) return status;
    return record_attribute_add(reader->record, item, name, values.type,
                                values.rank ? values.count : 0, values.data);
}

static basin_status read_attributes(struct reader *reader, hid_t object, struct record_item *item)
{
    struct names names;
    names_start(&names, reader->scratch);
    if (H5Aiterate2(object, H5_INDEX_CRT_ORDER, H5_ITER_INC, NULL, add_attribute, &names) < 0)
        return names.failed ? BASIN_MEMORY : load_fail(reader, item->path);
    for (struct name *name = names.first; name; name = name->next)
        if (!is_reserved(name->text)) TRY(read_attribute(reader, object, name->text, item));
    return BASIN_OK;
}

/* ---- axes ---- */

static bool is_bare(hid_t scale)
{
    char name[sizeof HDF5_BARE_DIMENSION] = "";
    return H5DSis_scale(scale) > 0 && H5DSget_scale_name(scale, name, sizeof name) > 0 &&
           strcmp(name, HDF5_BARE_DIMENSION) == 0;
}

struct axis {
    struct arena *arena;
    const char *name; /* NULL: memory is short */
};

/* The first scale of an axis gives its name; a bare dimension that save.c named by its size gives
 * none. */
static herr_t name_axis(hid_t dataset, unsigned dimension, hid_t scale, void *data)
{
    (void)dataset;
    (void)dimension;
    struct axis *axis = data;
    char path[1024] = "";
    if (H5Iget_name(scale, path, sizeof path) <= 0) return -1;
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    if (is_bare(scale) && strncmp(name, "axis_", 5) == 0) name = "";
    axis->name = arena_text(axis->arena, name);
    return axis->name ? 1 : -1;
}

static basin_status read_axes(struct reader *reader, hid_t dataset, const char *path, int rank,
                              const char **axes)
{
    bool scale = rank == 1 && H5DSis_scale(dataset) > 0;
    for (int i = 0; i < rank; i++) {
        struct axis axis = {.arena = reader->scratch, .name = scale ? strrchr(path, '/') + 1 : ""};
        if (!scale && H5DSget_num_scales(dataset, (unsigned)i) > 0 &&
            H5DSiterate_scales(dataset, (unsigned)i, NULL, name_axis, &axis) < 0)
            return axis.name ? load_fail(reader, path) : BASIN_MEMORY;
        axes[i] = axis.name;
    }
    return BASIN_OK;
}

/* ---- the tree ---- */

static basin_status load_read_dataset(struct reader *reader, hid_t dataset, const char *path)
{
    if (is_bare(dataset)) return BASIN_OK;
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    struct values values = {0};
    const char *axes[RECORD_RANK];
    struct record_item *item;
    basin_status status =
        read_values(reader, path, dataset, type, space, read_dataset_values, &values);
    H5Tclose(type);
    H5Sclose(space);
    if (status != BASIN_OK || values.count > reader->most) return status;
    TRY(read_axes(reader, dataset, path, values.rank, axes));
    TRY(record_add(reader->record, path, values.type, values.rank, values.dims, axes, values.data,
                   &item));
    return read_attributes(reader, dataset, item);
}

static basin_status read_group(struct reader *reader, hid_t group, const char *path);

static basin_status read_object(struct reader *reader, hid_t group, const char *folder,
                                const char *name)
{
    char *path =
        arena_format(reader->scratch, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, name);
    if (!path) return BASIN_MEMORY;
    hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    if (object < 0) return load_fail(reader, path);
    basin_status status;
    switch (H5Iget_type(object)) {
    case H5I_GROUP:
        status = read_group(reader, object, path);
        break;
    case H5I_DATASET:
        status = load_read_dataset(reader, object, path);
        break;
    default:
        status = foreign(reader, path, "a kind");
    }
    H5Oclose(object);
    return status;
}

static basin_status read_group(struct reader *reader, hid_t group, const char *path)
{
    struct record_item *item;
    struct names names;
    TRY(record_group(reader->record, path, &item));
    TRY(read_attributes(reader, group, item));
    names_start(&names, reader->scratch);
    if (H5Literate(group, H5_INDEX_CRT_ORDER, H5_ITER_INC, NULL, add_link, &names) < 0)
        return names.failed ? BASIN_MEMORY : load_fail(reader, path);
    for (struct name *name = names.first; name; name = name->next)
        TRY(read_object(reader, group, path, name->text));
    return BASIN_OK;
}

static basin_status load_read_file(struct reader *reader)
{
    hid_t root = H5Gopen2(reader->file, "/", H5P_DEFAULT);
    if (root < 0) return load_fail(reader, "/");
    basin_status status = read_group(reader, root, "/");
    H5Gclose(root);
    return status;
}

/* The core driver on a copy of the image. It wants a name that no file has: nothing can lie below
 * /dev/null. */
static hid_t load_file_open(const uint8_t *bytes, size_t length)
{
    hid_t access = H5Pcreate(H5P_FILE_ACCESS), file = -1;
    H5Pset_fapl_core(access, 64 << 10, 0);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    if (H5Pset_file_image(access, (void *)bytes, length) >= 0)
        file = hdf5_checked(H5Fopen("/dev/null/image", H5F_ACC_RDONLY, access));
    H5Pclose(access);
    return file;
}

basin_status image_read(const uint8_t *bytes, size_t length, const char *path, size_t most,
                        struct arena *arena, struct record **record)
{
    struct reader reader = {.path = path, .most = most};
    TRY(record_create(arena, record));
    TRY(arena_create(&reader.scratch));
    reader.record = *record;
    reader.file = load_file_open(bytes, length);
    basin_status status =
        reader.file < 0 ? hdf5_raise(BASIN_DAMAGED, path, "cannot open") : load_read_file(&reader);
    if (reader.file >= 0) H5Fclose(reader.file);
    arena_destroy(reader.scratch);
    return status;
}
