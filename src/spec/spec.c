#include "spec/spec.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "spec/base.h"
#include "spec/defaults.h"
#include "spec/seeds.h"
#include "spec/sweep.h"
#include "spec/sweep_generators.h"
#include "spec/sweep_runs.h"

struct spec_inner {
    const struct schema_row *schema;
    const struct tree *base; /* the file with every --set, without `sweep` and `seeds` */
    struct sweep sweep;
    struct bases bases;
    struct defaults *defaults;
    const char *source;
    size_t source_length;
    const char *const *sets;
    bool stored;
};

/* ---- the file ---- */

static basin_status spec_load(struct arena *arena, const struct spec_request *request,
                              struct spec *spec, struct spec_inner *inner)
{
    spec->file = arena_text(arena, request->file ? request->file : "spec");
    if (!spec->file) return BASIN_MEMORY;
    if (request->text) {
        inner->source = arena_text_n(arena, request->text, request->length);
        inner->source_length = request->length;
        if (!inner->source) return BASIN_MEMORY;
    } else {
        TRY(base_read_file(arena, spec->file, &inner->source, &inner->source_length));
    }
    spec->folder =
        request->folder ? arena_text(arena, request->folder) : base_folder(arena, spec->file);
    return spec->folder ? BASIN_OK : basin_error_last()->status;
}

static void attach(struct diagnostics *diagnostics, const struct spec *spec)
{
    diagnostics->file = spec->file;
    diagnostics->source = spec->inner->source;
    diagnostics->source_length = spec->inner->source_length;
    diagnostics->sets = spec->inner->sets;
    diagnostics->bases = spec->inner->bases.files;
}

/* ---- --set ---- */

struct setting {
    const char *path;
    struct mark mark;
    struct tree *node;
};

/* Checks that a path is keys with dots between them. */
static bool is_path(const char *path)
{
    if (*path == '.' || !*path) return false;
    for (; *path; path++)
        if (*path == '.' && (path[1] == '.' || !path[1])) return false;
    return true;
}

static basin_status read_set(struct arena *arena, const char *text, int source,
                             struct diagnostics *diagnostics, struct setting *setting)
{
    struct mark whole = {.line = 1, .column = 1, .width = (int)strlen(text), .source = source};
    const char *equals = strchr(text, '=');
    char *path = equals ? arena_text_n(arena, text, (size_t)(equals - text)) : NULL;
    *setting = (struct setting){0};
    if (equals && !path) return BASIN_MEMORY;
    if (!equals || !is_path(path)) {
        diagnostics_add(diagnostics, whole,
                        "expected KEY=VALUE with a dotted KEY, as in \"training.epochs=3\"");
        return BASIN_OK;
    }
    whole.width = (int)strlen(path);
    struct tree_source value = {.text = equals + 1,
                                .length = strlen(equals + 1),
                                .source = source,
                                .column = (int)(equals + 1 - text)};
    size_t before = diagnostics->total;
    struct tree *node = NULL;
    TRY(tree_read(arena, &value, diagnostics, &node));
    if (!node && diagnostics->total > before) return BASIN_OK;
    whole.column = 1;
    if (!node) node = tree_scalar(arena, "", true, whole);
    if (!node) return BASIN_MEMORY;
    *setting = (struct setting){.path = path, .mark = whole, .node = node};
    return BASIN_OK;
}

static const struct tree *block_in(const struct tree *root, const char *block)
{
    const struct tree_member *sweep = tree_find(root, "sweep");
    const struct tree_member *member = sweep ? tree_find(sweep->value, block) : NULL;
    return member ? member->value : NULL;
}

/* The blocks of the sweep whose keys are paths. */
static const char *const path_blocks[] = {"grid", "zip", "random", "when", "names"};

enum { PATH_BLOCKS = sizeof path_blocks / sizeof *path_blocks };

/* ---- --set sweep...=null ---- */

/* A block of paths, or a list of such blocks, without `path`: *out. A block that is empty then goes
 * with it; *out is NULL where nothing is left. *found: some block has it. */
