#include "base/json.h"

#include <jansson.h>
#include <pthread.h>

static const json_t *json_inner(const struct json *value)
{
    return (const json_t *)value;
}

/* jansson takes its memory from the arena of the call, so that a tree costs little more than its
 * values, goes at once, and tests can deny every allocation. It does not always say that this was
 * the reason of a failure; and 2.14 cuts a text short where its buffer cannot grow. */
static _Thread_local struct {
    struct arena *arena;
    size_t left;          /* of JSON_MOST */
    bool denied, too_big; /* by the arena; by JSON_MOST */
} json_memory;

static void *json_allocate(size_t bytes)
{
    if (bytes > json_memory.left) {
        json_memory.too_big = true;
        return NULL;
    }
    json_memory.left -= bytes;
    void *memory = arena_allocate(json_memory.arena, bytes ? bytes : 1);
    if (!memory) json_memory.denied = true;
    return memory;
}

static void json_release(void *memory)
{
    (void)memory; /* goes with the arena */
}

static void json_use_allocator(void)
{
    json_set_alloc_funcs(json_allocate, json_release);
}

static basin_status json_read(struct arena *arena, const char *text, size_t length, size_t flags,
                              const struct json **value)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    json_error_t error;
    pthread_once(&once, json_use_allocator);
    json_memory.arena = arena;
    json_memory.left = JSON_MOST;
    json_memory.denied = json_memory.too_big = false;
    *value = (const struct json *)json_loadb(text, length, JSON_DECODE_ANY | flags, &error);
    if (*value && !json_memory.denied && !json_memory.too_big) return BASIN_OK;
    *value = NULL;
    if (json_memory.denied) return BASIN_MEMORY;
    if (json_memory.too_big)
        return error_raise(BASIN_DATA, "not read: its values take more than %d MiB of memory",
                           JSON_MOST >> 20);
    return error_raise(BASIN_DATA, "not JSON: line %d, column %d: %s", error.line, error.column,
                       error.text);
}

basin_status json_parse(struct arena *arena, const char *text, size_t length,
                        const struct json **value)
{
    return json_read(arena, text, length, 0, value);
}

basin_status json_parse_strictly(struct arena *arena, const char *text, size_t length,
                                 const struct json **value)
{
    return json_read(arena, text, length, JSON_REJECT_DUPLICATES, value);
}

const struct json *json_member(const struct json *object, const char *key)
{
    return (const struct json *)json_object_get(json_inner(object), key);
}

const char *json_text(const struct json *value)
{
    return json_string_value(json_inner(value));
}

bool json_to_boolean(const struct json *value)
{
    return json_inner(value) && json_typeof(json_inner(value)) == JSON_TRUE;
}

bool json_to_integer(const struct json *value, int64_t *integer)
{
    const json_t *inner = json_inner(value);
    double number = json_number_value(inner);
    if (json_is_real(inner) && !(number > -0x1p63 && number < 0x1p63)) return false;
    if (!json_is_number(inner)) return false;
    *integer = json_is_real(inner) ? (int64_t)number : (int64_t)json_integer_value(inner);
    return true;
}

bool json_to_size(const struct json *value, size_t *size)
{
    if (!json_is_integer(json_inner(value)) || json_integer_value(json_inner(value)) < 0)
        return false;
    *size = (size_t)json_integer_value(json_inner(value));
    return true;
}

bool json_next(const struct json *object, const void **at, const char **key,
               const struct json **value)
{
    json_t *inner = (json_t *)(uintptr_t)json_inner(object); /* it is only read */
    void *next =
        *at ? json_object_iter_next(inner, (void *)(uintptr_t)*at) : json_object_iter(inner);
    *at = next;
    if (!next) return false;
    *key = json_object_iter_key(next);
    *value = (const struct json *)json_object_iter_value(next);
    return true;
}

bool json_is_map(const struct json *value)
{
    return json_inner(value) && json_typeof(json_inner(value)) == JSON_OBJECT;
}

bool json_is_sequence(const struct json *value)
{
    return json_inner(value) && json_typeof(json_inner(value)) == JSON_ARRAY;
}

size_t json_count(const struct json *list)
{
    return json_array_size(json_inner(list));
}

const struct json *json_item(const struct json *list, size_t index)
{
    return (const struct json *)json_array_get(json_inner(list), index);
}
