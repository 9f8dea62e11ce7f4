#include <stdio.h>
#include <string.h>
#include "spec/assign.h"
#include "spec/expected.h"
#include "spec/spec.h"
#include "spec/walk.h"

enum { MATCHES = 128, KEY_WIDTH = 20 };

/* What the language has beside the tables of the rooms. */
static const struct {
    const char *path, *text;
} own_keys[] = {
    {"base", "  A spec that this one builds on, or a list of them: later ones win, and this file "
             "over all. Paths are relative to the file that contains them. Blocks are merged key "
             "by key. A block that names another variant (optimizer: {type: adam} over sgd), a "
             "list, the values of a path under sweep, and exclude replace what was there.\n"},
    {"sweep", "  What varies over the runs: the product of the generators in it (grid, zip, "
              "random, list, union) and of seeds, without the combinations of exclude; when "
              "restricts a parameter to some of the runs. Equal runs are trained once.\n"},
    {"sweep.grid",
     "  Dotted paths, each with a list of values; the runs are all combinations, the last path "
     "varies fastest.\n      sweep:\n        grid:\n          training.batch_size: [32, 128]\n  A "
     "value in the file is overridden by its axis. Any parameter can be swept unless its page says "
     "otherwise. Numbers can be generated: see linspace.\n"},
    {"sweep.zip", "  Paths with lists of equal length, taken in step; a list of such blocks gives "
                  "their product.\n      sweep:\n        zip:\n          training.batch_size: [32, "
                  "128]\n          training.optimizer.learning_rate: [0.05, 0.2]\n"},
    {"sweep.random",
     "  n points, each path drawn from its distribution: uniform, log_uniform, int_uniform (both "
     "ends included), normal, choice.\n      sweep:\n        random:\n          n: 20\n          "
     "seed: 0\n          training.optimizer.learning_rate: {log_uniform: [1.0e-4, 1.0]}\n          "
     "training.batch_size: {choice: [32, 64, 128]}\n  A larger n keeps the first points, and "
     "adding a path changes none of them. Numbers have six digits, or more where the interval is "
     "narrow; they never leave it, and n points are n different points wherever a float is drawn. "
     "An integer has int_uniform, not uniform. `{choice: [values], replace: false}` draws no value "
     "twice. With `after_exclude: true`, n counts the points that exclude leaves.\n"},
    {"sweep.list",
     "  The points listed.\n      sweep:\n        list:\n          - {architecture: linear, "
     "training.epochs: 5}\n          - {architecture: mlp, training.epochs: 20}\n"},
    {"sweep.random.n", "  How many points are drawn: an integer of at least 1. A larger one keeps "
                       "the first points.\n"},
    {"sweep.random.seed", "  Seed of the random points: an integer of at least 0; default 0.\n"},
    {"sweep.union",
     "  All runs of several sweeps: a list of blocks with grid, zip, random, list, union.\n      "
     "sweep:\n        union:\n          - grid: {architecture.hidden: [[16], [64]], seed.init: [0, "
     "1]}\n          - list: [{architecture: linear, training.epochs: 20}]\n  Runs that several of "
     "them contain are trained once, and a note says so.\n"},
    {"sweep.exclude", "  Combinations that are left out: blocks of conditions on dotted paths, all "
                      "of which must hold. A condition is "
                      "a value, a list of values (any of them), or {above: x}, {below: x}, "
                      "{at_least: x}, {at_most: x}, {not: "
                      "value}.\n"
                      "      sweep:\n        exclude:\n          - {architecture.type: cnn, "
                      "training.batch_size: {above: 64}}\n"},
    {"sweep.when", "  Conditions under which a path is swept. In other runs the path is not swept "
                   "and adds no runs.\n      sweep:\n        when:\n          "
                   "training.optimizer.momentum: {training.optimizer: sgd}\n"},
    {"sweep.names", "  Names of swept paths in plan, run, table and plots: letters, digits, \".\", "
                    "\"_\", \"-\", but not the name of another column. A block that is swept as a "
                    "whole gets a column with its name. Names change no run and no number.\n      "
                    "sweep:\n        grid:\n          architecture: [linear, {type: mlp, hidden: "
                    "[64]}]\n        names:\n          architecture: model\n"},
    {"linspace", "  In a list of values of a sweep, or in its place: {linspace: [a, b, n]} is n "
                 "numbers from a to b at equal distances, {logspace: [a, b, n]} at equal ratios (a "
                 "and b are the values, not exponents), {range: [a, b, step]} is a, a + step, ... "
                 "up to but not including b. Integers are rounded.\n"},
    {"logspace", "  {logspace: [a, b, n]}: n numbers from a to b at equal ratios; see linspace.\n"},
    {"range",
     "  {range: [a, b, step]}: a, a + step, ... up to but not including b; see linspace.\n"},
    {"uniform",
     "  {uniform: [low, high]}: draws uniformly between two numbers; see sweep.random.\n"},
    {"log_uniform",
     "  {log_uniform: [low, high]}: draws numbers whose logarithm is uniform, so that every factor "
     "of ten is equally likely; both must be positive; see sweep.random.\n"},
    {"int_uniform",
     "  {int_uniform: [low, high]}: draws whole numbers, both ends included; see sweep.random.\n"},
    {"normal", "  {normal: [mean, standard deviation]}: draws from a normal distribution; see "
               "sweep.random.\n"},
    {"choice",
     "  {choice: [values]}: draws from values of any kind with equal probability; "
     "with `replace: false` beside it no value is drawn twice, so that n is at most their "
     "number; see sweep.random.\n"},
    {"sweep.random.after_exclude",
     "  true: n counts the points of which exclude leaves a run, and as many are drawn as that "
     "needs. default false; see sweep.random.\n"},
    {"sweep.random.replace",
     "  {choice: [values], replace: false}: no value is drawn twice. default "
     "true; see choice.\n"},
    {"null", "  The default, of any key that has one: `epochs: null` is `epochs: 10`. Over a base "
             "it resets "
             "what the base says, of a value, a list or a block (`regularizers: null`); under "
             "sweep it drops "
             "a path. On an axis it is the default, or the absence of an optional parameter: "
             "`training.gradient_clipping: [null, 1]`. `--set KEY=null` does the same.\n"},
    {"above", "  {above: x}: a condition, greater than x; see sweep.exclude.\n"},
    {"below", "  {below: x}: a condition, less than x; see sweep.exclude.\n"},
    {"at_least", "  {at_least: x}: a condition, x or greater; see sweep.exclude.\n"},
    {"at_most", "  {at_most: x}: a condition, x or less; see sweep.exclude.\n"},
    {"not", "  {not: value}, {not: [values]}: a condition, none of them; a path that is absent "
            "does not meet it; see sweep.exclude.\n"},
    {"type", "  Which variant a block is: `optimizer: {type: adam}`. A name alone stands for the "
             "block with its defaults: `optimizer: adam`. "
             "`basin list` shows the names; a data set has `name` instead.\n"},
    {"seed.all", "  The seed of every source that the block does not name: `seed: {all: 3, init: "
                 "1}` is `seed: 3` with `seed.init: 1`. See seed, seed.init, seed.order, "
                 "seed.data.\n  type       an integer of at least 0\n  default    0\n"},
    {"seeds",
     "  How many seeds each combination gets (N: seeds 0 to N-1), or a list of them. default 1\n  "
     "Seeds vary the initial weights, the order of examples and dropout, all together. `seed: "
     "{init: 0}` fixes one of them, and `seed.init: [0, 1, 2]` under sweep.grid varies only one: "
     "see seed.init, seed.order, seed.data (which is dataset.seed).\n"},
};

