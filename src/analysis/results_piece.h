/* Result pieces: the arrays of a record as bytes in a cache, and back (results.h).
 *
 * What runs of a study share (paths, types, axes, texts of attributes, whole axes) are words of the
 * cache; a piece has their numbers, and the values:
 *
 *     piece     how many items, items
 *     item      word of its head, sizes, numbers of its attributes, values
 *     values    bytes as in memory; texts; of an axis a word
 *
 * Errors.  piece_write: `piece->failed`. piece_read: BASIN_MEMORY; what is not as piece_write makes
 * it, is not good.
 */
#ifndef BASIN_ANALYSIS_RESULTS_PIECE_H
#define BASIN_ANALYSIS_RESULTS_PIECE_H

#include "base/record.h"
#include "folder/cache.h"

/* Heads that were taken apart, by their words. */
struct piece_heads {
    struct arena *arena;
    struct piece_head **items;
    size_t count, capacity;
};

/* Is it a curve, or the axis of one: in /curves or /steps, or in /tracked over `epoch`? */
bool piece_is_curve(const struct record_item *item);

/* The groups /curves, /steps, /tracked and /measures, and what of them is omitted. */
void piece_write(struct cache *cache, const struct record *record, struct text *piece);
/* `heads`: of this cache; all zero at first, but for the arena. */
basin_status piece_read(struct cache *cache, struct piece_heads *heads, struct cursor *piece,
                        struct arena *arena, struct record **record, bool *is_good);

#endif
