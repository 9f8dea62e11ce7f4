/* folder/ledger.c: one state a run, from files, journals and claims that are written here. */
#include "folder/ledger.h"
#include "../seal.h"
#include "study_helpers.h"

#include "base/process.h"

#define A "aaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbb"
#define C "cccccccccccccccc"
#define D "dddddddddddddddd"
#define E "eeeeeeeeeeeeeeee"

static struct arena *arena;

static bool is_made_here(const struct record *record)
{
    return record_attribute_find(record->items, "made_here") != NULL;
}

static const struct ledger_reader reader = {.build = "build", .made = is_made_here};

static void start(void)
{
    folder_make();
    OK(store_make_folder(in_folder("journal")));
    OK(store_make_folder(in_folder("runs")));
    OK(store_make_folder(in_folder("claims")));
    OK(store_make_folder(in_folder("checkpoints")));
    OK(arena_create(&arena));
}

static void stop(void)
{
    arena_destroy(arena);
    folder_remove();
}

TestSuite(ledger, .init = start, .fini = stop, .timeout = 60);

#define STARTED                                                                                    \
    "{\"event\": \"study_start\", \"time\": \"1\", \"study\": \"s\", \"spec\": \"s.yaml\", "       \
    "\"ids\": [\"" A "\", \"" B "\", \"" C "\", \"" D "\"]}\n"
#define ENDED "{\"event\": \"study_end\", \"time\": \"9\"}\n"

static void write_journal(const char *lines)
{
    write_file("journal/host-1.jsonl", lines);
}

static struct ledger *read_all(void)
{
    struct ledger *ledger;
    OK(ledger_read(arena, folder, &reader, &ledger));
    return ledger;
}

/* The entry of a run as the whole folder gives it; one asked for by itself must be the same. */
static const struct ledger_entry *entry_of(const char *id)
{
    static struct ledger_entry alone;
    const struct ledger *ledger = read_all();
    for (size_t i = 0; i < ledger->count; i++) {
        const struct ledger_entry *entry = &ledger->entries[i];
        if (strcmp(entry->id, id) != 0) continue;
        OK(ledger_read_run(folder, &reader, arena, id, &alone));
        cr_assert_eq(alone.state, entry->state, "%s by itself, %s among all",
                     ledger_names[alone.state], ledger_names[entry->state]);
        cr_assert_eq(alone.transient, entry->transient);
        cr_assert_eq(alone.step, entry->step);
        return entry;
    }
    cr_assert(false, "no entry for %s", id);
    return NULL;
}

static void claim(const char *id, long process)
{
    char text[400], host[PROCESS_HOST], name[64];
    snprintf(text, sizeof text, "%s %ld 0\n", process_host(host, sizeof host), process);
    snprintf(name, sizeof name, "claims/%s", id);
    write_file(name, text);
}

static void save(const char *name, const char *id, const char *attribute, const char *value)
{
    struct record *record;
    OK(record_create(arena, &record));
    OK(record_attribute_text(record, record->items, "run_id", id));
    if (attribute) OK(record_attribute_text(record, record->items, attribute, value));
    OK(store_save(record, in_folder(name)));
}

static void save_checkpoint(const char *id, const char *build)
{
    struct record *record;
    char name[64];
    snprintf(name, sizeof name, "checkpoints/%s.1", id);
    OK(record_create(arena, &record));
    OK(record_attribute_text(record, record->items, "run_id", id));
    OK(record_attribute_text(record, record->items, "build", build));
    OK(record_attribute_integer(record, record->items, "serial", 1));
    OK(record_attribute_integer(record, record->items, "epoch", 2));
    OK(record_attribute_integer(record, record->items, "step", 30));
    OK(store_save(record, in_folder(name)));
}

Test(ledger, follows_files_and_the_last_word_of_the_journals)
{
    write_journal(STARTED
                  "{\"event\": \"run_fail\", \"time\": \"2\", \"run_id\": \"" B "\", \"message\": "
                  "\"no luck\"}\n"
                  "{\"event\": \"run_fail\", \"time\": \"3\", \"run_id\": \"" C "\", \"message\": "
                  "\"at first\"}\n"
                  "{\"event\": \"run_start\", \"time\": \"4\", \"run_id\": \"" C "\"}\n" ENDED);
    write_file("runs/" A ".h5", "nonsense");
    const struct ledger *ledger = read_all();
    cr_assert_str_eq(ledger->study, "s");
    cr_assert_str_eq(ledger->spec, "s.yaml");
    cr_assert_eq(ledger->count, 4);
    cr_assert_eq(entry_of(A)->state, LEDGER_DAMAGED);
    cr_assert_not_null(entry_of(A)->reason);
    cr_assert_eq(entry_of(B)->state, LEDGER_FAILED);
    cr_assert_str_eq(entry_of(B)->reason, "no luck");
    cr_assert_eq(entry_of(C)->state, LEDGER_MISSING);
    cr_assert_null(entry_of(C)->reason);
    cr_assert_eq(entry_of(D)->state, LEDGER_MISSING);
    cr_assert_eq(ledger->counts[LEDGER_MISSING], 2);
    cr_assert_eq(ledger->left, 1);
}

