#include "spec/spec.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "spec/base.h"
#include "spec/defaults.h"
#include "spec/seeds.h"
#include "spec/sweep.h"
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

/* `map` without what the keys lead to, each in the block of the one before: *out. A block that is
 * empty then goes with it. */
static basin_status drop_member(struct arena *arena, const struct tree *map,
                                const char *const *keys, size_t count, struct tree **out)
{
    if (!(*out = tree_open(arena, map, NULL))) return BASIN_MEMORY;
    struct tree_member *member = tree_find(*out, keys[0]);
    if (!member) return BASIN_OK;
    bool inside = count > 1 && member->value->kind == TREE_MAP;
    if (inside) TRY(drop_member(arena, member->value, keys + 1, count - 1, &member->value));
    if (!inside || member->value->map.count == 0) tree_remove(*out, keys[0]);
    return BASIN_OK;
}

/* sweep=null, sweep.grid=null and sweep.grid.PATH=null drop what the file sweeps; *dropped: it was
 * one of these. */
static basin_status drop_swept(struct arena *arena, const struct setting *setting,
                               struct tree **root, bool *dropped)
{
    static const char sweep[] = "sweep";
    const char *keys[3] = {sweep};
    size_t count = 1;
    const char *rest = setting->path + strlen(sweep);
    *dropped = strncmp(setting->path, sweep, strlen(sweep)) == 0 && (!*rest || *rest == '.') &&
               tree_is_null(setting->node);
    if (!*dropped) return BASIN_OK;
    if (*rest) {
        size_t length = strcspn(++rest, ".");
        keys[count++] = arena_text_n(arena, rest, length);
        if (rest[length]) keys[count++] = rest + length + 1;
        if (!keys[1]) return BASIN_MEMORY;
    }
    return drop_member(arena, *root, keys, count, root);
}

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
    static const char *const blocks[] = {"grid", "zip", "random", "when", "names"};
    static const char sweep[] = "sweep.";
    if (strncmp(path, sweep, sizeof sweep - 1) != 0) return NULL;
    path += sizeof sweep - 1;
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        if (strncmp(path, blocks[i], strlen(blocks[i])) == 0 && path[strlen(blocks[i])] == '.')
            return blocks[i];
    return NULL;
}

static basin_status apply_set(struct arena *arena, const struct schema_row *schema,
                              const struct setting *setting, struct tree **root)
{
    const char *block = block_of_paths(setting->path);
    bool dropped;
    TRY(drop_swept(arena, setting, root, &dropped));
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
        if (settings[i].path) TRY(apply_set(arena, request->schema, &settings[i], root));
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
