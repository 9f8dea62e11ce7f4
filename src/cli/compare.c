#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "analysis/pairs.h"
#include "cli/command.h"
#include "cli/report.h"
#include "cli/source.h"
#include "cli/table_columns.h"
#include "cli/table_data.h"

enum { VALUES_LISTED = 6 };

struct comparing {
    struct arena *arena;
    const char *const *names; /* A and B as given */
    struct table *tables[2];
    struct pairs *pairs;
    struct table *spec, *numbers; /* what differs, as tables */
    size_t fewest, most;          /* pairs of a difference */
};

static basin_status new_table(struct arena *arena, size_t rows, struct table **out)
{
    struct table *table = *out = arena_allocate(arena, sizeof *table);
    if (!table) return BASIN_MEMORY;
    *table = (struct table){.arena = arena, .rows = arena_array(arena, struct row, rows + 1)};
    return table->rows ? BASIN_OK : BASIN_MEMORY;
}

static struct cell *new_row(struct table *table)
{
    struct row *row = &table->rows[table->row_count++];
    *row = (struct row){arena_array(table->arena, struct cell, table->column_count + 1),
                        table->column_count};
    return row->cells;
}

static int find_named(const struct table *table, const char *name, enum column_group group)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].group == group && strcmp(table->columns[i].name, name) == 0)
            return (int)i;
    return -1;
}

/* ---- what differs in the spec ---- */

/* The different values of a column, in order. */
struct values {
    const struct cell **items;
    size_t count;
};

static int by_cell_value(const void *a, const void *b)
{
    return cell_compare(*(const struct cell *const *)a, *(const struct cell *const *)b);
}

static basin_status values_of(const struct table *table, int column, struct values *values)
{
    *values =
        (struct values){arena_array(table->arena, const struct cell *, table->row_count + 1), 0};
    if (!values->items) return BASIN_MEMORY;
    if (column < 0 || !table->row_count) return BASIN_OK;
    for (size_t i = 0; i < table->row_count; i++) values->items[i] = &table->rows[i].cells[column];
    qsort(values->items, table->row_count, sizeof *values->items, by_cell_value);
    for (size_t i = 0; i < table->row_count; i++)
        if (!i || !cell_equal(values->items[i], values->items[values->count - 1]))
            values->items[values->count++] = values->items[i];
    return BASIN_OK;
}

static void compare_put_value(struct text *out, const struct cell *cell)
{
    if (cell->kind == CELL_TEXT)
        text_append(out, cell->text);
    else if (cell->kind == CELL_LIST && cell->brief)
        text_append(out, cell->brief);
    else
        table_data_cell(out, cell);
}

/* "0.1, 0.2" where there is more than one; absent where no run has a value. */
static basin_status values_cell(struct arena *arena, const struct values *values, struct cell *out)
{
    struct text text = {0};
    *out = values->count ? *values->items[0] : (struct cell){.kind = CELL_ABSENT};
    if (values->count < 2) return BASIN_OK;
    for (size_t i = 0; i < values->count && i < VALUES_LISTED; i++) {
        text_append(&text, i ? ", " : "");
        if (values->items[i]->kind == CELL_ABSENT)
            text_append(&text, "-");
        else
            compare_put_value(&text, values->items[i]);
    }
    if (values->count > VALUES_LISTED) text_format(&text, ", ... (%zu)", values->count);
    *out = (struct cell){.kind = CELL_TEXT, .text = arena_text(arena, text_data(&text))};
    basin_status status = out->text ? text_status(&text) : BASIN_MEMORY;
    text_free(&text);
    return status;
}

static bool are_equal(const struct values *a, const struct values *b)
{
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++)
        if (!cell_equal(a->items[i], b->items[i])) return false;
    return true;
}

/* Keys that one variant lacks and the other has at their defaults differ only as the variant does.
 */
