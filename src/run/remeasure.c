#include "run/remeasure.h"

#include <stdio.h>
#include <string.h>
#include "folder/folder.h"
#include "folder/result.h"
#include "run/memory.h"
#include "spec/member.h"
#include "store/store.h"

/* ---- what is asked for ---- */

static size_t word_name(const char *word)
{
    return strspn(word, "abcdefghijklmnopqrstuvwxyz_0123456789@");
}

bool remeasure_is_word(const char *word)
{
    size_t length = word_name(word);
    if (length && word[length] == ':') return true;
    return registry_find_member(&measure_registry, word) != NULL;
}

/* "k=3,at=[1,2]" as "{k: 3, at: [1,2]}": a comma in brackets parts nothing. */
static basin_status put_short_options(struct text *out, const char *word, const char *options)
{
    int depth = 0;
    bool has_value = false;
    text_append(out, "{");
    for (const char *at = options; *at; at++) {
        depth += (*at == '[' || *at == '{') - (*at == ']' || *at == '}');
        if (depth == 0 && *at == ',' && !has_value) break;
        if (depth == 0 && *at == '=' && !has_value)
            text_append(out, ": "), has_value = true;
        else
            text_append_n(out, at, 1);
        if (depth == 0 && *at == ',') has_value = false;
    }
    text_append(out, "}");
    if (has_value) return BASIN_OK;
    error_raise(BASIN_USAGE, "options of a measure are KEY=VALUE,... or {KEY: VALUE, ...}, not %s",
                word);
    error_hint("for example hessian_top:examples=all,k=3");
    return BASIN_USAGE;
}

/* "{examples: all}" */
static basin_status put_word_options(struct text *out, const char *word)
{
    size_t length = word_name(word);
    const char *options = word[length] ? word + length + 1 : "";
    options += strspn(options, " \t\n");
    if (!*options || *options == '{') {
        text_append(out, *options ? options : "{}");
        return BASIN_OK;
    }
    return put_short_options(out, word, options);
}

static bool same_measure(const char *word, const char *other)
{
    size_t length = word_name(word);
    return word_name(other) == length && strncmp(word, other, length) == 0;
}

/* "hessian_top: {examples: all}", as a member of a block; a list where it is asked for several
 * times. */
static basin_status put_asked_member(struct text *out, const char *const *words, size_t count,
                                     size_t which)
{
    const char *gap = "";
    size_t same = 0;
    for (size_t i = 0; i < count; i++) same += same_measure(words[i], words[which]);
    text_format(out, "%.*s: %s", (int)word_name(words[which]), words[which], same > 1 ? "[" : "");
    for (size_t i = 0; i < count; i++) {
        if (!same_measure(words[i], words[which])) continue;
        text_append(out, gap);
        TRY(put_word_options(out, words[i]));
        gap = ", ";
    }
    text_append(out, same > 1 ? "]" : "");
    return BASIN_OK;
}

static bool is_asked_before(const char *const *words, size_t which)
{
    for (size_t i = 0; i < which; i++)
        if (same_measure(words[i], words[which])) return true;
    return false;
}

/* A spec that has nothing but these measures: its tables check them, and fill in the rest. */
static basin_status put_spec(struct text *out, const char *const *words, size_t count)
{
    text_append(out, "measures: {");
    for (size_t i = 0; i < count; i++) {
        if (is_asked_before(words, i)) continue;
        if (i) text_append(out, ", ");
        TRY(put_asked_member(out, words, count, i));
    }
    text_append(out, "}\nstudy: measure\narchitecture: linear\n");
    return text_status(out);
}

static basin_status resolve_words(struct arena *arena, const char *text,
                                  struct diagnostics *diagnostics, struct value **run)
{
    struct spec_request request = {.file = "(measures)",
                                   .text = text,
                                   .length = strlen(text),
                                   .folder = "/",
                                   .schema = study_schema};
    struct spec *spec;
    TRY(spec_read(arena, &request, diagnostics, &spec));
    return spec_run(spec, 0, arena, diagnostics, run);
}

static basin_status refuse_tracking(const struct value_member *measure)
{
    if (!value_find(measure->value, "every")) return BASIN_OK;
    error_raise(BASIN_USAGE, "%s: `every` takes a measure while training, which is over",
                measure->key);
    error_hint("leave `every` out, or train runs of their own with it");
    return BASIN_USAGE;
}

