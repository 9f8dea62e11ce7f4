#include <stdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>
#include "cli/command.h"
#include "cli/print.h"
#include "cli/report.h"
#include "cli/request.h"
#include "run/machine.h"
#include "spec/value_json.h"
#include "study/timing.h"

enum { SHOWN = 20 }; /* runs that a plan shows as text without --all */

static const char *const states[] = {[RUN_NEW] = "new",
                                     [RUN_FINISHED] = "finished",
                                     [RUN_INCOMPLETE] = "measure",
                                     [RUN_DAMAGED] = "damaged",
                                     [RUN_INTERRUPTED] = "interrupted",
                                     [RUN_FAILED] = "failed",
                                     [RUN_QUARANTINED] = "quarantined"};

/* What is printed: the study, what each run needs, and the limit. */
struct planned {
    const struct study *study;
    struct run_memory *memory; /* by run */
    struct timing timing;
    double limit, data;
    int jobs;
};

/* Why a run will, or will not, be trained: "new", "resume from epoch 7", "failed: ...", "done". */
static void put_reason(struct text *out, const struct study_run *run)
{
    switch (run->state) {
    case RUN_FINISHED:
        text_append(out, "done");
        break;
    case RUN_INTERRUPTED:
        text_format(out, "resume from %s %lld", run->known.epoch ? "epoch" : "step",
                    (long long)(run->known.epoch ? run->known.epoch : run->known.step));
        break;
    case RUN_INCOMPLETE:
        text_format(out, "lacks %d measure%s", run->missing_measures,
                    run->missing_measures == 1 ? "" : "s");
        break;
    case RUN_DAMAGED:
        text_append(out, "damaged: its file fails verification");
        break;
    default:
        text_append(out, states[run->state]);
        if (study_run_left(run))
            text_format(out, ": %s", run->known.reason);
        else if (run->known.unusable)
            text_format(out, ": %s", run->known.unusable);
    }
    if (study_run_held(run))
        text_append(out, ", in another process now");
    else if (run->known.suspect && study_run_todo(run))
        text_append(out, ", alone: it was in progress during a crash");
}

static basin_status find_memory(struct planned *planned, struct arena *arena)
{
    const struct study *study = planned->study;
    planned->data = (double)study_data_bytes(study);
    planned->memory = arena_array(arena, struct run_memory, study->run_count + 1);
    if (!planned->memory) return BASIN_MEMORY;
    for (size_t i = 0; i < study->run_count; i++)
        TRY(study_memory(study, &study->runs[i], &planned->memory[i]));
    return BASIN_OK;
}

static bool is_too_large(const struct planned *planned, size_t run)
{
    return study_run_todo(&planned->study->runs[run]) &&
           (double)planned->memory[run].bytes > planned->limit - study_common_bytes(planned->study);
}

static bool is_shown(const struct spec *spec, size_t axis)
{
    return spec_axis_varies(&spec->axes[axis]);
}

/* Several generators can give an axis the same value. */
static bool plan_is_repeated(const struct spec_axis *axis, size_t which)
{
    for (size_t i = 0; i < which && axis->count <= 1000; i++)
        if (value_equal(axis->values[i], axis->values[which])) return true;
    return false;
}

static size_t axis_size(const struct spec_axis *axis)
{
    size_t size = 0;
    for (size_t i = 0; i < axis->count; i++) size += !plan_is_repeated(axis, i);
    return size;
}

/* FLOPs of the runs left to do, and the largest memory that one of them needs. */
static double sum_flops(const struct planned *planned, double *memory)
{
    double total = *memory = 0;
    for (size_t i = 0; i < planned->study->run_count; i++) {
        if (!study_run_todo(&planned->study->runs[i])) continue;
        total += timing_flops(&planned->study->runs[i]);
        *memory = fmax(*memory, (double)planned->memory[i].bytes);
    }
    return total;
}

/* ---- JSON ---- */

static void plan_json_number(struct text *out, const char *key, double value)
{
    text_format(out, ", \"%s\": ", key);
    text_json_number(out, value);
}

