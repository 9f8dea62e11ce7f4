#include "analysis/results_piece.h"

#include <string.h>
#include "base/list.h"

enum {
    WORD_LARGEST = 1 << 16,  /* bytes of an axis that is a word */
    ATTRIBUTE_MOST = 1 << 24 /* numbers of an attribute */
};

struct piece_attribute {
    const char *name;
    enum record_type type;
    size_t count;       /* as of record_attribute */
    const char **texts; /* of texts; numbers are in the piece */
};

struct piece_head {
    const char *path;
    bool is_group, is_omitted;
    enum record_type type;
    int rank;
    const char *axes[RECORD_RANK];
    struct piece_attribute *attributes;
    size_t attribute_count;
};

static bool is_below(const char *path, const char *group)
{
    size_t length = strlen(group);
    return strncmp(path, group, length) == 0 && (path[length] == '/' || !path[length]);
}

bool piece_is_curve(const struct record_item *item)
{
    if (item->is_group || item->rank != 1) return false;
    return is_below(item->path, "/curves") || is_below(item->path, "/steps") ||
           (is_below(item->path, "/tracked") && strcmp(item->axes[0], "epoch") == 0);
}

static bool is_kept(const char *path)
{
    static const char *const groups[] = {"/curves", "/steps", "/tracked", "/measures"};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (is_below(path, groups[i])) return true;
    return false;
}

static size_t elements(size_t count)
{
    return count ? count : 1; /* 0: a scalar attribute */
}

/* Is it the scale of its own axis, as "/curves/epoch" is? Runs share those. */
static bool is_shared_axis(const char *path, int rank, const char *axis, size_t bytes)
{
    const char *slash = strrchr(path, '/');
    return rank == 1 && axis && slash && strcmp(slash + 1, axis) == 0 && bytes <= WORD_LARGEST;
}

/* ---- writing ---- */

static void write_attribute_head(struct text *head, const struct record_attribute *attribute)
{
    cache_put_text(head, attribute->name);
    cache_put_number(head, attribute->type);
    cache_put_number(head, attribute->count);
    if (attribute->type != RECORD_TEXT) return;
    for (size_t i = 0; i < elements(attribute->count); i++)
        cache_put_text(head, ((const char *const *)attribute->data)[i]);
}

static void write_head(struct cache *cache, const struct record_item *item, bool is_omitted,
                       struct text *piece)
{
    struct text head = {0};
    size_t count = 0;
    cache_put_text(&head, item->path);
    cache_put_number(&head, (uint64_t)item->type << 2 | (uint64_t)is_omitted << 1 | item->is_group);
    cache_put_number(&head, (uint64_t)item->rank);
    for (int i = 0; i < item->rank; i++) cache_put_text(&head, item->axes[i]);
    for (const struct record_attribute *at = item->attributes; at; at = at->next) count++;
    cache_put_number(&head, count);
    for (const struct record_attribute *at = item->attributes; at; at = at->next)
        write_attribute_head(&head, at);
    uint32_t word = head.failed ? CACHE_NO_WORD : cache_word(cache, text_data(&head), head.length);
    if (word == CACHE_NO_WORD) piece->failed = true;
    cache_put_number(piece, word);
    text_free(&head);
}

static void write_values(struct cache *cache, const struct record_item *item, struct text *piece)
{
    size_t count = record_count(item), bytes = count * record_element_size(item->type);
    if (item->type == RECORD_TEXT) {
        for (size_t i = 0; i < count; i++)
            cache_put_text(piece, ((const char *const *)item->data)[i]);
        return;
    }
    if (!is_shared_axis(item->path, item->rank, item->axes[0], bytes)) {
        text_append_n(piece, item->data, bytes);
        return;
    }
    uint32_t word = cache_word(cache, item->data, bytes);
    if (word == CACHE_NO_WORD) piece->failed = true;
    cache_put_number(piece, word);
}

static void write_item(struct cache *cache, const struct record_item *item, bool is_omitted,
                       struct text *piece)
{
    write_head(cache, item, is_omitted, piece);
    for (int i = 0; i < item->rank; i++) cache_put_number(piece, item->dims[i]);
    for (const struct record_attribute *at = item->attributes; at; at = at->next)
        if (at->type != RECORD_TEXT)
            text_append_n(piece, at->data, elements(at->count) * record_element_size(at->type));
    if (!item->is_group && !is_omitted) write_values(cache, item, piece);
}

