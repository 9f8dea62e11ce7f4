#include "data/data.h"

#include <pthread.h>
#include <string.h>
#include "base/text.h"
#include "data/source.h"
#include "data/view.h"

enum { BUCKETS = 1024 };

/* Something that was made from a text and is found again by it. */
struct cached {
    char *key;
    struct cached *next;
    struct source source; /* of a source entry */
    struct data data;     /* of a view entry */
};

struct data_store {
    pthread_mutex_t lock;
    struct cached *sources[BUCKETS], *views[BUCKETS];
};

basin_status data_store_create(struct data_store **out)
{
    *out = memory_allocate(sizeof **out);
    if (!*out) return BASIN_MEMORY;
    pthread_mutex_init(&(*out)->lock, NULL);
    return BASIN_OK;
}

static void cached_destroy(struct cached *cached)
{
    source_free(&cached->source);
    arena_destroy(cached->data.arena);
    memory_free(cached->key);
    memory_free(cached);
}

static void table_destroy(struct cached **table)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct cached *at = table[i], *next; at; at = next) {
            next = at->next;
            cached_destroy(at);
        }
}

void data_store_destroy(struct data_store *store)
{
    if (!store) return;
    table_destroy(store->views);
    table_destroy(store->sources);
    pthread_mutex_destroy(&store->lock);
    memory_free(store);
}

size_t data_store_bytes(struct data_store *store)
{
    size_t bytes = 0;
    pthread_mutex_lock(&store->lock);
    for (size_t i = 0; i < BUCKETS; i++) {
        for (const struct cached *at = store->sources[i]; at; at = at->next)
            bytes += source_bytes(&at->source);
        for (const struct cached *at = store->views[i]; at; at = at->next)
            bytes += arena_bytes(at->data.arena);
    }
    pthread_mutex_unlock(&store->lock);
    return bytes;
}

static struct cached **bucket(struct cached **table, const char *key)
{
    return &table[hash_bytes(key, strlen(key)).low % BUCKETS];
}

static struct cached *cached_find(struct cached **table, const char *key)
{
    struct cached *at = *bucket(table, key);
    while (at && strcmp(at->key, key) != 0) at = at->next;
    return at;
}

/* Takes the key's characters; the entry is not in the table yet. */
static basin_status cached_create(struct text *key, struct cached **out)
{
    *out = memory_allocate(sizeof **out);
    if (!*out) return BASIN_MEMORY;
    (*out)->key = text_take(key);
    return BASIN_OK;
}

static void cached_insert(struct cached **table, struct cached *cached)
{
    struct cached **head = bucket(table, cached->key);
    cached->next = *head;
    *head = cached;
}

/* ---- sources ---- */

static bool is_view_key(const struct dataset_kind *kind, const char *key)
{
    for (const char *const *view = kind->view_keys; *view; view++)
        if (strcmp(*view, key) == 0) return true;
    return false;
}

static void source_key(struct text *key, const struct dataset_kind *kind,
                       const struct value *dataset)
{
    for (size_t i = 0; i < dataset->map.count; i++) {
        const struct value_member *member = &dataset->map.members[i];
        if (is_view_key(kind, member->key)) continue;
        text_format(key, "%s: ", member->key);
        value_print(key, member->value);
        text_append(key, "\n");
    }
}

static basin_status source_load(struct data_store *store, const struct dataset_kind *kind,
                                const struct value *dataset, struct text *key,
                                struct source **source)
{
    struct cached *made;
    TRY(cached_create(key, &made));
    basin_status status = kind->load(dataset, &made->source);
    bool shuffles = !made->source.generated && value_has(dataset, "shuffle_points") &&
                    value_boolean(dataset, "shuffle_points");
    if (status == BASIN_OK && shuffles) status = source_shuffle(&made->source);
    if (status != BASIN_OK) {
        cached_destroy(made);
        return status;
    }
    cached_insert(store->sources, made);
    *source = &made->source;
    return BASIN_OK;
}

static basin_status source_get(struct data_store *store, const struct value *dataset,
                               struct source **source)
{
    const struct entry *entry = registry_find(&dataset_registry, value_text(dataset, "name"));
    if (!entry)
        return error_raise(BASIN_DATA, "there is no data set \"%s\"", value_text(dataset, "name"));
    struct text key = {0};
    source_key(&key, entry->implementation, dataset);
    basin_status status = text_status(&key);
    struct cached *found = status == BASIN_OK ? cached_find(store->sources, text_data(&key)) : NULL;
    if (found)
        *source = &found->source;
    else if (status == BASIN_OK)
        status = source_load(store, entry->implementation, dataset, &key, source);
    text_free(&key);
    return status;
}

/* ---- views ---- */

static basin_status view_open(struct data_store *store, const struct value *dataset,
                              struct text *key, const struct data **data)
{
    struct source *source = NULL;
    struct cached *made;
    TRY(source_get(store, dataset, &source));
    TRY(cached_create(key, &made));
    basin_status status = arena_create(&made->data.arena);
    if (status == BASIN_OK) status = view_make(&made->data, source, dataset);
    if (status != BASIN_OK) {
        cached_destroy(made);
        return status;
    }
    cached_insert(store->views, made);
    *data = &made->data;
    return BASIN_OK;
}

basin_status data_open(struct data_store *store, const struct value *dataset,
                       const struct data **data)
{
    struct text key = {0};
    value_print(&key, dataset);
    basin_status status = text_status(&key);
    if (status == BASIN_OK) {
        pthread_mutex_lock(&store->lock);
        struct cached *found = cached_find(store->views, text_data(&key));
        if (found)
            *data = &found->data;
        else
            status = view_open(store, dataset, &key, data);
        pthread_mutex_unlock(&store->lock);
    }
    text_free(&key);
    return status;
}

/* ---- what there is to know of a view ---- */

const struct data_info *data_describe(const struct data *data)
{
    return &data->info;
}

const int32_t *data_labels(const struct data *data, enum data_part part)
{
    return data->labels[part];
}

const int32_t *data_clean_labels(const struct data *data, enum data_part part)
{
    return data->clean[part];
}

const uint32_t *data_codes(const struct data *data)
{
    return data->source->codes;
}
