#include "base/json.h"

#include <jansson.h>
#include <pthread.h>
#include "base/arena.h"

static const json_t *json_inner(const struct json *value)
{
    return (const json_t *)value;
}

/* jansson asks for memory where the rest of the program does, so that tests can deny it. It does not
 * always say that this was the reason; and 2.14 cuts a text short where its buffer cannot grow. */
static _Thread_local bool json_denied;

static void *json_allocate(size_t bytes)
{
    void *memory = memory_allocate(bytes);
    if (!memory) json_denied = true;
    return memory;
}

static void json_use_allocator(void)
{
    json_set_alloc_funcs(json_allocate, memory_free);
}

basin_status json_parse(const char *text, size_t length, struct json **value)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    json_error_t error;
    pthread_once(&once, json_use_allocator);
    json_denied = false;
    *value = (struct json *)json_loadb(text, length, JSON_DECODE_ANY, &error);
    if (json_denied) {
        json_free(*value);
        *value = NULL;
        return BASIN_MEMORY;
    }
    if (*value) return BASIN_OK;
    return error_raise(BASIN_DATA, "not JSON: line %d, column %d: %s", error.line, error.column,
                       error.text);
}

void json_free(struct json *value)
{
    json_decref((json_t *)value);
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

size_t json_count(const struct json *list)
{
    return json_array_size(json_inner(list));
}

const struct json *json_item(const struct json *list, size_t index)
{
    return (const struct json *)json_array_get(json_inner(list), index);
}
