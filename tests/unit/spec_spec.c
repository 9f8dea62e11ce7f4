#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "spec_schema.h"

static const char yaml[] = "study: s\n"
                           "dataset: {name: idx, path: data, train_size: 12}\n"
                           "architecture: &net {type: mlp, hidden: [64, 32]}\n"
                           "training: {<<: {epochs: 3}, optimizer: {learning_rate: 1e-2}}\n"
                           "measures: {hessian_trace: , hessian_top: {every: 2}}\n"
                           "sweep:\n"
                           "  grid:\n"
                           "    training.optimizer.type: [sgd, adam]\n"
                           "    architecture: [*net, linear]\n"
                           "seeds: 2\n";

static basin_status read_and_run(const char *text, const char *const *sets)
{
    struct arena *arena = NULL;
    struct diagnostics diagnostics;
    struct spec *spec = NULL;
    struct value *run = NULL;
    char id[17];
    struct spec_request request = {.file = "s.yaml",
                                   .text = text,
                                   .length = strlen(text),
                                   .folder = "/",
                                   .schema = test_schema,
                                   .sets = sets};
    while (sets && sets[request.set_count]) request.set_count++;
    basin_status status = arena_create(&arena);
    if (status != BASIN_OK) return status;
    diagnostics_start(&diagnostics, arena);
    status = spec_read(arena, &request, &diagnostics, &spec);
    for (size_t i = 0; status == BASIN_OK && i < spec->run_count; i++) {
        status = spec_run(spec, i, arena, &diagnostics, &run);
        if (status == BASIN_OK) status = spec_identity(run, NULL, id);
    }
    arena_destroy(arena);
    return status;
}

static int count_failures(const char *text, const char *const *sets, basin_status end)
{
    for (int n = 1; n < 100000; n++) {
        memory_fail_at(n);
        basin_status status = read_and_run(text, sets);
        memory_fail_at(0);
        if (status == end) { /* and none of the later allocations is forgotten */
            for (int k = n + 1; k < n + 40; k++) {
                memory_fail_at(k);
                cr_expect_eq(read_and_run(text, sets), end);
                memory_fail_at(0);
            }
            return n - 1;
        }
        cr_assert_eq(status, BASIN_MEMORY, "allocation %d: %s", n, basin_error_last()->message);
    }
    return -1;
}

Test(spec, every_failed_allocation_is_an_error)
{
    cr_expect_gt(count_failures(yaml,
                                (const char *[]){"training.batch_size=3",
                                                 "sweep.grid.regularizers.dropout=[0, 0.5]", NULL},
                                BASIN_OK),
                 5);
}

Test(spec, every_failed_allocation_is_an_error_in_a_wrong_spec)
{
    cr_expect_gt(
        count_failures(
            "study: s\ntraining: {lr: 3, epochs: x, shuffle: yes, optimizer: sdg, milestones: "
            "3}\nmeasures: [a]\n"
            "sweep: {grid: {lr: [1], training.epochs: [1, 1], training.epohs: [2]}}\nseeds: 0\n",
            NULL, BASIN_SPEC),
        3);
}

Test(spec, every_failed_allocation_is_an_error_where_messages_fill_the_memory)
{
    struct text text = {0};
    text_append(&text, "study: s\narchitecture: linear\ntraining:\n  optimizer:\n");
    for (int i = 0; i < 200; i++)
        text_format(&text,
                    "    a_key_that_is_long_enough_to_fill_the_memory_of_the_messages_%d: 1\n", i);
    cr_expect_gt(count_failures(text_data(&text), NULL, BASIN_SPEC), 10);
    text_free(&text);
}

Test(spec, runs_do_not_share_values)
{
    struct reading reading = read_text(yaml);
    struct value *first = NULL, *second = NULL;
    cr_assert_eq(reading.status, BASIN_OK, "%s", text_data(&reading.printed));
    spec_run(reading.spec, 0, reading.arena, &reading.diagnostics, &first);
    spec_run(reading.spec, 0, reading.arena, &reading.diagnostics, &second);
    cr_expect(value_equal(first, second));
    cr_expect_neq(value_find(first, "training.epochs"), value_find(second, "training.epochs"));
    cr_expect_neq(value_find(first, "measures.hessian_top.k"),
                  value_find(second, "measures.hessian_top.k"));
    cr_expect_neq(value_find(first, "precision"), value_find(second, "precision"),
                  "defaults neither");
    reading_free(&reading);
}

