/* Clock: a clock that is never set back or forward, and waiting by it. */
#ifndef BASIN_BASE_CLOCK_H
#define BASIN_BASE_CLOCK_H

#include <pthread.h>

double clock_seconds(void); /* since an arbitrary moment */

void clock_condition(pthread_cond_t *condition); /* initialises one for clock_wait */
/* Waits until the condition is signalled, or `seconds` have passed. */
void clock_wait(pthread_cond_t *condition, pthread_mutex_t *lock, double seconds);

#endif
