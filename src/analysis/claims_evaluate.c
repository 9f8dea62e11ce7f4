#include "analysis/claims.h"

#include <math.h>
#include <string.h>
#include "analysis/claims_judge.h"
#include "analysis/claims_pairs.h"
#include "analysis/interval.h"
#include "base/text.h"

/* ---- a claim, parsed ---- */

struct parsed {
    const struct claim *claim;
    const struct expression *where, *value; /* where may be NULL */
    const struct expression *other_where;   /* of another selection; NULL: there is none */
    const struct expression *other;         /* to be subtracted; NULL: nothing is */
    struct claim_band band;                 /* for the number, or the difference */
};

static const struct claim_side *side_of_claim(const struct claim *claim)
{
    return claim->above.given ? &claim->above : claim->below.given ? &claim->below : NULL;
}

static basin_status parse_side(struct expression_scope *scope, const struct claim *claim,
                               struct parsed *parsed, const struct claim_text **at)
{
    const struct claim_side *side = side_of_claim(claim);
    const struct expression *value = parsed->value;
    double limit = 0;
    if (!side) return BASIN_OK;
    *at = &side->where;
    if (side->where.text) TRY(expression_condition(scope, side->where.text, &parsed->other_where));
    *at = side->value.text ? &side->value : &side->where;
    if (side->value.text) TRY(expression_number(scope, side->value.text, &value));
    bool is_constant = expression_type(value) == EXPRESSION_CONSTANT && side->value.text;
    if (expression_type(parsed->value) == EXPRESSION_RUNS && !is_constant)
        return error_raise(BASIN_USAGE, "tau(...) is a number over runs: it is compared with a "
                                        "number");
    if (expression_type(value) == EXPRESSION_RUNS)
        return error_raise(BASIN_USAGE, "tau(...) is a number over runs: it can only be the value "
                                        "of a claim");
    if (is_constant)
        TRY(expression_value(scope, value, NULL, &limit));
    else
        parsed->other = value;
    if (is_constant) parsed->other_where = NULL;
    parsed->band = claim->above.given ? (struct claim_band){limit, INFINITY, true}
                                      : (struct claim_band){-INFINITY, limit, true};
    return BASIN_OK;
}

/* `at`: the text that was being read, for the place of an error. */
static basin_status parse_claim(struct expression_scope *scope, const struct claim *claim,
                                struct parsed *parsed, const struct claim_text **at)
{
    *parsed = (struct parsed){.claim = claim, .band = {claim->low, claim->high, false}};
    *at = &claim->where;
    if (claim->where.text) TRY(expression_condition(scope, claim->where.text, &parsed->where));
    *at = &claim->value;
    TRY(expression_number(scope, claim->value.text, &parsed->value));
    return parse_side(scope, claim, parsed, at);
}

/* ---- runs and their numbers ---- */

static basin_status choose(const struct expression_scope *scope, const struct expression *where,
                           struct claim_runs *runs)
{
    const struct table *table = scope->table;
    runs->rows = arena_array(table->arena, const struct row *, table->row_count + 1);
    runs->x = arena_array(table->arena, double, table->row_count + 1);
    runs->count = 0;
    if (!runs->rows || !runs->x) return BASIN_MEMORY;
    for (size_t i = 0; i < table->row_count; i++) {
        bool holds = true;
        if (where) TRY(expression_holds(scope, where, &table->rows[i], &holds));
        if (holds) runs->rows[runs->count++] = &table->rows[i];
    }
    return BASIN_OK;
}

static basin_status number_runs(const struct expression_scope *scope,
                                const struct expression *value, struct claim_runs *runs)
{
    for (size_t i = 0; i < runs->count; i++) {
        runs->x[i] = NAN;
        if (!claim_is_result(scope->table, runs->rows[i])) continue;
        TRY(expression_value(scope, value, runs->rows[i], &runs->x[i]));
        if (!isfinite(runs->x[i])) runs->x[i] = NAN;
    }
    return BASIN_OK;
}

/* The same run's number of the right side is subtracted. */
static basin_status subtract_own(const struct expression_scope *scope,
                                 const struct expression *other, struct claim_runs *runs)
{
    for (size_t i = 0; i < runs->count; i++) {
        double limit;
        if (isnan(runs->x[i])) continue;
        TRY(expression_value(scope, other, runs->rows[i], &limit));
        runs->x[i] = isfinite(limit) ? runs->x[i] - limit : NAN;
    }
    return BASIN_OK;
}

