#include "base/arena.h"

#include <execinfo.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum { ALIGNMENT = 64, FIRST_CHUNK = 16 << 10, LARGEST_CHUNK = 1 << 20 };

static _Thread_local long fail_countdown;
static _Thread_local int64_t held,
    most_held; /* may be negative: memory of another thread was freed here */

void memory_fail_at(long n)
{
    fail_countdown = n;
}

long memory_fail_left(void)
{
    return fail_countdown;
}

/* What libraries may need between two allocations: buffers for the factors of a product in each
 * thread, code that oneDNN makes. */
enum { RESERVE = 32 << 20, LOOK = 64 << 10 };

static bool limited;
static pthread_mutex_t taking = PTHREAD_MUTEX_INITIALIZER;

static void take_lock(void)
{
    pthread_mutex_lock(&taking);
}

static void take_unlock(void)
{
    pthread_mutex_unlock(&taking);
}

static bool has_limit(int resource)
{
    struct rlimit limit;
    return getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

/* Smaller blocks come from malloc's heap: oneDNN takes and frees buffers in each product, and
 * mapping them costs more than a small product. */
void memory_start(void)
{
    enum { MAPPED = 1 << 20, SPARE = 4 << 20 };
    void *frame[1];
    backtrace(frame, 1); /* loads what unwinding needs: where memory is short it cannot be had */
    mallopt(M_MMAP_THRESHOLD, MAPPED);
    mallopt(M_TRIM_THRESHOLD, SPARE);
    limited = has_limit(RLIMIT_AS) || has_limit(RLIMIT_DATA);
    if (!limited) return;
    mallopt(M_ARENA_MAX, 1);                             /* each takes 64 MiB of addresses */
    pthread_atfork(take_lock, take_unlock, take_unlock); /* a child has no thread that unlocks */
}

bool memory_is_limited(void)
{
    return limited;
}

/* What the kernel counts against the two limits, in bytes. (It counts no stack as data; /proc does,
 * which is on the safe side.) */
static bool read_used(double *mapped, double *data)
{
    char text[160];
    unsigned long long pages, data_pages;
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : read(file, text, sizeof text - 1);
    if (file >= 0) close(file);
    if (length <= 0) return false;
    text[length] = 0;
    if (sscanf(text, "%llu %*u %*u %*u %*u %llu", &pages, &data_pages) != 2) return false;
    *mapped = (double)pages * (double)sysconf(_SC_PAGESIZE);
    *data = (double)data_pages * (double)sysconf(_SC_PAGESIZE);
    return true;
}

static bool fits_limit(int resource, double bytes)
{
    struct rlimit limit;
    return getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
           bytes <= (double)limit.rlim_cur;
}

/* Where /proc is not there: by trying, which for an instant leaves less to other threads. */
static bool can_be_mapped(size_t bytes)
{
    void *tried = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (tried == MAP_FAILED) return false;
    munmap(tried, bytes);
    return true;
}

bool memory_is_left(size_t bytes)
{
    double mapped, data;
    if (!limited) return true;
    if (bytes > SIZE_MAX - RESERVE) return false;
    if (!read_used(&mapped, &data)) return can_be_mapped(bytes + RESERVE);
    double more = (double)bytes + RESERVE;
    return fits_limit(RLIMIT_AS, mapped + more) && fits_limit(RLIMIT_DATA, data + more);
}

/* One thread at a time looks and takes: of two that look at once, each would see what the other is
 * about to take, and the reserve, on which libraries rely, would be gone. */
static void *take_if_left(size_t bytes)
{
    pthread_mutex_lock(&taking);
    void *memory =
        memory_is_left(bytes < LOOK ? 0 : bytes) ? aligned_alloc(ALIGNMENT, bytes) : NULL;
    pthread_mutex_unlock(&taking);
    return memory;
}

/* Of small blocks only every few are worth a look. */
static void *take(size_t bytes)
{
    static _Thread_local size_t since;
    if (!limited || (since += bytes) < LOOK) return aligned_alloc(ALIGNMENT, bytes);
    since = 0;
    return take_if_left(bytes);
}

static void *refuse(size_t bytes)
{
    error_memory(bytes);
    if (limited)
        error_hint("this process may not take more memory (see `ulimit -v` and `ulimit -d`): raise "
                   "the limit, or run fewer jobs at a time (-j) or a smaller batch");
    return NULL;
}

void *memory_allocate(size_t bytes)
{
    size_t rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (rounded < bytes) return refuse(bytes);
    if (rounded == 0) rounded = ALIGNMENT;
    void *memory = fail_countdown && --fail_countdown == 0 ? NULL : take(rounded);
    if (!memory) return refuse(bytes);
    held += (int64_t)malloc_usable_size(memory);
    if (held > most_held) most_held = held;
    return memset(memory, 0, rounded);
}

void memory_free(void *memory)
{
    if (memory) held -= (int64_t)malloc_usable_size(memory);
    free(memory);
}

void memory_peak_start(void)
{
    held = most_held = 0;
}

size_t memory_peak(void)
{
    return (size_t)most_held;
}

void *memory_grow(void *memory, size_t old_bytes, size_t bytes)
{
    void *grown = memory_allocate(bytes);
    if (!grown) return NULL;
    if (memory) memcpy(grown, memory, old_bytes < bytes ? old_bytes : bytes);
    memory_free(memory);
    return grown;
}

struct chunk {
    struct chunk *next;
    size_t size, used; /* bytes after this header */
};

/* A resource that is released with the arena. */
struct resource {
    struct resource *next;
    void (*release)(void *);
    void *resource;
};

struct arena {
    struct chunk *chunks;
    struct resource *resources;
    size_t next_size, bytes;
};

_Static_assert(sizeof(struct chunk) <= ALIGNMENT,
               "a chunk's header fits before its first aligned byte");

basin_status arena_create(struct arena **out)
{
    *out = memory_allocate(sizeof **out);
    if (!*out) return BASIN_MEMORY;
    (*out)->next_size = FIRST_CHUNK;
    return BASIN_OK;
}

void arena_destroy(struct arena *arena)
{
    if (!arena) return;
    for (struct resource *each = arena->resources; each; each = each->next)
        each->release(each->resource);
    for (struct chunk *chunk = arena->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        memory_free(chunk);
    }
    memory_free(arena);
}

static struct chunk *chunk_add(struct arena *arena, size_t bytes)
{
    size_t size = bytes > arena->next_size || fail_countdown ? bytes : arena->next_size;
    if (size > SIZE_MAX - ALIGNMENT) {
        error_memory(bytes);
        return NULL;
    }
    struct chunk *chunk = memory_allocate(ALIGNMENT + size);
    if (!chunk) return NULL;
    chunk->size = size;
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    arena->bytes += ALIGNMENT + size;
    if (arena->next_size < LARGEST_CHUNK && size >= arena->next_size) arena->next_size *= 2;
    return chunk;
}

void *arena_allocate(struct arena *arena, size_t bytes)
{
    size_t alignment = bytes >= ALIGNMENT ? ALIGNMENT : 16;
    struct chunk *chunk = arena->chunks;
    size_t start = chunk ? (chunk->used + alignment - 1) / alignment * alignment : 0;
    if (!chunk || fail_countdown || start > chunk->size || bytes > chunk->size - start) {
        chunk = chunk_add(arena, bytes);
        if (!chunk) return NULL;
        start = 0;
    }
    chunk->used = start + bytes;
    return (char *)chunk + ALIGNMENT + start;
}

void *arena_allocate_array(struct arena *arena, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size) {
        error_memory(SIZE_MAX);
        return NULL;
    }
    return arena_allocate(arena, count * size);
}

char *arena_text_n(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_allocate(arena, length + 1);
    if (copy) memcpy(copy, text, length);
    return copy;
}

char *arena_text(struct arena *arena, const char *text)
{
    return arena_text_n(arena, text, strlen(text));
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = length < 0 ? NULL : arena_allocate(arena, (size_t)length + 1);
    if (text) vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

size_t arena_bytes(const struct arena *arena)
{
    return arena->bytes;
}

basin_status arena_at_end(struct arena *arena, void (*release)(void *), void *resource)
{
    struct resource *each = arena_array(arena, struct resource, 1);
    if (!each) {
        release(resource);
        return BASIN_MEMORY;
    }
    *each = (struct resource){.next = arena->resources, .release = release, .resource = resource};
    arena->resources = each;
    return BASIN_OK;
}
