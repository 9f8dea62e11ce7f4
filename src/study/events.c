#include "study/events.h"

#include <string.h>
#include "folder/folder.h"
#include "run/provenance.h"

/* ---- the study ---- */

static void events_put_name(struct text *out, const char *path, const char *name)
{
    struct text pair = {0};
    text_format(&pair, "%s=%s", path, name);
    text_append(out, out->length ? ", " : "");
    text_json(out, text_data(&pair));
    text_free(&pair);
}

/* Of axes that have a name of their own. */
static void put_names(struct text *out, const struct spec *spec)
{
    for (size_t i = 0; i < spec->axis_count; i++)
        if (spec->axes[i].name) events_put_name(out, spec->axes[i].path, spec->axes[i].name);
}

/* What the spec says of the study as a whole, for who reads the folder without the spec: as YAML,
 * without what is absent. Nothing where it says nothing. */
static void put_whole(struct text *out, const struct spec *spec)
{
    const struct value *whole = spec->whole;
    bool is_set = false;
    for (size_t i = 0; whole && i < whole->map.count; i++)
        is_set = is_set || !whole->map.members[i].value->is_default;
    if (is_set) value_print(out, whole);
}

/* The runs of all shards. */
static void put_ids(struct text *out, const struct study *study)
{
    for (size_t i = 0; i < study->whole; i++)
        text_format(out, "%s\"%s\"", i ? ", " : "", study->runs[i].id);
}

/* Are the runs all combinations of the values of the axes, each once? Then the place of a run among
 * them says which values it has. */
static bool runs_are_product(const struct study *study)
{
    const struct spec *spec = study->spec;
    size_t product = 1;
    for (size_t i = 0; i < spec->axis_count; i++) {
        if (spec->axes[i].count == 0 || product > study->whole / spec->axes[i].count) return false;
        product *= spec->axes[i].count;
    }
    if (product != study->whole || product != spec->run_count) return false;
    for (size_t i = 0; i < study->whole; i++) /* shards have an order of their own */
        if (study->runs[i].index != i) return false;
    return true;
}

static void events_put_axis(struct text *out, const struct spec_axis *axis)
{
    struct text line = {0};
    text_append(&line, axis->path);
    for (size_t i = 0; i < axis->count; i++) {
        text_append(&line, "\t");
        value_print_short(&line, axis->values[i]);
    }
    text_append(out, out->length ? ", " : "");
    text_json(out, text_data(&line));
    if (line.failed) out->failed = true;
    text_free(&line);
}

static void events_put_axes(struct text *line, const struct study *study)
{
    struct text axes = {0};
    for (size_t i = 0; runs_are_product(study) && i < study->spec->axis_count; i++)
        events_put_axis(&axes, &study->spec->axes[i]);
    if (axes.length && !axes.failed) text_format(line, ", \"axes\": [%s]", text_data(&axes));
    text_free(&axes);
}

void events_study_start(struct journal *journal, const struct study *study,
                        const struct scheduler_options *options, const struct session *session)
{
    struct text line, names = {0}, whole = {0};
    journal_begin(&line, "study_start");
    journal_text(&line, "study", study->spec->name);
    journal_text(&line, "spec", options->spec_file ? options->spec_file : study->spec->file);
    if (options->arguments) journal_text(&line, "arguments", options->arguments);
    journal_text(&line, "basin_version", provenance_version());
    journal_number(&line, "jobs", session->jobs);
    journal_number(&line, "runs", (double)study->run_count);
    journal_number(&line, "todo", (double)session->todo);
    text_append(&line, ", \"ids\": [");
    put_ids(&line, study);
    text_append(&line, "]");
    put_names(&names, study->spec);
    if (names.length) text_format(&line, ", \"names\": [%s]", text_data(&names));
    text_free(&names);
    events_put_axes(&line, study);
    put_whole(&whole, study->spec);
    if (whole.length) journal_text(&line, "whole", text_data(&whole));
    text_free(&whole);
    journal_end(journal, &line);
}

