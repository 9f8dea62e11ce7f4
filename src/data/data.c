#include "data/data.h"

#include <math.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include "base/text.h"
#include "data/view.h"

/* KEEP: bytes of views that nobody has at present; enough for many small data sets, so that runs
 * on the same data in turn need not make them again. */
enum { BUCKETS = 1024, KEEP = 64 << 20 };

/* Something that was made from a text and is found again by it. */
struct cached {
    char *key;
    struct cached *next;
    struct source source; /* of a source entry */
    struct data data;     /* of a view entry */
    struct cached *from;  /* the source of a view */
    size_t users;         /* who has acquired a view; the views of a source; of a family, for how
                             many other seeds it was asked */
    bool pinned;          /* it stays */
    uint64_t used;        /* when somebody last acquired it */
};

struct data_store {
    pthread_mutex_t lock;
    double limit; /* bytes of memory */
    uint64_t clock;
    struct cached *sources[BUCKETS], *views[BUCKETS];
    struct cached *families[BUCKETS]; /* by the text without the seed; `from` is the first view:
                                         those that differ in the seed alone have its description */
};

basin_status data_store_create(struct data_store **out)
{
    *out = memory_allocate(sizeof **out);
    if (!*out) return BASIN_MEMORY;
    pthread_mutex_init(&(*out)->lock, NULL);
    (*out)->limit = INFINITY;
    return BASIN_OK;
}

void data_store_limit(struct data_store *store, double bytes)
{
    store->limit = bytes;
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
    table_destroy(store->families);
    table_destroy(store->views);
    table_destroy(store->sources);
    pthread_mutex_destroy(&store->lock);
    memory_free(store);
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

static void cached_remove(struct cached **table, struct cached *cached)
{
    struct cached **at = bucket(table, cached->key);
    while (*at != cached) at = &(*at)->next;
    *at = cached->next;
    cached_destroy(cached);
}

/* ---- memory ---- */

/* Of a view and, where that belongs to one seed, its source. */
static size_t own_bytes(const struct cached *view)
{
    return arena_bytes(view->data.arena) +
           (view->from->source.generated ? source_bytes(&view->from->source) : 0);
}

static size_t held_bytes(const struct data_store *store)
{
    size_t bytes = 0;
    for (size_t i = 0; i < BUCKETS; i++) {
        for (const struct cached *at = store->sources[i]; at; at = at->next)
            bytes += source_bytes(&at->source);
        for (const struct cached *at = store->views[i]; at; at = at->next)
            bytes += arena_bytes(at->data.arena);
    }
    return bytes;
}

/* What views of other seeds take where nobody has them. */
static size_t kept_bytes(const struct data_store *store)
{
    size_t bytes = 0;
    for (size_t i = 0; i < BUCKETS; i++)
        for (const struct cached *at = store->families[i]; at; at = at->next)
            bytes += at->users * own_bytes(at->from);
    return bytes < KEEP ? bytes : KEEP;
}

size_t data_store_bytes(struct data_store *store)
{
    pthread_mutex_lock(&store->lock);
    size_t bytes = held_bytes(store) + kept_bytes(store);
    pthread_mutex_unlock(&store->lock);
    return bytes;
}

size_t data_store_run_bytes(struct data_store *store)
{
    size_t most = 0;
    pthread_mutex_lock(&store->lock);
    for (size_t i = 0; i < BUCKETS; i++)
        for (const struct cached *at = store->families[i]; at; at = at->next)
            if (at->users && own_bytes(at->from) > most) most = own_bytes(at->from);
    pthread_mutex_unlock(&store->lock);
    return most;
}

/* ---- views that nobody has ---- */

static void view_drop(struct data_store *store, struct cached *view)
{
    struct cached *source = view->from;
    cached_remove(store->views, view);
    if (--source->users == 0 && source->source.generated) cached_remove(store->sources, source);
}

/* Sums those that may go, and finds the one that was used least recently of those that nobody
 * has. */
static size_t passing_bytes(const struct data_store *store, struct cached **oldest)
{
    size_t bytes = 0;
    *oldest = NULL;
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct cached *at = store->views[i]; at; at = at->next) {
            if (at->pinned) continue;
            bytes += own_bytes(at);
            if (at->users == 0 && (!*oldest || at->used < (*oldest)->used)) *oldest = at;
        }
    return bytes;
}

static void drop_oldest(struct data_store *store)
{
    struct cached *oldest;
    while (passing_bytes(store, &oldest) > KEEP && oldest) view_drop(store, oldest);
}

/* ---- sources ---- */

