#include "cli/signals.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

_Atomic bool signals_stop;
volatile sig_atomic_t signals_caught;

static void on_signal(int number)
{
    signals_caught = number;
    signals_stop = true;
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
