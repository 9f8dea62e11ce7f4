/* Process: who made a file that others find, and is that process still running?
 *
 * Processes that share a study's folder may run on one host, in containers with one host name, or
 * on many hosts. A process is identified by its host, its number, its start time (numbers are
 * reused) and its instance: the part of a host in which numbers mean the same, from one boot of the
 * system on and within one namespace.
 *
 * Threads.  All functions may be called from any thread. */
#ifndef BASIN_BASE_PROCESS_H
#define BASIN_BASE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROCESS_HOST = 256, PROCESS_INSTANCE = 128 };

/* Letters, digits, '.', '_' and '-' only, since it becomes part of file names. */
const char *process_host(char *out, size_t size);
const char *process_instance(char out[PROCESS_INSTANCE]);
uint32_t process_instance_tag(void); /* a short form of the instance, for file names */

/* Ticks from the boot of the system to the start of the process; 0 where it is not known. */
unsigned long long process_start(long number);
/* Is a process of this instance running? A process that has ended but was not waited for (a zombie)
 * counts as dead. `start` 0: any start time. */
bool process_lives(long number, unsigned long long start);

#endif
