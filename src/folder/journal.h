/* Journal: what each process did with a study, for people, `basin status` and other programs.
 *
 * One file a process, DIR/journal/<host>-<pid>.jsonl, only ever appended to; one JSON object a
 * line, written with one write(). Every line has `event` and `time` (UTC, ISO 8601, milliseconds).
 * The events and their other members:
 *
 *   study_start      study, spec (path as given), arguments (other options as given, quoted for a
 *                    shell), basin_version, jobs, runs (their number), todo (how many will be
 *                    trained), ids (all run ids of the study), names ("path=name" of each axis that
 *                    has a name of its own; only where one has), axes (of a
 *                    study whose runs are all combinations of the values of its axes, in the order
 *                    of ids, the last axis fastest: of each its path and its values, with tabs
 *                    between them), whole (what the spec says of the
 *                    study as a whole, as YAML: what is computed over its runs, what it expects;
 *                    only where it says something)
 *   run_start        run_id, flops (estimated), epochs (how many it will have), step (of the
 *                    checkpoint from which it goes on; 0: from the beginning), alone (true where
 *                    nothing else is trained beside it, since it is a suspect; folder/crashes.h)
 *   run_finish       run_id, status ("finished", "diverged"), seconds, file, measures_added (only
 *                    where measures were added to a run that was finished before)
 *   run_fail         run_id, status (text of the error class), message, refused (true where it
 *                    needs more memory than the limit)
 *   study_stop       (the process has been asked to stop: if it dies from here on, that is no
 *                    crash)
 *   study_end        finished, diverged, failed, seconds
 *   study_interrupt  signal, finished, diverged, failed, seconds
 *
 * A file that is no regular one, may not be read, or has a line of more than 16 MiB, is left out
 * and named; so is one whose name is not made of letters, digits, '.', '_' and '-', as a host and a
 * number are. Messages and times are
 * escaped (base/escape.h), other texts are as the file has them.
 * A reader ignores a last line without newline (the process was killed while writing), events and
 * members it does not know, and a line that is no event.
 * Promise.  A journal that cannot be written never stops a study: the first failure is kept for the
 * summary.
 * Threads.  The caller holds a lock around every call.
 */
#ifndef BASIN_FOLDER_JOURNAL_H
#define BASIN_FOLDER_JOURNAL_H

#include <stdint.h>
#include "base/arena.h"
#include "base/text.h"

struct journal {
    int file;          /* -1 when closed */
    bool failed, torn; /* torn: the last line lacks its end */
    basin_error error; /* the first failure to write */
};

enum { JOURNAL_NAME = 256 };
const char *journal_name(const char *host, long process,
                         char out[JOURNAL_NAME]); /* "<host>-<process>" */

const char *journal_own_name(char out[JOURNAL_NAME]); /* of this process */

basin_status journal_open(struct journal *journal, const char *folder);
void journal_close(struct journal *journal);

/* Starts a line with event and time; members are appended with the functions below; journal_end
 * writes it. */
void journal_begin(struct text *line, const char *event);
void journal_text(struct text *line, const char *key, const char *value);
void journal_number(struct text *line, const char *key, double value);
void journal_true(struct text *line, const char *key);
void journal_end(struct journal *journal, struct text *line); /* releases the text */

/* Reading: every event of every journal in DIR, in order of time. */
struct journal_event {
    const char *name, *time, *run_id, *status, *message, *study, *spec,
        *arguments;    /* NULL where absent */
    const char *whole; /* as the lists below; NULL where absent */
    const char *const *ids, *const *names,
                                *const *axes; /* of the last study_start of its writer only */
    size_t id_count, name_count, axis_count,
        order;            /* order: of reading, for events of the same millisecond */
    size_t writer;        /* whose journal has it */
    const char *moment;   /* its place in the order: `time`, or that of an event before it where the
                           writer's clock went back */
    int64_t step, epochs; /* -1 where absent */
    bool alone, refused;
};
/* Journals that cannot be read: what is wrong with each. The others are read all the same. */
struct journal_skipped {
    const char **messages;
    size_t count, capacity;
};
struct journal_events {
    struct journal_event *items;
    size_t count;
    struct journal_skipped skipped;
    struct journal_writer {
        const char *name; /* "<host>-<pid>", by that of the file */
        size_t bytes;     /* of the file, as far as it was read */
    } * writers;
    size_t writer_count;
};
basin_status journal_read(const char *folder, struct arena *arena, struct journal_events *events);
/* The starts of studies alone, in the same order; what was done with runs is passed over. */
basin_status journal_read_starts(const char *folder, struct arena *arena,
                                 struct journal_events *events);
bool journal_has_grown(const char *folder,
                       const struct journal_writer *writer); /* since it was read */

#endif