/* The mean of its partners is subtracted. A run without one is no evidence, nor is one of whose
 * partners the number is missing: those that are left would be chosen by their success. */
static void subtract_partners(const struct claim_axes *agreeing, const struct claim_runs *right,
                              struct claim_runs *left)
{
    for (size_t i = 0; i < left->count; i++) {
        double sum = 0;
        size_t partners = 0;
        for (size_t j = 0; j < right->count; j++) {
            if (!claim_agrees(agreeing, left->rows[i], right->rows[j])) continue;
            sum += right->x[j];
            partners++;
        }
        left->x[i] = partners ? left->x[i] - sum / (double)partners : NAN;
    }
}

/* ---- settings ---- */

struct judging {
    const struct expression_scope *scope;
    struct claim_runs runs;
    size_t *of, settings; /* of which setting each run is */
    struct claim_axes axes;
    const struct claim_runs *right; /* whose means are subtracted; NULL: none */
    struct claim_axes agreeing;     /* with runs of these */
    double *x, *other;              /* of the setting that is being judged */
};

static void gather_setting(const struct judging *judging, size_t which,
                           struct claim_setting *setting)
{
    const struct claim_runs *runs = &judging->runs, *right = judging->right;
    *setting = (struct claim_setting){.x = judging->x, .other = right ? judging->other : NULL};
    for (size_t i = 0; i < runs->count; i++) {
        if (judging->of[i] != which) continue;
        setting->row = runs->rows[i];
        if (isnan(runs->x[i]))
            setting->lacking++;
        else
            judging->x[setting->n++] = runs->x[i];
    }
    for (size_t j = 0; right && j < right->count; j++) {
        if (!claim_agrees(&judging->agreeing, setting->row, right->rows[j])) continue;
        if (isnan(right->x[j]))
            setting->lacking++;
        else
            judging->other[setting->other_n++] = right->x[j];
    }
}

/* "learning_rate = 0.1, width = 64": what tells a setting from the others of the claim. */
static basin_status name_setting(const struct judging *judging, const struct row *row,
                                 const char **name)
{
    const struct table *table = judging->scope->table;
    struct text text = {0};
    char number[32];
    for (size_t k = 0; k < judging->axes.count; k++) {
        int i = judging->axes.columns[k];
        const struct column *column = &table->columns[i];
        const struct cell *cell = &row->cells[i];
        if (column->replicates || column->implied || column->item ||
            claim_distinct(&judging->runs, (size_t)i) < 2)
            continue;
        const char *value = cell->kind == CELL_NUMBER    ? text_given(cell->number, number)
                            : cell->kind == CELL_BOOLEAN ? (cell->number ? "true" : "false")
                            : cell->kind == CELL_ABSENT  ? "null"
                            : cell->brief                ? cell->brief
                                                         : cell->text;
        text_format(&text, "%s%s = %s", text.length ? ", " : "", table_name(table, i, false),
                    value);
    }
    basin_status status = text_status(&text);
    *name = status == BASIN_OK ? arena_text(table->arena, text_data(&text)) : NULL;
    text_free(&text);
    return *name ? BASIN_OK : BASIN_MEMORY;
}

static bool is_worse(const struct claim_estimate *a, const struct claim_estimate *b)
{
    if (a->verdict != b->verdict) return a->verdict > b->verdict;
    return a->margin < b->margin;
}

static enum claim_verdict overall(const struct claim_row *row)
{
    if (row->counts[CLAIM_FAILS]) return CLAIM_FAILS;
    if (row->counts[CLAIM_NO_DATA] == row->settings) return CLAIM_NO_DATA;
    return row->counts[CLAIM_HOLDS] == row->settings ? CLAIM_HOLDS : CLAIM_UNDECIDED;
}

static size_t count_intervals(const struct judging *judging)
{
    size_t count = 0;
    for (size_t k = 0; k < judging->settings; k++) {
        size_t runs = 0;
        for (size_t i = 0; i < judging->runs.count; i++)
            runs += judging->of[i] == k && !isnan(judging->runs.x[i]);
        count += runs > 1;
    }
    return count ? count : 1;
}