static bool are_defaults(const struct values *values)
{
    for (size_t i = 0; i < values->count; i++)
        if (values->items[i]->kind != CELL_ABSENT && !values->items[i]->is_default) return false;
    return true;
}

static bool lack_one(const struct values *values)
{
    return !values->count || values->items[0]->kind == CELL_ABSENT; /* which is first in order */
}

static basin_status compare_parameter(struct comparing *comparing, const char *name)
{
    struct values values[2];
    for (int side = 0; side < 2; side++)
        TRY(values_of(comparing->tables[side],
                      find_named(comparing->tables[side], name, COLUMN_PARAMETER), &values[side]));
    if (are_equal(&values[0], &values[1])) return BASIN_OK;
    if ((lack_one(&values[0]) || lack_one(&values[1])) && are_defaults(&values[0]) &&
        are_defaults(&values[1]))
        return BASIN_OK;
    struct cell *cells = new_row(comparing->spec);
    if (!cells) return BASIN_MEMORY;
    cells[0] = (struct cell){.kind = CELL_TEXT, .text = name};
    TRY(values_cell(comparing->arena, &values[0], &cells[1]));
    return values_cell(comparing->arena, &values[1], &cells[2]);
}

static basin_status compare_specs(struct comparing *comparing)
{
    static const char *const names[] = {"parameter", "A", "B"};
    const struct table *a = comparing->tables[0], *b = comparing->tables[1];
    TRY(new_table(comparing->arena, a->column_count + b->column_count, &comparing->spec));
    for (size_t i = 0; i < 3; i++)
        if (table_add_column(comparing->spec, names[i], COLUMN_RUN, NULL) < 0) return BASIN_MEMORY;
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < comparing->tables[side]->column_count; i++) {
            const struct column *column = &comparing->tables[side]->columns[i];
            bool is_ours = column->group == COLUMN_PARAMETER && !column->item;
            if (!is_ours || (side && find_named(a, column->name, COLUMN_PARAMETER) >= 0)) continue;
            TRY(compare_parameter(comparing, column->name));
        }
    return BASIN_OK;
}

/* ---- what differs in the numbers ---- */

enum audience { EVERYBODY, PEOPLE, PROGRAMS };
enum {
    NUMBER,
    PAIRS,
    MEAN_A,
    MEAN_B,
    DIFFERENCE,
    DEVIATION,
    INTERVAL,
    LOW,
    HIGH,
    P,
    NUMBER_COLUMNS
};
static const struct {
    const char *name;
    enum column_group group;
    enum audience audience;
} number_columns[NUMBER_COLUMNS] = {
    [NUMBER] = {"number", COLUMN_RUN, EVERYBODY},
    [PAIRS] = {"pairs", COLUMN_MEASURE, EVERYBODY},
    [MEAN_A] = {"A", COLUMN_MEASURE, EVERYBODY},
    [MEAN_B] = {"B", COLUMN_MEASURE, EVERYBODY},
    [DIFFERENCE] = {"difference", COLUMN_MEASURE, EVERYBODY},
    [DEVIATION] = {"difference_sd", COLUMN_MEASURE, PROGRAMS}, /* a text has it in difference */
    [INTERVAL] = {"95 % interval", COLUMN_MEASURE, PEOPLE},
    [LOW] = {"difference_low", COLUMN_MEASURE, PROGRAMS},
    [HIGH] = {"difference_high", COLUMN_MEASURE, PROGRAMS},
    [P] = {"p", COLUMN_MEASURE, EVERYBODY},
};

static struct cell number_or_none(double value)
{
    return (struct cell){.kind = isnan(value) ? CELL_ABSENT : CELL_NUMBER, .number = value};
}

/* "[-0.1, 0.2]". */
static struct cell interval_cell(struct arena *arena, struct interval interval)
{
    char low[32], high[32];
    if (isnan(interval.low)) return (struct cell){.kind = CELL_ABSENT};
    return (struct cell){.kind = CELL_TEXT,
                         .text = arena_format(arena, "[%s, %s]", print_measured(interval.low, low),
                                              print_measured(interval.high, high))};
}

