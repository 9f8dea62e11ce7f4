/* CKA between runs: how similar what two networks compute is, layer by layer (similarity.h). */
#include "analysis/members.h"
#include "analysis/similarity.h"

enum { EXAMPLES_MOST = 20000 };
enum cka_part { PART_TEST, PART_TRAIN };
static const char *const part_names[] = {"test", "train", NULL};

struct cka_settings {
    struct across_common common;
    struct setting_texts layers;
    int64_t examples;
    enum cka_part part;
};

struct cka {
    const struct cka_settings *settings;
    struct members members;
    enum data_part part;
    size_t examples;
    double **grams;         /* (members) of one layer, each (examples, examples) */
    struct similarity *own; /* (members) */
    const char *const *layers;
    size_t layer_count;
};

enum cka_column { LAYER, PAIR, CKA, DEBIASED, COLUMNS };

/* ---- which layers ---- */

/* Those of the first member that all have. */
static basin_status common_layers(struct cka *work)
{
    struct members *members = &work->members;
    const struct model *first = members->items[0].model;
    size_t most = (size_t)model_layer_count(first);
    const char **names = arena_array(members->arena, const char *, most + 1);
    if (!names) return BASIN_MEMORY;
    for (int i = 0; i < (int)most; i++) {
        char name[LAYER_NAME];
        bool common = true;
        model_layer_name(first, i, name);
        for (size_t m = 1; m < members->count; m++)
            common = common && model_layer_find(members->items[m].model, name) >= 0;
        if (!common) continue;
        if (!(names[work->layer_count++] = arena_text(members->site->arena, name)))
            return BASIN_MEMORY;
    }
    work->layers = names;
    return BASIN_OK;
}

static basin_status raise_no_layer(const struct cka *work, size_t member, const char *name)
{
    const struct model *model = work->members.items[member].model;
    struct text all = {0};
    for (int i = 0; i < model_layer_count(model); i++) {
        char own[LAYER_NAME];
        model_layer_name(model, i, own);
        text_format(&all, "%s%s", i ? ", " : "", own);
    }
    error_raise(BASIN_USAGE, "cka: the network of %s has no layer \"%s\"",
                across_name(work->members.site, member), name);
    error_hint("its layers are %s", text_data(&all));
    text_free(&all);
    return BASIN_USAGE;
}

static basin_status choose_layers(struct cka *work)
{
    const struct setting_texts *layers = &work->settings->layers;
    if (!layers->count) return common_layers(work);
    for (size_t i = 0; i < layers->count; i++)
        for (size_t m = 0; m < work->members.count; m++)
            if (model_layer_find(work->members.items[m].model, layers->items[i]) < 0)
                return raise_no_layer(work, m, layers->items[i]);
    work->layers = layers->items;
    work->layer_count = layers->count;
    return BASIN_OK;
}

/* ---- one layer ---- */

static basin_status member_gram(struct cka *work, size_t member, const char *layer)
{
    const struct model *model = work->members.items[member].model;
    int index = model_layer_find(model, layer);
    size_t n = work->examples, width = (size_t)model_layer_size(model, index);
    struct objective_where where = objective_first(work->part, n);
    double *x = memory_allocate(n * width * sizeof *x);
    if (!x) return BASIN_MEMORY;
    basin_status status = objective_activations(work->members.objectives[member], &where,
                                                work->members.items[member].w, index, x);
    if (status == BASIN_OK) {
        similarity_gram(n, width, x, work->grams[member]);
        work->own[member] = similarity_hsic(n, work->grams[member], work->grams[member]);
    }
    memory_free(x);
    return status;
}

static basin_status add_similarity(const struct cka *work, const char *layer, struct cell pair,
                                   struct similarity cka)
{
    const struct cell cells[COLUMNS] = {[LAYER] = {.kind = CELL_TEXT, .text = layer},
                                        [PAIR] = pair,
                                        [CKA] = members_number(cka.plain),
                                        [DEBIASED] = members_number(cka.debiased)};
    return across_add(work->members.site, cells);
}

static basin_status layer_pairs(struct cka *work, const char *layer)
{
    struct similarity sum = {0, 0};
    size_t count = work->members.count, pairs = count * (count - 1) / 2;
    for (size_t i = 0; i < count; i++) TRY(member_gram(work, i, layer));
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++) {
            struct cell pair;
            struct similarity both =
                similarity_hsic(work->examples, work->grams[i], work->grams[j]);
            both = similarity_cka(&both, &work->own[i], &work->own[j]);
            sum.plain += both.plain / (double)pairs;
            sum.debiased += both.debiased / (double)pairs;
            TRY(members_pair(&work->members, i, j, &pair));
            TRY(add_similarity(work, layer, pair, both));
        }
    struct cell mean = {.kind = CELL_TEXT, .text = "mean"};
    return pairs > 1 ? add_similarity(work, layer, mean, sum) : BASIN_OK;
}

