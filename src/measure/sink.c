/* Where measures put their numbers: a record at the end of a run, or the rows of a track. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/list.h"
#include "measure/measure.h"
#include "spec/member.h"

enum { NOTES = 16 };

/* One tracked quantity: rows of `width` values. */
struct series {
    const struct quantity *quantity;
    struct measure_shape shape; /* of a row; rank 0: a scalar */
    size_t width, rows, capacity;
    double *values;
    struct series *next;
};

struct measure_track {
    struct arena *arena;
    const char *name, *group;
    int64_t *epochs;
    size_t rows, capacity;
    struct series *series, **tail;
    const char *options;
};

struct measure_sink {
    const char *measure;   /* its name, with a suffix where it is there several times */
    const char *options;   /* its block, as flow YAML */
    struct record *record; /* at the end of a run; NULL while tracking */
    struct measure_track *track;
    struct {
        const char *name;
        double value;
    } notes[NOTES];
    int note_count;
};

bool measure_stopped(const struct measure_site *site)
{
    return site->stop && *site->stop;
}

bool measure_is_tracked(const struct measure_site *site)
{
    return site->sink->track != NULL;
}

const char *const measure_modes[] = {"eval", "train", NULL};

enum model_mode measure_mode(const struct measure_site *site)
{
    const struct measure_common *common = site->settings;
    return common && common->mode == 1 ? MODE_BATCH : MODE_EVAL;
}

size_t measure_examples(const struct measure_site *site)
{
    size_t there = data_describe(site->data)->counts[DATA_TRAIN];
    int64_t wanted = ((const struct measure_common *)site->settings)->examples;
    return wanted == SETTING_ALL || (size_t)wanted > there ? there : (size_t)wanted;
}

struct objective_where measure_where(const struct measure_site *site)
{
    return objective_first(DATA_TRAIN, measure_examples(site));
}

struct objective_request measure_request(const struct measure_site *site)
{
    enum model_mode mode = measure_mode(site);
    return (struct objective_request){.model = site->model,
                                      .data = site->data,
                                      .loss = site->loss,
                                      .precision = site->precision,
                                      .mode = mode,
                                      .batch = mode == MODE_BATCH ? site->batch : 0,
                                      .keep = site->keep,
                                      .stop = site->stop};
}

bool measure_is_rebatched(const struct measure_site *site)
{
    struct objective_request request = measure_request(site);
    size_t now = request.batch, count = measure_examples(site);
    request.batch = 0;
    size_t before = objective_batch(&request, OBJECTIVE_HESSIAN);
    return now != 0 && (now < count ? now : count) != (before < count ? before : count);
}

struct objective_request measure_request_exact(const struct measure_site *site,
                                               enum objective_call call)
{
    struct objective_request request = measure_request(site);
    request.precision = PRECISION_FLOAT64;
    request.keep = 0;
    if (request.mode == MODE_EVAL) request.batch = (objective_batch(&request, call) + 3) / 4;
    return request;
}

/* What memory holds; one element where an axis is empty. */
static size_t shape_width(const struct measure_shape *shape)
{
    size_t width = 1;
    for (int i = 0; i < shape->rank; i++) width *= shape->dims[i];
    return width ? width : 1;
}

static const struct measure_shape one_number;

static bool is_scale_of_itself(const struct quantity *quantity, const struct measure_shape *shape)
{
    return shape->rank == 1 && strcmp(shape->axes[0], quantity->name) == 0;
}

static const struct measure *sink_find(const char *name)
{
    return registry_find_member(&measure_registry, name)->implementation;
}

const char *measure_result_name(struct arena *arena, const char *member, const char *name)
{
    const char *suffix = member_suffix(member);
    return *suffix ? arena_format(arena, "%s_%s", name, suffix) : arena_text(arena, name);
}

