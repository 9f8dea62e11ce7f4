/* Process: who wrote a thing that others find, and whether that process is still at work.
 *
 * Processes that share a study's folder run on one host, in containers of one name, or on many
 * hosts. A process is named by its host, its number, its start (numbers are used again) and its
 * instance: where numbers mean the same, since one start of the system, in one namespace.
 * Threads.  All functions may be called from any thread.
 */
#ifndef BASIN_BASE_PROCESS_H
#define BASIN_BASE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROCESS_HOST = 256, PROCESS_INSTANCE = 128 };

/* Letters, digits, '.', '_', '-' only: it names files. */
const char *process_host(char *out, size_t size);
const char *process_instance(char out[PROCESS_INSTANCE]);
uint32_t process_instance_tag(void); /* the instance in short, for the names of files */

/* Ticks since the start of the system; 0 where it is not known. */
unsigned long long process_start(long number);
/* Of this instance. Dead is also what has ended and is still in the table, since nobody has asked
 * how (a zombie). `start` 0: any. */
bool process_lives(long number, unsigned long long start);

#endif
