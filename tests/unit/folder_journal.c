#include "folder/journal.h"
#include "study_helpers.h"

#include <fcntl.h>
#include "base/process.h"

static struct arena *arena;

static void start(void)
{
    folder_make();
    OK(store_make_folder(in_folder("journal")));
    OK(arena_create(&arena));
}

static void stop(void)
{
    arena_destroy(arena);
    folder_remove();
}

TestSuite(journal, .init = start, .fini = stop);

Test(journal, what_is_written_is_read_back)
{
    struct journal journal;
    struct journal_events events;
    struct text line;
    OK(journal_open(&journal, folder));
    journal_begin(&line, "run_fail");
    journal_text(&line, "run_id", "0123456789abcdef");
    journal_text(&line, "message", "a \"quoted\" path\\name\n\ttab \x01 \u00e4\u20ac");
    journal_number(&line, "flops", 1e15);
    journal_number(&line, "seconds", 0.1);
    journal_end(&journal, &line);
    journal_begin(&line, "study_start");
    journal_text(&line, "study", "x");
    text_append(&line, ", \"ids\": [\"0123456789abcdef\", \"../../../etc/pass\", \"\\u001b[2J\", "
                       "7, \"fedcba9876543210\"]");
    journal_text(&line, "spec", "x.yaml");
    journal_end(&journal, &line);
    journal_close(&journal);
    cr_assert(!journal.failed);
    OK(journal_read(folder, arena, &events));
    cr_assert_eq(events.count, 2);
    cr_assert_str_eq(events.items[0].name, "run_fail");
    cr_assert_str_eq(events.items[0].run_id, "0123456789abcdef");
    cr_assert_str_eq(events.items[0].message, "a \"quoted\" path\\name\\n\\ttab \\x01 \u00e4\u20ac",
                     "as it can be printed");
    cr_assert_eq(events.items[1].id_count, 2, "what is no id is not taken for one");
    cr_assert_str_eq(events.items[1].ids[1], "fedcba9876543210");
    cr_assert_str_eq(events.items[1].spec, "x.yaml");
}

Test(journal, events_of_all_processes_come_in_order_of_time)
{
    struct journal_events events;
    write_file("journal/a-1.jsonl",
               "{\"event\": \"second\", \"time\": \"2026-01-02T00:00:00.000Z\"}\n"
               "{\"event\": \"third\", \"time\": \"2026-01-02T00:00:00.000Z\"}\n");
    write_file(
        "journal/b-1.jsonl",
        "{\"event\": \"first\", \"time\": \"2026-01-01T00:00:00.000Z\", \"new\": [1, {}]}\n"
        "{\"event\": \"first again\", \"time\": \"2026-01-01T00:00:00.000Z\", \"new\": 3}\n");
    write_file("journal/notes.txt",
               "{\"event\": \"no\", \"time\": \"2026-01-01T00:00:00.000Z\"}\n");
    OK(journal_read(folder, arena, &events));
    cr_assert_eq(events.count, 4);
    cr_assert_str_eq(events.items[0].name, "first");
    cr_assert_str_eq(events.items[1].name, "first again");
    cr_assert_str_eq(events.items[2].name, "second");
    cr_assert_str_eq(events.items[3].name, "third");
}

/* A study of many runs that was begun many times: its memory grows with both, and not with their
 * product. */
Test(journal, lists_of_runs_are_read_once)
{
    enum { RUNS = 5000, STARTS = 20 };
    struct journal_events events;
    struct text lines = {0};
    for (int start = 0; start < STARTS; start++) {
        text_format(&lines,
                    "{\"event\": \"study_start\", \"time\": \"2026-01-%02dT00:00:00.000Z\", "
                    "\"names\": [\"a=%d\"], \"ids\": [",
                    start + 1, start);
        for (int i = 0; i < RUNS; i++)
            text_format(&lines, "%s\"%016x\"", i ? ", " : "", (unsigned)(start + i));
        text_append(&lines, "]}\n");
    }
    write_file("journal/a-1.jsonl", text_data(&lines));
    text_free(&lines);
    OK(journal_read(folder, arena, &events));
    cr_assert_eq(events.count, STARTS);
    cr_assert_eq(events.items[0].id_count, 0);
    cr_assert_eq(events.items[STARTS - 1].id_count, RUNS);
    cr_assert_str_eq(events.items[STARTS - 1].ids[0], "0000000000000013");
    cr_assert_str_eq(events.items[STARTS - 1].names[0], "a=19");
    cr_assert_lt(arena_bytes(arena), 100 * RUNS, "%zu bytes", arena_bytes(arena));
}

