#include "run/execute.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "measure/measure.h"
#include "run/data_record.h"
#include "run/schema.h"
#include "run/snapshots.h"
#include "train/quantities.h"
#include "train/train.h"

/* --- cost --- */

struct measure_site execute_site(const struct run_settings *settings, const struct model *model,
                                 const struct data *data)
{
    return (struct measure_site){
        .model = model,
        .data = data,
        .loss = train_objective(&settings->train, model, data, MODE_EVAL).loss,
        .precision = settings->train.precision,
        .batch = run_statistics_batch(settings, model, data_describe(data)),
        .seed = (uint64_t)settings->seeds.all,
        .optimizer = settings->train.training.optimizer.entry->name};
}

void execute_choose(const struct run_settings *settings, size_t which, struct measure_site *site)
{
    site->settings = settings->measures.items[which].settings;
    site->options = value_map(settings->spec, "measures")->map.members[which].value;
}

struct measure_walk execute_walk(const struct run_settings *settings,
                                 const struct measure_site *site)
{
    return (struct measure_walk){.settings = settings, .site = *site};
}

bool execute_next(struct measure_walk *walk)
{
    const struct setting_list *measures = &walk->settings->measures;
    if (walk->done == measures->count) return false;
    const struct setting_variant *measure = &measures->items[walk->done];
    execute_choose(walk->settings, walk->done++, &walk->site);
    walk->name = measure->member;
    walk->every = measure_every(measure);
    return true;
}

/* FLOPs of the measures that are taken while training (`tracked`), or at its end, where there is
 * memory for all that they would keep. */
static double measures_flops(const struct run_settings *settings, const struct measure_site *site,
                             int64_t epochs, bool tracked)
{
    struct measure_walk walk = execute_walk(settings, site);
    double flops = 0;
    walk.site.keep = OBJECTIVE_KEEP_ALL;
    while (execute_next(&walk)) {
        if ((walk.every != SETTING_ABSENT) != tracked) continue;
        flops += (tracked ? 2 + (double)(epochs / walk.every) : 1) *
                 measure_flops(walk.name, &walk.site);
    }
    return flops;
}

static basin_status check_measures(const struct run_settings *settings,
                                   const struct measure_site *site)
{
    struct measure_walk walk = execute_walk(settings, site);
    while (execute_next(&walk)) {
        basin_status status = measure_check(walk.name, &walk.site);
        if (status == BASIN_OK) continue;
        error_key_block(walk.name);
        error_key_block("measures");
        return status;
    }
    return BASIN_OK;
}

/* A batch of one example, or a last one of an epoch, of which batch normalisation learns nothing.
 */
static basin_status check_norm(const struct train_plan *plan, const struct model *model)
{
    bool all = model_starves_norm(model, plan->batch), last = model_starves_norm(model, plan->last);
    if (!all && !last) return BASIN_OK;
    error_raise(
        BASIN_SPEC,
        all ? "batch normalisation sees a single value of each channel in a batch of one example"
            : "the last batch of an epoch has one example, of which batch normalisation sees a "
              "single value a channel");
    error_hint(all ? "use larger batches, or another norm"
                   : "use another batch_size, or drop_last: true");
    error_key("training.batch_size");
    return BASIN_SPEC;
}

