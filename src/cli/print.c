#include "cli/print.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/list.h"

static const char *not_finite(double value, char out[32])
{
    snprintf(out, 32, "%s", isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
    return out;
}

const char *print_measured(double value, char out[32])
{
    if (!isfinite(value)) return not_finite(value, out);
    snprintf(out, 32, "%#.4g", value);
    size_t length = strlen(out);
    if (length && out[length - 1] == '.') out[length - 1] = 0; /* "1234." */
    if (value == 0) snprintf(out, 32, "0");
    return out;
}

const char *print_spread(double value, char out[32])
{
    if (!isfinite(value)) return not_finite(value, out);
    snprintf(out, 32, "%.2g", value);
    return out;
}

const char *print_given(double value, char out[32])
{
    return isfinite(value) ? text_given(value, out) : not_finite(value, out);
}

const char *print_count(double value, char out[32])
{
    static const char *const units[] = {"", " k", " M", " G", " T", " P", " E"};
    size_t unit = 0;
    if (!isfinite(value)) return not_finite(value, out);
    for (; value >= 1000 && unit + 1 < sizeof units / sizeof *units; unit++) value /= 1000;
    snprintf(out, 32, unit ? "%.3g%s" : "%.4g%s", value, units[unit]);
    return out;
}

const char *print_seconds(double value, char out[32])
{
    long whole = lround(value);
    if (!isfinite(value) || value < 0 || value > 1e9)
        snprintf(out, 32, "?");
    else if (value < 0.0995)
        snprintf(out, 32, "%.2g ms", 1000 * value);
    else if (value < 10)
        snprintf(out, 32, "%.2g s", value);
    else if (whole < 100)
        snprintf(out, 32, "%ld s", whole);
    else if (whole < 6000)
        snprintf(out, 32, "%ld min %02ld s", whole / 60, whole % 60);
    else
        snprintf(out, 32, "%ld h %02ld min", whole / 3600, whole % 3600 / 60);
    return out;
}

static size_t width_of(const char *text, size_t length)
{
    size_t width = 0;
    for (size_t i = 0; i < length; i++) width += ((unsigned char)text[i] & 0xC0) != 0x80;
    return width;
}

size_t print_width(const char *text)
{
    return width_of(text, strlen(text));
}

void print_wrapped(struct text *out, const char *words, size_t at, size_t indent, size_t width)
{
    bool first = true; /* of its line */
    while (*words) {
        size_t blanks = strspn(words, " "), length = strcspn(words + blanks, " "),
               wide = width_of(words + blanks, length);
        if (!first && at + blanks + wide > width) {
            text_append(out, "\n");
            text_fill(out, ' ', indent);
            at = indent;
            blanks = 0;
            words += strspn(words, " ");
        }
        text_append_n(out, words, blanks + length);
        at += blanks + wide;
        words += blanks + length;
        first = first && length == 0;
    }
}

/* Where the last column of a line starts: after two blanks or more, in the left half of the
 * screen. */
static size_t hanging_indent(const char *line, size_t length, size_t width)
{
    size_t lead = strspn(line, " "), indent = lead ? lead + 2 : 0;
    for (size_t i = lead; i + 2 < length && i < width / 2; i++)
        if (line[i] == ' ' && line[i + 1] == ' ' && line[i + 2] != ' ')
            indent = width_of(line, i + 2);
    return indent < width / 2 + 2 ? indent : lead ? lead + 2 : 0;
}

void print_lines(struct text *out, const char *lines, size_t width)
{
    while (*lines) {
        size_t length = strcspn(lines, "\n");
        struct text line = {0};
        text_append_n(&line, lines, length);
        if (line.failed) out->failed = true;
        print_wrapped(out, text_data(&line), 0,
                      hanging_indent(text_data(&line), line.length, width), width);
        text_free(&line);
        lines += length;
        if (*lines) text_append_n(out, lines++, 1);
    }
}

basin_status grid_start(struct grid *grid, struct arena *arena, size_t columns)
{
    *grid = (struct grid){.columns = columns,
                          .arena = arena,
                          .right = arena_array(arena, bool, columns + 1),
                          .repeat = arena_array(arena, bool, columns + 1)};
    if (!grid->right || !grid->repeat) return BASIN_MEMORY;
    grid->repeat[0] = true;
    return BASIN_OK;
}

basin_status grid_add(struct grid *grid, const char *cell)
{
    if (!list_room(grid->arena, grid->cells, grid->rows, 1, grid->capacity)) return BASIN_MEMORY;
    struct text visible = {0};
    text_escape(&visible, cell);
    const char *copy = visible.failed ? NULL : arena_text(grid->arena, text_data(&visible));
    text_free(&visible);
    if (!copy) return BASIN_MEMORY;
    grid->cells[grid->rows++] = copy;
    return BASIN_OK;
}

static size_t column_width(const struct grid *grid, size_t column)
{
    size_t width = 0;
    for (size_t i = column; i < grid->rows; i += grid->columns) {
        size_t here = print_width(grid->cells[i]);
        if (here > width) width = here;
    }
    return width;
}

static void trim(struct text *out)
{
    while (out->length && out->data[out->length - 1] == ' ') out->data[--out->length] = 0;
}

/* Is a column part of the block [from, to)? */
static bool is_in_block(const struct grid *grid, size_t column, size_t from, size_t to)
{
    return column < to && (column >= from || grid->repeat[column]);
}

/* The number of a row, from 1, before its cells. */
static void print_row_number(const struct grid *grid, size_t row, struct text *out)
{
    char most[24];
    int wide = snprintf(most, sizeof most, "%zu", grid->rows / grid->columns);
    if (row == 0)
        text_format(out, "%*s", wide, "#");
    else
        text_format(out, "%*zu", wide, row / grid->columns);
}

static void print_block(const struct grid *grid, const size_t *widths, size_t from, size_t to,
                        size_t indent, struct text *out)
{
    for (size_t row = 0; row < grid->rows; row += grid->columns) {
        bool first = !grid->numbered;
        if (grid->numbered) print_row_number(grid, row, out);
        for (size_t column = 0; column < to; column++) {
            if (!is_in_block(grid, column, from, to)) continue;
            const char *cell = grid->cells[row + column];
            size_t blank = widths[column] - print_width(cell);
            text_fill(out, ' ', first ? indent : 2);
            if (grid->right[column]) text_fill(out, ' ', blank);
            text_append(out, cell);
            if (!grid->right[column]) text_fill(out, ' ', blank);
            first = false;
        }
        trim(out);
        text_append(out, "\n");
    }
}

static const size_t *column_widths(const struct grid *grid, struct text *out)
{
    size_t *widths = arena_array(grid->arena, size_t, grid->columns + 1);
    if (!widths) out->failed = true;
    for (size_t i = 0; widths && i < grid->columns; i++) widths[i] = column_width(grid, i);
    return widths;
}

void grid_print(const struct grid *grid, int indent, struct text *out)
{
    const size_t *widths = column_widths(grid, out);
    if (widths) print_block(grid, widths, 0, grid->columns, (size_t)indent, out);
}

/* The width of the columns that a block from `from` on repeats. */
static size_t repeated_width(const struct grid *grid, const size_t *widths, size_t from)
{
    size_t wide = 0;
    for (size_t i = 0; i < from; i++)
        if (grid->repeat[i]) wide += widths[i] + 2;
    return wide;
}

/* Where the columns to repeat leave no room for others, the numbers of rows take their place. */
static void limit_repeated(struct grid *grid, const size_t *widths, size_t width)
{
    size_t whole = 0;
    for (size_t i = 0; i < grid->columns; i++) whole += widths[i] + (i ? 2 : 0);
    grid->numbered =
        width && whole > width && repeated_width(grid, widths, grid->columns) > 2 * width / 3;
    for (size_t i = 0; grid->numbered && i < grid->columns; i++) grid->repeat[i] = false;
}

static size_t numbers_width(const struct grid *grid)
{
    char most[24];
    return grid->numbered
               ? 2 + (size_t)snprintf(most, sizeof most, "%zu", grid->rows / grid->columns)
               : 0;
}

void grid_print_folded(struct grid *grid, size_t width, struct text *out)
{
    const size_t *widths = column_widths(grid, out);
    if (widths) limit_repeated(grid, widths, width);
    for (size_t from = 0, to; widths && from < grid->columns; from = to) {
        size_t wide = numbers_width(grid) + repeated_width(grid, widths, from) + widths[from];
        for (to = from + 1; to < grid->columns && (!width || wide + 2 + widths[to] <= width); to++)
            wide += 2 + widths[to];
        if (from > 0) text_append(out, "\n");
        print_block(grid, widths, from, to, 0, out);
    }
}
