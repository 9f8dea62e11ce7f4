/* Admission: which run goes next, and when there is memory for it.
 *
 * Purpose.  A queue of all runs that are to be trained, the longest first. The first one that fits
 * into what is left of the memory limit is admitted. A run that can never fit is admitted with a
 * refusal, so that it fails with a message. Suspects (folder/crashes.h) come last, one at a time,
 * and run alone. A run that another process has claimed goes back into the queue. A run that needs
 * the result of another (`after` of struct study_run) waits until that one has finished. If that
 * one failed, or does not run in this session, the run is admitted only to be reported as not
 * started. Threads.  admission_enter waits; all functions but admission_open and admission_close
 * may be called from any thread.
 */
#ifndef BASIN_STUDY_ADMISSION_H
#define BASIN_STUDY_ADMISSION_H

#include <pthread.h>
#include "study/study.h"

struct queue_entry {
    size_t position;   /* in study->runs */
    double not_before; /* seconds of clock_seconds; > 0 once another process has had the run */
    bool taken, suspect;
    struct queue_entry *after; /* must finish before; NULL: none, or one that had finished before */
    bool orphan;               /* the run that it needs has no result and is not in the queue */
    enum { ENTRY_OPEN, ENTRY_FINISHED, ENTRY_FAILED } outcome;
};

struct admission {
    const struct study *study;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a run has left and given its memory back */
    struct queue_entry *queue;
    size_t count, first;                /* of the queue; the first that is not taken */
    double limit;                       /* bytes of the whole process */
    double used;                        /* bytes taken by admitted runs */
    int jobs, running;                  /* the most runs side by side, and how many there are */
    bool exclusive;                     /* a suspect is running, and nothing else may start */
    const _Atomic bool *stop, *stopped; /* where one turns true, no run is admitted any more */
};

/* A run that may start, or was refused. */
struct admitted {
    struct queue_entry *entry;
    size_t position;     /* in study->runs */
    double bytes;        /* of memory that it takes */
    size_t keep;         /* of these, bytes that only save time (struct run_memory) */
    bool alone;          /* it is a suspect */
    bool unmet;          /* it must not start: the result that it needs is not there */
    basin_error refusal; /* why it cannot run, or must not start; BASIN_OK: it can */
};

/* `admission` comes with study, limit, data, jobs, stop and stopped. admission_close is due even
 * where this failed. BASIN_INTERNAL: runs need each other in a circle. */
basin_status admission_open(struct admission *admission);
void admission_close(struct admission *admission);

/* Waits for the next run. False: there is nothing left to do. */
bool admission_enter(struct admission *admission, struct admitted *admitted);
/* The run has finished or failed. `finished`: it has a result, so that runs which need it may
 * start. */
void admission_leave(struct admission *admission, const struct admitted *admitted, bool finished);

/* The run was not trained and goes back into the queue: after a pause, since another process has
 * it; or as a suspect. */
void admission_requeue(struct admission *admission, const struct admitted *admitted);
void admission_requeue_alone(struct admission *admission, const struct admitted *admitted);

/* How to get more memory than `limit`: by --memory, or, where the limit of the process (`ulimit`)
 * is what there is, by raising that. */
const char *admission_raise(double limit);

#endif