/* A result under the name of another run, or under no run's name, is not finished. */
Test(ledger, believes_a_file_only_under_its_own_name)
{
    save("runs/" A ".h5", A, "made_here", "yes");
    save("runs/" B ".h5", A, NULL, NULL);
    save("runs/copy.h5", A, NULL, NULL);
    const struct ledger *ledger = read_all();
    cr_assert_eq(ledger->count, 3);
    cr_assert_eq(ledger->entries[0].state, LEDGER_FINISHED);
    cr_assert_eq(ledger->entries[1].state, LEDGER_DAMAGED);
    cr_assert(strstr(ledger->entries[1].reason, "another run, " A), "%s",
              ledger->entries[1].reason);
    cr_assert_eq(ledger->entries[2].state, LEDGER_DAMAGED);
    cr_assert(strstr(ledger->entries[2].reason, "not that of a run"), "%s",
              ledger->entries[2].reason);
}

/* Whose reading takes more memory than there is: it is named, and nobody replaces it. */
Test(ledger, a_result_that_memory_cannot_hold_is_unreadable)
{
    struct ledger_entry entry = {.id = A};
    save("runs/" A ".h5", A, "made_here", "yes");
    memory_fail_at(1);
    basin_status status = ledger_look(folder, &reader, arena, &entry, NULL);
    cr_assert_eq(memory_fail_left(), 0);
    memory_fail_at(0);
    OK(status);
    cr_assert_eq(entry.state, LEDGER_FAILED);
    cr_assert(entry.unreadable);
    cr_assert(strstr(entry.reason, "runs/" A ".h5: out of memory"), "%s", entry.reason);
    OK(ledger_look(folder, &reader, arena, &entry, NULL));
    cr_assert_eq(entry.state, LEDGER_FINISHED);
}

Test(ledger, a_result_outlasts_every_word_of_a_journal)
{
    save("runs/" A ".h5", A, "made_here", "yes");
    save("runs/" B ".h5", B, "status", "diverged");
    write_journal(STARTED "{\"event\": \"run_fail\", \"time\": \"2\", \"run_id\": \"" A "\"}\n"
                          "{\"event\": \"run_start\", \"time\": \"3\", \"run_id\": \"" B "\"}\n");
    claim(B, (long)getppid());
    cr_assert_eq(entry_of(A)->state, LEDGER_FINISHED);
    cr_assert_not(entry_of(A)->foreign);
    cr_assert_eq(entry_of(A)->failure, BASIN_INTERNAL, "known: a measure asked for later failed");
    cr_assert_not_null(entry_of(A)->failed_in);
    cr_assert_eq(entry_of(B)->state, LEDGER_DIVERGED);
    cr_assert_eq(entry_of(B)->failure, BASIN_OK);
    cr_assert(entry_of(B)->foreign);
    cr_assert_not_null(entry_of(B)->holder);
}

/* The next try may well succeed, and nobody need ask for it: for `status` and for a study alike. */
Test(ledger, a_full_disk_or_missing_data_is_transient)
{
    cr_assert(ledger_is_transient(BASIN_IO));
    cr_assert(ledger_is_transient(BASIN_DATA));
    cr_assert_not(ledger_is_transient(BASIN_MEMORY));
    cr_assert_not(ledger_is_transient(BASIN_INTERNAL));
    char line[512];
    static const basin_status statuses[] = {BASIN_IO, BASIN_DATA, BASIN_MEMORY, BASIN_INTERNAL};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        snprintf(line, sizeof line,
                 STARTED "{\"event\": \"run_fail\", \"time\": \"2\", \"run_id\": \"" A
                         "\", \"status\": \"%s\", \"message\": \"why\"}\n" ENDED,
                 basin_status_text(statuses[i]));
        write_journal(line);
        const struct ledger_entry *entry = entry_of(A);
        cr_assert_eq(entry->state, LEDGER_FAILED);
        cr_assert_eq(entry->failure, statuses[i]);
        cr_assert_eq(entry->transient, i < 2, "%s", basin_status_text(statuses[i]));
        cr_assert_eq(read_all()->left, i < 2 ? 0 : 1);
    }
}