static struct series *find_series(struct measure_track *track, const struct quantity *quantity,
                                  const struct measure_shape *shape)
{
    for (struct series *at = track->series; at; at = at->next)
        if (strcmp(at->quantity->name, quantity->name) == 0) return at;
    struct series *added = arena_allocate(track->arena, sizeof *added);
    if (!added) return NULL;
    *added = (struct series){.quantity = quantity, .shape = *shape, .width = shape_width(shape)};
    *track->tail = added;
    track->tail = &added->next;
    return added;
}

/* A row of NaN. */
static basin_status sink_add_row(struct measure_track *track, struct series *series)
{
    size_t width = series->width;
    if (!list_reserve(track->arena, &series->values, series->rows, 1, &series->capacity,
                      width * sizeof *series->values))
        return BASIN_MEMORY;
    for (size_t i = 0; i < width; i++) series->values[series->rows * width + i] = NAN;
    series->rows++;
    return BASIN_OK;
}

/* As much of `from` as there is room for, each element at its place. */
static void copy_block(const struct measure_shape *shape, const struct measure_shape *given,
                       int axis, const double *from, double *to)
{
    if (axis == shape->rank || axis == MEASURE_RANK) {
        *to = *from;
        return;
    }
    size_t stride = 1, step = 1;
    for (int i = axis + 1; i < shape->rank; i++) {
        stride *= shape->dims[i];
        step *= given->dims[i];
    }
    for (size_t i = 0; i < shape->dims[axis] && i < given->dims[axis]; i++)
        copy_block(shape, given, axis + 1, from + i * step, to + i * stride);
}

/* Appends a row; where the shape has changed (fewer eigenvalues, say) the row is cut or filled with
 * NaN. */
static basin_status sink_append(struct measure_track *track, const struct quantity *quantity,
                                const struct measure_shape *shape, const double *values)
{
    struct series *series = find_series(track, quantity, shape);
    if (!series) return BASIN_MEMORY;
    if (series->shape.rank != shape->rank)
        return error_raise(BASIN_INTERNAL, "%s has now %d axes, now %d", quantity->name,
                           series->shape.rank, shape->rank);
    while (series->rows < track->rows + 1 || !series->values) TRY(sink_add_row(track, series));
    copy_block(&series->shape, shape, 0, values, series->values + track->rows * series->width);
    return BASIN_OK;
}

/* While tracking, a fact is a number of its own for each epoch: how many iterations, converged or
 * not. */
static basin_status track_note(struct measure_track *track, const char *name, double value)
{
    struct series *series = track->series;
    while (series && strcmp(series->quantity->name, name) != 0) series = series->next;
    if (series) return sink_append(track, series->quantity, &one_number, &value);
    struct quantity *quantity = arena_allocate(track->arena, sizeof *quantity);
    if (!quantity) return BASIN_MEMORY;
    *quantity = (struct quantity){.name = name, .units = "1", .long_name = name};
    return sink_append(track, quantity, &one_number, &value);
}

basin_status measure_note(const struct measure_site *site, const char *name, double value)
{
    struct measure_sink *sink = site->sink;
    if (sink->track) return track_note(sink->track, name, value);
    for (int i = 0; i < sink->note_count; i++)
        if (strcmp(sink->notes[i].name, name) == 0) {
            sink->notes[i].value = value;
            return BASIN_OK;
        }
    if (sink->note_count == NOTES)
        return error_raise(BASIN_INTERNAL, "measure %s has too many notes", sink->measure);
    sink->notes[sink->note_count].name = name;
    sink->notes[sink->note_count++].value = value;
    return BASIN_OK;
}

basin_status measure_note_batch(const struct measure_site *site, enum objective_call call)
{
    struct objective_request request = measure_request(site);
    if (request.mode != MODE_BATCH) return BASIN_OK;
    return measure_note(site, "batch", (double)objective_batch(&request, call));
}

