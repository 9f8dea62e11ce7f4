/* Curvature spread: how much a number depends on which examples it was measured on.
 *
 * Purpose.  Eigenvalues of a few hundred examples vary severalfold from subset to subset. With the
 * option `subsets: k` a measure is taken over k disjoint subsets of as many examples each as
 * `examples` says, those that follow each other in the training permutation: the first of them are
 * the examples of the measure itself. Its numbers are stored with their mean over the subsets,
 * their standard deviation (of one subset, with k - 1), and one by one. Probes and start vectors
 * are the same for all subsets, so that the spread is that of the examples.
 * Ownership.  Owns nothing.
 */
#ifndef BASIN_MEASURE_CURVATURE_SPREAD_H
#define BASIN_MEASURE_CURVATURE_SPREAD_H

#include "measure/curvature.h"

/* values (count of the spread): the numbers of the examples of `curvature`. */
typedef basin_status curvature_numbers(void *context, struct curvature *curvature, double *values);

enum { CURVATURE_NUMBERS = 2 };
struct curvature_spread {
    curvature_numbers *numbers;
    void *context;
    size_t count;                    /* at most CURVATURE_NUMBERS */
    double first[CURVATURE_NUMBERS]; /* of subset 0 */
    const struct quantity *mean[CURVATURE_NUMBERS], *sd[CURVATURE_NUMBERS],
        *each[CURVATURE_NUMBERS]; /* `each` is an array over `subset` */
};

/* Measures and stores; nothing where the options do not ask for it. */
basin_status curvature_spread(const struct measure_site *site,
                              const struct curvature_spread *spread);
extern const struct quantity curvature_subset_quantity; /* the scale of `each` */

/* Of `gives`: do the options ask for it? */
bool curvature_is_spread(const struct value *options);

#define CURVATURE_SPREAD(NAME, WORDS)                                                              \
    {NAME "_subset_mean", "1", "mean over the subsets of " WORDS,                                  \
     "mean of " NAME " over `subsets` disjoint subsets of `examples` examples", NULL},             \
        {NAME "_subset_sd", "1", "standard deviation over the subsets of " WORDS,                  \
         "standard deviation (with subsets - 1) of " NAME                                          \
         " over `subsets` disjoint subsets of `examples` examples",                                \
         NULL},

#endif
