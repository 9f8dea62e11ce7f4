#include "cli/show_curves.h"

#include <math.h>
#include <string.h>
#include "cli/print.h"
#include "cli/report.h"
#include "cli/spark.h"

enum { SPARK_MOST = 60, SPARK_BESIDE = 59, NAME_WIDTH = 29 };

static bool is_curve(const struct record_item *item)
{
    return item && !item->is_group && item->rank == 1 && item->type != RECORD_TEXT &&
           record_count(item) > 0;
}

/* The index of the n-th finite value (from 0); record_count where there are fewer. */
static size_t finite_at(const struct record_item *curve, size_t n)
{
    size_t i = 0, count = record_count(curve);
    for (; i < count; i++)
        if (isfinite(record_number(curve, i)) && n-- == 0) break;
    return i;
}

static size_t finite_count(const struct record_item *curve)
{
    size_t finite = 0;
    for (size_t i = 0; i < record_count(curve); i++) finite += isfinite(record_number(curve, i));
    return finite;
}

/* As wide as the terminal has room for beside name and values. */
static void sparkline(struct text *out, const struct record *record,
                      const struct record_item *curve, size_t finite)
{
    size_t room =
        (size_t)report_width() > SPARK_BESIDE + 10 ? (size_t)report_width() - SPARK_BESIDE : 10;
    double *values = arena_array(record->arena, double, finite + 1);
    size_t count = 0;
    for (size_t i = 0; values && i < record_count(curve); i++)
        if (isfinite(record_number(curve, i))) values[count++] = record_number(curve, i);
    if (values) spark_put(out, values, count, room < SPARK_MOST ? room : SPARK_MOST);
    out->failed = out->failed || !values;
}

static void print_curve(const struct record *record, const char *path, struct text *out)
{
    char first[32], last[32];
    const struct record_item *item = record_find(record, path);
    size_t finite = is_curve(item) ? finite_count(item) : 0;
    if (!finite) return;
    text_format(out, "  %-*s %s ", NAME_WIDTH, strrchr(path, '/') + 1,
                print_measured(record_number(item, finite_at(item, 0)), first));
    sparkline(out, record, item, finite);
    text_format(out, " %s", print_measured(record_number(item, finite_at(item, finite - 1)), last));
    if (finite < record_count(item)) text_format(out, "  (%zu points)", finite);
    text_append(out, "\n");
}

void show_curves(const struct record *record, struct text *out)
{
    const struct record_item *epochs = record_find(record, "/curves/epoch");
    size_t count = is_curve(epochs) ? record_count(epochs) : 0;
    text_format(out, "curves (%zu epoch%s, log scale)\n", count, count == 1 ? "" : "s");
    print_curve(record, "/curves/train_loss", out);
    print_curve(record, "/curves/validation_loss", out);
    print_curve(record, "/curves/test_loss", out);
}

/* ---- tracked measures ---- */

static const struct record_item *epochs_of(const struct record *record,
                                           const struct record_item *item)
{
    const char *slash = strrchr(item->path, '/');
    struct text path = {0};
    text_append_n(&path, item->path, (size_t)(slash - item->path));
    text_append(&path, "/epoch");
    const struct record_item *epochs = path.failed ? NULL : record_find(record, text_data(&path));
    text_free(&path);
    return is_curve(epochs) && record_count(epochs) == record_count(item) ? epochs : NULL;
}

static void print_end(const struct record_item *item, const struct record_item *epochs, size_t at,
                      struct text *out)
{
    char value[32], epoch[32];
    text_format(out, "%s (epoch %s)", print_measured(record_number(item, at), value),
                print_given(record_number(epochs, at), epoch));
}

static void print_tracked(const struct record_item *item, const struct record_item *epochs,
                          struct text *out)
{
    size_t finite = finite_count(item);
    text_format(out, "  %-*s ", NAME_WIDTH, strrchr(item->path, '/') + 1);
    if (finite) print_end(item, epochs, finite_at(item, 0), out);
    if (finite > 1) {
        text_append(out, report_utf8() ? " \u2192 " : " -> ");
        print_end(item, epochs, finite_at(item, finite - 1), out);
        text_format(out, ", %zu points", finite);
    }
    text_append(out, finite ? "\n" : "no value\n");
}

void show_tracked(const struct record *record, struct text *out)
{
    static const char group[] = "/tracked/";
    bool any = false;
    for (const struct record_item *item = record->items; item; item = item->next) {
        if (strncmp(item->path, group, sizeof group - 1) != 0 || !is_curve(item)) continue;
        const struct record_item *epochs = epochs_of(record, item);
        if (!epochs || epochs == item || strcmp(item->axes[0] ? item->axes[0] : "", "epoch") != 0)
            continue;
        if (!any) text_append(out, "tracked\n");
        any = true;
        print_tracked(item, epochs, out);
    }
}