static basin_status sink_describe(const struct measure_sink *sink, struct record_item *item,
                                  const struct quantity *quantity)
{
    struct record *record = sink->record;
    const char *suffix = member_suffix(sink->measure), *title = quantity->long_name;
    if (*suffix) title = arena_format(record->arena, "%s (%s)", title, suffix);
    if (!title) return BASIN_MEMORY;
    TRY(record_attribute_text(record, item, "units", quantity->units));
    TRY(record_attribute_text(record, item, "long_name", title));
    TRY(record_attribute_text(record, item, "measure", sink->measure));
    TRY(record_attribute_text(record, item, "options", sink->options));
    if (quantity->definition)
        TRY(record_attribute_text(record, item, "definition", quantity->definition));
    if (quantity->source) TRY(record_attribute_text(record, item, "source", quantity->source));
    for (int i = 0; i < sink->note_count; i++) {
        double value = sink->notes[i].value;
        if (value == floor(value) && fabs(value) < 0x1p53)
            TRY(record_attribute_integer(record, item, sink->notes[i].name, (int64_t)value));
        else
            TRY(record_attribute_float(record, item, sink->notes[i].name, value));
    }
    return BASIN_OK;
}

basin_status measure_scalar(const struct measure_site *site, const struct quantity *quantity,
                            double value, const char *reason)
{
    struct measure_sink *sink = site->sink;
    if (sink->track) return sink_append(sink->track, quantity, &one_number, &value);
    const char *name = measure_result_name(sink->record->arena, sink->measure, quantity->name);
    char *path = name ? arena_format(sink->record->arena, "/measures/%s", name) : NULL;
    if (!path) return BASIN_MEMORY;
    struct record_item *item;
    TRY(record_float(sink->record, path, value, &item));
    TRY(sink_describe(sink, item, quantity));
    if (isnan(value))
        TRY(record_attribute_text(sink->record, item, "reason", reason ? reason : "not a number"));
    return BASIN_OK;
}

const char *measure_group(struct arena *arena, const char *member)
{
    const struct entry *entry = registry_find_member(&measure_registry, member);
    const char *own = ((const struct measure *)entry->implementation)->group;
    return measure_result_name(arena, member, own ? own : entry->name);
}

/* /measures/<group>, an NXdata group. Its signal is the first array that is not a scale, and its
 * axes are the signal's. */
static basin_status group_of(const struct measure_sink *sink, const char *signal,
                             const struct measure_shape *shape, char **path)
{
    struct record_item *group;
    const char *name = measure_group(sink->record->arena, sink->measure);
    bool is_scale = strcmp(shape->axes[0], signal) == 0;
    *path = name ? arena_format(sink->record->arena, "/measures/%s", name) : NULL;
    if (!*path) return BASIN_MEMORY;
    TRY(record_group(sink->record, *path, &group));
    TRY(record_attribute_text(sink->record, group, "NX_class", "NXdata"));
    TRY(record_attribute_text(sink->record, group, "title", sink->measure));
    if (record_attribute_find(group, "signal")) return BASIN_OK;
    if (!is_scale) TRY(record_attribute_text(sink->record, group, "signal", signal));
    if (is_scale && record_attribute_find(group, "axes")) return BASIN_OK;
    return record_attribute_add(sink->record, group, "axes", RECORD_TEXT, (size_t)shape->rank,
                                shape->axes);
}

/* A scale that counts holds whole numbers, stored as such. */
static basin_status add_scale(struct record *record, const char *path, const char *axis,
                              size_t count, const double *values, struct record_item **item)
{
    bool counts = true;
    for (size_t i = 0; i < count && counts; i++)
        counts = values[i] == floor(values[i]) && fabs(values[i]) < 0x1p53;
    if (!counts) return record_add(record, path, RECORD_FLOAT64, 1, &count, &axis, values, item);
    int64_t *whole = memory_allocate(count * sizeof *whole);
    if (!whole) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++) whole[i] = (int64_t)values[i];
    basin_status status = record_add(record, path, RECORD_INTEGER, 1, &count, &axis, whole, item);
    memory_free(whole);
    return status;
}

