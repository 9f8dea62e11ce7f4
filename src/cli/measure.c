#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "cli/command.h"
#include "cli/print.h"
#include "cli/report.h"
#include "cli/request.h"
#include "cli/signals.h"
#include "folder/folder.h"
#include "run/machine.h"
#include "run/remeasure.h"
#include "study/team.h"

/* All files, and what came of them so far. `lock` guards what changes. */
struct measuring {
    struct remeasure wanted;
    struct data_store *store;
    const char **files;
    size_t count, next, ended;
    size_t measured, kept, failed;
    int jobs;
    double limit, taken; /* bytes, without the data */
    size_t inside;       /* files that have been admitted */
    pthread_mutex_t lock;
    pthread_cond_t left;
};

static double measure_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* ---- memory ---- */

/* What this thread has been admitted with. */
static _Thread_local size_t measure_admitted;

/* Waits until there is memory for a file beside the others; one alone is never kept waiting. */
static void measure_admit(void *context, size_t bytes, size_t *keep)
{
    struct measuring *all = context;
    pthread_mutex_lock(&all->lock);
    double limit = all->limit - (double)data_store_bytes(all->store);
    while (all->inside && all->taken + (double)bytes > limit && !signals_stop)
        pthread_cond_wait(&all->left, &all->lock);
    double spare = limit / all->jobs - (double)bytes;
    if ((double)*keep > spare) *keep = spare > 0 ? (size_t)spare : 0;
    measure_admitted = bytes + *keep;
    all->taken += (double)measure_admitted;
    all->inside++;
    pthread_mutex_unlock(&all->lock);
}

/* With the lock. */
static void measure_leave(struct measuring *all)
{
    if (!measure_admitted) return;
    all->taken -= (double)measure_admitted;
    all->inside--;
    measure_admitted = 0;
    pthread_cond_broadcast(&all->left);
}

/* ---- a file ---- */

static void describe_measured(const struct remeasure_outcome *outcome, struct text *line)
{
    if (outcome->added)
        text_format(line, "  %d measure%s added: %s", outcome->added, outcome->added > 1 ? "s" : "",
                    outcome->added_names);
    if (outcome->replaced) text_format(line, "  taken again: %s", outcome->replaced_values);
    if (*outcome->kept) text_format(line, "  kept: %s", outcome->kept);
    if (!outcome->added && !outcome->replaced && !*outcome->kept)
        text_append(line, "  has all of them");
    if (strcmp(outcome->status, "diverged") == 0) text_append(line, "  diverged");
}

static void measure_report(struct measuring *all, const char *file, basin_status status,
                           const struct remeasure_outcome *outcome, double seconds)
{
    struct text line = {0};
    char time[32];
    text_format(&line, "[%zu/%zu] ", all->ended, all->count);
    text_escape(&line, file);
    if (status == BASIN_OK)
        describe_measured(outcome, &line);
    else
        text_format(&line, "  failed: %s", basin_error_last()->message);
    text_format(&line, "  %s", print_seconds(seconds, time));
    if (!line.failed) report_message("%s", text_data(&line));
    if (status != BASIN_OK && basin_error_last()->hint[0])
        report_message("  hint: %s", basin_error_last()->hint);
    text_free(&line);
}

static void measure_conclude(struct measuring *all, const char *file, basin_status status,
                             const struct remeasure_outcome *outcome, double seconds)
{
    pthread_mutex_lock(&all->lock);
    measure_leave(all);
    if (status != BASIN_INTERRUPTED) {
        all->ended++;
        all->failed += status != BASIN_OK;
        all->measured += status == BASIN_OK && (outcome->added || outcome->replaced);
        all->kept += status == BASIN_OK && *outcome->kept;
        measure_report(all, file, status, outcome, seconds);
    }
    pthread_mutex_unlock(&all->lock);
}