Test(journal, torn_and_foreign_lines_are_passed_over)
{
    static const char whole[] = "{\"event\": \"study_start\", \"time\": \"t\", \"ids\": [\"a\", "
                                "\"b\"], \"message\": \"m\\u00e4\"}\n";
    struct journal_events events;
    for (size_t length = 0; length < sizeof whole - 1; length++) {
        char text[512];
        snprintf(text, sizeof text, "%.*s\nnot json\n\n%.*s", (int)length, whole, (int)length,
                 whole);
        write_file("journal/a-1.jsonl", text);
        OK(journal_read(folder, arena, &events));
        /* Behind the first cut there is a newline: all but the last brace is needed for an event.
         */
        cr_assert_eq(events.count, length == sizeof whole - 2 ? 1 : 0, "length %zu", length);
    }
}

#define EVENT(more) "{\"event\": \"x\", \"time\": \"2026-01-01T00:00:00.000Z\"" more "}\n"

static void put_deep(struct text *lines)
{
    text_append(lines, "{\"event\": \"x\", \"time\": \"t\", \"deep\": ");
    text_fill(lines, '[', 100000);
    text_fill(lines, ']', 100000);
    text_append(lines, "}\n");
}

static void put_long(struct text *lines)
{
    text_append(lines,
                "{\"event\": \"x\", \"time\": \"2026-01-01T00:00:00.000Z\", \"message\": \"");
    text_fill(lines, 'm', 1000000);
    text_append(lines, "\"}\n");
}

/* Whatever a damaged disk or a stranger has put there: each is passed over, and what follows is
 * read. */
Test(journal, hostile_lines_are_no_events)
{
    static const char *const hostile[] = {"{\"event\": \"x\", \"time\": \"\\u12\n",
                                          "{\"event\": \"x\", \"time\": \"\\u12\"}\n",
                                          "{\"event\": \"x\", \"time\": \"\\ud800\"}\n",
                                          "{\"event\": \"x\", \"time\": \"\\u0000\"}\n",
                                          "{\"event\": \"x\", \"time\": \"\xff\xfe\"}\n",
                                          "{\"event\": \"x\", \"time\": \"\xc3\n",
                                          "{\"event\": \"x\", \"time\": \"t\\\n",
                                          EVENT(", \"step\": 99999999999999999999"),
                                          EVENT(", \"step\": 1e999"),
                                          EVENT("}"),
                                          "{\"event\": 1, \"time\": \"t\"}\n",
                                          "{\"event\": \"x\", \"time\": null}\n",
                                          "[\"event\", \"time\"]\n",
                                          "\"event\"\n",
                                          "{\n",
                                          "\n"};
    struct journal_events events;
    struct text lines = {0};
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        text_append(&lines, hostile[i]);
        text_append(&lines, EVENT(", \"step\": 3"));
    }
    put_deep(&lines);
    text_append(&lines, EVENT(""));
    write_file("journal/a-1.jsonl", text_data(&lines));
    text_free(&lines);
    OK(journal_read(folder, arena, &events));
    cr_assert_eq(events.count, sizeof hostile / sizeof *hostile + 1, "%zu", events.count);
    cr_assert_eq(events.items[0].step, 3);
}

Test(journal, members_of_other_kinds_and_lengths_are_read_as_far_as_they_go)
{
    struct journal_events events;
    struct text lines = {0};
    text_append(&lines, EVENT(", \"step\": 1e300, \"alone\": 1, \"run_id\": 7"));
    text_append(&lines, EVENT(", \"step\": 12.0, \"alone\": true, \"refused\": false"));
    put_long(&lines);
    write_file("journal/a-1.jsonl", text_data(&lines));
    text_free(&lines);
    OK(journal_read(folder, arena, &events));
    cr_assert_eq(events.count, 3);
    cr_assert_eq(events.items[0].step, -1);
    cr_assert_not(events.items[0].alone);
    cr_assert_null(events.items[0].run_id);
    cr_assert_eq(events.items[1].step, 12);
    cr_assert(events.items[1].alone);
    cr_assert_not(events.items[1].refused);
    cr_assert_eq(strlen(events.items[2].message), 1000000);
}

