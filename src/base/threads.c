#include "base/threads.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include "base/arena.h"

/* Threads that wait until all are there: only so many at once count. */
struct gathering {
    pthread_mutex_t lock;
    pthread_cond_t over;
    bool is_over;
};

static void *attend(void *of)
{
    struct gathering *gathering = of;
    pthread_mutex_lock(&gathering->lock);
    while (!gathering->is_over) pthread_cond_wait(&gathering->over, &gathering->lock);
    pthread_mutex_unlock(&gathering->lock);
    return NULL;
}

int threads_available(int wanted)
{
    struct gathering gathering = {.lock = PTHREAD_MUTEX_INITIALIZER,
                                  .over = PTHREAD_COND_INITIALIZER};
    pthread_t *others = wanted > 1 ? memory_allocate((size_t)(wanted - 1) * sizeof *others)
                                   : NULL; /* NULL: alone */
    int count = 0;
    while (others && count < wanted - 1 &&
           pthread_create(&others[count], NULL, attend, &gathering) == 0)
        count++;
    pthread_mutex_lock(&gathering.lock);
    gathering.is_over = true;
    pthread_cond_broadcast(&gathering.over);
    pthread_mutex_unlock(&gathering.lock);
    for (int i = 0; i < count; i++) pthread_join(others[i], NULL);
    memory_free(others);
    return count + 1;
}

basin_status threads_fail(const char *what, int failure)
{
    error_raise(BASIN_MEMORY, "cannot start the thread that %s: %s", what, strerror(failure));
    error_hint("the system gives this process no more threads or no memory for one: see `ulimit "
               "-u`, `ulimit -v` and `ulimit -d`");
    return BASIN_MEMORY;
}
