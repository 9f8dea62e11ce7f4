#include <math.h>
#include <stdio.h>
#include <string.h>
#include "cli/command.h"
#include "cli/print.h"
#include "cli/report.h"
#include "store/store.h"
#include "spec/schema.h"
#include "study/study.h"

enum { SPARK_MOST = 60, NAME_WIDTH = 26 };

static const char *root_text(const struct record *record, const char *name)
{
    const char *text = record_attribute_get_text(record->items, name);
    return text ? text : "?";
}

/* Only what differs from its default is worth a place on the screen, and the name of a variant. */
static bool is_worth_showing(const struct value *map, const struct value_member *member)
{
    const struct parameter *row = map->parameter;
    bool names = row && row->type == PARAMETER_VARIANT && strcmp(row->discriminator, member->key) == 0;
    return names || !member->value->is_default;
}

static void print_changed(struct text *out, const struct value *map)
{
    const char *gap = "";
    for (size_t i = 0; i < map->map.count; i++) {
        const struct value_member *member = &map->map.members[i];
        if (!is_worth_showing(map, member)) continue;
        text_format(out, "%s%s: ", gap, member->key);
        if (member->value->kind != VALUE_MAP) {
            value_print(out, member->value);
        } else {
            text_append(out, "{");
            print_changed(out, member->value);
            text_append(out, "}");
        }
        gap = ", ";
    }
    if (!*gap) text_append(out, "(defaults)");
}

/* "architecture   type: mlp, hidden: [64]", cut at the screen's width. */
static void spec_block(struct text *out, const struct value_member *member)
{
    size_t start = out->length, width = (size_t)report_width();
    text_format(out, "  %-13s ", member->key);
    if (member->value->kind == VALUE_MAP)
        print_changed(out, member->value);
    else
        value_print(out, member->value);
    if (!out->failed && out->length - start > width) {
        out->data[out->length = start + width - 3] = 0;
        text_append(out, "...");
    }
    text_append(out, "\n");
}

static void spec_summary(struct text *out, const struct value *run)
{
    static const char *const blocks[] = {"dataset", "architecture", "regularizers", "training", "precision", "seed"};
    text_append(out, "spec\n");
    for (size_t i = 0; i < run->map.count; i++)
        for (size_t j = 0; j < sizeof blocks / sizeof *blocks; j++)
            if (strcmp(run->map.members[i].key, blocks[j]) == 0) spec_block(out, &run->map.members[i]);
}

/* ---- measures ---- */

/* The standard error or residual that belongs to a number, by the name that goes with it. */
static const struct record_item *error_of(const struct record *record, const char *path)
{
    static const char *const suffixes[] = {"_stderr", "_residual"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char name[512];
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        const struct record_item *item = record_find(record, name);
        if (item && !item->is_group && item->rank == 0) return item;
    }
    return NULL;
}

static bool is_error(const char *path)
{
    const char *end = strrchr(path, '_');
    return end && (strcmp(end, "_stderr") == 0 || strcmp(end, "_residual") == 0);
}

static void measure(struct text *out, const struct record *record, const struct record_item *item)
{
    char number[32];
    const struct record_item *error = error_of(record, item->path);
    const char *units = record_attribute_get_text(item, "units"), *reason = record_attribute_get_text(item, "reason");
    double value = record_number(item, 0);
    bool whole = item->type == RECORD_INTEGER;
    text_format(out, "  %-*s %s", NAME_WIDTH, item->path + strlen("/measures/"),
                whole ? print_given(value, number) : print_measured(value, number));
    if (error)
        text_format(out, " %s %s", report_utf8() ? "\u00b1" : "+-", print_measured(record_number(error, 0), number));
    if (units && strcmp(units, "1") != 0) text_format(out, " %s", units);
    if (reason) text_format(out, "  (%s)", reason);
    text_append(out, "\n");
}

static bool is_scalar_measure(const struct record_item *item)
{
    static const char group[] = "/measures/";
    return strncmp(item->path, group, sizeof group - 1) == 0 && !strchr(item->path + sizeof group - 1, '/') &&
           !item->is_group && item->rank == 0 && item->type != RECORD_TEXT;
}

static void measures(struct text *out, const struct record *record)
{
    text_append(out, "measures\n");
    for (const struct record_item *item = record->items; item; item = item->next)
        if (is_scalar_measure(item) && !is_error(item->path)) measure(out, record, item);
}

static bool all_whole(const struct record_item *item)
{
    for (size_t i = 0; i < record_count(item); i++)
        if (record_number(item, i) != floor(record_number(item, i))) return false;
    return true;
}

/* Arrays of /measures, by the first few of their values. */
static void arrays(struct text *out, const struct record *record)
{
    char number[32];
    for (const struct record_item *item = record->items; item; item = item->next) {
        if (strncmp(item->path, "/measures/", 10) != 0 || item->is_group || item->rank != 1 ||
            item->type == RECORD_TEXT)
            continue;
        size_t count = record_count(item), shown = count < 5 ? count : 5;
        text_format(out, "  %-*s", NAME_WIDTH, item->path + 10);
        for (size_t i = 0; i < shown; i++) {
            double value = record_number(item, i);
            text_format(out, " %s", all_whole(item) ? print_given(value, number) : print_measured(value, number));
        }
        text_append(out, shown < count ? " ...\n" : "\n");
    }
}