/* The numbers of a row, by their places among number_columns. */
static basin_status put_numbers(struct arena *arena, const struct pairs_difference *found,
                                struct cell *cells)
{
    cells[PAIRS] = number_or_none((double)found->count);
    cells[MEAN_A] = number_or_none(found->a);
    cells[MEAN_B] = number_or_none(found->b);
    cells[DIFFERENCE] = number_or_none(found->difference);
    cells[DEVIATION] = number_or_none(found->deviation);
    cells[INTERVAL] = interval_cell(arena, found->interval);
    cells[LOW] = number_or_none(found->interval.low);
    cells[HIGH] = number_or_none(found->interval.high);
    cells[P] = number_or_none(found->p);
    return cells[INTERVAL].kind == CELL_TEXT && !cells[INTERVAL].text ? BASIN_MEMORY : BASIN_OK;
}

static basin_status add_difference(struct comparing *comparing, const struct pairs_cell *cell,
                                   const int columns[2])
{
    const struct pairs *pairs = comparing->pairs;
    struct pairs_difference found;
    size_t keys = pairs->axis_count - pairs->seed_count;
    TRY(pairs_compare(pairs, cell, columns[0], columns[1], &found));
    if (!found.count) return BASIN_OK;
    struct cell *cells = new_row(comparing->numbers);
    if (!cells) return BASIN_MEMORY;
    const struct pairs_run *first = &cell->runs[0]; /* of A */
    for (size_t i = 0; i < keys; i++)
        cells[1 + i] = pairs->tables[0]->rows[first->row].cells[pairs->axes[i].columns[0]];
    cells[0] = (struct cell){.kind = CELL_TEXT, .text = pairs->tables[0]->columns[columns[0]].name};
    /* Behind the keys but for the name, which is first. */
    TRY(put_numbers(comparing->arena, &found, cells + keys));
    if (!comparing->most || found.count < comparing->fewest) comparing->fewest = found.count;
    if (found.count > comparing->most) comparing->most = found.count;
    return BASIN_OK;
}

static basin_status name_columns(struct comparing *comparing)
{
    const struct pairs *pairs = comparing->pairs;
    struct table *numbers = comparing->numbers;
    int at = table_add_column(numbers, number_columns[NUMBER].name, COLUMN_RUN, NULL);
    for (size_t i = 0; i + pairs->seed_count < pairs->axis_count && at >= 0; i++) {
        const struct column *from = &pairs->tables[0]->columns[pairs->axes[i].columns[0]];
        at = table_add_column(numbers, from->name, COLUMN_PARAMETER, NULL);
        if (at >= 0) numbers->columns[at].title = from->title;
        if (at >= 0) numbers->columns[at].varied = true;
    }
    for (int i = PAIRS; i < NUMBER_COLUMNS && at >= 0; i++)
        at = table_add_column(numbers, number_columns[i].name, number_columns[i].group, NULL);
    return at < 0 ? BASIN_MEMORY : BASIN_OK;
}

/* Which numbers: those named, or what a table would show; `all`: every one that both have. */
static basin_status compare_measures(const struct arguments *arguments, bool all,
                                     struct comparing *comparing)
{
    const struct table *a = comparing->tables[0], *b = comparing->tables[1];
    struct pairs *pairs = comparing->pairs;
    struct selection selection;
    TRY(table_select(a, option_value(arguments, "columns"), all, &selection));
    TRY(new_table(comparing->arena, selection.count * pairs->cell_count, &comparing->numbers));
    TRY(name_columns(comparing));
    for (size_t j = 0; j < selection.count; j++) {
        const struct column *column = &a->columns[selection.columns[j]];
        int columns[2] = {selection.columns[j], find_named(b, column->name, COLUMN_MEASURE)};
        if (column->group != COLUMN_MEASURE || column->verdict || columns[1] < 0) continue;
        for (size_t i = 0; i < pairs->cell_count; i++)
            TRY(add_difference(comparing, &pairs->cells[i], columns));
    }
    return BASIN_OK;
}

