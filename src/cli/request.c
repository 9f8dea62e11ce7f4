#include "cli/request.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "analysis/across_study.h"
#include "analysis/claims_study.h"
#include "analysis/findings.h"
#include "analysis/plots_study.h"
#include "cli/report.h"
#include "folder/folder.h"
#include "run/machine.h"
#include "study/scheduler.h"

static int open_study(const struct study_request *request, struct study **study)
{
    basin_status status = study_open(request, study);
    if (status == BASIN_OK) status = across_check_study(*study, &(*study)->diagnostics);
    if (status == BASIN_OK) status = claims_check_study(*study, &(*study)->diagnostics);
    if (status == BASIN_OK) status = plots_check_study(*study, &(*study)->diagnostics);
    if (status == BASIN_OK) return 0;
    return report_spec(status, *study ? &(*study)->diagnostics : NULL);
}

/* "2/5" */
static basin_status read_shard(const struct arguments *arguments, struct study_request *request)
{
    const char *text = option_value(arguments, "shard");
    char *end = NULL;
    if (!text) return BASIN_OK;
    long shard = strtol(text, &end, 10),
         shards = end != text && *end == '/' ? strtol(end + 1, &end, 10) : 0;
    if (*end == 0 && shard >= 1 && shard <= shards && shards <= 10000) {
        request->shard = (size_t)shard;
        request->shards = (size_t)shards;
        return BASIN_OK;
    }
    error_raise(BASIN_USAGE, "--shard is \"%s\", but it must be I/N with I from 1 to N", text);
    error_hint("as --shard 2/5 for the second of five parts");
    return BASIN_USAGE;
}

static basin_status read_intentions(const struct arguments *arguments,
                                    struct study_request *request)
{
    const char *retry = option_value(arguments, "retry");
    long most = 0;
    request->retry = retry && strcmp(retry, "failed") == 0;
    request->trust = retry && strcmp(retry, "crashed") == 0;
    if (retry && !request->retry && !request->trust) {
        error_raise(BASIN_USAGE, "--retry is \"%s\", but it must be failed or crashed", retry);
        error_hint("failed: runs that failed or are quarantined; crashed: ignore earlier crashes; "
                   "--force trains finished runs again");
        return BASIN_USAGE;
    }
    request->force = option_given(arguments, "force");
    TRY(option_number(arguments, "max-runs", 100000000, &most));
    request->most_runs = (size_t)most;
    TRY(request_memory(arguments, NULL, &request->memory));
    return read_shard(arguments, request);
}

int request_study(const struct arguments *arguments, const char *spec, bool look,
                  struct study **study)
{
    *study = NULL;
    const char **sets = memory_allocate((arguments->given_count + 1) * sizeof *sets);
    if (!sets) return report_last();
    struct study_request request = {.schema = findings_schema(),
                                    .file = spec,
                                    .folder = option_value(arguments, "output"),
                                    .sets = sets,
                                    .look = look,
                                    .cached = look && arguments->command != &command_run};
    request.set_count = option_values(arguments, "set", sets);
    int exit_status = read_intentions(arguments, &request) == BASIN_OK ? open_study(&request, study)
                                                                       : report_last();
    memory_free(sets);
    return exit_status;
}

/* 1024 to the power that a unit stands for: "", B, K, M, G, T, each also as KB and KiB; 0 for
 * anything else. */
static double unit_of(const char *unit)
{
    static const char letters[] = "KMGT";
    if (*unit == 0 || strcmp(unit, "B") == 0) return 1;
    const char *letter = strchr(letters, *unit >= 'a' ? *unit - 'a' + 'A' : *unit);
    if (!letter || (unit[1] && strcmp(unit + 1, "B") != 0 && strcmp(unit + 1, "iB") != 0)) return 0;
    return pow(1024, (double)(letter - letters + 1));
}

