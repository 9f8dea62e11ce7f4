/* Vectors of the instruction set that this was compiled for, and SLEEF's functions on them.
 *
 * gcc's vector types take the usual operators, also with a scalar on one side; the baseline is a vector of one element.
 */
#ifndef BASIN_KERNELS_VECTOR_H
#define BASIN_KERNELS_VECTOR_H

#include <string.h>
#if defined(__AVX2__)
#include <immintrin.h>
#endif
#include <sleef.h>

#if defined(__AVX512F__)
#define VECTOR_ISA "AVX-512"
typedef __m512 vector_float32;
typedef __m512d vector_float64;
#define vector_exp_float32 Sleef_expf16_u10
#define vector_log_float32 Sleef_logf16_u10
#define vector_tanh_float32 Sleef_tanhf16_u35
#define vector_erf_float32 Sleef_erff16_u10
#define vector_exp_float64 Sleef_expd8_u10
#define vector_log_float64 Sleef_logd8_u10
#define vector_tanh_float64 Sleef_tanhd8_u10
#define vector_erf_float64 Sleef_erfd8_u10
#elif defined(__AVX2__)
#define VECTOR_ISA "AVX2"
typedef __m256 vector_float32;
typedef __m256d vector_float64;
#define vector_exp_float32 Sleef_expf8_u10
#define vector_log_float32 Sleef_logf8_u10
#define vector_tanh_float32 Sleef_tanhf8_u35
#define vector_erf_float32 Sleef_erff8_u10
#define vector_exp_float64 Sleef_expd4_u10
#define vector_log_float64 Sleef_logd4_u10
#define vector_tanh_float64 Sleef_tanhd4_u10
#define vector_erf_float64 Sleef_erfd4_u10
#else
#define VECTOR_ISA "baseline"
typedef float vector_float32;
typedef double vector_float64;
#define vector_exp_float32 Sleef_expf_u10
#define vector_log_float32 Sleef_logf_u10
#define vector_tanh_float32 Sleef_tanhf_u35
#define vector_erf_float32 Sleef_erff_u10
#define vector_exp_float64 Sleef_exp_u10
#define vector_log_float64 Sleef_log_u10
#define vector_tanh_float64 Sleef_tanh_u10
#define vector_erf_float64 Sleef_erf_u10
#endif

static inline vector_float32 vector_load_float32(const float *a)
{
    vector_float32 v;
    memcpy(&v, a, sizeof v);
    return v;
}

static inline vector_float64 vector_load_float64(const double *a)
{
    vector_float64 v;
    memcpy(&v, a, sizeof v);
    return v;
}

#endif
