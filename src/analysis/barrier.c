/* Barriers: how loss and error rise between two trained networks, along the straight line of their
 * weights.
 *
 *     w(t) = (1 - t) a + t b,  t = 0 ... 1
 *     barrier = max over t of the error (or loss) at w(t) - the mean of those at both ends
 *
 * Running statistics of batch normalisation are never interpolated: at each point, the ends too,
 * they are taken anew from training examples (objective_statistics), for the mean of two statistics
 * is not that of the network between (Jordan et al., "REPAIR", ICLR 2023). On request units of b
 * are renumbered first so that its weights come close to those of a (matching.h). Three
 * across-measures share this file: the barriers of pairs, the curves along the line, and the
 * permutations.
 */
#include <math.h>
#include "analysis/matching.h"
#include "analysis/members.h"

enum barrier_pairs { PAIRS_ALL, PAIRS_FIRST, PAIRS_NEXT };
static const char *const pair_names[] = {"all", "first", "next", NULL};

/* Of all three; each has the rows that it needs. */
struct barrier_settings {
    struct across_common common;
    enum barrier_pairs pairs;
    int64_t points, examples;
    bool permute;
};

/* What is evaluated at a point, in the order of columns. */
enum barrier_number { TRAIN_LOSS, TRAIN_ERROR, TEST_LOSS, TEST_ERROR, NUMBERS };

struct barrier {
    const struct barrier_settings *settings;
    const struct across_site *site;
    struct members members;
    struct objective *batch; /* in MODE_BATCH; NULL where there are no statistics to take */
    struct symmetry *symmetry;
    enum precision precision;
    size_t trained, state;           /* P, P + B */
    size_t train, test, points;      /* examples; test: 0 where there are none */
    double *a, *b, *moved, *between; /* (P + B) */
    void *w;                         /* (P + B) of the precision */
    double *curve;                   /* (points, NUMBERS) */
    double sums[2 + 2 * NUMBERS];    /* of the columns of barriers, over pairs */
    size_t pairs;
};

typedef basin_status pair_function(struct barrier *work, size_t i, size_t j);

/* ---- one point, one line ---- */

static basin_status evaluate_part(struct barrier *work, enum data_part part, size_t examples,
                                  double *loss, double *error)
{
    struct evaluation evaluation = {NAN, NAN};
    struct objective_where where = objective_first(part, examples);
    if (examples) TRY(objective_loss(work->members.objectives[0], &where, work->w, &evaluation));
    *loss = evaluation.loss;
    *error = 1 - evaluation.accuracy;
    return BASIN_OK;
}

static basin_status evaluate_point(struct barrier *work, double t, double *numbers)
{
    struct objective_where where = objective_first(DATA_TRAIN, work->train);
    for (size_t k = 0; k < work->state; k++)
        work->between[k] = (1 - t) * work->a[k] + t * work->b[k];
    vector_from_double(work->precision, work->between, work->w, work->state);
    if (work->batch) TRY(objective_statistics(work->batch, &where, work->w));
    TRY(evaluate_part(work, DATA_TRAIN, work->train, &numbers[TRAIN_LOSS], &numbers[TRAIN_ERROR]));
    return evaluate_part(work, DATA_TEST, work->test, &numbers[TEST_LOSS], &numbers[TEST_ERROR]);
}

static double point_at(const struct barrier *work, size_t k)
{
    return (double)k / (double)(work->points - 1);
}

/* Weights of members i and j, the second one renumbered where that is asked for. */
static basin_status take_ends(struct barrier *work, size_t i, size_t j)
{
    struct matching matching;
    struct arena *scratch;
    vector_to_double(work->precision, work->members.items[i].w, work->a, work->state);
    vector_to_double(work->precision, work->members.items[j].w, work->b, work->state);
    if (!work->symmetry) return BASIN_OK;
    TRY(arena_create(&scratch));
    basin_status status = matching_find(scratch, work->symmetry, work->a, work->b, &matching);
    if (status == BASIN_OK) {
        symmetry_permute(work->symmetry, matching.permutations, work->b, work->moved);
        double *swap = work->b;
        work->b = work->moved;
        work->moved = swap;
    }
    arena_destroy(scratch);
    return status;
}

static basin_status walk_line(struct barrier *work, size_t i, size_t j)
{
    TRY(take_ends(work, i, j));
    for (size_t k = 0; k < work->points; k++)
        TRY(evaluate_point(work, point_at(work, k), work->curve + k * NUMBERS));
    return BASIN_OK;
}

