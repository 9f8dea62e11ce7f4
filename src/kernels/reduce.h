/* Reductions of one row, for one precision. Sums are in float64, in lanes of a fixed order: fast,
 * and the same bits on every machine. */

static inline double LOCAL(lanes_sum)(const double sum[8])
{
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

/* The largest element, or NaN if there is one: comparisons skip NaN, so these are counted
 * separately. */
static inline REAL LOCAL(row_maximum)(const REAL *a, int64_t n)
{
    enum { LANES = 16 };
    REAL largest = -INFINITY, lanes[LANES];
    int nan = 0, strange[LANES] = {0};
    int64_t j = 0;
    if (n >= LANES) {
        memcpy(lanes, a, sizeof lanes);
        for (; j + LANES <= n; j += LANES)
            for (int i = 0; i < LANES; i++) {
                lanes[i] = a[j + i] > lanes[i] ? a[j + i] : lanes[i];
                strange[i] |= a[j + i] != a[j + i];
            }
        for (int i = 0; i < LANES; i++)
            largest = lanes[i] > largest ? lanes[i] : largest, nan |= strange[i];
    }
    for (; j < n; j++) largest = a[j] > largest ? a[j] : largest, nan |= a[j] != a[j];
    return nan ? (REAL)NAN : largest;
}

/* sum x */
static inline double LOCAL(row_sum)(const REAL *a, int64_t n)
{
    double sum[8] = {0}; /* eight lanes in a fixed order */
    int64_t j = 0;
    for (; j + 8 <= n; j += 8)
        for (int lane = 0; lane < 8; lane++) sum[lane] += (double)a[j + lane];
    for (int lane = 0; j < n; j++, lane++) sum[lane] += (double)a[j];
    return LOCAL(lanes_sum)(sum);
}

/* sum x y */
static inline double LOCAL(row_dot)(const REAL *a, const REAL *b, int64_t n)
{
    double sum[8] = {0};
    int64_t j = 0;
    for (; j + 8 <= n; j += 8)
        for (int lane = 0; lane < 8; lane++) sum[lane] += (double)a[j + lane] * (double)b[j + lane];
    for (int lane = 0; j < n; j++, lane++) sum[lane] += (double)a[j] * (double)b[j];
    return LOCAL(lanes_sum)(sum);
}

/* sum (x - centre)^2 */
static inline double LOCAL(row_square)(const REAL *a, double centre, int64_t n)
{
    double sum[8] = {0};
    int64_t j = 0;
    for (; j + 8 <= n; j += 8)
        for (int lane = 0; lane < 8; lane++) {
            double d = (double)a[j + lane] - centre;
            sum[lane] += d * d;
        }
    for (int lane = 0; j < n; j++, lane++)
        sum[lane] += ((double)a[j] - centre) * ((double)a[j] - centre);
    return LOCAL(lanes_sum)(sum);
}
