#include "cli/progress.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "cli/print.h"
#include "cli/report.h"
#include "study/remaining.h"

enum { REDRAW_MILLISECONDS = 250, LIVE_LINES = 5 };

#define RUN_GAP "   " /* before a run that is under way */

struct progress {
    const struct study *study;
    const struct session *session;
    struct timespec start;
    bool terminal, colour, threaded, over;
    pthread_t thread; /* redraws */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    size_t ended;
    struct remaining *remaining;
    bool others_announced; /* the note about other processes was printed */
};

static double elapsed(const struct progress *progress)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - progress->start.tv_sec) +
           1e-9 * (double)(now.tv_nsec - progress->start.tv_nsec);
}

static void describe_left(const struct progress *progress, struct text *line)
{
    char left[32];
    double done = 0, now = elapsed(progress);
    for (int i = 0; i < progress->session->jobs; i++) done += progress->session->progress[i].done;
    double seconds = remaining_seconds(progress->remaining, progress->session->jobs, done, now);
    if (isnan(seconds) || now < 1 || progress->ended == progress->session->todo) return;
    text_format(line, ", about %s left", print_seconds(seconds, left));
}

/* "f98653b9 epoch 4/10 loss 0.2131", "f98653b9 hessian_top" */
static void describe_run(const struct progress *progress, const struct run_progress *run,
                         size_t which, struct text *out)
{
    char number[32];
    const char *measure = run->measure;
    double loss = run->loss;
    text_format(out, "%.8s ", progress->study->runs[which].id);
    if (measure)
        text_append(out, measure);
    else
        text_format(out, "epoch %lld/%lld", (long long)run->epoch, (long long)run->epochs);
    if (!measure && !isnan(loss)) text_format(out, " loss %s", print_measured(loss, number));
}

/* The runs under way, below the summary: several a line, as far as LIVE_LINES go. */
static void describe_runs(const struct progress *progress, size_t width, struct text *lines)
{
    size_t used = width, rows = 1; /* of the line under way */
    for (int i = 0; i < progress->session->jobs && rows <= LIVE_LINES; i++) {
        const struct run_progress *run = &progress->session->progress[i];
        struct text one = {0};
        size_t which = run->run;
        if (which) describe_run(progress, run, which - 1, &one);
        bool fits = used + strlen(RUN_GAP) + one.length <= width;
        if (one.length && !fits) rows++;
        if (one.length && rows <= LIVE_LINES && one.length + strlen(RUN_GAP) <= width) {
            text_format(lines, "%s%s%s", fits ? "" : "\n", RUN_GAP, text_data(&one));
            used = (fits ? used : 0) + strlen(RUN_GAP) + one.length;
        }
        text_free(&one);
    }
}

static void redraw(const struct progress *progress)
{
    const struct session *session = progress->session;
    struct text lines = {0};
    text_format(&lines, "%zu of %zu done, %zu running", progress->ended, session->todo,
                (size_t)session->running);
    if (session->diverged) text_format(&lines, ", %zu diverged", (size_t)session->diverged);
    if (session->failed) text_format(&lines, ", %zu failed", (size_t)session->failed);
    size_t width = (size_t)report_width() - 3; /* room for the "^C" that the terminal shows */
    describe_left(progress, &lines);
    if (lines.length > width && !lines.failed) lines.data[lines.length = width] = 0;
    describe_runs(progress, width, &lines);
    if (!lines.failed) report_live(text_data(&lines));
    text_free(&lines);
}

static void *redraw_until_over(void *context)
{
    struct progress *progress = context;
    pthread_mutex_lock(&progress->lock);
    while (!progress->over) {
        struct timespec next;
        redraw(progress);
        clock_gettime(CLOCK_REALTIME, &next);
        next.tv_nsec += REDRAW_MILLISECONDS * 1000000L;
        next.tv_sec += next.tv_nsec / 1000000000L;
        next.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&progress->wake, &progress->lock, &next);
    }
    pthread_mutex_unlock(&progress->lock);
    return NULL;
}

