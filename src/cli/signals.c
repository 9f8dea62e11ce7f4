#include "base/threads.h"
#include "cli/signals.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "cli/report.h"

_Atomic bool signals_stop;
volatile sig_atomic_t signals_caught;
_Atomic bool signals_limit;

enum { PATIENCE = 3 };          /* at this many signals the process ends at once */
static const double SAME = 0.2; /* seconds within which signals count as one */

static sem_t caught; /* counts signals that the listener has not handled yet */
static pthread_mutex_t stop_lock = PTHREAD_MUTEX_INITIALIZER;
static void (*on_stop)(void *context);
static void *stop_context;

void signals_on_stop(void (*stopping)(void *context), void *context)
{
    pthread_mutex_lock(&stop_lock);
    on_stop = stopping;
    stop_context = context;
    pthread_mutex_unlock(&stop_lock);
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* A signal right after the first one counts as the same: `timeout` signals the process and then its
 * group. Later, only Ctrl-C ends the process: a batch system may send its warning when the time
 * limit of ours has been reached already. */
static bool is_impatient(int number, double since_first)
{
    return number == SIGINT && since_first >= SAME;
}

static void on_signal(int number)
{
    static volatile sig_atomic_t count;
    static double first;
    int error = errno;
    if (count > 0 && !is_impatient(number, seconds_now() - first)) return;
    if (count == 0) {
        first = seconds_now();
        signals_caught = number;
    }
    if (++count >= PATIENCE) {
        signal(number, SIG_DFL);
        raise(number); /* delivered when this handler returns */
    }
    signals_stop = true;
    sem_post(&caught);
    errno = error;
}

static void wait_for_signal(void)
{
    while (sem_wait(&caught) != 0) continue;
}

/* The first signal stops the study, whose callback runs before a second one can end the process. */
static void *listen(void *unused)
{
    wait_for_signal();
    pthread_mutex_lock(&stop_lock);
    if (on_stop) on_stop(stop_context);
    pthread_mutex_unlock(&stop_lock);
    if (report_is_terminal(STDERR_FILENO)) /* the "^C" that the terminal shows, and the progress */
        report_clear();
    report_message(signals_limit ? "time limit reached; stopping"
                                 : "stopping; press Ctrl-C again to stop at once");
    wait_for_signal();
    signal(SIGINT, SIG_DFL);
    kill(getpid(), SIGINT);
    return unused;
}

basin_status signals_catch(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART}, before;
    sigset_t all;
    int taken[sizeof numbers / sizeof *numbers];
    size_t taken_count = 0;
    pthread_t listener;
    sem_init(&caught, 0, 0);
    sigemptyset(&all);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (numbers[i] == SIGHUP && sigaction(SIGHUP, NULL, &before) == 0 &&
            before.sa_handler == SIG_IGN)
            continue; /* nohup */
        sigaddset(&all, numbers[i]);
        taken[taken_count++] = numbers[i];
    }
    action.sa_mask = all; /* the handler is not interrupted by another of them */
    for (size_t i = 0; i < taken_count; i++) sigaction(taken[i], &action, NULL);
    int failure =
        pthread_create(&listener, NULL, listen,
                       NULL); /* before the signals are blocked here: it inherits the mask */
    if (failure) return threads_fail("receives signals", failure);
    pthread_detach(listener);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    return BASIN_OK;
}

static double time_limit;

static void *wait_for_limit(void *unused)
{
    struct timespec rest = {.tv_sec = (time_t)time_limit,
                            .tv_nsec = (long)(1e9 * (time_limit - floor(time_limit)))};
    while (nanosleep(&rest, &rest) != 0 && errno == EINTR) continue;
    signals_limit = true;
    kill(getpid(), SIGTERM);
    return unused;
}

basin_status signals_after(double seconds)
{
    pthread_t thread;
    time_limit = seconds;
    int failure = pthread_create(&thread, NULL, wait_for_limit, NULL);
    if (failure) return threads_fail("keeps the time", failure);
    pthread_detach(thread);
    return BASIN_OK;
}
