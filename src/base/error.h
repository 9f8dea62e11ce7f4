/* Raising errors: the internal side of <basin/error.h>.
 *
 *     return error_raise(BASIN_DATA, "dataset \"%s\" has %zu images but %zu labels", name, images,
 *         labels);
 *     ...
 *     error_raise(BASIN_IO, "cannot write %s: %s", path, strerror(errno));
 *     error_hint("free some space and run the same command again");
 *     return BASIN_IO;
 *
 * What is given is escaped (base/escape.h): a name in a message cannot reach a terminal as it is.
 * TRY forwards a failure; use it where nothing has to be released. `goto fail` only where an OS
 * resource is open.
 */
#ifndef BASIN_BASE_ERROR_H
#define BASIN_BASE_ERROR_H

#include <basin/error.h>

#define TRY(call)                                                                                  \
    do {                                                                                           \
        basin_status try_status_ = (call);                                                         \
        if (try_status_ != BASIN_OK) return try_status_;                                           \
    } while (0)

/* Sets this thread's last error (clearing place and hint) and returns `status`. */
basin_status error_raise(basin_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Each adds to the last error of this thread. */
void error_hint(const char *format, ...) __attribute__((format(printf, 1, 2)));
void error_place(const char *file, long line, long column);
void error_byte(const char *file, long long byte);

/* The key of the spec that the error is about, as a path. A room names the key in its own block
 * ("train_size"); who called it with that block puts the block in front (error_key_block). Where
 * several keys together are wrong they are all named, separated by ", ", those to the right in the
 * same block: the error is shown at the first that the spec gives. */
void error_key(const char *format, ...) __attribute__((format(printf, 1, 2)));
void error_key_block(const char *block); /* "dataset" and "train_size": "dataset.train_size" */
/* What would have been right, and what was there: for programs; the message says both in words. */
void error_expected(const char *format, ...) __attribute__((format(printf, 1, 2)));
void error_found(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Puts `prefix: ` before the message, so that outer code can say what it was doing. */
void error_prefix(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "cannot `what`: (reason)" of errno, BASIN_IO, with what can be done about it where a file or
 * folder of results is to be written. */
basin_status error_write(const char *what, ...) __attribute__((format(printf, 1, 2)));

/* The usual failure of allocation; says how many bytes were wanted (0: not known). */
basin_status error_memory(unsigned long long bytes);

/* The status whose basin_status_text this is; BASIN_INTERNAL for any other text, and for NULL. */
basin_status error_status_of(const char *text);

/* Restores an error copied earlier (another thread's, say) as this thread's last error. */
basin_status error_restore(const basin_error *error);

#endif
