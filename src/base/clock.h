/* Clock: seconds that nobody sets, and waiting by them. */
#ifndef BASIN_BASE_CLOCK_H
#define BASIN_BASE_CLOCK_H

#include <pthread.h>

double clock_seconds(void); /* since some moment in the past */

void clock_condition(pthread_cond_t *condition); /* makes one for clock_wait */
/* Until somebody signals the condition, or `seconds` have passed. */
void clock_wait(pthread_cond_t *condition, pthread_mutex_t *lock, double seconds);

#endif
