
#include "analysis/findings.h"
#include "cli/command.h"
#include "cli/report.h"
#include "spec/spec.h"

static int schema(const struct arguments *arguments)
{
    struct text out = {0};
    (void)arguments;
    if (schema_json(findings_schema(), &out) == BASIN_OK) return report_json(&out, 0);
    text_free(&out);
    return report_last();
}

static const char *const examples[] = {
    "basin schema > basin.schema.json",
    "completion and checks in an editor, for specs whose first line is\n"
    "      # yaml-language-server: $schema=basin.schema.json",
    NULL};

const struct command command_schema = {.name = "schema",
                                       .usage = "",
                                       .summary = "print the JSON Schema of the spec language",
                                       .examples = examples,
                                       .run = schema};
