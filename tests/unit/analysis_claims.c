/* Claims against intervals computed by hand: t(0.975; 1) = 12.7062, t(0.975; 2) = 4.30265. */
#include "analysis/claims.h"
#include "study_helpers.h"

#include <math.h>

static struct arena *arena;
static struct table *table;

enum { STATUS, RATE, DECAY, SEED, GAP, COLUMNS };

static void start(void)
{
    static const struct {
        const char *name;
        enum column_group group;
    } columns[] = {{"status", COLUMN_RUN},
                   {"training.optimizer.learning_rate", COLUMN_PARAMETER},
                   {"regularizers.weight_decay", COLUMN_PARAMETER},
                   {"seed", COLUMN_PARAMETER},
                   {"loss_gap", COLUMN_MEASURE}};
    OK(arena_create(&arena));
    table = arena_allocate(arena, sizeof *table);
    table->arena = arena;
    table->rows = arena_array(arena, struct row, 64);
    for (int i = 0; i < COLUMNS; i++)
        cr_assert_eq(table_add_column(table, columns[i].name, columns[i].group, NULL), i);
}

static void stop(void)
{
    arena_destroy(arena);
}

TestSuite(claims, .init = start, .fini = stop);

static struct cell number(double value)
{
    return (struct cell){.kind = CELL_NUMBER, .number = value};
}

static void run(double rate, double decay, double seed, double gap)
{
    struct cell *cells = arena_array(arena, struct cell, COLUMNS);
    cells[STATUS] = (struct cell){.kind = CELL_TEXT, .text = isnan(gap) ? "diverged" : "finished"};
    cells[RATE] = number(rate);
    cells[DECAY] = number(decay);
    cells[SEED] = number(seed);
    cells[GAP] = number(gap);
    table->rows[table->row_count++] = (struct row){cells, COLUMNS};
}

static const struct claim_row *judge(struct claim claim)
{
    struct claim_row *row;
    table_mark_varied(table);
    claim.claim.text = "it is so";
    OK(claims_judge(table, &claim, 1, &row));
    return row;
}

#define TEXT(words)                                                                                \
    {                                                                                              \
        .text = words                                                                              \
    }
#define GAP_WITHIN(a, b)                                                                           \
    ((struct claim){.value = TEXT("loss_gap"), .within = true, .low = a, .high = b})
#define GAP_BELOW(...) ((struct claim){.value = TEXT("loss_gap"), .below = {true, __VA_ARGS__}})

static void expect_verdict(const struct claim_row *row, const char *verdict)
{
    struct text text = {0};
    claim_put_verdict(row, &text);
    cr_assert_str_eq(text_data(&text), verdict);
    text_free(&text);
}

/* 1, 2, 3: mean 2, sd 1, half width 4.30265 / sqrt(3) = 2.48414 */
Test(claims, a_band_against_the_interval_over_seeds)
{
    for (int i = 0; i < 3; i++) run(0.1, 0, i, 1 + i);
    expect_verdict(judge(GAP_WITHIN(-0.5, 4.5)), "holds (interval [-0.4841, 4.484], n = 3)");
    expect_verdict(judge(GAP_WITHIN(-0.4, 4.5)), "undecided (interval [-0.4841, 4.484], n = 3)");
    expect_verdict(judge(GAP_WITHIN(4.4, 9)), "undecided (interval [-0.4841, 4.484], n = 3)");
    expect_verdict(judge(GAP_WITHIN(4.5, 9)), "fails (interval [-0.4841, 4.484], n = 3)");
    expect_verdict(judge(GAP_BELOW(.value = TEXT("4.5"))),
                   "holds (interval [-0.4841, 4.484], n = 3)");
    expect_verdict(judge(GAP_BELOW(.value = TEXT("-0.5"))),
                   "fails (interval [-0.4841, 4.484], n = 3)");
    expect_verdict(judge(GAP_BELOW(.value = TEXT("1 + 1"))),
                   "undecided (interval [-0.4841, 4.484], n = 3)");
}

