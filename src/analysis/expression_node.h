/* The tree of an expression, shared by what parses it and what evaluates it. */
#ifndef BASIN_ANALYSIS_EXPRESSION_NODE_H
#define BASIN_ANALYSIS_EXPRESSION_NODE_H

#include "analysis/expression.h"

enum { EXPRESSION_ARGUMENTS = 8 };

enum expression_kind {
    NODE_NUMBER,
    NODE_COLUMN,
    NODE_CURVE,
    NODE_CALL,
    NODE_COMPARISON,
    NODE_NOT,
    NODE_AND,
    NODE_OR
};

enum relation { EQUAL, DIFFERENT, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL };

enum function_kind {
    FUNCTION_POINTWISE, /* of numbers, or at each epoch of curves */
    FUNCTION_REDUCTION, /* of a curve: a number */
    FUNCTION_OVER_RUNS  /* of two numbers of each run: a number over runs */
};

struct expression_function {
    const char *name; /* "+" and its like are operators */
    enum function_kind kind;
    int least, most;                       /* arguments */
    double (*of)(double *x, size_t count); /* pointwise: of the arguments; of a curve: of its
                                               values, which it may reorder */
    const char *usage;                     /* for messages */
};

struct expression_bound {
    bool given, fraction;
    double value; /* fraction: of the run's epochs */
};

struct expression {
    enum expression_kind kind;
    enum expression_type type;
    size_t place, end; /* in the text */
    double number;
    int column;
    const char *curve; /* its whole name */
    const struct expression_function *function;
    const struct expression *arguments[EXPRESSION_ARGUMENTS]; /* of calls and conditions */
    int argument_count;
    struct expression_bound from, to, at; /* of a reduction */
    enum relation relation;               /* of a comparison */
    bool has_literal;                     /* its right side is `literal` */
    struct cell literal;
};

/* NULL: there is none. `arguments`: how many, to tell max(curve) from max(a, b); 0: any. */
const struct expression_function *function_find(const char *name, size_t length, int arguments);
/* Names for did-you-mean, at most `most`. */
size_t function_names(const char **names, size_t most);

#endif