/* ---- curves ---- */

/* A line of blocks whose heights follow log(value), since losses fall by powers of ten. */
static void sparkline(struct text *out, const struct record_item *curve)
{
    static const char *const blocks[] = {"\u2581", "\u2582", "\u2583", "\u2584",
                                         "\u2585", "\u2586", "\u2587", "\u2588"};
    static const char ascii[] = "_.-~=+*#";
    size_t count = record_count(curve), width = count < SPARK_MOST ? count : SPARK_MOST;
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        double value = log(record_number(curve, i));
        if (!isfinite(value)) continue;
        low = fmin(low, value);
        high = fmax(high, value);
    }
    for (size_t i = 0; i < width; i++) {
        double value = log(record_number(curve, width < 2 ? 0 : i * (count - 1) / (width - 1)));
        int level = high > low ? (int)(7.999 * (value - low) / (high - low)) : 0;
        if (!isfinite(value))
            text_append(out, "?");
        else if (report_utf8())
            text_append(out, blocks[level]);
        else
            text_append_n(out, ascii + level, 1);
    }
}

static void curve(struct text *out, const struct record *record, const char *path)
{
    char first[32], last[32];
    const struct record_item *item = record_find(record, path);
    size_t count = item && !item->is_group && item->rank == 1 ? record_count(item) : 0;
    if (!count || isnan(record_number(item, count - 1))) return;
    text_format(out, "  %-*s %s ", NAME_WIDTH, strrchr(path, '/') + 1, print_measured(record_number(item, 0), first));
    sparkline(out, item);
    text_format(out, " %s\n", print_measured(record_number(item, count - 1), last));
}

static void curves(struct text *out, const struct record *record)
{
    const struct record_item *epochs = record_find(record, "/curves/epoch");
    text_format(out, "curves (%zu rows, log scale)\n", epochs && !epochs->is_group ? record_count(epochs) : 0);
    curve(out, record, "/curves/train_loss");
    curve(out, record, "/curves/test_loss");
}

/* ---- weights and provenance ---- */

static void weights(struct text *out, const struct record *record)
{
    static const char group[] = "/weights/final/";
    text_append(out, "weights\n ");
    size_t start = out->length;
    for (const struct record_item *item = record->items; item; item = item->next) {
        if (strncmp(item->path, group, sizeof group - 1) != 0 || item->is_group) continue;
        if (out->length - start > (size_t)report_width() - 30) {
            text_append(out, "\n ");
            start = out->length;
        }
        text_format(out, " %s (", item->path + sizeof group - 1);
        for (int i = 0; i < item->rank; i++) text_format(out, "%s%zu", i ? ", " : "", item->dims[i]);
        text_append(out, ")");
    }
    text_append(out, "\n");
}

static const char *provenance_text(const struct record *record, const char *path)
{
    const struct record_item *item = record_find(record, path);
    return item && item->type == RECORD_TEXT && item->rank == 0 ? *(const char *const *)item->data : "?";
}

static void provenance(struct text *out, const struct record *record)
{
    char seconds[32];
    const struct record_item *time = record_find(record, "/provenance/wall_time");
    text_format(out, "trained on %s (%s) at %s in %s by basin %s\n", provenance_text(record, "/provenance/host"),
                provenance_text(record, "/provenance/cpu"), provenance_text(record, "/provenance/start_time"),
                print_seconds(time ? record_number(time, 0) : NAN, seconds),
                provenance_text(record, "/provenance/basin_version"));
}

static basin_status describe(const char *file, struct arena *arena, struct text *out)
{
    struct record *record;
    struct value *run;
    struct diagnostics diagnostics;
    diagnostics_start(&diagnostics, arena);
    TRY(store_load(file, arena, &record));
    text_format(out, "run %s  %s  study %s\n%s\n", root_text(record, "run_id"), root_text(record, "status"),
                root_text(record, "study"), file);
    if (study_read_record(arena, record, file, &diagnostics, &run) == BASIN_OK) spec_summary(out, run);
    measures(out, record);
    arrays(out, record);
    curves(out, record);
    weights(out, record);
    provenance(out, record);
    return BASIN_OK;
}

static int show(const struct arguments *arguments)
{
    struct arena *arena;
    struct text out = {0};
    if (arena_create(&arena) != BASIN_OK) return report_last();
    basin_status status = describe(arguments->positional[0], arena, &out);
    int exit_status = status == BASIN_OK ? report_output(&out, 0) : report_last();
    text_free(&out);
    arena_destroy(arena);
    return exit_status;
}

static const char *const examples[] = {"basin show results/study/runs/0123456789abcdef.h5", "one run on one screen",
                                       NULL};

const struct command command_show = {
    .name = "show",
    .usage = "FILE.h5",
    .summary = "show one run on one screen",
    .details = "What its spec changes, the final numbers with units and errors, the loss curves, the weights' shapes.",
    .least = 1,
    .most = 1,
    .examples = examples,
    .run = show};
