#include <string.h>
#include "analysis/across.h"
#include "analysis/findings.h"
#include "cli/command.h"
#include "cli/names.h"
#include "cli/report.h"
#include "run/quantities.h"
#include "spec/spec.h"
#include "train/quantities.h"

static void explain_put_head(struct text *out, const char *name)
{
    text_format(out, "%s%s", out->length ? "\n" : "", name);
}

static void put_facts(struct text *out, const struct quantity *quantity, const char *measure)
{
    if (quantity->definition) text_format(out, "  definition %s\n", quantity->definition);
    text_format(out, "  measure    %s\n", measure);
    if (*quantity->units) text_format(out, "  unit       %s\n", quantity->units);
    if (quantity->source) text_format(out, "  source     %s\n", quantity->source);
}

/* A number of the results: hessian_lambda_max, accuracy_gap. */
static bool put_quantity(const char *name, struct text *out)
{
    const struct entry *measure;
    const struct quantity *quantity = quantities_find(name, &measure);
    if (!quantity) return false;
    explain_put_head(out, name);
    text_format(out, " (a number in /measures and a column of `basin table`)\n  %s\n",
                quantity->long_name);
    if (*quantities_suffix(quantity, name))
        text_format(out, "  options    %s, where a study has the measure with several\n",
                    quantities_suffix(quantity, name));
    put_facts(out, quantity, measure ? measure->name : "none: training gives it");
    return true;
}

/* A column of /curves: batch_loss, test_bits_per_character. */
static bool put_curve(const char *name, struct text *out)
{
    for (int i = 0; i < CURVES; i++) {
        const struct train_quantity *curve = train_curve((enum curve_column)i);
        if (strcmp(curve->final.name, name) != 0) continue;
        explain_put_head(out, name);
        text_format(out, " (a curve in /curves%s)\n  %s\n  unit       %s\n",
                    curve->by_step ? " and /steps" : "", curve->curve, curve->final.units);
        return true;
    }
    return false;
}

/* An array of a measure: eigenvalue, trace_errors. */
static bool explain_put_arrays(const char *name, struct text *out)
{
    const struct entry *measure;
    const struct quantity *array;
    const char *group;
    size_t count = 0;
    for (; (array = quantities_find_array(name, count, &measure, &group)); count++) {
        explain_put_head(out, name);
        text_format(out, " (an array in /measures/%s)\n  %s\n", group, array->long_name);
        put_facts(out, array, measure->name);
    }
    return count > 0;
}

/* Words that results, tables and screens use about a run. */
static bool put_word(const char *name, struct text *out)
{
    static const struct {
        const char *word, *meaning;
    } words[] = {
        {"run_id", "The name of a run: 16 hexadecimal digits computed from its complete spec and "
                   "its data, the same on every machine. An attribute of the result file, and the "
                   "name of that file: runs/<run_id>.h5."},
        {"status",
         "An attribute of a result (finished or diverged), and a column of `basin table`."},
        {"diverged", "The status of a run whose loss became infinite or not a number. Its training "
                     "and its curves end there. It is a result, and is not trained again."},
        {"exploded", "A run that has finished, but whose training loss ended more than ten times "
                     "above that of the untrained network (and above 1). An attribute of its "
                     "result, and a column of `table` where a run has it; means leave such runs "
                     "apart."},
        {"converged", "An attribute of numbers that a search gives: 0 where it ended too early, at "
                      "max_iterations for example. Such numbers have a * in tables, and a column "
                      "NAME_converged in CSV and JSON."},
        {"failed", "A run that ended with an error and has no result. It is not tried again "
                   "without --retry failed, unless disk space, data or memory were missing: then "
                   "the next `basin run` tries it again."},
        {"suspect",
         "A run that was in progress when a process crashed. The next `basin run` trains it "
         "alone."},
        {"quarantined", "A suspect that crashed the process repeatedly while it was trained alone. "
                        "It is not tried again without --retry failed."}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].word, name) != 0) continue;
        explain_put_head(out, name);
        text_format(out, " (of a run)\n  %s\n", words[i].meaning);
        return true;
    }
    return false;
}