static void measure_file(struct measuring *all, const char *file)
{
    const struct run_terms terms = {.stop = &signals_stop};
    struct remeasure_outcome outcome = {.status = "", .kept = ""};
    struct arena *arena = NULL;
    double began = measure_now();
    basin_status status = arena_create(&arena);
    if (status == BASIN_OK)
        status = remeasure_file(&all->wanted, file, all->store, &terms, arena, &outcome);
    measure_conclude(all, file, status, &outcome, measure_now() - began);
    if (arena) arena_destroy(arena);
}

static const char *measure_next(struct measuring *all)
{
    pthread_mutex_lock(&all->lock);
    bool more = all->next < all->count && !signals_stop;
    const char *file = more ? all->files[all->next++] : NULL;
    pthread_mutex_unlock(&all->lock);
    return file;
}

static void measure_work(void *context, int number)
{
    struct measuring *all = context;
    (void)number;
    if (machine_prepare_worker() != BASIN_OK) {
        report_last();
        return;
    }
    for (const char *file; (file = measure_next(all));) measure_file(all, file);
}

/* ---- all files ---- */

static int measure_end(const struct measuring *all, double seconds)
{
    char time[32];
    struct text line = {0};
    text_format(&line, "%zu of %zu result%s measured", all->measured, all->count,
                all->count == 1 ? "" : "s");
    if (all->failed) text_format(&line, ", %zu failed", all->failed);
    text_format(&line, " in %s", print_seconds(seconds, time));
    if (!line.failed) report_message("%s", line.data);
    text_free(&line);
    if (all->kept)
        report_message("  hint: a measure that a file has with other options is kept: OPTIONS add "
                       "one beside it, --remeasure replaces its numbers");
    if (signals_caught && all->ended < all->count) {
        report_message("interrupted: %zu result%s left as before; the same command goes on",
                       all->count - all->ended, all->count - all->ended == 1 ? "" : "s");
        return 128 + (int)signals_caught;
    }
    return all->failed || all->kept || all->ended < all->count;
}

static int measure_all(struct measuring *all)
{
    double began = measure_now();
    pthread_mutex_init(&all->lock, NULL);
    pthread_cond_init(&all->left, NULL);
    machine_warm();
    if (all->count) team_run(all->jobs, measure_work, all);
    pthread_cond_destroy(&all->left);
    pthread_mutex_destroy(&all->lock);
    return measure_end(all, measure_now() - began);
}

/* A word that is no file: is it meant as a measure, perhaps misspelt? */
static bool is_measure(const char *word)
{
    const char *names[SCHEMA_NAMES];
    if (folder_file_exists(word) || folder_exists(word) || strchr(word, '/')) return false;
    if (remeasure_is_word(word)) return true;
    size_t count = registry_names(&measure_registry, names, SCHEMA_NAMES);
    return text_nearest(word, names, count) != NULL;
}

static basin_status measure_add_files(struct arena *arena, const char *name, struct measuring *all)
{
    struct folder_files files;
    const char *path;
    TRY(folder_find(arena, name, &path));
    TRY(folder_list(arena, path, &files));
    if (!files.count) report_message("basin: %s contains no results", path);
    const char **joined = arena_array(arena, const char *, all->count + files.count + 1);
    if (!joined) return BASIN_MEMORY;
    if (all->count) memcpy(joined, all->files, all->count * sizeof *joined);
    if (files.count) memcpy(joined + all->count, files.paths, files.count * sizeof *joined);
    all->files = joined;
    all->count += files.count;
    return BASIN_OK;
}

static basin_status measure_check_words(const struct measuring *all, size_t words, bool any_file)
{
    if (!any_file) {
        error_raise(BASIN_USAGE, "no result is named whose network is to be measured");
        error_hint("name result files, ids or a study's folder: basin measure results/study "
                   "margin");
        return BASIN_USAGE;
    }
    if (words || all->wanted.again) return BASIN_OK;
    error_raise(BASIN_USAGE, "no measure is named");
    error_hint("`basin list measures` shows them; --remeasure takes those again that the files "
               "have");
    return BASIN_USAGE;
}