static basin_status drop_path(struct arena *arena, struct tree *block, const char *path,
                              struct tree **out, bool *found)
{
    bool is_here = tree_find(block, path) != NULL;
    *found = *found || is_here;
    *out = block;
    if (is_here) {
        if (!(*out = tree_open(arena, block, NULL))) return BASIN_MEMORY;
        tree_remove(*out, path);
        if ((*out)->map.count == 0) *out = NULL;
    } else if (block->kind == TREE_LIST && block->list.count > 0) {
        if (!(*out = tree_list_copy(arena, block))) return BASIN_MEMORY;
        struct tree *rest, **items = (*out)->list.items;
        (*out)->list.count = 0;
        for (size_t i = 0; i < block->list.count; i++) {
            TRY(drop_path(arena, block->list.items[i], path, &rest, found));
            if (rest) items[(*out)->list.count++] = rest;
        }
        if ((*out)->list.count == 0) *out = NULL;
    }
    return BASIN_OK;
}

/* The paths of a block, or of a list of blocks: as many as there is room for. */
static size_t paths_of(const struct tree *block, const char *names[TREE_KEYS], size_t count)
{
    if (block->kind == TREE_MAP)
        for (size_t i = 0; i < block->map.count && count < TREE_KEYS; i++)
            names[count++] = block->map.members[i].key;
    if (block->kind == TREE_LIST)
        for (size_t i = 0; i < block->list.count; i++)
            count = paths_of(block->list.items[i], names, count);
    return count;
}

/* The block that has `path`, where it is not the one that was named; or what it has that looks like
 * it. */
static basin_status complain_not_there(struct arena *arena, struct diagnostics *diagnostics,
                                       const struct tree *root, struct mark mark, const char *key,
                                       const char *path)
{
    const char **names = arena_array(arena, const char *, TREE_KEYS);
    const struct tree *block = block_in(root, key);
    struct text hint = {0};
    if (!names) return BASIN_MEMORY;
    const char *nearest = block ? text_nearest(path, names, paths_of(block, names, 0)) : NULL;
    if (nearest) text_format(&hint, "; did you mean \"sweep.%s.%s\"?", key, nearest);
    for (size_t i = 0; i < PATH_BLOCKS && !hint.length; i++) {
        struct tree *other = (struct tree *)(uintptr_t)block_in(root, path_blocks[i]), *rest;
        bool found = false;
        if (other) TRY(drop_path(arena, other, path, &rest, &found));
        if (found) text_format(&hint, "; did you mean \"sweep.%s.%s\"?", path_blocks[i], path);
    }
    diagnostics_add(diagnostics, mark, "there is no \"%.100s\" in sweep.%s to drop%s", path, key,
                    hint.length ? text_data(&hint) : "");
    basin_status status = text_status(&hint);
    text_free(&hint);
    return status;
}

/* Is `key` a key of a sweep, with paths below it where one is given? Complains where it is not. */
static bool may_drop(struct diagnostics *diagnostics, struct mark mark, const char *key,
                     const char *path)
{
    const char *names[SWEEP_KEYS], *nearest;
    bool is_key = false, has_paths = false;
    sweep_keys(names);
    for (size_t i = 0; i < SWEEP_KEYS; i++) is_key = is_key || strcmp(names[i], key) == 0;
    for (size_t i = 0; i < PATH_BLOCKS; i++)
        has_paths = has_paths || strcmp(path_blocks[i], key) == 0;
    if (!is_key && (nearest = text_nearest(key, names, SWEEP_KEYS)))
        diagnostics_add(diagnostics, mark, "unknown key \"%.60s\" in sweep; did you mean \"%s\"?",
                        key, nearest);
    else if (!is_key)
        diagnostics_add(diagnostics, mark, "unknown key \"%.60s\" in sweep; " SWEEP_KEYS_ARE, key);
    else if (path && !has_paths)
        diagnostics_add(diagnostics, mark,
                        "no part of sweep.%s can be dropped; set it anew, or drop all of it with "
                        "--set sweep.%s=null",
                        key, key);
    return is_key && (!path || has_paths);
}