static basin_status take_asked(struct arena *arena, const struct value *measures,
                               struct remeasure *wanted)
{
    size_t count = measures->map.count;
    wanted->asked = arena_array(arena, struct remeasure_asked, count + 1);
    if (!wanted->asked) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const struct value_member *measure = &measures->map.members[i];
        const struct entry *entry = registry_find_member(&measure_registry, measure->key);
        struct text written = {0};
        TRY(refuse_tracking(measure));
        value_print(&written, measure->value);
        const char *copy = written.failed ? NULL : arena_text(arena, text_data(&written));
        const char *beside = member_written(arena, entry, measure->value);
        text_free(&written);
        if (!copy || !beside) return BASIN_MEMORY;
        wanted->asked[i] = (struct remeasure_asked){measure->key, beside, copy, measure->value};
    }
    wanted->count = count;
    return BASIN_OK;
}

basin_status remeasure_read(struct arena *arena, const char *const *words, size_t count,
                            struct diagnostics *diagnostics, struct remeasure *wanted)
{
    struct text text = {0};
    struct value *run;
    basin_status status = put_spec(&text, words, count);
    const char *copy = status == BASIN_OK ? arena_text(arena, text_data(&text)) : NULL;
    text_free(&text);
    TRY(status);
    if (!copy) return BASIN_MEMORY;
    TRY(resolve_words(arena, copy, diagnostics, &run));
    return take_asked(arena, value_map(run, "measures"), wanted);
}

/* ---- what is to be done with a file ---- */

/* A measure that is taken again, and what it said before. */
struct replaced {
    const char *name, *how; /* how: "hessian_top (examples: 50, not 100)" */
    struct former {
        const char *name;
        double value;
    } * former;
    size_t count;
};

struct remeasuring {
    struct arena *arena;
    struct text added, kept;
    const char **sets;
    size_t set_count;
    struct replaced *replaced;
    size_t replaced_count;
    int adding;
};

static bool is_tracked_in(const struct record *record, const char *name)
{
    char path[256];
    const char *suffix = member_suffix(name),
               *measure = registry_find_member(&measure_registry, name)->name;
    snprintf(path, sizeof path, "/tracked/%s%s%s", measure, *suffix ? "_" : "", suffix);
    return record_find(record, path) != NULL;
}

/* Are these the options that a tracked measure is held with, but for `every`? */
static bool is_tracked_so(const char *held, const struct value *options)
{
    struct text asked = {0};
    value_print(&asked, options);
    const char *every = strstr(held, "every: ");
    size_t before = every ? (size_t)(every - held) : 0, after = every ? strcspn(every, ",}") : 0;
    const char *rest = every ? every + after : held;
    if (every && *rest == ',') rest += strspn(rest, ", ");
    if (every && *rest == '}' && before >= 2 && held[before - 1] == ' ') before -= 2;
    bool same = every && asked.length == before + strlen(rest) &&
                strncmp(text_data(&asked), held, before) == 0 &&
                strcmp(text_data(&asked) + before, rest) == 0;
    text_free(&asked);
    return same;
}

static basin_status refuse_tracked(const char *name, const char *how)
{
    error_raise(BASIN_USAGE, "%s is tracked: its options belong to the id of the run", how);
    error_hint("for other options train a run of its own, with `%s` in the spec of a study", name);
    return BASIN_USAGE;
}

/* The numbers that a measure has given. */
static basin_status note_former(struct remeasuring *work, const struct record *record,
                                struct replaced *replaced)
{
    replaced->former = arena_array(work->arena, struct former, record->count + 1);
    if (!replaced->former) return BASIN_MEMORY;
    for (const struct record_item *item = record->items; item; item = item->next) {
        const char *measure = record_attribute_get_text(item, "measure");
        if (!measure || strcmp(measure, replaced->name) != 0 || item->rank != 0 ||
            strncmp(item->path, "/measures/", 10) != 0)
            continue;
        const char *name = arena_text(work->arena, item->path);
        if (!name) return BASIN_MEMORY;
        replaced->former[replaced->count++] = (struct former){name, record_number(item, 0)};
    }
    return BASIN_OK;
}

static basin_status plan_again(struct remeasuring *work, const struct record *record,
                               const char *name, const char *how)
{
    struct replaced *replaced = &work->replaced[work->replaced_count++];
    *replaced = (struct replaced){.name = name, .how = arena_text(work->arena, how)};
    if (!replaced->how) return BASIN_MEMORY;
    return note_former(work, record, replaced);
}

static void put_added_name(struct text *out, const char *name)
{
    text_format(out, "%s%s", out->length ? ", " : "", name);
}

static basin_status plan_set(struct remeasuring *work, const char *name, const char *options)
{
    const char *set = arena_format(work->arena, "measures.%s=%s", name, options);
    if (set) work->sets[work->set_count++] = set;
    return set ? BASIN_OK : BASIN_MEMORY;
}