/* ---- printing ---- */

static bool is_for(const char *column, enum audience audience)
{
    for (size_t i = 0; i < NUMBER_COLUMNS; i++)
        if (strcmp(number_columns[i].name, column) == 0)
            return number_columns[i].audience == EVERYBODY ||
                   number_columns[i].audience == audience;
    return true;
}

static basin_status select_for(const struct table *table, enum audience audience,
                               struct selection *selection)
{
    *selection =
        (struct selection){.columns = arena_array(table->arena, int, table->column_count + 1)};
    if (!selection->columns) return BASIN_MEMORY;
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].group == COLUMN_PARAMETER || is_for(table->columns[i].name, audience))
            selection->columns[selection->count++] = (int)i;
    return BASIN_OK;
}

static void put_side(const struct comparing *comparing, int side, struct text *out)
{
    const struct table *table = comparing->tables[side];
    text_format(out, "%c: ", "AB"[side]);
    text_escape(out, comparing->names[side]);
    text_format(out, " (%zu run%s)\n", table->row_count, table->row_count == 1 ? "" : "s");
}

/* What pairs the runs: "weight_decay, seed". */
static void compare_put_axes(const struct comparing *comparing, struct text *out)
{
    const struct pairs *pairs = comparing->pairs;
    for (size_t i = 0; i < pairs->axis_count; i++)
        text_format(out, "%s%s", i ? ", " : "",
                    table_name(pairs->tables[0], pairs->axes[i].columns[0], false));
}

static void put_legend(const struct comparing *comparing, struct text *out)
{
    struct text axes = {0};
    compare_put_axes(comparing, &axes);
    if (axes.length)
        text_format(out, "difference: B - A over pairs of runs with equal %s", text_data(&axes));
    else
        text_append(out, "difference: B - A");
    text_free(&axes);
    if (comparing->most > 1)
        text_format(out,
                    ", mean %s standard deviation\n95 %% interval: of the mean difference, by "
                    "Student's t\np: two-sided sign-flip permutation test "
                    "over the pairs (%s)\n",
                    report_utf8() ? "\u00b1" : "+-",
                    comparing->most <= PAIRS_EXACT ? "exact" : "100,000 draws above 16 pairs");
    else
        text_append(out, "\n");
    if (comparing->most < 2)
        text_append(out, "one pair is too few for a test\n");
    else if (comparing->fewest < PAIRS_FEW)
        text_format(out, "too few pairs: fewer than %d cannot give p < 0.05\n", PAIRS_FEW);
}

static basin_status put_grid(const struct table *table, struct text *out)
{
    struct selection selection;
    struct grid grid;
    size_t width = report_is_terminal(STDOUT_FILENO) ? (size_t)report_width() : 0;
    TRY(select_for(table, PEOPLE, &selection));
    TRY(table_text_grid(table, &selection, &grid));
    grid_print_folded(&grid, width, out);
    return BASIN_OK;
}

static basin_status compare_text(const struct comparing *comparing, struct text *out)
{
    struct text legend = {0};
    for (int side = 0; side < 2; side++) put_side(comparing, side, out);
    text_append(out, comparing->spec->row_count ? "\n" : "\nThe specs do not differ.\n");
    if (comparing->spec->row_count) TRY(put_grid(comparing->spec, out));
    if (!comparing->numbers->row_count) return text_status(out);
    text_append(out, "\n");
    TRY(put_grid(comparing->numbers, out));
    put_legend(comparing, &legend);
    text_append(out, "\n");
    print_lines(out, text_data(&legend),
                report_is_terminal(STDOUT_FILENO) ? (size_t)report_width() : SIZE_MAX / 2);
    text_free(&legend);
    return text_status(out);
}

