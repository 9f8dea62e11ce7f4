/* Memory: the bytes that a run needs, before it runs.
 *
 * Purpose.  The scheduler never starts runs whose sum exceeds the memory limit, and `plan` says
 * what each needs. The programs of a run are compiled and their plans read; nothing is allocated
 * for them. Runs of the same shape need the same: memory_shape is cheap, memory_of_run takes
 * milliseconds and is asked once a shape.
 */
#ifndef BASIN_RUN_MEMORY_H
#define BASIN_RUN_MEMORY_H

#include <pthread.h>
#include "data/data.h"

struct run_memory {
    size_t bytes; /* at the most, beside the data that all runs share */
    size_t keep;  /* how much more it would use to save time, where there is enough */
};

/* What the memory of a run follows from: runs of equal shapes need equal memory. */
basin_status memory_shape(const struct value *spec, const struct data *data, struct digest *shape);
basin_status memory_of_run(const struct value *spec, const struct data *data,
                           struct run_memory *memory);

/* What is known of shapes. Whoever looks or adds holds memory_table_lock. */
struct memory_table;

basin_status memory_table_create(struct memory_table **table);
void memory_table_destroy(struct memory_table *table); /* NULL is allowed */
pthread_mutex_t *memory_table_lock(struct memory_table *table);
bool memory_table_find(const struct memory_table *table, struct digest shape,
                       struct run_memory *memory);
basin_status memory_table_add(struct memory_table *table, struct digest shape,
                              const struct run_memory *memory);

#endif
