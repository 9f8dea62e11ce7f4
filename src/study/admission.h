/* Door: which run goes next, and when there is memory for it.
 *
 * The longest goes first; where it does not fit into what is left of the memory, the next that
 * does. What can never fit is let in with a refusal. Suspects (folder/crashes.h) go when nothing
 * else is left, one at a time, with nobody else inside.
 * Threads.  door_enter waits; all functions but the first and the last may be called from any
 * thread.
 */
#ifndef BASIN_STUDY_ADMISSION_H
#define BASIN_STUDY_ADMISSION_H

#include <pthread.h>
#include "study/study.h"

/* A run that is to be trained. */
struct place {
    size_t position; /* in study->runs */
    double later;    /* not to be tried before; > 0 where another process has had it */
    bool taken, suspect;
};

struct door {
    const struct study *study;
    pthread_mutex_t lock;
    pthread_cond_t left; /* a run has gone and given its memory back */
    struct place *places;
    size_t count, first;                /* the first that is not taken */
    double limit, data;                 /* bytes: of all, and the part of it that the data take */
    double used;                        /* by runs */
    int jobs, inside;                   /* runs */
    bool closed;                        /* a suspect is in, and nothing else may be */
    const _Atomic bool *stop, *stopped; /* nobody goes in any more */
};

/* A run that was let in, or refused. */
struct ticket {
    struct place *place;
    size_t position;
    double bytes; /* taken */
    size_t keep;  /* of them, for what saves time only (struct run_memory) */
    bool alone;
    basin_error refusal; /* why it cannot run; BASIN_OK: it can */
};

/* `door`: with study, limit, data, jobs, stop and stopped. */
basin_status door_open(struct door *door);
void door_close(struct door *door); /* all that door_open took; also after it failed */

bool door_enter(struct door *door,
                struct ticket *ticket); /* false: there is nothing to do any more */
void door_leave(struct door *door, const struct ticket *ticket);

/* Nobody has trained it: others first, and it again, if need be after a pause. */
void door_come_again(struct door *door, const struct ticket *ticket); /* another process has it */
void door_stand_back(struct door *door, const struct ticket *ticket); /* it is a suspect */

#endif
