#include "formats/csv_words.h"

#include <string.h>
#include "base/hash.h"
#include "base/list.h"

enum { SLOTS_FIRST = 64 };

/* The slot of the text, or the free one where it belongs; there is always a free one. */
static size_t slot_find(const struct csv_words *words, const char *text, size_t length,
                        uint64_t hash)
{
    size_t slot = hash & (words->slot_count - 1);
    for (; words->slots[slot]; slot = (slot + 1) & (words->slot_count - 1)) {
        const struct csv_word *word = &words->items[words->slots[slot] - 1];
        if (word->hash == hash && word->length == length && memcmp(word->text, text, length) == 0)
            break;
    }
    return slot;
}

/* Twice the slots, so that at most half of them are taken. */
static basin_status slots_grow(struct csv_words *words)
{
    if (2 * (words->count + 1) <= words->slot_count) return BASIN_OK;
    size_t count = words->slot_count ? 2 * words->slot_count : SLOTS_FIRST;
    uint32_t *slots = memory_allocate(count * sizeof *slots);
    if (!slots) return BASIN_MEMORY;
    memory_free(words->slots);
    words->slots = slots;
    words->slot_count = count;
    for (size_t i = 0; i < words->count; i++) {
        size_t slot = words->items[i].hash & (count - 1);
        while (slots[slot]) slot = (slot + 1) & (count - 1);
        slots[slot] = (uint32_t)i + 1;
    }
    return BASIN_OK;
}

bool csv_words_find(const struct csv_words *words, const char *text, size_t length, size_t *index)
{
    if (words->slot_count == 0) return false;
    size_t slot = slot_find(words, text, length, hash_bytes(text, length).low);
    if (words->slots[slot]) *index = words->slots[slot] - 1;
    return words->slots[slot] != 0;
}

basin_status csv_words_add(struct csv_words *words, struct arena *arena, const char *text,
                           size_t length, size_t *index)
{
    uint64_t hash = hash_bytes(text, length).low;
    TRY(slots_grow(words));
    size_t slot = slot_find(words, text, length, hash);
    if (!words->slots[slot]) {
        const char *copy = arena_text_n(arena, text, length);
        if (!copy || !list_room(NULL, words->items, words->count, 1, words->capacity))
            return BASIN_MEMORY;
        words->items[words->count++] = (struct csv_word){copy, length, hash};
        words->slots[slot] = (uint32_t)words->count;
    }
    *index = words->slots[slot] - 1;
    return BASIN_OK;
}

struct sorted_word {
    const char *text;
    uint32_t index;
};

static int compare_words(const void *a, const void *b)
{
    return strcmp(((const struct sorted_word *)a)->text, ((const struct sorted_word *)b)->text);
}

basin_status csv_words_sort(const struct csv_words *words, const bool *wanted, struct arena *arena,
                            uint32_t **sorted, size_t *count)
{
    struct sorted_word *list = arena_array(arena, struct sorted_word, words->count + 1);
    *sorted = arena_array(arena, uint32_t, words->count + 1);
    if (!list || !*sorted) return BASIN_MEMORY;
    *count = 0;
    for (size_t i = 0; i < words->count; i++)
        if (wanted[i]) list[(*count)++] = (struct sorted_word){words->items[i].text, (uint32_t)i};
    qsort(list, *count, sizeof *list, compare_words);
    for (size_t i = 0; i < *count; i++) (*sorted)[i] = list[i].index;
    return BASIN_OK;
}

void csv_words_free(struct csv_words *words)
{
    memory_free(words->items);
    memory_free(words->slots);
    *words = (struct csv_words){0};
}
