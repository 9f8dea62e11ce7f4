/* Ledger: in what state each run of a study's folder is, and why.
 *
 * Purpose.  The one answer to that question, from result files, checkpoints, journals and claims;
 * no spec is read. `status` asks for all runs of a folder, a study for those of its spec, the
 * scheduler for one run again before it begins it. What depends on a spec (measures or weights that
 * the result lacks) is added above.
 *
 * Rules, the first that applies:
 *
 *     running        there is no verified result, and a process that lives has claimed the run
 *     finished,      its file is there, passes verification, and holds the run that its name says
 *     diverged
 *     quarantined    the process crashed while it trained this run alone, again and again
 *                    (folder/crashes.h)
 *     damaged        its file is there, but fails verification or holds another run
 *     failed         its file cannot be read (it may be another user's, or no regular file); or the
 *                    last that a journal says of the run is that it failed
 *     interrupted    there is a checkpoint from which it goes on
 *     missing        nothing of this is known
 *
 * A run that failed for want of disk space or a data file (BASIN_IO, BASIN_DATA) is `transient`:
 * the next run of the study tries it again. All others that failed, and those in quarantine, are
 * left alone until somebody asks for them.
 * Ownership.  Texts live in the arena.
 */
#ifndef BASIN_FOLDER_LEDGER_H
#define BASIN_FOLDER_LEDGER_H

#include "base/record.h"
#include "folder/journal.h"

enum ledger_state {
    LEDGER_FINISHED,
    LEDGER_DIVERGED,
    LEDGER_FAILED,
    LEDGER_QUARANTINED,
    LEDGER_DAMAGED,
    LEDGER_RUNNING,
    LEDGER_INTERRUPTED,
    LEDGER_MISSING,
    LEDGER_STATES
};

extern const char *const ledger_names[]; /* "finished", ... */

struct ledger_entry {
    const char *id;
    enum ledger_state state;
    enum ledger_state files; /* the state that its files alone give */
    const char *reason;      /* of a failure, a quarantined or damaged run: what was said of it */
    const char *holder;      /* the living process that has claimed it, "<host>-<pid>"; or NULL */
    int64_t epoch, step;     /* of the checkpoint from which it goes on; 0: there is none */
    bool unreadable; /* something is at the place of its result that cannot be read: `reason` says
                        why. The run is left alone, also where failed runs are asked for */
    const char *unusable; /* a checkpoint is there, and why it cannot be used; or NULL */
    bool foreign;         /* another build, CPU model or choice of kernels has made the result */
    double seconds;       /* how long the run took, where this build made the result here; else 0 */
    const char *log;      /* of a failed or quarantined run: its log, where there is one */
    /* BASIN_OK where the last that a journal says of the run is something else than a failure */
    basin_status failure;
    bool transient, refused;           /* refused: for want of memory, before it began */
    const char *failed_in, *failed_at; /* the process, "<host>-<pid>", and the journal's time */
    /* crashes of the process while the run was in progress, and it has not finished or failed
     * since; `crash` says which process it was, and when */
    bool suspect, quarantined;
    bool unproven; /* a suspect that may not be to blame: processes crashed without it too */
    const char *crash;
};

/* Who asks: checkpoints of which build can be used, and which results it made itself. */
struct cache;
struct ledger_reader {
    const char *build; /* as of checkpoint_open */
    bool (*made)(const struct record *result);
    struct cache *states; /* of ledger_read: as ledger_states_open gives them; NULL: it opens them
                             itself */
};

/* What the files of one run say; state, reason, checkpoint, foreign and seconds of `entry`, whose
 * id is given. `record` (may be NULL) becomes the result without its large arrays, in `arena`; NULL
 * where there is none, another format's, or one that cannot be read. */
basin_status ledger_look(const char *folder, const struct ledger_reader *reader,
                         struct arena *arena, struct ledger_entry *entry, struct record **record);

/* Adds what journals and claims say to entries that were looked at. Sorts `entries` by id.
 * `skipped` (may be NULL): the journals that cannot be read. */
basin_status ledger_fold(const char *folder, const struct ledger_reader *reader,
                         struct arena *arena, struct ledger_entry **entries, size_t count,
                         struct journal_skipped *skipped);

/* Both for one run. */
basin_status ledger_read_run(const char *folder, const struct ledger_reader *reader,
                             struct arena *arena, const char *id, struct ledger_entry *entry);

/* Does a failure with this status go away by itself? */
bool ledger_is_transient(basin_status status);

/* All runs of a folder: those with a file, and those that the latest study_start names. */
struct ledger {
    const char *study, *spec, *arguments; /* of that study_start; NULL where no journal has one */
    struct ledger_entry *entries;         /* by id */
    size_t count, counts[LEDGER_STATES];
    size_t suspects; /* missing or interrupted runs that will be trained alone */
    size_t left;     /* runs that nobody tries again unless asked for */
    struct journal_skipped skipped;
};

/* BASIN_IO where the folder is not there, BASIN_USAGE where it is a file. */
basin_status ledger_read(struct arena *arena, const char *folder,
                         const struct ledger_reader *reader, struct ledger **ledger);

/* The states of results that were read before (folder/cache.h). Who reads all results anyway can
 * keep the states for ledger_read: cache_find, read and check a result, then keep. The caller
 * closes the cache. */
basin_status ledger_states_open(struct arena *arena, const char *folder,
                                const struct ledger_reader *reader, struct cache **states);
void ledger_states_keep(struct cache *states, const struct ledger_reader *reader, const char *path,
                        const struct record *record);

/* The same of entries that were looked at and folded, as those of a study: without study, spec and
 * arguments. */
basin_status ledger_of_entries(struct arena *arena, const char *folder,
                               struct ledger_entry *const *entries, size_t count,
                               struct ledger **ledger);

/* Is the result at `path`, FOLDER/runs/NAME.h5, the run that its name says? BASIN_DAMAGED with the
 * reason where NAME is not 16 hex digits or not the record's run_id. */
basin_status ledger_check_name(const char *path, const struct record *record);

#endif
