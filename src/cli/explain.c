#include "cli/command.h"
#include "cli/report.h"
#include "spec/spec.h"
#include "study/schema.h"

static int explain(const struct arguments *arguments)
{
    struct text out = {0};
    if (schema_explain(study_schema, study_registries, arguments->positional[0], &out) == BASIN_OK)
        return report_prose(&out, 0);
    text_free(&out);
    return report_last();
}

static const char *const examples[] = {"basin explain training.optimizer.learning_rate",
                                       "type, range, default, meaning",
                                       "basin explain lr",
                                       "short names are understood",
                                       "basin explain hessian_top",
                                       "a measure and its options",
                                       NULL};

const struct command command_explain = {.name = "explain",
                                        .usage = "KEY",
                                        .summary = "explain a key of the spec language, or a thing that it names",
                                        .least = 1,
                                        .most = 1,
                                        .examples = examples,
                                        .run = explain};