static size_t count_kept(const struct record_item *item)
{
    size_t count = 0;
    for (; item; item = item->next) count += is_kept(item->path);
    return count;
}

/* The last one first: record_omit puts each before the others. */
static void write_omitted(struct cache *cache, const struct record_item *item, size_t count,
                          struct text *piece)
{
    const struct record_item **items = count ? memory_allocate(count * sizeof *items) : NULL;
    size_t at = 0;
    if (count && !items) piece->failed = true;
    for (; items && item; item = item->next)
        if (is_kept(item->path)) items[at++] = item;
    while (at > 0) write_item(cache, items[--at], true, piece);
    memory_free(items);
}

void piece_write(struct cache *cache, const struct record *record, struct text *piece)
{
    basin_error before = *basin_error_last();
    size_t omitted = count_kept(record->omitted);
    cache_put_number(piece, count_kept(record->items) + omitted);
    for (const struct record_item *item = record->items; item; item = item->next)
        if (is_kept(item->path)) write_item(cache, item, false, piece);
    write_omitted(cache, record->omitted, omitted, piece);
    if (piece->failed) error_restore(&before);
}

/* ---- reading ---- */

/* A type that an array or an attribute can have. */
static enum record_type take_type(struct cursor *at, uint64_t number)
{
    if (number > RECORD_TEXT) at->failed = true;
    return at->failed ? RECORD_FLOAT64 : (enum record_type)number;
}

static basin_status read_attribute_head(struct arena *arena, struct cursor *at,
                                        struct piece_attribute *attribute)
{
    attribute->name = cache_take_text(at);
    attribute->type = take_type(at, cache_take_number(at));
    attribute->count = (size_t)cache_take_number(at);
    bool is_text = attribute->type == RECORD_TEXT;
    if (!attribute->name || attribute->count > (is_text ? at->left : ATTRIBUTE_MOST))
        at->failed = true;
    if (at->failed || !is_text) return BASIN_OK;
    attribute->texts = arena_array(arena, const char *, elements(attribute->count));
    if (!attribute->texts) return BASIN_MEMORY;
    for (size_t i = 0; i < elements(attribute->count); i++)
        if (!(attribute->texts[i] = cache_take_text(at))) at->failed = true;
    return BASIN_OK;
}

static basin_status read_head(struct arena *arena, struct cursor *at, struct piece_head *head)
{
    head->path = cache_take_text(at);
    uint64_t kind = cache_take_number(at), rank = cache_take_number(at);
    head->is_group = kind & 1;
    head->is_omitted = kind >> 1 & 1;
    head->type = take_type(at, kind >> 2);
    if (!head->path || head->path[0] != '/' || rank > RECORD_RANK) at->failed = true;
    head->rank = at->failed ? 0 : (int)rank;
    for (int i = 0; i < head->rank; i++)
        if (!(head->axes[i] = cache_take_text(at))) at->failed = true;
    head->attribute_count = (size_t)cache_take_number(at);
    if (at->failed || head->attribute_count > at->left) return at->failed = true, BASIN_OK;
    head->attributes = arena_array(arena, struct piece_attribute, head->attribute_count + 1);
    if (!head->attributes) return BASIN_MEMORY;
    for (size_t i = 0; i < head->attribute_count && !at->failed; i++)
        TRY(read_attribute_head(arena, at, &head->attributes[i]));
    if (at->left) at->failed = true;
    return BASIN_OK;
}

/* NULL: there is no such word, or it is no head. */
static basin_status head_of_word(struct cache *cache, struct piece_heads *heads, uint64_t word,
                                 const struct piece_head **head)
{
    size_t length;
    const void *bytes = cache_word_of(cache, word, &length);
    *head = NULL;
    if (!bytes) return BASIN_OK;
    if (word >= heads->count) {
        if (!list_room(heads->arena, heads->items, heads->count, word + 1 - heads->count,
                       heads->capacity))
            return BASIN_MEMORY;
        heads->count = (size_t)word + 1;
    }
    if (!heads->items[word]) {
        struct cursor at = {bytes, length, false};
        struct piece_head *made = arena_allocate(heads->arena, sizeof *made);
        if (!made) return BASIN_MEMORY;
        TRY(read_head(heads->arena, &at, made));
        if (!at.failed) heads->items[word] = made;
    }
    *head = heads->items[word];
    return BASIN_OK;
}