basin_status request_memory(const struct arguments *arguments, const struct study *study,
                            double *bytes)
{
    const char *text = option_value(arguments, "memory");
    *bytes = study ? scheduler_default_memory(study) : 0.8 * machine_memory();
    if (!text) return BASIN_OK;
    const char *end = text + strspn(text, "0123456789.");
    char *read;
    double number = end > text ? strtod(text, &read) : 0;
    if (number > 0 && read != end) number = 0; /* 1.2.3, 0x10, 1e9 */
    bool percent = number > 0 && strcmp(end, "%") == 0;
    double unit = percent ? *bytes / 80 : number > 0 ? unit_of(end) : 0;
    if (unit > 0 && isfinite(number) && !(percent && number > 100) && number * unit >= 1) {
        *bytes = number * unit;
        return BASIN_OK;
    }
    error_raise(BASIN_USAGE, "--memory is \"%s\", but it must be a size or a percentage", text);
    error_hint("as 4G, 500M, or 80%% of what is available");
    return BASIN_USAGE;
}

/* "1d", "1h30m", "90m", "3600": numbers with units, the largest first; one number alone is seconds.
 * -1 for anything else. */
static double time_in_units(const char *text)
{
    static const char units[] = "dhms";
    static const double seconds[] = {86400, 3600, 60, 1};
    double sum = 0;
    size_t next = 0;
    if (text[strspn(text, "0123456789.dhms")]) return -1; /* no 0x10, no 1e3 */
    for (const char *at = text; *at || at == text;) {
        char *end;
        if (*at != '.' && (*at < '0' || *at > '9')) return -1;
        double number = strtod(at, &end);
        size_t unit = *end ? strcspn(units, (char[]){*end, 0}) : 3;
        bool is_bare = !*end && at != text;
        if (unit < next || unit > 3 || is_bare) return -1;
        sum += number * seconds[unit];
        next = unit + 1;
        at = *end ? end + 1 : end;
    }
    return sum;
}

/* "2:30:00", "1-12:00:00", as batch systems write it: [days-]hours:minutes:seconds. */
static double time_of_clock(const char *text)
{
    int days = 0, hours, minutes, seconds, length = 0;
    if (text[strspn(text, "0123456789:-")]) return -1;
    const char *dash = strchr(text, '-');
    if (dash && (sscanf(text, "%6d-%n", &days, &length) != 1 || text + length != dash + 1))
        return -1;
    if (sscanf(text + length, "%6d:%2d:%2d%n", &hours, &minutes, &seconds, &length) != 3) return -1;
    const char *clock = dash ? dash + 1 : text;
    if (clock[length] || days < 0 || hours < 0 || minutes < 0 || minutes > 59 || seconds < 0 ||
        seconds > 59)
        return -1;
    return 86400.0 * days + 3600.0 * hours + 60.0 * minutes + seconds;
}

basin_status request_time(const struct arguments *arguments, double *seconds)
{
    const char *text = option_value(arguments, "time-limit");
    *seconds = 0;
    if (!text) return BASIN_OK;
    *seconds = strchr(text, ':') ? time_of_clock(text) : time_in_units(text);
    if (*seconds > 0 && *seconds < 1e9) return BASIN_OK;
    error_raise(BASIN_USAGE, "--time-limit is \"%s\", but it must be a time", text);
    error_hint("as 90m, 1h30m, 2d, 3600 (seconds) or 1-12:00:00 (days-hours:minutes:seconds)");
    return BASIN_USAGE;
}

static bool is_visible(const char *word)
{
    struct text escaped = {0};
    text_escape(&escaped, word);
    bool same = !escaped.failed && strcmp(text_data(&escaped), word) == 0;
    text_free(&escaped);
    return same;
}

static void quote_bytes(struct text *out, const char *word)
{
    text_append(out, "$'");
    for (; *word; word++) {
        unsigned char c = (unsigned char)*word;
        if (c == '\'' || c == '\\')
            text_format(out, "\\%c", c);
        else if (c < 0x20 || c >= 0x7F)
            text_format(out, "\\x%02x", c);
        else
            text_append_n(out, word, 1);
    }
    text_append(out, "'");
}

