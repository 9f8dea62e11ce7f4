/* Claims: which process trains a run, so that several processes, on one machine or many, can share
 * a study's folder.
 *
 *     DIR/claims/<id>      created exclusively; holds the host, the process, when it started, and
 *                          the instance of the system (two containers may have the same host name);
 *                          touched every CLAIM_BEAT seconds
 *     DIR/claims/.lock     held while a process decides whether a claim is still valid
 *
 * On its own host a claim is valid as long as its process lives, which is found out by its number
 * and start time. From another host it is valid until it has not been touched for CLAIM_LEASE
 * seconds, by the clock of the file system. An invalid claim is taken over. The claim of a process
 * that died stays in place until the run has a result, so that whoever takes it over knows that the
 * run has a history (folder/ledger.h).
 * Promise.  No two living processes hold one run. A run whose process died is free at once on its
 * host, and after the lease on others.
 * Threads.  One thread touches the claims; all functions may be called from any thread.
 * Ownership.  claims_create hands over; claims_destroy releases what is still held.
 */
#ifndef BASIN_FOLDER_CLAIM_H
#define BASIN_FOLDER_CLAIM_H

#include <stdbool.h>
#include "base/error.h"

enum { CLAIM_BEAT = 20, CLAIM_LEASE = 120, CLAIM_WHO = 128, CLAIM_HOLDER = 256 };

struct claims;

/* DIR/claims must be there. */
basin_status claims_create(const char *folder, struct claims **claims);
void claims_destroy(struct claims *claims);
/* Where `*stop` turns true, nothing waits for a lock that another process keeps; claims_take then
 * ends with BASIN_INTERRUPTED. Before other threads use the claims. */
void claims_heed(struct claims *claims, const _Atomic bool *stop);

enum claim {
    CLAIM_OURS,
    CLAIM_INHERITED, /* ours; a process that had it died, or left it with claims_leave */
    CLAIM_HELD       /* another process has it; `who` names it ("host, process 4711") */
};

/* After an error (BASIN_IO, BASIN_MEMORY) the run is not ours. */
basin_status claims_take(struct claims *claims, const char *id, enum claim *claim,
                         char who[CLAIM_WHO]);
void claims_release(struct claims *claims, const char *id);
/* Gives the run back, so that the next process to take it gets CLAIM_INHERITED and reads what the
 * journals say of the run. */
void claims_leave(struct claims *claims, const char *id);
/* Removes invalid claims on runs that have a result. */
void claims_tidy(struct claims *claims);

/* Does a process other than this one have the run now: the one that writes the journal `writer`, or
 * any (NULL)? Writes nothing: the clock here judges the age of another host's claim. */
bool claim_is_held(const char *folder, const char *id, const char *writer);
/* The same for any process; `name` becomes the name of its journal, "<host>-<pid>". */
bool claim_holder(const char *folder, const char *id, char name[CLAIM_HOLDER]);

#endif