static basin_status read_attribute(struct cursor *piece, const struct piece_attribute *attribute,
                                   struct record *record, struct record_item *item)
{
    const void *data = attribute->texts;
    if (attribute->type != RECORD_TEXT)
        data = cursor_take(piece, (uint64_t)elements(attribute->count) *
                                      record_element_size(attribute->type));
    return data ? record_attribute_add(record, item, attribute->name, attribute->type,
                                       attribute->count, data)
                : BASIN_OK;
}

/* The sizes of an array, and how many bytes its values are, at least one for each text. */
static size_t read_dims(const struct piece_head *head, struct cursor *piece, size_t *dims)
{
    uint64_t bytes = head->type == RECORD_TEXT ? 1 : record_element_size(head->type);
    for (int i = 0; i < head->rank; i++) {
        dims[i] = (size_t)cache_take_number(piece);
        if (dims[i] && bytes > UINT32_MAX / dims[i]) piece->failed = true;
        bytes *= piece->failed ? 0 : dims[i];
    }
    return (size_t)bytes;
}

static basin_status read_piece_texts(struct cursor *piece, struct arena *arena, size_t count,
                                     const void **values)
{
    if (count > piece->left) return piece->failed = true, BASIN_OK;
    const char **texts = arena_array(arena, const char *, count + 1);
    if (!(*values = texts)) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++)
        if (!(texts[i] = cache_take_text(piece))) piece->failed = true;
    return BASIN_OK;
}

static basin_status read_values(struct cache *cache, const struct piece_head *head, size_t bytes,
                                struct cursor *piece, struct arena *arena, const void **values)
{
    size_t length = 0;
    if (head->type == RECORD_TEXT) return read_piece_texts(piece, arena, bytes, values);
    if (!is_shared_axis(head->path, head->rank, head->axes[0], bytes)) {
        *values = cursor_take(piece, bytes);
        return BASIN_OK;
    }
    *values = cache_word_of(cache, cache_take_number(piece), &length);
    if (!*values || length != bytes) piece->failed = true;
    return BASIN_OK;
}

static basin_status read_item(struct cache *cache, const struct piece_head *head,
                              struct cursor *piece, struct record *record)
{
    size_t dims[RECORD_RANK] = {0}, bytes = read_dims(head, piece, dims);
    struct cursor numbers = *piece; /* of attributes, which an item can have once it is there */
    const void *values = NULL;
    struct record_item *item;
    for (size_t i = 0; i < head->attribute_count; i++)
        if (head->attributes[i].type != RECORD_TEXT)
            (void)cursor_take(piece, (uint64_t)elements(head->attributes[i].count) *
                                         record_element_size(head->attributes[i].type));
    if (!head->is_group && !head->is_omitted)
        TRY(read_values(cache, head, bytes, piece, record->arena, &values));
    if (piece->failed) return BASIN_OK;
    if (head->is_omitted)
        return record_omit(record, head->path, head->type, head->rank, dims, head->axes);
    TRY(head->is_group ? record_group(record, head->path, &item)
                       : record_add(record, head->path, head->type, head->rank, dims, head->axes,
                                    values, &item));
    for (size_t i = 0; i < head->attribute_count; i++)
        TRY(read_attribute(&numbers, &head->attributes[i], record, item));
    return BASIN_OK;
}

static basin_status read_items(struct cache *cache, struct piece_heads *heads, struct cursor *piece,
                               struct record *record)
{
    uint64_t count = cache_take_number(piece);
    for (uint64_t i = 0; i < count && !piece->failed; i++) {
        const struct piece_head *head;
        TRY(head_of_word(cache, heads, cache_take_number(piece), &head));
        if (!head) piece->failed = true;
        if (head) TRY(read_item(cache, head, piece, record));
    }
    if (piece->left) piece->failed = true;
    return BASIN_OK;
}

basin_status piece_read(struct cache *cache, struct piece_heads *heads, struct cursor *piece,
                        struct arena *arena, struct record **record, bool *is_good)
{
    basin_error before = *basin_error_last();
    TRY(record_create(arena, record));
    basin_status status = read_items(cache, heads, piece, *record);
    *is_good = status == BASIN_OK && !piece->failed;
    if (status == BASIN_MEMORY) return status;
    if (status != BASIN_OK) error_restore(&before);
    return BASIN_OK;
}