static void json_run(struct text *out, const struct planned *planned, size_t index)
{
    const struct study *study = planned->study;
    const struct study_run *run = &study->runs[index];
    text_format(out, "{\"run_id\": \"%s\", \"state\": \"%s\", \"reason\": ", run->id,
                states[run->state]);
    struct text reason = {0};
    put_reason(&reason, run);
    text_json(out, text_data(&reason));
    if (reason.failed) out->failed = true;
    text_free(&reason);
    for (size_t i = 0; i < study->spec->axis_count; i++) {
        text_append(out, ", ");
        text_json(out, study->spec->axes[i].path);
        text_append(out, ": ");
        const struct value *value = spec_axis_value(study->spec, run->index, i);
        if (value)
            json_value(out, value);
        else
            text_append(out, "null");
    }
    plan_json_number(out, "parameters", (double)run->cost.parameters);
    plan_json_number(out, "flops", run->cost.flops);
    plan_json_number(out, "step_flops", run->cost.step_flops);
    plan_json_number(out, "bytes", (double)planned->memory[index].bytes);
    plan_json_number(out, "keep_bytes", (double)planned->memory[index].keep);
    plan_json_number(out, "seconds",
                     study_run_todo(run)      ? planned->timing.seconds[index]
                     : run->known.seconds > 0 ? run->known.seconds
                                              : NAN);
    plan_json_number(out, "steps", (double)run->cost.steps);
    plan_json_number(out, "epochs", (double)run->cost.epochs);
    plan_json_number(out, "missing_measures", run->missing_measures);
    if (run->state == RUN_INTERRUPTED) {
        plan_json_number(out, "resume_epoch", (double)run->known.epoch);
        plan_json_number(out, "resume_step", (double)run->known.step);
    }
    if (run->known.suspect) text_append(out, ", \"suspect\": true");
    if (study_run_held(run)) text_append(out, ", \"held\": true");
    if (study_run_left(run)) {
        text_append(out, ", \"failure\": ");
        text_json(out, run->known.reason);
    }
    text_append(out, "}");
}

/* Of axes with a single value too: `seed` is always there. */
static void json_axes(struct text *out, const struct spec *spec)
{
    text_append(out, ",\n \"axes\": [");
    for (size_t i = 0; i < spec->axis_count; i++) {
        const struct spec_axis *axis = &spec->axes[i];
        text_append(out, i ? ",\n  {\"path\": " : "\n  {\"path\": ");
        text_json(out, axis->path);
        if (axis->name) {
            text_append(out, ", \"name\": ");
            text_json(out, axis->name);
        }
        plan_json_number(out, "size", (double)axis_size(axis));
        text_append(out, ", \"values\": [");
        for (size_t j = 0, shown = 0; j < axis->count; j++) {
            if (plan_is_repeated(axis, j)) continue;
            if (shown++) text_append(out, ", ");
            json_value(out, axis->values[j]);
        }
        text_append(out, "]}");
    }
    text_append(out, "]");
}

static const char *timed_by(const struct timing *timing)
{
    return timing->finished && timing->calibrated ? "\"finished runs and calibration\""
           : timing->finished                     ? "\"finished runs\""
           : timing->calibrated                   ? "\"calibration\""
                                                  : "null";
}

/* "data_sets": [{"summary": "...", "notes": "..."}], as far as the study keeps them. */
static void json_data_sets(struct text *out, const struct study *study)
{
    text_append(out, ", \"data_sets\": [");
    for (size_t i = 0; i < study->view_count; i++) {
        struct text summary = {0}, notes = {0};
        data_summary(study->views[i], &summary);
        data_notes(study->views[i], &notes);
        text_append(out, i ? ", {\"summary\": " : "{\"summary\": ");
        text_json(out, text_data(&summary));
        text_append(out, ", \"notes\": ");
        text_json(out, text_data(&notes));
        text_append(out, "}");
        text_free(&summary);
        text_free(&notes);
    }
    text_append(out, "]");
}

/* Snapshots of the weights in the files of runs that are to be trained. */
static double sum_snapshots(const struct planned *planned, double *most)
{
    double sum = *most = 0;
    for (size_t i = 0; i < planned->study->run_count; i++) {
        const struct study_run *run = &planned->study->runs[i];
        if (!study_run_todo(run) || run->state == RUN_INCOMPLETE) continue;
        sum += run->cost.snapshot_bytes;
        *most = fmax(*most, run->cost.snapshot_bytes);
    }
    return sum;
}