basin_status measure_grid(const struct measure_site *site, const struct quantity *quantity,
                          const struct measure_shape *shape, const double *values)
{
    struct measure_sink *sink = site->sink;
    if (sink->track) return sink_append(sink->track, quantity, shape, values);
    char *group, *path;
    TRY(group_of(sink, quantity->name, shape, &group));
    path = arena_format(sink->record->arena, "%s/%s", group, quantity->name);
    if (!path) return BASIN_MEMORY;
    struct record_item *item;
    if (is_scale_of_itself(quantity, shape))
        TRY(add_scale(sink->record, path, *shape->axes, *shape->dims, values, &item));
    else
        TRY(record_add(sink->record, path, RECORD_FLOAT64, shape->rank, shape->dims, shape->axes,
                       values, &item));
    return sink_describe(sink, item, quantity);
}

basin_status measure_array(const struct measure_site *site, const struct quantity *quantity,
                           const char *axis, size_t count, const double *values)
{
    struct measure_shape shape = {.rank = 1, .axes = {axis}, .dims = {count}};
    return measure_grid(site, quantity, &shape, values);
}

basin_status measure_names(const struct measure_site *site, const char *name, const char *axis,
                           size_t count, const char *const *values)
{
    struct measure_sink *sink = site->sink;
    if (sink->track) return BASIN_OK;
    char *group, *path;
    TRY(group_of(sink, axis, &(struct measure_shape){1, {axis}, {count}}, &group));
    path = arena_format(sink->record->arena, "%s/%s", group, axis);
    if (!path) return BASIN_MEMORY;
    struct record_item *scale = record_find(sink->record, path);
    if (!scale) return error_raise(BASIN_INTERNAL, "%s is not there yet", path);
    return record_attribute_add(sink->record, scale, name, RECORD_TEXT, count, values);
}

static basin_status options_text(struct arena *arena, const struct value *options, const char **out)
{
    struct text text = {0};
    value_print(&text, options);
    basin_status status = text_status(&text);
    if (status == BASIN_OK && !(*out = arena_text(arena, text_data(&text)))) status = BASIN_MEMORY;
    text_free(&text);
    return status;
}

int64_t measure_every(const struct setting_variant *measure)
{
    return ((const struct measure_common *)measure->settings)->every;
}

basin_status measure_check(const char *name, const struct measure_site *site)
{
    const struct measure *measure = sink_find(name);
    if (measure->check)
        TRY(measure->check(site->settings, data_describe(site->data), model_size(site->model)));
    return measure->applies ? measure->applies(site) : BASIN_OK;
}

bool measure_wants_motion(const char *name)
{
    return sink_find(name)->motion;
}

static basin_status measure_run(const char *name, const struct measure_site *site,
                                struct measure_sink *sink)
{
    struct measure_site here = *site;
    struct objective_request request = measure_request(site);
    here.sink = sink;
    TRY(objective_create(&request, &here.objective));
    basin_status status = sink_find(name)->run(&here);
    objective_destroy(here.objective);
    return status;
}

basin_status measure_final(const char *name, const struct measure_site *site, struct record *record)
{
    struct measure_sink sink = {.measure = name, .record = record};
    TRY(options_text(record->arena, site->options, &sink.options));
    return measure_run(name, site, &sink);
}

basin_status measure_without_value(const char *name, const struct value *options,
                                   const char *reason, struct record *record)
{
    struct measure_sink sink = {.measure = name, .record = record};
    TRY(options_text(record->arena, options, &sink.options));
    struct measure_site site = {.sink = &sink};
    const struct measure *measure = sink_find(name);
    for (const struct quantity *quantity = measure->quantities; quantity->name; quantity++)
        if (!measure->gives || measure->gives(options, quantity))
            TRY(measure_scalar(&site, quantity, NAN, reason));
    return BASIN_OK;
}

static struct measure_need need_of(const char *name, const struct measure_site *site)
{
    struct measure_need need = {0};
    const struct measure *measure = sink_find(name);
    if (measure->need) measure->need(site, &need);
    return need;
}

double measure_flops(const char *name, const struct measure_site *site)
{
    struct measure_need need = need_of(name, site);
    struct objective_request request = measure_request(site);
    double flops = 0;
    for (int i = 0; i < need.count; i++) flops += objective_flops(&request, &need.uses[i]);
    if (need.exact.times > 0) {
        request = measure_request_exact(site, need.exact.call);
        flops += objective_flops(&request, &need.exact);
    }
    return need.repeats > 0 ? flops * need.repeats : flops;
}