/* Everything in the block that changes the source: rows of other stages do not. */
static void source_key(struct text *key, const struct value *dataset)
{
    for (size_t i = 0; i < dataset->map.count; i++) {
        const struct value_member *member = &dataset->map.members[i];
        if (member->value->row && member->value->row->stage != DATA_SOURCE) continue;
        text_format(key, "%s: ", member->key);
        value_print(key, member->value);
        text_append(key, "\n");
    }
}

/* A file that cannot be read, or not as the spec says. Of one that is not there the manual says
 * nothing. */
static void point_to_manual(void)
{
    basin_error error = *basin_error_last();
    if (!error.file[0] || access(error.file, F_OK) != 0) return;
    error_hint("%s%s%s", error.hint, error.hint[0] ? "; " : "", DATA_MANUAL);
}

static basin_status source_load(struct data_store *store, const struct setting_variant *dataset,
                                struct text *key, struct cached **source)
{
    const struct dataset *kind = dataset->entry->implementation;
    struct cached *made;
    TRY(cached_create(key, &made));
    made->source.name = dataset->entry->name;
    made->source.most = fmax(0, store->limit - (double)held_bytes(store));
    basin_status status = kind->load(dataset->settings, &made->source);
    if (status == BASIN_DATA && kind->is_own) point_to_manual();
    if (status == BASIN_OK) status = view_prepare(&made->source, dataset->settings);
    if (status != BASIN_OK) {
        cached_destroy(made);
        return status;
    }
    cached_insert(store->sources, made);
    *source = made;
    return BASIN_OK;
}

static basin_status source_get(struct data_store *store, const struct value *block,
                               const struct setting_variant *dataset, struct cached **source)
{
    struct text key = {0};
    source_key(&key, block);
    basin_status status = text_status(&key);
    struct cached *found = status == BASIN_OK ? cached_find(store->sources, text_data(&key)) : NULL;
    if (found)
        *source = found;
    else if (status == BASIN_OK)
        status = source_load(store, dataset, &key, source);
    text_free(&key);
    return status;
}

/* ---- views ---- */

/* Every path of the block, in the order of its rows. */
static basin_status describe_origin(struct data *data, const struct value *block)
{
    struct text origin = {0};
    for (size_t i = 0; i < block->map.count; i++) {
        const struct value *value = block->map.members[i].value;
        if (!value->row || value->row->type != SCHEMA_PATH) continue;
        text_format(&origin, "%s%s", origin.length ? ", " : "", value->text);
    }
    basin_status status = text_status(&origin);
    if (status == BASIN_OK && origin.length) {
        data->origin = arena_text(data->arena, text_data(&origin));
        if (!data->origin) status = BASIN_MEMORY;
    } else {
        data->origin = data->source->name;
    }
    text_free(&origin);
    return status;
}

/* The view's arena has its settings too. */
static basin_status view_fill(struct data_store *store, const struct value *block,
                              struct cached *view)
{
    struct setting_variant dataset;
    struct data *data = &view->data;
    TRY(arena_create(&data->arena));
    TRY(settings_variant(data->arena, block, &dataset));
    TRY(source_get(store, block, &dataset, &view->from));
    view->from->users++;
    TRY(view_make(data, &view->from->source, dataset.settings));
    return describe_origin(data, block);
}

static basin_status view_open(struct data_store *store, const struct value *block, struct text *key,
                              struct cached **view)
{
    struct cached *made;
    TRY(cached_create(key, &made));
    basin_status status = view_fill(store, block, made);
    cached_insert(store->views, made);
    if (status == BASIN_OK)
        *view = made;
    else if (made->from)
        view_drop(store, made);
    else
        cached_remove(store->views, made);
    return status;
}

/* Under the lock. */
static basin_status view_get(struct data_store *store, const struct value *block,
                             struct cached **view)
{
    struct text key = {0};
    value_print(&key, block);
    basin_status status = text_status(&key);
    struct cached *found = status == BASIN_OK ? cached_find(store->views, text_data(&key)) : NULL;
    if (found)
        *view = found;
    else if (status == BASIN_OK)
        status = view_open(store, block, &key, view);
    text_free(&key);
    if (status == BASIN_OK) (*view)->used = ++store->clock;
    return status;
}

basin_status data_open(struct data_store *store, const struct value *dataset,
                       const struct data **data)
{
    struct cached *view;
    pthread_mutex_lock(&store->lock);
    basin_status status = view_get(store, dataset, &view);
    if (status == BASIN_OK) {
        view->pinned = true;
        *data = &view->data;
    }
    pthread_mutex_unlock(&store->lock);
    return status;
}

basin_status data_acquire(struct data_store *store, const struct value *dataset,
                          const struct data **data)
{
    struct cached *view;
    pthread_mutex_lock(&store->lock);
    basin_status status = view_get(store, dataset, &view);
    if (status == BASIN_OK) {
        view->users++;
        *data = &view->data;
    }
    pthread_mutex_unlock(&store->lock);
    return status;
}

