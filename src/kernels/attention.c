#include "kernels/kernels.h"

#include <math.h>
#include <string.h>
#include "base/arena.h"
#include "kernels/product.h"
#include "kernels/tables.h"

#define PRECISION 32
#include "kernels/precision.h"
#include "kernels/reduce.h"
#include "kernels/attention.h"
#include "kernels/index.h"
#undef PRECISION
#define PRECISION 64
#include "kernels/precision.h"
#include "kernels/reduce.h"
#include "kernels/attention.h"
#include "kernels/index.h"

void kernel_tables_release(void *prepared)
{
    memory_free(prepared);
}

static basin_status prepare_rotary(struct kernel_task *task)
{
    int64_t steps = task->size[1], half = task->size[2] / 2;
    double *table = memory_allocate((size_t)(2 * steps * half) * sizeof *table);
    if (!table) return BASIN_MEMORY;
    for (int64_t t = 0; t < steps; t++)
        for (int64_t j = 0; j < half; j++) {
            double angle = rotary_angle(t, j, 2 * half, task->number);
            table[t * half + j] = cos(angle);
            table[(steps + t) * half + j] = sin(angle);
        }
    task->prepared = table;
    return BASIN_OK;
}

static basin_status prepare_sinusoid(struct kernel_task *task)
{
    int64_t steps = task->size[0], width = task->size[1];
    double *table = memory_allocate((size_t)(steps * width) * sizeof *table);
    if (!table) return BASIN_MEMORY;
    for (int64_t i = 0; i < steps * width; i++) table[i] = sinusoid_at(i / width, i % width, width);
    task->prepared = table;
    return BASIN_OK;
}

basin_status kernel_rotary_prepare_float32(struct kernel_task *task)
{
    return prepare_rotary(task);
}

basin_status kernel_rotary_prepare_float64(struct kernel_task *task)
{
    return prepare_rotary(task);
}

basin_status kernel_sinusoid_prepare_float32(struct kernel_task *task)
{
    return prepare_sinusoid(task);
}

basin_status kernel_sinusoid_prepare_float64(struct kernel_task *task)
{
    return prepare_sinusoid(task);
}
