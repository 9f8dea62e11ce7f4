/* What the files share that parse an expression. Recursive descent: after an error `status` is set
 * and every function returns NULL (false) at once. */
#ifndef BASIN_ANALYSIS_EXPRESSION_PARSER_H
#define BASIN_ANALYSIS_EXPRESSION_PARSER_H

#include "analysis/expression_node.h"

struct expression_parser {
    struct expression_scope *scope;
    const char *start, *at;
    const char *missing; /* what is said where something is missing */
    int depth;
    basin_status status;
};

/* --- words and values (expression_lexer.c) --- */

/* Raises BASIN_USAGE at a place of the text; NULL for the caller to return. */
struct expression *parser_wrong(struct expression_parser *parser, const char *place,
                                const char *what);
/* After error_raise and error_hint: the same, with the place put in front. */
struct expression *parser_fail(struct expression_parser *parser, const char *place,
                               basin_status status);
void parser_skip_space(struct expression_parser *parser);
size_t parser_word(const char *text); /* the length of the longest word: letters, digits, ._-+ */
bool parser_take_word(struct expression_parser *parser, const char *word);
char *parser_copy(struct expression_parser *parser, const char *text, size_t length);
bool parser_number(const char *text, size_t length, double *number); /* is all of it one? */
struct cell parser_value(struct expression_parser *parser);

/* --- names (expression_names.c) --- */

/* A column or a curve; NULL and no error where there is none. */
struct expression *parser_known(struct expression_parser *parser, const char *place, size_t length);
struct expression *parser_unknown(struct expression_parser *parser, const char *place,
                                  size_t length); /* raises that */
struct expression *parser_node(struct expression_parser *parser, enum expression_kind kind,
                               const char *place);
/* Does a column hold such values, and nothing else but null? */
bool parser_is_all(const struct table *table, int column, enum cell_kind kind);
bool parser_has_any(const struct table *table, int column, enum cell_kind kind);

/* --- grammar (expression_parse.c, expression_comparison.c) --- */

const struct expression *parser_sum(struct expression_parser *parser);
const struct expression *parser_comparison(struct expression_parser *parser);
const struct expression *parser_condition(struct expression_parser *parser);
/* Raises that the node is of a type other than `wanted` (words); NULL. */
const struct expression *parser_refuse(struct expression_parser *parser,
                                       const struct expression *node, const char *wanted);
/* Is it of a type that arithmetic can use? */
bool parser_require_number(struct expression_parser *parser, const struct expression *node);

#endif