static basin_status estimate(const struct run_settings *settings, const struct data *data,
                             struct arena *arena, struct run_cost *cost)
{
    const struct data_info *info = data_describe(data);
    struct model *model;
    const struct train_settings *training = &settings->train;
    TRY(train_check(training, info));
    TRY(run_model_create(arena, settings, info, &model));
    if (training->regularizers.dropout > 0 && !model_has_dropout(model)) {
        error_raise(BASIN_SPEC, "dropout acts on hidden units, but this architecture has none");
        error_hint("use an architecture with hidden dense layers, or dropout: 0");
        error_key("regularizers.dropout");
        return BASIN_SPEC;
    }
    struct measure_site site = execute_site(settings, model, data);
    TRY(check_measures(settings, &site));
    struct train_plan plan = train_plan(training, info);
    if (plan.full_batch && plan.batch < plan.last && model_buffer_count(model) > 0) {
        error_raise(BASIN_SPEC,
                    "batch normalisation needs the whole batch at once, but gd adds up pieces of "
                    "%lld examples",
                    (long long)plan.batch);
        error_hint("use another norm, optimizer: sgd, or a train_size of at most %lld",
                   (long long)plan.batch);
        error_key("architecture");
        return BASIN_SPEC;
    }
    TRY(check_norm(&plan, model));
    double examples = (double)info->counts[DATA_TRAIN];
    double evaluated =
        examples + (double)info->counts[DATA_VALIDATION] + (double)info->counts[DATA_TEST];
    double batch = plan.full_batch ? examples : (double)plan.batch;
    cost->parameters = model_size(model);
    double step = (double)plan.gradients * model_gradient_flops(model); /* of one example */
    cost->step_flops = batch * step;
    cost->steps = plan.steps;
    cost->epochs = plan.epochs;
    cost->snapshots = train_snapshots(&training->weights, &plan);
    cost->snapshot_bytes = (double)cost->snapshots * (double)model_state_size(model) *
                           (double)precision_size(training->precision);
    cost->tracked = measures_flops(settings, &site, plan.epochs, true);
    cost->measures = measures_flops(settings, &site, plan.epochs, false);
    cost->flops = (double)plan.steps * (examples / (double)plan.batches) * step +
                  (double)plan.evaluations * evaluated * model_forward_flops(model) +
                  cost->tracked + cost->measures;
    return BASIN_OK;
}

static basin_status check_measures_alone(const struct run_settings *settings,
                                         const struct data *data, struct arena *arena)
{
    struct model *model;
    TRY(run_model_create(arena, settings, data_describe(data), &model));
    struct measure_site site = execute_site(settings, model, data);
    return check_measures(settings, &site);
}

basin_status execute_check_measures(const struct run_settings *settings, const struct data *data)
{
    struct arena *arena;
    TRY(arena_create(&arena));
    basin_status status = check_measures_alone(settings, data, arena);
    arena_destroy(arena);
    return status;
}

basin_status execute_estimate(const struct run_settings *settings, const struct data *data,
                              struct run_cost *cost)
{
    struct arena *arena;
    TRY(arena_create(&arena));
    *cost = (struct run_cost){0};
    basin_status status = estimate(settings, data, arena, cost);
    arena_destroy(arena);
    return status;
}

/* --- a run --- */

/* A tracked measure and its rows. */
struct tracked {
    const char *name;
    struct measure_track *track;
    struct measure_site chosen; /* with its settings, but not yet its weights */
    int64_t every;
};

struct execution {
    const struct run_settings *settings;
    const struct data *data;
    const struct data_info *info;
    const struct run_terms *terms;
    struct arena *arena;
    struct model *model;
    struct tracked *tracked;
    size_t tracked_count;
    struct snapshots *snapshots;
    void *initial;
    struct motion motion;
    bool has_motion; /* a training goes on, or has gone on, in this process */
    struct train_result result;
    struct record *record;
};

static void execute_work(void *context, double flops)
{
    struct execution *execution = context;
    struct run_progress *progress = execution->terms->progress;
    if (!progress) return;
    double done = atomic_load_explicit(&progress->done, memory_order_relaxed);
    atomic_store_explicit(&progress->done, done + flops, memory_order_relaxed); /* one writer */
}

/* What the measure of index `which` sees. */
static struct measure_site site_of(const struct execution *execution, size_t which, const void *w)
{
    struct measure_site site = execute_site(execution->settings, execution->model, execution->data);
    site.w = w;
    site.initial = execution->initial;
    site.motion = execution->has_motion ? &execution->motion : NULL;
    site.stop = execution->terms->stop;
    site.keep = execution->terms->keep;
    execute_choose(execution->settings, which, &site);
    return site;
}

/* The loss of the whole training part where the epoch ended with an evaluation, else the mean over
 * its batches. */