void request_quote(struct text *out, const char *word)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=,@%+-";
    if (*word && strspn(word, plain) == strlen(word)) {
        text_append(out, word);
        return;
    }
    if (!is_visible(word)) {
        quote_bytes(out, word);
        return;
    }
    text_append(out, "'");
    for (; *word; word++) {
        if (*word == '\'')
            text_append(out, "'\\''");
        else
            text_append_n(out, word, 1);
    }
    text_append(out, "'");
}

/* Does the option describe the study and how it is trained, not what one call does? */
static bool is_of_study(const char *option)
{
    static const char *const names[] = {"set", "jobs", "memory", "max-runs"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(option, names[i]) == 0) return true;
    return false;
}

void request_options(const struct arguments *arguments, bool of_study, struct text *out)
{
    for (size_t i = 0; i < arguments->given_count; i++) {
        const struct given *given = &arguments->given[i];
        if (strcmp(given->name, "output") == 0 || (of_study && !is_of_study(given->name))) continue;
        text_append(out, strcmp(given->name, "jobs") == 0 ? " -j" : " --");
        if (strcmp(given->name, "jobs") != 0) text_append(out, given->name);
        if (!given->value) continue;
        text_append(out, " ");
        request_quote(out, given->value);
    }
}

/* ---- options of a journal ---- */

/* What stands in $'...' at `at`, behind the opening quote; returns what follows the closing one, or
 * NULL where there is none. */
static const char *take_quoted_bytes(const char *at, struct text *word)
{
    for (; *at && *at != '\''; at++) {
        char c = *at;
        if (c == '\\' && at[1] == 'x') {
            char digits[3] = {at[2], at[2] ? at[3] : 0, 0};
            c = (char)strtoul(digits, NULL, 16);
            at += strnlen(digits, 2) + 1;
        } else if (c == '\\' && at[1]) {
            c = *++at;
        }
        text_append_n(word, &c, 1);
    }
    return *at ? at + 1 : NULL;
}

/* The next word, as a shell puts it together from quoted and bare parts; returns what follows it,
 * or NULL where a quote is not closed. */
static const char *take_shell_word(const char *at, struct text *word)
{
    word->length = 0;
    while (at && *at && *at != ' ') {
        if (*at == '\'') {
            size_t length = strcspn(at + 1, "'");
            text_append_n(word, at + 1, length);
            at = at[1 + length] ? at + length + 2 : NULL;
        } else if (at[0] == '$' && at[1] == '\'') {
            at = take_quoted_bytes(at + 2, word);
        } else {
            at += *at == '\\' && at[1];
            text_append_n(word, at++, 1);
        }
    }
    return at;
}

static bool is_option_of_study(const char *word)
{
    return strcmp(word, "-j") == 0 || (strncmp(word, "--", 2) == 0 && is_of_study(word + 2));
}

/* Options and values by turns; false where something else is there. */
static bool quote_arguments(struct text *out, const char *at)
{
    struct text word = {0};
    bool is_value = false, good = true;
    while (at && good && *(at += strspn(at, " "))) {
        at = take_shell_word(at, &word);
        good = at && !word.failed && strlen(text_data(&word)) == word.length &&
               (is_value || is_option_of_study(text_data(&word)));
        if (!good) break;
        text_append(out, " ");
        request_quote(out, text_data(&word));
        is_value = !is_value;
    }
    text_free(&word);
    return good && at && !is_value;
}

bool request_put_arguments(struct text *out, const char *arguments)
{
    struct text quoted = {0};
    bool good = quote_arguments(&quoted, arguments);
    if (good) text_append(out, text_data(&quoted));
    text_free(&quoted);
    return good;
}

/* "0123456789abcdef (seed=1), ..." of the runs that are picked; a few, and how many more. */
static size_t list_runs(const struct study *study, bool (*picked)(const struct study_run *run),
                        struct text *out)
{
    enum { LISTED = 8 };
    size_t count = 0;
    for (size_t i = 0; i < study->run_count; i++) {
        if (!picked(&study->runs[i]) || count++ >= LISTED) continue;
        text_format(out, "%s%s", count > 1 ? ", " : "", study->runs[i].id);
    }
    if (count > LISTED) text_format(out, " and %zu more", count - LISTED);
    return count;
}

