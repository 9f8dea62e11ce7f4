/* Words: the different texts of a column, each with a number in the order of their appearance.
 *
 * Ownership.  The arena owns the texts; csv_words_free releases the rest. A struct csv_words starts
 * as {0}.
 */
#ifndef BASIN_FORMATS_CSV_WORDS_H
#define BASIN_FORMATS_CSV_WORDS_H

#include <stdint.h>
#include "base/arena.h"

struct csv_word {
    const char *text; /* zero-terminated */
    size_t length;
    uint64_t hash;
};

struct csv_words {
    struct csv_word *items;
    size_t count, capacity;
    uint32_t *slots; /* (slot_count) 1 + index of a word, 0: free; open addressing */
    size_t slot_count;
};

/* The number of the text, new or not. BASIN_MEMORY. */
basin_status csv_words_add(struct csv_words *words, struct arena *arena, const char *text,
                           size_t length, size_t *index);
bool csv_words_find(const struct csv_words *words, const char *text, size_t length, size_t *index);
/* The words for which `wanted` (count) is true, sorted by their bytes: `*sorted` are their numbers,
 * in the arena. */
basin_status csv_words_sort(const struct csv_words *words, const bool *wanted, struct arena *arena,
                            uint32_t **sorted, size_t *count);
void csv_words_free(struct csv_words *words);

#endif
