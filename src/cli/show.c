#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "cli/command.h"
#include "cli/print.h"
#include "cli/report.h"
#include "cli/request.h"
#include "cli/show_curves.h"
#include "cli/show_json.h"
#include "folder/folder.h"
#include "folder/result.h"
#include "run/finished.h"
#include "spec/member.h"
#include "store/store.h"

enum { NAME_WIDTH = 29, SPEC_INDENT = 16, PARAMETERS_MOST = 12 };

static const char *root_text(const struct record *record, const char *name)
{
    const char *text = record_attribute_get_text(record->items, name);
    return text ? text : "?";
}

/* The screen shows only values that differ from their defaults, and the names of variants. */
static bool is_worth_showing(const struct value *map, const struct value_member *member)
{
    const struct schema_row *row = map->row;
    bool names = row && row->type == SCHEMA_VARIANT && strcmp(row->discriminator, member->key) == 0;
    return names || !member->value->is_default;
}

/* As value_print_short, without the braces around it. */
static void print_changed(struct text *out, const struct value *map)
{
    const char *gap = "";
    for (size_t i = 0; i < map->map.count; i++) {
        const struct value_member *member = &map->map.members[i];
        if (!is_worth_showing(map, member)) continue;
        text_format(out, "%s%s: ", gap, member->key);
        value_print_short(out, member->value);
        gap = ", ";
    }
    if (!*gap) text_append(out, "(defaults)");
}

/* "architecture   type: mlp, hidden: [64]" */
static void spec_block(struct text *out, const struct value_member *member)
{
    struct text block = {0};
    if (member->value->kind == VALUE_MAP)
        print_changed(&block, member->value);
    else
        value_print_short(&block, member->value);
    if (block.failed) out->failed = true;
    text_format(out, "  %-13s ", member->key);
    print_wrapped(out, text_data(&block), SPEC_INDENT, SPEC_INDENT, (size_t)report_width());
    text_append(out, "\n");
    text_free(&block);
}

static void spec_summary(struct text *out, const struct value *run)
{
    static const char *const blocks[] = {"dataset",   "architecture", "regularizers",
                                         "training",  "precision",    "seed",
                                         "seed.init", "seed.order",   "seed.data"};
    text_append(out, "spec\n");
    for (size_t i = 0; i < run->map.count; i++)
        for (size_t j = 0; j < sizeof blocks / sizeof *blocks; j++)
            if (strcmp(run->map.members[i].key, blocks[j]) == 0)
                spec_block(out, &run->map.members[i]);
}

/* ---- data ---- */

static void show_line(struct text *out, const char *label, const char *line)
{
    text_format(out, "  %-13s ", label);
    print_wrapped(out, line, SPEC_INDENT, SPEC_INDENT, (size_t)report_width());
    text_append(out, "\n");
}

/* Earlier versions did not record it. */
static void show_data(struct text *out, const struct record *record)
{
    const struct record_item *data = record_find(record, "/data");
    const char *summary = data ? record_attribute_get_text(data, "summary") : NULL;
    const struct record_attribute *notes = data ? record_attribute_find(data, "notes") : NULL;
    if (!summary) return;
    text_append(out, "data\n");
    show_line(out, "read as", summary);
    for (size_t i = 0; notes && notes->type == RECORD_TEXT && i < notes->count; i++)
        show_line(out, "note", ((const char *const *)notes->data)[i]);
}

/* ---- measures ---- */

/* The standard error or residual of a number, found by its name: <number>_stderr,
 * <number>_residual. */
static const char *const error_ends[] = {"_stderr", "_residual"};
enum { ERROR_ENDS = sizeof error_ends / sizeof *error_ends };

/* Of a measure that is there with several options, "_examples_500" at the end of all its names. */
static size_t length_before_options(const struct record_item *item)
{
    const char *measure = record_attribute_get_text(item, "measure");
    size_t length = strlen(item->path), end = measure ? strlen(member_suffix(measure)) : 0;
    bool has_end = end && length > end + 1 && item->path[length - end - 1] == '_' &&
                   strcmp(item->path + length - end, member_suffix(measure)) == 0;
    return has_end ? length - end - 1 : length;
}

