#include "analysis/findings.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>
#include "analysis/across.h"
#include "folder/journal.h"
#include "run/schema.h"

/* ---- the tables ---- */

static const struct schema_row bound_rows[] = {
    {.key = "value",
     SETTING(struct expectation_bound, value),
     .type = SCHEMA_TEXT,
     .flags = SCHEMA_OPTIONAL | SCHEMA_FIXED,
     .doc = "A number or an expression; if absent, that of the claim."},
    {.key = "where",
     SETTING(struct expectation_bound, where),
     .type = SCHEMA_TEXT,
     .flags = SCHEMA_OPTIONAL | SCHEMA_FIXED,
     .doc = "Of which runs it is taken, each paired with the run of the claim that has the same "
            "seed and parameters; if absent, of the run of the claim itself."},
    {0}};

static const struct schema_row expectation_rows[] = {
    {.key = "claim",
     SETTING(struct expectation, claim),
     .type = SCHEMA_TEXT,
     .minimum = 1,
     .maximum = 1000,
     .flags = SCHEMA_REQUIRED | SCHEMA_FIXED,
     .doc = "What is expected, in words."},
    {.key = "value",
     SETTING(struct expectation, value),
     .type = SCHEMA_TEXT,
     .flags = SCHEMA_REQUIRED | SCHEMA_FIXED,
     .doc = "The number that the claim is about: an expression over the numbers, curves and "
            "parameters of a run, such as mean(curves.test_loss, from: 0.5) / train_loss; see "
            "\"Claims\" in experiments/README.md."},
    {.key = "where",
     SETTING(struct expectation, where),
     .type = SCHEMA_TEXT,
     .flags = SCHEMA_OPTIONAL | SCHEMA_FIXED,
     .doc = "Which runs the claim is about, as in `basin table --where`; if absent, all."},
    {.key = "within",
     SETTING(struct expectation, within),
     .type = SCHEMA_NUMBERS,
     .flags = SCHEMA_OPTIONAL | SCHEMA_FIXED | SCHEMA_NOT_EMPTY,
     .doc = "The value is in this interval: [lowest, highest]."},
    {.key = "above",
     SETTING(struct expectation, above),
     .type = SCHEMA_TABLE,
     .table = bound_rows,
     .discriminator = "value",
     .flags = SCHEMA_OPTIONAL | SCHEMA_FIXED,
     .doc = "The value is greater than this."},
    {.key = "below",
     SETTING(struct expectation, below),
     .type = SCHEMA_TABLE,
     .table = bound_rows,
     .discriminator = "value",
     .flags = SCHEMA_OPTIONAL | SCHEMA_FIXED,
     .doc = "The value is less than this."},
    {0}};

static const struct schema_row findings_rows[] = {
    {.key = "across",
     SETTING(struct findings, across),
     .type = SCHEMA_SET,
     .registry = &across_registry,
     .flags = SCHEMA_SILENT | SCHEMA_FIXED | SCHEMA_STUDY,
     .doc = "What is computed over the runs of the study, from their results, once they have "
            "finished."},
    {.key = "expect",
     SETTING(struct findings, expect),
     .type = SCHEMA_TABLES,
     .table = expectation_rows,
     .block_size = sizeof(struct expectation),
     .flags = SCHEMA_OPTIONAL | SCHEMA_SILENT | SCHEMA_FIXED | SCHEMA_STUDY,
     .doc = "What the study expects of its runs: claims that the program checks from their "
            "results. Each has one of within, above and below; intervals over seeds decide "
            "whether it holds, fails or is undecided."},
    {.key = "report",
     SETTING(struct findings, report),
     .type = SCHEMA_TABLE,
     .table = report_rows,
     .flags = SCHEMA_OPTIONAL | SCHEMA_SILENT | SCHEMA_FIXED | SCHEMA_STUDY,
     .doc = "How `basin report` shows the study."},
    {0}};

enum { ROWS_MOST = 64 };
static struct schema_row all_rows[ROWS_MOST];

static size_t append_rows(const struct schema_row *rows, size_t count)
{
    for (; rows->key; rows++) {
        assert(count + 1 < ROWS_MOST);
        all_rows[count++] = *rows;
    }
    return count;
}

static void make_rows(void)
{
    append_rows(findings_rows, append_rows(study_schema, 0));
}

const struct schema_row *findings_schema(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_rows);
    return all_rows;
}

/* ---- what is said ---- */

basin_status findings_of_spec(struct arena *arena, const struct spec *spec,
                              struct findings *findings)
{
    *findings = (struct findings){.spec = spec, .whole = spec->whole};
    if (!spec->whole || !spec->whole->map.count) return BASIN_OK;
    return settings_fill(arena, findings_rows, spec->whole, findings);
}

/* The rows alone: the journal's text has no other keys. */
static basin_status findings_read_text(struct arena *arena, const char *folder, const char *text,
                                       struct findings *findings)
{
    struct diagnostics diagnostics;
    struct spec *spec;
    const char *name = arena_format(arena, "%s/journal", folder);
    if (!name) return BASIN_MEMORY;
    struct spec_request request = {
        .file = name, .text = text, .length = strlen(text), .schema = findings_rows};
    diagnostics_start(&diagnostics, arena);
    basin_status status = spec_read(arena, &request, &diagnostics, &spec);
    if (status == BASIN_SPEC)
        return error_raise(BASIN_DATA, "what the study in %s declares is not understood: %s",
                           folder,
                           diagnostics.count ? diagnostics.items[0].message : "it is empty");
    TRY(status);
    return findings_of_spec(arena, spec, findings);
}

basin_status findings_of_folder(struct arena *arena, const char *folder, struct findings *findings)
{
    struct journal_events events;
    const char *text = NULL;
    *findings = (struct findings){0};
    TRY(journal_read_starts(folder, arena, &events));
    for (size_t i = 0; i < events.count; i++)
        if (strcmp(events.items[i].name, "study_start") == 0) text = events.items[i].whole;
    return text ? findings_read_text(arena, folder, text, findings) : BASIN_OK;
}
