/* folder/crashes.c: suspects and quarantine, from journals and claims that are written here. */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/process.h"
#include "folder/crashes.h"

#define A "aaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbb"
#define C "cccccccccccccccc"
#define OK(call) cr_assert_eq((call), BASIN_OK, "%s: %s", #call, basin_error_last()->message)

static char folder[64];
static int now; /* every line a second after the last */
static struct arena *arena;
static struct crashes crashes;

static void start(void)
{
    char path[128];
    snprintf(folder, sizeof folder, "/tmp/basin-crashes-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/journal", folder);
    cr_assert_eq(mkdir(path, 0777), 0);
    snprintf(path, sizeof path, "%s/claims", folder);
    cr_assert_eq(mkdir(path, 0777), 0);
    OK(arena_create(&arena));
}

static void stop(void)
{
    char command[160];
    arena_destroy(arena);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(crashes, .init = start, .fini = stop, .timeout = 60);

static void line(const char *process, const char *event, const char *id, const char *more)
{
    char path[128];
    snprintf(path, sizeof path, "%s/journal/%s.jsonl", folder, process);
    FILE *out = fopen(path, "a");
    cr_assert_not_null(out);
    fprintf(out, "{\"event\": \"%s\", \"time\": \"2026-01-01T00:%02d:%02d.000Z\"", event, now / 60,
            now % 60);
    now++;
    if (id) fprintf(out, ", \"run_id\": \"%s\"", id);
    fprintf(out, "%s}\n", more);
    fclose(out);
}

static void begin(const char *process, const char *id, int step, bool alone)
{
    char more[64];
    snprintf(more, sizeof more, ", \"flops\": 12, \"step\": %d%s", step,
             alone ? ", \"alone\": true" : "");
    line(process, "run_start", id, more);
}

static const struct crash_record *look(const char *id)
{
    struct journal_events events;
    OK(journal_read(folder, arena, &events));
    OK(crashes_read(arena, folder, "build", &events, &crashes));
    return crashes_find(&crashes, id);
}

static bool is_suspect(const char *id)
{
    const struct crash_record *record = look(id);
    return record && record->suspect;
}

Test(crashes, runs_under_way_when_a_process_dies_are_suspects)
{
    line("host-1", "study_start", NULL, "");
    begin("host-1", A, 0, false);
    begin("host-1", B, 0, false);
    begin("host-1", C, 0, false);
    line("host-1", "run_finish", B, "");
    line("host-1", "run_fail", C, "");
    cr_assert(is_suspect(A));
    cr_assert_str_eq(look(A)->writer, "host-1");
    cr_assert_str_eq(look(A)->time, "2026-01-01T00:00:05.000Z"); /* the last of the process */
    cr_assert_eq(look(A)->alone, 0);
    cr_assert_not(is_suspect(B));
    cr_assert_not(is_suspect(C));
    cr_assert_null(look("dddddddddddddddd"));
    begin("host-2", A, 0, true);
    line("host-2", "run_finish", A, "");
    cr_assert_not(is_suspect(A));
    cr_assert_null(look(A)->writer);
}

Test(crashes, a_process_that_was_asked_to_stop_has_not_crashed)
{
    static const char *const ends[] = {"study_stop", "study_end", "study_interrupt"};
    for (int i = 0; i < 3; i++) {
        line("host-1", "study_start", NULL, "");
        begin("host-1", A, 0, false);
        line("host-1", ends[i], NULL, "");
        begin("host-1", B, 0, false); /* it had passed the question */
        cr_assert_not(is_suspect(A), "%s", ends[i]);
        cr_assert_not(is_suspect(B), "%s", ends[i]);
    }
    line("host-1", "study_start", NULL, ""); /* the number is used again */
    begin("host-1", B, 0, false);
    cr_assert(is_suspect(B));
    line("host-2", "study_end", NULL, "");
    cr_assert(is_suspect(B), "the end of another process");
}

Test(crashes, suspicion_outlives_an_interruption)
{
    begin("host-1", A, 0, false);
    begin("host-2", A, 0, true);
    line("host-2", "study_stop", NULL, "");
    cr_assert(is_suspect(A));
    cr_assert_eq(look(A)->alone, 0);
}

Test(crashes, twice_alone_without_progress_is_quarantine)
{
    begin("host-1", A, 0, false);
    begin("host-2", A, 0, true);
    cr_assert_eq(look(A)->alone, 1);
    cr_assert_not(look(A)->quarantined);
    begin("host-3", A, 0, true);
    cr_assert_eq(look(A)->alone, 2);
    cr_assert(look(A)->quarantined);
    begin("host-4", A, 0, true);
    cr_assert_eq(look(A)->alone, 3);
    line("host-4", "run_fail", A, "");
    cr_assert_eq(look(A)->alone, 0);
}

Test(crashes, progress_between_checkpoints_starts_the_count_again)
{
    begin("host-1", A, 0, true);
    begin("host-2", A, 40, true);
    cr_assert_eq(look(A)->alone, 1, "the first came as far as step 40");
    begin("host-3", A, 40, true);
    cr_assert_eq(look(A)->alone, 2);
    begin("host-4", A, 80, true);
    cr_assert_eq(look(A)->alone, 1);
}

/* In a place where processes die whatever they do, a run is not to blame. */
Test(crashes, processes_that_die_without_the_run_speak_for_it)
{
    begin("host-1", A, 0, false);
    begin("host-1", B, 0, false);
    begin("host-2", C, 0, false);
    begin("host-3", A, 0, true);
    begin("host-4", A, 0, true);
    cr_assert_eq(look(A)->alone, 2);
    cr_assert_eq(crashes.total - look(A)->involved, 1);
    cr_assert_not(look(A)->quarantined);
    for (int i = 3; i < 8; i++) {
        char process[24];
        snprintf(process, sizeof process, "node-%d", i);
        begin(process, A, 0, true);
        cr_assert_not(look(A)->quarantined, "%d", i);
    }
    begin("host-6", A, 0, true);
    cr_assert(look(A)->quarantined);
    cr_assert_eq(crashes.total, 2, "the others are explained");
    begin("host-7", B, 0, true);
    cr_assert_eq(look(B)->alone, 1);
    cr_assert(look(A)->quarantined, "what is quarantined stays so");
    cr_assert_eq(crashes.total - look(B)->involved, 1, "that of host-2");
}

Test(crashes, two_bad_runs_are_found_one_after_the_other)
{
    begin("host-1", A, 0, false);
    begin("host-1", B, 0, false);
    begin("host-2", A, 0, true);
    begin("host-3", A, 0, true);
    cr_assert(look(A)->quarantined);
    begin("host-4", B, 0, true);
    cr_assert_not(look(B)->quarantined);
    begin("host-5", B, 0, true);
    cr_assert(look(A)->quarantined);
    cr_assert(look(B)->quarantined);
    cr_assert(look(A)->quarantined);
}

static void claim(const char *id, long process)
{
    char path[128], host[256];
    snprintf(path, sizeof path, "%s/claims/%s", folder, id);
    FILE *out = fopen(path, "w");
    cr_assert_not_null(out);
    fprintf(out, "%s %ld 0\n", process_host(host, sizeof host), process); /* 0: of unknown start */
    fclose(out);
}

static void unclaim(const char *id)
{
    char path[128];
    snprintf(path, sizeof path, "%s/claims/%s", folder, id);
    cr_assert_eq(remove(path), 0);
}

Test(crashes, a_run_of_a_living_process_is_no_crash)
{
    char host[256], writer[300];
    snprintf(writer, sizeof writer, "%s-%ld", process_host(host, sizeof host), (long)getppid());
    begin(writer, A, 0, false);
    claim(A, (long)getppid());
    cr_assert_not(is_suspect(A));
    cr_assert(look(A)->running);
    unclaim(A);
    cr_assert(is_suspect(A));
    cr_assert_not(look(A)->running);
}

Test(crashes, who_takes_over_does_not_bring_the_dead_back)
{
    begin("host-1", A, 0, false); /* and died */
    begin("host-1", B, 0, false);
    claim(A, (long)getppid()); /* another process has it, and has not begun it yet */
    cr_assert(is_suspect(A));
    cr_assert(is_suspect(B));
    cr_assert_not(look(A)->running);
}

Test(crashes, what_ends_between_two_looks_is_no_crash)
{
    struct journal_events events;
    begin("host-1", A, 0, false);
    OK(journal_read(folder, arena, &events));
    line("host-1", "run_finish", A, ""); /* and gives its claim back */
    OK(crashes_read(arena, folder, "build", &events, &crashes));
    cr_assert_not(crashes_find(&crashes, A)->suspect);
    cr_assert_eq(crashes.total, 0);
}
