/* Provenance: what a result depends on beside its spec, and how `basin --version` says it.
 *
 * The bits of a result depend on spec, data, build, library versions, CPU model, and the kernels
 * that libraries choose (P3); all are named here. In a result file they are the group /provenance,
 * the only part that differs between two trainings of the same spec.
 */
#ifndef BASIN_RUN_PROVENANCE_H
#define BASIN_RUN_PROVENANCE_H

#include "base/record.h"
#include "base/text.h"
#include "folder/ledger.h"
#include "spec/input.h"

const char *provenance_version(void); /* "0.1.0" */
const char *provenance_commit(void);  /* of git, "-dirty" behind it; "unknown" outside a checkout */
const char *provenance_compiler(void); /* "gcc 12.2.0" */
const char *provenance_flags(void);
const char *provenance_isa(void);       /* the vector instructions that kernels use */
const char *provenance_dispatch(void);  /* which of their kernels the libraries use */
const char *provenance_libraries(void); /* "libyaml 0.2.5, HDF5 1.10.8, ..." */

struct provenance {
    double started; /* seconds since 1970 */
    double seconds; /* wall time of the run */
    struct run_inputs inputs;
};

/* Adds the group /provenance. */
basin_status provenance_add(struct record *record, const struct provenance *provenance);

/* Was a result made by this build on this CPU model, with these kernels and in the present format,
 * so that its bits could be made again? What a file does not record is not compared. */
bool provenance_is_ours(const struct record *record);

/* A digest of all of that: equal where equal bits are promised. */
const char *provenance_build(void);

/* For the ledger of a folder: this build. */
struct ledger_reader provenance_reader(void);

double provenance_now(void); /* wall clock, seconds since 1970 */

#endif