/* Drops sweep.KEY, or sweep.KEY.PATH where there is a path. */
static basin_status drop_key(struct arena *arena, const struct setting *setting,
                             struct diagnostics *diagnostics, struct tree **root)
{
    const char *rest = setting->path + strlen("sweep."), *dot = strchr(rest, '.');
    size_t length = strcspn(rest, ".");
    const char *key = arena_text_n(arena, rest, length), *path = dot ? dot + 1 : NULL;
    struct mark mark = setting->mark;
    mark.column += (int)(rest - setting->path);
    mark.width = (int)length;
    if (!key) return BASIN_MEMORY;
    if (!may_drop(diagnostics, mark, key, path)) return BASIN_OK;
    mark = setting->mark;
    struct tree *left = NULL, *there = (struct tree *)(uintptr_t)block_in(*root, key);
    bool found = !path;
    if (path && there) TRY(drop_path(arena, there, path, &left, &found));
    if (!found) return complain_not_there(arena, diagnostics, *root, mark, key, path);
    if (!there) return BASIN_OK;
    struct tree *map = tree_open(arena, *root, NULL);
    if (!map) return BASIN_MEMORY;
    struct tree_member *sweep = tree_find(map, "sweep");
    if (!(sweep->value = tree_open(arena, sweep->value, NULL))) return BASIN_MEMORY;
    if (left)
        tree_find(sweep->value, key)->value = left;
    else
        tree_remove(sweep->value, key);
    if (sweep->value->map.count == 0) tree_remove(map, "sweep");
    *root = map;
    return BASIN_OK;
}

/* sweep=null, sweep.grid=null and sweep.grid.PATH=null drop what the file sweeps; *dropped: it was
 * one of these. */
static basin_status drop_swept(struct arena *arena, const struct setting *setting,
                               struct diagnostics *diagnostics, struct tree **root, bool *dropped)
{
    static const char sweep[] = "sweep";
    const char *rest = setting->path + strlen(sweep);
    *dropped = strncmp(setting->path, sweep, strlen(sweep)) == 0 && (!*rest || *rest == '.') &&
               tree_is_null(setting->node);
    if (!*dropped) return BASIN_OK;
    if (*rest) return drop_key(arena, setting, diagnostics, root);
    if (!(*root = tree_open(arena, *root, NULL))) return BASIN_MEMORY;
    tree_remove(*root, sweep);
    return BASIN_OK;
}

/* ---- --set of anything else ---- */

/* Paths below a block of the sweep are keys with dots in them. */
static basin_status assign_axis(struct arena *arena, struct tree *root,
                                const struct setting *setting, const char *block, const char *path,
                                struct tree **out)
{
    const struct tree *there = block_in(root, block);
    struct mark mark = setting->mark;
    struct tree *axes = there ? tree_open(arena, there, NULL) : tree_map(arena, mark);
    if (!axes) return BASIN_MEMORY;
    mark.column += (int)(path - setting->path);
    mark.width = (int)strlen(path);
    tree_remove(axes, path);
    TRY(tree_add(arena, axes,
                 (struct tree_member){.key = path, .mark = mark, .value = setting->node}));
    char *place = arena_format(arena, "sweep.%s", block);
    if (!place) return BASIN_MEMORY;
    struct assignment assignment = {.path = place, .node = axes, .mark = setting->mark};
    return tree_assign(arena, NULL, root, &assignment, out);
}

/* The block of the sweep whose keys are paths, where `path` goes into one: "grid" of
 * sweep.grid.training.epochs. */
static const char *block_of_paths(const char *path)
{
    static const char sweep[] = "sweep.";
    if (strncmp(path, sweep, sizeof sweep - 1) != 0) return NULL;
    path += sizeof sweep - 1;
    for (size_t i = 0; i < PATH_BLOCKS; i++) {
        size_t length = strlen(path_blocks[i]);
        if (strncmp(path, path_blocks[i], length) == 0 && path[length] == '.')
            return path_blocks[i];
    }
    return NULL;
}