static basin_status compare_csv(const struct comparing *comparing, struct text *out)
{
    struct selection selection;
    TRY(select_for(comparing->numbers, PROGRAMS, &selection));
    return table_csv(comparing->numbers, &selection, true, out);
}

static basin_status compare_json(const struct comparing *comparing, struct text *out)
{
    const struct pairs *pairs = comparing->pairs;
    struct selection selection;
    for (int side = 0; side < 2; side++) {
        text_format(out, "%s\"%c\": {\"name\": ", side ? ", " : "{", "AB"[side]);
        text_json(out, comparing->names[side]);
        text_format(out, ", \"runs\": %zu, \"without_partner\": %zu, \"left_out\": %zu}",
                    comparing->tables[side]->row_count, pairs->alone[side], pairs->ended[side]);
    }
    text_append(out, ", \"paired_by\": [");
    for (size_t i = 0; i < pairs->axis_count; i++) {
        text_append(out, i ? ", " : "");
        text_json(out, pairs->tables[0]->columns[pairs->axes[i].columns[0]].name);
    }
    text_append(out, "],\n\"spec\": ");
    TRY(select_for(comparing->spec, PROGRAMS, &selection));
    TRY(table_json(comparing->spec, &selection, true, out));
    text_append(out, ",\"numbers\": ");
    TRY(select_for(comparing->numbers, PROGRAMS, &selection));
    TRY(table_json(comparing->numbers, &selection, true, out));
    text_append(out, "}\n");
    return text_status(out);
}

static const struct compare_format {
    const char *name;
    basin_status (*put)(const struct comparing *comparing, struct text *out);
} formats[] = {{"text", compare_text}, {"csv", compare_csv}, {"json", compare_json}};

static basin_status compare_format(const struct arguments *arguments,
                                   const struct compare_format **format)
{
    const char *name = option_given(arguments, "json") ? "json" : option_value(arguments, "format");
    *format = formats;
    for (size_t i = 0; name && i < sizeof formats / sizeof *formats; i++)
        if (strcmp(name, formats[i].name) == 0) {
            *format = &formats[i];
            return BASIN_OK;
        }
    return name ? error_raise(BASIN_USAGE, "--format is text, csv or json, not \"%s\"", name)
                : BASIN_OK;
}

/* ---- the command ---- */

/* Parameters that vary on one side and pair nothing: their runs are averaged. */
static void note_averaged(const struct comparing *comparing, int side)
{
    const struct table *table = comparing->tables[side];
    struct text names = {0};
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        bool pairs = !column->varied || column->item || column->option || column->implied ||
                     table_text_is_constant(table, (int)i);
        for (size_t k = 0; k < comparing->pairs->axis_count; k++)
            pairs = pairs || comparing->pairs->axes[k].columns[side] == (int)i;
        if (!pairs)
            text_format(&names, "%s%s", names.length ? ", " : "", table_name(table, (int)i, false));
    }
    if (names.length)
        report_message("note: runs of %c that differ only in %s are averaged before they are "
                       "paired: the other side does not have these values",
                       "AB"[side], text_data(&names));
    text_free(&names);
}

static void compare_notes(const struct comparing *comparing)
{
    const struct pairs *pairs = comparing->pairs;
    for (int side = 0; side < 2; side++) {
        const struct table *table = comparing->tables[side];
        for (size_t i = 0; i < table->problem_count; i++)
            report_message("basin: error: left out: %s", table->problems[i]);
        note_averaged(comparing, side);
        if (pairs->alone[side])
            report_message("note: %zu run%s of %c %s no partner in %c", pairs->alone[side],
                           pairs->alone[side] == 1 ? "" : "s", "AB"[side],
                           pairs -> alone[side] == 1 ? "has" : "have", "BA"[side]);
        if (pairs->ended[side])
            report_message("note: %zu run%s of %c that diverged or exploded %s left out",
                           pairs->ended[side], pairs->ended[side] == 1 ? "" : "s", "AB"[side],
                           pairs -> ended[side] == 1 ? "is" : "are");
    }
    if (!pairs->cell_count) report_message("note: no runs pair, so no numbers are compared");
}

