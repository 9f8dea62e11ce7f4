#include <unistd.h>
#include "cli/command.h"
#include "cli/report.h"
#include "cli/request.h"

static int check_one(const struct arguments *arguments, const char *spec)
{
    struct study *study;
    struct text line = {0};
    int exit_status = request_study(arguments, spec, false, &study);
    if (exit_status == 0) {
        request_warn(study);
        text_format(&line, "%s: study %s, %zu run%s, ", spec, study->spec->name, study->run_count,
                    study->run_count == 1 ? "" : "s");
        size_t excluded = study->spec->excluded;
        if (excluded)
            text_format(&line, "%zu combination%s left out by sweep.exclude, ", excluded,
                        excluded == 1 ? "" : "s");
        text_append(&line, "no errors\n");
        request_data(study, "  ", &line);
        exit_status =
            report_is_terminal(STDOUT_FILENO) ? report_prose(&line, 0) : report_output(&line, 0);
    }
    study_close(study);
    return exit_status;
}

static int check_command(const struct arguments *arguments)
{
    int worst = 0;
    for (size_t i = 0; i < arguments->count; i++) {
        int exit_status = check_one(arguments, arguments->positional[i]);
        if (exit_status > worst) worst = exit_status;
    }
    return worst;
}

static const struct option_row options[] = {
    {"set", 0, "KEY=VALUE", "Override a value of the spec. May be repeated."},
    {"max-runs", 0, "N", "Refuse a sweep with more than N runs (default 100000)."},
    {0}};

static const char *const examples[] = {"basin check study.yaml", "report every error in the file",
                                       "basin check experiments/*.yaml", "check several files",
                                       NULL};

const struct command command_check = {
    .name = "check",
    .usage = "SPEC... [OPTION]...",
    .summary = "validate specs, and the data they name, without training",
    .details = "Every error is shown with file, line and column. Exit status: 0 no "
               "errors, 2 wrong spec, 3 missing or wrong data.",
    .least = 1,
    .most = 100000,
    .options = options,
    .examples = examples,
    .run = check_command};
