#include "folder/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/list.h"
#include "folder/folder.h"
#include "store/file.h"

#define CACHE_MAGIC "BASINca1"
enum { MAGIC_LENGTH = 8, DIGEST_LENGTH = 16, CACHE_LARGEST = 1 << 30 };

struct cache_entry {
    const char *name; /* of the file, without its folder */
    struct cache_stamp stamp;
    const uint8_t *bytes;
    size_t length;
    bool counts; /* found or kept since the cache was opened, or its result is still the same */
};

struct cache_bytes {
    const uint8_t *bytes;
    size_t length;
};

/* Open addressing: 1 + the index of an entry or word, by its hash; 0: free. */
struct cache_index {
    uint32_t *places;
    size_t room, count;
};

struct cache {
    struct arena *arena;
    char path[FOLDER_PATH], folder[FOLDER_PATH]; /* of the cache, and of the cache's folder */
    struct digest context;
    struct cache_entry *entries;
    size_t count, capacity, added;
    struct cache_bytes *words;
    size_t word_count, word_capacity;
    struct cache_index by_name, by_word;
    const char *name; /* of the file that was asked for last, and its stamp then */
    const char *file;
    struct cache_stamp stamp;
    bool is_settled; /* that stamp, when it was taken */
    bool failed;     /* no memory: nothing is kept */
};

/* ---- numbers in pieces ---- */

void cache_put_number(struct text *piece, uint64_t number)
{
    char bytes[10];
    size_t length = 0;
    for (; number >= 128; number >>= 7) bytes[length++] = (char)(number | 128);
    bytes[length++] = (char)number;
    text_append_n(piece, bytes, length);
}

uint64_t cache_take_number(struct cursor *piece)
{
    uint64_t number = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        const uint8_t *byte = cursor_take(piece, 1);
        if (!byte) return 0;
        number |= (uint64_t)(*byte & 127) << shift;
        if (*byte < 128) return number;
    }
    piece->failed = true;
    return 0;
}

void cache_put_double(struct text *piece, double number)
{
    char bytes[sizeof number];
    memcpy(bytes, &number, sizeof number);
    text_append_n(piece, bytes, sizeof bytes);
}

double cache_take_double(struct cursor *piece)
{
    double number = 0;
    const uint8_t *bytes = cursor_take(piece, sizeof number);
    if (bytes) memcpy(&number, bytes, sizeof number);
    return number;
}

void cache_put_text(struct text *piece, const char *text)
{
    cache_put_number(piece, text ? strlen(text) + 1 : 0);
    if (text) text_append_n(piece, text, strlen(text) + 1);
}

const char *cache_take_text(struct cursor *piece)
{
    uint64_t length = cache_take_number(piece);
    if (piece->failed || length == 0) return NULL;
    const uint8_t *bytes = cursor_take(piece, length);
    if (bytes && (bytes[length - 1] || memchr(bytes, 0, length - 1))) piece->failed = true;
    return piece->failed ? NULL : (const char *)bytes;
}

void cache_put_digest(struct text *out, struct digest digest)
{
    for (int i = 0; i < 8; i++) text_append_n(out, &(char){(char)(digest.low >> 8 * i)}, 1);
    for (int i = 0; i < 8; i++) text_append_n(out, &(char){(char)(digest.high >> 8 * i)}, 1);
}

struct digest cache_take_digest(struct cursor *at)
{
    struct digest digest = {.low = cursor_number(at, 8)};
    digest.high = cursor_number(at, 8);
    return digest;
}

/* ---- finding by bytes ---- */

static struct cache_bytes cache_key(const struct cache *cache, const struct cache_index *index,
                                    uint32_t at)
{
    if (index == &cache->by_word) return cache->words[at];
    const char *name = cache->entries[at].name;
    return (struct cache_bytes){(const uint8_t *)name, strlen(name)};
}

/* The place of the key in the index, or the free one where it belongs. */
static uint32_t *cache_place(const struct cache *cache, const struct cache_index *index,
                             const void *bytes, size_t length)
{
    size_t at = hash_bytes(bytes, length).low & (index->room - 1);
    for (; index->places[at]; at = (at + 1) & (index->room - 1)) {
        struct cache_bytes key = cache_key(cache, index, index->places[at] - 1);
        if (key.length == length && memcmp(key.bytes, bytes, length) == 0) break;
    }
    return &index->places[at];
}