static const struct record_item *error_of(const struct record *record,
                                          const struct record_item *number)
{
    int length = (int)length_before_options(number);
    for (size_t i = 0; i < ERROR_ENDS; i++) {
        char name[512];
        snprintf(name, sizeof name, "%.*s%s%s", length, number->path, error_ends[i],
                 number->path + length);
        const struct record_item *item = record_find(record, name);
        if (item && !item->is_group && item->rank == 0) return item;
    }
    return NULL;
}

static bool is_error(const struct record_item *item)
{
    size_t length = length_before_options(item);
    for (size_t i = 0; i < ERROR_ENDS; i++) {
        size_t end = strlen(error_ends[i]);
        if (length > end && strncmp(item->path + length - end, error_ends[i], end) == 0)
            return true;
    }
    return false;
}

/* "  (did not converge in 20 iterations)" */
static void put_doubt(struct text *out, const struct record_item *item)
{
    const struct record_attribute *converged = record_attribute_find(item, "converged"),
                                  *iterations = record_attribute_find(item, "iterations");
    if (!converged || converged->type != RECORD_INTEGER || converged->count ||
        *(const int64_t *)converged->data)
        return;
    text_append(out, "  (did not converge");
    if (iterations && iterations->type == RECORD_INTEGER && !iterations->count)
        text_format(out, " in %lld iterations", (long long)*(const int64_t *)iterations->data);
    text_append(out, ")");
}

static void show_measure(struct text *out, const struct record *record,
                         const struct record_item *item, int wide)
{
    char number[32];
    const struct record_item *error = error_of(record, item);
    const char *units = record_attribute_get_text(item, "units"),
               *reason = record_attribute_get_text(item, "reason");
    double value = record_number(item, 0);
    bool whole = item->type == RECORD_INTEGER;
    text_format(out, "  %-*s %s", wide, item->path + strlen("/measures/"),
                whole ? print_given(value, number) : print_measured(value, number));
    if (error)
        text_format(out, " %s %s", report_utf8() ? "\u00b1" : "+-",
                    print_measured(record_number(error, 0), number));
    if (units && strcmp(units, "1") != 0) text_format(out, " %s", units);
    if (reason) text_format(out, "  (%s)", reason);
    put_doubt(out, item);
    text_append(out, "\n");
}

static bool is_scalar_measure(const struct record_item *item)
{
    static const char group[] = "/measures/";
    return strncmp(item->path, group, sizeof group - 1) == 0 &&
           !strchr(item->path + sizeof group - 1, '/') && !item->is_group && item->rank == 0 &&
           item->type != RECORD_TEXT;
}

static size_t show_line_at(const char *lines, size_t line)
{
    const char *at = lines;
    for (; line && *at; line--) at += strcspn(at, "\n") + 1;
    return (size_t)(at - lines);
}

/* Lines beside each other, the first half left, where the terminal has room for two. */
static void put_in_two(struct text *out, const char *lines, size_t count)
{
    size_t wide = 0, rows = (count + 1) / 2;
    struct text line = {0};
    for (size_t i = 0; i < count; i++) {
        const char *at = lines + show_line_at(lines, i);
        line.length = 0;
        text_append_n(&line, at, strcspn(at, "\n"));
        size_t here = print_width(text_data(&line));
        if (here > wide) wide = here;
    }
    bool fits =
        report_is_terminal(STDOUT_FILENO) && count > 1 && 2 * wide + 2 <= (size_t)report_width();
    for (size_t i = 0; fits && i < rows; i++) {
        const char *left = lines + show_line_at(lines, i),
                   *right = lines + show_line_at(lines, i + rows);
        line.length = 0;
        text_append_n(&line, left, strcspn(left, "\n"));
        text_append(out, text_data(&line));
        if (*right) text_fill(out, ' ', wide + 2 - print_width(text_data(&line)));
        text_append_n(out, right, strcspn(right, "\n"));
        text_append(out, "\n");
    }
    if (!fits) text_append(out, lines);
    out->failed = out->failed || line.failed;
    text_free(&line);
}

