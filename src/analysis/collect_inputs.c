#include "analysis/collect_inputs.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "folder/cache.h"
#include "folder/folder.h"

/* The digest is a sum, since a folder lists its files in any order. */
static void add_input(struct collect_inputs *inputs, const char *part, const char *name,
                      const struct cache_stamp *stamp)
{
    struct {
        char part[32], name[288];
        struct cache_stamp stamp;
    } input;
    memset(&input, 0, sizeof input);
    snprintf(input.part, sizeof input.part, "%s", part);
    snprintf(input.name, sizeof input.name, "%s", name);
    input.stamp = *stamp;
    struct digest digest = hash_bytes(&input, sizeof input);
    inputs->digest.low += digest.low;
    inputs->digest.high += digest.high;
}

static void look_at_input(const char *folder, const char *part, const char *name,
                          struct collect_inputs *inputs)
{
    struct cache_stamp stamp;
    char path[FOLDER_PATH];
    bool is_settled;
    int length = snprintf(path, sizeof path, "%s/%s/%s", folder, part, name);
    bool is_file =
        length > 0 && (size_t)length < sizeof path && cache_take_stamp(path, &stamp, &is_settled);
    if (!is_file || !is_settled) inputs->is_steady = false;
    if (is_file) add_input(inputs, part, name, &stamp);
}

/* How many files there are. */
static size_t look_at_part(const char *folder, const char *part, struct collect_inputs *inputs)
{
    char path[FOLDER_PATH];
    size_t count = 0;
    snprintf(path, sizeof path, "%s/%s", folder, part);
    errno = 0;
    DIR *files = opendir(path);
    if (!files && errno != ENOENT) inputs->is_steady = false;
    for (struct dirent *entry; files && (entry = readdir(files));) {
        if (entry->d_name[0] == '.') continue;
        look_at_input(folder, part, entry->d_name, inputs);
        count++;
    }
    if (files) closedir(files);
    return count;
}

void collect_inputs_look(const char *folder, struct collect_inputs *inputs)
{
    *inputs = (struct collect_inputs){.is_steady = strlen(folder) < FOLDER_PATH - 512};
    if (!inputs->is_steady) return;
    inputs->results = look_at_part(folder, "runs", inputs);
    look_at_part(folder, "journal", inputs);
    look_at_part(folder, "checkpoints", inputs);
    if (look_at_part(folder, "claims", inputs)) inputs->is_steady = false; /* a process may end */
    if (inputs->results < CACHE_WORTH) inputs->is_steady = false;
}

/* A cache that is empty unless it was kept for these inputs and this study.h5. NULL: no study. */
static basin_status open_known(struct arena *arena, const char *folder,
                               const struct collect_inputs *inputs, struct cache **cache)
{
    struct {
        struct digest inputs;
        uint64_t results;
        struct cache_stamp study;
    } context;
    char path[FOLDER_PATH];
    bool is_settled;
    *cache = NULL;
    memset(&context, 0, sizeof context);
    context.inputs = inputs->digest;
    context.results = inputs->results;
    snprintf(path, sizeof path, "%s/study.h5", folder);
    if (!inputs->is_steady || !cache_take_stamp(path, &context.study, &is_settled)) return BASIN_OK;
    return cache_open(arena, folder, "collected", hash_bytes(&context, sizeof context), cache);
}

basin_status collect_inputs_known(struct arena *arena, const char *folder,
                                  const struct collect_inputs *inputs, const char **said)
{
    struct cache *cache;
    size_t length;
    TRY(open_known(arena, folder, inputs, &cache));
    const char *word = cache_word_of(cache, 0, &length);
    bool is_text = word && length && !word[length - 1];
    *said = is_text ? arena_text(arena, word) : NULL;
    return is_text && !*said ? BASIN_MEMORY : BASIN_OK;
}

basin_status collect_inputs_keep(struct arena *arena, const char *folder,
                                 const struct collect_inputs *inputs, const char *said)
{
    struct cache *cache;
    size_t length;
    TRY(open_known(arena, folder, inputs, &cache));
    if (!cache || cache_word_of(cache, 0, &length)) return BASIN_OK;
    if (cache_word(cache, said, strlen(said) + 1) == 0) cache_save(cache);
    return BASIN_OK;
}
