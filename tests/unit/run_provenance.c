/* run/provenance.c: the libraries and the build are described alike whoever asks, at the same
 * time as others too. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>
#include "kernels/kernels.h"
#include "run/provenance.h"
#include "store/store.h"

enum { THREADS = 8 };

static pthread_barrier_t start;
static char libraries[THREADS][512];

static void *ask(void *out)
{
    pthread_barrier_wait(&start);
    snprintf(out, sizeof libraries[0], "%s", kernels_describe());
    return out;
}

/* In its first moment, before anybody has asked: OpenBLAS describes itself in a buffer that all
 * threads share. */
Test(provenance, threads_agree, .timeout = 60)
{
    pthread_t threads[THREADS];
    cr_assert_eq(pthread_barrier_init(&start, NULL, THREADS), 0);
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, ask, libraries[i]), 0);
    for (int i = 0; i < THREADS; i++) cr_assert_eq(pthread_join(threads[i], NULL), 0);
    for (int i = 1; i < THREADS; i++) cr_assert_str_eq(libraries[i], libraries[0]);
}

Test(provenance, says_where_inputs_came_from)
{
    struct arena *arena;
    struct record *record;
    struct provenance provenance = {
        .inputs = {.items = {{"data", "dataset", "/somewhere/x, /somewhere/y", "00ff"}},
                   .count = 1}};
    cr_assert_eq(arena_create(&arena), BASIN_OK);
    cr_assert_eq(record_create(arena, &record), BASIN_OK);
    cr_assert_eq(provenance_add(record, &provenance), BASIN_OK);
    const struct record_item *input = record_find(record, "/provenance/inputs/data");
    cr_assert(input && input->is_group);
    cr_assert_str_eq(record_attribute_get_text(input, "origin"), "/somewhere/x, /somewhere/y");
    cr_assert_str_eq(record_attribute_get_text(input, "digest"), "00ff");
    cr_assert_str_eq(record_attribute_get_text(input, "named_by"), "dataset");
    arena_destroy(arena);
}

/* Of the kernels that libraries choose the file says which they were; an older one may not. */
Test(provenance, other_kernels_are_foreign)
{
    struct arena *arena;
    struct record *record;
    struct provenance provenance = {0};
    cr_assert_eq(arena_create(&arena), BASIN_OK);
    cr_assert_eq(record_create(arena, &record), BASIN_OK);
    cr_assert_eq(provenance_add(record, &provenance), BASIN_OK);
    cr_assert_eq(record_attribute_integer(record, record->items, "format_version", STORE_FORMAT),
                 BASIN_OK);
    struct record_item *item = record_find(record, "/provenance/dispatch");
    cr_assert_str_eq(*(const char **)item->data, kernels_dispatch());
    cr_assert(provenance_is_ours(record));
    *(const char **)item->data = "oneDNN SSE2, OpenBLAS Katmai, C library x87";
    cr_assert_not(provenance_is_ours(record));
    item->path = "/provenance/something_else";
    cr_assert(provenance_is_ours(record));
    arena_destroy(arena);
}

Test(provenance, names_the_libraries_and_tells_builds_apart)
{
    cr_assert_not_null(strstr(provenance_libraries(), "HDF5 1."));
    cr_assert_not_null(strstr(provenance_libraries(), ", zlib "));
    cr_assert_not_null(strstr(provenance_libraries(), ", libpng "));
    cr_assert_not_null(strstr(provenance_libraries(), ", libjpeg-turbo "));
    cr_assert_null(strpbrk(provenance_libraries(), "\n"));
    cr_assert_eq(strlen(provenance_build()), 32);
    cr_assert_eq(provenance_build(), provenance_build());
}
