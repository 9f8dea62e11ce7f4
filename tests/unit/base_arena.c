/* base/arena.c: zeroed, aligned pieces; overflow and injected failures are errors, not crashes. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "base/arena.h"

static struct arena *arena;

static void start(void)
{
    cr_assert_eq(arena_create(&arena), BASIN_OK);
}

static void end(void)
{
    memory_fail_at(0);
    arena_destroy(arena);
}

TestSuite(arena, .init = start, .fini = end);

static bool all_zero(const unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i]) return false;
    return true;
}

Test(arena, pieces_are_zeroed_aligned_and_apart)
{
    unsigned char *pieces[400];
    for (size_t i = 0; i < 400;
         i++) { /* sizes on both sides of the alignment, and beyond the first chunk */
        pieces[i] = arena_allocate(arena, i * 7);
        cr_assert(pieces[i]);
        cr_assert_eq((uintptr_t)pieces[i] % (i * 7 >= 64 ? 64 : 16), 0, "piece of %zu bytes",
                     i * 7);
        cr_assert(all_zero(pieces[i], i * 7));
        memset(pieces[i], (int)(i % 255) + 1, i * 7);
    }
    for (size_t i = 0; i < 400; i++)
        for (size_t j = 0; j < i * 7; j++) cr_assert_eq(pieces[i][j], i % 255 + 1);
}

Test(arena, memory_that_was_used_before_is_zeroed)
{
    for (int i = 0; i < 20; i++) {
        unsigned char *memory = memory_allocate(300);
        cr_assert(memory && all_zero(memory, 300));
        cr_assert_eq((uintptr_t)memory % 64, 0);
        memset(memory, 0xff, 300);
        memory_free(memory);
    }
}

Test(arena, a_piece_larger_than_any_chunk)
{
    size_t bytes = (size_t)5 << 20;
    unsigned char *piece = arena_allocate(arena, bytes);
    cr_assert(piece && all_zero(piece, bytes));
    piece[bytes - 1] = 1;
    cr_assert_geq(arena_bytes(arena), bytes);
    cr_assert(arena_allocate(arena, 8));
}

Test(arena, texts_are_copied)
{
    char source[] = "layers.0.weight";
    const char *copy = arena_text(arena, source), *part = arena_text_n(arena, source, 6);
    const char *made = arena_format(arena, "layers.%d.%s", 12, "bias");
    source[0] = '?';
    cr_assert_str_eq(copy, "layers.0.weight");
    cr_assert_str_eq(part, "layers");
    cr_assert_str_eq(made, "layers.12.bias");
}

Test(arena, sizes_that_overflow_are_out_of_memory)
{
    cr_assert_null(arena_allocate_array(arena, SIZE_MAX / 4, 8));
    cr_assert_eq(basin_error_last()->status, BASIN_MEMORY);
    cr_assert_null(memory_allocate(SIZE_MAX));
    cr_assert_null(arena_allocate(arena, SIZE_MAX - 16));
    cr_assert(arena_allocate(arena, 16), "the arena is usable after a failure");
}

Test(arena, the_chosen_allocation_fails_and_only_that)
{
    memory_fail_at(3);
    void *first = memory_allocate(8), *second = memory_allocate(8), *third = memory_allocate(8),
         *fourth = memory_allocate(8);
    cr_assert(first && second && fourth);
    cr_assert_null(third);
    cr_assert_eq(basin_error_last()->status, BASIN_MEMORY);
    cr_assert(strstr(basin_error_last()->message, "8 bytes"));
    memory_free(first);
    memory_free(second);
    memory_free(fourth);
    memory_fail_at(1);
    struct arena *other;
    cr_assert_eq(arena_create(&other), BASIN_MEMORY);
    memory_fail_at(1);
    cr_assert_null(arena_text(arena, "a first piece needs a chunk"));
}

Test(arena, growing_keeps_the_old_and_zeroes_the_rest)
{
    unsigned char *memory = memory_allocate(10);
    memset(memory, 7, 10);
    memory = memory_grow(memory, 10, 5000);
    cr_assert(memory && all_zero(memory + 10, 4990));
    for (int i = 0; i < 10; i++) cr_assert_eq(memory[i], 7);
    memory_fail_at(1);
    cr_assert_null(memory_grow(memory, 5000, 6000));
    cr_assert_eq(memory[9], 7, "the old block stays after a failure");
    memory_free(memory);
}

Test(arena, destroying_nothing_is_allowed)
{
    arena_destroy(NULL);
}

#ifndef __SANITIZE_ADDRESS__ /* maps terabytes */
enum { ASKERS = 4, RESERVED = 32 << 20, ROOM = 40 << 20 };

static void *ask(void *refused)
{
    for (int i = 0; i < 20000; i++) *(int *)refused += !memory_is_left(0);
    return NULL;
}

/* In a process of its own, which the test is. */
Test(arena, under_a_limit_asking_takes_nothing_from_other_threads)
{
    pthread_t threads[ASKERS];
    int refused[ASKERS] = {0};
    struct rlimit limit;
    unsigned long long pages = 0;
    pthread_attr_t small;
    FILE *file = fopen("/proc/self/statm", "re");
    cr_assert(file && fscanf(file, "%llu", &pages) == 1);
    fclose(file);
    cr_assert_eq(getrlimit(RLIMIT_AS, &limit), 0);
    limit.rlim_cur = (rlim_t)(pages * (unsigned long long)sysconf(_SC_PAGESIZE)) + ROOM;
    cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0);
    memory_start();
    cr_assert(memory_is_left(0) && !memory_is_left(ROOM - RESERVED + 1));
    cr_assert_eq(pthread_attr_init(&small), 0);
    cr_assert_eq(pthread_attr_setstacksize(&small, 1 << 18), 0);
    for (int i = 0; i < ASKERS; i++)
        cr_assert_eq(pthread_create(&threads[i], &small, ask, &refused[i]), 0);
    for (int i = 0; i < ASKERS; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < ASKERS; i++) cr_assert_eq(refused[i], 0, "%d", refused[i]);
    pthread_attr_destroy(&small);
}
#endif