/* Names with options behind them may be long. */
static int measure_width(const struct record *record)
{
    size_t wide = NAME_WIDTH;
    for (const struct record_item *item = record->items; item; item = item->next) {
        size_t length = strlen(item->path) - (is_scalar_measure(item) ? strlen("/measures/") : 0);
        if (is_scalar_measure(item) && !is_error(item) && length > wide) wide = length;
    }
    return (int)wide;
}

static void measures(struct text *out, const struct record *record)
{
    struct text lines = {0};
    size_t count = 0;
    int wide = measure_width(record);
    text_append(out, "measures\n");
    for (const struct record_item *item = record->items; item; item = item->next)
        if (is_scalar_measure(item) && !is_error(item)) {
            show_measure(&lines, record, item, wide);
            count++;
        }
    put_in_two(out, text_data(&lines), count);
    out->failed = out->failed || lines.failed;
    text_free(&lines);
}

static bool all_whole(const struct record_item *item)
{
    for (size_t i = 0; i < record_count(item); i++)
        if (record_number(item, i) != floor(record_number(item, i))) return false;
    return true;
}

static bool is_array(const struct record_item *item)
{
    return strncmp(item->path, "/measures/", 10) == 0 && !item->is_group && item->rank == 1;
}

/* The names of the places of a scale, one text a place; NULL where it has none. */
static const char *const *names_of_scale(const struct record_item *scale)
{
    const struct record_attribute *names = record_attribute_find(scale, "names");
    bool fits = names && names->type == RECORD_TEXT && names->count == record_count(scale);
    return fits ? names->data : NULL;
}

/* The scale of an array whose places have names; NULL for another array. */
static const struct record_item *named_scale_of(const struct record *record,
                                                const struct record_item *item)
{
    char path[512];
    if (item->rank != 1 || !item->axes[0]) return NULL;
    snprintf(path, sizeof path, "%.*s/%s", (int)(strrchr(item->path, '/') - item->path), item->path,
             item->axes[0]);
    const struct record_item *scale = record_find(record, path);
    return scale && is_array(scale) && names_of_scale(scale) ? scale : NULL;
}

static bool is_scale(const struct record_item *item)
{
    return item->axes[0] && strcmp(item->axes[0], strrchr(item->path, '/') + 1) == 0;
}

/* The arrays of /measures, each with its first few values. */
static void arrays(struct text *out, const struct record *record)
{
    char number[32];
    for (const struct record_item *item = record->items; item; item = item->next) {
        if (!is_array(item) || item->type == RECORD_TEXT || is_scale(item) ||
            named_scale_of(record, item))
            continue;
        size_t count = record_count(item), shown = count < 5 ? count : 5;
        text_format(out, "  %-*s", NAME_WIDTH, item->path + 10);
        for (size_t i = 0; i < shown; i++) {
            double value = record_number(item, i);
            text_format(out, " %s",
                        all_whole(item) ? print_given(value, number)
                                        : print_measured(value, number));
        }
        if (shown < count) text_append(out, " ...");
        put_doubt(out, item);
        text_append(out, "\n");
    }
}

/* "layers.0.weight  31.53  0.2324": the arrays of one group beside their names. */
static basin_status name_table(struct text *out, const struct record *record,
                               const struct record_item *scale)
{
    const char *const *names = names_of_scale(scale);
    const struct record_item *columns[8];
    size_t count = 0, length = (size_t)(strrchr(scale->path, '/') - scale->path),
           rows = record_count(scale);
    size_t shown = rows < PARAMETERS_MOST ? rows : PARAMETERS_MOST;
    char number[32];
    struct grid grid;
    for (const struct record_item *item = record->items; item && count < 8; item = item->next)
        if (is_array(item) && item->type != RECORD_TEXT && !is_scale(item) &&
            named_scale_of(record, item) == scale)
            columns[count++] = item;
    if (!count) return BASIN_OK;
    TRY(grid_start(&grid, record->arena, 1 + count));
    memset(grid.right + 1, 1, count);
    TRY(grid_add(&grid, ""));
    for (size_t j = 0; j < count; j++) TRY(grid_add(&grid, columns[j]->path + length + 1));
    for (size_t i = 0; i < shown; i++) {
        TRY(grid_add(&grid, names[i]));
        for (size_t j = 0; j < count; j++)
            TRY(grid_add(&grid, print_measured(record_number(columns[j], i), number)));
    }
    text_format(out, "  %.*s\n", (int)length - 10, scale->path + 10);
    grid_print(&grid, 4, out);
    if (shown < rows) text_format(out, "    ... and %zu more\n", rows - shown);
    return BASIN_OK;
}

