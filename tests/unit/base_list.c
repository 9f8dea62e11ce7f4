/* Arrays that grow: elements stay, new room is zero, and a failure changes nothing. */
#include <criterion/criterion.h>
#include <stdint.h>
#include "base/list.h"

struct squares {
    int64_t *items;
    size_t count, capacity;
};

static bool append(struct arena *arena, struct squares *squares)
{
    if (!list_room(arena, squares->items, squares->count, 1, squares->capacity)) return false;
    squares->items[squares->count] = (int64_t)(squares->count * squares->count);
    squares->count++;
    return true;
}

static void check(const struct squares *squares, size_t count)
{
    cr_assert_eq(squares->count, count);
    for (size_t i = 0; i < squares->count; i++) cr_assert_eq(squares->items[i], (int64_t)(i * i));
    for (size_t i = squares->count; i < squares->capacity; i++) cr_assert_eq(squares->items[i], 0);
}

Test(list, elements_stay_and_new_room_is_zero)
{
    struct squares heap = {0}, pooled = {0};
    struct arena *arena;
    cr_assert_eq(arena_create(&arena), BASIN_OK);
    for (size_t i = 0; i < 1000; i++) {
        cr_assert(append(NULL, &heap));
        cr_assert(append(arena, &pooled));
        check(&heap, i + 1);
        check(&pooled, i + 1);
    }
    memory_free(heap.items);
    arena_destroy(arena);
}

Test(list, room_doubles)
{
    struct squares squares = {0};
    int grown = 0;
    for (int i = 0; i < 1 << 16; i++) {
        size_t before = squares.capacity;
        cr_assert(append(NULL, &squares));
        if (squares.capacity == before) continue;
        grown++;
        cr_assert_geq(squares.capacity, 2 * before);
    }
    cr_assert_leq(grown, 16);
    memory_free(squares.items);
}

Test(list, room_for_many_at_once)
{
    struct squares squares = {0};
    cr_assert(list_room(NULL, squares.items, 0, 12345, squares.capacity));
    cr_assert_geq(squares.capacity, 12345);
    int64_t *items = squares.items;
    cr_assert(list_room(NULL, squares.items, 12000, 345, squares.capacity));
    cr_assert_eq(squares.items, items); /* there was room already */
    memory_free(squares.items);
}

Test(list, shortage_of_memory_changes_nothing)
{
    struct arena *arena;
    cr_assert_eq(arena_create(&arena), BASIN_OK);
    for (int pooled = 0; pooled < 2; pooled++) {
        struct squares squares = {0};
        while (squares.count < 32 || squares.count < squares.capacity)
            cr_assert(append(pooled ? arena : NULL, &squares));
        struct squares before = squares;
        memory_fail_at(1);
        cr_assert_not(append(pooled ? arena : NULL, &squares));
        memory_fail_at(0);
        cr_assert_eq(basin_error_last()->status, BASIN_MEMORY);
        cr_assert_eq(squares.items, before.items);
        cr_assert_eq(squares.capacity, before.capacity);
        check(&squares, before.count);
        if (!pooled) memory_free(squares.items);
    }
    arena_destroy(arena);
}

Test(list, more_than_can_be_counted)
{
    struct squares squares = {0};
    const size_t counts[] = {SIZE_MAX, SIZE_MAX / sizeof(int64_t) + 1, SIZE_MAX / 2};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        cr_assert_not(list_room(NULL, squares.items, 0, counts[i], squares.capacity));
        cr_assert_eq(basin_error_last()->status, BASIN_MEMORY);
    }
    cr_assert(append(NULL, &squares));
    cr_assert_not(list_room(NULL, squares.items, 1, SIZE_MAX, squares.capacity));
    check(&squares, 1);
    memory_free(squares.items);
}
