#include "formats/safetensors_file.h"

#include <string.h>
#include "base/json.h"
#include "base/text.h"
#include "formats/elements.h"

/* HEADER_MOST: the limit of the format itself. */
enum { PREFIX = 8, HEADER_MOST = 100000000, NAMES_SHOWN = 12 };

static const char metadata_key[] = "__metadata__";

static const struct {
    const char *name;
    struct element_format format;
} dtypes[] = {
    {"F64", {ELEMENT_FLOAT, 8, false}},    {"F32", {ELEMENT_FLOAT, 4, false}},
    {"F16", {ELEMENT_FLOAT, 2, false}},    {"BF16", {ELEMENT_BRAIN, 2, false}},
    {"I64", {ELEMENT_SIGNED, 8, false}},   {"I32", {ELEMENT_SIGNED, 4, false}},
    {"I16", {ELEMENT_SIGNED, 2, false}},   {"I8", {ELEMENT_SIGNED, 1, false}},
    {"U64", {ELEMENT_UNSIGNED, 8, false}}, {"U32", {ELEMENT_UNSIGNED, 4, false}},
    {"U16", {ELEMENT_UNSIGNED, 2, false}}, {"U8", {ELEMENT_UNSIGNED, 1, false}},
    {"BOOL", {ELEMENT_BOOLEAN, 1, false}},
};

struct tensor {
    const char *name, *dtype;
    const struct element_format *format; /* NULL: a type that is not read */
    const struct json *shape;
    size_t begin, end; /* of the buffer behind the header */
};

struct tensors {
    const struct content *content;
    size_t start; /* byte of the file at which the buffer begins */
    struct tensor *all;
    size_t count;
};

/* ---- messages ---- */

static basin_status tensor_refuse(const struct tensors *tensors, const char *name, const char *what)
{
    error_raise(BASIN_DATA, "array \"%s\" %s", name, what);
    return content_blame(tensors->content, PREFIX);
}

/* ---- the header ---- */

static const struct element_format *dtype_find(const char *name)
{
    for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++)
        if (strcmp(dtypes[i].name, name) == 0) return &dtypes[i].format;
    return NULL;
}

/* Sizes are whole numbers; their product is what the offsets leave room for. */
static basin_status shape_check(const struct tensors *tensors, const struct tensor *tensor)
{
    size_t bytes = tensor->format ? tensor->format->size : 0, size;
    bool is_beyond = false, is_empty = false;
    if (!json_is_sequence(tensor->shape))
        return tensor_refuse(tensors, tensor->name, "has no list of sizes as its shape");
    for (size_t i = 0; i < json_count(tensor->shape); i++) {
        if (!json_to_size(json_item(tensor->shape, i), &size))
            return tensor_refuse(tensors, tensor->name,
                                 "has a shape with a size that is no whole number from 0 on");
        is_empty = is_empty || size == 0;
        is_beyond = __builtin_mul_overflow(bytes, size, &bytes) || is_beyond;
    }
    if (!tensor->format || (is_empty && tensor->begin == tensor->end)) return BASIN_OK;
    if (!is_beyond && bytes == tensor->end - tensor->begin) return BASIN_OK;
    return tensor_refuse(tensors, tensor->name,
                         "has data_offsets that do not fit its dtype and shape");
}

/* Exactly dtype, shape, data_offsets. */
static basin_status tensor_keys(const struct tensors *tensors, const char *name,
                                const struct json *entry)
{
    static const char *const keys[] = {"dtype", "shape", "data_offsets", NULL};
    const void *at = NULL;
    const char *key;
    const struct json *value;
    while (json_next(entry, &at, &key, &value)) {
        size_t i = 0;
        while (keys[i] && strcmp(keys[i], key)) i++;
        if (keys[i]) continue;
        error_raise(BASIN_DATA,
                    "array \"%s\" has a key \"%s\", which is none of dtype, shape, data_offsets",
                    name, key);
        return content_blame(tensors->content, PREFIX);
    }
    return BASIN_OK;
}

static basin_status tensor_take(const struct tensors *tensors, const char *name,
                                const struct json *entry, struct tensor *tensor)
{
    const struct json *offsets = json_member(entry, "data_offsets");
    size_t buffer = tensors->content->length - tensors->start;
    if (!json_is_map(entry))
        return tensor_refuse(tensors, name,
                             "is not described by an object with dtype, shape and "
                             "data_offsets");
    TRY(tensor_keys(tensors, name, entry));
    *tensor = (struct tensor){.name = name,
                              .dtype = json_text(json_member(entry, "dtype")),
                              .shape = json_member(entry, "shape")};
    if (!tensor->dtype) return tensor_refuse(tensors, name, "has no dtype");
    if (json_count(offsets) != 2 || !json_to_size(json_item(offsets, 0), &tensor->begin) ||
        !json_to_size(json_item(offsets, 1), &tensor->end) || tensor->begin > tensor->end)
        return tensor_refuse(tensors, name, "has no data_offsets [begin, end]");
    if (tensor->end > buffer) {
        error_raise(BASIN_DATA,
                    "array \"%s\" ends at byte %zu of the data, which have %zu bytes: the file was "
                    "cut off, or its header is damaged",
                    name, tensor->end, buffer);
        return content_blame(tensors->content, tensors->content->length);
    }
    tensor->format = dtype_find(tensor->dtype);
    return shape_check(tensors, tensor);
}