static basin_status compare_tables(const struct arguments *arguments, struct comparing *comparing,
                                   struct text *out)
{
    const struct compare_format *format;
    TRY(compare_format(arguments, &format));
    TRY(pairs_gather(comparing->tables[0], comparing->tables[1], &comparing->pairs));
    TRY(compare_specs(comparing));
    TRY(compare_measures(arguments, format != formats, comparing));
    compare_notes(comparing);
    return format->put(comparing, out);
}

static basin_status load_sides(struct table_source sources[2], struct comparing *comparing)
{
    for (int side = 0; side < 2; side++)
        TRY(table_load_runs(comparing->arena, &sources[side], 1, &comparing->tables[side]));
    source_notes(comparing->names, sources, 2);
    for (int side = 0; side < 2; side++)
        if (!comparing->tables[side]->row_count) {
            error_raise(BASIN_USAGE, "%s has no results to compare", comparing->names[side]);
            return BASIN_USAGE;
        }
    return BASIN_OK;
}

static int compare(const struct arguments *arguments)
{
    struct comparing comparing = {.names = arguments->positional};
    struct table_source sources[2] = {0};
    struct text out = {0};
    if (arena_create(&comparing.arena) != BASIN_OK) return report_last();
    int exit_status = source_find(arguments, arguments->positional, 2, comparing.arena, sources);
    if (!exit_status) {
        basin_status status = load_sides(sources, &comparing);
        if (status == BASIN_OK) status = compare_tables(arguments, &comparing, &out);
        for (int side = 0; status == BASIN_OK && side < 2; side++)
            exit_status = exit_status || comparing.tables[side]->problem_count;
        exit_status = status != BASIN_OK ? report_last() : report_json(&out, exit_status);
    }
    text_free(&out);
    arena_destroy(comparing.arena);
    return exit_status;
}

static const struct option_row options[] = {
    {"columns", 'c', "A,B,...",
     "Compare only these numbers, by name or pattern, as in -c 'test_*,hessian_trace'."},
    {"format", 'f', "FORMAT", "text (default), csv (the numbers only) or json."},
    {"json", 0, NULL, "Same as --format json."},
    SOURCE_OPTION_ROWS,
    {0}};

static const char *const examples[] = {
    "basin compare results/sgd results/adam",
    "two studies: what differs in their specs, then in the numbers of runs that pair",
    "basin compare 0123ab 4567cd",
    "two runs",
    "basin compare results/sgd results/adam -c 'test_*' --json",
    "for a program",
    NULL};

const struct command command_compare = {
    .name = "compare",
    .usage = "A B [OPTION]...",
    .summary = "say what differs between two runs or two studies, with a test over the seeds",
    .details =
        "A and B are folders, result files, specs (their own runs in results/<study>) or run ids. "
        "First come the parameters whose values differ, by their dotted path. Then runs are "
        "paired: those that agree in every parameter that varies on one side and of whose values "
        "some are on both, seeds included; "
        "the difference B - A of each number is averaged over the seeds. p is that of a two-sided "
        "paired permutation test, which flips the signs of the differences: exact up to 16 pairs, "
        "else of 100,000 draws that are always the same. Fewer than 6 pairs cannot give p < 0.05. "
        "Beside it is the 95 % interval of the mean difference, by Student's t. "
        "As text the usual numbers are compared, in CSV and JSON all. "
        "`basin verify --compare A B` says whether results are equal bit for bit.",
    .least = 2,
    .most = 2,
    .options = options,
    .examples = examples,
    .run = compare};
