#include "graph/cache.h"

#include <pthread.h>
#include <string.h>
#include "graph/node.h"

/* ---- what a program depends on ---- */

enum { NODE_WORDS = 3 + NODE_INPUTS + NODE_ATTRIBUTES + GRAPH_RANK };

/* A node as words without padding: the bytes between the members of a struct are undefined. */
static void add_node(struct hash_stream *stream, const struct node *node)
{
    int64_t words[NODE_WORDS], *word = words;
    *word++ = node->op;
    *word++ = node->shape.rank;
    memcpy(word++, &node->number, sizeof node->number);
    for (int i = 0; i < NODE_INPUTS; i++) *word++ = node->input[i];
    for (int i = 0; i < NODE_ATTRIBUTES; i++) *word++ = node->attribute[i];
    for (int i = 0; i < GRAPH_RANK; i++) *word++ = i < node->shape.rank ? node->shape.dim[i] : 0;
    hash_add(stream, words, sizeof words);
}

basin_status graph_digest(const struct graph *graph, const int64_t *more, size_t count,
                          struct digest *digest)
{
    struct hash_stream *stream;
    int64_t sizes[3] = {graph->count, graph->result_count, (int64_t)count};
    TRY(hash_create(&stream));
    hash_add(stream, sizes, sizeof sizes);
    for (int i = 0; i < graph->count; i++) add_node(stream, &graph->nodes[i]);
    for (int i = 0; i < graph->result_count; i++) {
        const struct graph_result *result = &graph->results[i];
        int64_t words[3] = {result->node, result->slot, result->offset};
        hash_add(stream, words, sizeof words);
    }
    hash_add(stream, more, count * sizeof *more);
    *digest = hash_digest(stream);
    hash_destroy(stream);
    return BASIN_OK;
}

/* ---- the programs ---- */

struct cached {
    struct digest digest;
    struct arena *arena;
    struct program *program;
    int users;
    struct cached *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct cached *entries; /* the most recently used first */

static void entry_destroy(struct cached *entry)
{
    if (entry) arena_destroy(entry->arena);
    memory_free(entry);
}

/* Finds an entry, adds a user and moves it to the front; NULL where there is none. The lock is
 * held. */
static struct cached *use(struct digest digest)
{
    struct cached **at = &entries;
    while (*at && !digest_equal((*at)->digest, digest)) at = &(*at)->next;
    struct cached *entry = *at;
    if (!entry) return NULL;
    *at = entry->next;
    entry->next = entries;
    entries = entry;
    entry->users++;
    return entry;
}

/* Removes the entries without a user from the list, except for the first `kept`. The lock is held.
 */
static struct cached *take_unused(int kept)
{
    struct cached **at = &entries, *unused = NULL;
    while (*at) {
        struct cached *entry = *at;
        if (entry->users || kept-- > 0) {
            at = &entry->next;
            continue;
        }
        *at = entry->next;
        entry->next = unused;
        unused = entry;
    }
    return unused;
}

static void destroy_all(struct cached *entry)
{
    for (struct cached *next; entry; entry = next) {
        next = entry->next;
        entry_destroy(entry);
    }
}

static basin_status entry_make(struct digest digest, program_maker *make, void *context,
                               struct cached **out)
{
    struct cached *entry = memory_allocate(sizeof *entry);
    if (!entry) return BASIN_MEMORY;
    entry->digest = digest;
    basin_status status = arena_create(&entry->arena);
    if (status == BASIN_OK) status = make(context, entry->arena, &entry->program);
    if (status == BASIN_OK)
        *out = entry;
    else
        entry_destroy(entry);
    return status;
}

/* Adds a new entry, or returns the one that another thread has added meanwhile. */
static const struct program *cache_add(struct cached *made)
{
    pthread_mutex_lock(&lock);
    struct cached *entry = use(made->digest), *spare = entry ? made : NULL;
    if (!entry) {
        entry = made;
        entry->users = 1;
        entry->next = entries;
        entries = entry;
    }
    pthread_mutex_unlock(&lock);
    entry_destroy(spare);
    return entry->program;
}

basin_status cache_take(struct digest digest, program_maker *make, void *context,
                        const struct program **program)
{
    struct cached *made;
    pthread_mutex_lock(&lock);
    struct cached *entry = use(digest);
    pthread_mutex_unlock(&lock);
    if (!entry)
        TRY(entry_make(digest, make, context, &made)); /* without the lock: compiling takes long */
    *program = entry ? entry->program : cache_add(made);
    return BASIN_OK;
}

static void forget(int kept)
{
    pthread_mutex_lock(&lock);
    struct cached *unused = take_unused(kept);
    pthread_mutex_unlock(&lock);
    destroy_all(unused);
}

void cache_return(const struct program *program)
{
    if (!program) return;
    pthread_mutex_lock(&lock);
    for (struct cached *entry = entries; entry; entry = entry->next)
        if (entry->program == program) entry->users--;
    pthread_mutex_unlock(&lock);
    forget(CACHE_UNUSED);
}

void cache_clear(void)
{
    forget(0);
}