static basin_status metadata_check(const struct tensors *tensors, const struct json *metadata)
{
    const void *at = NULL;
    const char *key;
    const struct json *value;
    bool is_good = json_is_map(metadata);
    while (is_good && json_next(metadata, &at, &key, &value)) is_good = json_text(value) != NULL;
    if (is_good) return BASIN_OK;
    error_raise(BASIN_DATA, "__metadata__ of the header is not an object of texts");
    return content_blame(tensors->content, PREFIX);
}

static int tensor_order(const void *a, const void *b)
{
    const struct tensor *left = a, *right = b;
    if (left->begin != right->begin) return left->begin < right->begin ? -1 : 1;
    return left->end < right->end ? -1 : left->end > right->end;
}

/* Each byte behind the header belongs to one array. Sorts them. */
static basin_status coverage_check(const struct tensors *tensors)
{
    size_t at = 0, buffer = tensors->content->length - tensors->start;
    qsort(tensors->all, tensors->count, sizeof *tensors->all, tensor_order);
    for (size_t i = 0; i < tensors->count; i++) {
        const struct tensor *tensor = &tensors->all[i];
        if (tensor->begin != at) {
            error_raise(BASIN_DATA, "%s at byte %zu of the data, before array \"%s\"",
                        tensor->begin > at ? "there is a hole" : "arrays overlap",
                        tensor->begin > at ? at : tensor->begin, tensor->name);
            return content_blame(tensors->content, tensors->start + at);
        }
        at = tensor->end;
    }
    if (at == buffer) return BASIN_OK;
    error_raise(BASIN_DATA, "there are bytes behind the end of the last array: %zu", buffer - at);
    return content_blame(tensors->content, tensors->start + at);
}

static basin_status tensors_take(struct arena *arena, const struct json *root,
                                 struct tensors *tensors)
{
    const void *at = NULL;
    const char *name;
    const struct json *entry;
    size_t count = 0;
    while (json_next(root, &at, &name, &entry)) count++;
    tensors->all = arena_array(arena, struct tensor, count + 1);
    if (!tensors->all) return BASIN_MEMORY;
    for (at = NULL; json_next(root, &at, &name, &entry);) {
        bool is_metadata = strcmp(name, metadata_key) == 0;
        TRY(is_metadata ? metadata_check(tensors, entry)
                        : tensor_take(tensors, name, entry, &tensors->all[tensors->count]));
        tensors->count += !is_metadata;
    }
    return coverage_check(tensors);
}

static basin_status prefix_refuse(const struct content *content, size_t length)
{
    if (content->length < PREFIX)
        error_raise(BASIN_DATA, "this is not a safetensors file: it has only %zu bytes",
                    content->length);
    else if (length > HEADER_MOST)
        error_raise(BASIN_DATA,
                    "this is not a safetensors file: its first 8 bytes are %zu, more than the "
                    "length of any header",
                    length);
    else
        error_raise(BASIN_DATA,
                    "it ends early: its header should have %zu bytes (byte 0), and %zu follow",
                    length, content->length - PREFIX);
    error_hint("safetensors.numpy.save_file({'x': x, 'y': y}, path) writes one");
    return content_blame(content, 0);
}

static basin_status header_view(struct arena *arena, const struct content *content, size_t *length,
                                const char **text)
{
    uint8_t buffer[PREFIX];
    const uint8_t *view;
    *length = 0;
    if (content->length < PREFIX) return prefix_refuse(content, 0);
    TRY(content_view(content, 0, PREFIX, buffer, &view));
    for (size_t i = PREFIX; i-- > 0;) *length = *length << 8 | view[i];
    if (*length > HEADER_MOST || *length > content->length - PREFIX)
        return prefix_refuse(content, *length);
    uint8_t *room = content->bytes ? NULL : arena_allocate(arena, *length + 1);
    if (!content->bytes && !room) return BASIN_MEMORY;
    TRY(content_view(content, PREFIX, *length, room, &view));
    *text = (const char *)view;
    if (*length && **text == '{') return BASIN_OK;
    error_raise(BASIN_DATA, "this is not a safetensors file: its header does not begin with {");
    return content_blame(content, PREFIX);
}

static basin_status tensors_open(struct arena *arena, const struct content *content,
                                 struct tensors *tensors)
{
    size_t length;
    const char *text = NULL;
    const struct json *root;
    *tensors = (struct tensors){.content = content};
    TRY(header_view(arena, content, &length, &text));
    tensors->start = PREFIX + length;
    basin_status status = json_parse_strictly(arena, text, length, &root);
    if (status == BASIN_DATA) {
        error_prefix("the header (byte 8)");
        return content_blame(content, PREFIX);
    }
    TRY(status);
    return tensors_take(arena, root, tensors);
}

