/* folder/cache.c: pieces come back as they were kept, for the same file alone. */
#include "folder/cache.h"
#include "study_helpers.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

enum { FILES = 100 };

static struct arena *arena;
static const struct digest context = {1, 2}, other_context = {1, 3};

static const char *run_file(int i)
{
    char name[64];
    snprintf(name, sizeof name, "runs/%016d.h5", i);
    return in_folder(name);
}

static void wait_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

static void start(void)
{
    char name[64];
    folder_make();
    OK(store_make_folder(in_folder("runs")));
    for (int i = 0; i < FILES; i++) {
        snprintf(name, sizeof name, "runs/%016d.h5", i);
        FILE *file = fopen(in_folder(name), "w");
        fprintf(file, "content %d", i);
        fclose(file);
    }
    wait_ms(200); /* what changed just now is not kept */
    OK(arena_create(&arena));
}

static void stop(void)
{
    arena_destroy(arena);
    folder_remove();
}

TestSuite(cache, .init = start, .fini = stop, .timeout = 60);

static struct cache *open_cache(struct digest digest)
{
    struct cache *cache;
    OK(cache_open(arena, folder, "kind", digest, &cache));
    return cache;
}

/* Keeps a piece for every file that has none; how many were found. */
static int fill(struct cache *cache, int count)
{
    int found = 0;
    for (int i = 0; i < count; i++) {
        struct cursor at;
        struct text piece = {0};
        if (cache_find(cache, run_file(i), &at)) {
            found++;
            continue;
        }
        cache_put_number(&piece, (uint64_t)i * 1000003);
        cache_put_double(&piece, i / 3.0);
        cache_put_text(&piece, i % 2 ? "odd" : NULL);
        cache_put_number(&piece, cache_word(cache, "shared\0bytes", 12));
        cache_keep(cache, &piece);
        text_free(&piece);
    }
    return found;
}

static int found_in(struct digest digest)
{
    struct cache *cache = open_cache(digest);
    struct cursor at;
    int found = 0;
    for (int i = 0; i < FILES; i++) found += cache_find(cache, run_file(i), &at);
    return found;
}

static void make(void)
{
    struct cache *cache = open_cache(context);
    cr_assert_eq(fill(cache, FILES), 0);
    cache_close(cache);
}

Test(cache, pieces_come_back)
{
    make();
    struct cache *cache = open_cache(context);
    for (int i = 0; i < FILES; i++) {
        struct cursor at;
        size_t length;
        cr_assert(cache_find(cache, run_file(i), &at));
        cr_assert_eq(cache_take_number(&at), (uint64_t)i * 1000003);
        cr_assert_eq(cache_take_double(&at), i / 3.0);
        const char *text = cache_take_text(&at);
        cr_assert(i % 2 ? text && strcmp(text, "odd") == 0 : !text);
        const char *word = cache_word_of(cache, cache_take_number(&at), &length);
        cr_assert(word && length == 12 && memcmp(word, "shared\0bytes", 12) == 0);
        cr_assert(!at.failed && at.left == 0);
        cr_assert(!cache_take_text(&at) && at.failed, "nothing is left");
    }
    cr_assert_eq(fill(cache, FILES), FILES);
}

/* Every kind of change: content in place (its time set back), replaced, renamed, gone. */
Test(cache, a_changed_file_is_not_known)
{
    make();
    struct cursor at;
    struct stat before;
    struct cache *cache = open_cache(context);
    stat(run_file(1), &before);
    FILE *file = fopen(run_file(1), "r+");
    fputc('C', file);
    fclose(file);
    utimensat(AT_FDCWD, run_file(1), (const struct timespec[]){before.st_atim, before.st_mtim}, 0);
    cr_assert_not(cache_find(cache, run_file(1), &at), "its content changed, its time did not");
    write_file("runs/new", "content 2");
    cr_assert_eq(rename(in_folder("runs/new"), run_file(2)), 0);
    cr_assert_not(cache_find(cache, run_file(2), &at), "another file");
    cr_assert_eq(rename(run_file(3), run_file(4)), 0);
    cr_assert_not(cache_find(cache, run_file(3), &at), "gone");
    cr_assert_not(cache_find(cache, run_file(4), &at), "another file of the same length");
    cr_assert(cache_find(cache, run_file(5), &at));
}

/* What is read while it changes, or has changed within the clock's resolution, is not kept. */
Test(cache, a_file_that_is_changing_is_not_kept)
{
    struct cache *cache = open_cache(context);
    struct cursor at;
    struct text piece = {0};
    cache_put_number(&piece, 1);
    cr_assert_not(cache_find(cache, run_file(0), &at));
    FILE *file = fopen(run_file(0), "a");
    fputc('x', file);
    fclose(file);
    cache_keep(cache, &piece);
    cr_assert_not(cache_find(cache, run_file(0), &at), "it changed after the stamp was taken");
    text_free(&piece);
}

/* What was read when it had changed just now may not be what it is later. */
Test(cache, a_file_that_was_too_new_when_read_is_not_kept)
{
    struct cache *cache = open_cache(context);
    struct cursor at;
    struct text piece = {0};
    cache_put_number(&piece, 1);
    write_file("runs/new.h5", "content");
    cr_assert_not(cache_find(cache, in_folder("runs/new.h5"), &at));
    wait_ms(200);
    cache_keep(cache, &piece);
    cr_assert_not(cache_find(cache, in_folder("runs/new.h5"), &at));
    cache_keep(cache, &piece);
    cr_assert(cache_find(cache, in_folder("runs/new.h5"), &at));
    text_free(&piece);
}