/* Of the second objective and its weights. */
static basin_status exact_memory(const struct measure_site *site, const struct measure_need *need,
                                 struct objective_memory *memory)
{
    struct objective_request request = measure_request_exact(site, need->exact.call);
    struct objective_memory exact;
    if (need->exact.times == 0) return BASIN_OK;
    TRY(objective_memory(&request, &need->exact, 1, &exact));
    memory->bytes += exact.bytes + (size_t)model_state_size(site->model) * sizeof(double);
    return BASIN_OK;
}

basin_status measure_memory(const char *name, const struct measure_site *site,
                            struct objective_memory *memory)
{
    struct measure_need need = need_of(name, site);
    struct objective_request request = measure_request(site);
    size_t size = (size_t)model_size(site->model);
    TRY(objective_memory(&request, need.uses, (size_t)need.count, memory));
    TRY(exact_memory(site, &need, memory));
    memory->bytes +=
        size * (need.vectors * sizeof(double) + need.narrow * precision_size(site->precision)) +
        need.doubles * sizeof(double);
    return BASIN_OK;
}

bool measure_is_revised(const char *name)
{
    return sink_find(name)->revised;
}

/* ---- what a record holds ---- */

/* "/measures/hessian_lambda_max_examples_500"; what does not fit is no name of a result. */
enum { RESULT_PATH = 256 };
static void result_path(const char *member, const char *name, char path[RESULT_PATH])
{
    const char *suffix = member_suffix(member);
    snprintf(path, RESULT_PATH, "/measures/%s%s%s", name, *suffix ? "_" : "", suffix);
}

const char *measure_options(const char *name, const struct record *record)
{
    char path[RESULT_PATH];
    for (const struct quantity *quantity = sink_find(name)->quantities; quantity->name;
         quantity++) {
        result_path(name, quantity->name, path);
        const struct record_item *item = record_find(record, path);
        if (item) return record_attribute_get_text(item, "options");
    }
    return NULL;
}

bool measure_is_in(const char *name, const struct record *record)
{
    return measure_options(name, record) != NULL;
}

/* A suffix as this program writes it; others may have written the file. */
static bool is_suffix(const char *suffix)
{
    for (const char *at = suffix; *at; at++)
        if (!isalnum((unsigned char)*at) && *at != '_') return false;
    return strlen(suffix) < 100;
}

static basin_status note_held(struct arena *arena, const char *member, struct measure_held *held)
{
    size_t at = held->count;
    for (size_t i = 0; i < held->count; i++)
        if (strcmp(held->names[i], member) == 0) return BASIN_OK;
    const char *copy = arena_text(arena, member);
    if (!copy || !list_room(arena, held->names, held->count, 1, held->capacity))
        return BASIN_MEMORY;
    while (at > 0 &&
           registry_find_member(&measure_registry, held->names[at - 1]) ==
               registry_find_member(&measure_registry, copy) &&
           member_order(held->names[at - 1], copy) > 0) {
        held->names[at] = held->names[at - 1];
        at--;
    }
    held->names[at] = copy;
    held->count++;
    return BASIN_OK;
}

basin_status measure_list_held(struct arena *arena, const struct record *record,
                               struct measure_held *held)
{
    *held = (struct measure_held){0};
    for (const struct entry *const *entry = measure_registry.entries; *entry; entry++) {
        if (measure_is_in((*entry)->name, record)) TRY(note_held(arena, (*entry)->name, held));
        for (const struct record_item *item = record->items; item; item = item->next) {
            const char *member = record_attribute_get_text(item, "measure");
            if (member && *member_suffix(member) && is_suffix(member_suffix(member)) &&
                registry_find_member(&measure_registry, member) == *entry &&
                measure_is_in(member, record))
                TRY(note_held(arena, member, held));
        }
    }
    return BASIN_OK;
}