static void tell_progress(const struct execution *execution, int64_t epoch)
{
    struct run_progress *progress = execution->terms->progress;
    if (!progress || epoch == 0) return;
    double loss = curves_get(&execution->result.epochs, CURVE_train_loss);
    if (isnan(loss)) loss = curves_get(&execution->result.epochs, CURVE_batch_loss);
    progress->loss = loss;
    progress->epoch = epoch;
}

static bool wants_motion(const struct execution *execution)
{
    const struct setting_list *measures = &execution->settings->measures;
    for (size_t i = 0; i < measures->count; i++)
        if (measure_wants_motion(measures->items[i].entry->name)) return true;
    return false;
}

/* The second moments are the optimiser's, and end with it: measures at the end see a copy. */
static basin_status keep_motion(void *context, const struct motion *motion, bool over)
{
    struct execution *execution = context;
    size_t bytes =
        (size_t)model_size(execution->model) * precision_size(execution->settings->train.precision);
    execution->motion = *motion;
    if (!over || !motion->second || !wants_motion(execution)) return BASIN_OK;
    void *copy = arena_allocate(execution->arena, bytes);
    if (!copy) return BASIN_MEMORY;
    execution->motion.second = memcpy(copy, motion->second, bytes);
    return BASIN_OK;
}

static basin_status after_epoch(void *context, int64_t epoch, const void *w)
{
    struct execution *execution = context;
    tell_progress(execution, epoch);
    TRY(snapshots_after_epoch(execution->snapshots, epoch, w));
    for (size_t i = 0; i < execution->tracked_count; i++) {
        struct tracked *tracked = &execution->tracked[i];
        if (epoch % tracked->every != 0) continue;
        struct measure_site site = tracked->chosen;
        site.w = w;
        TRY(measure_track_add(tracked->track, &site, epoch));
        execute_work(execution, measure_flops(tracked->name, &site));
    }
    return BASIN_OK;
}

static basin_status after_step(void *context, int64_t step, const void *w)
{
    return snapshots_after_step(((struct execution *)context)->snapshots, step, w);
}

/* ---- checkpoints ---- */

static basin_status run_state(struct execution *execution, struct trainer *trainer,
                              struct state *state)
{
    TRY(train_state(trainer, state));
    TRY(snapshots_state(execution->snapshots, state, 0, 0));
    for (size_t i = 0; i < execution->tracked_count; i++)
        TRY(measure_track_state(execution->tracked[i].track, state, 0));
    return BASIN_OK;
}

static bool checkpoint_due(void *context, int64_t epoch)
{
    const struct run_checkpoints *checkpoints = ((struct execution *)context)->terms->checkpoints;
    return checkpoints->due(checkpoints->context, epoch);
}

static basin_status checkpoint_save(void *context, struct trainer *trainer)
{
    struct execution *execution = context;
    const struct run_checkpoints *checkpoints = execution->terms->checkpoints;
    struct arena *arena;
    struct record *record;
    int64_t epoch, step;
    TRY(arena_create(&arena));
    basin_status status = record_create(arena, &record);
    struct state state = {.record = status == BASIN_OK ? record : NULL, .save = true};
    if (status == BASIN_OK) status = run_state(execution, trainer, &state);
    train_position(trainer, &epoch, &step);
    if (status == BASIN_OK) checkpoints->save(checkpoints->context, record, epoch, step);
    arena_destroy(arena);
    return status;
}

static void after_resuming(void *context)
{
    const struct run_checkpoints *checkpoints = ((struct execution *)context)->terms->checkpoints;
    if (checkpoints->resumed) checkpoints->resumed(checkpoints->context);
}