/* Of a file that has no measure of this name with these options. */
static basin_status plan_other(const struct remeasure *wanted, const struct remeasure_asked *asked,
                               const struct record *record, const char *name,
                               struct remeasuring *work, struct text *how)
{
    enum execute_held held;
    TRY(execute_look(record, name, asked->options, &held, how));
    if (held == EXECUTE_LACKS) {
        put_added_name(&work->added, name);
        work->adding++;
    } else if (!wanted->again) {
        put_added_name(&work->kept, text_data(how));
        return BASIN_OK;
    } else if (is_tracked_in(record, name)) {
        return refuse_tracked(name, text_data(how));
    } else {
        TRY(plan_again(work, record, name, text_data(how)));
    }
    return plan_set(work, name, asked->written);
}

static bool is_of(const char *name, const char *member)
{
    return registry_find_member(&measure_registry, name) ==
           registry_find_member(&measure_registry, member);
}

/* The one that a file has with these very options, but for `every`; or NULL. */
static basin_status find_same(const struct remeasure_asked *asked, const struct record *record,
                              const struct measure_held *all, const char **name)
{
    *name = NULL;
    for (size_t i = 0; i < all->count && !*name; i++) {
        enum execute_held held;
        struct text other = {0};
        if (!is_of(asked->name, all->names[i])) continue;
        basin_status status = execute_look(record, all->names[i], asked->options, &held, &other);
        text_free(&other);
        TRY(status);
        bool is_same = held == EXECUTE_HOLDS ||
                       (is_tracked_in(record, all->names[i]) &&
                        is_tracked_so(measure_options(all->names[i], record), asked->options));
        if (is_same) *name = all->names[i];
    }
    return BASIN_OK;
}

static bool holds_any(const struct measure_held *all, const char *name)
{
    for (size_t i = 0; i < all->count; i++)
        if (is_of(name, all->names[i])) return true;
    return false;
}

/* All that a file has of a measure, with the options that they have. */
static basin_status plan_each(const struct measure_held *all, const char *name,
                              const struct record *record, struct remeasuring *work)
{
    for (size_t i = 0; i < all->count; i++) {
        if (name && !is_of(name, all->names[i])) continue;
        if (measure_wants_motion(all->names[i]))
            put_added_name(&work->kept, all->names[i]); /* a result cannot give it again */
        else
            TRY(plan_again(work, record, all->names[i], all->names[i]));
    }
    return BASIN_OK;
}

static basin_status refuse_motion(const char *name)
{
    error_raise(BASIN_USAGE,
                "%s looks at the state of the optimizer, which a finished result does "
                "not have",
                name);
    error_hint(
        "ask for it under `measures` in the spec before the run is trained, or train the run "
        "again with --force");
    return BASIN_USAGE;
}

/* Likewise, as they stay: asked for without options, which none of them has. */
static basin_status plan_none(const struct measure_held *all, const struct remeasure_asked *asked,
                              const struct record *record, struct remeasuring *work)
{
    for (size_t i = 0; i < all->count; i++) {
        enum execute_held held;
        if (is_of(asked->name, all->names[i]))
            TRY(execute_look(record, all->names[i], asked->options, &held, &work->kept));
    }
    return BASIN_OK;
}

static basin_status plan_asked(const struct remeasure *wanted, const struct remeasure_asked *asked,
                               const struct record *record, const struct measure_held *all,
                               struct remeasuring *work)
{
    struct text how = {0};
    const char *name = asked->name, *same;
    bool has_name = measure_is_in(name, record), has_any = holds_any(all, name);
    if (measure_wants_motion(name)) return refuse_motion(name);
    TRY(find_same(asked, record, all, &same));
    if (same) return wanted->again ? plan_again(work, record, same, same) : BASIN_OK;
    bool is_plain = !*member_suffix(name);
    if (is_plain && !has_name && has_any && !*asked->beside)
        return wanted->again ? plan_each(all, name, record, work)
                             : plan_none(all, asked, record, work);
    if (is_plain && has_any && *asked->beside && !(wanted->again && has_name)) name = asked->beside;
    basin_status status = plan_other(wanted, asked, record, name, work, &how);
    text_free(&how);
    return status;
}

static basin_status plan_file(const struct remeasure *wanted, const char *file,
                              struct remeasuring *work)
{
    struct record *record;
    struct measure_held all;
    TRY(store_load_small(file, RESULT_SMALL, work->arena, &record));
    TRY(result_check(file, record));
    TRY(measure_list_held(work->arena, record, &all));
    work->sets = arena_array(work->arena, const char *, wanted->count + 1);
    work->replaced = arena_array(work->arena, struct replaced, all.count + wanted->count + 1);
    if (!work->sets || !work->replaced) return BASIN_MEMORY;
    if (!wanted->count) return plan_each(&all, NULL, record, work);
    for (size_t i = 0; i < wanted->count; i++)
        TRY(plan_asked(wanted, &wanted->asked[i], record, &all, work));
    return BASIN_OK;
}