void measure_remove(const char *name, struct record *record)
{
    char group[RESULT_PATH];
    const struct entry *entry = registry_find_member(&measure_registry, name);
    const char *own = ((const struct measure *)entry->implementation)->group;
    result_path(name, own ? own : entry->name, group);
    size_t length = strlen(group);
    for (struct record_item *item = record->items, *next; item; item = next) {
        const char *measure = record_attribute_get_text(item, "measure");
        bool is_number = measure && strcmp(measure, name) == 0 &&
                         strncmp(item->path, "/measures/", strlen("/measures/")) == 0,
             is_inside = strncmp(item->path, group, length) == 0 &&
                         (item->path[length] == '/' || item->path[length] == 0);
        next = item->next;
        if (is_number || (is_inside && (item->is_group || item->rank > 0)))
            record_remove(record, item);
    }
}

/* ---- along a training ---- */

/* "hessian_top_examples_500", of its group in results and in checkpoints. */
static const char *track_group(struct arena *arena, const char *member)
{
    return measure_result_name(arena, member,
                               registry_find_member(&measure_registry, member)->name);
}

basin_status measure_track_create(struct arena *arena, const char *name, struct measure_track **out)
{
    struct measure_track *track = arena_allocate(arena, sizeof *track);
    if (!track) return BASIN_MEMORY;
    *track = (struct measure_track){.arena = arena, .name = name};
    track->group = track_group(arena, name);
    if (!track->group) return BASIN_MEMORY;
    track->tail = &track->series;
    *out = track;
    return BASIN_OK;
}

basin_status measure_track_add(struct measure_track *track, const struct measure_site *site,
                               int64_t epoch)
{
    if (track->rows && track->epochs[track->rows - 1] == epoch)
        return BASIN_OK; /* taken before an interruption */
    if (!list_room(track->arena, track->epochs, track->rows, 1, track->capacity))
        return BASIN_MEMORY;
    if (!track->options) TRY(options_text(track->arena, site->options, &track->options));
    struct measure_sink sink = {.measure = track->name, .track = track};
    TRY(measure_run(track->name, site, &sink));
    track->epochs[track->rows++] = epoch;
    return BASIN_OK;
}

static basin_status record_series(const struct measure_track *track, const struct series *series,
                                  struct record *record, const char *group)
{
    const struct measure_shape *shape = &series->shape;
    const char *own = series->quantity->name; /* an array has its group's suffix */
    const char *name = shape->rank ? own : measure_result_name(record->arena, track->name, own);
    char *path = name ? arena_format(record->arena, "%s/%s", group, name) : NULL;
    if (!path) return BASIN_MEMORY;
    const char *axes[MEASURE_RANK + 1] = {"epoch"};
    size_t dims[MEASURE_RANK + 1] = {track->rows};
    for (int i = 0; i < shape->rank; i++) {
        axes[i + 1] = shape->axes[i];
        dims[i + 1] = shape->dims[i];
    }
    struct record_item *item;
    if (is_scale_of_itself(series->quantity, shape)) /* the same in every row */
        TRY(add_scale(record, path, shape->axes[0], shape->dims[0], series->values, &item));
    else
        TRY(record_add(record, path, RECORD_FLOAT64, shape->rank + 1, dims, axes, series->values,
                       &item));
    struct measure_sink sink = {
        .measure = track->name, .options = track->options, .record = record};
    return sink_describe(&sink, item, series->quantity);
}