static int plan_print_json(const struct planned *planned)
{
    const struct study *study = planned->study;
    struct text out = {0};
    text_append(&out, "{\"study\": ");
    text_json(&out, study->spec->name);
    text_append(&out, ", \"folder\": ");
    text_json(&out, study->folder);
    plan_json_number(&out, "run_count", (double)study->run_count);
    plan_json_number(&out, "merged", (double)study->merged);
    plan_json_number(&out, "excluded", (double)study->spec->excluded);
    double memory, flops = sum_flops(planned, &memory);
    plan_json_number(&out, "flops", flops);
    plan_json_number(&out, "peak_bytes", memory);
    plan_json_number(&out, "data_bytes", planned->data);
    double most;
    plan_json_number(&out, "snapshot_bytes", sum_snapshots(planned, &most));
    json_data_sets(&out, study);
    plan_json_number(&out, "program_bytes", (double)study->program);
    plan_json_number(&out, "memory_limit", floor(planned->limit));
    for (int state = RUN_NEW; state < RUN_STATES; state++)
        plan_json_number(&out, states[state], (double)study->count[state]);
    plan_json_number(&out, "done", (double)study->count[RUN_FINISHED]);
    plan_json_number(&out, "jobs", planned->jobs);
    plan_json_number(&out, "seconds", planned->timing.work);
    plan_json_number(&out, "wall_seconds", planned->timing.wall);
    text_format(&out, ", \"timed_by\": %s", timed_by(&planned->timing));
    json_axes(&out, study->spec);
    text_append(&out, ",\n \"runs\": [\n  ");
    for (size_t i = 0; i < study->run_count; i++) {
        if (i) text_append(&out, ",\n  ");
        json_run(&out, planned, i);
    }
    text_append(&out, "\n]}\n");
    return report_json(&out, 0);
}

/* ---- text ---- */

/* Of an axis that the sweep does not set in a run: what the run has there all the same (from the
 * file, or by default), or "-". */
static void put_value_at(struct text *out, const struct value *resolved, const char *path)
{
    const struct value *value = value_find(resolved, path);
    if (value)
        value_print_short(out, value);
    else
        text_append(out, "-");
}

static basin_status add_run_cells(struct grid *grid, const struct study *study,
                                  const struct study_run *run, struct arena *arena)
{
    const struct run_settings *resolved = NULL;
    const struct data *data;
    for (size_t i = 0; i < study->spec->axis_count; i++) {
        struct text cell = {0};
        if (!is_shown(study->spec, i)) continue;
        const struct value *value = spec_axis_value(study->spec, run->index, i);
        if (!value && !resolved) TRY(study_resolve(study, run->index, arena, &resolved, &data));
        if (value)
            value_print_short(&cell, value);
        else
            put_value_at(&cell, resolved->spec, study->spec->axes[i].path);
        basin_status status = text_status(&cell);
        if (status == BASIN_OK) status = grid_add(grid, text_data(&cell));
        text_free(&cell);
        TRY(status);
    }
    return BASIN_OK;
}

static basin_status add_axis_cells(struct grid *grid, const struct study *study,
                                   const struct study_run *run)
{
    struct arena *arena;
    TRY(arena_create(&arena));
    basin_status status = add_run_cells(grid, study, run, arena);
    arena_destroy(arena);
    return status;
}

/* A long error message is cut short on a terminal; `status` prints all of it. */
static basin_status add_reason(struct grid *grid, const struct study_run *run)
{
    enum { LONGEST = 48 };
    struct text reason = {0};
    put_reason(&reason, run);
    const char *text = text_data(&reason);
    size_t end = reason.length;
    bool cut = end > LONGEST && report_is_terminal(STDOUT_FILENO);
    if (cut) end = LONGEST - 3;
    while (cut && end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80)
        end--; /* not inside a character of UTF-8 */
    if (cut && !reason.failed) snprintf(reason.data + end, sizeof "...", "...");
    basin_status status = text_status(&reason);
    if (status == BASIN_OK) status = grid_add(grid, text_data(&reason));
    text_free(&reason);
    return status;
}

/* A terminal is narrow, so it shows only the first digits, as `table` does. */
static basin_status add_id(struct grid *grid, const struct study_run *run)
{
    enum { SHORT = 8 };
    char id[SHORT + 1] = "";
    if (!report_is_terminal(STDOUT_FILENO)) return grid_add(grid, run->id);
    memcpy(id, run->id, strnlen(run->id, SHORT));
    return grid_add(grid, id);
}

