/* Names of one precision. A family's header (pointwise.h, rows.h, ...) is included once for each:
 * define PRECISION as 32 or 64 and include this file first; NAME(add) is then kernel_add_float32 or
 * kernel_add_float64, LOCAL(row_sum) is row_sum_float32 or row_sum_float64, REAL is the type. A
 * call that is a statement is written CALL(name, arguments), since clang-format takes
 * LOCAL(name)(...) for a declaration. No include guard. */
#undef REAL
#undef NAME
#undef LOCAL
#undef CALL
#undef VECTOR
#if PRECISION == 32
#define REAL float
#define NAME(name) kernel_##name##_float32
#define LOCAL(name) name##_float32
#define VECTOR vector_float32
#else
#define REAL double
#define NAME(name) kernel_##name##_float64
#define LOCAL(name) name##_float64
#define VECTOR vector_float64
#endif
#define CALL(name, ...) LOCAL(name)(__VA_ARGS__)