/* ---- arrays ---- */

static basin_status dtype_refuse(const struct tensors *tensors, const struct tensor *tensor)
{
    error_raise(BASIN_DATA,
                "array \"%s\" has the dtype %s; F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, "
                "U16, U8 and BOOL can be read",
                tensor->name, tensor->dtype);
    content_blame(tensors->content, PREFIX);
    error_hint("save it with another one: x.float() in PyTorch, x.astype(numpy.float32) in NumPy");
    return BASIN_DATA;
}

static basin_status rank_refuse(const struct tensors *tensors, const struct tensor *tensor,
                                size_t rank)
{
    error_raise(BASIN_DATA, "array \"%s\" has %zu dimensions; 1 to %d can be read", tensor->name,
                rank, ARRAY_RANK);
    content_blame(tensors->content, PREFIX);
    if (rank) error_hint("x.reshape(len(x), -1) makes each example a row");
    return BASIN_DATA;
}

static basin_status tensor_read(const struct tensors *tensors, const struct tensor *tensor,
                                double most, struct store_array *array)
{
    size_t rank = json_count(tensor->shape);
    char what[128];
    if (!tensor->format) return dtype_refuse(tensors, tensor);
    if (rank < 1 || rank > ARRAY_RANK) return rank_refuse(tensors, tensor, rank);
    array->rank = (int)rank;
    for (size_t i = 0; i < rank; i++) {
        json_to_size(json_item(tensor->shape, i), &array->dims[i]);
        if (array->dims[i] == 0) return tensor_refuse(tensors, tensor->name, "is empty");
    }
    snprintf(what, sizeof what, "array \"%.100s\"", tensor->name);
    return elements_read(tensors->content, tensors->start + tensor->begin, tensor->format, false,
                         what, most, array);
}

static basin_status read_named(const struct tensors *tensors, const char *const *names,
                               size_t count, double most, struct store_array *arrays)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < tensors->count; k++) {
            if (strcmp(tensors->all[k].name, names[i])) continue;
            TRY(tensor_read(tensors, &tensors->all[k], most, &arrays[i]));
            most -= (double)store_array_count(&arrays[i]) * (double)store_array_element(&arrays[i]);
        }
    return BASIN_OK;
}

static basin_status safetensors_content(const struct content *content, const char *const *names,
                                        size_t count, double most, struct store_array *arrays)
{
    struct arena *arena;
    struct tensors tensors;
    memset(arrays, 0, count * sizeof *arrays);
    TRY(arena_create(&arena));
    basin_status status = tensors_open(arena, content, &tensors);
    if (status == BASIN_OK)
        status = read_named(&tensors, names, count, store_array_most(most), arrays);
    arena_destroy(arena);
    for (size_t i = 0; i < count && status != BASIN_OK; i++) store_array_free(&arrays[i]);
    return status;
}

basin_status safetensors_read(const char *path, const char *const *names, size_t count, double most,
                              struct store_array *arrays)
{
    struct content content;
    memset(arrays, 0, count * sizeof *arrays);
    TRY(content_open(path, "a safetensors file", &content));
    basin_status status = safetensors_content(&content, names, count, most, arrays);
    content_close(&content);
    return status;
}

basin_status safetensors_read_bytes(const char *name, const uint8_t *bytes, size_t length,
                                    const char *const *names, size_t count, double most,
                                    struct store_array *arrays)
{
    const struct content content = {
        .path = name, .bytes = bytes ? bytes : (const uint8_t *)"", .file = -1, .length = length};
    return safetensors_content(&content, names, count, most, arrays);
}

static void raise_tensors(const struct tensors *tensors, const char *name)
{
    struct text shown = {0};
    for (size_t i = 0; i < tensors->count && i < NAMES_SHOWN; i++)
        text_format(&shown, "%s\"%s\"", i ? ", " : "", tensors->all[i].name);
    if (tensors->count > NAMES_SHOWN) text_append(&shown, ", ...");
    error_raise(BASIN_DATA, "there is no array \"%s\" in this file", name);
    error_hint("%s has %s", tensors->content->path,
               tensors->count ? text_data(&shown) : "no arrays at all");
    text_free(&shown);
}

basin_status safetensors_missing(const char *path, const char *name)
{
    struct content content;
    struct arena *arena;
    struct tensors tensors;
    TRY(arena_create(&arena));
    basin_status status = content_open(path, "a safetensors file", &content);
    if (status == BASIN_OK) {
        status = tensors_open(arena, &content, &tensors);
        if (status == BASIN_OK) raise_tensors(&tensors, name);
        content_close(&content);
    }
    arena_destroy(arena);
    return status == BASIN_OK ? BASIN_DATA : status;
}