static bool is_suspect(const struct study_run *run)
{
    return run->known.suspect && study_run_todo(run);
}

static bool is_quarantined(const struct study_run *run)
{
    return run->state == RUN_QUARANTINED;
}

static void warn_of_crashes(const struct study *study)
{
    struct text suspects = {0}, quarantined = {0};
    size_t count = list_runs(study, is_suspect, &suspects);
    if (count)
        report_message("note: %zu run%s in progress when a process crashed and will be trained "
                       "last, one at a time: %s (after a power cut use --retry crashed)",
                       count, count == 1 ? " was" : "s were", text_data(&suspects));
    count = list_runs(study, is_quarantined, &quarantined);
    if (count)
        report_message("warning: %zu run%s quarantined because %s crashed the process repeatedly "
                       "while trained alone: %s; --retry failed tries again",
                       count, count == 1 ? " is" : "s are", count == 1 ? "it" : "they",
                       text_data(&quarantined));
    text_free(&suspects);
    text_free(&quarantined);
}

void request_count(const struct study *study, struct text *out)
{
    if (study->shards) text_format(out, "%zu of ", study->run_count);
    text_format(out, "%zu run%s", study->whole, study->whole == 1 ? "" : "s");
    if (study->shards) text_format(out, " (shard %zu/%zu)", study->shard, study->shards);
}

/* Which measures, and how their options differ: each way that occurs once, as far as it goes. */
static void warn_of_other_measures(const struct study *study, size_t count)
{
    enum { LISTED = 3 };
    const char *seen[LISTED];
    struct text ways = {0};
    size_t known = 0;
    for (size_t i = 0; i < study->run_count && known <= LISTED; i++) {
        const char *way = study->runs[i].other_measures;
        size_t at = 0;
        while (way && at < known && strcmp(seen[at], way) != 0) at++;
        if (!way || at < known) continue;
        text_append(&ways, known ? "; " : "");
        text_append(&ways, known < LISTED ? way : "...");
        if (known++ < LISTED) seen[known - 1] = way;
    }
    report_message("note: %zu finished run%s measures that were taken with other options than the "
                   "spec's: %s; they are kept unchanged (use -o DIR to measure in another folder)",
                   count, count == 1 ? " has" : "s have", text_data(&ways));
    text_free(&ways);
}

void request_warn_of_journals(const struct journal_skipped *skipped)
{
    for (size_t i = 0; i < skipped->count; i++)
        report_message("warning: %s; what this journal says is left out", skipped->messages[i]);
}

/* Appends a line that is not in the text yet. */
static void put_once(struct text *out, const char *line, size_t length)
{
    for (const char *at = text_data(out); *at; at += strcspn(at, "\n") + 1)
        if (strncmp(at, line, length) == 0 && at[length] == '\n') return;
    text_append_n(out, line, length);
    text_append(out, "\n");
}

void request_data(const struct study *study, const char *indent, struct text *out)
{
    struct text lines = {0};
    for (size_t i = 0; i < study->view_count; i++) {
        struct text line = {0};
        data_summary(study->views[i], &line);
        put_once(&lines, text_data(&line), line.length);
        if (line.failed) out->failed = true;
        text_free(&line);
    }
    for (const char *at = text_data(&lines); *at; at += strcspn(at, "\n") + 1) {
        text_format(out, "%sdata: ", indent);
        text_append_n(out, at, strcspn(at, "\n") + 1);
    }
    if (study->has_more_views) text_format(out, "%sdata: and others\n", indent);
    if (lines.failed) out->failed = true;
    text_free(&lines);
}

