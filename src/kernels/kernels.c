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
#include "kernels/vector.h"

/* DNNL_DEFAULT_FPMATH_MODE would let oneDNN round the factors of convolutions to bfloat16. */
void kernels_one_thread(void)
{
    openblas_set_num_threads(1);
    dnnl_set_default_fpmath_mode(dnnl_fpmath_mode_strict);
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
