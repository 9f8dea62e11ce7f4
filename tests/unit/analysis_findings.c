/* What a study says of its runs together: from the spec, and from the journal of its folder. */
#include "analysis/findings.h"
#include "study_helpers.h"

#include <math.h>
#include "folder/folder.h"
#include "study/scheduler.h"

static struct arena *arena;

static void start(void)
{
    folder_make();
    OK(arena_create(&arena));
}

static void stop(void)
{
    arena_destroy(arena);
    folder_remove();
}

TestSuite(findings, .init = start, .fini = stop, .timeout = 60);

static const char whole[] = "across:\n"
                            "  ensemble: {over: seed, sizes: [1, 2]}\n"
                            "expect:\n"
                            "  - claim: 'it \"works\": \\ 100 %'\n"
                            "    value: loss_gap\n"
                            "    where: weight_decay = 0.1\n"
                            "    below: {where: weight_decay = 0}\n"
                            "  - {claim: near one, value: test_loss / 2, within: [0.5, 1]}\n"
                            "  - {claim: more, value: test_loss, above: 0.25}\n";

static const char *study_text(const char *more)
{
    return arena_format(arena, "%s%s", small_study, more);
}

static void check_whole(const struct findings *findings)
{
    cr_assert_eq(findings->across.count, 1);
    cr_assert_str_eq(findings->across.items[0].entry->name, "ensemble");
    cr_assert_eq(findings->expect.count, 3);
    const struct expectation *first = findings_expectation(findings, 0),
                             *second = findings_expectation(findings, 1),
                             *third = findings_expectation(findings, 2);
    cr_assert_str_eq(first->claim, "it \"works\": \\ 100 %");
    cr_assert_str_eq(first->value, "loss_gap");
    cr_assert_str_eq(first->where, "weight_decay = 0.1");
    cr_assert_null(first->below.value);
    cr_assert_str_eq(first->below.where, "weight_decay = 0");
    cr_assert_null(first->above.where);
    cr_assert_null(first->within.items);
    cr_assert_eq(second->within.count, 2);
    cr_assert_float_eq(second->within.items[0], 0.5, 0);
    cr_assert_null(second->where);
    cr_assert_str_eq(third->above.value, "0.25");
}

static void open_whole(const char *more, struct study **study)
{
    write_file("study.yaml", study_text(more));
    struct study_request request = {.file = in_folder("study.yaml"),
                                    .folder = in_folder("out"),
                                    .schema = findings_schema(),
                                    .look = true};
    OK(study_open(&request, study));
}

static void run_whole(const char *more)
{
    struct study *study;
    struct session *session;
    struct scheduler_options options = {.jobs = 1, .memory = 1e9};
    open_whole(more, &study);
    OK(scheduler_create(study, &options, &session));
    OK(scheduler_run(study, &options, session));
    scheduler_destroy(session);
    study_close(study);
}

Test(findings, spec)
{
    struct study *study;
    struct findings findings;
    open_whole(whole, &study);
    OK(findings_of_spec(arena, study->spec, &findings));
    check_whole(&findings);
    const struct value *value = value_find(findings.whole, "expect.1.value");
    cr_assert(value && value->mark.line > 0);
    study_close(study);
}

/* They say nothing about a single run: its id and its spec stay as they are. */
Test(findings, no_part_of_runs)
{
    struct study *with, *without;
    open_whole(whole, &with);
    open_whole("", &without);
    cr_assert_eq(with->run_count, without->run_count);
    for (size_t i = 0; i < with->run_count; i++)
        cr_assert_str_eq(with->runs[i].id, without->runs[i].id);
    struct diagnostics diagnostics;
    struct value *run;
    diagnostics_start(&diagnostics, arena);
    OK(spec_run(with->spec, 0, arena, &diagnostics, &run));
    cr_assert_null(value_find(run, "across"));
    cr_assert_null(value_find(run, "expect"));
    study_close(with);
    study_close(without);
}

/* The journal has what the latest `run` was told, also where there was nothing to train. */
Test(findings, folder)
{
    struct findings findings;
    OK(folder_prepare(in_folder("out")));
    OK(findings_of_folder(arena, in_folder("out"), &findings));
    cr_assert(findings.across.count == 0 && findings.expect.count == 0);
    run_whole(whole);
    OK(findings_of_folder(arena, in_folder("out"), &findings));
    check_whole(&findings);
    run_whole("across: {ensemble: {sizes: [2]}}\n");
    OK(findings_of_folder(arena, in_folder("out"), &findings));
    cr_assert(findings.across.count == 1 && findings.expect.count == 0);
    run_whole("");
    OK(findings_of_folder(arena, in_folder("out"), &findings));
    cr_assert(findings.across.count == 0 && findings.expect.count == 0);
}