/* The results of a measure, found by its own name or by that of the group of its arrays. */
static bool put_results(const char *name, struct text *out)
{
    for (const struct entry *const *entry = measure_registry.entries; *entry; entry++) {
        const struct measure *measure = (*entry)->implementation;
        bool is_group = measure->arrays && strcmp(quantities_group(*entry), name) == 0;
        bool is_one =
            !measure->arrays && !measure->quantities[1].name; /* put_quantity has printed it */
        if ((strcmp((*entry)->name, name) != 0 && !is_group) || is_one) continue;
        explain_put_head(out, name);
        text_format(out, " (results of the measure %s)\n", (*entry)->name);
        for (const struct quantity *quantity = measure->quantities; quantity->name; quantity++)
            text_format(out, "  %-20s %s\n", quantity->name, quantity->long_name);
        for (const struct quantity *const *array = measure->arrays; array && *array; array++)
            text_format(out, "  %-20s array in /measures/%s: %s\n", (*array)->name,
                        quantities_group(*entry), (*array)->long_name);
        return true;
    }
    return false;
}

/* The columns that a measure over runs gives. */
static void put_across(const char *name, struct text *out)
{
    const struct entry *entry = registry_find(&across_registry, name);
    if (!entry) return;
    const struct across_measure *across = entry->implementation;
    explain_put_head(out, name);
    text_format(out, " (columns of `basin table DIR --across %s`)\n", name);
    for (const struct quantity *column = across->columns; column->name; column++)
        text_format(out, "  %-20s %s%s%s\n", column->name, column->long_name,
                    column->definition ? ": " : "", column->definition ? column->definition : "");
}

/* A column that measures over runs give: nll, ambiguity. */
static void put_across_column(const char *name, struct text *out)
{
    for (const struct entry *const *entry = across_registry.entries; *entry; entry++) {
        const struct across_measure *across = (*entry)->implementation;
        for (const struct quantity *column = across->columns; column->name; column++) {
            if (strcmp(column->name, name) != 0) continue;
            explain_put_head(out, name);
            text_format(out, " (a column of `basin table DIR --across %s`)\n  %s\n", (*entry)->name,
                        column->long_name);
            put_facts(out, column, (*entry)->name);
        }
    }
}

enum { NAMES_MOST = 256 };

static size_t add_names(const struct quantity *quantity, const char **names, size_t count)
{
    for (; quantity->name && count < NAMES_MOST; quantity++) names[count++] = quantity->name;
    return count;
}

static void suggest_result(const char *wrong)
{
    const char *names[NAMES_MOST];
    size_t count = 0;
    for (const struct train_quantity *each = train_quantities; each->final.name; each++)
        if (count < NAMES_MOST) names[count++] = each->final.name;
    for (const struct entry *const *entry = measure_registry.entries; *entry; entry++) {
        const struct measure *measure = (*entry)->implementation;
        count = add_names(measure->quantities, names, count);
        for (const struct quantity *const *array = measure->arrays;
             array && *array && count < NAMES_MOST; array++)
            names[count++] = (*array)->name;
    }
    const char *nearest = text_nearest(wrong, names, count);
    bool is_typing = nearest && text_distance(wrong, nearest) <= 2;
    if (nearest && (is_typing || !basin_error_last()->hint[0]))
        error_hint("did you mean \"%s\"?", nearest);
    if (!basin_error_last()->hint[0])
        error_hint("`basin list` prints all names, and `basin explain training` the keys of a "
                   "block; the blocks are dataset, architecture, regularizers, training, evaluate, "
                   "measures, weights, checkpoint, sweep");
}

static int explain(const struct arguments *arguments)
{
    const char *name = arguments->positional[0];
    struct text out = {0}, spec = {0};
    put_quantity(name, &out);
    put_curve(name, &out);
    explain_put_arrays(name, &out);
    bool found = schema_explain(findings_schema(), named_registries(), name, &spec) == BASIN_OK;
    if (found) explain_put_head(&out, text_data(&spec));
    if (spec.failed) out.failed = true;
    text_free(&spec);
    put_results(name, &out);
    put_across(name, &out);
    put_across_column(name, &out);
    put_word(name, &out);
    if (found || out.length > 0) return report_prose(&out, 0);
    text_free(&out);
    suggest_result(name);
    return report_last();
}

static const char *const examples[] = {"basin explain training.optimizer.learning_rate",
                                       "type, range, default, meaning",
                                       "basin explain lr",
                                       "short names work too",
                                       "basin explain hessian_top",
                                       "a measure and its options",
                                       "basin explain accuracy_gap",
                                       "a number of the results and its definition",
                                       "basin explain conv.padding",
                                       "a key of a layer",
                                       "basin explain batch_loss",
                                       "a curve",
                                       NULL};

const struct command command_explain = {
    .name = "explain",
    .usage = "KEY",
    .summary = "explain a key of a spec, a name in it, or a number of the results",
    .least = 1,
    .most = 1,
    .examples = examples,
    .run = explain};