static basin_status add_run(struct grid *grid, const struct planned *planned, size_t index)
{
    const struct study *study = planned->study;
    const struct study_run *run = &study->runs[index];
    char number[32];
    TRY(add_id(grid, run));
    TRY(add_reason(grid, run));
    TRY(add_axis_cells(grid, study, run));
    TRY(grid_add(grid, print_count((double)run->cost.parameters, number)));
    TRY(grid_add(grid, print_given((double)run->cost.steps, number)));
    TRY(grid_add(grid, print_count(run->cost.flops, number)));
    TRY(grid_add(grid, text_bytes((double)planned->memory[index].bytes, number)));
    double seconds = study_run_todo(run) ? planned->timing.seconds[index] : run->known.seconds;
    return grid_add(grid, seconds > 0 ? print_seconds(seconds, number) : "-");
}

static basin_status add_header(struct grid *grid, const struct study *study)
{
    static const char *const last[] = {"parameters", "steps", "FLOP", "memory", "time"};
    TRY(grid_add(grid, "run_id"));
    TRY(grid_add(grid, "reason"));
    for (size_t i = 0; i < study->spec->axis_count; i++)
        if (is_shown(study->spec, i)) TRY(grid_add(grid, study_axis_name(study->spec, i)));
    for (size_t i = 0; i < sizeof last / sizeof *last; i++) TRY(grid_add(grid, last[i]));
    return BASIN_OK;
}

/* Columns of numbers are aligned right, columns of words, lists and blocks left. */
static bool plan_is_of_numbers(const struct spec_axis *axis)
{
    for (size_t i = 0; i < axis->count; i++)
        if (axis->values[i]->kind != VALUE_INTEGER && axis->values[i]->kind != VALUE_FLOAT)
            return false;
    return true;
}

static basin_status plan_fill_grid(struct grid *grid, struct arena *arena,
                                   const struct planned *planned, size_t runs)
{
    const struct study *study = planned->study;
    size_t shown = 0;
    for (size_t i = 0; i < study->spec->axis_count; i++) shown += is_shown(study->spec, i);
    TRY(grid_start(grid, arena, 2 + shown + 5));
    memset(grid->right + 2, 1, shown + 5);
    memset(grid->repeat + 2, 1, shown);
    for (size_t i = 0, column = 2; i < study->spec->axis_count; i++)
        if (is_shown(study->spec, i))
            grid->right[column++] = plan_is_of_numbers(&study->spec->axes[i]);
    TRY(add_header(grid, study));
    for (size_t i = 0; i < runs; i++) TRY(add_run(grid, planned, i));
    return BASIN_OK;
}

static int axis_width(const struct spec_axis *axis)
{
    return (int)(strlen(axis->path) + (axis->name ? strlen(axis->name) + strlen(" = ") : 0));
}

/* "  regularizers.weight_decay  3  0, 0.0005, 0.005" for every axis that varies. */
static void put_axes(struct text *out, const struct spec *spec)
{
    enum { LISTED = 8 };
    int width = 0;
    for (size_t i = 0; i < spec->axis_count; i++)
        if (is_shown(spec, i) && axis_width(&spec->axes[i]) > width)
            width = axis_width(&spec->axes[i]);
    if (width) text_append(out, "axes\n");
    for (size_t i = 0; i < spec->axis_count; i++) {
        const struct spec_axis *axis = &spec->axes[i];
        if (!is_shown(spec, i)) continue;
        size_t size = axis_size(axis), listed = 0;
        bool named = axis->name != NULL;
        text_format(out, "  %s%s%s%*s %4zu  ", named ? axis->name : "", named ? " = " : "",
                    axis->path, width - axis_width(axis), "", size);
        for (size_t j = 0; j < axis->count && listed < LISTED; j++) {
            if (plan_is_repeated(axis, j)) continue;
            if (listed++) text_append(out, ", ");
            value_print_short(out, axis->values[j]);
        }
        text_append(out, size > LISTED ? ", ...\n" : "\n");
    }
}

