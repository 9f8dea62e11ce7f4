/* Errors: how every function of Basin says that something went wrong.
 *
 * Purpose.  A function that can fail returns a `basin_status`; BASIN_OK is 0. The details (message,
 * place, hint) of the latest failure are kept per thread and read with basin_error_last().
 *
 * Promise.  A failing function has released what it took and has set the last error exactly once.
 * Nothing in the library prints an error or ends the process.
 *
 * Calling sequence.
 *     if (basin_something(...) != BASIN_OK)
 *         fprintf(stderr, "%s\n", basin_error_last()->message);
 */
#ifndef BASIN_ERROR_H
#define BASIN_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

/* name, exit status of the command line (DESIGN: 1 some runs failed, 2 spec or usage, 3
 * environment), text */
#define BASIN_STATUSES(X)                                                                          \
    X(OK, 0, "success")                                                                            \
    X(FAILED, 1, "some runs failed")                                                               \
    X(MEMORY, 3, "out of memory")                                                                  \
    X(NUMERIC, 1, "numerical failure")                                                             \
    X(INTERNAL, 1, "internal error")                                                               \
    X(DAMAGED, 1, "damaged file")                                                                  \
    X(SPEC, 2, "wrong spec")                                                                       \
    X(USAGE, 2, "wrong usage")                                                                     \
    X(DATA, 3, "wrong or missing data")                                                            \
    X(IO, 3, "input or output failed")                                                             \
    X(INTERRUPTED, 130, "interrupted")

typedef enum basin_status {
#define X(name, exit_status, text) BASIN_##name,
    BASIN_STATUSES(X)
#undef X
} basin_status;

/* The last failure of this thread. Fixed storage: reading and setting it never allocates. */
typedef struct basin_error {
    basin_status status;
    char file[512];    /* "" where no file is concerned */
    long line, column; /* from 1; 0 where unknown */
    long long byte;    /* offset in `file`, -1 where unknown */
    char key[256]; /* key path in the spec, "training.batch_size"; "" where no key is concerned */
    char message[1024]; /* one sentence, no final full stop, no newline */
    char expected
        [160];       /* what would have been right, and what was found instead, where the message */
    char found[160]; /* says so: "at most 60000", "70000"; "" otherwise */
    char hint[512];  /* what to do; "" where we know nothing better than the message */
} basin_error;

/* Never NULL; status BASIN_OK and empty texts when nothing has failed yet. Owned by the thread. */
const basin_error *basin_error_last(void);

/* Static text of a status ("out of memory") and the exit status that the command line gives it. */
const char *basin_status_text(basin_status status);
int basin_status_exit(basin_status status);

#ifdef __cplusplus
}
#endif

#endif
