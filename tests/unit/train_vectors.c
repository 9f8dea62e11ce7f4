/* train/vectors.c: what rows declare is allocated, counted and saved, and nothing else. */
#include "../support.h"
#include "train/vectors.h"

enum { WEIGHTS, MEANS, SCRATCH, ORDER, VECTORS };

static bool wants_means(const void *settings)
{
    return *(const bool *)settings;
}

static const struct vector_row rows[] = {
    [WEIGHTS] = {"weights", VECTOR_STATE, VECTOR_REAL, .saved = true},
    [MEANS] = {"means", VECTOR_PARAMETERS, VECTOR_DOUBLE, .saved = true, .needed = wants_means},
    [SCRATCH] = {"scratch", VECTOR_PARAMETERS, VECTOR_REAL},
    [ORDER] = {"order", VECTOR_EXAMPLES, VECTOR_INDEX},
    {0}};

static const struct vector_space narrow = {.lengths = {10, 14, 7}, .precision = PRECISION_FLOAT32},
                                 wide = {.lengths = {10, 14, 7}, .precision = PRECISION_FLOAT64};
static const bool yes = true, no = false;

static struct arena *arena;

static void vectors_open(void)
{
    OK(arena_create(&arena));
}

static void vectors_close(void)
{
    memory_fail_at(0);
    arena_destroy(arena);
}

TestSuite(vectors, .init = vectors_open, .fini = vectors_close);

Test(vectors, bytes_follow_from_the_rows)
{
    struct vector_bytes all = vectors_bytes(rows, &yes, &narrow);
    cr_assert_eq(all.all, 14 * 4 + 10 * 8 + 10 * 4 + 7 * 4);
    cr_assert_eq(all.saved, 14 * 4 + 10 * 8);
    cr_assert_eq(vectors_bytes(rows, &no, &narrow).all, all.all - 10 * 8);
    cr_assert_eq(vectors_bytes(rows, &no, &narrow).saved, 14 * 4);
    cr_assert_eq(vectors_bytes(rows, &yes, &wide).all, 14 * 8 + 10 * 8 + 10 * 8 + 7 * 4);
}

Test(vectors, what_is_not_needed_is_not_there)
{
    void *vectors[VECTORS], *fewer[VECTORS];
    OK(vectors_create(arena, rows, &yes, &narrow, vectors));
    OK(vectors_create(arena, rows, &no, &narrow, fewer));
    for (int i = 0; i < VECTORS; i++) cr_assert_eq(fewer[i] != NULL, i != MEANS, "row %d", i);
    for (int i = 0; i < 14; i++) cr_assert_eq(((float *)vectors[WEIGHTS])[i], 0);
}

static void state_of(struct record *record, const struct vector_space *space, void *const *vectors,
                     bool save, basin_status expected)
{
    struct state state = {.record = record, .save = save};
    cr_assert_eq(vectors_state(rows, "kind_", space, vectors, &state), expected);
}

Test(vectors, a_checkpoint_gives_back_what_is_saved)
{
    struct record *record;
    void *before[VECTORS], *after[VECTORS];
    OK(record_create(arena, &record));
    OK(vectors_create(arena, rows, &yes, &narrow, before));
    OK(vectors_create(arena, rows, &yes, &narrow, after));
    for (int i = 0; i < 10; i++) {
        ((float *)before[WEIGHTS])[i] = (float)(1 + i);
        ((double *)before[MEANS])[i] = 0.1 * i;
        ((float *)before[SCRATCH])[i] = 5;
    }
    state_of(record, &narrow, before, true, BASIN_OK);
    cr_assert(record_find(record, "/state/kind_weights"));
    cr_assert_null(record_find(record, "/state/kind_scratch"));
    state_of(record, &narrow, after, false, BASIN_OK);
    cr_assert_arr_eq(after[WEIGHTS], before[WEIGHTS], 14 * sizeof(float));
    cr_assert_arr_eq(after[MEANS], before[MEANS], 10 * sizeof(double));
    cr_assert_eq(((float *)after[SCRATCH])[0], 0, "not saved");
    OK(vectors_create(arena, rows, &yes, &wide, after));
    state_of(record, &wide, after, false, BASIN_DATA);
}

Test(vectors, shortage_of_memory_is_an_error)
{
    void *vectors[VECTORS];
    for (long n = 1; n <= VECTORS; n++) {
        memory_fail_at(n);
        cr_assert_eq(vectors_create(arena, rows, &yes, &narrow, vectors), BASIN_MEMORY, "%ld", n);
        memory_fail_at(0);
    }
}
