#include "data/groups.h"

#include <stdlib.h>
#include <string.h>

/* A value and where it stands. */
struct member {
    const unsigned char *value;
    size_t size;
    uint32_t row;
};

static int by_value(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    return memcmp(x->value, y->value, x->size);
}

static struct member *members_sorted(const struct source_array *group)
{
    size_t count = store_array_count(&group->array), size = store_array_element(&group->array);
    struct member *members = memory_allocate((count + 1) * sizeof *members);
    if (!members) return NULL;
    for (size_t i = 0; i < count; i++)
        members[i] =
            (struct member){(const unsigned char *)group->array.data + i * size, size, (uint32_t)i};
    qsort(members, count, sizeof *members, by_value);
    return members;
}

/* Numbers in order of first appearance: whatever the type of the values, and their order. */
static basin_status renumber(uint32_t *numbers, size_t count)
{
    uint32_t *fresh = memory_allocate((count + 1) * sizeof *fresh), next = 0; /* 1 + number */
    if (!fresh) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++) {
        uint32_t *number = &fresh[numbers[i]];
        if (!*number) *number = ++next;
        numbers[i] = *number - 1;
    }
    memory_free(fresh);
    return BASIN_OK;
}

basin_status groups_number(const struct source_array *group, uint32_t **numbers)
{
    size_t count = store_array_count(&group->array);
    struct member *members = members_sorted(group);
    *numbers = memory_allocate((count + 1) * sizeof **numbers);
    uint32_t number = 0;
    for (size_t i = 0; members && *numbers && i < count; i++) {
        if (i > 0 && by_value(&members[i - 1], &members[i]) != 0) number++;
        (*numbers)[members[i].row] = number;
    }
    memory_free(members);
    return members && *numbers ? renumber(*numbers, count) : BASIN_MEMORY;
}

/* Values of two arrays of texts compare whatever their widths. */
static int compare_apart(const struct member *a, const struct member *b, bool texts)
{
    return texts ? strcmp((const char *)a->value, (const char *)b->value) : by_value(a, b);
}

/* Both sorted: the first rows of each that have one value. */
static bool find_common(const struct member *a, size_t count, const struct member *b, size_t others,
                        bool texts, uint32_t rows[2])
{
    for (size_t i = 0, k = 0; i < count && k < others;) {
        int order = compare_apart(&a[i], &b[k], texts);
        if (order == 0) {
            rows[0] = a[i].row, rows[1] = b[k].row;
            return true;
        }
        if (order < 0) i++;
        if (order > 0) k++;
    }
    return false;
}

basin_status groups_check_apart(const struct source_array *train, const struct source_array *test)
{
    if (train->array.type != test->array.type)
        return source_arrays_refuse_types(train, test, "groups are told apart by their values");
    struct member *a = members_sorted(train), *b = members_sorted(test);
    uint32_t rows[2];
    bool found =
        a && b &&
        find_common(a, store_array_count(&train->array), b, store_array_count(&test->array),
                    train->array.type == RECORD_TEXT, rows);
    basin_status status = a && b ? BASIN_OK : BASIN_MEMORY;
    if (found) {
        error_raise(BASIN_DATA,
                    "has at row %u the value of row %u of the training data: a group "
                    "must not be split",
                    rows[1], rows[0]);
        error_hint("keep all examples of a group in one file, or leave group out");
        status = source_array_refuse(test);
    }
    memory_free(a);
    memory_free(b);
    return status;
}
