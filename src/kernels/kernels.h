/* Kernels: leaf arithmetic on arrays. Nothing here knows of graphs.
 *
 * Every kernel has three forms: float32 (fast), float64 (fast) and naive (float64, the shortest
 * loop that is obviously right: the oracle of the tests). kernels.def lists them; KERNELS(add)
 * names the three forms of one.
 *
 * Promises.  A kernel does not allocate from this program's heap, keeps no state, and needs no
 * aligned arrays. The same arguments give the same bits on the same machine. Sums over more than
 * one row of products are accumulated in float64. NaN in gives NaN out, so that a diverging
 * training is noticed. The meaning of task->size is written beside each kernel.
 *
 * Threads.  oneDNN and OpenBLAS must not start threads: call omp_set_num_threads(1) in every worker
 * (a team of one thread does not count as a team). kernels_one_thread() sets OpenBLAS to one
 * thread; every program_compile and every function of lapack.h calls it.
 */
#ifndef BASIN_KERNELS_KERNELS_H
#define BASIN_KERNELS_KERNELS_H

#include <stddef.h>
#include <stdint.h>
#include "base/error.h"

enum { KERNEL_SIZES = 24, KERNEL_INPUTS = 6 };

struct kernel_task {
    int64_t size[KERNEL_SIZES];
    double number;
    double flops; /* nominal; two per multiply-add of products, 0 for everything else */
    /* Made once by a kernel's `prepare` (a primitive of a library, tables): immutable, shared by
     * threads; else NULL. */
    const void *prepared;
    size_t scratch; /* bytes of 64-byte aligned scratch memory that a run needs, as set by
                       `prepare`; else 0 */
};

/* in[i]: the input arrays, then scratch memory where the task needs any. dropout_mask finds a
 * struct kernel_random there. */
typedef void kernel_function(const struct kernel_task *task, void *out, const void *const *in);

/* Work that a kernel does once for a task whose sizes are set: sets `prepared` (released by
 * kernel_release) and `scratch`. */
typedef basin_status kernel_prepare(struct kernel_task *task);
typedef void kernel_release(void *prepared);

struct kernel_set {
    kernel_function *float32, *float64, *naive;
    kernel_prepare *prepare_float32,
        *prepare_float64; /* NULL: nothing to prepare; naive twins never have any */
    kernel_release *release;
};

struct kernel_random {
    uint64_t seed;
    uint32_t step;
};

/* Before a loop whose arrays are identical or do not overlap: the compiler may use vectors. */
#define IVDEP _Pragma("GCC ivdep")

#define KERNELS(name)                                                                              \
    {                                                                                              \
        kernel_##name##_float32, kernel_##name##_float64, kernel_##name##_naive                    \
    }

/* The same for a kernel with kernel_<name>_prepare_<precision> and kernel_<family>_release. */
#define KERNELS_PREPARED(name, family)                                                             \
    {                                                                                              \
        kernel_##name##_float32, kernel_##name##_float64, kernel_##name##_naive,                   \
            kernel_##name##_prepare_float32, kernel_##name##_prepare_float64,                      \
            kernel_##family##_release                                                              \
    }

#define KERNEL(name)                                                                               \
    kernel_function kernel_##name##_float32, kernel_##name##_float64, kernel_##name##_naive;
#include "kernels/kernels.def"
#undef KERNEL

kernel_prepare kernel_matmul_prepare_float32;
kernel_prepare kernel_convolution_prepare_float32, kernel_convolution_prepare_float64,
    kernel_convolution_data_prepare_float32, kernel_convolution_data_prepare_float64,
    kernel_convolution_weights_prepare_float32, kernel_convolution_weights_prepare_float64,
    kernel_convolution_bias_prepare_float32, kernel_convolution_bias_prepare_float64;
kernel_prepare kernel_rotary_prepare_float32, kernel_rotary_prepare_float64,
    kernel_sinusoid_prepare_float32, kernel_sinusoid_prepare_float64;
kernel_release kernel_convolution_release, kernel_tables_release;

/* Initialises the libraries (oneDNN's first product costs tens of milliseconds). Call it before
 * timing anything and before starting threads; later calls do nothing. */
void kernels_warm(void);
void kernels_one_thread(void); /* and products of float32 in float32, whatever the environment says
                                */

/* BASIN_MEMORY where a kernel of this thread found no memory in its library since the last call:
 * what it computed is void. */
basin_status kernels_status(void);
void kernels_short_of_memory(void); /* for kernels: says so */
/* Before OpenBLAS and LAPACK in a thread: kernels_one_thread, and where the memory of the process
 * is limited, a buffer for this thread. OpenBLAS maps one for each thread that is inside it, and
 * where it gets none it tries for ever. BASIN_MEMORY. */
basin_status kernels_enter_blas(void);

/* Versions of the libraries and the instruction set that the kernels were compiled for: one line
 * each, static text. */
const char *kernels_describe(void);
const char *kernels_isa(void); /* "AVX-512", "AVX2" or "baseline" */
/* Which of their kernels the libraries use, "oneDNN AVX2, OpenBLAS Haswell, C library FMA": by the
 * processor they find, and by the environment (DNNL_MAX_CPU_ISA, OPENBLAS_CORETYPE, GLIBC_TUNABLES
 * and others). Bits of results depend on it. Static text; the same for the whole process. */
const char *kernels_dispatch(void);

#endif
