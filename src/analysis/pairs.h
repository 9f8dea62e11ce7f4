/* Pairs: the runs of two tables that belong together, and by how much their numbers differ.
 *
 * Purpose.  `basin compare A B`. A parameter pairs runs where it varies in A or in B, both have it,
 * and some of its values are in both. Runs that agree in all of these are one pair; seeds (seed,
 * seed.init, seed.order, seed.data, dataset.seed) are such parameters too. Where several runs of
 * one side agree, their mean takes part. Pairs that agree in all but seeds are one cell: its
 * differences over the seeds are what is tested.
 * Two single runs are one pair, whatever their seeds.
 * Test.  Two-sided, paired: were A and B exchangeable, each difference would have either sign with
 * the same probability (Fisher 1935, section 21). p is the share of sign assignments whose sum is
 * at least as far from 0 as what was found: all 2^n of them for at most PAIRS_EXACT pairs, else
 * PAIRS_DRAWS drawn from a Philox stream of its own, with the assignment that was found among them.
 * The smallest p of n pairs is 2 / 2^n: fewer than PAIRS_FEW pairs cannot give p < 0.05.
 * Interval.  That of Student's t on the differences, as in claims: it says how large the difference
 * is where the test says that there is one. It supposes differences that are roughly normal; the
 * test does not.
 * Ownership.  Everything lives in the arena of table `a`.
 */
#ifndef BASIN_ANALYSIS_PAIRS_H
#define BASIN_ANALYSIS_PAIRS_H

#include "analysis/interval.h"
#include "analysis/table.h"

enum { PAIRS_EXACT = 16, PAIRS_DRAWS = 100000, PAIRS_FEW = 6 };

struct pairs_axis {
    int columns[2]; /* in A and in B */
    bool is_seed;
};

/* A row of A or B that takes part in a pair. */
struct pairs_run {
    size_t row;
    int side;    /* 0: A, 1: B */
    size_t pair; /* of its cell, from 0 */
};

struct pairs_cell {
    const struct pairs_run *runs; /* by pair; those of A first in each */
    size_t run_count, pair_count;
};

struct pairs {
    const struct table *tables[2];
    struct pairs_axis *axes; /* seeds last */
    size_t axis_count, seed_count;
    struct pairs_cell *cells;
    size_t cell_count;
    size_t alone[2]; /* finished runs of A, of B, without a partner */
    size_t ended[2]; /* runs that have not finished, or whose loss exploded, left out */
};

basin_status pairs_gather(const struct table *a, const struct table *b, struct pairs **pairs);

/* One number in one cell. Pairs in which a side lacks it, or in which it is no finite number, are
 * left out and counted. */
struct pairs_difference {
    size_t count, lacking;
    double a, b;              /* means over the pairs */
    double difference;        /* mean of b - a */
    double deviation;         /* of the differences (n - 1); NaN for fewer than two */
    struct interval interval; /* of its mean, by Student's t at INTERVAL_LEVEL; NaN likewise */
    double p;                 /* NaN for fewer than two */
};
basin_status pairs_compare(const struct pairs *pairs, const struct pairs_cell *cell, int column_a,
                           int column_b, struct pairs_difference *difference);

/* The test alone, of n differences; NaN for fewer than two. */
double pairs_sign_flip(const double *differences, size_t n);

#endif
