/* Expression: numbers and conditions about runs, for `basin table --where` and the claims of a
 * study (`expect:`). One language for both.
 *
 *     condition   := both { "or" both }
 *     both        := factor { "and" factor }
 *     factor      := "not" factor | comparison
 *     comparison  := sum [ OPERATOR ( sum | VALUE ) ]     OPERATOR: = == != < <= > >=
 *     sum         := product { ("+" | "-") product }
 *     product     := sign { ("*" | "/") sign }
 *     sign        := ("-" | "+") sign | power
 *     power       := primary [ ("^" | "**") sign ]        to the right: 2^3^2 = 2^9
 *     primary     := number | NAME | FUNCTION "(" ... ")" | "(" condition ")"
 *     VALUE       := true | false | null | word | 'text' | "text" | [list]
 *
 * NAME is a column of the table (table_column: the end of its path or another word for its key is
 * enough), or a curve: `curves.test_accuracy`, `steps.batch_loss`, `tracked.hessian_lambda_max`;
 * its last part alone where no column has it and only one curve does.
 *
 * Types.  A number of a run; a curve (a number at each of its epochs, or steps); a condition; a
 * number over runs. Arithmetic on curves is done at the epochs that all of them have: nothing is
 * interpolated. mean, median, max, min, first and last of one curve give a number; `from: a`,
 * `to: b` choose its epochs a ... b with both ends, `at: a` one of them. A bound below 1 is a
 * fraction of the run's epochs, so is one with a percent sign; others are epochs (or steps).
 * tau(a, b) is Kendall's tau-b over runs.
 * Absent numbers.  What a run does not have, and what a calculation has no answer for, is NaN, and
 * so is all that is computed from it. A comparison of unlike kinds, of NaN or of what is absent is
 * false, but for != (true) and = null (true where it is absent or NaN).
 * Errors.  BASIN_USAGE with the character and what follows it: all names and types are checked
 * while parsing, against columns and curves, so that evaluation cannot fail but for memory and
 * files.
 * Ownership.  Everything lives in the table's arena.
 */
#ifndef BASIN_ANALYSIS_EXPRESSION_H
#define BASIN_ANALYSIS_EXPRESSION_H

#include "analysis/curve_source.h"
#include "analysis/table.h"

enum expression_type {
    EXPRESSION_CONSTANT, /* a number without a name in it */
    EXPRESSION_NUMBER,   /* of each run */
    EXPRESSION_CURVE,    /* over epochs */
    EXPRESSION_STEPS,    /* over steps */
    EXPRESSION_RUNS,     /* a number over runs: tau in it */
    EXPRESSION_CONDITION
};

struct expression;

struct expression_scope {
    const struct table *table;
    struct curve_source *curves; /* NULL: there are none */
    const char *label;           /* what messages call the text: "--where" */
    size_t place;                /* of the latest error: bytes before it */
};

basin_status expression_parse(struct expression_scope *scope, const char *text,
                              const struct expression **expression);
/* The same, and it has to be a condition, or a number of a run or over runs. */
basin_status expression_condition(struct expression_scope *scope, const char *text,
                                  const struct expression **expression);
basin_status expression_number(struct expression_scope *scope, const char *text,
                               const struct expression **expression);

enum expression_type expression_type(const struct expression *expression);
/* Does the expression name this column anywhere? */
bool expression_names(const struct expression *expression, int column);

/* Of a row of the scope's table (or of one with the same columns). NaN: there is no such number. */
basin_status expression_value(const struct expression_scope *scope,
                              const struct expression *expression, const struct row *row,
                              double *value);
basin_status expression_holds(const struct expression_scope *scope,
                              const struct expression *expression, const struct row *row,
                              bool *holds);
/* Of a type EXPRESSION_RUNS: over `count` rows. */
basin_status expression_over(const struct expression_scope *scope,
                             const struct expression *expression, const struct row *const *rows,
                             size_t count, double *value);

#endif