void data_release(struct data_store *store, const struct data *data)
{
    struct cached *view =
        (struct cached *)((char *)(uintptr_t)data - offsetof(struct cached, data));
    pthread_mutex_lock(&store->lock);
    view->users--;
    drop_oldest(store);
    pthread_mutex_unlock(&store->lock);
}

/* ---- outlines ---- */

/* Which groups are drawn decides how many examples each part has. */
static bool sizes_follow_seed(const struct value *dataset)
{
    const struct value *group = value_find(dataset, "group");
    return group && !group->is_default;
}

/* The block without its seed. */
static void family_key(struct text *key, const struct value *dataset)
{
    bool with_seed = sizes_follow_seed(dataset);
    for (size_t i = 0; i < dataset->map.count; i++) {
        const struct value_member *member = &dataset->map.members[i];
        if (!with_seed && strcmp(member->key, "seed") == 0) continue;
        text_format(key, "%s: ", member->key);
        value_print(key, member->value);
        text_append(key, "\n");
    }
}

static basin_status family_found(struct data_store *store, const struct value *dataset,
                                 struct text *key, const struct data **data)
{
    struct cached *view, *family;
    TRY(view_get(store, dataset, &view));
    TRY(cached_create(key, &family));
    family->from = view;
    cached_insert(store->families, family);
    view->pinned = true;
    *data = &view->data;
    return BASIN_OK;
}

/* Counts other seeds than that of the family's first view. */
static basin_status family_join(struct cached *family, const struct value *dataset)
{
    struct text key = {0};
    value_print(&key, dataset);
    basin_status status = text_status(&key);
    if (status == BASIN_OK) family->users += strcmp(text_data(&key), family->from->key) != 0;
    text_free(&key);
    return status;
}

basin_status data_outline(struct data_store *store, const struct value *dataset,
                          const struct data **data)
{
    struct text key = {0};
    family_key(&key, dataset);
    basin_status status = text_status(&key);
    pthread_mutex_lock(&store->lock);
    struct cached *family =
        status == BASIN_OK ? cached_find(store->families, text_data(&key)) : NULL;
    if (family) {
        *data = &family->from->data;
        status = family_join(family, dataset);
    } else if (status == BASIN_OK) {
        status = family_found(store, dataset, &key, data);
    }
    pthread_mutex_unlock(&store->lock);
    text_free(&key);
    return status;
}

basin_status data_check_block(struct data_store *store, const struct value *dataset, bool wide)
{
    const struct data *outline, *data;
    TRY(data_outline(store, dataset, &outline));
    if (data_is_within_range(outline, wide)) return BASIN_OK;
    TRY(data_acquire(store, dataset, &data));
    basin_status status = data_check_range(data, wide);
    data_release(store, data);
    return status;
}

/* ---- what there is to know of a view ---- */

const struct data_info *data_describe(const struct data *data)
{
    return &data->info;
}

basin_status data_inputs(const struct data *data, struct run_inputs *inputs)
{
    struct run_input input = {.kind = "data", .block = "dataset", .origin = data->origin};
    if (!data->info.has_digest) return BASIN_OK;
    digest_hex(data->info.digest, input.digest);
    return run_inputs_add(inputs, &input);
}

const int32_t *data_labels(const struct data *data, enum data_part part)
{
    return data->labels[part];
}

const int32_t *data_clean_labels(const struct data *data, enum data_part part)
{
    return data->clean[part];
}

void data_rows(const struct data *data, enum data_part part, int64_t *rows)
{
    for (size_t i = 0; i < data->info.counts[part]; i++)
        rows[i] = data->source->kind->row(data, part, i);
}

const char *data_rows_meaning(const struct data *data, enum data_part part)
{
    return data->source->kind->row_meaning(data->source, part);
}

bool data_same_examples(const struct data *a, const struct data *b, enum data_part part)
{
    const struct source_kind *kind = a->source->kind;
    if (a->source != b->source || a->info.counts[part] != b->info.counts[part]) return false;
    for (size_t i = 0; i < a->info.counts[part]; i++)
        if (kind->row(a, part, i) != kind->row(b, part, i)) return false;
    return true;
}

const double *data_mean(const struct data *data)
{
    return data->mean;
}

double *data_deviations(const struct data *data)
{
    double *deviations = memory_allocate(data->info.features * sizeof *deviations);
    for (size_t j = 0; deviations && j < data->info.features; j++)
        deviations[j] = 1 / data->inverse[j];
    return deviations;
}

const struct data_names *data_names(const struct data *data)
{
    return &data->source->names;
}

const uint32_t *data_codes(const struct data *data)
{
    return data->source->codes;
}
