/* `dataset` blocks as a resolved spec holds them, made from the tables of the registry. */
#ifndef BASIN_TESTS_DATA_HELPERS_H
#define BASIN_TESTS_DATA_HELPERS_H

#include <stdarg.h>
#include "data/data.h"
#include "store_helpers.h"

static struct arena *arena;
static struct data_store *store;

static inline void data_start(void)
{
    folder_make();
    OK(arena_create(&arena));
    OK(data_store_create(&store));
}

static inline void data_stop(void)
{
    data_store_destroy(store);
    arena_destroy(arena);
    folder_remove();
}

/* The items of "[a, 'b']". */
static inline void values_from(struct value *value, enum value_kind kind, const char *text)
{
    value->kind = VALUE_LIST;
    value->list.items = arena_array(arena, struct value *, strlen(text));
    for (text += *text == '['; *text && *text != ']';) {
        struct value *item = arena_allocate(arena, sizeof *item);
        bool quoted = *text == '\'';
        text += quoted;
        size_t length = strcspn(text, quoted ? "'" : ",]");
        item->kind = kind;
        if (kind == VALUE_TEXT)
            item->text = arena_text_n(arena, text, length);
        else
            item->integer = strtoll(text, NULL, 10);
        value->list.items[value->list.count++] = item;
        text += length + quoted;
        text += strspn(text, ", ");
    }
}

static inline struct value *value_from(const struct schema_row *row, const char *text)
{
    struct value *value = arena_allocate(arena, sizeof *value);
    value->row = row;
    value->is_default = text == row->fallback;
    switch (row->type) {
    case SCHEMA_BOOLEAN:
        value->kind = VALUE_BOOL, value->boolean = strcmp(text, "true") == 0;
        break;
    case SCHEMA_INTEGER:
    case SCHEMA_COUNT:
        value->kind = VALUE_INTEGER,
        value->integer = strcmp(text, "all") == 0 ? VALUE_ALL : strtoll(text, NULL, 10);
        break;
    case SCHEMA_FLOAT:
        value->kind = VALUE_FLOAT, value->number = strtod(text, NULL);
        break;
    case SCHEMA_TEXTS:
        values_from(value, VALUE_TEXT, text);
        break;
    case SCHEMA_INTEGERS:
        values_from(value, VALUE_INTEGER, text);
        break;
    case SCHEMA_SEQUENCE: /* empty */
        value->kind = VALUE_LIST;
        break;
    default:
        value->kind = VALUE_TEXT, value->text = arena_text(arena, text);
        break;
    }
    return value;
}

/* block("mnist1d", "train_size", "100", NULL): defaults but for the pairs given. */
static inline const struct value *block(const char *name, ...)
{
    const struct entry *entry = registry_find(&dataset_registry, name);
    cr_assert(entry, "%s", name);
    static const struct schema_row name_row = {.key = "name", .type = SCHEMA_TEXT},
                                   block_row = {.key = "dataset",
                                                .type = SCHEMA_VARIANT,
                                                .registry = &dataset_registry,
                                                .discriminator = "name"};
    struct value *map = arena_allocate(arena, sizeof *map);
    map->kind = VALUE_MAP;
    map->row = &block_row;
    map->map.members = arena_array(arena, struct value_member, 64);
    map->map.members[map->map.count++] = (struct value_member){"name", value_from(&name_row, name)};
    int known = 0, given = 0;
    for (const struct schema_row *row = entry->parameters; row->key; row++) {
        const char *text = row->fallback;
        va_list pairs;
        va_start(pairs, name);
        for (const char *key; (key = va_arg(pairs, const char *));) {
            const char *value = va_arg(pairs, const char *);
            if (strcmp(key, row->key) == 0) text = value, known++;
            given += row == entry->parameters;
        }
        va_end(pairs);
        if (!text) continue;
        struct value *value = value_from(row, text);
        value->is_default = text == row->fallback;
        map->map.members[map->map.count++] = (struct value_member){row->key, value};
    }
    cr_assert_eq(known, given, "a key that %s does not have", name);
    return map;
}

static inline const struct data *opened(const struct value *dataset)
{
    const struct data *data = NULL;
    OK(data_open(store, dataset, &data));
    return data;
}

/* The refusal of a block must name every one of the texts. */
static inline void check_message(basin_status status, basin_status wanted, const char *const *texts)
{
    const basin_error *error = basin_error_last();
    cr_assert_eq(status, wanted, "status %d: %s", status, error->message);
    for (; *texts; texts++)
        cr_assert(strstr(error->message, *texts) || strstr(error->hint, *texts),
                  "\"%s\" is not in \"%s\" (%s)", *texts, error->message, error->hint);
}

#define REFUSED(dataset, ...)                                                                      \
    do {                                                                                           \
        const struct data *none_ = NULL;                                                           \
        check_message(data_open(store, dataset, &none_), BASIN_DATA,                               \
                      (const char *const[]){__VA_ARGS__, NULL});                                   \
    } while (0)

static inline uint32_t *first_rows(size_t count)
{
    uint32_t *rows = arena_array(arena, uint32_t, count);
    for (size_t i = 0; i < count; i++) rows[i] = (uint32_t)i;
    return rows;
}

/* These rows of a part, as an evaluation sees them. */
#define ROWS(which, list, n) (&(struct data_gather){.part = (which), .rows = (list), .count = (n)})

/* All of a part as doubles. */
static inline double *all_x(const struct data *data, enum data_part part)
{
    const struct data_info *info = data_describe(data);
    double *x = arena_array(arena, double, info->counts[part] * info->features + 1);
    data_gather_double(data, ROWS(part, first_rows(info->counts[part] + 1), info->counts[part]), x,
                       NULL);
    return x;
}

#endif
