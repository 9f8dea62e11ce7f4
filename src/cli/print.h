/* Print: numbers and aligned columns as people read them. */
#ifndef BASIN_CLI_PRINT_H
#define BASIN_CLI_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include "base/arena.h"
#include "base/text.h"

/* Each writes into `out` of 32 bytes and returns it. */
const char *print_measured(double value, char out[32]); /* four significant digits; "nan", "inf" */
const char *print_spread(double value, char out[32]);   /* two significant digits */
const char *print_given(double value,
                        char out[32]); /* as a person would write it: 0.0005, 128, 1e-12 */
const char *print_count(double value, char out[32]);   /* 1.23 G; for FLOPs and parameters */
const char *print_seconds(double value, char out[32]); /* 4.2 s, 3 min 20 s, 2 h 5 min */

/* A grid of texts, row by row, the first row the header; cells are not copied. */
struct grid {
    const char **cells;
    bool *right;   /* columns that are aligned right */
    bool *repeat;  /* columns that every block of a folded grid repeats; grid_start: the first */
    bool numbered; /* rows have their numbers in front */
    size_t columns, rows, capacity;
    struct arena *arena;
};

basin_status grid_start(struct grid *grid, struct arena *arena, size_t columns);
/* Appends one cell, copied and escaped; rows fill from left to right. */
basin_status grid_add(struct grid *grid, const char *cell);
/* Prints with two blanks between columns and none at the end; every line starts with `indent`
 * blanks. */
void grid_print(const struct grid *grid, int indent, struct text *out);

/* The same for a screen of `width` columns: a wider grid is split into blocks, one below the other,
 * each of which repeats the columns to repeat that stand before it, as far as they fit into two
 * thirds of the screen; where they do not, rows have numbers instead. 0: never split. */
void grid_print_folded(struct grid *grid, size_t width, struct text *out);

size_t print_width(const char *text); /* characters of UTF-8 */

/* Appends `words`, which start at column `at`, broken at blanks so that no line is longer than
 * `width`; further lines start at column `indent`. A single longer word stays whole. No line break
 * at the end. */
void print_wrapped(struct text *out, const char *words, size_t at, size_t indent, size_t width);

/* Appends lines of text, each wrapped as above. Further lines are indented to the last column of
 * the line (after two blanks or more in its left half), or by two blanks more than an indented
 * line. */
void print_lines(struct text *out, const char *lines, size_t width);

#endif
