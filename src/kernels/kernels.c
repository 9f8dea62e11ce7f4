#include "kernels/kernels.h"

#include <pthread.h>
#include <stdio.h>
#include <cblas.h>
#include <dnnl.h>
#include "kernels/vector.h"

void kernels_one_thread(void)
{
    openblas_set_num_threads(1);
}

void kernels_warm(void)
{
    static const float a[64 * 64], b[64 * 64];
    static _Thread_local float
        c[64 * 64]; /* one for each thread: several workers may warm up at the same time */
    static _Thread_local double d[4];
    kernels_one_thread();
    for (int transposed = 0; transposed < 4; transposed++) {
        struct kernel_task task = {.size = {64, 64, 64, transposed & 1, transposed >> 1}};
        kernel_matmul_float32(&task, c, (const void *[]){a, b});
    }
    kernel_matmul_float64(&(struct kernel_task){.size = {2, 2, 2}}, d, (const void *[]){a, b});
}

const char *kernels_isa(void)
{
    return VECTOR_ISA;
}

static char description[512];

/* Called once: openblas_get_config writes its text to a static buffer without a lock. */
static void kernel_describe_library(void)
{
    const dnnl_version_t *dnnl = dnnl_version();
    snprintf(description, sizeof description,
             "oneDNN %d.%d.%d\n%s\nSLEEF %d.%d.%d\nkernels compiled for %s\n", dnnl->major,
             dnnl->minor, dnnl->patch, openblas_get_config(), SLEEF_VERSION_MAJOR,
             SLEEF_VERSION_MINOR, SLEEF_VERSION_PATCHLEVEL, VECTOR_ISA);
}

const char *kernels_describe(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, kernel_describe_library);
    return description;
}