struct match {
    char path[PLACE_TEXT];
    const struct schema_row *row;
    const struct entry *entry; /* the variant, member of a set or layer that has the row, or NULL */
    bool is_alias, is_printed;
};

struct search {
    const struct schema_row *schema;
    const char *query, *last; /* last: the query's last part */
    size_t above;             /* bytes of the query before that part, its dot included */
    struct match matches[MATCHES];
    size_t count;
    const struct registry *listed; /* the names of all layers fill a screen: once is enough */
};

/* "architecture.layers[0].conv.units" and "architecture.layers.0.conv.units" ->
 * "architecture.layers.conv.units" */
static void without_brackets(const char *path, char out[PLACE_TEXT])
{
    size_t length = 0;
    for (; *path && length + 1 < PLACE_TEXT; path++) {
        const char *end = *path == '[' ? strchr(path, ']') : NULL;
        size_t digits = *path == '.' ? strspn(path + 1, "0123456789") : 0;
        if (digits && (path[1 + digits] == '.' || !path[1 + digits])) end = path + digits;
        if (end)
            path = end;
        else
            out[length++] = *path;
    }
    out[length] = 0;
}

static struct search search_for(const struct schema_row *schema, const char *query)
{
    const char *dot = strrchr(query, '.');
    return (struct search){.schema = schema,
                           .query = query,
                           .last = dot ? dot + 1 : query,
                           .above = dot ? (size_t)(dot + 1 - query) : 0};
}

