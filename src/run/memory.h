/* Memory: the bytes that a run needs, before it runs.
 *
 * Purpose.  The scheduler never lets runs together exceed the memory limit, and `plan` says what
 * each needs. The programs of a run are compiled and their memory plans read, but nothing is
 * allocated for them. Runs of equal shape need equal memory: memory_shape is cheap, and
 * memory_of_run, which takes milliseconds, is called once a shape.
 */
#ifndef BASIN_RUN_MEMORY_H
#define BASIN_RUN_MEMORY_H

#include <pthread.h>
#include "data/data.h"
#include "run/schema.h"

struct run_memory {
    size_t bytes; /* at the most, without the data that all runs share */
    size_t keep;  /* more bytes that it would use to save time, where there are any */
};

/* A digest of everything that the memory of a run depends on. */
basin_status memory_shape(const struct run_settings *settings, const struct data *data,
                          struct digest *shape);
basin_status memory_of_run(const struct run_settings *settings, const struct data *data,
                           struct run_memory *memory);

/* The same of a run that has finished, whose measures are taken from its file. */
basin_status memory_of_measures(const struct run_settings *settings, const struct data *data,
                                struct run_memory *memory);

/* The memory of shapes that were asked for before. Callers hold memory_table_lock. */
struct memory_table;

basin_status memory_table_create(struct memory_table **table);
void memory_table_destroy(struct memory_table *table); /* NULL is allowed */
pthread_mutex_t *memory_table_lock(struct memory_table *table);
bool memory_table_find(const struct memory_table *table, struct digest shape,
                       struct run_memory *memory);
basin_status memory_table_add(struct memory_table *table, struct digest shape,
                              const struct run_memory *memory);

#endif