Test(claims, one_run_is_compared_as_it_is)
{
    run(0.1, 0, 0, 2);
    expect_verdict(judge(GAP_WITHIN(2, 3)), "holds (2, n = 1)");
    expect_verdict(judge(GAP_WITHIN(2.1, 3)), "fails (2, n = 1)");
    expect_verdict(judge(GAP_BELOW(.value = TEXT("2"))), "fails (2, n = 1)");
}

Test(claims, every_setting_is_asked_and_the_worst_is_shown)
{
    run(0.1, 0, 0, 1.0);
    run(0.1, 0, 1, 1.2);
    run(0.2, 0, 0, 4.0);
    run(0.2, 0, 1, 4.2);
    /* means 1.1 and 4.1, half width 12.7062 * 0.1 = 1.27062; for two settings a failure takes the
     * 97.5 % interval, of half width 25.4517 * 0.1 = 2.54517 */
    const struct claim_row *row = judge(GAP_BELOW(.value = TEXT("2.5")));
    expect_verdict(row, "undecided (interval [2.829, 5.371], n = 2)");
    cr_assert_str_eq(row->setting, "learning_rate = 0.2");
    cr_assert_eq(row->settings, 2);
    cr_assert_eq(row->counts[CLAIM_HOLDS], 1);
    cr_assert_eq(row->counts[CLAIM_UNDECIDED], 1);
    expect_verdict(judge(GAP_BELOW(.value = TEXT("1.5"))),
                   "fails (interval [2.829, 5.371], n = 2)");
    expect_verdict(judge(GAP_BELOW(.value = TEXT("5.5"))),
                   "holds (interval [2.829, 5.371], n = 2)");
    struct claim one = GAP_BELOW(.value = TEXT("2.5"));
    one.where.text = "learning_rate = 0.2";
    row = judge(one);
    expect_verdict(row, "fails (interval [2.829, 5.371], n = 2)");
    cr_assert_null(row->setting);
}

/* Seeds differ by much more than weight decay changes: only pairs show it. */
Test(claims, two_selections_are_compared_in_pairs)
{
    for (int i = 0; i < 3; i++) {
        run(0.1, 0, i, 10 * i);
        run(0.1, 0.03, i, 10 * i - (double[]){1, 2, 3}[i]);
        run(0.2, 0, i, 10 * i + 5);
        run(0.2, 0.03, i, 10 * i + 1);
    }
    struct claim claim = GAP_BELOW(.where = TEXT("weight_decay = 0"));
    claim.where.text = "weight_decay = 0.03";
    const struct claim_row *row = judge(claim);
    /* -1, -2, -3 at 0.1; -4 each time at 0.2 */
    expect_verdict(row, "undecided (interval [-4.484, 0.4841], n = 3)");
    cr_assert_str_eq(row->setting, "learning_rate = 0.1");
    cr_assert(row->is_difference);
    cr_assert_str_eq(row->expected,
                     "below the same where weight_decay = 0, in runs where weight_decay = 0.03");
    cr_assert_eq(row->runs, 6);
    claim.where.text = "weight_decay = 0.03 and learning_rate = 0.2";
    expect_verdict(judge(claim), "holds (interval [-4, -4], n = 3)");
    claim.below.where.text = "weight_decay = 0 and learning_rate = 0.2";
    expect_verdict(judge(claim), "holds (interval [-4, -4], n = 3)");
    /* what the right condition names is compared, and what is named is not paired */
    claim.below.where.text = "weight_decay = 0 and learning_rate = 0.1";
    expect_verdict(judge(claim), "fails (interval [1, 1], n = 3)");
}

/* A partner that diverged is not passed over. */
Test(claims, a_run_is_no_evidence_without_its_partner)
{
    for (int i = 0; i < 3; i++) {
        run(0.1, 0, i, i == 2 ? NAN : 5);
        run(0.1, 0.03, i, 4);
    }
    run(0.1, 0.03, 3, 4);
    struct claim claim = GAP_BELOW(.where = TEXT("weight_decay = 0"));
    claim.where.text = "weight_decay = 0.03 and seed < 2";
    expect_verdict(judge(claim), "holds (interval [-1, -1], n = 2)");
    claim.where.text = "weight_decay = 0.03";
    const struct claim_row *row = judge(claim);
    expect_verdict(row, "undecided (interval [-1, -1], n = 2)");
    cr_assert_eq(row->lacking, 2);
}