static void put_counts(struct text *out, const struct study *study)
{
    static const struct {
        enum run_state state;
        const char *what;
    } rare[] = {{RUN_INCOMPLETE, "done but lacking a measure"},
                {RUN_DAMAGED, "damaged"},
                {RUN_INTERRUPTED, "interrupted"},
                {RUN_FAILED, "failed"},
                {RUN_QUARANTINED, "quarantined"}};
    request_count(study, out);
    text_format(out, ": %zu new, %zu done", study->count[RUN_NEW], study->count[RUN_FINISHED]);
    for (size_t i = 0; i < sizeof rare / sizeof *rare; i++)
        if (study->count[rare[i].state])
            text_format(out, ", %zu %s", study->count[rare[i].state], rare[i].what);
    size_t excluded = study->spec->excluded;
    if (excluded)
        text_format(out, "; sweep.exclude leaves out %zu combination%s", excluded,
                    excluded == 1 ? "" : "s");
    text_append(out, "\n");
}

/* The share of measures at the end of runs in the work left to do, in percent. It is a guess,
 * because a search for eigenvalues knows only at its end how many products it needs. */
static double measures_share(const struct planned *planned)
{
    double measures = 0, all = 0;
    for (size_t i = 0; i < planned->study->run_count; i++) {
        const struct study_run *run = &planned->study->runs[i];
        if (study_run_todo(run)) measures += run->cost.measures;
        all += timing_flops(run);
    }
    return all > 0 ? 100 * measures / all : 0;
}

/* "about 20 s with 2 jobs, estimated from 3 finished runs" */
static void put_time(struct text *out, const struct planned *planned)
{
    const struct timing *timing = &planned->timing;
    char wall[32];
    if (!(timing->wall > 0)) return;
    text_format(out, "time: about %s with %d job%s, estimated from ",
                print_seconds(timing->wall, wall), planned->jobs, planned->jobs == 1 ? "" : "s");
    if (timing->finished)
        text_format(out, "%zu finished run%s", timing->finished, timing->finished == 1 ? "" : "s");
    if (timing->calibrated)
        text_format(out, "%s%zu training steps run now", timing->finished ? " and " : "",
                    timing->steps);
    double share = measures_share(planned);
    if (share >= 30)
        text_format(
            out,
            "\n      %.0f %% of it is for measures; their number of Hessian products is a guess",
            share);
    text_append(out, "\n");
}

static void put_snapshots(struct text *out, const struct planned *planned)
{
    char one[32], all[32];
    double most, sum = sum_snapshots(planned, &most);
    if (sum > 0)
        text_format(out, "disk: snapshots of the weights at most %s per run, %s in all\n",
                    text_bytes(most, one), text_bytes(sum, all));
}

static void summarise(struct text *out, const struct planned *planned)
{
    const struct study *study = planned->study;
    char flops[32], bytes[32], data[32], program[32], limit[32];
    double memory, total = sum_flops(planned, &memory);
    text_format(out, "study %s, results in ", study->spec->name);
    text_escape(out, study->folder);
    text_append(out, "\n");
    put_counts(out, study);
    print_count(total,
                flops); /* in a statement of its own: arguments are evaluated in no fixed order */
    if (memory > 0)
        text_format(out,
                    "to do: about %s%sFLOP\n"
                    "memory: at most %s per run, %s for data, %s for the program, limit %s\n",
                    flops, strchr(flops, ' ') ? "" : " ", text_bytes(memory, bytes),
                    text_bytes(planned->data, data), text_bytes((double)study->program, program),
                    text_bytes(planned->limit, limit));
    else
        text_append(out, "to do: nothing\n");
    put_snapshots(out, planned);
    put_time(out, planned);
    request_data(study, "", out);
    put_axes(out, study->spec);
    text_append(out, "\n");
}

/* On a terminal lines break between words. */
static void summarise_wrapped(struct text *out, const struct planned *planned)
{
    struct text summary = {0};
    bool wraps = report_is_terminal(STDOUT_FILENO);
    summarise(&summary, planned);
    out->failed = out->failed || summary.failed;
    if (wraps)
        print_lines(out, text_data(&summary), (size_t)report_width());
    else
        text_append(out, text_data(&summary));
    text_free(&summary);
}

static int plan_print_text(const struct planned *planned, bool all)
{
    struct text out = {0};
    struct grid grid;
    struct arena *arena;
    if (arena_create(&arena) != BASIN_OK) return report_last();
    size_t count = planned->study->run_count, shown = all || count <= SHOWN ? count : SHOWN;
    summarise_wrapped(&out, planned);
    basin_status status = plan_fill_grid(&grid, arena, planned, shown);
    if (status == BASIN_OK)
        grid_print_folded(&grid, report_is_terminal(STDOUT_FILENO) ? (size_t)report_width() : 0,
                          &out);
    arena_destroy(arena);
    if (shown < count) text_format(&out, "... and %zu more (--all, or --json)\n", count - shown);
    if (status == BASIN_OK) return report_output(&out, 0);
    text_free(&out);
    return report_last();
}