/* NaN where a loss on the way is no number; infinite where it is. */
static double barrier_of(const struct barrier *work, enum barrier_number which)
{
    double most = -INFINITY, first = work->curve[which],
           last = work->curve[(work->points - 1) * NUMBERS + (size_t)which];
    for (size_t k = 0; k < work->points; k++) {
        double value = work->curve[k * NUMBERS + (size_t)which];
        most = isnan(value) || value > most ? value : most;
        if (isnan(most)) return NAN;
    }
    return most - (first + last) / 2;
}

static double distance_between(const struct barrier *work)
{
    double sum = 0;
    for (size_t k = 0; k < work->trained; k++)
        sum += (work->a[k] - work->b[k]) * (work->a[k] - work->b[k]);
    return sqrt(sum);
}

/* ---- all pairs ---- */

/* The groups of units, or who refuses which network and why. */
static basin_status symmetry_or_refusal(struct arena *arena, const char *who,
                                        const struct model *model, struct symmetry **symmetry)
{
    basin_status status = symmetry_create(arena, model, symmetry);
    if (status != BASIN_SPEC) return status;
    const char *why = arena_text(arena, basin_error_last()->message),
               *hint = arena_text(arena, basin_error_last()->hint);
    if (!why || !hint) return BASIN_MEMORY;
    error_raise(BASIN_SPEC, "%s: %s", who, why);
    error_hint("%s", hint);
    return BASIN_SPEC;
}

static bool is_wanted(const struct barrier *work, size_t i, size_t j)
{
    switch (work->settings->pairs) {
    case PAIRS_FIRST:
        return i == 0;
    case PAIRS_NEXT:
        return j == i + 1;
    default:
        return true;
    }
}

static basin_status each_pair(struct barrier *work, pair_function *visit)
{
    for (size_t i = 0; i < work->members.count; i++)
        for (size_t j = i + 1; j < work->members.count; j++)
            if (is_wanted(work, i, j)) TRY(visit(work, i, j));
    return BASIN_OK;
}

static basin_status barrier_allocate(struct barrier *work)
{
    struct arena *arena = work->members.arena;
    work->a = arena_array(arena, double, work->state);
    work->b = arena_array(arena, double, work->state);
    work->moved = arena_array(arena, double, work->state);
    work->between = arena_array(arena, double, work->state);
    work->w = arena_allocate(arena, work->state * precision_size(work->precision));
    work->curve = arena_array(arena, double, work->points *NUMBERS + 1);
    return work->a && work->b && work->moved && work->between && work->w && work->curve
               ? BASIN_OK
               : BASIN_MEMORY;
}

static basin_status barrier_open(struct barrier *work, bool permute)
{
    struct members *members = &work->members;
    TRY(members_open(members, MEMBERS_TASK | MEMBERS_LOSS | MEMBERS_NETWORK | MEMBERS_TRAINING |
                                  MEMBERS_TEST));
    const struct finished *first = &members->items[0];
    if (permute)
        TRY(symmetry_or_refusal(members->arena, members->who, first->model, &work->symmetry));
    work->precision = first->settings->train.precision;
    work->trained = (size_t)model_size(first->model);
    work->state = (size_t)model_state_size(first->model);
    if (work->settings->points) {
        TRY(members_examples(members, DATA_TRAIN, work->settings->examples, &work->train));
        if (data_describe(first->data)->counts[DATA_TEST])
            TRY(members_examples(members, DATA_TEST, work->settings->examples, &work->test));
        work->points = (size_t)work->settings->points;
    }
    if (work->points && model_buffer_count(first->model)) {
        struct objective_request request = members_request(members, 0);
        request.mode = MODE_BATCH;
        TRY(objective_create(&request, &work->batch));
    }
    return barrier_allocate(work);
}

static basin_status barrier_start(struct barrier *work, const char *who, bool permute,
                                  pair_function *visit)
{
    TRY(across_check_size(work->site, who, 2));
    if (work->site->count < 2) return BASIN_OK;
    basin_status status = members_start(work->site, who, &work->members);
    if (status == BASIN_OK) status = barrier_open(work, permute);
    if (status == BASIN_OK) status = each_pair(work, visit);
    return status;
}

