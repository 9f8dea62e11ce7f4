#include "base/clock.h"

#include <time.h>

double clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void clock_condition(pthread_cond_t *condition)
{
    pthread_condattr_t by_clock;
    pthread_condattr_init(&by_clock);
    pthread_condattr_setclock(&by_clock, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &by_clock);
    pthread_condattr_destroy(&by_clock);
}

void clock_wait(pthread_cond_t *condition, pthread_mutex_t *lock, double seconds)
{
    double end = clock_seconds() + seconds;
    struct timespec until = {.tv_sec = (time_t)end};
    until.tv_nsec = (long)(1e9 * (end - (double)until.tv_sec));
    pthread_cond_timedwait(condition, lock, &until);
}
