#include "cli/spark.h"

#include <math.h>
#include "cli/report.h"

enum { LEVELS = 8 };

/* The range of the logarithms. */
static void spark_range(const double *values, size_t count, double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        double value = log(values[i]);
        if (!isfinite(value)) continue;
        *low = fmin(*low, value);
        *high = fmax(*high, value);
    }
}

void spark_put(struct text *out, const double *values, size_t count, size_t width)
{
    static const char *const blocks[LEVELS] = {"\u2581", "\u2582", "\u2583", "\u2584",
                                               "\u2585", "\u2586", "\u2587", "\u2588"};
    static const char ascii[] = "_.-~=+*#";
    double low, high;
    if (count < width) width = count;
    spark_range(values, count, &low, &high);
    for (size_t i = 0; i < width; i++) {
        double value = log(values[width < 2 ? 0 : i * (count - 1) / (width - 1)]);
        int level =
            high > low && value > low ? (int)((LEVELS - 0.001) * (value - low) / (high - low)) : 0;
        if (report_utf8())
            text_append(out, blocks[level]);
        else
            text_append_n(out, ascii + level, 1);
    }
}
