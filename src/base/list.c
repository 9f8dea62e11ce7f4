#include "base/list.h"

#include <stdint.h>
#include <string.h>

enum { FIRST_BYTES = 64, FIRST_ITEMS = 4 };

/* A capacity of at least `wanted`, or 0 where that has more bytes than a size_t can count. */
static size_t list_capacity(size_t capacity, size_t wanted, size_t size)
{
    size_t most = SIZE_MAX / size;
    if (capacity == 0)
        capacity = FIRST_BYTES / size > FIRST_ITEMS ? FIRST_BYTES / size : FIRST_ITEMS;
    while (capacity < wanted && capacity <= most / 2) capacity *= 2;
    return capacity >= wanted && capacity <= most ? capacity : 0;
}

/* A larger copy of the elements; the old array is freed, or left to the arena. */
static void *list_move(struct arena *arena, void *items, size_t bytes, size_t larger)
{
    if (!arena) return memory_grow(items, bytes, larger);
    void *moved = arena_allocate(arena, larger);
    if (moved && bytes) memcpy(moved, items, bytes);
    return moved;
}

bool list_reserve(struct arena *arena, void *items, size_t count, size_t more, size_t *capacity,
                  size_t size)
{
    if (count <= *capacity && more <= *capacity - count) return true;
    size_t grown = more <= SIZE_MAX - count ? list_capacity(*capacity, count + more, size) : 0;
    if (!grown) {
        error_memory(SIZE_MAX);
        return false;
    }
    void *old;
    memcpy(&old, items, sizeof old); /* a pointer of any type */
    void *moved = list_move(arena, old, count * size, grown * size);
    if (!moved) return false;
    memcpy(items, &moved, sizeof moved);
    *capacity = grown;
    return true;
}