basin_status measure_track_record(struct measure_track *track, struct record *record)
{
    if (track->rows == 0) return BASIN_OK;
    const char *signal =
        measure_result_name(record->arena, track->name, sink_find(track->name)->quantities->name);
    char *group = arena_format(record->arena, "/tracked/%s", track->group);
    char *path = group ? arena_format(record->arena, "%s/epoch", group) : NULL;
    if (!path || !signal) return BASIN_MEMORY;
    const char *axis = "epoch";
    struct record_item *item;
    TRY(record_group(record, group, &item));
    TRY(record_attribute_text(record, item, "NX_class", "NXdata"));
    TRY(record_attribute_text(record, item, "title", track->name));
    TRY(record_attribute_text(record, item, "signal", signal));
    TRY(record_attribute_add(record, item, "axes", RECORD_TEXT, 1, &axis));
    TRY(record_add(record, path, RECORD_INTEGER, 1, &track->rows, &axis, track->epochs, &item));
    TRY(record_attribute_text(record, item, "units", "1"));
    TRY(record_attribute_text(record, item, "long_name", "epoch; 0 is before the first"));
    for (struct series *series = track->series; series; series = series->next) {
        while (series->rows < track->rows) TRY(sink_add_row(track, series));
        TRY(record_series(track, series, record, group));
    }
    return BASIN_OK;
}

/* ---- checkpoints ---- */

/* What a series is of: from a checkpoint it is written anew, with the same words. */
static basin_status quantity_state(struct measure_track *track, struct series *series,
                                   struct state *state)
{
    struct quantity *quantity = arena_allocate(track->arena, sizeof *quantity);
    if (!quantity) return BASIN_MEMORY;
    if (state->save) *quantity = *series->quantity;
    TRY(state_text(state, "name", track->arena, &quantity->name));
    TRY(state_text(state, "units", track->arena, &quantity->units));
    TRY(state_text(state, "long_name", track->arena, &quantity->long_name));
    TRY(state_text(state, "definition", track->arena, &quantity->definition));
    TRY(state_text(state, "source", track->arena, &quantity->source));
    series->quantity = quantity;
    return BASIN_OK;
}

static basin_status shape_state(struct measure_track *track, struct measure_shape *shape,
                                struct state *state)
{
    /* Not axis_N: that is what a file calls an axis without values of its own. */
    static const char *const axes[MEASURE_RANK] = {"over_0", "over_1", "over_2", "over_3"},
                             *const sizes[MEASURE_RANK] = {"size_0", "size_1", "size_2", "size_3"};
    enum { WIDTH_MOST = 1 << 20 };
    int64_t rank = shape->rank, width = 1;
    TRY(state_integer(state, "rank", &rank));
    if (rank < 0 || rank > MEASURE_RANK)
        return error_raise(BASIN_DATA, "its track %s has a series over %lld axes", track->name,
                           (long long)rank);
    shape->rank = (int)rank;
    for (int i = 0; i < shape->rank; i++) {
        int64_t size = (int64_t)shape->dims[i];
        TRY(state_text(state, axes[i], track->arena, &shape->axes[i]));
        TRY(state_integer(state, sizes[i], &size));
        if (size < 0 || size > WIDTH_MOST / width)
            return error_raise(BASIN_DATA, "its track %s has a series with an axis of %lld places",
                               track->name, (long long)size);
        shape->dims[i] = (size_t)size;
        width *= size ? size : 1;
    }
    return BASIN_OK;
}

/* A name becomes a path, and an axis the name of another: as sink.c itself would have made them. */
static bool is_series_name(const char *name)
{
    enum { MOST = 100 };
    return name && strlen(name) <= MOST && !strchr(name, '/') && strcmp(name, "epoch") != 0;
}

/* The places of the axis `name`, where the shape has it; else -1. */
static long long places_along(const struct measure_shape *shape, const char *name)
{
    for (int i = 0; i < shape->rank; i++)
        if (strcmp(shape->axes[i], name) == 0) return (long long)shape->dims[i];
    return -1;
}

/* A scale is as long as the axes that are named after it, of those that came before. */
static bool fits_scale(const struct series *scale, const struct series *other)
{
    long long places = places_along(&other->shape, scale->quantity->name);
    return places < 0 || (scale->shape.rank == 1 && (long long)scale->shape.dims[0] == places);
}