/* What may be a mistake in the data. */
static void warn_of_data(const struct study *study)
{
    struct text lines = {0};
    for (size_t i = 0; i < study->view_count; i++) {
        struct text notes = {0};
        data_notes(study->views[i], &notes);
        for (const char *at = text_data(&notes); *at; at += strcspn(at, "\n") + 1)
            put_once(&lines, at, strcspn(at, "\n"));
        text_free(&notes);
    }
    for (const char *at = text_data(&lines); *at; at += strcspn(at, "\n") + 1) {
        struct text line = {0};
        text_append_n(&line, at, strcspn(at, "\n"));
        report_message("note: data: %s", text_data(&line));
        text_free(&line);
    }
    text_free(&lines);
}

void request_warn(const struct study *study)
{
    char path[FOLDER_PATH];
    size_t other = 0, weightless = 0, unusable = 0;
    for (size_t i = 0; i < study->run_count; i++) {
        other += study->runs[i].other_measures != NULL;
        weightless += study->runs[i].lacks_weights;
        unusable += study->runs[i].known.unusable != NULL;
    }
    warn_of_data(study);
    if (weightless)
        report_message("note: %zu finished run%s some of the weights that the spec asks for and %s "
                       "kept unchanged (--force trains again, -o DIR in another folder)",
                       weightless, weightless == 1 ? " lacks" : "s lack",
                       weightless == 1 ? "is" : "are");
    if (unusable)
        report_message("note: %zu run%s from the beginning because the checkpoint%s cannot be used "
                       "(`basin plan` says why)",
                       unusable, unusable == 1 ? " starts" : "s start", unusable == 1 ? "" : "s");
    if (other) warn_of_other_measures(study, other);
    if (study->origin && study->run_count == 1 && strcmp(study->origin, study->runs[0].id) != 0)
        report_message("note: this spec comes from run %s but describes run %s: the data set or a "
                       "value has changed since",
                       study->origin, study->runs[0].id);
    if (study->foreign)
        report_message("note: %zu result%s made by another build or format, on another CPU or with "
                       "other kernels of the libraries, and %s kept unchanged; --force replaces "
                       "results",
                       study->foreign, study->foreign == 1 ? " was" : "s were",
                       study->foreign == 1 ? "is" : "are");
    size_t failed = study->count[RUN_FAILED] - study->unreadable;
    if (failed)
        report_message(
            "note: %zu run%s failed earlier and %s not tried again without --retry failed", failed,
            failed == 1 ? "" : "s", failed == 1 ? "is" : "are");
    if (study->unreadable)
        report_message("warning: %zu result%s cannot be read; %s left out", study->unreadable,
                       study->unreadable == 1 ? "" : "s",
                       study->unreadable == 1 ? "its run is" : "their runs are");
    request_warn_of_journals(&study->skipped);
    warn_of_crashes(study);
    if (study->merged)
        report_message("note: %zu of the spec's %zu runs %s; equal runs are trained once",
                       study->merged, study->spec->run_count + study->spec->merged,
                       study->merged == 1 ? "equals another" : "equal others");
    for (size_t i = 0; i < study->spec->note_count; i++)
        report_message("note: %s", study->spec->notes[i]);
    for (size_t i = 0; i < study->note_count; i++) report_message("note: %s", study->notes[i]);
    for (size_t i = 0; i < study->run_count; i++)
        if (study->runs[i].state == RUN_DAMAGED)
            report_message(
                "warning: %s is damaged; it will be kept as *.damaged and the run trained again",
                folder_run_file(study->folder, study->runs[i].id, path));
}

bool request_is_spec(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0) &&
           folder_file_exists(name);
}

const char *request_folder(const char *name, struct arena *arena)
{
    struct diagnostics diagnostics;
    struct spec *spec;
    struct study_request request = {.file = name, .schema = findings_schema()};
    diagnostics_start(&diagnostics, arena);
    if (!request_is_spec(name) || study_read_spec(arena, &request, &diagnostics, &spec) != BASIN_OK)
        return name;
    const char *folder = arena_format(arena, "results/%s", spec->name);
    return folder ? folder : name;
}