static basin_status create_tracks(struct execution *execution)
{
    const struct setting_list *measures = &execution->settings->measures;
    execution->tracked = arena_array(execution->arena, struct tracked, measures->count + 1);
    if (!execution->tracked) return BASIN_MEMORY;
    for (size_t i = 0; i < measures->count; i++) {
        int64_t every = measure_every(&measures->items[i]);
        if (every == SETTING_ABSENT) continue;
        struct tracked *tracked = &execution->tracked[execution->tracked_count++];
        *tracked = (struct tracked){.name = measures->items[i].member,
                                    .chosen = site_of(execution, i, NULL),
                                    .every = every};
        TRY(measure_track_create(execution->arena, tracked->name, &tracked->track));
    }
    return BASIN_OK;
}

static basin_status final_count(struct record *record, const struct quantity *quantity,
                                const char *path, double value)
{
    struct record_item *item;
    TRY(record_integer(record, path, (int64_t)value, &item));
    TRY(record_attribute_text(record, item, "units", quantity->units));
    return record_attribute_text(record, item, "long_name", quantity->long_name);
}

static basin_status final_value(struct record *record, const struct quantity *quantity,
                                const char *path, double value, bool diverged)
{
    struct record_item *item;
    TRY(record_float(record, path, value, &item));
    TRY(record_attribute_text(record, item, "units", quantity->units));
    TRY(record_attribute_text(record, item, "long_name", quantity->long_name));
    if (quantity->definition)
        TRY(record_attribute_text(record, item, "definition", quantity->definition));
    if (!isnan(value)) return BASIN_OK;
    return record_attribute_text(record, item, "reason",
                                 diverged ? "the run diverged" : "the loss is not a number");
}

/* The scalars that every run has, whichever measures were asked for. */
static basin_status record_finals(const struct execution *execution)
{
    const struct train_result *result = &execution->result;
    struct train_scope scope = {.info = execution->info, .best = result->best};
    struct train_moment moment = {.parts = result->final,
                                  .parameters = model_size(execution->model),
                                  .epochs = result->epochs_done,
                                  .steps = result->steps_done,
                                  .best_epoch = result->best_epoch};
    for (const struct train_quantity *each = train_quantities; each->final.name; each++) {
        if (!each->final.long_name || !train_quantity_applies(each, &scope)) continue;
        double value = train_quantity_value(each, &moment);
        char *path = arena_format(execution->arena, "/measures/%s", each->final.name);
        if (!path) return BASIN_MEMORY;
        TRY(each->is_count
                ? final_count(execution->record, &each->final, path, value)
                : final_value(execution->record, &each->final, path, value, result->diverged));
    }
    return BASIN_OK;
}

/* Takes a measure, or says that a diverged run has no value of it. */
static basin_status take_measure(const struct execution *execution, size_t which,
                                 struct measure_site *site)
{
    const char *name = execution->settings->measures.items[which].member;
    *site = site_of(execution, which, execution->result.w);
    if (execution->result.diverged)
        return measure_without_value(name, site->options, "the run diverged", execution->record);
    return measure_final(name, site, execution->record);
}

static basin_status record_measures(const struct execution *execution)
{
    const struct setting_list *measures = &execution->settings->measures;
    for (size_t i = 0; i < measures->count; i++) {
        struct measure_site site;
        const char *name = measures->items[i].member;
        if (execution->terms->progress) execution->terms->progress->measure = name;
        TRY(take_measure(execution, i, &site));
        execute_work((void *)execution, measure_flops(name, &site));
    }
    return BASIN_OK;
}

/* Sets the attribute `measures` of /measures: every measure in the file with its options, in the
 * order of the registry, so that the text does not depend on when they were taken. */
static basin_status list_measures(struct record *record)
{
    struct record_item *group;
    struct measure_held held;
    struct text text = {0};
    TRY(record_group(record, "/measures", &group));
    TRY(measure_list_held(record->arena, record, &held));
    for (size_t i = 0; i < held.count; i++)
        text_format(&text, "%s%s: %s", i ? ", " : "{", held.names[i],
                    measure_options(held.names[i], record));
    text_append(&text, text.length ? "}" : "{}");
    basin_status status = text_status(&text);
    if (status == BASIN_OK)
        status = record_attribute_text(record, group, "measures", text_data(&text));
    text_free(&text);
    return status;
}

