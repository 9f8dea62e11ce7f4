#include "study/scheduler.h"
#include "study_helpers.h"

#include <dirent.h>
#include <sys/stat.h>
#include "folder/folder.h"

TestSuite(scheduler, .init = folder_make, .fini = folder_remove);

struct heard {
    size_t started, finished, failed;
    size_t order[64];             /* of starts */
    unsigned done;                /* a bit for each run that has finished */
    unsigned finished_before[64]; /* the same when each run started */
};

static void listen(void *context, const struct run_event *event)
{
    struct heard *heard = context;
    if (event->kind == EVENT_START) {
        heard->order[heard->started++] = event->position;
        heard->finished_before[event->position] = heard->done;
    }
    if (event->kind == EVENT_FINISH) {
        heard->finished++;
        heard->done |= 1u << event->position;
    }
    if (event->kind == EVENT_FAIL) heard->failed++;
}

/* Runs a study and keeps its session for the caller. */
static struct session *run(const struct study *study, struct scheduler_options options,
                           struct heard *heard)
{
    struct session *session;
    *heard = (struct heard){0};
    options.listen = listen;
    options.context = heard;
    OK(scheduler_create(study, &options, &session));
    OK(scheduler_run(study, &options, session));
    return session;
}

static size_t results(void)
{
    size_t count = 0;
    DIR *directory = opendir(in_folder("out/runs"));
    if (!directory) return 0;
    for (struct dirent *entry; (entry = readdir(directory));) count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

Test(scheduler, runs_what_is_new_and_only_that)
{
    struct study *study;
    struct heard heard;
    OK(open_text(small_study, &study));
    struct session *session = run(study, (struct scheduler_options){.jobs = 2}, &heard);
    cr_assert_eq(session->finished, 4);
    cr_assert_eq(heard.started, 4);
    cr_assert_eq(heard.finished, 4);
    cr_assert_eq(session_exit(session), 0);
    cr_assert_float_eq(session_done_flops(session), session->total_flops,
                       1e-6 * session->total_flops);
    cr_assert_eq(results(), 4);
    scheduler_destroy(session);
    study_close(study);
    OK(open_text(small_study, &study));
    cr_assert_eq(study->count[RUN_FINISHED], 4);
    session = run(study, (struct scheduler_options){.jobs = 2}, &heard);
    cr_assert_eq(heard.started, 0);
    scheduler_destroy(session);
    study_close(study);
}

Test(scheduler, the_longest_goes_first)
{
    struct study *study;
    struct heard heard;
    OK(open_text(HEAD "sweep: {grid: {training.epochs: [1, 3, 2]}}\n", &study));
    scheduler_destroy(run(study, (struct scheduler_options){.jobs = 1}, &heard));
    cr_assert_eq(heard.order[0], 1);
    cr_assert_eq(heard.order[1], 2);
    cr_assert_eq(heard.order[2], 0);
    study_close(study);
}

/* ---- runs that need the result of another ---- */

/* A study in which run k needs the result of run needed[k]; -1: of none. */
static void open_chain(struct study **study, const int *needed)
{
    OK(open_text(HEAD "sweep: {grid: {training.epochs: [1, 4, 2, 3]}}\n", study));
    for (size_t k = 0; k < (*study)->run_count; k++)
        if (needed[k] >= 0) (*study)->runs[k].after = &(*study)->runs[needed[k]];
}

static size_t place_in(const struct heard *heard, size_t position)
{
    size_t at = 0;
    while (at < heard->started && heard->order[at] != position) at++;
    return at;
}

/* The longest run needs the shortest, and another needs the longest. */
Test(scheduler, a_run_starts_after_the_run_that_it_needs)
{
    static const int needed[] = {-1, 0, 1, -1};
    struct study *study;
    struct heard heard;
    for (int jobs = 1; jobs <= 3; jobs++) {
        open_chain(&study, needed);
        scheduler_destroy(run(study, (struct scheduler_options){.jobs = jobs}, &heard));
        cr_assert_eq(heard.finished, 4);
        cr_assert(heard.finished_before[1] & 1, "run 1 started before run 0 was finished");
        cr_assert(heard.finished_before[2] & 2, "run 2 started before run 1 was finished");
        cr_assert_lt(place_in(&heard, 1), place_in(&heard, 2));
        study_close(study);
        folder_remove();
        folder_make();
    }
}

Test(scheduler, a_run_whose_input_failed_is_not_started)
{
    static const int needed[] = {-1, 0, 1, -1};
    struct study *study;
    struct heard heard;
    char path[FOLDER_PATH];
    open_chain(&study, needed);
    OK(store_make_folder(folder_run_file(study->folder, study->runs[0].id, path)));
    struct session *session = run(study, (struct scheduler_options){.jobs = 2}, &heard);
    cr_assert_eq(session->finished, 1);
    cr_assert_eq(heard.started, 2, "the failing run and the one that needs none");
    cr_assert_eq(session->failed, 3);
    for (size_t i = 1; i < 3; i++) {
        const basin_error *error = &session->failures[i].error;
        cr_assert_eq(error->status, BASIN_FAILED);
        cr_assert(strstr(error->message, "was not started: it needs the result of run"));
        cr_assert(strstr(error->message, study->runs[i - 1].id), "%s", error->message);
    }
    scheduler_destroy(session);
    study_close(study);
}

/* Not being started is no failure that would be remembered: with the input there, the run goes. */
Test(scheduler, what_was_not_started_is_tried_again)
{
    static const int needed[] = {1, -1, -1, -1};
    struct study *study;
    struct heard heard;
    char path[FOLDER_PATH];
    open_chain(&study, needed);
    folder_run_file(study->folder, study->runs[1].id, path);
    OK(store_make_folder(path));
    scheduler_destroy(run(study, (struct scheduler_options){.jobs = 1}, &heard));
    cr_assert_eq(heard.finished, 2);
    study_close(study);
    cr_assert_eq(rmdir(path), 0);
    open_chain(&study, needed);
    scheduler_destroy(run(study, (struct scheduler_options){.jobs = 1}, &heard));
    cr_assert_eq(heard.finished, 2);
    cr_assert_lt(place_in(&heard, 1), place_in(&heard, 0));
    study_close(study);
}

/* It failed in an earlier session, and nobody has asked for it again. */
Test(scheduler, a_run_does_not_wait_for_what_is_passed_over)
{
    static const int needed[] = {1, -1, -1, -1};
    struct study *study;
    struct heard heard;
    open_chain(&study, needed);
    study->runs[1].state = RUN_FAILED;
    struct session *session = run(study, (struct scheduler_options){.jobs = 1}, &heard);
    cr_assert_eq(heard.finished, 2);
    cr_assert_eq(session->failed, 1);
    cr_assert(strstr(session->failures[0].error.message, "has not finished and does not run here"));
    scheduler_destroy(session);
    study_close(study);
}

Test(scheduler, what_is_finished_need_not_be_waited_for)
{
    static const int none[] = {-1, -1, -1, -1}, needed[] = {1, -1, 1, 0};
    struct study *study;
    struct heard heard;
    char path[FOLDER_PATH];
    open_chain(&study, none);
    scheduler_destroy(run(study, (struct scheduler_options){.jobs = 2}, &heard));
    for (size_t k = 0; k < 4; k++)
        if (k != 1) remove(folder_run_file(study->folder, study->runs[k].id, path));
    study_close(study);
    open_chain(&study, needed);
    scheduler_destroy(run(study, (struct scheduler_options){.jobs = 1}, &heard));
    cr_assert_eq(heard.finished, 3);
    cr_assert_lt(place_in(&heard, 0), place_in(&heard, 3));
    study_close(study);
}

Test(scheduler, runs_that_need_each_other_are_refused)
{
    static const int needed[] = {1, 2, 0, -1};
    struct study *study;
    struct session *session;
    struct scheduler_options options = {.jobs = 1};
    open_chain(&study, needed);
    OK(scheduler_create(study, &options, &session));
    cr_assert_eq(scheduler_run(study, &options, session), BASIN_INTERNAL);
    cr_assert(strstr(basin_error_last()->message, "needs its own result"));
    scheduler_destroy(session);
    study_close(study);
}

Test(scheduler, a_failure_stops_no_other_run)
{
    struct study *study;
    struct heard heard;
    char path[FOLDER_PATH];
    OK(open_text(small_study, &study));
    OK(store_make_folder(folder_run_file(study->folder, study->runs[0].id, path)));
    struct session *session = run(study, (struct scheduler_options){.jobs = 2}, &heard);
    cr_assert_eq(session->finished, 3);
    cr_assert_eq(session->failed, 1);
    cr_assert_eq(session->failures[0].position, 0);
    cr_assert_eq(session->failures[0].error.status, BASIN_IO);
    cr_assert_eq(session_exit(session), 3);
    cr_assert_eq(heard.failed, 1);
    scheduler_destroy(session);
    study_close(study);
}

Test(scheduler, after_the_most_failures_nothing_new_starts)
{
    struct study *study;
    struct heard heard;
    char path[FOLDER_PATH];
    OK(open_text(small_study, &study));
    OK(store_make_folder(folder_run_file(study->folder, study->runs[0].id, path)));
    struct session *session =
        run(study, (struct scheduler_options){.jobs = 1, .most_failures = 1}, &heard);
    cr_assert_eq(heard.started, 1);
    cr_assert_eq(session->failed, 1);
    scheduler_destroy(session);
    study_close(study);
}

Test(scheduler, after_stop_nothing_starts_and_nothing_is_left)
{
    struct study *study;
    struct heard heard;
    static const _Atomic bool stop = true;
    OK(open_text(small_study, &study));
    struct session *session =
        run(study, (struct scheduler_options){.jobs = 2, .stop = &stop}, &heard);
    cr_assert_eq(heard.started, 0);
    cr_assert_eq(results(), 0);
    scheduler_destroy(session);
    study_close(study);
}

/* Every allocation of one run fails in turn (in steps: there are many): an error, no file, no leak.
 */
Test(scheduler, shortage_of_memory_in_a_run_leaves_no_file)
{
    struct study *study;
    struct runner_outcome outcome;
    OK(open_text(HEAD "measures: {hessian_trace: {probes: 2, examples: 20}}\n", &study));
    OK(folder_prepare(study->folder));
    long n = 1;
    for (;; n += n < 100 ? 1 : n / 20) {
        memory_fail_at(n);
        basin_status status = train_first(study, &outcome);
        memory_fail_at(0);
        if (status == BASIN_OK) break;
        cr_assert_eq(status, BASIN_MEMORY, "allocation %ld: %s", n, basin_error_last()->message);
        cr_assert_eq(results(), 0);
    }
    cr_assert_gt(n, 20);
    cr_assert_eq(results(), 1);
    study_close(study);
}

Test(scheduler, another_process_may_have_finished_the_run)
{
    struct study *study, *same;
    struct heard heard;
    struct runner_outcome outcome;
    OK(open_text(HEAD, &study));
    OK(open_text(HEAD, &same));
    scheduler_destroy(run(study, (struct scheduler_options){.jobs = 1}, &heard));
    OK(train_first(same, &outcome));
    cr_assert(outcome.elsewhere);
    cr_assert_eq(results(), 1);
    study_close(study);
    study_close(same);
}

/* How many runs are in at once, by what the listener hears. */
struct crowd {
    int inside, most;
};

static void count_inside(void *context, const struct run_event *event)
{
    struct crowd *crowd = context;
    crowd->inside += event->kind == EVENT_START ? 1 : -1;
    if (crowd->inside > crowd->most) crowd->most = crowd->inside;
}

static int most_inside(const struct study *study, double memory)
{
    struct session *session;
    struct crowd crowd = {0};
    struct scheduler_options options = {
        .jobs = 4, .memory = memory, .listen = count_inside, .context = &crowd};
    OK(scheduler_create(study, &options, &session));
    OK(scheduler_run(study, &options, session));
    cr_assert_eq(session->finished, study->run_count);
    scheduler_destroy(session);
    return crowd.most;
}

Test(scheduler, runs_wait_for_memory)
{
    static const char text[] =
        HEAD "sweep: {grid: {training.optimizer.learning_rate: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]}}\n";
    struct study *study;
    struct run_memory need;
    OK(open_text(text, &study));
    OK(study_memory(study, &study->runs[0], &need));
    cr_assert_eq(most_inside(study, study_common_bytes(study) + 1.5 * (double)need.bytes), 1);
    study_close(study);
    folder_remove();
    folder_make();
    OK(open_text(text, &study));
    cr_assert_leq(most_inside(study, study_common_bytes(study) + 3.5 * (double)need.bytes), 3);
    study_close(study);
}

Test(scheduler, a_run_beyond_the_limit_fails_and_the_others_go_on)
{
    struct study *study;
    struct heard heard;
    struct run_memory small, large;
    OK(open_text(HEAD "sweep: {grid: {architecture.hidden: [[4], [2000], [5]]}}\n", &study));
    OK(study_memory(study, &study->runs[0], &small));
    OK(study_memory(study, &study->runs[1], &large));
    cr_assert_gt(large.bytes, 2 * small.bytes);
    double limit = study_common_bytes(study) + 1.5 * (double)small.bytes;
    struct session *session =
        run(study, (struct scheduler_options){.jobs = 2, .memory = limit}, &heard);
    cr_assert_eq(session->finished, 2);
    cr_assert_eq(session->failed, 1);
    cr_assert_eq(session->failures[0].position, 1);
    cr_assert_eq(session->failures[0].error.status, BASIN_MEMORY);
    cr_assert_neq(strstr(session->failures[0].error.message, "the run needs"), NULL);
    scheduler_destroy(session);
    study_close(study);
}

Test(scheduler, a_diverged_run_is_a_result)
{
    struct study *study;
    struct heard heard;
    OK(open_text(HEAD "sweep: {grid: {training.optimizer: [{type: sgd, learning_rate: 1e6}]}}\n",
                 &study));
    struct session *session = run(study, (struct scheduler_options){.jobs = 1}, &heard);
    cr_assert_eq(session->finished, 1);
    cr_assert_eq(session->diverged, 1);
    cr_assert_eq(session_exit(session), 0);
    scheduler_destroy(session);
    study_close(study);
    OK(open_text(HEAD "sweep: {grid: {training.optimizer: [{type: sgd, learning_rate: 1e6}]}}\n",
                 &study));
    cr_assert_eq(study->count[RUN_FINISHED], 1);
    study_close(study);
}
