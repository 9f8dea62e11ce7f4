#include "analysis/running.h"
#include "study_helpers.h"

#include <math.h>
#include "analysis/table.h"
#include "folder/checkpoint.h"
#include "folder/folder.h"
#include "folder/journal.h"
#include "run/provenance.h"

static const char id[] = "0123456789abcdef";

/* What a test changes in a checkpoint that is right otherwise. */
struct damage {
    const char *path; /* of an array that is another one; NULL: none */
    enum record_type type;
    size_t rank, rows;
    const void *data;
    int64_t epoch, step;
    double seconds;
};

static void put_array(struct record *record, const char *path, enum record_type type, size_t rank,
                      size_t rows, const void *data, const struct damage *damage)
{
    struct record_item *item;
    if (damage && damage->path && strcmp(damage->path, path) == 0) {
        type = damage->type;
        rank = damage->rank;
        rows = damage->rows;
        data = damage->data;
    }
    const size_t dims[] = {rows, 1};
    OK(record_add(record, path, type, (int)rank, dims, NULL, data, &item));
}

/* Slot 0 of a run after three epochs. */
static void save(const struct damage *damage)
{
    static const int64_t axis[] = {1, 2, 3};
    static const double train[] = {3, 2, 1}, test[] = {5, 4, NAN};
    struct arena *arena;
    struct record *record;
    struct record_item *item;
    struct checkpoint checkpoint;
    OK(arena_create(&arena));
    OK(record_create(arena, &record));
    OK(record_group(record, "/state", &item));
    OK(record_group(record, "/state/epochs", &item));
    put_array(record, "/state/epochs/axis", RECORD_INTEGER, 1, 3, axis, damage);
    put_array(record, "/state/epochs/train_loss", RECORD_FLOAT64, 1, 3, train, damage);
    put_array(record, "/state/epochs/test_loss", RECORD_FLOAT64, 1, 3, test, damage);
    checkpoint_open(in_folder("out"), id, provenance_build(), &checkpoint);
    OK(checkpoint_write(&checkpoint, record, damage ? damage->epoch : 3, damage ? damage->step : 12,
                        damage ? damage->seconds : 1.5));
    arena_destroy(arena);
}

static void prepare(void)
{
    folder_make();
    OK(folder_prepare(in_folder("out")));
}

static bool look(struct arena *arena, struct running *running)
{
    bool found;
    OK(running_look(arena, in_folder("out"), id, running, &found));
    return found;
}

TestSuite(running, .init = prepare, .fini = folder_remove);

Test(running, what_a_checkpoint_says)
{
    struct arena *arena;
    struct running running;
    OK(arena_create(&arena));
    cr_assert(!look(arena, &running));
    save(NULL);
    cr_assert(look(arena, &running));
    cr_assert_eq(running.epoch, 3);
    cr_assert_eq(running.step, 12);
    cr_assert_eq(running.seconds, 1.5);
    cr_assert_eq(running.rows, 3);
    cr_assert_eq(running.axis[2], 3);
    cr_assert_eq(running_curve(&running, "train_loss")[2], 1);
    cr_assert_eq(running_last(&running, running_curve(&running, "train_loss")), 1);
    cr_assert_eq(running_last(&running, running_curve(&running, "test_loss")), 4);
    cr_assert_null(running_curve(&running, "axis"));
    cr_assert_null(running_curve(&running, "loss"));
    arena_destroy(arena);
}

/* Its digest is right, and its content is not: what is no curve is none, and counts that no run has
 * are no checkpoint. */
Test(running, what_contradicts_itself_is_left_out)
{
    static const int64_t whole[] = {1, 2, 3};
    static const double real[] = {1, 2, 3};
    static const struct damage axes[] = {
        {"/state/epochs/axis", RECORD_INTEGER, 1, 2, whole, 3, 12, 1},
        {"/state/epochs/axis", RECORD_INTEGER, 2, 3, whole, 3, 12, 1},
        {"/state/epochs/axis", RECORD_FLOAT64, 1, 3, real, 3, 12, 1}};
    static const struct damage curves[] = {
        {"/state/epochs/train_loss", RECORD_FLOAT64, 1, 2, real, 3, 12, 1},
        {"/state/epochs/train_loss", RECORD_FLOAT64, 0, 1, real, 3, 12, 1},
        {"/state/epochs/train_loss", RECORD_INTEGER, 1, 3, whole, 3, 12, 1}};
    static const struct damage counts[] = {{.epoch = -1, .step = 12},
                                           {.epoch = 3, .step = -5},
                                           {.epoch = INT64_MIN, .step = INT64_MAX}};
    struct arena *arena;
    struct running running;
    OK(arena_create(&arena));
    for (size_t i = 0; i < 3; i++) {
        save(&axes[i]);
        cr_assert(look(arena, &running));
        cr_assert(running.rows == 0 || running.curve_count == 0);
        save(&curves[i]);
        cr_assert(look(arena, &running));
        cr_assert_null(running_curve(&running, "train_loss"));
        cr_assert_not_null(running_curve(&running, "test_loss"));
        save(&counts[i]);
        cr_assert(!look(arena, &running));
    }
    arena_destroy(arena);
}