/* Room for one more. */
static bool cache_index_room(struct cache *cache, struct cache_index *index)
{
    struct cache_index grown = {.room = index->room ? 2 * index->room : 256, .count = index->count};
    if (2 * (index->count + 1) <= index->room) return true;
    grown.places = arena_array(cache->arena, uint32_t, grown.room);
    if (!grown.places) return false;
    for (size_t i = 0; i < index->room; i++) {
        if (!index->places[i]) continue;
        struct cache_bytes key = cache_key(cache, index, index->places[i] - 1);
        size_t at = hash_bytes(key.bytes, key.length).low & (grown.room - 1);
        while (grown.places[at]) at = (at + 1) & (grown.room - 1);
        grown.places[at] = index->places[i];
    }
    *index = grown;
    return true;
}

static bool add_word(struct cache *cache, const void *bytes, size_t length)
{
    if (!cache_index_room(cache, &cache->by_word) || cache->word_count >= CACHE_NO_WORD - 1 ||
        !list_room(cache->arena, cache->words, cache->word_count, 1, cache->word_capacity))
        return false;
    uint32_t *place = cache_place(cache, &cache->by_word, bytes, length);
    cache->words[cache->word_count] = (struct cache_bytes){bytes, length};
    *place = (uint32_t)++cache->word_count;
    cache->by_word.count++;
    return true;
}

uint32_t cache_word(struct cache *cache, const void *bytes, size_t length)
{
    if (!cache || cache->failed) return CACHE_NO_WORD;
    if (cache->by_word.room) {
        uint32_t known = *cache_place(cache, &cache->by_word, bytes, length);
        if (known) return known - 1;
    }
    basin_error before = *basin_error_last();
    char *own = arena_allocate(cache->arena, length + 1);
    if (own) memcpy(own, bytes, length);
    if (own && add_word(cache, own, length)) return (uint32_t)cache->word_count - 1;
    cache->failed = true;
    error_restore(&before);
    return CACHE_NO_WORD;
}

const void *cache_word_of(const struct cache *cache, uint64_t word, size_t *length)
{
    if (!cache || word >= cache->word_count) return NULL;
    *length = cache->words[word].length;
    return cache->words[word].bytes;
}

static struct cache_entry *cache_entry_of(const struct cache *cache, const char *name)
{
    if (!cache->by_name.room) return NULL;
    uint32_t known = *cache_place(cache, &cache->by_name, name, strlen(name));
    return known ? &cache->entries[known - 1] : NULL;
}

/* NULL: no memory. */
static struct cache_entry *cache_add_entry(struct cache *cache, const char *name)
{
    struct cache_entry *known = cache_entry_of(cache, name);
    if (known) return known;
    if (!cache_index_room(cache, &cache->by_name) || cache->count >= UINT32_MAX - 1 ||
        !list_room(cache->arena, cache->entries, cache->count, 1, cache->capacity))
        return NULL;
    uint32_t *place = cache_place(cache, &cache->by_name, name, strlen(name));
    struct cache_entry *entry = &cache->entries[cache->count++];
    *entry = (struct cache_entry){.name = name};
    *place = (uint32_t)cache->count;
    cache->by_name.count++;
    return entry;
}

/* ---- stamps ---- */

