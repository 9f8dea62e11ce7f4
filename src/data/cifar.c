/* cifar10, cifar100: the binary version, unpacked or as the archive that is published. */
#include "data/assemble.h"
#include "formats/cifar_file.h"

struct cifar_settings {
    struct data_settings common;
    const char *path;
    int labels; /* of CIFAR-100 */
};

enum { LABELS_FINE, LABELS_COARSE };
static const char *const cifar_labels[] = {
    [LABELS_FINE] = "fine", [LABELS_COARSE] = "coarse", NULL};

/* The arrays change their owner. */
static void take_cifar(struct cifar *cifar, struct source_input *input)
{
    static const int x[] = {ARRAY_X, ARRAY_X_TEST}, y[] = {ARRAY_Y, ARRAY_Y_TEST};
    for (int part = 0; part < CIFAR_PARTS; part++) {
        input->arrays[x[part]] = (struct source_array){
            .array = cifar->x[part], .file = cifar->files[part], .name = "pictures", .key = "path"};
        input->arrays[y[part]] = (struct source_array){
            .array = cifar->y[part], .file = cifar->files[part], .name = "labels", .key = "path"};
        cifar->x[part].data = cifar->y[part].data = NULL;
    }
    input->classes = cifar->classes;
    input->class_count = cifar->class_count;
}

static basin_status load_cifar(const struct cifar_settings *settings, enum cifar_kind kind,
                               struct arena *arena, struct source *source)
{
    struct source_input input = {0};
    struct cifar cifar;
    basin_status status = cifar_read(settings->path, kind, source->most, arena, &cifar);
    if (status == BASIN_OK) {
        take_cifar(&cifar, &input);
        status = source_from_input(source, &input, settings);
    } else if (status == BASIN_DATA) {
        error_key("path");
    }
    source_input_free(&input);
    cifar_free(&cifar);
    return status;
}

static basin_status load_cifar_kind(const void *settings, enum cifar_kind kind,
                                    struct source *source)
{
    struct arena *arena;
    TRY(arena_create(&arena));
    basin_status status = load_cifar(settings, kind, arena, source);
    arena_destroy(arena);
    return status;
}

static basin_status cifar10_load(const void *settings, struct source *source)
{
    return load_cifar_kind(settings, CIFAR_10, source);
}

static basin_status cifar100_load(const void *settings, struct source *source)
{
    bool is_coarse = ((const struct cifar_settings *)settings)->labels == LABELS_COARSE;
    return load_cifar_kind(settings, is_coarse ? CIFAR_100_COARSE : CIFAR_100_FINE, source);
}

#define CIFAR_PATH(text)                                                                           \
    {                                                                                              \
        .key = "path", SETTING(struct cifar_settings, path), .type = SCHEMA_PATH,                  \
        .flags = SCHEMA_REQUIRED, .doc = text                                                      \
    }

static const struct schema_row cifar10_parameters[] = {
    CIFAR_PATH("cifar-10-binary.tar.gz, or the folder that it unpacks to, or the folder that has "
               "that one: data_batch_1.bin and up to four more, test_batch.bin, and names of the "
               "classes in batches.meta.txt (if absent, those that are published). Files hold any "
               "number of records."),
    DATA_FILE_ROWS,
    {0}};

static const struct schema_row cifar100_parameters[] = {
    CIFAR_PATH("cifar-100-binary.tar.gz, or the folder that it unpacks to, or the folder that has "
               "that one: train.bin, test.bin, and names of the classes in fine_label_names.txt "
               "and coarse_label_names.txt (if absent, those that are published). Files hold any "
               "number of records."),
    {.key = "labels",
     SETTING(struct cifar_settings, labels),
     .type = SCHEMA_CHOICE,
     .choices = cifar_labels,
     .fallback = "fine",
     .doc =
         "Which of its two labels is the class of a picture: fine (100 classes) or coarse (20)."},
    DATA_FILE_ROWS,
    {0}};

#define CIFAR_SOURCE                                                                               \
    "Krizhevsky, \"Learning multiple layers of features from tiny images\", technical report, "    \
    "University of Toronto, 2009"

const struct entry cifar10_entry = {
    .name = "cifar10",
    .doc = "60,000 coloured pictures of 32 x 32 in 10 classes, 10,000 of them to test: the binary "
           "version of CIFAR-10.",
    .source = CIFAR_SOURCE,
    .parameters = cifar10_parameters,
    .implementation = &(const struct dataset){.load = cifar10_load, .is_own = true},
    .aliases = (const char *const[]){"cifar", "cifar-10", NULL},
    .settings_size = sizeof(struct cifar_settings)};

const struct entry cifar100_entry = {
    .name = "cifar100",
    .doc = "60,000 coloured pictures of 32 x 32 in 100 classes, 10,000 of them to test: the binary "
           "version of CIFAR-100.",
    .source = CIFAR_SOURCE,
    .parameters = cifar100_parameters,
    .implementation = &(const struct dataset){.load = cifar100_load, .is_own = true},
    .aliases = (const char *const[]){"cifar-100", NULL},
    .settings_size = sizeof(struct cifar_settings)};