static basin_status name_tables(struct text *out, const struct record *record)
{
    for (const struct record_item *item = record->items; item; item = item->next)
        if (is_array(item) && names_of_scale(item)) TRY(name_table(out, record, item));
    return BASIN_OK;
}

/* ---- weights and provenance ---- */

static bool has_group(const struct record *record, const char *path)
{
    const struct record_item *item = record_find(record, path);
    return item && item->is_group;
}

/* ", 11 snapshots, every 10 epochs" */
static void show_snapshots(struct text *out, const struct record *record)
{
    const struct record_item *group = record_find(record, "/weights");
    const char *every = group ? record_attribute_get_text(group, "every") : NULL;
    size_t count = 0;
    for (const struct record_item *item = record->items; item; item = item->next)
        count += item->is_group && record_attribute_find(item, "step") &&
                 strncmp(item->path, "/weights/", strlen("/weights/")) == 0;
    if (every && count)
        text_format(out, ", %zu snapshot%s, every %s", count, count == 1 ? "" : "s", every);
}

static void weights(struct text *out, const struct record *record)
{
    static const char group[] = "/weights/final/";
    struct text list = {0};
    text_format(out, "weights (final%s%s", has_group(record, "/weights/initial") ? ", initial" : "",
                has_group(record, "/weights/best") ? ", best" : "");
    show_snapshots(out, record);
    text_append(out, ")\n  ");
    for (const struct record_item *item = record->items; item; item = item->next) {
        if (strncmp(item->path, group, sizeof group - 1) != 0 || item->is_group) continue;
        text_format(&list, "%s%s(", list.length ? " " : "", item->path + sizeof group - 1);
        for (int i = 0; i < item->rank; i++)
            text_format(&list, "%s%zu", i ? "," : "", item->dims[i]);
        text_append(&list, ")");
    }
    if (list.failed) out->failed = true;
    print_wrapped(out, text_data(&list), 2, 2, (size_t)report_width());
    text_append(out, "\n");
    text_free(&list);
}

static const char *provenance_text(const struct record *record, const char *path)
{
    const struct record_item *item = record_find(record, path);
    return item && item->type == RECORD_TEXT && item->rank == 0 ? *(const char *const *)item->data
                                                                : "?";
}

static void provenance(struct text *out, const struct record *record)
{
    char seconds[32];
    const struct record_item *time = record_find(record, "/provenance/wall_time");
    text_format(out, "trained at %s in %s by basin %s\n  on %s (%s)\n",
                provenance_text(record, "/provenance/start_time"),
                print_seconds(time ? record_number(time, 0) : NAN, seconds),
                provenance_text(record, "/provenance/basin_version"),
                provenance_text(record, "/provenance/host"),
                provenance_text(record, "/provenance/cpu"));
}

/* ---- names and texts of the file ---- */

static bool make_visible(struct arena *arena, const char **text)
{
    struct text visible = {0};
    text_escape(&visible, *text);
    const char *made = visible.failed ? NULL : arena_text(arena, text_data(&visible));
    text_free(&visible);
    if (made) *text = made;
    return made != NULL;
}

static bool make_texts_visible(struct arena *arena, size_t count, const void *data)
{
    const char **texts = (const char **)(uintptr_t)data; /* of the record, which is ours */
    for (size_t i = 0; i < (count ? count : 1); i++)
        if (!make_visible(arena, &texts[i])) return false;
    return true;
}