static basin_status apply_set(struct arena *arena, const struct schema_row *schema,
                              const struct setting *setting, struct diagnostics *diagnostics,
                              struct tree **root)
{
    const char *block = block_of_paths(setting->path);
    bool dropped;
    TRY(drop_swept(arena, setting, diagnostics, root, &dropped));
    if (dropped) return BASIN_OK;
    const struct tree *there = block ? block_in(*root, block) : NULL;
    if (block && !(there && there->kind == TREE_LIST))
        return assign_axis(arena, *root, setting, block,
                           setting->path + strlen("sweep.") + strlen(block) + 1, root);
    struct assignment assignment = {
        .path = setting->path, .node = setting->node, .mark = setting->mark};
    struct tree *alone;
    if (!(alone = tree_map(arena, setting->mark))) return BASIN_MEMORY;
    TRY(tree_assign(arena, schema, alone, &assignment, &alone));
    if (!(*root = tree_open(arena, *root, NULL))) return BASIN_MEMORY;
    seeds_replace(*root, alone);
    return tree_assign(arena, schema, *root, &assignment, root);
}

static bool is_within(const char *path, const char *block)
{
    size_t length = strlen(block);
    return strncmp(path, block, length) == 0 && (path[length] == 0 || path[length] == '.');
}

/* Does the --set give a value to a swept path, or to a block around one? The axis would silently
 * win. */
static bool sets_axis(const struct setting *setting, const char *path)
{
    size_t length = strlen(setting->path);
    if (is_within(setting->path, path)) return true;
    return is_within(path, setting->path) && tree_at(setting->node, path + length + 1) != NULL;
}

static void refuse_swept(struct resolver *resolver, const struct setting *settings, size_t count,
                         const struct sweep *sweep)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; settings[i].path && k < sweep->count; k++) {
            const char *path = sweep->axes[k].path;
            if (strcmp(path, "seed") == 0 || !sets_axis(&settings[i], path)) continue;
            char hint[2 * PLACE_TEXT];
            snprintf(hint, sizeof hint,
                     "to change its values use --set 'sweep.grid.%.120s=[...]', to drop the sweep "
                     "--set sweep=null",
                     path);
            resolver_complain(resolver, settings[i].mark, NULL, hint, "%s is swept", path);
        }
    }
}

/* ---- runs ---- */

/* Values in the file that an axis overrides are checked too. */
static void check_overridden(struct resolver *resolver, const struct spec *spec)
{
    for (size_t i = 0; i < spec->axis_count; i++) {
        const struct schema_row *row = NULL;
        bool fixed = false;
        struct place place = {.key = spec->axes[i].path};
        struct tree *node = tree_at(spec->inner->base, spec->axes[i].path);
        if (!node) continue;
        if (path_row(resolver->arena, resolver->schema, spec->inner->base, spec->axes[i].path, &row,
                     &fixed) != BASIN_OK)
            resolver->status = BASIN_MEMORY;
        if (row) resolve_row(resolver, row, node, &place);
    }
}

/* The values of the first run; where there is no run, or values are wrong, the first of every
 * axis. */
static void first_choice(const struct spec *spec, size_t *choice)
{
    if (spec->run_count)
        sweep_choose(&spec->inner->sweep, 0, choice);
    else
        for (size_t i = 0; i < spec->axis_count; i++) choice[i] = 0;
}

static basin_status check_first(struct resolver *resolver, struct spec *spec)
{
    struct tree *root = NULL;
    size_t *choice = arena_array(resolver->arena, size_t, spec->axis_count + 1);
    if (!choice) return BASIN_MEMORY;
    first_choice(spec, choice);
    TRY(sweep_assemble(&spec->inner->sweep, resolver->schema, spec->inner->base, choice,
                       resolver->arena, &root));
    bool is_nameable =
        resolver->errors == 0; /* a value that could not be resolved cannot be printed */
    resolver->axes = spec->axes;
    resolver->axis_count = spec->axis_count;
    resolver->choice = is_nameable ? choice : NULL;
    struct value *run = resolve_root(resolver, root);
    resolver->choice = NULL;
    spec->whole = resolve_study(resolver, spec->inner->base);
    check_overridden(resolver, spec);
    if (!run) return resolver->status;
    const struct value *name = value_find(run, "study"),
                       *description = value_find(run, "description");
    spec->name = name && name->kind == VALUE_TEXT ? name->text : "";
    spec->description = description && description->kind == VALUE_TEXT ? description->text : "";
    return resolver->status;
}

