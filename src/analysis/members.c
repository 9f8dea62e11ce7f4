#include "analysis/members.h"

#include <string.h>
#include "base/text.h"
#include "spec/value.h"
#include "train/train.h"

enum { CHUNK_NUMBERS = 1 << 20 };

/* ---- what they have in common ---- */

static bool have_equal_architectures(const struct finished *a, const struct finished *b)
{
    struct text texts[2] = {{0}, {0}};
    if (a->settings->train.precision != b->settings->train.precision) return false;
    value_print(&texts[0], value_find(a->settings->spec, "architecture"));
    value_print(&texts[1], value_find(b->settings->spec, "architecture"));
    bool equal = !texts[0].failed && !texts[1].failed &&
                 strcmp(text_data(&texts[0]), text_data(&texts[1])) == 0;
    text_free(&texts[0]);
    text_free(&texts[1]);
    return equal;
}

static bool have_equal_networks(const struct finished *a, const struct finished *b)
{
    return a->data == b->data &&
           a->settings->train.training.loss == b->settings->train.training.loss &&
           have_equal_architectures(a, b);
}

struct objective_request members_request(const struct members *members, size_t i)
{
    const struct finished *member = &members->items[i];
    return train_objective(&member->settings->train, member->model, member->data, MODE_EVAL);
}

static size_t target_numbers(const struct data_info *info)
{
    return info->task == DATA_LANGUAGE ? info->positions : info->positions * info->outputs;
}

/* Are examples first ... first + count - 1 of a part the same numbers? x and y: of both. */
static bool chunk_is_equal(const struct data *data[2], enum data_part part, const uint32_t *rows,
                           size_t count, double *x[2], double *y[2])
{
    const struct data_info *info = data_describe(data[0]);
    struct data_gather gather = {.part = part, .rows = rows, .count = count};
    for (int k = 0; k < 2; k++) data_gather_double(data[k], &gather, x[k], y[k]);
    return memcmp(x[0], x[1], count * info->features * sizeof(double)) == 0 &&
           memcmp(y[0], y[1], count * target_numbers(info) * sizeof(double)) == 0;
}

/* Do both give the same x and y, whatever source they come from? */
static basin_status compare_contents(const struct data *a, const struct data *b,
                                     enum data_part part, bool *equal)
{
    enum { CHUNK = 256 };
    const struct data_info *info = data_describe(a), *other = data_describe(b);
    const struct data *data[2] = {a, b};
    uint32_t rows[CHUNK];
    size_t count = info->counts[part], features = info->features, targets = target_numbers(info);
    *equal = count == other->counts[part] && features == other->features &&
             targets == target_numbers(other);
    if (!*equal || a == b) return BASIN_OK;
    double *numbers = memory_allocate(2 * CHUNK * (features + targets) * sizeof *numbers);
    if (!numbers) return BASIN_MEMORY;
    double *x[2] = {numbers, numbers + CHUNK * features},
           *y[2] = {numbers + 2 * CHUNK * features,
                    numbers + 2 * CHUNK * features + CHUNK * targets};
    for (size_t start = 0; *equal && start < count; start += CHUNK) {
        size_t some = count - start < CHUNK ? count - start : CHUNK;
        for (size_t k = 0; k < some; k++) rows[k] = (uint32_t)(start + k);
        *equal = chunk_is_equal(data, part, rows, some, x, y);
    }
    memory_free(numbers);
    return BASIN_OK;
}

#define HINT_CHOOSE "choose runs with --where, or what they may differ in with over"
/* A recipe draws test examples by dataset.seed too. */
#define HINT_TEST                                                                                  \
    "to vary the training set alone, sweep dataset.seed of data from a file, with a train_size "   \
    "below what there is; `basin data SPEC -o FILE.h5` writes a generated data set to a file"

static basin_status raise_unlike(const struct members *members, size_t i, const char *what,
                                 const char *hint)
{
    error_raise(BASIN_DATA, "%s: the networks of %s and %s cannot be compared: they %s",
                members->who, across_name(members->site, i), across_name(members->site, 0), what);
    error_hint("%s", hint);
    return BASIN_DATA;
}