Test(ledger, a_claim_of_a_living_process_means_running)
{
    write_journal(STARTED "{\"event\": \"run_fail\", \"time\": \"2\", \"run_id\": \"" B "\"}\n");
    claim(A, (long)getppid());
    claim(B, (long)getppid());
    claim(C, 999999999);
    write_file("claims/" D, "free\n");
    cr_assert_eq(entry_of(A)->state, LEDGER_RUNNING);
    cr_assert(strstr(entry_of(A)->holder, "-"), "%s", entry_of(A)->holder);
    cr_assert_eq(entry_of(B)->state, LEDGER_RUNNING);
    cr_assert_eq(entry_of(C)->state, LEDGER_MISSING);
    cr_assert_null(entry_of(C)->holder);
    cr_assert_eq(entry_of(D)->state, LEDGER_MISSING);
}

Test(ledger, a_checkpoint_of_this_build_means_interrupted)
{
    write_journal(STARTED ENDED);
    save_checkpoint(A, "build");
    save_checkpoint(B, "another build");
    cr_assert_eq(entry_of(A)->state, LEDGER_INTERRUPTED);
    cr_assert_eq(entry_of(A)->epoch, 2);
    cr_assert_eq(entry_of(A)->step, 30);
    cr_assert_null(entry_of(A)->unusable);
    cr_assert_eq(entry_of(B)->state, LEDGER_MISSING);
    cr_assert(strstr(entry_of(B)->unusable, "another build"), "%s", entry_of(B)->unusable);
}

Test(ledger, a_run_that_crashes_the_process_is_a_suspect_and_then_quarantined)
{
#define ALONE(time)                                                                                \
    "{\"event\": \"run_start\", \"time\": \"" time "\", \"run_id\": \"" A                          \
    "\", \"step\": 0, \"alone\": true}\n"
    write_journal(STARTED ALONE("2"));
    const struct ledger_entry *entry = entry_of(A);
    cr_assert_eq(entry->state, LEDGER_MISSING);
    cr_assert(entry->suspect);
    cr_assert(strstr(entry->crash, "host-1"), "%s", entry->crash);
    cr_assert_eq(read_all()->suspects, 1);
    write_file("journal/host-2.jsonl", ALONE("3"));
    entry = entry_of(A);
    cr_assert_eq(entry->state, LEDGER_QUARANTINED);
    cr_assert(entry->quarantined);
    cr_assert(strstr(entry->reason, "host-2"), "%s", entry->reason);
    cr_assert_eq(read_all()->suspects, 0);
    cr_assert_eq(read_all()->left, 1);
}

static int count_unreadable(const struct ledger *ledger)
{
    int count = 0;
    for (size_t i = 0; i < ledger->count; i++) count += ledger->entries[i].unreadable;
    return count;
}

/* Never a wrong state for want of memory: each allocation fails in turn, until all succeed. A
 * result whose reading failed is unreadable, and the others are what they are. */
Test(ledger, a_shortage_of_memory_is_an_error_and_no_state)
{
    bool failed = true;
    long n = 1;
    save("runs/" A ".h5", A, "made_here", "yes");
    save("runs/" E ".h5", E, "made_here", "yes");
    seal_as_newer_format(in_folder("runs/" E ".h5"));
    write_file("runs/" B ".h5", "nonsense");
    write_journal(STARTED "{\"event\": \"run_fail\", \"time\": \"2\", \"run_id\": \"" D
                          "\"}\n" ENDED);
    save_checkpoint(C, "build");
    for (; failed && n < 5000; n++) {
        struct arena *own;
        struct ledger *ledger;
        OK(arena_create(&own));
        memory_fail_at(n);
        basin_status status = ledger_read(own, folder, &reader, &ledger);
        failed = memory_fail_left() == 0;
        memory_fail_at(0);
        cr_assert(status == BASIN_OK || (failed && status == BASIN_MEMORY), "allocation %ld: %s", n,
                  basin_error_last()->message);
        if (status == BASIN_OK) {
            int unreadable = count_unreadable(ledger), results = 3 - unreadable;
            cr_assert_leq(unreadable, failed, "allocation %ld", n);
            cr_assert_eq(ledger->counts[LEDGER_FINISHED] + ledger->counts[LEDGER_DAMAGED], results,
                         "allocation %ld", n);
            cr_assert_leq(ledger->counts[LEDGER_DAMAGED], 1, "allocation %ld", n);
            cr_assert_eq(ledger->counts[LEDGER_INTERRUPTED], 1, "allocation %ld", n);
            cr_assert_eq(ledger->counts[LEDGER_FAILED], 1 + unreadable, "allocation %ld", n);
        }
        arena_destroy(own);
    }
    cr_assert_not(failed);
    cr_assert_gt(n, 50, "%ld allocations", n);
}

Test(ledger, what_is_no_folder_is_an_error)
{
    struct ledger *ledger;
    write_file("file", "");
    cr_assert_eq(ledger_read(arena, in_folder("file"), &reader, &ledger), BASIN_USAGE);
    cr_assert_eq(ledger_read(arena, in_folder("nowhere"), &reader, &ledger), BASIN_IO);
}