static basin_status apply_sets(struct arena *arena, const struct spec_request *request,
                               struct diagnostics *diagnostics, struct setting *settings,
                               struct tree **root)
{
    for (size_t i = 0; i < request->set_count; i++) {
        TRY(read_set(arena, request->sets[i], (int)i + 1, diagnostics, &settings[i]));
        if (settings[i].path)
            TRY(apply_set(arena, request->schema, &settings[i], diagnostics, root));
    }
    return BASIN_OK;
}

/* start: the first key of the file, where what is missing in it is reported. */
static basin_status spec_expand(struct resolver *resolver, const struct spec_request *request,
                                struct spec *spec, struct tree *root, struct mark start)
{
    struct arena *arena = resolver->arena;
    struct sweep *sweep = &spec->inner->sweep;
    struct setting *settings = arena_array(arena, struct setting, request->set_count + 1);
    if (!settings) return BASIN_MEMORY;
    TRY(apply_sets(arena, request, resolver->diagnostics, settings, &root));
    struct tree *base = tree_open(arena, root, NULL);
    if (!base || !(root = tree_open(arena, root, NULL))) return BASIN_MEMORY;
    seeds_reset(root);
    const struct tree_member *swept = tree_find(root, "sweep");
    if (swept && tree_is_reset(swept->value)) tree_remove(root, "sweep");
    if (start.line > 0) base->mark = start;
    tree_remove(base, "sweep");
    tree_remove(base, "seeds");
    TRY(seeds_spread(arena, base)); /* of a --set */
    seeds_reset(base);
    spec->inner->base = base;
    TRY(sweep_read(resolver, base, tree_find(root, "sweep"), tree_find(root, "seeds"),
                   request->most_runs, sweep));
    refuse_swept(resolver, settings, request->set_count, sweep);
    spec->axes = sweep->axes;
    spec->axis_count = sweep->count;
    spec->run_count = sweep->run_count;
    spec->merged = sweep->merged;
    spec->excluded = sweep->excluded;
    spec->notes = sweep->notes;
    spec->note_count = sweep->note_count;
    return check_first(resolver, spec);
}

static basin_status spec_finish(const struct diagnostics *diagnostics, const char *file)
{
    if (diagnostics->failed) return BASIN_MEMORY;
    if (diagnostics->total == 0) return BASIN_OK;
    error_raise(BASIN_SPEC, "%s", diagnostics->items[0].message);
    error_place(file, diagnostics->items[0].mark.line, diagnostics->items[0].mark.column);
    return BASIN_SPEC;
}

basin_status spec_read(struct arena *arena, const struct spec_request *request,
                       struct diagnostics *diagnostics, struct spec **out)
{
    struct spec *spec = arena_allocate(arena, sizeof *spec);
    struct spec_inner *inner = arena_allocate(arena, sizeof *inner);
    struct tree *root = NULL;
    *out = NULL;
    if (!spec || !inner) return BASIN_MEMORY;
    *spec = (struct spec){.inner = inner, .name = "", .description = ""};
    *inner = (struct spec_inner){
        .schema = request->schema, .sets = request->sets, .stored = request->stored};
    TRY(spec_load(arena, request, spec, inner));
    attach(diagnostics, spec);
    TRY(defaults_create(arena, &inner->defaults));
    struct resolver resolver = {.arena = arena,
                                .diagnostics = diagnostics,
                                .schema = request->schema,
                                .folder = spec->folder,
                                .defaults = inner->defaults,
                                .stored = request->stored,
                                .keep = true};
    TRY(base_read_root(arena,
                       &(struct tree_source){.text = inner->source, .length = inner->source_length},
                       diagnostics, &root));
    size_t before = diagnostics->total;
    struct mark start = root && root->map.count ? root->map.members[0].mark : (struct mark){0};
    if (root)
        TRY(base_apply(arena, request->schema, diagnostics, &inner->bases, spec->file, spec->folder,
                       root, &root));
    bool whole =
        root && diagnostics->total == before; /* without a base, keys would seem to be missing */
    if (whole) TRY(spec_expand(&resolver, request, spec, root, start));
    TRY(spec_finish(diagnostics, spec->file));
    *out = spec;
    return BASIN_OK;
}