static basin_status record_weights(const struct execution *execution)
{
    struct {
        const char *group;
        const void *w;
    } all[] = {{"/weights/final", execution->result.w},
               {"/weights/initial",
                execution->settings->train.weights.initial ? execution->result.initial : NULL},
               {"/weights/best", execution->result.best}};
    enum precision precision = execution->settings->train.precision;
    size_t size = (size_t)model_state_size(execution->model);
    double *w = memory_allocate(size * sizeof *w);
    if (!w) return BASIN_MEMORY;
    basin_status status = BASIN_OK;
    for (size_t i = 0; i < sizeof all / sizeof *all && status == BASIN_OK; i++) {
        if (!all[i].w) continue;
        vector_to_double(precision, all[i].w, w, size);
        status = model_export(execution->model, w, precision, execution->record, all[i].group);
    }
    memory_free(w);
    TRY(status);
    return snapshots_record(execution->snapshots, execution->record);
}

/* ---- losses that have exploded ---- */

enum { EXPLOSION = 10 }; /* so many times the loss of the untrained network */

static basin_status initial_loss(const struct execution *execution, double *loss)
{
    const struct train_settings *settings = &execution->settings->train;
    struct objective_request request =
        train_objective(settings, execution->model, execution->data, MODE_EVAL);
    struct objective_where where = objective_first(DATA_TRAIN, execution->info->counts[DATA_TRAIN]);
    struct objective *objective;
    struct evaluation evaluation;
    request.stop = execution->terms->stop;
    TRY(objective_create(&request, &objective));
    basin_status status = objective_loss(objective, &where, execution->initial, &evaluation);
    objective_destroy(objective);
    *loss = evaluation.loss;
    return status;
}

/* A loss of 4e16 is finite, and the run has finished, but it has learned nothing: the root gets an
 * attribute `exploded` that says so. A small loss is not looked at. */
static basin_status record_explosion(const struct execution *execution)
{
    double loss = execution->result.final[DATA_TRAIN].loss, before;
    char text[128];
    if (execution->result.diverged || !(loss > 1)) return BASIN_OK;
    TRY(initial_loss(execution, &before));
    if (!(before > 0) || loss <= EXPLOSION * before) return BASIN_OK;
    snprintf(text, sizeof text, "the training loss is %.4g; before training it was %.4g", loss,
             before);
    return record_attribute_text(execution->record, execution->record->items, "exploded", text);
}

static basin_status execute_fill(struct execution *execution)
{
    const struct train_result *result = &execution->result;
    struct record *record = execution->record;
    struct record_item *root = record_find(record, "/");
    TRY(record_attribute_text(record, root, "default", "curves"));
    TRY(record_attribute_text(record, root, "status", result->diverged ? "diverged" : "finished"));
    TRY(record_attribute_text(record, root, "stopped_by", result->stopped_by));
    TRY(record_explosion(execution));
    TRY(curves_record(&result->epochs, record, "/curves", "epoch", "curves"));
    TRY(curves_record(&result->steps, record, "/steps", "step", "every logged step"));
    for (size_t i = 0; i < execution->tracked_count; i++)
        TRY(measure_track_record(execution->tracked[i].track, record));
    TRY(record_group(record, "/measures", NULL));
    TRY(record_finals(execution));
    TRY(record_measures(execution));
    TRY(list_measures(record));
    TRY(data_record(record, execution->data));
    return record_weights(execution);
}

static basin_status execute_prepare(struct execution *execution)
{
    execution->info = data_describe(execution->data);
    TRY(run_model_create(execution->arena, execution->settings, execution->info,
                         &execution->model));
    size_t bytes = (size_t)model_state_size(execution->model) *
                   precision_size(execution->settings->train.precision);
    execution->initial = arena_allocate(execution->arena, bytes);
    if (!execution->initial) return BASIN_MEMORY;
    return train_initial(&execution->settings->train, execution->model, execution->initial);
}