Test(cache, of_another_context_or_kind_is_none)
{
    struct cache *cache;
    make();
    cr_assert_eq(found_in(context), FILES);
    cr_assert_eq(found_in(other_context), 0);
    OK(cache_open(arena, folder, "other", context, &cache));
    cr_assert_eq(fill(cache, 10), 0);
    OK(cache_open(arena, in_folder("runs"), "kind", context, &cache));
    cr_assert_null(cache, "no study's folder");
    cr_assert_not(cache_find(cache, run_file(0), &(struct cursor){0}));
    cache_close(cache);
}

Test(cache, few_results_make_none)
{
    struct cache *cache = open_cache(context);
    fill(cache, CACHE_WORTH - 1);
    cache_close(cache);
    cr_assert_neq(access(in_folder("cache"), F_OK), 0);
}

/* Files that are gone leave it when it is written again. */
Test(cache, is_written_without_what_is_gone)
{
    make();
    for (int i = 0; i < FILES; i++) {
        struct stat about;
        if (i < 70) cr_assert_eq(remove(run_file(i)), 0);
        stat(in_folder("cache/kind"), &about);
    }
    for (int i = 200; i < 200 + FILES; i++) {
        FILE *file = fopen(run_file(i), "w");
        fprintf(file, "content %d", i);
        fclose(file);
    }
    wait_ms(200);
    struct cache *cache = open_cache(context);
    struct cursor at;
    struct text piece = {0};
    cache_put_number(&piece, 7);
    for (int i = 0; i < 300; i++)
        if (!cache_find(cache, run_file(i), &at)) cache_keep(cache, &piece);
    cache_close(cache);
    text_free(&piece);
    cr_assert_eq(found_in(context), 30);
    cache = open_cache(context);
    cr_assert(cache_find(cache, run_file(250), &at));
}

/* Two specs share a folder: who asks for the runs of one leaves those of the other. */
Test(cache, keeps_what_nobody_asked_for)
{
    struct cache *cache = open_cache(context);
    struct cursor at;
    fill(cache, CACHE_WORTH);
    cache_close(cache);
    for (int i = 200; i < 200 + CACHE_WORTH; i++) {
        FILE *file = fopen(run_file(i), "w");
        fclose(file);
    }
    wait_ms(200);
    cache = open_cache(context);
    for (int i = 200; i < 200 + CACHE_WORTH; i++) {
        cr_assert_not(cache_find(cache, run_file(i), &at));
        cache_keep(cache, &(struct text){0});
    }
    cache_close(cache);
    cr_assert_eq(found_in(context), CACHE_WORTH);
}

/* No byte of it can change, and none be missing. */
Test(cache, damaged_is_none)
{
    uint8_t *bytes;
    size_t length;
    make();
    OK(file_read(in_folder("cache/kind"), &bytes, &length));
    for (size_t i = 0; i < length; i += 97) {
        bytes[i] ^= 0x10;
        OK(store_write_file(in_folder("cache/kind"), bytes, length));
        cr_assert_eq(found_in(context), 0, "byte %zu", i);
        bytes[i] ^= 0x10;
    }
    for (size_t cut = 0; cut < length; cut += 211) {
        OK(store_write_file(in_folder("cache/kind"), bytes, cut));
        cr_assert_eq(found_in(context), 0, "%zu bytes", cut);
    }
    OK(store_write_file(in_folder("cache/kind"), bytes, length));
    cr_assert_eq(found_in(context), FILES);
    memory_free(bytes);
}

/* Something else at its place is left alone, and nothing is said. */
Test(cache, that_cannot_be_written_is_none)
{
    write_file("elsewhere", "precious");
    OK(store_make_folder(in_folder("cache")));
    cr_assert_eq(symlink("../elsewhere", in_folder("cache/kind")), 0);
    cr_assert_eq(found_in(context), 0);
    cr_assert_eq(remove(in_folder("cache/kind")), 0);
    cr_assert_eq(remove(in_folder("cache")), 0);
    cr_assert_eq(symlink("runs", in_folder("cache")), 0);
    error_raise(BASIN_USAGE, "as before");
    make();
    cr_assert_str_eq(basin_error_last()->message, "as before");
    cr_assert_neq(access(in_folder("runs/kind"), F_OK), 0, "through a link");
    cr_assert_eq(found_in(context), 0);
}

Test(cache, shortage_of_memory)
{
    make();
    for (long n = 1;; n++) {
        struct arena *own;
        struct cache *cache = NULL;
        OK(arena_create(&own));
        memory_fail_at(n);
        basin_status status = cache_open(own, folder, "kind", context, &cache);
        if (status == BASIN_OK) fill(cache, FILES);
        bool is_done = memory_fail_left() > 0;
        memory_fail_at(0);
        cr_assert(status == BASIN_OK || status == BASIN_MEMORY);
        arena_destroy(own);
        if (is_done) break;
    }
    cr_assert_eq(found_in(context), FILES);
}