static uint64_t nanoseconds(struct timespec time)
{
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static bool take_stamp(const char *file, struct cache_stamp *stamp)
{
    struct stat about;
    *stamp = (struct cache_stamp){0};
    if (stat(file, &about) != 0 || !S_ISREG(about.st_mode)) return false;
    *stamp = (struct cache_stamp){(uint64_t)about.st_ino, (uint64_t)about.st_size,
                                  nanoseconds(about.st_mtim), nanoseconds(about.st_ctim)};
    return true;
}

/* Could the file have changed since without another stamp? File systems count time in ticks of the
 * kernel (at most 10 ms), or in whole seconds, two at most. */
static bool stamp_is_settled(const struct cache_stamp *stamp)
{
    enum { TICK = 50000000 };
    static const uint64_t second = 1000000000u;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t wait = stamp->changed % second && stamp->modified % second ? TICK : 3 * second;
    return nanoseconds(now) > stamp->changed + wait;
}

bool cache_take_stamp(const char *file, struct cache_stamp *stamp, bool *is_settled)
{
    *is_settled = false;
    if (!take_stamp(file, stamp)) return false;
    *is_settled = stamp_is_settled(stamp);
    return true;
}

/* ---- reading ---- */

static bool cache_read_words(struct cache *cache, struct cursor *at)
{
    uint64_t count = cursor_number(at, 4);
    for (uint64_t i = 0; i < count && !at->failed; i++) {
        uint64_t length = cursor_number(at, 4);
        const uint8_t *bytes = cursor_take(at, length);
        if (bytes && !add_word(cache, bytes, (size_t)length)) return false;
    }
    return true;
}

static bool cache_read_entries(struct cache *cache, struct cursor *at)
{
    uint64_t count = cursor_number(at, 4);
    for (uint64_t i = 0; i < count && !at->failed; i++) {
        const char *name = cache_take_text(at);
        struct cache_stamp stamp = {.inode = cursor_number(at, 8)};
        stamp.size = cursor_number(at, 8);
        stamp.modified = cursor_number(at, 8);
        stamp.changed = cursor_number(at, 8);
        uint64_t length = cursor_number(at, 4);
        const uint8_t *bytes = cursor_take(at, length);
        if (!name || !bytes) break;
        struct cache_entry *entry = cache_add_entry(cache, name);
        if (!entry) return false;
        entry->stamp = stamp;
        entry->bytes = bytes;
        entry->length = (size_t)length;
    }
    return true;
}

/* False where there is no memory for what it holds. */
static bool cache_read_bytes(struct cache *cache, const uint8_t *bytes, size_t length)
{
    if (length < MAGIC_LENGTH + 2 * DIGEST_LENGTH) return true;
    struct cursor at = {bytes, length - DIGEST_LENGTH, false},
                  end = {bytes + length - DIGEST_LENGTH, DIGEST_LENGTH, false};
    if (!digest_equal(hash_bytes(bytes, length - DIGEST_LENGTH), cache_take_digest(&end)))
        return true;
    if (memcmp(cursor_take(&at, MAGIC_LENGTH), CACHE_MAGIC, MAGIC_LENGTH) != 0) return true;
    if (!digest_equal(cache_take_digest(&at), cache->context)) return true;
    return cache_read_words(cache, &at) && cache_read_entries(cache, &at);
}

static void cache_release(void *bytes)
{
    memory_free(bytes);
}

static bool cache_read_open(struct cache *cache, int file, size_t length)
{
    uint8_t *bytes = memory_allocate(length + 1);
    if (!bytes || arena_at_end(cache->arena, cache_release, bytes) != BASIN_OK) return false;
    if (file_read_part(file, cache->path, 0, bytes, length) != BASIN_OK) return true;
    return cache_read_bytes(cache, bytes, length);
}

static basin_status cache_read(struct cache *cache)
{
    struct stat about;
    int file;
    bool has_memory = true;
    basin_error before = *basin_error_last();
    if (access(cache->path, R_OK) == 0 &&
        file_open(cache->path, O_RDONLY | O_NOFOLLOW, &file) == BASIN_OK) {
        if (fstat(file, &about) == 0 && about.st_size < CACHE_LARGEST)
            has_memory = cache_read_open(cache, file, (size_t)about.st_size);
        close(file);
    }
    if (!has_memory) return BASIN_MEMORY;
    error_restore(&before);
    return BASIN_OK;
}

/* Pieces of another build may mean something else, also where it has the same version. */
static struct digest with_program(struct digest context)
{
    struct {
        struct digest context;
        struct cache_stamp program;
    } all;
    memset(&all, 0, sizeof all);
    all.context = context;
    (void)take_stamp("/proc/self/exe", &all.program);
    return hash_bytes(&all, sizeof all);
}

basin_status cache_open(struct arena *arena, const char *folder, const char *kind,
                        struct digest context, struct cache **out)
{
    char runs[FOLDER_PATH];
    int length = snprintf(runs, sizeof runs, "%s/runs", folder);
    *out = NULL;
    if (length < 0 || (size_t)length + 64 > sizeof runs || !folder_exists(runs)) return BASIN_OK;
    struct cache *cache = arena_allocate(arena, sizeof *cache);
    if (!cache) return BASIN_MEMORY;
    cache->arena = arena;
    cache->context = with_program(context);
    snprintf(cache->folder, sizeof cache->folder, "%.*s/cache", FOLDER_PATH - 64, folder);
    snprintf(cache->path, sizeof cache->path, "%.*s/%.32s", FOLDER_PATH - 64, cache->folder, kind);
    *out = cache;
    return cache_read(cache);
}

bool cache_find(struct cache *cache, const char *file, struct cursor *piece)
{
    if (!cache) return false;
    const char *slash = strrchr(file, '/');
    cache->file = file;
    cache->name = slash ? slash + 1 : file;
    if (!take_stamp(file, &cache->stamp)) return false;
    cache->is_settled = stamp_is_settled(&cache->stamp);
    struct cache_entry *entry = cache_entry_of(cache, cache->name);
    if (!entry || memcmp(&entry->stamp, &cache->stamp, sizeof entry->stamp) != 0) return false;
    *piece = (struct cursor){entry->bytes, entry->length, false};
    entry->counts = true;
    return true;
}

/* ---- writing ---- */

static bool copy_piece(struct cache *cache, const struct text *piece)
{
    char *name = arena_text(cache->arena, cache->name),
         *bytes = arena_allocate(cache->arena, piece->length + 1);
    struct cache_entry *entry = name && bytes ? cache_add_entry(cache, name) : NULL;
    if (!entry) return false;
    memcpy(bytes, text_data(piece), piece->length);
    *entry = (struct cache_entry){name, cache->stamp, (const uint8_t *)bytes, piece->length, true};
    cache->added++;
    return true;
}

void cache_keep(struct cache *cache, const struct text *piece)
{
    struct cache_stamp now;
    if (!cache || cache->failed || piece->failed || !cache->file) return;
    bool is_same = cache->is_settled && take_stamp(cache->file, &now) &&
                   memcmp(&now, &cache->stamp, sizeof now) == 0;
    basin_error before = *basin_error_last();
    if (is_same && !copy_piece(cache, piece)) {
        cache->failed = true;
        error_restore(&before);
    }
    cache->file = NULL;
}

static void put_fixed(struct text *out, uint64_t number, int bytes)
{
    for (int i = 0; i < bytes; i++) text_append_n(out, &(char){(char)(number >> 8 * i)}, 1);
}

static void put_entry(struct text *out, const struct cache_entry *entry)
{
    const struct cache_stamp *stamp = &entry->stamp;
    cache_put_text(out, entry->name);
    put_fixed(out, stamp->inode, 8);
    put_fixed(out, stamp->size, 8);
    put_fixed(out, stamp->modified, 8);
    put_fixed(out, stamp->changed, 8);
    put_fixed(out, entry->length, 4);
    text_append_n(out, (const char *)entry->bytes, entry->length);
}

static void cache_write(const struct cache *cache, struct text *out)
{
    size_t counting = 0;
    text_append_n(out, CACHE_MAGIC, MAGIC_LENGTH);
    cache_put_digest(out, cache->context);
    put_fixed(out, cache->word_count, 4);
    for (size_t i = 0; i < cache->word_count; i++) {
        put_fixed(out, cache->words[i].length, 4);
        text_append_n(out, (const char *)cache->words[i].bytes, cache->words[i].length);
    }
    for (size_t i = 0; i < cache->count; i++) counting += cache->entries[i].counts;
    put_fixed(out, counting, 4);
    for (size_t i = 0; i < cache->count; i++)
        if (cache->entries[i].counts) put_entry(out, &cache->entries[i]);
    cache_put_digest(out, hash_bytes(text_data(out), out->length));
}

/* Those that nobody asked for: the runs of another spec in the same folder, say. */
static void cache_count_others(struct cache *cache)
{
    int folder = (int)(strlen(cache->folder) - strlen("/cache"));
    for (size_t i = 0; i < cache->count; i++) {
        struct cache_entry *entry = &cache->entries[i];
        struct cache_stamp now;
        char path[FOLDER_PATH + 300];
        if (entry->counts) continue;
        snprintf(path, sizeof path, "%.*s/runs/%.256s", folder, cache->folder, entry->name);
        entry->counts = take_stamp(path, &now) && memcmp(&now, &entry->stamp, sizeof now) == 0;
    }
}

static bool has_folder(const char *folder)
{
    struct stat about;
    if (lstat(folder, &about) == 0) return S_ISDIR(about.st_mode);
    return store_make_folder(folder) == BASIN_OK;
}

void cache_close(struct cache *cache)
{
    if (cache && cache->added >= CACHE_WORTH) cache_save(cache);
}

void cache_save(struct cache *cache)
{
    struct text out = {0};
    if (!cache || cache->failed) return;
    basin_error before = *basin_error_last();
    cache_count_others(cache);
    cache_write(cache, &out);
    if (!out.failed && out.length < CACHE_LARGEST && has_folder(cache->folder) &&
        store_clean_folder(cache->folder) == BASIN_OK)
        (void)store_write_file(cache->path, text_data(&out), out.length);
    text_free(&out);
    error_restore(&before);
}

int cache_lock(const char *folder, bool make)
{
    char path[FOLDER_PATH];
    basin_error before = *basin_error_last();
    int length = snprintf(path, sizeof path, "%s/cache", folder), lock = -1;
    bool is_there = length > 0 && (size_t)length < sizeof path && (!make || has_folder(path));
    if (is_there) lock = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    while (lock >= 0 && flock(lock, LOCK_EX) != 0) {
        if (errno == EINTR) continue;
        close(lock);
        lock = -1;
    }
    error_restore(&before);
    return lock;
}

void cache_unlock(int lock)
{
    if (lock >= 0) close(lock);
}