/* A file of nothing but zeros, by its size: it takes no disk, and may take no memory either. */
Test(journal, a_line_without_end_is_left_out, .timeout = 60)
{
    struct journal_events events;
    write_file("journal/a-1.jsonl", EVENT(", \"step\": 3"));
    write_file("journal/evil-77.jsonl", EVENT(""));
    cr_assert_eq(truncate(in_folder("journal/evil-77.jsonl"), (off_t)3 << 30), 0);
    memory_peak_start();
    OK(journal_read(folder, arena, &events));
    cr_assert_lt(memory_peak(), (size_t)64 << 20, "%zu bytes", memory_peak());
    cr_assert_eq(events.count, 1);
    cr_assert_eq(events.items[0].step, 3);
    cr_assert_eq(events.skipped.count, 1);
    cr_assert(strstr(events.skipped.messages[0], "journal/evil-77.jsonl: it has a line of more"),
              "%s", events.skipped.messages[0]);
}

/* The largest study: 100000 runs. */
Test(journal, the_longest_start_is_read)
{
    enum { RUNS = 100000 };
    struct journal_events events;
    struct text lines = {0};
    text_append(&lines, "{\"event\": \"study_start\", \"time\": \"t\", \"ids\": [");
    for (int i = 0; i < RUNS; i++) text_format(&lines, "%s\"%016x\"", i ? ", " : "", (unsigned)i);
    text_append(&lines, "]}\n");
    write_file("journal/a-1.jsonl", text_data(&lines));
    text_free(&lines);
    OK(journal_read(folder, arena, &events));
    cr_assert_eq(events.skipped.count, 0);
    cr_assert_eq(events.count, 1);
    cr_assert_eq(events.items[0].id_count, RUNS);
}

Test(journal, a_shortage_of_memory_is_no_missing_event)
{
    struct journal_events events;
    basin_status status = BASIN_MEMORY;
    long n = 1;
    write_file("journal/a-1.jsonl", EVENT(", \"ids\": [\"0123456789abcdef\"], \"message\": \"m\""));
    for (; status == BASIN_MEMORY && n < 1000; n++) {
        struct arena *own;
        memory_fail_at(0);
        OK(arena_create(&own));
        memory_fail_at(n);
        status = journal_read(folder, own, &events);
        memory_fail_at(0);
        if (status == BASIN_OK) cr_assert_eq(events.count, 1);
        arena_destroy(own);
    }
    cr_assert_eq(status, BASIN_OK);
    cr_assert_gt(n, 5);
}

/* The number of a process that died while it wrote is used again. */
Test(journal, what_follows_a_torn_line_is_read)
{
    char host[PROCESS_HOST], name[JOURNAL_NAME], path[JOURNAL_NAME + 16];
    struct journal journal;
    struct journal_events events;
    snprintf(path, sizeof path, "journal/%s.jsonl",
             journal_name(process_host(host, sizeof host), (long)getpid(), name));
    for (int torn = 0; torn < 2; torn++) {
        struct text line;
        write_file(path,
                   torn ? "{\"event\": \"run_sta"
                        : "{\"event\": \"run_start\", \"time\": \"2026-01-01T00:00:00.000Z\"}\n");
        OK(journal_open(&journal, folder));
        journal_begin(&line, "study_start");
        journal_end(&journal, &line);
        journal_close(&journal);
        OK(journal_read(folder, arena, &events));
        cr_assert_eq(events.count, torn ? 1 : 2);
        cr_assert_str_eq(events.items[events.count - 1].name, "study_start");
    }
}

Test(journal, a_clock_that_is_set_back_changes_no_order)
{
    struct journal_events events;
    write_file("journal/a-1.jsonl",
               "{\"event\": \"first\", \"time\": \"2026-01-02T00:00:00.000Z\"}\n"
               "{\"event\": \"second\", \"time\": \"2026-01-01T00:00:00.000Z\"}\n"
               "{\"event\": \"third\", \"time\": \"2026-01-01T12:00:00.000Z\"}\n");
    write_file("journal/b-1.jsonl",
               "{\"event\": \"before\", \"time\": \"2026-01-01T06:00:00.000Z\"}\n");
    OK(journal_read(folder, arena, &events));
    cr_assert_eq(events.count, 4);
    cr_assert_str_eq(events.items[0].name, "before");
    cr_assert_str_eq(events.items[1].name, "first");
    cr_assert_str_eq(events.items[2].name, "second");
    cr_assert_str_eq(events.items[3].name, "third");
}

Test(journal, a_full_disk_is_kept_for_the_summary)
{
    struct journal journal = {.file = open("/dev/full", O_WRONLY)};
    struct text line;
    cr_assert_geq(journal.file, 0);
    journal_begin(&line, "x");
    journal_end(&journal, &line);
    cr_assert(journal.failed);
    cr_assert_eq(journal.error.status, BASIN_IO);
    journal_close(&journal);
}
