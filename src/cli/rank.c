/* `basin rank DIR`: the table of the across-measure `rank`. */
#include <string.h>
#include "base/text.h"
#include "cli/command.h"
#include "cli/report.h"

enum { RANK_OPTIONS = 16 };

/* "a,b" as a list of texts. */
static void rank_put_names(struct text *out, const char *key, const char *names)
{
    if (!names) return;
    text_format(out, "%s%s: [", out->length > 7 ? ", " : "", key);
    for (const char *at = names; *at;) {
        size_t length = strcspn(at, ",");
        struct text name = {0};
        text_append_n(&name, at, length);
        if (at != names) text_append(out, ", ");
        text_json(out, text_data(&name));
        text_free(&name);
        at += length + (at[length] == ',');
    }
    text_append(out, "]");
}

/* The same command line for `basin table`. */
static void as_table(const struct arguments *arguments, const char *request, struct given *given,
                     struct arguments *table)
{
    static const char *const same[] = {"where", "format", "columns", "sort"};
    size_t count = 0;
    given[count++] = (struct given){"across", request};
    for (size_t i = 0; i < arguments->given_count && count < RANK_OPTIONS - 1; i++)
        for (size_t k = 0; k < sizeof same / sizeof *same; k++)
            if (strcmp(arguments->given[i].name, same[k]) == 0)
                given[count++] = arguments->given[i];
    if (!option_given(arguments, "columns") && !option_given(arguments, "format"))
        given[count++] = (struct given){
            "columns", "gap,measure,runs,kendall_tau,kendall_tau_low,kendall_tau_high,"
                       "granulated_kendall,conditional_mutual_information,sign_error,"
                       "sign_error_worst"};
    *table = *arguments;
    table->given = given;
    table->given_count = count;
}

static int rank(const struct arguments *arguments)
{
    struct given given[RANK_OPTIONS];
    struct arguments table;
    struct text request = {0};
    text_append(&request, "rank: {");
    rank_put_names(&request, "gap", option_value(arguments, "gap"));
    rank_put_names(&request, "measures", option_value(arguments, "measures"));
    text_append(&request, "}");
    if (text_status(&request) != BASIN_OK) return report_last();
    as_table(arguments, text_data(&request), given, &table);
    int exit_status = command_table.run(&table);
    text_free(&request);
    return exit_status;
}

static const struct option_row options[] = {
    {"gap", 0, "NAMES",
     "Numbers to predict, with commas between them, before accuracy_gap and loss_gap, which always "
     "follow."},
    {"measures", 'm', "NAMES",
     "Which numbers predict, as names or patterns with commas between them (default: all that are "
     "taken without the test set)."},
    {"where", 'w', "EXPRESSION", "Only the runs for which it is true, as for table."},
    {"columns", 'c', "NAMES", "Columns to show."},
    {"format", 'f', "FORMAT",
     "text, csv, json, markdown or latex; all but text have every column."},
    {0}};

static const char *const examples[] = {"basin rank results/study",
                                       "every measure against both gaps",
                                       "basin rank results/study -m 'hessian_*,margin_*' -f csv",
                                       "some measures, with every column", NULL};

const struct command command_rank = {
    .name = "rank",
    .usage = "DIR|SPEC|FILE... [OPTION]...",
    .summary = "say which measure predicts the generalisation gap",
    .details =
        "For every measure and both gaps: Kendall's tau over all finished runs with its bootstrap "
        "interval; granulated Kendall, the mean over the swept axes of the tau among runs that "
        "differ in one axis alone; conditional mutual information in percent, the least over pairs "
        "of axes (of a complete grid); and the sign error, mean and worst over environments. "
        "Beside "
        "them what a measure has to beat: noise, the number of parameters, and the gap itself with "
        "noise added. `basin explain rank` has the definitions and their sources; -f csv also has "
        "the interval of granulated Kendall, the tau of each axis and the worst environment. Why a "
        "number is absent (-) is said in numbered notes below the table.",
    .least = 1,
    .most = 1000,
    .options = options,
    .examples = examples,
    .run = rank};