static basin_status check_series(const struct measure_track *track, const struct series *series)
{
    const struct quantity *quantity = series->quantity;
    bool good = is_series_name(quantity->name) && quantity->units && quantity->long_name;
    for (int i = 0; good && i < series->shape.rank; i++)
        good = is_series_name(series->shape.axes[i]);
    for (const struct series *at = track->series; good && at && at != series; at = at->next)
        good = strcmp(at->quantity->name, quantity->name) != 0 && fits_scale(series, at) &&
               fits_scale(at, series);
    return good ? BASIN_OK
                : error_raise(BASIN_DATA, "its track %s has a series that does not fit the others",
                              track->name);
}

static basin_status series_state(struct measure_track *track, struct series *series,
                                 struct state *state)
{
    int64_t rows = (int64_t)series->rows;
    TRY(quantity_state(track, series, state));
    TRY(shape_state(track, &series->shape, state));
    TRY(state_integer(state, "rows", &rows));
    if (rows < 0 || rows > (int64_t)track->rows + 1)
        return error_raise(BASIN_DATA, "its series %s has %lld rows", series->quantity->name,
                           (long long)rows);
    series->width = shape_width(&series->shape);
    size_t count = (size_t)rows * series->width;
    if (!state->save) {
        TRY(check_series(track, series));
        TRY(state_holds(state, "values", count));
        series->rows = series->capacity = (size_t)rows;
        series->values = arena_array(track->arena, double, count + 1);
        if (!series->values) return BASIN_MEMORY;
    }
    return state_array(state, "values", RECORD_FLOAT64, count, series->values);
}

static size_t count_series(const struct measure_track *track)
{
    size_t count = 0;
    for (const struct series *series = track->series; series; series = series->next) count++;
    return count;
}

enum { SERIES_MOST = 1000 };

static basin_status restore_track(struct measure_track *track, struct state *state, size_t rows,
                                  int64_t count)
{
    TRY(state_holds(state, "epochs", rows));
    track->rows = track->capacity = rows;
    track->epochs = arena_array(track->arena, int64_t, rows + 1);
    if (!track->epochs) return BASIN_MEMORY;
    for (int64_t i = 0; i < count; i++) {
        struct series *series = arena_allocate(track->arena, sizeof *series);
        if (!series) return BASIN_MEMORY;
        *track->tail = series;
        track->tail = &series->next;
    }
    return BASIN_OK;
}

/* One after another, and none that the training has not come to. */
static basin_status check_epochs(const struct measure_track *track, int64_t most)
{
    for (size_t i = 0; i < track->rows; i++) {
        int64_t epoch = track->epochs[i], least = i ? track->epochs[i - 1] + 1 : 0;
        if (epoch < least || epoch > most)
            return error_raise(BASIN_DATA, "its track %s has epoch %lld in row %zu", track->name,
                               (long long)epoch, i);
    }
    return BASIN_OK;
}

basin_status measure_track_state(struct measure_track *track, struct state *state, int64_t most)
{
    struct state own = *state;
    int64_t rows = (int64_t)track->rows, count = (int64_t)count_series(track);
    own.prefix = arena_format(state->record->arena, "tracked/%s/", track->group);
    if (!own.prefix) return BASIN_MEMORY;
    TRY(state_integer(&own, "rows", &rows));
    TRY(state_integer(&own, "series", &count));
    TRY(state_text(&own, "options", track->arena, &track->options));
    if (rows < 0 || count < 0 || count > SERIES_MOST || (rows > 0 && !track->options))
        return error_raise(BASIN_DATA, "its track %s has %lld rows of %lld series", track->name,
                           (long long)rows, (long long)count);
    if (!state->save) TRY(restore_track(track, &own, (size_t)rows, count));
    TRY(state_array(&own, "epochs", RECORD_INTEGER, track->rows, track->epochs));
    if (!state->save) TRY(check_epochs(track, most));
    int64_t i = 0;
    for (struct series *series = track->series; series; series = series->next, i++) {
        struct state one = *state;
        one.prefix =
            arena_format(state->record->arena, "tracked/%s/%lld/", track->group, (long long)i);
        if (!one.prefix) return BASIN_MEMORY;
        TRY(series_state(track, series, &one));
    }
    return BASIN_OK;
}
