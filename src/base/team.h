/* Team: one function in several threads at a time.
 *
 * Purpose.  What OpenMP would do with `parallel num_threads(n)`, except that a thread that the
 * system does not give (ulimit -u, -v, -d) does not end the process.
 */
#ifndef BASIN_BASE_TEAM_H
#define BASIN_BASE_TEAM_H

#include "base/error.h"

typedef void team_member(void *context, int number);

/* Calls member(context, 0 ... n-1), number 0 in the calling thread and each other one in a thread of
 * its own; returns n when all have returned. n is at least 1, and less than `threads` where the
 * system gives no more. */
int team_run(int threads, team_member *member, void *context);

/* The system did not give the thread that `what`: "receives signals". */
basin_status team_fail(const char *what, int failure);

#endif