/* `path` without brackets */
static bool is_match(const struct search *search, const char *path, const struct schema_row *row,
                     const struct entry *entry)
{
    const char *dot = strrchr(path, '.'), *last = dot ? dot + 1 : path;
    size_t whole = strlen(path),
           own = strlen(row->key); /* a key may have a dot in it (seed.init) */
    bool is_entry = own > whole || strcmp(path + whole - own, row->key) != 0;
    if (is_entry) return false; /* the path names an entry of a set, found in its registry */
    if (strcmp(last, search->last) != 0 && !row_has_alias(row, search->last)) return false;
    size_t length = (size_t)(last - path), above = search->above;
    if (above == 0) return true;
    if (entry && strlen(entry->name) + 1 == above &&
        strncmp(entry->name, search->query, above - 1) == 0)
        return true;
    if (above > length || strncmp(last - above, search->query, above) != 0) return false;
    return above == length || path[length - above - 1] == '.';
}

/* The key of a layer is shown as "architecture.layers[].stride", with the names of the layers that
 * have it beside it. */
static void visit(void *context, const char *path, const struct schema_row *row,
                  const struct entry *entry)
{
    struct search *search = context;
    char plain[PLACE_TEXT];
    without_brackets(path, plain);
    if (search->count == MATCHES || !is_match(search, plain, row, entry)) return;
    for (size_t i = 0; i < search->count;
         i++) /* several architectures take lists of the same layers */
        if (search->matches[i].row == row && search->matches[i].entry == entry &&
            strstr(path, "[]."))
            return;
    struct match *match = &search->matches[search->count++];
    const char *list = strstr(path, "[].");
    *match =
        (struct match){.row = row, .entry = entry, .is_alias = strcmp(row->key, search->last) != 0};
    if (list)
        snprintf(match->path, PLACE_TEXT, "%.*s[].%s", (int)(list - path), path, row->key);
    else
        snprintf(match->path, PLACE_TEXT, "%s", path);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_row(const struct match *a, const struct match *b)
{
    const struct schema_row *x = a->row, *y = b->row;
    return strcmp(a->path, b->path) == 0 && x->type == y->type && x->minimum == y->minimum &&
           x->maximum == y->maximum && x->flags == y->flags &&
           same_text(x->fallback, y->fallback) && same_text(x->doc, y->doc);
}

static void put_line(struct text *out, const char *name, const char *value)
{
    text_format(out, "  %-10s %s\n", name, value);
}

/* "units    Outputs. [an integer from 1 to 1048576; required]" */
static void put_keys(struct text *out, const struct schema_row *rows)
{
    for (const struct schema_row *row = rows; row && row->key; row++) {
        text_format(out, "  %-*s %s [", KEY_WIDTH, row->key, row->doc ? row->doc : "");
        expected_text(row, row->type, out);
        if (row->flags & SCHEMA_REQUIRED) text_append(out, "; required");
        if (row->fallback && *row->fallback) text_format(out, "; default %s", row->fallback);
        text_append(out, "]\n");
    }
}

static void put_entries(struct text *out, const struct registry *registry)
{
    text_format(out, "  %s:\n", registry->plural);
    for (const struct entry *const *entry = registry->entries; *entry; entry++)
        text_format(out, "  %-*s %s\n", KEY_WIDTH, (*entry)->name,
                    (*entry)->doc ? (*entry)->doc : "");
}

static void put_type(struct text *out, const struct schema_row *row)
{
    struct text type = {0};
    expected_text(row, row->type, &type);
    put_line(out, "type", text_data(&type));
    if (type.failed) out->failed = true;
    text_free(&type);
}

static bool explain_is_numeric(const struct schema_row *row)
{
    return row->type == SCHEMA_INTEGER || row->type == SCHEMA_FLOAT || row->type == SCHEMA_COUNT;
}

/* "(0, 1000000]": a round bracket excludes the end itself. */
static void explain_put_range(struct text *out, const struct schema_row *row)
{
    bool is_stated = row->minimum != 0 || row->maximum != 0 || row->flags & SCHEMA_OPEN_MINIMUM;
    bool is_bounded = row->maximum >= row->minimum && row->maximum != 0;
    if (!explain_is_numeric(row) || !is_stated) return;
    text_format(out, "  range      %c%.10g, ", row->flags & SCHEMA_OPEN_MINIMUM ? '(' : '[',
                row->minimum);
    if (is_bounded)
        text_format(out, "%.10g%c\n", row->maximum, row->flags & SCHEMA_OPEN_MAXIMUM ? ')' : ']');
    else
        text_append(out, "...)\n");
}

static void put_aliases(struct text *out, const struct schema_row *row)
{
    if (!row->aliases) return;
    text_append(out, "  elsewhere  called");
    for (const char *const *alias = row->aliases; *alias; alias++)
        text_format(out, "%s%s", alias == row->aliases ? " " : ", ", *alias);
    text_append(out, "\n");
}

static const char *sweep_text(const struct search *search, const struct match *match)
{
    char root[PLACE_TEXT];
    size_t length = strcspn(match->path, ".");
    snprintf(root, sizeof root, "%.*s", (int)length, match->path);
    const struct schema_row *block = schema_find_row(search->schema, root);
    bool is_tracked = block && block->flags & SCHEMA_TRACKED;
    if (match->row->flags & SCHEMA_FIXED || (block && block->flags & SCHEMA_STUDY) ||
        (is_tracked && !match->path[length]))
        return "cannot be swept";
    if (strstr(match->path, "[]."))
        return strncmp(match->path, "dataset.", 8) == 0
                   ? "by its place in the list (dataset.transforms.0...)"
                   : "by its place in the list of layers (architecture.layers.0...)";
    if (is_tracked && strcmp(match->row->key, "every") != 0)
        return "only where the measure is taken while training (every)";
    return "can be swept";
}

static void explain_put_row(struct text *out, struct search *search, const struct match *match)
{
    const struct schema_row *row = match->row;
    if (row->doc) text_format(out, "  %s\n", row->doc);
    put_type(out, row);
    if (row->unit || explain_is_numeric(row)) put_line(out, "unit", row->unit ? row->unit : "1");
    explain_put_range(out, row);
    if (row->flags & SCHEMA_REQUIRED)
        put_line(out, "default", "none, it must be given");
    else if (row->flags & SCHEMA_OPTIONAL)
        put_line(out, "default", "absent");
    else if (row->fallback)
        put_line(out, "default", *row->fallback ? row->fallback : "empty");
    put_line(out, "sweep", sweep_text(search, match));
    if (row->flags & SCHEMA_TRACKED)
        put_line(out, "identity", "what has no `every` does not change a run's id");
    else if (row->flags & SCHEMA_SILENT)
        put_line(out, "identity", "does not change a run's id");
    if (row->source) put_line(out, "source", row->source);
    put_aliases(out, row);
    if (row->type == SCHEMA_TABLE || row->type == SCHEMA_TABLES) put_keys(out, row->table);
    if (row->registry && row->registry == search->listed)
        text_format(out, "  %s: as above\n", row->registry->plural);
    if (row->registry && row->registry != search->listed) put_entries(out, row->registry);
    if (row->registry) search->listed = row->registry;
}

/* Variants often share a row: it is shown once, with all their names. */
static void put_match(struct text *out, struct search *search, size_t which)
{
    struct match *match = &search->matches[which];
    text_format(out, "%s%s", out->length ? "\n" : "", match->path);
    for (size_t i = which; i < search->count; i++) {
        struct match *other = &search->matches[i];
        if (other->is_printed || !same_row(match, other)) continue;
        other->is_printed = true;
        if (other->entry) text_format(out, "%s%s", i == which ? " (" : ", ", other->entry->name);
    }
    text_append(out, match->entry ? ")\n" : "\n");
    explain_put_row(out, search, match);
}

static bool put_registries(struct text *out, const struct registry *const *registries,
                           const char *name)
{
    bool is_found = false;
    for (; registries && *registries; registries++) {
        const struct entry *entry = registry_find(*registries, name);
        if (!entry) continue;
        is_found = true;
        text_format(out, "%s%s (%s)\n", out->length ? "\n" : "", entry->name, (*registries)->kind);
        if (entry->doc) text_format(out, "  %s\n", entry->doc);
        if (entry->source) put_line(out, "source", entry->source);
        put_keys(out, entry->parameters);
    }
    return is_found;
}

/* By its path, or the last part of it. */
static bool explain_is_own(const char *own, const char *path)
{
    const char *dot = strrchr(own, '.');
    return strcmp(own, path) == 0 || (dot && strcmp(dot + 1, path) == 0);
}

static bool put_own(struct text *out, const char *path)
{
    for (size_t i = 0; i < sizeof own_keys / sizeof *own_keys; i++) {
        if (!explain_is_own(own_keys[i].path, path)) continue;
        text_format(out, "%s\n%s", own_keys[i].path, own_keys[i].text);
        return true;
    }
    return false;
}

/* "training.optimizer.type": the key that names the variant. */
static void put_discriminator(struct text *out, struct search *search, const struct match *block)
{
    const struct schema_row *row = block->row;
    text_format(out,
                "%s%s.%s\n  The %s, by its name; its other keys stand beside it.\n  type       one "
                "of the names below\n",
                out->length ? "\n" : "", block->path, row->discriminator, row->registry->kind);
    put_line(out, "default", row->fallback ? row->fallback : "none, it must be given");
    put_line(out, "sweep", sweep_text(search, block));
    put_entries(out, row->registry);
}

/* "measures.hessian_top", "training.optimizer.type": the last part is an entry, or the key that
 * names one, and the rest is a block that has such entries. */
static bool put_qualified(struct text *out, const struct search *search,
                          const struct schema_row *schema)
{
    char above[PLACE_TEXT];
    if (search->above == 0 || search->above > PLACE_TEXT) return false;
    snprintf(above, sizeof above, "%.*s", (int)search->above - 1, search->query);
    struct search block = search_for(schema, above);
    schema_walk(schema, visit, &block);
    for (size_t i = 0; i < block.count; i++) {
        const struct registry *only[] = {block.matches[i].row->registry, NULL};
        const char *name = block.matches[i].row->discriminator;
        if (only[0] && put_registries(out, only, search->last)) return true;
        if (only[0] && name && strcmp(name, search->last) == 0)
            return put_discriminator(out, &block, &block.matches[i]), true;
    }
    return false;
}

/* The name in any registry that a wrong word is nearest to; NULL: none is near. */
static const char *nearest_entry(const struct registry *const *registries, const char *word)
{
    const char *best = NULL;
    for (; registries && *registries; registries++) {
        const char *names[SCHEMA_NAMES];
        const char *one =
            text_nearest(word, names, registry_names(*registries, names, SCHEMA_NAMES));
        if (one && (!best || text_distance(word, one) < text_distance(word, best))) best = one;
    }
    return best;
}

static basin_status nothing_found(const struct schema_row *schema,
                                  const struct registry *const *registries, const char *path)
{
    struct text hint = {0};
    const char *entry = nearest_entry(registries, path);
    path_suggest(schema, path, &hint);
    if (entry && text_distance(path, entry) <= 1 && !strstr(text_data(&hint), entry))
        hint.length = 0; /* "sgdd" is sgd, and not dataset.seed */
    if (hint.length == 0 && entry && text_distance(path, entry) <= 1)
        text_format(&hint, "did you mean \"%s\"?", entry);
    if (hint.length == 0) path_suggest_in_lists(schema, path, &hint);
    if (hint.length == 0 && entry) text_format(&hint, "did you mean \"%s\"?", entry);
    error_raise(BASIN_USAGE, "no parameter, and nothing that a spec can name, is called \"%s\"",
                path);
    if (hint.length > 0) error_hint("%s", text_data(&hint));
    basin_status status = text_status(&hint) == BASIN_OK ? BASIN_USAGE : BASIN_MEMORY;
    text_free(&hint);
    return status;
}

/* In order: keys of that name, those of layers in lists, and keys that only have it as another word
 * for theirs. */
enum rank { RANK_KEY, RANK_LAYER, RANK_ALIAS };

static enum rank rank_of(const struct match *match)
{
    return match->is_alias ? RANK_ALIAS : strstr(match->path, "[].") ? RANK_LAYER : RANK_KEY;
}

/* "architecture.hidden.0" asks for a list of that name, and for no other word for it. */
static void keep_lists(struct search *search, const char *path)
{
    const char *dot = strrchr(path, '.');
    size_t kept = 0;
    if (!dot || !dot[1] || dot[1 + strspn(dot + 1, "0123456789")]) return;
    for (size_t i = 0; i < search->count; i++) {
        struct match match = search->matches[i];
        bool is_list = row_lists_scalars(match.row) || match.row->type == SCHEMA_SEQUENCE;
        if (is_list && !match.is_alias) search->matches[kept++] = match;
    }
    if (kept) search->count = kept;
}

static void put_matches(struct text *out, struct search *search, enum rank rank)
{
    for (size_t i = 0; i < search->count; i++)
        if (!search->matches[i].is_printed && rank_of(&search->matches[i]) == rank)
            put_match(out, search, i);
}

basin_status schema_explain(const struct schema_row *schema,
                            const struct registry *const *registries, const char *path,
                            struct text *out)
{
    char plain[PLACE_TEXT];
    without_brackets(path, plain);
    struct search search = search_for(schema, plain);
    bool is_own = put_own(out, path);
    schema_walk_lists(schema, visit, &search);
    keep_lists(&search, path);
    put_matches(out, &search, RANK_KEY);
    bool is_entry = put_registries(out, registries, plain) || put_qualified(out, &search, schema);
    put_matches(out, &search, RANK_LAYER);
    put_matches(out, &search, RANK_ALIAS);
    if (!is_own && search.count == 0 && !is_entry) return nothing_found(schema, registries, path);
    return text_status(out);
}
