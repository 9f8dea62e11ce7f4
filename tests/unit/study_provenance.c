/* study/provenance.c: the libraries and the build are described alike whoever asks, at the same time as others too. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>
#include "study/provenance.h"

enum { THREADS = 8 };

static pthread_barrier_t start;
static char builds[THREADS][33];

static void *ask(void *out)
{
    pthread_barrier_wait(&start);
    return (void *)provenance_build(out);
}

/* In its first moment, before anybody has asked: OpenBLAS describes itself in a buffer that all threads share. */
Test(provenance, threads_agree, .timeout = 60)
{
    pthread_t threads[THREADS];
    cr_assert_eq(pthread_barrier_init(&start, NULL, THREADS), 0);
    for (int i = 0; i < THREADS; i++) cr_assert_eq(pthread_create(&threads[i], NULL, ask, builds[i]), 0);
    for (int i = 0; i < THREADS; i++) cr_assert_eq(pthread_join(threads[i], NULL), 0);
    for (int i = 1; i < THREADS; i++) cr_assert_str_eq(builds[i], builds[0]);
}