/* Seeds 0, 1 against 2, 3: means 1.5 and 5.5, standard errors 0.5, two degrees of freedom:
 * -4 -+ 4.30265 * sqrt(0.5) */
Test(claims, without_shared_seeds_means_are_compared)
{
    run(0.1, 0.03, 0, 1);
    run(0.1, 0.03, 1, 2);
    run(0.1, 0, 2, 5);
    run(0.1, 0, 3, 6);
    struct claim claim = GAP_BELOW(.where = TEXT("weight_decay = 0"));
    claim.where.text = "weight_decay = 0.03";
    expect_verdict(judge(claim), "holds (interval [-7.042, -0.9576], n = 2)");
}

Test(claims, a_side_may_be_an_expression_of_the_same_run)
{
    for (int i = 0; i < 2; i++) run(0.1, 0, i, 0.4 + i);
    /* 0.4 - 0 and 1.4 - 1 */
    expect_verdict(judge(GAP_BELOW(.value = TEXT("seed"))), "fails (interval [0.4, 0.4], n = 2)");
    expect_verdict(judge(GAP_BELOW(.value = TEXT("seed + 0.5"))),
                   "holds (interval [-0.1, -0.1], n = 2)");
}

Test(claims, what_is_missing_is_said_and_is_no_evidence)
{
    for (int i = 0; i < 3; i++) run(0.1, 0, i, 2);
    run(0.1, 0, 3, NAN);
    const struct claim_row *row = judge(GAP_WITHIN(1, 3));
    expect_verdict(row, "undecided (interval [2, 2], n = 3)");
    cr_assert_eq(row->lacking, 1);
    cr_assert_eq(row->runs, 4);
    expect_verdict(judge(GAP_WITHIN(3, 4)), "fails (interval [2, 2], n = 3)");
    struct claim finished = GAP_WITHIN(1, 3);
    finished.where.text = "status = finished";
    expect_verdict(judge(finished), "holds (interval [2, 2], n = 3)");
    finished.where.text = "learning_rate = 7";
    row = judge(finished);
    expect_verdict(row, "no data");
    cr_assert_eq(row->runs, 0);
    run(0.2, 0, 0, NAN);
    row = judge(GAP_WITHIN(1, 3));
    cr_assert_eq(row->verdict, CLAIM_UNDECIDED);
    cr_assert_eq(row->counts[CLAIM_NO_DATA], 1);
    cr_assert_str_eq(row->setting, "learning_rate = 0.2");
}

/* Of each seed over three rates: gaps ascend (tau 1), ascend, and one pair of three is turned. */
Test(claims, tau_has_an_interval_over_seeds)
{
    static const double gaps[3][3] = {{1, 2, 3}, {4, 5, 6}, {1, 3, 2}};
    for (int seed = 0; seed < 3; seed++)
        for (int i = 0; i < 3; i++) run(0.1 * (i + 1), 0, seed, gaps[seed][i]);
    struct claim claim = {.value = TEXT("tau(learning_rate, loss_gap)"),
                          .above = {true, .value = TEXT("0")}};
    /* mean 7/9, standard error 2/9 */
    const struct claim_row *row = judge(claim);
    expect_verdict(row, "undecided (interval [-0.1784, 1.734], n = 3)");
    claim.where.text = "seed < 2";
    expect_verdict(judge(claim), "holds (interval [1, 1], n = 2)");
    claim.where.text = "learning_rate = 0.2";
    claim.value.text = "tau(seed, loss_gap)";
    expect_verdict(judge(claim), "holds (0.3333, n = 1)"); /* 2 5 3: two of three pairs ascend */
}