/* Another program may have written the file: its names and texts are escaped before they are put
 * into lines. */
static basin_status make_record_visible(const struct record *record)
{
    struct arena *arena = record->arena;
    bool made = true;
    for (struct record_item *item = record->items; item && made; item = item->next) {
        made = make_visible(arena, &item->path);
        for (int i = 0; made && i < item->rank; i++)
            made = !item->axes[i] || make_visible(arena, &item->axes[i]);
        if (made && !item->is_group && item->type == RECORD_TEXT && item->rank == 0)
            made = make_texts_visible(arena, 0, item->data);
        for (struct record_attribute *one = item->attributes; one && made; one = one->next)
            if (one->type == RECORD_TEXT) made = make_texts_visible(arena, one->count, one->data);
    }
    return made ? BASIN_OK : BASIN_MEMORY;
}

static basin_status show_describe(const char *file, bool json, struct arena *arena,
                                  struct text *out)
{
    struct record *record;
    struct value *run;
    struct diagnostics diagnostics;
    struct text quoted = {0};
    diagnostics_start(&diagnostics, arena);
    if (folder_exists(file)) {
        error_raise(BASIN_USAGE, "%s is a folder; show takes a result file", file);
        request_quote(&quoted, file);
        error_hint("use `basin table %s` for a folder", text_data(&quoted));
        text_free(&quoted);
        return BASIN_USAGE;
    }
    TRY(store_load(file, arena, &record));
    TRY(result_check(file, record));
    bool understood = finished_spec(arena, record, file, &diagnostics, &run) == BASIN_OK;
    if (json) return show_json(record, file, understood ? run : NULL, out);
    TRY(make_record_visible(record));
    text_format(out, "run %s  %s  study %s\n", root_text(record, "run_id"),
                root_text(record, "status"), root_text(record, "study"));
    text_escape(out, file);
    text_append(out, "\n");
    const char *exploded = record_attribute_get_text(record->items, "exploded");
    if (exploded) text_format(out, "exploded: %s\n", exploded);
    if (understood) spec_summary(out, run);
    show_data(out, record);
    measures(out, record);
    arrays(out, record);
    TRY(name_tables(out, record));
    show_curves(record, out);
    show_tracked(record, out);
    weights(out, record);
    provenance(out, record);
    return BASIN_OK;
}

static int show(const struct arguments *arguments)
{
    struct arena *arena;
    struct text out = {0};
    if (arena_create(&arena) != BASIN_OK) return report_last();
    const char *file;
    basin_status status = folder_find(arena, arguments->positional[0], &file);
    bool json = option_given(arguments, "json");
    if (status == BASIN_OK) status = show_describe(file, json, arena, &out);
    int exit_status = status != BASIN_OK ? report_last()
                      : json             ? report_json(&out, 0)
                                         : report_output(&out, 0);
    text_free(&out);
    arena_destroy(arena);
    return exit_status;
}

static const char *const examples[] = {"basin show results/study/runs/0123456789abcdef.h5",
                                       "one run on one screen",
                                       "basin show 0123ab",
                                       "the run under results/ whose id starts with 0123ab",
                                       "basin show 0123ab --json",
                                       "the same for a program, every number whole",
                                       NULL};

static const struct option_row options[] = {
    {"json", 0, NULL,
     "One JSON object: the whole resolved spec, every measure with units and definition, whole "
     "curves and tracked measures, shapes of weights, and provenance. What is not finite is null."},
    {0}};

const struct command command_show = {
    .name = "show",
    .usage = "FILE.h5|ID|DIR/ID [OPTION]...",
    .summary = "show one run on one screen",
    .details = "Shows the settings that differ from the defaults, the final numbers with units and "
               "errors, the loss curves with their first and last values, tracked measures at "
               "their first and last epochs, and the shapes of the weights. On a wide terminal "
               "the numbers stand in two columns. ID: at least the first "
               "four digits of a run id.",
    .least = 1,
    .most = 1,
    .options = options,
    .examples = examples,
    .run = show};