static void barrier_close(struct barrier *work)
{
    objective_destroy(work->batch);
    if (work->members.arena) members_close(&work->members);
}

/* Is there such a number? Of regressions no errors, without test examples none of these. */
static bool has_numbers(const struct barrier *work, int which)
{
    bool error = which == TRAIN_ERROR || which == TEST_ERROR,
         test = which == TEST_LOSS || which == TEST_ERROR;
    return (!error || work->members.classes) && (!test || work->test);
}

/* ---- barrier ---- */

enum barrier_column {
    PAIR,
    BARRIERS,
    MIDDLES = BARRIERS + NUMBERS,
    DISTANCE = MIDDLES + NUMBERS,
    BARRIER_COLUMNS
};

static basin_status add_barriers(const struct barrier *work, struct cell pair, double share,
                                 const double *values)
{
    struct cell cells[BARRIER_COLUMNS] = {pair};
    for (int k = 0; k < NUMBERS; k++) {
        if (!has_numbers(work, k)) continue;
        cells[BARRIERS + k] = members_number(values[k] * share);
        if (work->points % 2) cells[MIDDLES + k] = members_number(values[NUMBERS + k] * share);
    }
    cells[DISTANCE] = members_number(values[2 * NUMBERS] * share);
    return across_add(work->site, cells);
}

static basin_status barrier_pair(struct barrier *work, size_t i, size_t j)
{
    double values[2 * NUMBERS + 1];
    struct cell pair;
    TRY(walk_line(work, i, j));
    for (int k = 0; k < NUMBERS; k++) {
        values[k] = barrier_of(work, (enum barrier_number)k);
        values[NUMBERS + k] = work->curve[work->points / 2 * NUMBERS + (size_t)k];
    }
    values[2 * NUMBERS] = distance_between(work);
    for (int k = 0; k <= 2 * NUMBERS; k++) work->sums[k] += values[k];
    work->pairs++;
    TRY(members_pair(&work->members, i, j, &pair));
    return add_barriers(work, pair, 1, values);
}

static basin_status barrier_run(const struct across_site *site)
{
    struct barrier work = {.settings = site->settings, .site = site};
    struct cell mean = {.kind = CELL_TEXT, .text = "mean"};
    basin_status status = barrier_start(&work, "barrier", work.settings->permute, barrier_pair);
    if (status == BASIN_OK && work.pairs > 1)
        status = add_barriers(&work, mean, 1 / (double)work.pairs, work.sums);
    barrier_close(&work);
    return status;
}

/* ---- interpolation ---- */

enum interpolation_column { LINE, T, VALUES, INTERPOLATION_COLUMNS = VALUES + NUMBERS };

static basin_status interpolation_pair(struct barrier *work, size_t i, size_t j)
{
    struct cell pair;
    TRY(walk_line(work, i, j));
    TRY(members_pair(&work->members, i, j, &pair));
    for (size_t k = 0; k < work->points; k++) {
        struct cell cells[INTERPOLATION_COLUMNS] = {pair, members_number(point_at(work, k))};
        for (int which = 0; which < NUMBERS; which++)
            if (has_numbers(work, which))
                cells[VALUES + which] = members_number(work->curve[k * NUMBERS + (size_t)which]);
        TRY(across_add(work->site, cells));
    }
    return BASIN_OK;
}

static basin_status interpolation_run(const struct across_site *site)
{
    struct barrier work = {.settings = site->settings, .site = site};
    basin_status status =
        barrier_start(&work, "interpolation", work.settings->permute, interpolation_pair);
    barrier_close(&work);
    return status;
}

/* ---- matching ---- */

enum matching_column { COUPLE, LAYER, UNIT, MATCHED, MATCHING_COLUMNS };

static basin_status add_units(const struct barrier *work, struct cell pair,
                              const struct matching *matching)
{
    for (int g = 0; g < work->symmetry->group_count; g++) {
        const struct symmetry_group *group = &work->symmetry->groups[g];
        const char *name = arena_text(work->site->arena, group->name);
        if (!name) return BASIN_MEMORY;
        for (size_t k = 0; k < group->units; k++) {
            struct cell cells[MATCHING_COLUMNS] = {
                pair,
                {.kind = CELL_TEXT, .text = name},
                members_number((double)k),
                members_number((double)matching->permutations[g][k])};
            TRY(across_add(work->site, cells));
        }
    }
    return BASIN_OK;
}