/* Of the epoch under way too, where some measures had been taken after it. */
static basin_status restore_tracks(const struct execution *execution, struct state *resume)
{
    int64_t epoch = 0, step = 0;
    TRY(state_integer(resume, "epoch", &epoch));
    TRY(state_integer(resume, "step", &step));
    TRY(snapshots_state(execution->snapshots, resume, epoch, step));
    for (size_t i = 0; i < execution->tracked_count; i++)
        TRY(measure_track_state(execution->tracked[i].track, resume, epoch));
    return BASIN_OK;
}

basin_status execute_run(const struct run_settings *settings, const struct data *data,
                         const struct run_terms *terms, struct arena *arena, struct record **record)
{
    struct execution execution = {
        .settings = settings, .data = data, .terms = terms, .arena = arena};
    TRY(execute_prepare(&execution));
    execution.has_motion = true;
    TRY(create_tracks(&execution));
    struct train_plan plan = train_plan(&settings->train, execution.info);
    TRY(snapshots_create(arena, &settings->train, execution.model, &plan, &execution.snapshots));
    struct train_request request = {.settings = &settings->train,
                                    .model = execution.model,
                                    .data = data,
                                    .stop = terms->stop,
                                    .hooks = {.context = &execution,
                                              .motion = keep_motion,
                                              .epoch = after_epoch,
                                              .step = after_step,
                                              .work = execute_work},
                                    .arena = arena};
    struct state resume = {0};
    if (terms->checkpoints) {
        request.hooks.due = checkpoint_due;
        request.hooks.save = checkpoint_save;
        request.hooks.resumed = after_resuming;
        resume.record = terms->checkpoints->resume;
    }
    if (resume.record) {
        request.resume = &resume;
        TRY(restore_tracks(&execution, &resume));
    }
    TRY(train_run(&request, &execution.result));
    TRY(record_create(arena, &execution.record));
    TRY(execute_fill(&execution));
    *record = execution.record;
    return BASIN_OK;
}

/* --- measures asked for later --- */

/* The next "key: value" of options, "{k: 1, at: [2, 3]}"; its length, 0 at the end. */
static size_t option_part(const char **at)
{
    size_t length = 0;
    int depth = 0;
    *at += strspn(*at, "{}, ");
    for (const char *end = *at; *end && depth >= 0 && !(depth == 0 && *end == ','); end++) {
        depth += (*end == '[' || *end == '{') - (*end == ']' || *end == '}');
        length += depth >= 0;
    }
    return length;
}

/* The value that options have for the key of `part`; its length, 0 where they have none. */
static size_t option_value_like(const char *options, const char *part, const char **value)
{
    size_t key = strcspn(part, ":") + 1;
    for (size_t length; (length = option_part(&options)); options += length) {
        if (length <= key || strncmp(options, part, key) != 0) continue;
        *value = options + key + 1;
        return length - key - 1;
    }
    return 0;
}

/* "hessian_top (examples: 50, not 100)" */
static void put_other_options(const char *measure, const char *held, const char *asked,
                              struct text *out)
{
    const char *gap = "", *at = asked;
    text_format(out, "%s%s (", out->length ? ", " : "", measure);
    for (size_t length; (length = option_part(&at)); at += length) {
        const char *wanted = "", *there = "none";
        size_t wide = option_value_like(asked, at, &wanted),
               has = option_value_like(held, at, &there);
        if (wide == has && strncmp(wanted, there, wide) == 0) continue;
        text_format(out, "%s%.*s: %.*s, not %.*s", gap, (int)strcspn(at, ":"), at,
                    (int)(has ? has : strlen(there)), there, (int)wide, wanted);
        gap = "; ";
    }
    text_append(out, *gap ? ")" : "other options)");
}

/* Have the options of a file, `held`, this key? */
static bool holds_key(const char *held, const char *name)
{
    char key[80];
    snprintf(key, sizeof key, "%s:", name);
    return strstr(held, key) != NULL;
}

/* Prints options as a file holds them that was made before some keys that have a `former` meaning:
 * those that `held` lacks. */
