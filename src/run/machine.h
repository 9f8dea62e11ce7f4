/* Machine: what a result must say about the computer, and what a worker thread must have before it
 * computes.
 *
 * Errors.  Facts that cannot be found out are "unknown", never a failure. machine_prepare_worker
 * gives BASIN_NUMERIC where subnormal numbers stay flushed to zero.
 */
#ifndef BASIN_RUN_MACHINE_H
#define BASIN_RUN_MACHINE_H

#include <stddef.h>
#include "base/error.h"

/* Cores that this process may use: the affinity mask, limited by the cgroup's CPU quota rounded up;
 * at least 1. */
int machine_cores(void);
/* The quota alone, 0 where there is none: `membership` is the text of /proc/self/cgroup, `root`
 * where cgroups are mounted ("/sys/fs/cgroup"). Version 2 (cpu.max, of the group and of every group
 * above it) and version 1 (cpu.cfs_quota_us).
 */
double machine_quota(const char *membership, const char *root);

/* Bytes of memory that this process can still get: what the system says is available, or what the
 * cgroup or the limit of its address space leaves. */
double machine_memory(void);
/* The cgroup alone, 0 where it has no limit; arguments as of machine_quota. memory.max less
 * memory.current, or version 1. */
double machine_memory_left(const char *membership, const char *root);

double machine_resident(void); /* bytes that this process has in memory now; 0: not known */

const char *machine_cpu(char *out, size_t size); /* "model name" of /proc/cpuinfo */

/* Initialises the libraries for arithmetic: before anything is timed. Later calls do nothing. */
void machine_warm(void);

/* At the start of every thread that trains: one thread for the libraries below (a one-thread OpenMP
 * team is inactive, and oneDNN would take all cores and give other bits), and subnormal numbers
 * kept (one -ffast-math library would flush them). */
basin_status machine_prepare_worker(void);

#endif