static basin_status matching_pair(struct barrier *work, size_t i, size_t j)
{
    struct matching matching;
    struct arena *scratch;
    struct cell pair;
    TRY(members_pair(&work->members, i, j, &pair));
    vector_to_double(work->precision, work->members.items[i].w, work->a, work->state);
    vector_to_double(work->precision, work->members.items[j].w, work->b, work->state);
    TRY(arena_create(&scratch));
    basin_status status = matching_find(scratch, work->symmetry, work->a, work->b, &matching);
    if (status == BASIN_OK) status = add_units(work, pair, &matching);
    arena_destroy(scratch);
    return status;
}

static basin_status matching_run(const struct across_site *site)
{
    struct barrier work = {.settings = site->settings, .site = site};
    basin_status status = barrier_start(&work, "matching", true, matching_pair);
    barrier_close(&work);
    return status;
}

/* ---- the tables ---- */

#define BARRIER_SOURCE "Frankle et al., ICML 2020"
#define BARRIER_TEXT "max over t, less the mean of both ends"

static const struct quantity barrier_columns[] = {
    [PAIR] = MEMBERS_PAIR_COLUMN,
    [BARRIERS + TRAIN_LOSS] = {"train_loss_barrier", "1", "barrier of the training loss",
                               BARRIER_TEXT, BARRIER_SOURCE},
    [BARRIERS + TRAIN_ERROR] = {"train_error_barrier", "1",
                                "barrier of the share of wrong predictions, training examples",
                                BARRIER_TEXT, BARRIER_SOURCE},
    [BARRIERS + TEST_LOSS] = {"test_loss_barrier", "1", "barrier of the test loss", BARRIER_TEXT,
                              BARRIER_SOURCE},
    [BARRIERS + TEST_ERROR] = {"test_error_barrier", "1",
                               "barrier of the share of wrong predictions, test examples",
                               BARRIER_TEXT, BARRIER_SOURCE},
    [MIDDLES + TRAIN_LOSS] = {"train_loss_middle", "1",
                              "training loss at t = 1/2, where points is odd", NULL, NULL},
    [MIDDLES + TRAIN_ERROR] = {"train_error_middle", "1", "training error at t = 1/2", NULL, NULL},
    [MIDDLES + TEST_LOSS] = {"test_loss_middle", "1", "test loss at t = 1/2", NULL, NULL},
    [MIDDLES + TEST_ERROR] = {"test_error_middle", "1", "test error at t = 1/2", NULL, NULL},
    [DISTANCE] = {"distance", "1",
                  "distance of the two networks, after matching where that is asked for",
                  "||a - b|| over all parameters", NULL},
    [BARRIER_COLUMNS] = {NULL, NULL, NULL, NULL, NULL}};

static const struct quantity interpolation_columns[] = {
    [LINE] = MEMBERS_PAIR_COLUMN,
    [T] = {"t", "1", "place on the line: 0 the first run of the pair, 1 the second", NULL, NULL},
    [VALUES +
        TRAIN_LOSS] = {"line_train_loss", "1", "training loss at (1 - t) a + t b", NULL, NULL},
    [VALUES + TRAIN_ERROR] = {"line_train_error", "1",
                              "share of wrong predictions, training examples", NULL, NULL},
    [VALUES + TEST_LOSS] = {"line_test_loss", "1", "test loss at (1 - t) a + t b", NULL, NULL},
    [VALUES + TEST_ERROR] = {"line_test_error", "1", "share of wrong predictions, test examples",
                             NULL, NULL},
    [INTERPOLATION_COLUMNS] = {NULL, NULL, NULL, NULL, NULL}};

static const struct quantity matching_columns[] = {
    [COUPLE] = MEMBERS_PAIR_COLUMN,
    [LAYER] = {"layer", "1", "the first layer that gives these units", NULL, NULL},
    [UNIT] = {"unit", "1", "unit of the first run, from 0 (channel of a convolution)", NULL, NULL},
    [MATCHED] = {"matched", "1", "unit of the second run that takes its place", NULL,
                 "Ainsworth et al., ICLR 2023"},
    [MATCHING_COLUMNS] = {NULL, NULL, NULL, NULL, NULL}};

#define PAIRS_ROW                                                                                  \
    {                                                                                              \
        .key = "pairs", SETTING(struct barrier_settings, pairs), .type = SCHEMA_CHOICE,            \
        .choices = pair_names, .fallback = "all",                                                  \
        .doc = "all pairs of the group; first: the first run with each other one; next: each run " \
               "with the next one."                                                                \
    }