static void print_former(struct text *out, const struct value *options, const char *held)
{
    bool is_first = true;
    text_append(out, "{");
    for (size_t i = 0; i < options->map.count; i++) {
        const struct value *value = options->map.members[i].value;
        const char *former = value->row ? value->row->former : NULL,
                   *key = options->map.members[i].key;
        if (former && value->kind == VALUE_TEXT && strcmp(value->text, former) == 0 &&
            !holds_key(held, key))
            continue;
        text_format(out, "%s%s: ", is_first ? "" : ", ", key);
        value_print(out, value);
        is_first = false;
    }
    text_append(out, "}");
}

static bool has_options(const char *held, const struct value *asked, struct text *scratch)
{
    scratch->length = 0;
    value_print(scratch, asked);
    if (strcmp(held, text_data(scratch)) == 0) return true;
    scratch->length = 0;
    print_former(scratch, asked, held);
    return strcmp(held, text_data(scratch)) == 0;
}

/* Options of a file, with what the keys mean that it is too old to have. */
static void print_whole(struct text *out, const char *held, const struct value *options)
{
    text_format(out, "%.*s", (int)strlen(held) - 1, held);
    for (size_t i = 0; i < options->map.count; i++) {
        const struct value_member *member = &options->map.members[i];
        const char *former = member->value->row ? member->value->row->former : NULL;
        if (former && !holds_key(held, member->key))
            text_format(out, ", %s: %s", member->key, former);
    }
    text_append(out, "}");
}

basin_status execute_look(const struct record *record, const char *name,
                          const struct value *options, enum execute_held *held, struct text *other)
{
    struct text asked = {0}, whole = {0};
    const char *there = measure_options(name, record);
    *held = !there                                ? EXECUTE_LACKS
            : has_options(there, options, &asked) ? EXECUTE_HOLDS
                                                  : EXECUTE_HOLDS_OTHER;
    if (*held == EXECUTE_HOLDS_OTHER) {
        asked.length = 0;
        value_print(&asked, options);
        print_whole(&whole, there, options);
        put_other_options(name, text_data(&whole), text_data(&asked), other);
    }
    basin_status status = text_status(&asked);
    if (status == BASIN_OK) status = text_status(&whole);
    text_free(&asked);
    text_free(&whole);
    return status;
}

basin_status execute_missing_measures(const struct run_settings *settings,
                                      const struct record *record, int *missing, struct text *other)
{
    const struct value *measures = value_map(settings->spec, "measures");
    *missing = 0;
    for (size_t i = 0; i < measures->map.count; i++) {
        const struct value_member *measure = &measures->map.members[i];
        enum execute_held held;
        TRY(execute_look(record, measure->key, measure->value, &held, other));
        *missing += held == EXECUTE_LACKS;
    }
    return BASIN_OK;
}

/* Better a run without a number than one that looks as if it had been measured. */
static basin_status refuse_late(const char *measure)
{
    error_raise(BASIN_SPEC,
                "the measure %s looks at the state of the optimizer, which a finished run does not "
                "have",
                measure);
    error_hint("train the run again with --force, or in another folder (-o DIR)");
    return BASIN_SPEC;
}

basin_status execute_add_measures(const struct finished *finished, const struct run_terms *terms,
                                  int *added)
{
    struct execution execution = {.settings = finished->settings,
                                  .data = finished->data,
                                  .info = data_describe(finished->data),
                                  .terms = terms,
                                  .arena = finished->arena,
                                  .model = finished->model,
                                  .initial = finished->initial,
                                  .result = {.w = finished->w, .diverged = finished->diverged},
                                  .record = finished->record};
    const struct setting_list *measures = &finished->settings->measures;
    *added = 0;
    for (size_t i = 0; i < measures->count; i++) {
        struct measure_site site;
        if (measure_is_in(measures->items[i].member, finished->record)) continue;
        if (measure_wants_motion(measures->items[i].member))
            return refuse_late(measures->items[i].member);
        TRY(take_measure(&execution, i, &site));
        ++*added;
    }
    return *added ? list_measures(finished->record) : BASIN_OK;
}
