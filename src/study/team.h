/* Team: one function in several threads at a time, in one OpenMP region. */
#ifndef BASIN_STUDY_TEAM_H
#define BASIN_STUDY_TEAM_H

typedef void team_member(void *context, int number);

/* Calls member(context, 0 ... n-1), number 0 in the calling thread and each other one in a thread
 * of its own; returns n when all have returned. n is at least 1, and less than `threads` where the
 * system gives no more (base/threads.h). */
int team_run(int threads, team_member *member, void *context);

#endif