static basin_status judge_settings(const struct judging *judging, const struct claim_band *band,
                                   struct claim_row *row)
{
    struct claim_estimate worst = {.mean = NAN, .low = NAN, .high = NAN};
    const struct row *where = NULL;
    double level = 1 - 0.05 / (double)count_intervals(judging);
    for (size_t k = 0; k < judging->settings; k++) {
        struct claim_setting setting;
        gather_setting(judging, k, &setting);
        struct claim_estimate estimate = claim_judge(&setting, band, level);
        row->counts[estimate.verdict]++;
        row->lacking += setting.lacking;
        if (where && !is_worse(&estimate, &worst)) continue;
        worst = estimate;
        where = setting.row;
    }
    row->settings = judging->settings;
    row->verdict = overall(row);
    row->mean = worst.mean;
    row->low = worst.low;
    row->high = worst.high;
    row->n = worst.n;
    return judging->settings > 1 ? name_setting(judging, where, &row->setting) : BASIN_OK;
}

/* What stands on the right are runs of their own: each is a partner, or all are a sample. */
static basin_status subtract_others(struct judging *judging, const struct parsed *parsed,
                                    struct claim_runs *right)
{
    const struct expression_scope *scope = judging->scope;
    bool *shared;
    TRY(choose(scope, parsed->other_where, right));
    TRY(number_runs(scope, parsed->other, right));
    TRY(claim_shared(scope->table, &judging->axes, &judging->runs, right, parsed->other_where,
                     &shared));
    bool pairs = claim_shares_seeds(scope->table, &judging->axes, shared) || !right->count;
    TRY(claim_agreeing(scope->table, &judging->axes, shared, pairs, &judging->agreeing));
    if (pairs)
        subtract_partners(&judging->agreeing, right, &judging->runs);
    else
        judging->right = right;
    return BASIN_OK;
}

static basin_status judge_numbers(const struct expression_scope *scope, const struct parsed *parsed,
                                  struct claim_row *row)
{
    struct judging judging = {.scope = scope};
    struct claim_runs right;
    struct arena *arena = scope->table->arena;
    TRY(claim_find_axes(scope->table, &judging.axes));
    TRY(choose(scope, parsed->where, &judging.runs));
    TRY(number_runs(scope, parsed->value, &judging.runs));
    TRY(claim_settings(scope->table, &judging.axes, &judging.runs, &judging.of, &judging.settings));
    if (parsed->other && !parsed->other_where)
        TRY(subtract_own(scope, parsed->other, &judging.runs));
    if (parsed->other_where) TRY(subtract_others(&judging, parsed, &right));
    judging.x = arena_array(arena, double, judging.runs.count + 1);
    judging.other = arena_array(arena, double, (judging.right ? right.count : 0) + 1);
    if (!judging.x || !judging.other) return BASIN_MEMORY;
    row->is_difference = parsed->other != NULL;
    row->runs = judging.runs.count + (judging.right ? right.count : 0);
    if (!judging.runs.count)
        row->reason = "there is no such run";
    else if (parsed->other_where && !right.count)
        row->reason = arena_format(arena, "there is no run where %s",
                                   side_of_claim(parsed->claim)->where.text);
    return judge_settings(&judging, &parsed->band, row);
}

/* ---- tau: a number for each seed ---- */

static struct claim_axes only_seeds(const struct table *table, struct claim_axes axes)
{
    size_t count = 0;
    for (size_t i = 0; i < axes.count; i++)
        if (table->columns[axes.columns[i]].replicates) axes.columns[count++] = axes.columns[i];
    return (struct claim_axes){axes.columns, count};
}

/* Moves the runs of the first run's seed to the front; how many they are. */
static size_t take_seed(const struct claim_axes *seeds, const struct row **rows, size_t count)
{
    size_t taken = 0;
    for (size_t i = 0; i < count; i++) {
        if (!claim_agrees(seeds, rows[0], rows[i])) continue;
        const struct row *row = rows[i];
        memmove(rows + taken + 1, rows + taken, (i - taken) * sizeof *rows);
        rows[taken++] = row;
    }
    return taken;
}

static basin_status judge_tau(const struct expression_scope *scope, const struct parsed *parsed,
                              struct claim_row *row)
{
    struct claim_runs runs;
    size_t count = 0, *of, settings;
    struct claim_axes axes;
    TRY(claim_find_axes(scope->table, &axes));
    TRY(choose(scope, parsed->where, &runs));
    TRY(claim_settings(scope->table, &axes, &runs, &of, &settings));
    axes = only_seeds(scope->table, axes);
    row->runs = runs.count;
    for (size_t i = 0; i < runs.count; i++)
        if (claim_is_result(scope->table, runs.rows[i])) runs.rows[count++] = runs.rows[i];
    row->lacking = runs.count - count;
    struct claim_setting setting = {.x = runs.x, .lacking = row->lacking};
    for (size_t at = 0; at < count;) {
        size_t taken = settings > 1 ? take_seed(&axes, runs.rows + at, count - at) : count;
        double tau;
        TRY(expression_over(scope, parsed->value, runs.rows + at, taken, &tau));
        if (isfinite(tau)) runs.x[setting.n++] = tau;
        at += taken;
    }
    struct claim_estimate estimate = claim_judge(&setting, &parsed->band, INTERVAL_LEVEL);
    row->verdict = estimate.verdict;
    row->counts[estimate.verdict] = row->settings = 1;
    row->mean = estimate.mean;
    row->low = estimate.low;
    row->high = estimate.high;
    row->n = estimate.n;
    return BASIN_OK;
}

