/* Pointwise kernels, for one precision. size: elements. The result may overwrite any input: element
 * i depends on element i alone, which `ivdep` tells the compiler. */

#define UNARY(name, expression)                                                                    \
    void NAME(name)(const struct kernel_task *task, void *out, const void *const *in)              \
    {                                                                                              \
        const REAL *a = in[0], zero = 0, one = 1, number = (REAL)task->number;                     \
        (void)zero, (void)one, (void)number;                                                       \
        REAL *y = out;                                                                             \
        IVDEP for (int64_t i = 0; i < task->size[0]; i++)                                          \
        {                                                                                          \
            REAL x = a[i];                                                                         \
            y[i] = (expression);                                                                   \
        }                                                                                          \
    }

#define BINARY(name, expression)                                                                   \
    void NAME(name)(const struct kernel_task *task, void *out, const void *const *in)              \
    {                                                                                              \
        const REAL *a = in[0], *b = in[1];                                                         \
        REAL *y = out;                                                                             \
        IVDEP for (int64_t i = 0; i < task->size[0]; i++)                                          \
        {                                                                                          \
            REAL p = a[i], q = b[i];                                                               \
            y[i] = (expression);                                                                   \
        }                                                                                          \
    }

/* Functions by SLEEF: whole vectors, then the rest in a vector that is padded with ones. */
#define FUNCTION(name, expression)                                                                 \
    static inline VECTOR LOCAL(name##_of)(VECTOR x)                                                \
    {                                                                                              \
        return (expression);                                                                       \
    }                                                                                              \
    void NAME(name)(const struct kernel_task *task, void *out, const void *const *in)              \
    {                                                                                              \
        enum { LANES = sizeof(VECTOR) / sizeof(REAL) };                                            \
        const REAL *a = in[0];                                                                     \
        REAL *y = out;                                                                             \
        int64_t i = 0, n = task->size[0];                                                          \
        for (; i + LANES <= n; i += LANES) {                                                       \
            VECTOR v = LOCAL(name##_of)(LOCAL(vector_load)(a + i));                                \
            memcpy(y + i, &v, sizeof v);                                                           \
        }                                                                                          \
        if (i == n) return;                                                                        \
        REAL rest[LANES];                                                                          \
        for (int j = 0; j < LANES; j++) rest[j] = i + j < n ? a[i + j] : 1;                        \
        VECTOR v = LOCAL(name##_of)(LOCAL(vector_load)(rest));                                     \
        memcpy(y + i, &v, (size_t)(n - i) * sizeof(REAL));                                         \
    }

BINARY(add, p + q)
BINARY(subtract, p - q)
BINARY(multiply, p *q)
BINARY(equal, (REAL)(p == q))
UNARY(scale, number *x)
UNARY(relu, x < zero ? zero : x) /* NaN stays NaN */
UNARY(step, x > zero ? one : x <= zero ? zero : x)
UNARY(sign, x > zero ? one : x < zero ? -one : x)
UNARY(rsqrt, one / LOCAL(root)(x))
UNARY(reciprocal, one / x)
FUNCTION(exp, LOCAL(vector_exp)(x))
FUNCTION(log, LOCAL(vector_log)(x))
FUNCTION(tanh, LOCAL(vector_tanh)(x))
#if PRECISION == 64
FUNCTION(erf, LOCAL(vector_erf)(x))
#endif
FUNCTION(sigmoid, (REAL)1 / ((REAL)1 + LOCAL(vector_exp)(-x)))

void NAME(copy)(const struct kernel_task *task, void *out, const void *const *in)
{
    if (out != in[0]) memcpy(out, in[0], (size_t)task->size[0] * sizeof(REAL));
}

void NAME(fill)(const struct kernel_task *task, void *out, const void *const *in)
{
    (void)in;
    REAL *y = out, value = (REAL)task->number;
    for (int64_t i = 0; i < task->size[0]; i++) y[i] = value;
}

#undef UNARY
#undef BINARY
#undef FUNCTION
