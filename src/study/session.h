/* Session: one call of the scheduler on a study: what it was asked, and how far it is.
 *
 * Plain data, shared by the scheduler, its events and whoever listens.
 */
#ifndef BASIN_STUDY_SESSION_H
#define BASIN_STUDY_SESSION_H

#include <pthread.h>
#include <signal.h>
#include "folder/journal.h"
#include "study/study.h"

enum run_event_kind { EVENT_START, EVENT_FINISH, EVENT_FAIL, EVENT_HELD };

struct run_event {
    enum run_event_kind kind;
    size_t position; /* in study->runs */
    double seconds;
    const struct runner_outcome *outcome; /* of EVENT_FINISH */
    const basin_error *error;             /* of EVENT_FAIL */
    const char *who; /* of EVENT_HELD: the process that has the run; reported once a run */
};

struct scheduler_options {
    int jobs; /* 0: machine_cores() */
    size_t
        most_failures; /* after so many nothing new starts, and what is running ends; 0: no limit */
    double memory;     /* bytes of the whole process; 0: scheduler_default_memory() */
    const char *spec_file; /* as given; for the journal */
    const char
        *arguments; /* " --set a=b -j 2", as a shell reads them; for the journal; may be NULL */
    const _Atomic bool *stop;            /* set by a signal handler */
    const volatile sig_atomic_t *signal; /* which one; for the journal; may be NULL */
    /* Called under one lock, from workers; may be NULL. */
    void (*listen)(void *context, const struct run_event *event);
    void *context;
};

struct failure {
    size_t position;
    basin_error error;
    bool refused; /* it needs more memory than the limit: tried again once it fits */
};

/* One call of scheduler_run. Counts are of this session, and can be read while it goes on. */
struct session {
    size_t todo;
    _Atomic size_t running, finished, diverged, added, failed;
    _Atomic size_t lost;      /* interrupted before their first checkpoint: they start over */
    _Atomic size_t elsewhere; /* of `finished`: by another process in the meantime */
    _Atomic bool stopped;     /* by most_failures */
    double total_flops;
    _Atomic double done_flops;     /* of runs that are over */
    struct run_progress *progress; /* of each worker */
    int jobs, workers; /* threads that are wanted; that the system gave, once all is over */
    double memory;     /* the limit */
    double seconds;
    struct failure *failures;  /* `failed` of them, in order of time */
    pthread_mutex_t lock;      /* of journal, listener and failures */
    struct journal *journal;   /* while it is open */
    basin_error journal_error; /* status BASIN_OK unless the journal could not be written */
};

#endif