/* ---- for the rooms above ---- */

/* "within [0.97, 1.15]", "below the same where weight_decay = 0, in runs where weight_decay = 0.03"
 */
static basin_status put_expected(struct arena *arena, const struct claim *claim, const char **out)
{
    char low[32], high[32];
    const struct claim_side *side = side_of_claim(claim);
    const char *bound =
        claim->within ? arena_format(arena, "within [%s, %s]", text_given(claim->low, low),
                                     text_given(claim->high, high))
                      : arena_format(arena, "%s %s%s%s", claim->above.given ? "above" : "below",
                                     side->value.text ? side->value.text : "the same",
                                     side->where.text ? " where " : "",
                                     side->where.text ? side->where.text : "");
    if (!bound) return BASIN_MEMORY;
    *out = claim->where.text ? arena_format(arena, "%s, in runs where %s", bound, claim->where.text)
                             : bound;
    return *out ? BASIN_OK : BASIN_MEMORY;
}

static basin_status judge_claim(struct expression_scope *scope, const struct claim *claim,
                                struct claim_row *row)
{
    struct parsed parsed;
    const struct claim_text *at;
    *row = (struct claim_row){.claim = claim->claim.text,
                              .value = claim->value.text,
                              .verdict = CLAIM_NO_DATA,
                              .mean = NAN,
                              .low = NAN,
                              .high = NAN};
    TRY(put_expected(scope->table->arena, claim, &row->expected));
    if (!scope->table->row_count) row->reason = "no run has a result yet";
    if (!scope->table->row_count) return BASIN_OK;
    basin_status status = parse_claim(scope, claim, &parsed, &at);
    if (status == BASIN_USAGE) {
        row->reason = arena_text(scope->table->arena, basin_error_last()->message);
        return row->reason ? BASIN_OK : BASIN_MEMORY;
    }
    TRY(status);
    return expression_type(parsed.value) == EXPRESSION_RUNS ? judge_tau(scope, &parsed, row)
                                                            : judge_numbers(scope, &parsed, row);
}

basin_status claims_judge(const struct table *table, const struct claim *claims, size_t count,
                          struct claim_row **out)
{
    struct expression_scope scope = {.table = table};
    struct claim_row *rows = arena_array(table->arena, struct claim_row, count + 1);
    basin_status status = rows ? curve_source_open(table, &scope.curves) : BASIN_MEMORY;
    for (size_t i = 0; i < count && status == BASIN_OK; i++)
        status = judge_claim(&scope, &claims[i], &rows[i]);
    curve_source_close(scope.curves);
    *out = rows;
    return status;
}

/* The mark of a byte of a text that stands in one line of the spec, with or without quotes. */
static struct mark mark_within(const struct claim_text *text, size_t place)
{
    struct mark mark = text->mark;
    int before = 0, all = 0;
    for (size_t i = 0; text->text[i]; i++) {
        bool begins = ((unsigned char)text->text[i] & 0xC0) != 0x80;
        before += begins && i < place;
        all += begins;
    }
    if (mark.width != all && mark.width != all + 2) return mark;
    mark.column += before + (mark.width == all + 2);
    mark.width = 1;
    return mark;
}

basin_status claims_check(const struct table *table, struct curve_source *curves,
                          const struct claim *claim, struct diagnostics *diagnostics)
{
    struct expression_scope scope = {.table = table, .curves = curves};
    struct parsed parsed;
    const struct claim_text *at;
    basin_status status = parse_claim(&scope, claim, &parsed, &at);
    if (status != BASIN_USAGE) return status;
    const basin_error *error = basin_error_last();
    diagnostics_add(diagnostics, mark_within(at, scope.place), "%s%s%s", error->message,
                    *error->hint ? "; " : "", error->hint);
    return BASIN_OK;
}
