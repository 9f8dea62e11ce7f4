/* Claims: which process trains a run, so that several of them, on one machine or many, can share a
 * study's folder.
 *
 *     DIR/claims/<id>      made by exclusive creation: host, process, its start, and the instance
 *                          of the system (two containers may bear one name); touched every
 *                          CLAIM_BEAT seconds
 *     DIR/claims/.lock     held while a claim is judged
 *
 * A claim is alive as long as its process is (judged on its own host by process and start time),
 * or, from another host, as long as it was touched within the last CLAIM_LEASE seconds, by the
 * clock of the file system alone. One that is not is taken over. What a dead process held stays
 * until the run has its result: whoever takes it is told that there is something to know of it.
 * Promise.  No two living processes hold one run; what a dead one held is free at once on its host,
 * after the lease elsewhere.
 * Threads.  One that touches; all functions may be called from any thread.
 * Ownership.  claims_create hands over; claims_destroy gives back what is still held.
 */
#ifndef BASIN_FOLDER_CLAIM_H
#define BASIN_FOLDER_CLAIM_H

#include <stdbool.h>
#include "base/error.h"

enum { CLAIM_BEAT = 20, CLAIM_LEASE = 120, CLAIM_WHO = 128, CLAIM_HOLDER = 256 };

struct claims;

basin_status claims_create(const char *folder,
                           struct claims **claims); /* DIR/claims must be there */
void claims_destroy(struct claims *claims);

enum claim {
    CLAIM_OURS,
    CLAIM_INHERITED, /* ours; a process had it that is gone and has not given it back, or has left
                        it */
    CLAIM_HELD       /* by another process, which `who` then names ("host, process 4711") */
};

/* BASIN_IO, BASIN_MEMORY; then the run is not ours. */
basin_status claims_take(struct claims *claims, const char *id, enum claim *claim,
                         char who[CLAIM_WHO]);
void claims_release(struct claims *claims, const char *id);
void claims_leave(
    struct claims *claims,
    const char *id); /* so that it is inherited: there is something to know of the run */
void claims_tidy(
    struct claims *claims); /* removes those that are free, of runs that have their results */

/* Has a process other than this one the run at present, the one that writes the journal `writer`
 * (NULL: any)? Nothing is written; the age of another host's claim goes by this one's clock. */
bool claim_is_held(const char *folder, const char *id, const char *writer);
/* The same of any process; `name` then is its journal's, "<host>-<pid>". */
bool claim_holder(const char *folder, const char *id, char name[CLAIM_HOLDER]);

#endif
