/* HDF5 image -> record. libhdf5 has no part in it: see layout.h. */
#include "store/image.h"

#include <stdlib.h>
#include "base/list.h"
#include "store/heap.h"
#include "store/values.h"

/* An object of the file: a group or an array. */
struct object {
    const char *path;
    uint64_t address; /* of its header */
    bool is_group;
    struct messages attributes; /* in order of creation */
    struct values values;       /* of an array; the data not there while it is too large */
    bool is_scale, is_bare, is_left_out;
    size_t axes;                  /* that have scales, or LAYOUT_NOWHERE: none or all of them */
    uint64_t scales[RECORD_RANK]; /* addresses of the first scale of each */
};

struct reader {
    struct layout layout;
    size_t most;
    struct object *objects; /* in the order in which a record has them */
    size_t count, capacity;
    const struct object **by_address;
};

static basin_status load_refuse(struct reader *reader, const char *item, const char *what)
{
    reader->layout.item = item;
    return layout_refuse(&reader->layout, what);
}

/* ---- messages ---- */

static const struct message *find_message(const struct messages *messages, int type)
{
    for (size_t i = 0; i < messages->count; i++)
        if (messages->items[i].type == type) return &messages->items[i];
    return NULL;
}

static int by_order(const void *a, const void *b)
{
    const struct message *x = a, *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

/* Those of one type, and those of a heap, in order of creation. The message `elsewhere` says where
 * the heap is; `order_size`: of a number that it holds about the order. */
static basin_status collect_messages(struct reader *reader, const struct messages *header, int type,
                                     int elsewhere, int order_size, struct messages *collected)
{
    enum { TRACKED = 1, INDEXED = 2 };
    struct layout *layout = &reader->layout;
    const struct message *info = find_message(header, elsewhere);
    *collected = (struct messages){0};
    for (size_t i = 0; i < header->count; i++)
        if (header->items[i].type == type) TRY(layout_append(layout, collected, &header->items[i]));
    if (!info) return BASIN_OK;
    struct cursor at = info->body;
    uint64_t version = cursor_number(&at, 1), flags = cursor_number(&at, 1);
    if (flags & TRACKED) cursor_take(&at, (uint64_t)order_size);
    uint64_t heap = cursor_number(&at, 8);
    cursor_take(&at, 8); /* the index by name */
    uint64_t tree = flags & INDEXED ? cursor_number(&at, 8) : LAYOUT_NOWHERE;
    if (version != 0 || at.failed) return layout_refuse(layout, "a header that is broken");
    if (heap == LAYOUT_NOWHERE) return BASIN_OK;
    return heap_read(layout, heap, tree, type == MESSAGE_LINK ? HEAP_LINKS : HEAP_ATTRIBUTES,
                     collected);
}

/* ---- attributes ---- */

static bool is_of_scales(const char *name)
{
    return strcmp(name, "CLASS") == 0 || strcmp(name, "NAME") == 0 ||
           strcmp(name, "DIMENSION_LIST") == 0;
}

static bool is_of_record(const char *name)
{
    return !is_of_scales(name) && strcmp(name, "REFERENCE_LIST") != 0 &&
           strcmp(name, "DIMENSION_LABELS") != 0 && strcmp(name, "_FillValue") != 0;
}

static bool says(const struct attribute *attribute, const char *name, const char *value)
{
    const struct values *values = &attribute->values;
    return strcmp(attribute->name, name) == 0 && values->kind == VALUES_TEXTS &&
           values->count == 1 && values->size >= strlen(value) &&
           memcmp(values->data.at, value, strlen(value)) == 0;
}

/* Of each axis the first scale is the one that names it. */
static basin_status read_scales(struct reader *reader, const struct values *list,
                                struct object *object)
{
    if (list->kind != VALUES_REFERENCES || list->count > RECORD_RANK || list->count == 0)
        return layout_refuse(&reader->layout, "axes of another kind");
    object->axes = list->count;
    for (size_t i = 0; i < list->count; i++) {
        struct cursor references;
        TRY(values_collected(&reader->layout, list, i, 8, &references));
        object->scales[i] = references.left ? cursor_number(&references, 8) : LAYOUT_NOWHERE;
    }
    return BASIN_OK;
}

static basin_status read_role(struct reader *reader, struct object *object)
{
    for (size_t i = 0; i < object->attributes.count; i++) {
        struct attribute attribute;
        TRY(values_attribute(&reader->layout, object->attributes.items[i].body, is_of_scales,
                             &attribute));
        if (!is_of_scales(attribute.name)) continue;
        object->is_scale = object->is_scale || says(&attribute, "CLASS", "DIMENSION_SCALE");
        object->is_bare = object->is_bare || says(&attribute, "NAME", HDF5_BARE_DIMENSION);
        if (strcmp(attribute.name, "DIMENSION_LIST") == 0)
            TRY(read_scales(reader, &attribute.values, object));
    }
    object->is_bare = object->is_bare && object->is_scale;
    return BASIN_OK;
}

/* Attributes of a record are of three types: numbers are widened. */
static basin_status load_widen(struct reader *reader, const struct values *values,
                               enum record_type *type, const void **data)
{
    size_t count = values->count;
    *type = values->type;
    if (*type != RECORD_FLOAT32 && *type != RECORD_BYTE) return BASIN_OK;
    TRY(layout_spend_made(&reader->layout, count * sizeof(double)));
    void *aligned = arena_allocate(reader->layout.scratch, (count + 1) * values->size);
    double *wide = arena_array(reader->layout.scratch, double, count + 1);
    if (!aligned || !wide) return BASIN_MEMORY;
    if (count) memcpy(aligned, *data, count * values->size);
    struct record_item narrow = {.type = *type, .data = aligned};
    for (size_t i = 0; i < count; i++) wide[i] = record_number(&narrow, i);
    *data = wide;
    *type = RECORD_FLOAT64;
    return BASIN_OK;
}

static basin_status add_attribute(struct reader *reader, const struct attribute *attribute,
                                  struct record *record, struct record_item *item)
{
    enum record_type type;
    const void *data;
    const struct values *values = &attribute->values;
    if (values->kind == VALUES_REFERENCES) return layout_refuse(&reader->layout, "a type");
    if (values->rank > 1 || (values->rank == 1 && values->count == 0))
        return layout_refuse(&reader->layout, "a shape");
    if (record_attribute_find(item, attribute->name))
        return layout_refuse(&reader->layout, "two attributes of one name");
    TRY(values_take(&reader->layout, values, &data));
    TRY(load_widen(reader, values, &type, &data));
    return record_attribute_add(record, item, attribute->name, type,
                                values->rank ? values->count : 0, data);
}

static basin_status add_attributes(struct reader *reader, const struct object *object,
                                   struct record *record, struct record_item *item)
{
    for (size_t i = 0; i < object->attributes.count; i++) {
        struct attribute attribute;
        TRY(values_attribute(&reader->layout, object->attributes.items[i].body, is_of_record,
                             &attribute));
        if (is_of_record(attribute.name)) TRY(add_attribute(reader, &attribute, record, item));
    }
    return BASIN_OK;
}

/* ---- arrays ---- */

/* One piece of this file. */
static basin_status read_storage(struct reader *reader, struct cursor storage,
                                 struct values *values)
{
    enum { VERSION = 3, CONTIGUOUS = 1 };
    uint64_t bytes, version = cursor_number(&storage, 1), kind = cursor_number(&storage, 1);
    TRY(values_bytes(&reader->layout, values, &bytes));
    if (version != VERSION || kind != CONTIGUOUS)
        return layout_refuse(&reader->layout, "values in pieces");
    uint64_t address = cursor_number(&storage, 8), length = cursor_number(&storage, 8);
    values->data = (struct cursor){.at = reader->layout.bytes};
    if (bytes == 0) return BASIN_OK;
    if (storage.failed || length != bytes)
        return layout_refuse(&reader->layout, "values of another length");
    if (address == LAYOUT_NOWHERE) return layout_refuse(&reader->layout, "no values");
    TRY(layout_spend_once(&reader->layout, bytes));
    return layout_piece(&reader->layout, address, bytes, &values->data);
}

static basin_status read_array(struct reader *reader, const struct messages *header,
                               struct object *object)
{
    struct values *values = &object->values;
    const struct message *type = find_message(header, MESSAGE_TYPE),
                         *space = find_message(header, MESSAGE_SPACE),
                         *storage = find_message(header, MESSAGE_STORAGE);
    if (!type || !space || !storage) return layout_refuse(&reader->layout, "a kind");
    if (find_message(header, MESSAGE_EXTERNAL))
        return layout_refuse(&reader->layout, "values in another file");
    if (find_message(header, MESSAGE_FILTERS))
        return layout_refuse(&reader->layout, "compressed values");
    TRY(read_role(reader, object));
    TRY(object->is_bare ? values_shape(&reader->layout, space->body, values)
                        : values_describe(&reader->layout, type->body, space->body, values));
    if (values->kind == VALUES_REFERENCES) return layout_refuse(&reader->layout, "a type");
    if (object->axes != 0 && object->axes != (size_t)values->rank)
        return layout_refuse(&reader->layout, "axes of another kind");
    object->is_left_out = values->count > reader->most;
    return object->is_bare ? BASIN_OK : read_storage(reader, storage->body, values);
}

/* ---- the tree ---- */

enum { DEPTH_MOST = 8, NAME_MOST = 255 };

struct link {
    const char *name;
    size_t length;
    uint64_t order, address;
};

static basin_status read_link(struct reader *reader, struct cursor body, struct link *link)
{
    enum { SIZE_OF_LENGTH = 3, ORDERED = 4, TYPED = 8, CODED = 16, VERSION = 1, EXTERNAL = 64 };
    uint64_t version = cursor_number(&body, 1), flags = cursor_number(&body, 1),
             type = flags & TYPED ? cursor_number(&body, 1) : 0;
    link->order = flags & ORDERED ? cursor_number(&body, 8) : 0;
    if (flags & CODED) cursor_take(&body, 1);
    uint64_t length = cursor_number(&body, 1 << (flags & SIZE_OF_LENGTH));
    link->name = (const char *)cursor_take(&body, length);
    link->length = (size_t)length;
    link->address = cursor_number(&body, 8);
    if (version != VERSION || !link->name) return layout_refuse(&reader->layout, "a broken link");
    if (type != 0)
        return layout_refuse(&reader->layout,
                             type == EXTERNAL ? "a link into another file" : "a soft link");
    if (body.failed) return layout_refuse(&reader->layout, "a broken link");
    if (length == 0 || length > NAME_MOST || memchr(link->name, '/', link->length) ||
        memchr(link->name, 0, link->length))
        return layout_refuse(&reader->layout, "a link with a name");
    return BASIN_OK;
}

static int links_by_order(const void *a, const void *b)
{
    const struct link *x = a, *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

static basin_status read_object(struct reader *reader, const char *path, uint64_t address,
                                int depth);

static basin_status read_members(struct reader *reader, const struct messages *header,
                                 const char *path, int depth)
{
    struct messages found;
    const char *folder = strcmp(path, "/") == 0 ? "" : path;
    TRY(collect_messages(reader, header, MESSAGE_LINK, MESSAGE_LINKS, 8, &found));
    if (found.count > image_members_read(path))
        return load_refuse(reader, path, "too many members");
    struct link *links = arena_array(reader->layout.scratch, struct link, found.count + 1);
    if (!links) return BASIN_MEMORY;
    for (size_t i = 0; i < found.count; i++) {
        reader->layout.item = path;
        TRY(read_link(reader, found.items[i].body, &links[i]));
    }
    if (found.count) qsort(links, found.count, sizeof *links, links_by_order);
    for (size_t i = 0; i < found.count; i++) {
        TRY(layout_spend_made(&reader->layout, strlen(folder) + links[i].length + 1));
        const char *below = arena_format(reader->layout.scratch, "%s/%.*s", folder,
                                         (int)links[i].length, links[i].name);
        if (!below) return BASIN_MEMORY;
        TRY(read_object(reader, below, links[i].address, depth + 1));
    }
    return BASIN_OK;
}

static basin_status read_object(struct reader *reader, const char *path, uint64_t address,
                                int depth)
{
    struct messages header;
    struct object object = {.path = path, .address = address};
    reader->layout.item = path;
    if (depth > DEPTH_MOST) return layout_refuse(&reader->layout, "groups in groups without end");
    if (reader->count == IMAGE_OBJECTS_READ) return load_refuse(reader, "/", "too many arrays");
    TRY(layout_header(&reader->layout, address, &header));
    object.is_group = find_message(&header, MESSAGE_LINKS);
    if (find_message(&header, MESSAGE_SYMBOLS))
        return layout_refuse(&reader->layout, "another kind of group");
    TRY(collect_messages(reader, &header, MESSAGE_ATTRIBUTE, MESSAGE_ATTRIBUTES, 2,
                         &object.attributes));
    if (object.attributes.count)
        qsort(object.attributes.items, object.attributes.count, sizeof *object.attributes.items,
              by_order);
    if (object.attributes.count > IMAGE_ATTRIBUTES_READ)
        return layout_refuse(&reader->layout, "too many attributes");
    if (!object.is_group) TRY(read_array(reader, &header, &object));
    if (!list_room(reader->layout.scratch, reader->objects, reader->count, 1, reader->capacity))
        return BASIN_MEMORY;
    reader->objects[reader->count++] = object;
    return object.is_group ? read_members(reader, &header, path, depth) : BASIN_OK;
}

/* ---- the record ---- */

static int by_address(const void *a, const void *b)
{
    const struct object *x = *(const struct object *const *)a,
                        *y = *(const struct object *const *)b;
    return (x->address > y->address) - (x->address < y->address);
}

static basin_status sort_objects(struct reader *reader)
{
    reader->by_address = arena_array(reader->layout.scratch, const struct object *, reader->count);
    if (!reader->by_address) return BASIN_MEMORY;
    for (size_t i = 0; i < reader->count; i++) reader->by_address[i] = &reader->objects[i];
    qsort(reader->by_address, reader->count, sizeof *reader->by_address, by_address);
    return BASIN_OK;
}

static const char *last_name(const char *path)
{
    return strrchr(path, '/') + 1;
}

/* A scale is its own axis; the first scale of another array's axis gives it its name, except a bare
 * dimension that save.c named by its size. */
static basin_status axis_name(struct reader *reader, const struct object *object, int axis,
                              const char **name)
{
    struct object wanted = {.address = object->axes ? object->scales[axis] : LAYOUT_NOWHERE};
    const struct object *key = &wanted, **found;
    *name = object->is_scale && object->values.rank == 1 ? last_name(object->path) : "";
    if (object->is_scale || wanted.address == LAYOUT_NOWHERE) return BASIN_OK;
    found =
        bsearch(&key, reader->by_address, reader->count, sizeof *reader->by_address, by_address);
    if (!found || !(*found)->is_scale || (*found)->values.rank != 1 ||
        (*found)->values.dims[0] != object->values.dims[axis])
        return load_refuse(reader, object->path, "an axis whose scale does not fit it");
    const char *scale = last_name((*found)->path);
    if (!(*found)->is_bare || strncmp(scale, "axis_", 5) != 0) *name = scale;
    return BASIN_OK;
}

static basin_status add_object(struct reader *reader, const struct object *object,
                               struct record *record)
{
    const char *axes[RECORD_RANK];
    const struct values *values = &object->values;
    struct record_item *item;
    const void *data;
    reader->layout.item = object->path;
    if (object->is_bare) return BASIN_OK;
    if (strcmp(object->path, "/") != 0 && record_find(record, object->path))
        return layout_refuse(&reader->layout, "the name of another");
    if (object->is_group) {
        TRY(record_group(record, object->path, &item));
        return add_attributes(reader, object, record, item);
    }
    for (int i = 0; i < values->rank; i++) TRY(axis_name(reader, object, i, &axes[i]));
    if (object->is_left_out)
        return record_omit(record, object->path, values->type, values->rank, values->dims, axes);
    TRY(values_take(&reader->layout, values, &data));
    TRY(record_add(record, object->path, values->type, values->rank, values->dims, axes, data,
                   &item));
    return add_attributes(reader, object, record, item);
}

static basin_status read_image(struct reader *reader, struct record *record)
{
    uint64_t root;
    TRY(layout_root(&reader->layout, &root));
    TRY(read_object(reader, "/", root, 0));
    if (!reader->objects[0].is_group) return load_refuse(reader, "/", "a kind");
    TRY(sort_objects(reader));
    for (size_t i = 0; i < reader->count; i++) TRY(add_object(reader, &reader->objects[i], record));
    return BASIN_OK;
}

basin_status image_read(const uint8_t *bytes, size_t length, const char *path, size_t most,
                        struct arena *arena, struct record **record)
{
    struct reader reader = {.most = most};
    struct arena *scratch;
    TRY(record_create(arena, record));
    TRY(arena_create(&scratch));
    layout_start(&reader.layout, bytes, length, path, scratch);
    basin_status status = read_image(&reader, *record);
    arena_destroy(scratch);
    return status;
}
