/* Threads: what the system gives, asked before it is relied on.
 *
 * Purpose.  OpenMP ends the process where a thread of a parallel region is not to be had (ulimit
 * -u, -v, -d). So the threads are started once before, and counted.
 */
#ifndef BASIN_BASE_THREADS_H
#define BASIN_BASE_THREADS_H

#include "base/error.h"

/* How many threads, the calling one among them, run side by side now: 1 ... `wanted`. Those that
 * were started to find out have ended; glibc keeps their stacks for the next ones. */
int threads_available(int wanted);

/* The system did not give the thread that `what`: "receives signals". */
basin_status threads_fail(const char *what, int failure);

#endif
