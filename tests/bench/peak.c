/* The peak of a core: chains of fused multiply-adds that are independent of each other and never
 * leave the registers. Twelve chains hide a latency of up to six cycles on two units, and fit
 * sixteen registers beside the two constants: with more, the compiler keeps some in memory, and the
 * loop stays below what real products reach. */
#include "bench.h"

#include <time.h>

enum { CHAINS = 12, INNER = 20000 };

double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* A constant that the compiler cannot see through. */
static float hidden(float x)
{
    volatile float y = x;
    return y;
}

/* x <- x * factor + term, INNER times on every chain; `width` floats a vector. Returns something
 * that depends on all of it. */
#define CHAINS_FUNCTION(name, target_attribute, vector, set, fma)                                  \
    target_attribute static float name(void)                                                       \
    {                                                                                              \
        vector x[CHAINS], factor = set(hidden(0.999f)), term = set(hidden(0.001f));                \
        for (int c = 0; c < CHAINS; c++) x[c] = set(hidden((float)c));                             \
        for (int i = 0; i < INNER; i++) {                                                          \
            _Pragma("GCC unroll 12") for (int c = 0; c < CHAINS; c++) x[c] =                       \
                fma(x[c], factor, term);                                                           \
        }                                                                                          \
        float sum = 0;                                                                             \
        for (int c = 0; c < CHAINS; c++) sum += ((float *)&x[c])[0];                               \
        return sum;                                                                                \
    }

#define PLAIN_FMA(a, b, c) ((a) * (b) + (c))
#define PLAIN_SET(a) (a)
CHAINS_FUNCTION(chains_plain, , float, PLAIN_SET, PLAIN_FMA)

#ifdef __x86_64__
#include <immintrin.h>
CHAINS_FUNCTION(chains_avx2, __attribute__((target("avx2,fma"))), __m256, _mm256_set1_ps,
                _mm256_fmadd_ps)
CHAINS_FUNCTION(chains_avx512, __attribute__((target("avx512f"))), __m512, _mm512_set1_ps,
                _mm512_fmadd_ps)
#endif

struct peak {
    const char *name;
    float (*run)(void);
    int width;
};

static struct peak peak_choose(void)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512f")) return (struct peak){"AVX-512", chains_avx512, 16};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return (struct peak){"AVX2", chains_avx2, 8};
#endif
    return (struct peak){"no vectors", chains_plain, 1};
}

const char *peak_describe(void)
{
    return peak_choose().name;
}

double peak_measure(double seconds)
{
    struct peak peak = peak_choose();
    volatile float sink = 0;
    double start = now(), passed = 0, calls = 0;
    for (; passed < seconds; passed = now() - start, calls++) sink = sink + peak.run();
    return 2.0 * CHAINS * INNER * peak.width * calls / passed;
}
