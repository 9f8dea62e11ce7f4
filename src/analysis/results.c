#include "analysis/results.h"

#include <string.h>
#include "analysis/results_piece.h"
#include "base/list.h"
#include "folder/folder.h"
#include "folder/result.h"
#include "run/provenance.h"
#include "store/store.h"

/* A study's folder, and what is known of its results. */
struct results_folder {
    const char *path;
    struct cache *arrays, *states;
    struct piece_heads heads;
    size_t kept; /* bytes of arrays that were kept since it was opened */
};

enum { PIECE_LARGEST = 1 << 20, KEPT_MOST = 1 << 28 };

struct results {
    struct arena *arena;
    struct results_folder **folders;
    size_t count, capacity;
};

basin_status results_create(struct arena *arena, struct results **results)
{
    if (!(*results = arena_allocate(arena, sizeof **results))) return BASIN_MEMORY;
    (*results)->arena = arena;
    return BASIN_OK;
}

/* ---- folders ---- */

static void close_results_folder(void *resource)
{
    struct results_folder *folder = resource;
    cache_close(folder->arrays);
    cache_close(folder->states);
}

/* Caches first: at the end of the arena the last is closed first. */
static basin_status open_results_folder(struct arena *arena, const char *path,
                                        struct results_folder **out)
{
    struct results_folder *folder = *out = arena_allocate(arena, sizeof *folder);
    const struct ledger_reader reader = provenance_reader();
    if (!folder) return BASIN_MEMORY;
    folder->path = path;
    folder->heads.arena = arena;
    TRY(cache_open(arena, path, "curves", hash_bytes(reader.build, strlen(reader.build)),
                   &folder->arrays));
    TRY(ledger_states_open(arena, path, &reader, &folder->states));
    return arena_at_end(arena, close_results_folder, folder);
}

static basin_status results_folder_at(struct results *results, const char *path, size_t length,
                                      struct results_folder **folder)
{
    for (size_t i = results->count; i-- > 0;) {
        *folder = results->folders[i];
        if (strncmp((*folder)->path, path, length) == 0 && !(*folder)->path[length])
            return BASIN_OK;
    }
    char *copy = arena_text_n(results->arena, path, length);
    if (!copy || !list_room(results->arena, results->folders, results->count, 1, results->capacity))
        return BASIN_MEMORY;
    TRY(open_results_folder(results->arena, copy, folder));
    results->folders[results->count++] = *folder;
    return BASIN_OK;
}

/* The folder of "DIR/runs/ID.h5"; NULL for any other file. */
static basin_status folder_of_result(struct results *results, const char *file,
                                     struct results_folder **folder)
{
    static const char part[] = "/runs";
    const char *slash = strrchr(file, '/');
    size_t length = slash ? (size_t)(slash - file) : 0, tail = sizeof part - 1;
    *folder = NULL;
    if (!results || length <= tail || strncmp(slash - tail, part, tail) != 0) return BASIN_OK;
    return results_folder_at(results, file, length - tail, folder);
}

/* ---- files ---- */

static bool lacks_curves(const struct record *record)
{
    for (const struct record_item *item = record->omitted; item; item = item->next)
        if (piece_is_curve(item)) return true;
    return false;
}

/* Leaves out of a record what is large and no curve. */
static basin_status omit_large(struct record *record)
{
    for (struct record_item *item = record->items, *next; item; item = next) {
        next = item->next;
        if (item->is_group || record_count(item) <= RESULTS_ELEMENTS || piece_is_curve(item))
            continue;
        record_remove(record, item);
        TRY(record_omit(record, item->path, item->type, item->rank, item->dims, item->axes));
    }
    return BASIN_OK;
}

static basin_status load_arrays(const char *file, struct arena *arena, struct record **record)
{
    TRY(store_load_small(file, RESULTS_ELEMENTS, arena, record));
    if (lacks_curves(*record)) {
        TRY(store_load_small(file, RESULTS_POINTS, arena, record));
        TRY(omit_large(*record));
    }
    return result_check(file, *record);
}

static void keep_arrays(struct results_folder *folder, const struct record *record)
{
    struct text piece = {0};
    piece_write(folder->arrays, record, &piece);
    if (piece.length <= PIECE_LARGEST && folder->kept + piece.length <= KEPT_MOST) {
        cache_keep(folder->arrays, &piece);
        folder->kept += piece.length;
    }
    text_free(&piece);
}

basin_status results_arrays(struct results *results, const char *file, struct arena *arena,
                            struct record **record)
{
    struct results_folder *folder;
    struct cursor piece;
    TRY(folder_of_result(results, file, &folder));
    if (folder && cache_find(folder->arrays, file, &piece)) {
        bool is_good;
        TRY(piece_read(folder->arrays, &folder->heads, &piece, arena, record, &is_good));
        if (is_good) return BASIN_OK;
    }
    TRY(load_arrays(file, arena, record));
    if (folder && folder->arrays) keep_arrays(folder, *record);
    return BASIN_OK;
}

basin_status results_read(struct results *results, const char *file, struct arena *arena,
                          struct record **record)
{
    struct results_folder *folder;
    struct cursor piece;
    TRY(folder_of_result(results, file, &folder));
    bool has_arrays = !folder || !folder->arrays || cache_find(folder->arrays, file, &piece),
         has_state = !folder || !folder->states || cache_find(folder->states, file, &piece);
    TRY(load_arrays(file, arena, record));
    if (!has_arrays) keep_arrays(folder, *record);
    const struct ledger_reader reader = provenance_reader();
    if (!has_state) ledger_states_keep(folder->states, &reader, file, *record);
    return BASIN_OK;
}

struct ledger_reader results_reader(struct results *results, const char *folder)
{
    struct ledger_reader reader = provenance_reader();
    for (size_t i = 0; i < results->count; i++)
        if (strcmp(results->folders[i]->path, folder) == 0)
            reader.states = results->folders[i]->states;
    return reader;
}
