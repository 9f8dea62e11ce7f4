/* Signals: SIGINT, SIGTERM and SIGHUP (the terminal is gone; not under nohup) ask a study to stop,
 * and a line on stderr says so; a second one ends the process at once.
 *
 * A handler must never run on a computing thread. oneDNN's generated matrix products keep live data
 * below the stack pointer, where the kernel puts a handler's frame: an interrupt in the middle of a
 * product overwrites it, and the heap with it. So the calling thread and all that it starts later
 * block these signals; a thread of its own, or one that a library keeps idle, receives them.
 * Errors: BASIN_INTERNAL where that thread cannot be made.
 */
#ifndef BASIN_CLI_SIGNALS_H
#define BASIN_CLI_SIGNALS_H

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include "base/error.h"

extern _Atomic bool signals_stop;            /* true from the first signal on */
extern volatile sig_atomic_t signals_caught; /* its number; 0 before */
extern _Atomic bool signals_limit;           /* the signal came from the time limit */

/* Call it once, from the main thread, before any other thread is started. */
basin_status signals_catch(void);

/* After the first signal a thread of its own calls `stopping`; NULL: nothing. Returns when no call
 * is under way. */
void signals_on_stop(void (*stopping)(void *context), void *context);

/* SIGTERM to ourselves after so many seconds: for --time-limit. After signals_catch. */
basin_status signals_after(double seconds);

#endif