static void warn_of_memory(const struct planned *planned)
{
    size_t count = 0;
    for (size_t i = 0; i < planned->study->run_count; i++) count += is_too_large(planned, i);
    if (count)
        report_message("warning: %zu run%s more memory than the limit allows and will be refused "
                       "(see --memory)",
                       count, count == 1 ? " needs" : "s need");
}

static int print_plan(const struct arguments *arguments, struct study *study, int jobs)
{
    struct planned planned = {.study = study, .jobs = jobs};
    struct arena *arena;
    if (arena_create(&arena) != BASIN_OK) return report_last();
    basin_status status = request_memory(arguments, study, &planned.limit);
    if (status == BASIN_OK) status = study_admit(study, planned.limit);
    if (status == BASIN_OK) status = find_memory(&planned, arena);
    if (status == BASIN_OK)
        status = timing_estimate(study, planned.jobs, planned.limit - study_common_bytes(study),
                                 arena, &planned.timing);
    int exit_status = status == BASIN_OK ? 0 : report_last();
    if (status == BASIN_OK) {
        request_warn(study);
        warn_of_memory(&planned);
        exit_status = option_given(arguments, "json")
                          ? plan_print_json(&planned)
                          : plan_print_text(&planned, option_given(arguments, "all"));
    }
    arena_destroy(arena);
    return exit_status;
}

static int plan(const struct arguments *arguments)
{
    struct study *study;
    long jobs;
    if (option_number(arguments, "jobs", REQUEST_JOBS_MOST, &jobs) != BASIN_OK)
        return report_last();
    int exit_status = request_study(arguments, arguments->positional[0], true, &study);
    if (exit_status == 0)
        exit_status = print_plan(arguments, study, jobs > 0 ? (int)jobs : machine_cores());
    study_close(study);
    return exit_status;
}

static const struct option_row options[] = {
    {"output", 'o', "DIR", "Results folder (default results/<study>)."},
    {"jobs", 'j', "N", "Runs at a time, for the estimated time (default: the number of cores)."},
    {"memory", 0, "SIZE", "Memory limit, as for run."},
    {"set", 0, "KEY=VALUE", "Override a value of the spec. May be repeated."},
    {"retry", 0, "WHICH", "As for run: failed runs count as new, or earlier crashes are ignored."},
    {"force", 0, NULL, "As for run: every run counts as new."},
    {"shard", 0, "I/N", "As for run: only part I of N."},
    {"max-runs", 0, "N", "As for run."},
    {"all", 0, NULL, "Show every run, not only the first 20."},
    {"json", 0, NULL,
     "One JSON object: counts, FLOP left, peak memory of a run, axes, and `runs` with run_id, "
     "state, reason, values and costs."},
    {0}};

static const char *const examples[] = {
    "basin plan study.yaml", "what `basin run study.yaml` would do",
    "basin plan study.yaml --json | jq '.runs | length'", "the number of runs, for a script", NULL};

const struct command command_plan = {
    .name = "plan",
    .usage = "SPEC [OPTION]...",
    .summary = "show what would run and why, with the cost of every run",
    .details =
        "Every run has a reason: new (no result yet); done; resume from epoch N (it was "
        "interrupted); failed (it is not tried again without --retry failed); lacks a measure (it "
        "is trained, but the spec asks for more); damaged (its file fails verification, is set "
        "aside, and the run is trained again); quarantined (it crashed the process repeatedly "
        "while it was trained alone; --retry failed tries it again). Runs that were in progress "
        "during a crash are trained alone. FLOP counts training, evaluation and measures, two per "
        "multiply-add. Memory is the peak of one run without the data, which runs share, and "
        "without the program and its libraries; --memory limits the sum of all. Times are "
        "estimated from finished runs, or from a few training steps that "
        "are run now. Nothing is written, except what DIR/cache keeps of results.",
    .least = 1,
    .most = 1,
    .options = options,
    .examples = examples,
    .run = plan};