static bool predict_alike(const struct data *first, const struct data *other)
{
    const struct data_info *a = data_describe(first), *b = data_describe(other);
    return a->task == b->task && a->outputs == b->outputs && a->positions == b->positions;
}

static basin_status check_alike(const struct members *members, size_t i, unsigned alike)
{
    const struct finished *first = &members->items[0], *member = &members->items[i];
    bool equal = true;
    if ((alike & MEMBERS_TASK) && !predict_alike(first->data, member->data))
        return raise_unlike(members, i, "predict different things", HINT_CHOOSE);
    if ((alike & MEMBERS_LOSS) &&
        members_request(members, 0).loss != members_request(members, i).loss)
        return raise_unlike(members, i, "were trained by different losses", HINT_CHOOSE);
    if ((alike & MEMBERS_NETWORK) && !have_equal_architectures(first, member))
        return raise_unlike(members, i, "are of different architectures or precisions",
                            HINT_CHOOSE);
    if ((alike & MEMBERS_TEST) && !data_same_examples(first->data, member->data, DATA_TEST))
        TRY(compare_contents(first->data, member->data, DATA_TEST, &equal));
    if (!equal) return raise_unlike(members, i, "have different test examples", HINT_TEST);
    if (alike & MEMBERS_TRAINING)
        TRY(compare_contents(first->data, member->data, DATA_TRAIN, &equal));
    if (!equal)
        return raise_unlike(members, i, "were trained on different examples or targets",
                            HINT_CHOOSE);
    return BASIN_OK;
}

/* ---- opening and closing ---- */

basin_status members_start(const struct across_site *site, const char *who, struct members *members)
{
    *members = (struct members){.site = site, .who = who, .count = site->count};
    TRY(arena_create(&members->arena));
    members->items = arena_array(members->arena, struct finished, members->count);
    members->objectives = arena_array(members->arena, struct objective *, members->count);
    return members->items && members->objectives ? BASIN_OK : BASIN_MEMORY;
}

static basin_status open_member(struct members *members, size_t i, unsigned alike)
{
    TRY(across_open(members->site, i, &members->items[i]));
    members->opened++;
    TRY(check_alike(members, i, alike));
    for (size_t j = 0; j < i && !members->objectives[i]; j++)
        if (have_equal_networks(&members->items[j], &members->items[i]))
            members->objectives[i] = members->objectives[j];
    if (members->objectives[i]) return BASIN_OK;
    struct objective_request request = members_request(members, i);
    return objective_create(&request, &members->objectives[i]);
}

basin_status members_open(struct members *members, unsigned alike)
{
    for (size_t i = 0; i < members->count; i++) TRY(open_member(members, i, alike));
    const struct data_info *info = data_describe(members->items[0].data);
    members->probabilities = members_request(members, 0).loss != LOSS_MSE;
    members->tokens = info->task == DATA_LANGUAGE;
    members->classes = info->task != DATA_REGRESSION;
    members->outputs = info->outputs;
    members->positions = info->positions;
    return BASIN_OK;
}

void members_close(struct members *members)
{
    for (size_t i = 0; i < members->opened; i++) {
        bool shared = false;
        for (size_t j = 0; j < i; j++)
            shared = shared || members->objectives[j] == members->objectives[i];
        if (!shared) objective_destroy(members->objectives[i]);
    }
    for (size_t i = 0; i < members->opened; i++) {
        finished_close(&members->items[i]);
        arena_destroy(members->items[i].arena);
    }
    arena_destroy(members->arena);
}

/* ---- examples ---- */

basin_status members_examples(const struct members *members, enum data_part part, int64_t asked,
                              size_t *examples)
{
    size_t most = data_describe(members->items[0].data)->counts[part];
    *examples = asked == SETTING_ALL || (size_t)asked > most ? most : (size_t)asked;
    if (*examples) return BASIN_OK;
    error_raise(BASIN_DATA, "%s: %s has no %s examples", members->who,
                across_name(members->site, 0), part == DATA_TEST ? "test" : "such");
    error_hint("give the data set test examples, for example with dataset.test_fraction");
    return BASIN_DATA;
}

size_t members_chunk_size(const struct members *members, size_t examples, size_t copies)
{
    size_t chunk = CHUNK_NUMBERS / (members->outputs * members->positions * copies) + 1;
    return chunk < examples ? chunk : examples;
}