/* ---- the measure ---- */

static basin_status cka_fill(struct cka *work)
{
    struct members *members = &work->members;
    size_t n;
    TRY(members_open(members, work->part == DATA_TEST ? MEMBERS_TEST : MEMBERS_TRAINING));
    TRY(members_examples(members, work->part, work->settings->examples, &work->examples));
    n = work->examples;
    if (n < SIMILARITY_LEAST)
        return error_raise(BASIN_USAGE, "cka: %zu examples are too few; it needs %d", n,
                           SIMILARITY_LEAST);
    if (n > EXAMPLES_MOST)
        return error_raise(BASIN_USAGE, "cka: %zu examples are too many; at most %d", n,
                           EXAMPLES_MOST);
    TRY(choose_layers(work));
    work->grams = arena_array(members->arena, double *, members->count);
    work->own = arena_array(members->arena, struct similarity, members->count);
    if (!work->grams || !work->own) return BASIN_MEMORY;
    for (size_t i = 0; i < members->count; i++)
        if (!(work->grams[i] = arena_array(members->arena, double, n *n))) return BASIN_MEMORY;
    for (size_t k = 0; k < work->layer_count; k++) TRY(layer_pairs(work, work->layers[k]));
    return BASIN_OK;
}

static basin_status cka_run(const struct across_site *site)
{
    struct cka work = {.settings = site->settings};
    TRY(across_check_size(site, "cka", 2));
    if (site->count < 2) return BASIN_OK;
    work.part = work.settings->part == PART_TRAIN ? DATA_TRAIN : DATA_TEST;
    basin_status status = members_start(site, "cka", &work.members);
    if (status == BASIN_OK) status = cka_fill(&work);
    members_close(&work.members);
    return status;
}

static basin_status cka_check(const void *own, const struct model *model)
{
    const struct cka_settings *settings = own;
    for (size_t i = 0; i < settings->layers.count; i++) {
        if (model_layer_find(model, settings->layers.items[i]) >= 0) continue;
        char first[LAYER_NAME];
        model_layer_name(model, 0, first);
        error_raise(BASIN_SPEC, "there is no layer \"%s\"", settings->layers.items[i]);
        error_hint("layers have the names of their weights, as %s; without `layers` all are "
                   "compared",
                   first);
        return BASIN_SPEC;
    }
    return BASIN_OK;
}

static const struct quantity cka_columns[] = {
    [LAYER] = {"layer", "1",
               "layer whose activations are compared; an example's are one row, whatever their "
               "shape",
               NULL, NULL},
    [PAIR] = MEMBERS_PAIR_COLUMN,
    [CKA] = {"cka", "1",
             "linear centred kernel alignment: 1 where they differ by a rotation, a "
             "scale and a shift",
             "HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L)), K = X X'", "Kornblith et al., ICML 2019"},
    [DEBIASED] = {"cka_debiased", "1",
                  "the same with the unbiased estimate of HSIC: 0 on average for unrelated ones",
                  "HSIC1(K, L) / sqrt(HSIC1(K, K) HSIC1(L, L))",
                  "Song et al., JMLR 2012; Nguyen et al., ICLR 2021"},
    [COLUMNS] = {NULL, NULL, NULL, NULL, NULL}};

static const struct schema_row cka_rows[] = {
    ACROSS_OVER_ROW,
    {.key = "layers",
     SETTING(struct cka_settings, layers),
     .type = SCHEMA_TEXTS,
     .fallback = "[]",
     .doc = "Names of layers, those of their weights without the last part (layers.0), or behind "
            "them what follows (layers.0.activation); [] for all that the networks have in "
            "common."},
    {.key = "part",
     SETTING(struct cka_settings, part),
     .type = SCHEMA_CHOICE,
     .choices = part_names,
     .fallback = "test",
     .doc = "Of which examples the activations are."},
    {.key = "examples",
     SETTING(struct cka_settings, examples),
     .type = SCHEMA_COUNT,
     .unit = "examples",
     .minimum = SIMILARITY_LEAST,
     .maximum = EXAMPLES_MOST,
     .fallback = "1000",
     .doc = "The first N examples, or all. Takes 8 N^2 bytes a run."},
    {0}};

const struct entry cka_entry = {
    .name = "cka",
    .doc = "Similarity of what two runs compute, layer by layer: linear CKA of the activations of "
           "the same examples, plain and debiased, for each pair of runs and their mean.",
    .source = "Kornblith, Norouzi, Lee and Hinton, \"Similarity of neural network representations "
              "revisited\", ICML 2019",
    .parameters = cka_rows,
    .implementation =
        &(const struct across_measure){
            .columns = cka_columns, .keys = 2, .run = cka_run, .check = cka_check},
    .settings_size = sizeof(struct cka_settings)};
