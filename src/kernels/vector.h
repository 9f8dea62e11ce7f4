/* Vectors of the instruction set that this was compiled for, and SLEEF's functions on them.
 *
 * gcc's vector types take the usual operators, also with a scalar on one side; the baseline is a
 * vector of one element. vector_fma(a, b, c): a scalar times a vector plus a vector, rounded once
 * where the instruction set can. vector_relu keeps NaN. vector_load_part and vector_store_part: the
 * first `count` elements, at least one; the others are zero, or stay unchanged in memory.
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
#define vector_fma_float32(a, b, c) _mm512_fmadd_ps(_mm512_set1_ps(a), b, c)
#define vector_fma_float64(a, b, c) _mm512_fmadd_pd(_mm512_set1_pd(a), b, c)
#define vector_relu_float32(a) _mm512_max_ps(_mm512_setzero_ps(), a)
#define vector_relu_float64(a) _mm512_max_pd(_mm512_setzero_pd(), a)
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
#define vector_fma_float32(a, b, c) _mm256_fmadd_ps(_mm256_set1_ps(a), b, c)
#define vector_fma_float64(a, b, c) _mm256_fmadd_pd(_mm256_set1_pd(a), b, c)
#define vector_relu_float32(a) _mm256_max_ps(_mm256_setzero_ps(), a)
#define vector_relu_float64(a) _mm256_max_pd(_mm256_setzero_pd(), a)
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
#define vector_fma_float32(a, b, c) ((a) * (b) + (c))
#define vector_fma_float64(a, b, c) ((a) * (b) + (c))
#define vector_relu_float32(a) ((a) < 0 ? 0 : (a))
#define vector_relu_float64(a) ((a) < 0 ? 0 : (a))
#endif

/* A tile of a product is some rows of 1 ... TILE_VECTORS vectors. The registers hold its sums
 * beside the vectors of the other factor. Tiles are computed by functions that are inlined with
 * constant sizes. TILE_ROWS(vectors): the number of rows. */
#if defined(__AVX512F__)
enum { TILE_SUMS = 24, TILE_MOST = 12 };
#elif defined(__AVX2__)
enum { TILE_SUMS = 12, TILE_MOST = 8 };
#else
enum { TILE_SUMS = 12, TILE_MOST = 4 };
#endif
#define TILE_ROWS(vectors) (TILE_SUMS / (vectors) < TILE_MOST ? TILE_SUMS / (vectors) : TILE_MOST)
/* Keeps a vector in a register; gcc would read it from memory at every use. */
#if defined(__AVX2__)
#define VECTOR_HOLD(v) __asm__("" : "+v"(v))
#else
#define VECTOR_HOLD(v) (void)0
#endif
#define FORCE_INLINE static inline __attribute__((always_inline))

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

#if defined(__AVX512F__)
static inline vector_float32 vector_load_part_float32(const float *a, int count)
{
    return _mm512_maskz_loadu_ps((__mmask16)(0xffffu >> (16 - count)), a);
}

static inline vector_float64 vector_load_part_float64(const double *a, int count)
{
    return _mm512_maskz_loadu_pd((__mmask8)(0xffu >> (8 - count)), a);
}

static inline void vector_store_part_float32(float *a, vector_float32 v, int count)
{
    _mm512_mask_storeu_ps(a, (__mmask16)(0xffffu >> (16 - count)), v);
}

static inline void vector_store_part_float64(double *a, vector_float64 v, int count)
{
    _mm512_mask_storeu_pd(a, (__mmask8)(0xffu >> (8 - count)), v);
}
#elif defined(__AVX2__)
/* Stores in halves: masked stores take tens of cycles on some processors. */
static inline vector_float32 vector_load_part_float32(const float *a, int count)
{
    static const int32_t mask[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
    return _mm256_maskload_ps(a, _mm256_loadu_si256((const __m256i *)(mask + 8 - count)));
}

static inline vector_float64 vector_load_part_float64(const double *a, int count)
{
    static const int64_t mask[8] = {-1, -1, -1, -1};
    return _mm256_maskload_pd(a, _mm256_loadu_si256((const __m256i *)(mask + 4 - count)));
}

static inline void vector_store_part_float32(float *a, vector_float32 v, int count)
{
    __m128 part = _mm256_castps256_ps128(v);
    if (count == 8) {
        _mm256_storeu_ps(a, v);
        return;
    }
    if (count & 4) {
        _mm_storeu_ps(a, part);
        part = _mm256_extractf128_ps(v, 1);
        a += 4;
    }
    if (count & 2) {
        _mm_storel_pi((__m64 *)a, part);
        part = _mm_movehl_ps(part, part);
        a += 2;
    }
    if (count & 1) _mm_store_ss(a, part);
}

static inline void vector_store_part_float64(double *a, vector_float64 v, int count)
{
    __m128d part = _mm256_castpd256_pd128(v);
    if (count == 4) {
        _mm256_storeu_pd(a, v);
        return;
    }
    if (count & 2) {
        _mm_storeu_pd(a, part);
        part = _mm256_extractf128_pd(v, 1);
        a += 2;
    }
    if (count & 1) _mm_store_sd(a, part);
}
#else
static inline vector_float32 vector_load_part_float32(const float *a, int count)
{
    vector_float32 v = {0};
    memcpy(&v, a, (size_t)count * sizeof *a);
    return v;
}

static inline vector_float64 vector_load_part_float64(const double *a, int count)
{
    vector_float64 v = {0};
    memcpy(&v, a, (size_t)count * sizeof *a);
    return v;
}

static inline void vector_store_part_float32(float *a, vector_float32 v, int count)
{
    memcpy(a, &v, (size_t)count * sizeof *a);
}

static inline void vector_store_part_float64(double *a, vector_float64 v, int count)
{
    memcpy(a, &v, (size_t)count * sizeof *a);
}
#endif

#endif