/* ---- rows of a table ---- */

/* Everything but the brace at the end of an event. */
static void say(const char *line)
{
    struct journal journal;
    struct text text = {0};
    OK(journal_open(&journal, in_folder("out")));
    text_append(&text, line);
    journal_end(&journal, &text);
    journal_close(&journal);
}

static basin_status load_running(struct arena *arena, struct table_source *source,
                                 struct table **table)
{
    *source = (struct table_source){.path = in_folder("out"), .running = true};
    return table_load_runs(arena, source, 1, table);
}

static const struct cell *cell_of(const struct table *table, const char *name)
{
    int column = table_column(table, name);
    cr_assert_geq(column, 0, "%s", name);
    return &table->rows[0].cells[column];
}

/* A checkpoint without /spec, as earlier versions wrote them: the journal's axes say what the run
 * varies. */
Test(running, a_row_of_a_table)
{
    struct arena *arena;
    struct table_source source;
    struct table *table;
    OK(arena_create(&arena));
    say("{\"event\": \"study_start\", \"time\": \"2026-01-01T00:00:00.000Z\", \"study\": \"s\", "
        "\"ids\": [\"aaaaaaaaaaaaaaaa\", \"bbbbbbbbbbbbbbbb\", \"cccccccccccccccc\", "
        "\"0123456789abcdef\"], "
        "\"axes\": [\"training.batch_size\\t10\\t20\", \"training.loss\\tmse\\tcross_entropy\"]");
    save(NULL);
    OK(load_running(arena, &source, &table));
    cr_assert_eq(table->row_count, 1);
    cr_assert_eq(source.under_way, 1);
    cr_assert_eq(source.unsaved, 0);
    cr_assert_str_eq(cell_of(table, "status")->text, "interrupted");
    cr_assert_eq(cell_of(table, "batch_size")->number, 20);
    cr_assert_str_eq(cell_of(table, "training.loss")->text, "cross_entropy");
    cr_assert_eq(cell_of(table, "epochs")->number, 3);
    cr_assert_eq(cell_of(table, "train_loss")->number, 1);
    cr_assert_eq(cell_of(table, "test_loss")->number, 4);
    arena_destroy(arena);
}

/* Axes that do not fit the ids, values without a path, no values: parameters that are not known. */
Test(running, a_journal_that_says_nonsense)
{
    static const char *const axes[] = {"[\"\"]",
                                       "[\"\\t\"]",
                                       "[\"training.loss\"]",
                                       "[\"a\\t1\", \"b\"]",
                                       "[\"training.epochs\\t1\", \"x\\t[1, {2\\t\\t\"]",
                                       "7",
                                       "[7, null]"};
    save(NULL);
    for (size_t i = 0; i < sizeof axes / sizeof *axes; i++) {
        struct arena *arena;
        struct table_source source;
        struct table *table;
        char line[512];
        OK(arena_create(&arena));
        snprintf(line, sizeof line,
                 "{\"event\": \"study_start\", \"time\": \"2026-01-01T00:00:0%zu.000Z\", "
                 "\"study\": \"s\", \"ids\": [\"0123456789abcdef\"], \"axes\": %s",
                 i, axes[i]);
        say(line);
        OK(load_running(arena, &source, &table));
        cr_assert_eq(table->row_count, 1, "%s", axes[i]);
        cr_assert_eq(cell_of(table, "epochs")->number, 3);
        arena_destroy(arena);
    }
}

/* Every allocation fails in turn: it is said, nothing leaks, and the next look has it all. */
Test(running, shortage_of_memory)
{
    long n = 1;
    say("{\"event\": \"study_start\", \"time\": \"2026-01-01T00:00:00.000Z\", \"study\": \"s\", "
        "\"ids\": [\"0123456789abcdef\"], \"axes\": [\"training.batch_size\\t10\"]");
    save(NULL);
    for (;; n++) {
        struct arena *arena;
        struct table_source source;
        struct table *table = NULL;
        OK(arena_create(&arena));
        memory_fail_at(n);
        basin_status status = load_running(arena, &source, &table);
        bool failed = memory_fail_left() == 0;
        memory_fail_at(0);
        if (status == BASIN_OK && !failed) cr_assert_eq(cell_of(table, "train_loss")->number, 1);
        arena_destroy(arena);
        if (!failed) break;
        cr_assert(status == BASIN_OK || status == BASIN_MEMORY, "allocation %ld: %s", n,
                  basin_error_last()->message);
    }
    cr_assert_gt(n, 10);
}