basin_status spec_run(const struct spec *spec, size_t index, struct arena *arena,
                      struct diagnostics *diagnostics, struct value **run)
{
    size_t *choice = arena_array(arena, size_t, spec->axis_count + 1);
    struct tree *root = NULL;
    *run = NULL;
    if (!choice) return BASIN_MEMORY;
    if (index >= spec->run_count)
        return error_raise(BASIN_INTERNAL, "run %zu of %zu was asked for", index, spec->run_count);
    attach(diagnostics, spec);
    sweep_choose(&spec->inner->sweep, index, choice);
    TRY(sweep_assemble(&spec->inner->sweep, spec->inner->schema, spec->inner->base, choice, arena,
                       &root));
    struct resolver resolver = {.arena = arena,
                                .diagnostics = diagnostics,
                                .schema = spec->inner->schema,
                                .folder = spec->folder,
                                .defaults = spec->inner->defaults,
                                .stored = spec->inner->stored,
                                .axes = spec->axes,
                                .axis_count = spec->axis_count,
                                .choice = choice,
                                .name_always = true};
    *run = resolve_root(&resolver, root);
    if (*run) seeds_derive(&resolver, *run);
    if (resolver.status != BASIN_OK || (*run && resolver.errors == 0)) return resolver.status;
    TRY(spec_finish(diagnostics, spec->file));
    return error_raise(BASIN_INTERNAL, "run %zu could not be resolved", index);
}

size_t spec_choice(const struct spec *spec, size_t index, size_t axis)
{
    return sweep_choice(&spec->inner->sweep, index, axis);
}

const struct value *spec_axis_value(const struct spec *spec, size_t index, size_t axis)
{
    size_t which = spec_choice(spec, index, axis);
    return which == SPEC_ABSENT ? NULL : spec->axes[axis].values[which];
}

/* The mark of the value at a path, or of the nearest block around it. */
static struct mark mark_of(const struct value *run, const char *path)
{
    char above[PLACE_TEXT];
    snprintf(above, sizeof above, "%s", path);
    for (;;) {
        const struct value *value = value_find(run, above);
        if (value && value->mark.line > 0) return value->mark;
        char *dot = strrchr(above, '.');
        if (!dot) return run->mark;
        *dot = 0;
    }
}

void spec_complain(const struct spec *spec, struct diagnostics *diagnostics,
                   const struct value *run, const char *path, const char *hint, const char *format,
                   ...)
{
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    attach(diagnostics, spec);
    bool has_hint = hint && *hint;
    diagnostics_add(diagnostics, mark_of(run, path), "%s%s%s%s%s", path, *path ? ": " : "", message,
                    has_hint ? "; " : "", has_hint ? hint : "");
}

void spec_complain_name(const struct spec *spec, struct diagnostics *diagnostics,
                        const struct spec_axis *axis, const char *what)
{
    attach(diagnostics, spec);
    diagnostics_add(diagnostics, axis->name_mark,
                    "sweep.names.%s: \"%s\" is %s already; choose another name", axis->path,
                    axis->name, what);
}

const struct schema_row *schema_find(const struct schema_row *schema, const struct value *run,
                                     const char *path)
{
    const struct value *value = value_find(run, path);
    if (value) return value->row;
    const char *last = strrchr(path, '.');
    if (!last) return schema_find_row(schema, path);
    char above[PLACE_TEXT];
    if ((size_t)(last - path) >= sizeof above) return NULL;
    snprintf(above, sizeof above, "%.*s", (int)(last - path), path);
    const struct schema_row *row =
        schema_find(schema, run, above); /* it may be an OPTIONAL row that the run leaves out */
    if (!row) return NULL;
    if (row->type == SCHEMA_TABLE) return schema_find_row(row->table, last + 1);
    const struct value *block = value_find(run, above);
    const struct value *name =
        row->type == SCHEMA_VARIANT && block ? value_find(block, row->discriminator) : NULL;
    const struct entry *entry = name ? registry_find(row->registry, name->text) : NULL;
    return entry ? schema_find_row(entry->parameters, last + 1) : NULL;
}
