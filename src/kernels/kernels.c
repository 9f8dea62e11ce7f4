#include "kernels/kernels.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <cblas.h>
#include <dnnl.h>
#if defined(__x86_64__) && defined(__GLIBC__) && __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#define HAS_ACTIVE_FEATURES 1
#endif
#include "base/arena.h"
#include "kernels/vector.h"

/* DNNL_DEFAULT_FPMATH_MODE would let oneDNN round the factors of convolutions to bfloat16. */
void kernels_one_thread(void)
{
    openblas_set_num_threads(1);
    dnnl_set_default_fpmath_mode(dnnl_fpmath_mode_strict);
}

/* ---- shortage of memory ---- */

static _Thread_local bool is_short;

void kernels_short_of_memory(void)
{
    is_short = true;
}

basin_status kernels_status(void)
{
    if (!is_short) return BASIN_OK;
    is_short = false;
    error_raise(BASIN_MEMORY, "out of memory in a matrix product or a convolution");
    error_hint("run fewer jobs at a time (-j) or a smaller batch; see `ulimit -v` and `ulimit -d`");
    return BASIN_MEMORY;
}

/* OpenBLAS's own. */
extern void *blas_memory_alloc(int) __attribute__((weak));
extern void blas_memory_free(void *) __attribute__((weak));

enum { BLAS_BUFFERS = 64 };
/* More than one is on any processor: something must be left beside it. */
static const size_t blas_buffer = 168 << 20;

/* Takes buffers until one is new, and gives them all back: it is kept for whoever comes next. */
static bool map_blas_buffer(void)
{
    static void *known[BLAS_BUFFERS];
    static int mapped;
    void *taken[BLAS_BUFFERS];
    int count = 0;
    bool is_new = false;
    if (!blas_memory_alloc || !blas_memory_free) return memory_is_left(blas_buffer);
    if (mapped == BLAS_BUFFERS) return false;
    while (!is_new && count < BLAS_BUFFERS && memory_is_left(blas_buffer)) {
        void *buffer = taken[count++] = blas_memory_alloc(0);
        is_new = true;
        for (int i = 0; i < mapped; i++) is_new = is_new && known[i] != buffer;
        if (is_new) known[mapped++] = buffer;
    }
    while (count > 0) blas_memory_free(taken[--count]);
    return is_new;
}

basin_status kernels_enter_blas(void)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static _Thread_local bool is_ready;
    if (is_ready) return BASIN_OK;
    kernels_one_thread();
    pthread_mutex_lock(&lock);
    is_ready = !memory_is_limited() || map_blas_buffer();
    pthread_mutex_unlock(&lock);
    if (is_ready) return BASIN_OK;
    error_raise(BASIN_MEMORY,
                "OpenBLAS needs 128 MiB for each thread, and the limit of this process "
                "leaves less");
    error_hint(
        "raise the limit (see `ulimit -v` and `ulimit -d`), or run fewer jobs at a time (-j)");
    return BASIN_MEMORY;
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
    if (!memory_is_limited()) /* takes a buffer that may not be needed */
        kernel_matmul_float64(&(struct kernel_task){.size = {2, 2, 2}}, d, (const void *[]){a, b});
    kernels_status(); /* what comes after it will find out */
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

/* ---- what the libraries choose by themselves ---- */

static const char *library_isa(dnnl_cpu_isa_t isa, char other[16])
{
    static const struct {
        dnnl_cpu_isa_t isa;
        const char *name;
    } names[] = {{dnnl_cpu_isa_all, "every instruction set"},
                 {dnnl_cpu_isa_sse41, "SSE4.1"},
                 {dnnl_cpu_isa_avx, "AVX"},
                 {dnnl_cpu_isa_avx2, "AVX2"},
                 {dnnl_cpu_isa_avx2_vnni, "AVX2 VNNI"},
                 {dnnl_cpu_isa_avx512_mic, "AVX-512 MIC"},
                 {dnnl_cpu_isa_avx512_mic_4ops, "AVX-512 MIC 4OPS"},
                 {dnnl_cpu_isa_avx512_core, "AVX-512"},
                 {dnnl_cpu_isa_avx512_core_vnni, "AVX-512 VNNI"},
                 {dnnl_cpu_isa_avx512_core_bf16, "AVX-512 BF16"},
                 {dnnl_cpu_isa_avx512_core_amx, "AVX-512 AMX"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].isa == isa) return names[i].name;
    snprintf(other, 16, "0x%x", (unsigned)isa);
    return other;
}

/* Which of its variants of exp, log, sin, ... the C library has chosen: they round differently. It
 * does so by what it takes for active, which GLIBC_TUNABLES may reduce. */
static const char *c_library_isa(void)
{
#ifdef HAS_ACTIVE_FEATURES
    return CPU_FEATURE_ACTIVE(FMA) && CPU_FEATURE_ACTIVE(AVX2) ? "FMA"
           : CPU_FEATURE_ACTIVE(FMA4)                          ? "FMA4"
           : CPU_FEATURE_ACTIVE(AVX)                           ? "AVX"
                                                               : "SSE2";
#else
    return "its own choice";
#endif
}

static char dispatch[256];

static void describe_dispatch(void)
{
    char other[16];
    bool narrow = dnnl_get_cpu_isa_hints() == dnnl_cpu_isa_prefer_ymm;
    snprintf(dispatch, sizeof dispatch, "oneDNN %s%s, OpenBLAS %s, C library %s",
             library_isa(dnnl_get_effective_cpu_isa(), other),
             narrow ? " in 256-bit registers" : "", openblas_get_corename(), c_library_isa());
}

const char *kernels_dispatch(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, describe_dispatch);
    return dispatch;
}

const char *kernels_describe(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, kernel_describe_library);
    return description;
}
