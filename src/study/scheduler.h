/* Scheduler: the runs of a study, side by side on the cores of one machine.
 *
 * Purpose.  One OpenMP region, one run a thread from start to end, the longest first by estimated
 * FLOPs (so that no core waits long at the end), as far as the memory goes (study/admission.h). A run
 * that can never fit fails with BASIN_MEMORY and the two numbers; the others go on. What is left of
 * a run's share of the limit it may use to save time.
 * Others.  Every run is claimed first (folder/claim.h). One that another process has is left for
 * later, and taken up or found finished when that process is done with it; the session ends when
 * nothing is left.
 * Promises.  The bits of a result do not depend on `jobs` or order (P3): every worker is one thread
 * for the libraries below. A failed run never stops another (P5), unless most_failures. After
 * `stop` turns true nothing new starts, runs stop at their next step, and no partial file is left.
 * Ownership.  The caller owns the study, the listener and the session. Errors of single runs are in
 * the session's failures; scheduler_run itself fails only where nothing could start.
 */
#ifndef BASIN_STUDY_SCHEDULER_H
#define BASIN_STUDY_SCHEDULER_H

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
    const char *who; /* of EVENT_HELD: the process that has the run; told once a run */
};

struct scheduler_options {
    int jobs; /* 0: machine_cores() */
    size_t
        most_failures; /* after so many nothing new starts, and what is running ends; 0: no limit */
    double memory;     /* bytes for data and runs; 0: scheduler_default_memory() */
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
    bool refused; /* it needs more memory than the limit: tried again where it fits */
};

/* One call of scheduler_run. Counts are of this session, and can be read while it goes on. */
struct session {
    size_t todo;
    _Atomic size_t running, finished, diverged, added, failed;
    _Atomic size_t lost; /* interrupted before there was a checkpoint of them: they start over */
    _Atomic size_t elsewhere; /* of `finished`: by another process, meanwhile */
    _Atomic bool stopped;     /* by most_failures */
    double total_flops;
    _Atomic double done_flops;     /* of runs that are over */
    struct run_progress *progress; /* of each worker */
    int jobs;
    double memory, data_bytes; /* the limit; the part of it that the shared data take */
    double seconds;
    struct failure *failures;  /* `failed` of them, in order of time */
    pthread_mutex_t lock;      /* of journal, listener and failures */
    struct journal *journal;   /* while it is open */
    basin_error journal_error; /* status BASIN_OK unless the journal could not be written */
};

/* 80 % of what the machine has available, the study's own data counted in. */
double scheduler_default_memory(const struct study *study);

basin_status scheduler_create(const struct study *study, const struct scheduler_options *options,
                              struct session **session);
basin_status scheduler_run(const struct study *study, const struct scheduler_options *options,
                           struct session *session);
void scheduler_destroy(struct session *session);

/* Says in the journal that the process has been asked to stop. Any thread, also before and after
 * scheduler_run. */
void scheduler_stopping(struct session *session);

double session_done_flops(const struct session *session); /* of finished and running runs */

/* What the command line's exit status should be: 3 where a run failed for the environment (IO,
 * data), else 1; 0 if none. */
int session_exit(const struct session *session);

#endif