basin_status progress_start(const struct study *study, const struct session *session,
                            const double *expected, struct progress **out)
{
    struct progress *progress = *out = memory_allocate(sizeof *progress);
    if (!progress) return BASIN_MEMORY;
    if (remaining_create(study, expected, &progress->remaining) != BASIN_OK) {
        memory_free(progress);
        *out = NULL;
        return BASIN_MEMORY;
    }
    progress->study = study;
    progress->session = session;
    progress->terminal = report_is_terminal(STDERR_FILENO);
    progress->colour = report_colour(STDERR_FILENO);
    clock_gettime(CLOCK_MONOTONIC, &progress->start);
    pthread_mutex_init(&progress->lock, NULL);
    pthread_cond_init(&progress->wake, NULL);
    if (progress->terminal && session->todo)
        progress->threaded =
            pthread_create(&progress->thread, NULL, redraw_until_over, progress) == 0;
    return BASIN_OK;
}

void progress_end(struct progress *progress)
{
    if (!progress) return;
    pthread_mutex_lock(&progress->lock);
    progress->over = true;
    pthread_cond_signal(&progress->wake);
    pthread_mutex_unlock(&progress->lock);
    if (progress->threaded) pthread_join(progress->thread, NULL);
    if (progress->terminal) report_live("");
    pthread_cond_destroy(&progress->wake);
    pthread_mutex_destroy(&progress->lock);
    remaining_destroy(progress->remaining);
    memory_free(progress);
}

static void describe_outcome(const struct runner_outcome *outcome, struct text *line)
{
    char number[32];
    if (strcmp(outcome->status, "finished") != 0) text_format(line, "  %s", outcome->status);
    if (outcome->exploded[0]) text_format(line, "  exploded: %s", outcome->exploded);
    if (outcome->no_number[0]) text_format(line, "  not a finite number: %s", outcome->no_number);
    if (!isnan(outcome->test_bits))
        text_format(line, "  test_bits_per_character %s",
                    print_measured(outcome->test_bits, number));
    else if (!isnan(outcome->test_accuracy))
        text_format(line, "  test_accuracy %s", print_measured(outcome->test_accuracy, number));
    else if (!isnan(outcome->test_loss))
        text_format(line, "  test_loss %s", print_measured(outcome->test_loss, number));
    if (outcome->measures_added)
        text_format(line, "  %d measure%s added", outcome->measures_added,
                    outcome->measures_added > 1 ? "s" : "");
    if (outcome->unconverged[0]) text_format(line, "  not converged: %s", outcome->unconverged);
    if (outcome->elsewhere) text_append(line, "  finished by another process");
}

static void print_ended(struct progress *progress, const struct run_event *event)
{
    const struct study_run *run = &progress->study->runs[event->position];
    char seconds[32];
    struct text line = {0};
    struct text values = {0};
    text_format(&line, "[%zu/%zu] %s  ", progress->ended, progress->session->todo, run->id);
    size_t before = line.length;
    study_describe(progress->study, run, &values);
    text_escape(&line, text_data(&values));
    text_free(&values);
    if (line.length == before && line.length >= 2 && !line.failed) line.data[line.length -= 2] = 0;
    if (event->kind == EVENT_FAIL)
        text_format(&line, "  %sfailed:%s %s", progress->colour ? "\033[31m" : "",
                    progress->colour ? "\033[0m" : "", event->error->message);
    else
        describe_outcome(event->outcome, &line);
    text_format(&line, "  %s", print_seconds(event->seconds, seconds));
    bool known = run->state == RUN_DAMAGED; /* then request_warn has said so */
    if (event->kind == EVENT_FINISH && event->outcome->aside[0] && !known)
        report_message("the damaged file of %s is kept as %s", run->id, event->outcome->aside);
    if (event->kind == EVENT_FINISH && event->outcome->warning[0])
        report_message("warning: %s: %s", run->id, event->outcome->warning);
    if (!line.failed) report_line(line.data);
    text_free(&line);
}

/* Every run that ends prints a line; on a terminal it stands above those that are redrawn. */
void progress_listen(void *context, const struct run_event *event)
{
    struct progress *progress = context;
    pthread_mutex_lock(&progress->lock);
    bool over = event->kind == EVENT_FINISH || event->kind == EVENT_FAIL;
    progress->ended += over;
    if (event->kind == EVENT_START)
        remaining_begin(progress->remaining, event->position, elapsed(progress));
    if (over)
        remaining_end(progress->remaining, event->position, event->seconds,
                      event->kind == EVENT_FINISH && !event->outcome->elsewhere);
    if (over) print_ended(progress, event);
    if (event->kind == EVENT_HELD && !progress->others_announced) {
        progress->others_announced = true;
        report_message(
            "note: another process (%s) is working in this folder; its runs are left to it",
            event->who);
    }
    pthread_mutex_unlock(&progress->lock);
}