static basin_status measure_sort_words(const struct arguments *arguments, struct arena *arena,
                                       struct diagnostics *diagnostics, struct measuring *all)
{
    const char **words = arena_array(arena, const char *, arguments->count + 1);
    size_t count = 0;
    if (!words) return BASIN_MEMORY;
    for (size_t i = 0; i < arguments->count; i++)
        if (is_measure(arguments->positional[i])) words[count++] = arguments->positional[i];
    TRY(measure_check_words(all, count, count < arguments->count));
    if (count) TRY(remeasure_read(arena, words, count, diagnostics, &all->wanted));
    for (size_t i = 0; i < arguments->count; i++)
        if (!is_measure(arguments->positional[i]))
            TRY(measure_add_files(arena, arguments->positional[i], all));
    return BASIN_OK;
}

static basin_status measure_prepare(const struct arguments *arguments, struct arena *arena,
                                    struct diagnostics *diagnostics, struct measuring *all)
{
    long jobs;
    TRY(signals_catch());
    TRY(option_number(arguments, "jobs", REQUEST_JOBS_MOST, &jobs));
    TRY(request_memory(arguments, NULL, &all->limit));
    all->wanted = (struct remeasure){
        .again = option_given(arguments, "remeasure"), .admit = measure_admit, .context = all};
    TRY(measure_sort_words(arguments, arena, diagnostics, all));
    size_t most = all->count ? all->count : 1;
    all->jobs = jobs ? (int)jobs : machine_cores();
    if ((size_t)all->jobs > most) all->jobs = (int)most;
    return data_store_create(&all->store);
}

static int measure_command(const struct arguments *arguments)
{
    struct arena *arena;
    struct diagnostics diagnostics;
    struct measuring all = {0};
    if (arena_create(&arena) != BASIN_OK) return report_last();
    diagnostics_start(&diagnostics, arena);
    basin_status status = measure_prepare(arguments, arena, &diagnostics, &all);
    int exit_status = status == BASIN_OK ? measure_all(&all) : report_spec(status, &diagnostics);
    data_store_destroy(all.store);
    arena_destroy(arena);
    return exit_status;
}

static const struct option_row options[] = {
    {"remeasure", 0, NULL,
     "Take measures again that a file has already, and replace their numbers. Without MEASURE: all "
     "that it has, with the options that they have."},
    {"jobs", 'j', "N", "Files to measure at a time (default: the number of available cores)."},
    {"memory", 0, "SIZE",
     "Memory limit for all files at a time, such as 4G or 80% (default: 80% of what is "
     "available)."},
    {0}};

static const char *const examples[] = {
    "basin measure results/study margin parameter_norm",
    "add two measures to every result of a study",
    "basin measure results/study hessian_top:examples=all,k=3",
    "one with options, written short",
    "basin measure results/study margin:examples=500 margin:examples=all",
    "one twice: margin_mean_examples_500, margin_mean_examples_all, ...",
    "basin measure 0123ab 'hessian_top: {examples: all, k: 3}'",
    "the same for one run, as a spec writes it",
    "basin measure results/study --remeasure hessian_top:examples=all",
    "take it again where a result has it with other options",
    NULL};

const struct command command_measure = {
    .name = "measure",
    .usage = "FILE.h5|ID|DIR/ID|DIR... MEASURE[:OPTIONS]... [OPTION]...",
    .summary = "take more measures of finished runs, without training again",
    .details =
        "Reopens each result as data, network and weights, takes the measures that it lacks, and "
        "adds them. OPTIONS are those of the measure in a spec (`basin explain measures.NAME`), "
        "as KEY=VALUE,... or {KEY: VALUE, ...}; what is not given has its default. What a file had "
        "stays as it was, bit for bit: a measure that it has with other options is added beside "
        "that one, with the OPTIONS behind the names of its numbers "
        "(hessian_lambda_max_examples_all), and so is one that is named several times. Without "
        "OPTIONS it is kept. Only --remeasure replaces numbers, and each line says which. "
        "The id of a run never changes: a measure that the spec takes while training (`every`) "
        "belongs to it and keeps its options. A file that fails does not stop the others. Exit "
        "status 1 if one failed, or keeps a measure with other options than were asked for.",
    .least = 1,
    .most = 100000,
    .options = options,
    .examples = examples,
    .run = measure_command};
