/* Cache: what is slow to find out from a result file, kept between calls of the program.
 *
 *     DIR/cache/<kind>     one file a kind: for each result of DIR/runs a piece of bytes that its
 *                          reader has made, with a stamp of the file that it was made from
 *
 * Purpose.  `table`, `status` and `collect` of thousands of finished runs read every file, verify
 * its digest and parse its spec. What came of that is kept here as long as the file is the same.
 * Promise.  What is shown never depends on a cache. A piece counts only while its result has the
 * same inode, size and times (of content and of status, which no program can set); a file that
 * changed just now is not kept, since it could change again within the clock's resolution. A cache
 * of another build, of another context, or damaged, counts as none; one that cannot be written is
 * not there. It may be deleted at any time, and several processes may share it: it is replaced as a
 * whole. A folder of few runs has none.
 * Ownership.  Everything that is found lives in the arena.
 * Errors.  Only BASIN_MEMORY, of cache_open. All other failures leave the last error as it was.
 */
#ifndef BASIN_FOLDER_CACHE_H
#define BASIN_FOLDER_CACHE_H

#include "base/arena.h"
#include "base/hash.h"
#include "base/text.h"
#include "store/cursor.h"

/* What tells a file from what it was before. */
struct cache_stamp {
    uint64_t inode, size, modified, changed; /* times in nanoseconds */
};

enum { CACHE_WORTH = 64 }; /* results that a cache lacks before it is written */

struct cache;

/* `context`: what else the pieces depend on, beside the results. `*cache` is NULL, which every
 * function takes, where `folder` is no study's. */
basin_status cache_open(struct arena *arena, const char *folder, const char *kind,
                        struct digest context, struct cache **cache);
/* Writes the pieces of results that are as they were, where that is worth it. */
void cache_close(struct cache *cache);
/* Writes it, however little it has. */
void cache_save(struct cache *cache);

/* The stamp of a regular file; false: it is none. `*is_settled`: the next change will give it
 * another one. */
bool cache_take_stamp(const char *file, struct cache_stamp *stamp, bool *is_settled);
/* One process at a time; -1 where there is no cache and, with `make`, none can be made. */
int cache_lock(const char *folder, bool make);
void cache_unlock(int lock);

/* What is known of a result, `file` as folder_list names it. Where that is nothing the caller reads
 * the file and keeps what it finds: the stamp is taken here, before that. */
bool cache_find(struct cache *cache, const char *file, struct cursor *piece);
void cache_keep(struct cache *cache, const struct text *piece);

/* Bytes that many pieces share, as a number; CACHE_NO_WORD where there is no room. */
#define CACHE_NO_WORD UINT32_MAX
uint32_t cache_word(struct cache *cache, const void *bytes, size_t length);
const void *cache_word_of(const struct cache *cache, uint64_t word, size_t *length); /* or NULL */

/* How pieces are written and read: whole numbers in as few bytes as they need, doubles, texts with
 * a terminating 0. */
void cache_put_number(struct text *piece, uint64_t number);
void cache_put_double(struct text *piece, double number);
void cache_put_text(struct text *piece, const char *text); /* may be NULL */
void cache_put_digest(struct text *piece, struct digest digest);
uint64_t cache_take_number(struct cursor *piece);
double cache_take_double(struct cursor *piece);
const char *cache_take_text(struct cursor *piece);
struct digest cache_take_digest(struct cursor *piece);

#endif
