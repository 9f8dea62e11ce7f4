#include "cli/command.h"
#include "cli/report.h"
#include "spec/spec.h"
#include "study/finals.h"
#include "study/schema.h"

/* A number of the results: hessian_lambda_max, accuracy_gap. */
static bool put_quantity(const char *name, struct text *out)
{
    const struct entry *measure;
    const struct quantity *quantity = finals_find(name, &measure);
    if (!quantity) return false;
    text_format(out, "%s%s (a number in /measures, and a column of table)\n  %s\n", out->length ? "\n" : "", name,
                quantity->long_name);
    if (quantity->definition) text_format(out, "  definition %s\n", quantity->definition);
    text_format(out, "  measure    %s\n  unit       %s\n", measure ? measure->name : "none: every run has it", quantity->units);
    if (quantity->source) text_format(out, "  source     %s\n", quantity->source);
    return true;
}

enum { NAMES_MOST = 256 };

static size_t add_names(const struct quantity *quantity, const char **names, size_t count)
{
    for (; quantity->name && count < NAMES_MOST; quantity++) names[count++] = quantity->name;
    return count;
}

static void suggest_quantity(const char *wrong)
{
    const char *names[NAMES_MOST];
    size_t count = add_names(final_quantities, names, 0);
    for (const struct entry *const *entry = measure_registry.entries; *entry; entry++)
        count = add_names(((const struct measure *)(*entry)->implementation)->quantities, names, count);
    const char *nearest = text_nearest(wrong, names, count);
    if (nearest) error_hint("did you mean \"%s\"?", nearest);
}

static int explain(const struct arguments *arguments)
{
    struct text out = {0};
    bool found = put_quantity(arguments->positional[0], &out);
    if (schema_explain(study_schema, study_registries, arguments->positional[0], &out) == BASIN_OK || found)
        return report_prose(&out, 0);
    text_free(&out);
    if (!basin_error_last()->hint[0]) suggest_quantity(arguments->positional[0]);
    return report_last();
}

static const char *const examples[] = {"basin explain training.optimizer.learning_rate",
                                       "type, range, default, meaning",
                                       "basin explain lr",
                                       "short names are understood",
                                       "basin explain hessian_top",
                                       "a measure and its options",
                                       "basin explain accuracy_gap",
                                       "a number of the results, and how it is defined",
                                       NULL};

const struct command command_explain = {.name = "explain",
                                        .usage = "KEY",
                                        .summary = "explain a key of the spec language, or a thing that it names",
                                        .least = 1,
                                        .most = 1,
                                        .examples = examples,
                                        .run = explain};