/* ---- measuring ---- */

static bool is_unchanged(const struct replaced *replaced, const struct record *record)
{
    for (size_t i = 0; i < replaced->count; i++) {
        const struct record_item *now = record_find(record, replaced->former[i].name);
        double value = now ? record_number(now, 0) : 0;
        if (!now || memcmp(&value, &replaced->former[i].value, sizeof value) != 0) return false;
    }
    return true;
}

/* "hessian_top (examples: 50, not 100): hessian_lambda_max 3.2 was 2.1" */
static void put_replacement(struct text *out, const struct replaced *replaced,
                            const struct record *record)
{
    const char *gap = ": ";
    text_format(out, "%s%s", out->length ? "; " : "", replaced->how);
    if (is_unchanged(replaced, record)) {
        text_append(out, ": the same numbers");
        return;
    }
    for (size_t i = 0; i < replaced->count; i++, gap = ", ") {
        const struct former *former = &replaced->former[i];
        const struct record_item *now = record_find(record, former->name);
        text_format(out, "%s%s ", gap, former->name + strlen("/measures/"));
        if (now)
            text_format(out, "%.4g was %.4g", record_number(now, 0), former->value);
        else
            text_format(out, "is gone, was %.4g", former->value);
    }
}

static basin_status keep_outcome(struct remeasuring *work, const struct record *record,
                                 struct remeasure_outcome *outcome)
{
    struct text values = {0};
    for (size_t i = 0; record && i < work->replaced_count; i++)
        put_replacement(&values, &work->replaced[i], record);
    outcome->added = work->adding;
    outcome->replaced = (int)work->replaced_count;
    bool whole = !values.failed && !work->added.failed && !work->kept.failed;
    outcome->added_names = arena_text(work->arena, text_data(&work->added));
    outcome->kept = arena_text(work->arena, text_data(&work->kept));
    outcome->replaced_values = arena_text(work->arena, text_data(&values));
    text_free(&values);
    return whole && outcome->added_names && outcome->kept && outcome->replaced_values
               ? BASIN_OK
               : BASIN_MEMORY;
}

static basin_status measure_opened(const struct remeasure *wanted, struct remeasuring *work,
                                   const struct run_terms *terms, struct finished *finished)
{
    struct run_terms own = *terms;
    struct run_memory memory;
    int taken;
    TRY(execute_check_measures(finished->settings, finished->data));
    TRY(memory_of_measures(finished->settings, finished->data, &memory));
    own.keep = memory.keep;
    if (wanted->admit) wanted->admit(wanted->context, memory.bytes, &own.keep);
    for (size_t i = 0; i < work->replaced_count; i++)
        measure_remove(work->replaced[i].name, finished->record);
    TRY(finished_load_weights(finished));
    return execute_add_measures(finished, &own, &taken);
}

static basin_status measure_and_save(const struct remeasure *wanted, const char *file,
                                     struct data_store *store, const struct run_terms *terms,
                                     struct remeasuring *work, struct remeasure_outcome *outcome)
{
    struct finished finished;
    TRY(finished_open_with(file, work->arena, store, work->sets, work->set_count, &finished));
    outcome->status = finished.diverged ? "diverged" : "finished";
    basin_status status = measure_opened(wanted, work, terms, &finished);
    if (status == BASIN_OK) status = keep_outcome(work, finished.record, outcome);
    if (status == BASIN_OK) status = finished_save(finished.record, file);
    finished_close(&finished);
    return status;
}

static basin_status remeasure_locked(const struct remeasure *wanted, const char *file,
                                     struct data_store *store, const struct run_terms *terms,
                                     struct remeasuring *work, struct remeasure_outcome *outcome)
{
    TRY(plan_file(wanted, file, work));
    if (!work->adding && !work->replaced_count) return keep_outcome(work, NULL, outcome);
    return measure_and_save(wanted, file, store, terms, work, outcome);
}

basin_status remeasure_file(const struct remeasure *wanted, const char *file,
                            struct data_store *store, const struct run_terms *terms,
                            struct arena *arena, struct remeasure_outcome *outcome)
{
    struct remeasuring work = {.arena = arena};
    *outcome = (struct remeasure_outcome){.status = ""};
    int lock = folder_lock_file(file);
    basin_status status = remeasure_locked(wanted, file, store, terms, &work, outcome);
    folder_unlock_file(lock);
    text_free(&work.added);
    text_free(&work.kept);
    return status;
}
