#include "cli/signals.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "cli/report.h"

_Atomic bool signals_stop;
volatile sig_atomic_t signals_caught;

static char message[96];
static volatile sig_atomic_t message_length;

/* Only write(2) may be called here. */
static void on_signal(int number)
{
    int error = errno;
    ssize_t written = write(STDERR_FILENO, message, (size_t)message_length);
    (void)written;
    signals_caught = number;
    signals_stop = true;
    errno = error;
}

static void prepare_message(void)
{
    const char *clear = report_is_terminal(STDERR_FILENO) ? "\r\033[K" : ""; /* the "^C" that the terminal shows, and the progress */
    snprintf(message, sizeof message, "%sstopping; press Ctrl-C again to stop at once\n", clear);
    message_length = (sig_atomic_t)strlen(message);
}

static void *listen(void *unused)
{
    for (;;) pause();
    return unused;
}

/* The handler is taken away by the first signal: a second one ends the process at once. */
basin_status signals_catch(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESETHAND | SA_RESTART};
    sigset_t both;
    pthread_t listener;
    prepare_message();
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    int failure = pthread_create(&listener, NULL, listen, NULL); /* before the signals are blocked here: it inherits the mask */
    if (failure) return error_raise(BASIN_INTERNAL, "cannot start the thread that receives signals: %s", strerror(failure));
    pthread_detach(listener);
    sigemptyset(&both);
    sigaddset(&both, SIGINT);
    sigaddset(&both, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &both, NULL);
    return BASIN_OK;
}

static double time_limit;

static void *wait_for_limit(void *unused)
{
    struct timespec rest = {.tv_sec = (time_t)time_limit, .tv_nsec = (long)(1e9 * (time_limit - floor(time_limit)))};
    while (nanosleep(&rest, &rest) != 0 && errno == EINTR) continue;
    kill(getpid(), SIGTERM);
    return unused;
}

basin_status signals_after(double seconds)
{
    pthread_t thread;
    time_limit = seconds;
    int failure = pthread_create(&thread, NULL, wait_for_limit, NULL);
    if (failure) return error_raise(BASIN_INTERNAL, "cannot start the thread that keeps the time: %s", strerror(failure));
    pthread_detach(thread);
    return BASIN_OK;
}
