#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "analysis/running.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/report.h"
#include "cli/request.h"
#include "cli/spark.h"
#include "folder/ledger.h"
#include "run/provenance.h"

enum { WATCH_SECONDS = 2, SPARK_WIDE = 24, SPARK_LEAST = 72, ROWS_OF_PIPES = 1000000 };

/* One look at the folder. */
struct look {
    struct arena *arena;
    const char *folder;
    struct ledger *ledger;
    struct journal_events events; /* how many epochs each run will have */
    time_t now;
};

/* ---- signals: Ctrl-C ends the view, and nothing else ---- */

static volatile sig_atomic_t watch_stopped;

static void watch_stop(int signal)
{
    watch_stopped = signal;
}

static void watch_catch(void)
{
    struct sigaction action = {.sa_handler = watch_stop}; /* without SA_RESTART: sleeping ends */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* ---- one run ---- */

/* Of how many epochs, by the journal; 0: it does not say. */
static double epochs_of_run(const struct look *look, const char *id)
{
    double epochs = 0;
    for (size_t i = 0; i < look->events.count; i++) {
        const struct journal_event *event = &look->events.items[i];
        if (event->run_id && event->epochs > 0 && strcmp(event->run_id, id) == 0)
            epochs = (double)event->epochs;
    }
    return epochs;
}

/* By the pace up to its checkpoint; NaN where nothing is known. */
static double watch_left(const struct look *look, const struct running *running, double epochs)
{
    if (epochs <= 0 || running->epoch <= 0 || running->seconds <= 0) return NAN;
    double pace = running->seconds / (double)running->epoch;
    double left = pace * (epochs - (double)running->epoch) - difftime(look->now, running->written);
    return fmax(left, 0);
}

/* The finite values of a curve; returns their number. */
static size_t finite_values(const struct look *look, const struct running *running,
                            const char *name, const double **values)
{
    const double *curve = running_curve(running, name);
    double *finite = curve ? arena_array(look->arena, double, running->rows + 1) : NULL;
    size_t count = 0;
    for (size_t i = 0; finite && i < running->rows; i++)
        if (isfinite(curve[i])) finite[count++] = curve[i];
    *values = finite;
    return count;
}

static basin_status loss_cell(struct grid *grid, const double *values, size_t count)
{
    char number[32];
    return grid_add(grid, count ? print_measured(values[count - 1], number) : "-");
}

static basin_status epoch_cell(struct grid *grid, bool known, const struct running *running,
                               double epochs)
{
    char of[64], number[32];
    if (!known) return grid_add(grid, "-");
    if (epochs > 0)
        snprintf(of, sizeof of, "%lld/%s", (long long)running->epoch, print_given(epochs, number));
    else
        snprintf(of, sizeof of, "%lld", (long long)running->epoch);
    return grid_add(grid, of);
}

static basin_status watch_row(const struct look *look, const struct ledger_entry *run, bool spark,
                              struct grid *grid)
{
    struct running running;
    const double *train, *test;
    char id[9] = "", left[32];
    bool known;
    TRY(running_look(look->arena, look->folder, run->id, &running, &known));
    double epochs = epochs_of_run(look, run->id), seconds = watch_left(look, &running, epochs);
    size_t trained = finite_values(look, &running, "train_loss", &train),
           tested = finite_values(look, &running, "test_loss", &test);
    memcpy(id, run->id, strnlen(run->id, 8));
    TRY(grid_add(grid, id));
    TRY(grid_add(grid, ledger_names[run->state]));
    TRY(epoch_cell(grid, known, &running, epochs));
    TRY(loss_cell(grid, train, trained));
    if (spark) {
        struct text line = {0};
        spark_put(&line, train, trained, SPARK_WIDE);
        basin_status status = grid_add(grid, text_data(&line));
        text_free(&line);
        TRY(status);
    }
    TRY(loss_cell(grid, test, tested));
    bool runs = run->state == LEDGER_RUNNING && !isnan(seconds);
    return grid_add(grid, runs ? print_seconds(seconds, left) : "-");
}

/* ---- the view ---- */

static bool is_watched(const struct ledger_entry *run)
{
    return run->state == LEDGER_RUNNING || run->state == LEDGER_INTERRUPTED;
}

static void watch_head(const struct look *look, struct text *out)
{
    const struct ledger *ledger = look->ledger;
    size_t done = ledger->counts[LEDGER_FINISHED] + ledger->counts[LEDGER_DIVERGED];
    text_append(out, "study ");
    text_escape(out, ledger->study ? ledger->study : "(no journal)");
    text_append(out, " in ");
    text_escape(out, look->folder);
    text_format(out, "\n%zu of %zu done", done, ledger->count);
    for (int i = LEDGER_DIVERGED; i < LEDGER_STATES; i++)
        if (ledger->counts[i]) text_format(out, ", %zu %s", ledger->counts[i], ledger_names[i]);
    text_append(out, "\n");
}

/* The runs that are under way, as many as there are lines for. */
static basin_status watch_runs(const struct look *look, size_t width, size_t rows, struct text *out)
{
    static const char *const names[] = {"run_id", "state",     "epoch", "train_loss",
                                        "",       "test_loss", "left"};
    bool spark = width >= SPARK_LEAST;
    size_t shown = 0, hidden = 0;
    struct grid grid;
    TRY(grid_start(&grid, look->arena, spark ? 7 : 6));
    for (size_t i = 0, j = 0; i < 7; i++) {
        if (i == 4 && !spark) continue;
        grid.right[j++] = i != 0 && i != 1 && i != 4;
        TRY(grid_add(&grid, names[i]));
    }
    for (size_t i = 0; i < look->ledger->count; i++) {
        if (!is_watched(&look->ledger->entries[i])) continue;
        if (shown == rows) {
            hidden++;
            continue;
        }
        TRY(watch_row(look, &look->ledger->entries[i], spark, &grid));
        shown++;
    }
    if (shown) grid_print(&grid, 0, out);
    if (hidden) text_format(out, "... and %zu more\n", hidden);
    return BASIN_OK;
}

static basin_status watch_look(const char *folder, struct arena *arena, struct look *look)
{
    const struct ledger_reader reader = provenance_reader();
    *look = (struct look){.arena = arena, .folder = folder, .now = time(NULL)};
    TRY(ledger_read(arena, folder, &reader, &look->ledger));
    return journal_read(folder, arena, &look->events);
}

/* Lines of a terminal are cut: one that broke could not be drawn again. */
static void cut_lines(const struct text *text, size_t width, size_t height, struct text *out)
{
    size_t lines = 0;
    for (const char *at = text_data(text); *at && lines < height; lines++) {
        size_t length = strcspn(at, "\n"), bytes = 0, wide = 0;
        while (bytes < length && wide < width) {
            bytes++;
            while (bytes < length && ((unsigned char)at[bytes] & 0xC0) == 0x80) bytes++;
            wide++;
        }
        text_append(out, lines ? "\n" : "");
        text_append_n(out, at, bytes);
        at += length + (at[length] == '\n');
    }
}

/* Is there nothing left to wait for? */
static bool is_over(const struct ledger *ledger)
{
    return !ledger->counts[LEDGER_RUNNING] && !ledger->counts[LEDGER_MISSING] &&
           !ledger->counts[LEDGER_INTERRUPTED];
}

static basin_status watch_frame(const char *folder, bool live, struct text *out, bool *over)
{
    struct arena *arena;
    struct look look;
    size_t width = live ? (size_t)report_width() - 1 : (size_t)report_width(),
           height = live ? (size_t)report_height() - 1 : ROWS_OF_PIPES;
    struct text text = {0};
    TRY(arena_create(&arena));
    basin_status status = watch_look(folder, arena, &look);
    if (status == BASIN_OK) watch_head(&look, &text);
    if (status == BASIN_OK) status = watch_runs(&look, width, height > 5 ? height - 4 : 1, &text);
    if (status == BASIN_OK) *over = is_over(look.ledger);
    if (status == BASIN_OK && live)
        cut_lines(&text, width, height, out);
    else if (status == BASIN_OK)
        text_append(out, text_data(&text));
    out->failed = out->failed || text.failed;
    text_free(&text);
    arena_destroy(arena);
    return status;
}

/* Drawn again and again until the study is over or somebody has had enough; what was seen last
 * stays. */
static int watch_live(const char *folder, long seconds)
{
    bool over = false;
    int width = 0;
    watch_catch();
    while (!over && !watch_stopped) {
        struct text frame = {0};
        if (watch_frame(folder, true, &frame, &over) != BASIN_OK) {
            text_free(&frame);
            report_live("");
            return report_last();
        }
        if (width && width != report_width()) report_live_anew(); /* old lines have broken */
        width = report_width();
        if (!over) report_live(text_data(&frame));
        text_free(&frame);
        if (!over && !watch_stopped) nanosleep(&(struct timespec){.tv_sec = seconds}, NULL);
    }
    report_live("");
    return watch_stopped ? 128 + watch_stopped : 0;
}

/* ---- curves so far ---- */

static const char *const curves_shown[] = {"train_loss",          "validation_loss",
                                           "test_loss",           "train_accuracy",
                                           "validation_accuracy", "test_accuracy"};

static void watch_put_curves(const struct ledger_entry *run, const struct running *running,
                             struct text *out)
{
    for (size_t i = 0; i < running->rows; i++) {
        text_escape(out, run->id);
        text_format(out, ",%lld", (long long)running->axis[i]);
        for (size_t k = 0; k < sizeof curves_shown / sizeof *curves_shown; k++) {
            const double *curve = running_curve(running, curves_shown[k]);
            text_append(out, ",");
            if (curve && isfinite(curve[i])) text_json_number(out, curve[i]);
        }
        text_append(out, "\n");
    }
}

static basin_status watch_curves(const char *folder, struct text *out)
{
    struct arena *arena;
    struct look look;
    TRY(arena_create(&arena));
    basin_status status = watch_look(folder, arena, &look);
    text_append(out, "run_id,epoch");
    for (size_t k = 0; k < sizeof curves_shown / sizeof *curves_shown; k++)
        text_format(out, ",%s", curves_shown[k]);
    text_append(out, "\n");
    for (size_t i = 0; status == BASIN_OK && i < look.ledger->count; i++) {
        struct running running;
        bool known;
        const struct ledger_entry *run = &look.ledger->entries[i];
        if (!is_watched(run)) continue;
        status = running_look(arena, folder, run->id, &running, &known);
        if (status == BASIN_OK && known) watch_put_curves(run, &running, out);
    }
    arena_destroy(arena);
    return status;
}

/* ---- the command ---- */

static int watch(const struct arguments *arguments)
{
    struct arena *arena;
    struct text out = {0};
    long seconds = 0;
    bool over, curves = option_given(arguments, "curves");
    if (option_number(arguments, "every", 3600, &seconds) != BASIN_OK) return report_last();
    if (arena_create(&arena) != BASIN_OK) return report_last();
    const char *folder = request_folder(arguments->positional[0], arena);
    bool live = !curves && report_is_terminal(STDOUT_FILENO) && report_is_terminal(STDERR_FILENO);
    int exit_status = live ? watch_live(folder, seconds ? seconds : WATCH_SECONDS) : 0;
    bool failed = live && exit_status && exit_status < 128;
    if (!failed) {
        basin_status status =
            curves ? watch_curves(folder, &out) : watch_frame(folder, false, &out, &over);
        exit_status = status == BASIN_OK ? report_output(&out, exit_status) : report_last();
    }
    text_free(&out);
    arena_destroy(arena);
    return exit_status;
}

static const struct option_row options[] = {
    {"every", 'n', "SECONDS", "How often it is drawn again on a terminal (default 2)."},
    {"curves", 0, NULL,
     "Print the curves so far of every run that is under way as CSV: losses and accuracies by "
     "epoch, up to its last checkpoint."},
    {0}};

static const char *const examples[] = {
    "basin watch results/study",
    "how far each run is, until the study is over or you press Ctrl-C",
    "basin watch results/study | cat",
    "one look, for a log",
    "basin watch results/study --curves > so-far.csv",
    "the losses of runs that have not finished",
    NULL};

const struct command command_watch = {
    .name = "watch",
    .usage = "DIR|SPEC [OPTION]...",
    .summary = "watch a running study from another terminal or machine",
    .details =
        "Reads the folder only, so that it works from any machine that sees it. For each run "
        "that is under way or was interrupted: its epoch, its losses, the training loss so "
        "far as a line of blocks (log scale), and the time that it still takes at this "
        "pace; all as of the last checkpoint, of which `checkpoint.every_seconds` says how "
        "old it is at most (60 s unless the spec says otherwise). What is not a terminal "
        "gets one look. Ctrl-C ends the view (exit status 130), not the study.",
    .least = 1,
    .most = 1,
    .options = options,
    .examples = examples,
    .run = watch};