Test(spec, complaints_stand_where_the_value_came_from)
{
    const char *sets[] = {"training.batch_size=999", NULL};
    struct reading reading = read_sets(yaml, strlen(yaml), sets);
    struct diagnostics diagnostics;
    struct value *run = NULL;
    struct text out = {0};
    spec_run(reading.spec, reading.spec->run_count - 1, reading.arena, &reading.diagnostics, &run);
    diagnostics_start(&diagnostics, reading.arena);
    spec_complain(reading.spec, &diagnostics, run, "dataset.train_size", NULL,
                  "there are only %d examples", 10);
    spec_complain(reading.spec, &diagnostics, run, "dataset.train_size", NULL,
                  "there are only %d examples", 10);
    spec_complain(reading.spec, &diagnostics, run, "architecture", "use an mlp", "too simple");
    spec_complain(reading.spec, &diagnostics, run, "training.batch_size", NULL, "too large");
    spec_complain(reading.spec, &diagnostics, run, "training.shuffle", NULL, "a default");
    spec_complain(reading.spec, &diagnostics, run, "training.optimizer.type", NULL, "not this one");
    diagnostics_print(&diagnostics, &out);
    cr_expect_str_eq(text_data(&out),
                     "study.yaml:2:46: error: dataset.train_size: there are only 10 examples\n"
                     "    2 | dataset: {name: idx, path: data, train_size: 12}\n"
                     "      |                                              ^~\n"
                     "study.yaml:4:11: error: training.shuffle: a default\n"
                     "    4 | training: {<<: {epochs: 3}, optimizer: {learning_rate: 1e-2}}\n"
                     "      |           ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\n"
                     "study.yaml:8:36: error: training.optimizer.type: not this one\n"
                     "    8 |     training.optimizer.type: [sgd, adam]\n"
                     "      |                                    ^~~~\n"
                     "study.yaml:9:26: error: architecture: too simple; use an mlp\n"
                     "    9 |     architecture: [*net, linear]\n"
                     "      |                          ^~~~~~\n"
                     "--set training.batch_size=999:1:21: error: training.batch_size: too large\n"
                     "    1 | training.batch_size=999\n"
                     "      |                     ^~~\n");
    text_free(&out);
    reading_free(&reading);
}

Test(spec, files)
{
    char folder[] = "/tmp/basin-spec-XXXXXX", path[64];
    struct arena *arena = NULL;
    struct diagnostics diagnostics;
    struct spec *spec = NULL;
    struct value *run = NULL;
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/s.yaml", folder);
    arena_create(&arena);
    diagnostics_start(&diagnostics, arena);
    struct spec_request request = {.file = path, .schema = test_schema};
    cr_expect_eq(spec_read(arena, &request, &diagnostics, &spec), BASIN_IO, "it is not there");
    FILE *file = fopen(path, "w");
    fputs("study: s\narchitecture: linear\ndataset: {name: idx, path: ../x}\n", file);
    fclose(file);
    cr_assert_eq(spec_read(arena, &request, &diagnostics, &spec), BASIN_OK);
    cr_expect_str_eq(spec->folder, folder);
    cr_assert_eq(spec_run(spec, 0, arena, &diagnostics, &run), BASIN_OK);
    cr_expect_str_eq(value_text(run, "dataset.path"), "/tmp/x");
    cr_expect_eq(spec_run(spec, 1, arena, &diagnostics, &run), BASIN_INTERNAL, "there is one run");
    request.file = folder;
    cr_expect_eq(spec_read(arena, &request, &diagnostics, &spec), BASIN_IO, "a folder is no file");
    unlink(path);
    rmdir(folder);
    arena_destroy(arena);
}

Test(spec, ten_thousand_runs_are_resolved_and_named_quickly)
{
    struct text text = {0};
    struct timespec before, after;
    text_append(&text,
                "study: s\narchitecture: mlp\nsweep:\n  grid:\n    regularizers.weight_decay: [0");
    for (int i = 1; i < 50; i++) text_format(&text, ", %d", i);
    text_append(&text, "]\n    training.optimizer.learning_rate: [1");
    for (int i = 2; i <= 50; i++) text_format(&text, ", %d", i);
    text_append(&text, "]\nseeds: 4\n");
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    cr_expect_eq(read_and_run(text_data(&text), NULL), BASIN_OK);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    double seconds =
        (double)(after.tv_sec - before.tv_sec) + 1e-9 * (double)(after.tv_nsec - before.tv_nsec);
    cr_expect_lt(seconds, 10, "%.2f s",
                 seconds); /* about 0.3 s; the bound leaves room for sanitizers */
    text_free(&text);
}

/* What is missing is missing from the file: its first key, whichever that is. */
Test(spec, a_missing_key_is_reported_at_the_first_key)
{
    static const char *const firsts[] = {"sweep: {grid: {training.epochs: [1, 2]}}\n", "seeds: 3\n",
                                         "precision: float32\n"};
    for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
        struct text written = {0};
        text_format(&written, "# a comment\n%sarchitecture: linear\n", firsts[i]);
        expect_message(
            text_data(&written),
            "2:1: error: the key \"study\" is missing; expected 1 to 64 letters, digits, "
            "\".\", \"_\", \"-\", not starting with a dot");
        text_free(&written);
    }
}
