/* Members: the runs of a group, reopened side by side. What across-measures share that compute from
 * stored weights: ensembles, bias and variance, barriers, similarity.
 *
 * Purpose.  A group's runs with their data, networks and weights; a check that they are alike
 * enough to be compared; what each of them gives for the same examples, a chunk at a time.
 *
 *     TRY(members_start(site, "ensemble", &members));
 *     basin_status status = members_open(&members, MEMBERS_PREDICT_ALIKE);
 *     ... members_each_chunk(&members, DATA_TEST, examples, copies, visit, context) ...
 *     members_close(&members);
 *
 * Promise.  Equal networks (same architecture, data, loss, precision) share one objective, so that
 * their program is compiled once. Networks are as in evaluation: no dropout, running statistics.
 * Ownership.  members_close releases what members_start and members_open made, whether they failed
 * or not.
 * Errors.  BASIN_DATA where members are not alike, with the two files and what they differ in;
 * those of reopening a run.
 */
#ifndef BASIN_ANALYSIS_MEMBERS_H
#define BASIN_ANALYSIS_MEMBERS_H

#include "analysis/across.h"
#include "models/objective.h"

/* What members must have in common. */
enum members_alike {
    MEMBERS_TASK = 1,     /* classes, outputs, positions */
    MEMBERS_LOSS = 2,     /* so that their predictions are of one kind */
    MEMBERS_TEST = 4,     /* test examples; standardisation may differ */
    MEMBERS_NETWORK = 8,  /* architecture, precision */
    MEMBERS_TRAINING = 16 /* training examples as the network sees them, and their targets */
};

struct members {
    const struct across_site *site;
    const char *who;               /* the measure, for messages */
    struct arena *arena;           /* dies with members_close */
    struct finished *items;        /* (count) */
    struct objective **objectives; /* (count) those of equal networks are one */
    size_t count, opened;
    bool probabilities; /* predictions are the softmax of the outputs; else the outputs */
    bool tokens;        /* the target of a prediction is a token; else (outputs) numbers */
    bool classes;       /* a prediction chooses one: no regression */
    size_t outputs, positions;
};

basin_status members_start(const struct across_site *site, const char *who,
                           struct members *members);
/* `alike`: a sum of enum members_alike. */
basin_status members_open(struct members *members, unsigned alike);
void members_close(struct members *members);

/* The objective's request of member i, as in evaluation. */
struct objective_request members_request(const struct members *members, size_t i);

/* How many examples of a part are asked for (SETTING_ALL: all); at most those that there are.
 * BASIN_DATA where there are none. */
basin_status members_examples(const struct members *members, enum data_part part, int64_t asked,
                              size_t *examples);

/* Examples that all members pass side by side. */
struct members_chunk {
    enum data_part part;
    const uint32_t *rows; /* (count) */
    size_t count, predictions;
    const double *y; /* (predictions, outputs), or (predictions) tokens */
};
/* Examples of a full chunk, where `copies` arrays of outputs are held for each. */
size_t members_chunk_size(const struct members *members, size_t examples, size_t copies);
typedef basin_status members_visit(void *context, const struct members_chunk *chunk);
/* The first `examples` of a part, a chunk at a time. */
basin_status members_each_chunk(struct members *members, enum data_part part, size_t examples,
                                size_t copies, members_visit *visit, void *context);
/* f (predictions, outputs): the outputs of member i. */
basin_status members_outputs(struct members *members, size_t i, const struct members_chunk *chunk,
                             double *f);
/* The class that a prediction of the chunk should be; where `target` (outputs) is given, its target
 * as numbers too. */
size_t members_target(const struct members *members, const struct members_chunk *chunk,
                      size_t prediction, double *target);
/* The largest of `count` numbers; the first one in a tie. */
size_t members_choice(const double *p, size_t count);

struct cell members_number(double value);
/* The key of a row on members i and j: "0 and 1", by what they differ in; by their numbers in the
 * group, from 1, where that cannot be said in short. */
basin_status members_pair(const struct members *members, size_t i, size_t j, struct cell *cell);
#define MEMBERS_PAIR_COLUMN                                                                        \
    {                                                                                              \
        "pair", "1",                                                                               \
            "two runs of the group, by what they differ in (0 and 1: seeds 0 and 1), else by "     \
            "their "                                                                               \
            "numbers from 1; mean: the mean over pairs",                                           \
            NULL, NULL                                                                             \
    }

#endif