basin_status members_each_chunk(struct members *members, enum data_part part, size_t examples,
                                size_t copies, members_visit *visit, void *context)
{
    const struct data *data = members->items[0].data;
    size_t size = members_chunk_size(members, examples, copies);
    uint32_t *rows = arena_array(members->arena, uint32_t, size);
    double *y = arena_array(members->arena, double, size *target_numbers(data_describe(data)));
    if (!rows || !y) return BASIN_MEMORY;
    for (size_t start = 0; start < examples; start += size) {
        size_t count = examples - start < size ? examples - start : size;
        struct members_chunk chunk = {part, rows, count, count * members->positions, y};
        struct data_gather gather = {.part = part, .rows = rows, .count = count};
        for (size_t k = 0; k < count; k++) rows[k] = (uint32_t)(start + k);
        data_gather_double(data, &gather, NULL, y);
        TRY(visit(context, &chunk));
    }
    return BASIN_OK;
}

basin_status members_outputs(struct members *members, size_t i, const struct members_chunk *chunk,
                             double *f)
{
    struct objective_where where = {
        .part = chunk->part, .rows = chunk->rows, .count = chunk->count};
    return objective_outputs(members->objectives[i], &where, members->items[i].w, f);
}

size_t members_choice(const double *p, size_t count)
{
    size_t at = 0;
    for (size_t k = 1; k < count; k++)
        if (p[k] > p[at]) at = k;
    return at;
}

size_t members_target(const struct members *members, const struct members_chunk *chunk,
                      size_t prediction, double *target)
{
    size_t outputs = members->outputs;
    const double *y = chunk->y + prediction * (members->tokens ? 1 : outputs);
    if (!members->tokens) {
        if (target) memcpy(target, y, outputs * sizeof *target);
        return members_choice(y, outputs);
    }
    if (target) memset(target, 0, outputs * sizeof *target);
    if (target) target[(size_t)*y] = 1;
    return (size_t)*y;
}

/* ---- names ---- */

/* Do the members of the group differ in it? Not where it only follows another one (seed.init). */
static bool tells_members_apart(const struct across_site *site, size_t column)
{
    const struct cell *first = &site->table->rows[site->rows[0]].cells[column];
    bool differ = false, follows = true;
    if (!site->table->columns[column].replicates || site->table->columns[column].implied)
        return false;
    for (size_t i = 0; i < site->count; i++) {
        const struct cell *cell = &site->table->rows[site->rows[i]].cells[column];
        differ = differ || !cell_equal(first, cell);
        follows = follows && cell->is_default;
    }
    return differ && !follows;
}

static bool add_label(const struct cell *cell, struct text *label)
{
    if (label->length) text_append(label, ",");
    if (cell->kind == CELL_NUMBER)
        text_format(label, "%.15g", cell->number);
    else if (cell->kind == CELL_TEXT && cell->text)
        text_append(label, cell->text);
    else
        return false;
    return true;
}

/* "0"; "0,32" of members that differ in two parameters. False: there is no short name. */
static bool member_label(const struct across_site *site, size_t i, struct text *label)
{
    bool named = true;
    for (size_t k = 0; named && k < site->table->column_count; k++)
        if (tells_members_apart(site, k))
            named = add_label(&site->table->rows[site->rows[i]].cells[k], label);
    return named && label->length > 0 && label->length < 40;
}

struct cell members_number(double value)
{
    return (struct cell){.kind = CELL_NUMBER, .number = value};
}

basin_status members_pair(const struct members *members, size_t i, size_t j, struct cell *cell)
{
    struct text a = {0}, b = {0};
    struct arena *arena = members->site->arena;
    bool named = member_label(members->site, i, &a) && member_label(members->site, j, &b) &&
                 strcmp(text_data(&a), text_data(&b)) != 0;
    const char *text = named ? arena_format(arena, "%s and %s", text_data(&a), text_data(&b))
                             : arena_format(arena, "%zu and %zu", i + 1, j + 1);
    *cell = (struct cell){.kind = CELL_TEXT, .text = text};
    text_free(&a);
    text_free(&b);
    return text ? BASIN_OK : BASIN_MEMORY;
}