void events_study_stop(struct journal *journal)
{
    struct text line;
    journal_begin(&line, "study_stop");
    journal_end(journal, &line);
}

void events_study_end(struct journal *journal, const struct scheduler_options *options,
                      const struct session *session, bool interrupted)
{
    struct text line;
    journal_begin(&line, interrupted ? "study_interrupt" : "study_end");
    if (interrupted && options->signal) journal_number(&line, "signal", *options->signal);
    journal_number(&line, "finished", (double)session->finished);
    journal_number(&line, "diverged", (double)session->diverged);
    journal_number(&line, "failed", (double)session->failed);
    journal_number(&line, "seconds", session->seconds);
    journal_end(journal, &line);
}

/* ---- its runs ---- */

void events_run_start(struct journal *journal, const struct study_run *run, bool alone)
{
    struct text line;
    journal_begin(&line, "run_start");
    journal_text(&line, "run_id", run->id);
    journal_number(&line, "flops", run->cost.flops);
    journal_number(&line, "step", run->state == RUN_INTERRUPTED ? (double)run->known.step : 0);
    journal_number(&line, "epochs", (double)run->cost.epochs);
    if (alone) journal_true(&line, "alone");
    journal_end(journal, &line);
}

void events_run_finish(struct journal *journal, const char *folder, const char *id,
                       const struct runner_outcome *outcome, double seconds)
{
    char file[FOLDER_PATH];
    struct text line;
    journal_begin(&line, "run_finish");
    journal_text(&line, "run_id", id);
    journal_text(&line, "status", outcome->status);
    journal_number(&line, "seconds", seconds);
    journal_text(&line, "file", folder_run_file(folder, id, file));
    if (outcome->measures_added) journal_number(&line, "measures_added", outcome->measures_added);
    journal_end(journal, &line);
}

void events_run_fail(struct journal *journal, const char *id, const basin_error *error,
                     bool refused)
{
    struct text line;
    journal_begin(&line, "run_fail");
    journal_text(&line, "run_id", id);
    journal_text(&line, "status", basin_status_text(error->status));
    journal_text(&line, "message", error->message);
    if (refused) journal_true(&line, "refused");
    journal_end(journal, &line);
}

/* ---- what the folder knows ---- */

static bool names_agree(const struct journal_event *start, const struct spec *spec)
{
    size_t named = 0;
    for (size_t i = 0; i < spec->axis_count; i++) {
        const struct spec_axis *axis = &spec->axes[i];
        size_t length = strlen(axis->path);
        if (!axis->name) continue;
        if (named == start->name_count) return false;
        const char *pair = start->names[named++];
        if (strncmp(pair, axis->path, length) != 0 || pair[length] != '=' ||
            strcmp(pair + length + 1, axis->name) != 0)
            return false;
    }
    return named == start->name_count;
}

static bool events_whole_agrees(const struct journal_event *start, const struct spec *spec)
{
    struct text whole = {0};
    put_whole(&whole, spec);
    bool agrees =
        strcmp(start->whole ? start->whole : "", whole.length ? text_data(&whole) : "") == 0;
    text_free(&whole);
    return agrees;
}

static bool names_study(const struct journal_events *events, const struct study *study)
{
    const struct journal_event *last = NULL;
    for (size_t i = 0; i < events->count; i++)
        if (strcmp(events->items[i].name, "study_start") == 0) last = &events->items[i];
    if (!last || last->id_count != study->whole) return false;
    for (size_t i = 0; i < study->whole; i++)
        if (strcmp(last->ids[i], study->runs[i].id) != 0) return false;
    return names_agree(last, study->spec) && events_whole_agrees(last, study->spec);
}

bool events_name_study(const struct study *study)
{
    struct arena *arena;
    struct journal_events events;
    if (arena_create(&arena) != BASIN_OK) return true;
    bool known =
        journal_read(study->folder, arena, &events) != BASIN_OK || names_study(&events, study);
    arena_destroy(arena);
    return known;
}