#define POINTS_ROW                                                                                 \
    {                                                                                              \
        .key = "points", SETTING(struct barrier_settings, points), .type = SCHEMA_INTEGER,         \
        .unit = "points", .minimum = 3, .maximum = 10001, .fallback = "11",                        \
        .doc = "Values of t from 0 to 1, at equal distances; an odd number has the middle."        \
    }
#define PERMUTE_ROW                                                                                \
    {                                                                                              \
        .key = "permute", SETTING(struct barrier_settings, permute), .type = SCHEMA_BOOLEAN,       \
        .fallback = "false",                                                                       \
        .doc = "Renumber the hidden units of the second network first, by weight matching, so "    \
               "that its weights come close to those of the first (`matching` shows how). For "    \
               "networks of dense layers, convolutions, pooling, batch and layer normalisation "   \
               "and residual sums (mlp, cnn, resnet, sequential); refused for recurrent networks " \
               "and transformers, and for convolutions or normalisation in groups.",               \
        .source = "Ainsworth, Hayase and Srinivasa, \"Git Re-Basin: merging models modulo "        \
                  "permutation symmetries\", ICLR 2023"                                            \
    }
#define LINE_EXAMPLES_ROW                                                                          \
    {                                                                                              \
        .key = "examples", SETTING(struct barrier_settings, examples), .type = SCHEMA_COUNT,       \
        .unit = "examples", .minimum = 1, .maximum = 1e9, .fallback = "all",                       \
        .doc = "The first N training and the first N test examples, or all. Statistics of batch "  \
               "normalisation are taken from the same training examples."                          \
    }

static const struct schema_row barrier_rows[] = {ACROSS_OVER_ROW, PAIRS_ROW,         POINTS_ROW,
                                                 PERMUTE_ROW,     LINE_EXAMPLES_ROW, {0}};
static const struct schema_row matching_rows[] = {ACROSS_OVER_ROW, PAIRS_ROW, {0}};

static basin_status barrier_check(const void *own, const struct model *model)
{
    const struct barrier_settings *settings = own;
    struct symmetry *symmetry;
    struct arena *arena;
    if (settings->points && !settings->permute) return BASIN_OK;
    TRY(arena_create(&arena));
    basin_status status =
        symmetry_or_refusal(arena, settings->points ? "permute" : "matching", model, &symmetry);
    arena_destroy(arena);
    return status;
}

const struct entry barrier_entry = {
    .name = "barrier",
    .doc = "How much loss and error rise on the straight line between the weights of two runs: "
           "the largest value less the mean of the ends, for pairs of a group and their mean. "
           "Statistics of batch normalisation are taken anew at every point.",
    .source = "Frankle, Dziugaite, Roy and Carbin, \"Linear mode connectivity and the lottery "
              "ticket hypothesis\", ICML 2020",
    .parameters = barrier_rows,
    .implementation =
        &(const struct across_measure){
            .columns = barrier_columns, .keys = 1, .run = barrier_run, .check = barrier_check},
    .settings_size = sizeof(struct barrier_settings)};

const struct entry interpolation_entry = {
    .name = "interpolation",
    .doc = "Loss and error along the straight line between the weights of two runs, point by "
           "point: the curves whose maximum is the barrier.",
    .source = "Goodfellow, Vinyals and Saxe, \"Qualitatively characterizing neural network "
              "optimization problems\", ICLR 2015",
    .parameters = barrier_rows,
    .implementation = &(const struct across_measure){.columns = interpolation_columns,
                                                     .keys = 2,
                                                     .run = interpolation_run,
                                                     .check = barrier_check},
    .settings_size = sizeof(struct barrier_settings)};

const struct entry matching_entry = {
    .name = "matching",
    .doc = "Which hidden unit of the second run takes the place of each unit of the first, by "
           "weight matching: the permutations that `barrier: {permute: true}` uses.",
    .source = "Ainsworth, Hayase and Srinivasa, \"Git Re-Basin: merging models modulo permutation "
              "symmetries\", ICLR 2023",
    .parameters = matching_rows,
    .implementation =
        &(const struct across_measure){
            .columns = matching_columns, .keys = 3, .run = matching_run, .check = barrier_check},
    .settings_size = sizeof(struct barrier_settings)};
