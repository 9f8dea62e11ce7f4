#include "formats/cifar_file.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "base/text.h"
#include "formats/archived.h"

enum { SIDE = 32, PLANE = SIDE * SIDE, PIXELS = 3 * PLANE, CLASSES_MOST = 100 };

/* What differs between the two data sets and the two kinds of labels. */
struct layout {
    const char *title, *folder, *python; /* python: a file that only the Python version has */
    size_t labels;                       /* bytes of a record in front of its picture */
    size_t label;                        /* the one that is wanted */
    size_t classes;
    const char *files[8]; /* training batches, then the test batch, then NULL */
    const char *names;    /* the file of class names */
    const char *const *published;
};

static const char *const cifar10_names[] = {"airplane", "automobile", "bird",  "cat",  "deer",
                                            "dog",      "frog",       "horse", "ship", "truck"};

static const char *const fine_names[] = {
    "apple",       "aquarium_fish", "baby",      "bear",       "beaver",       "bed",
    "bee",         "beetle",        "bicycle",   "bottle",     "bowl",         "boy",
    "bridge",      "bus",           "butterfly", "camel",      "can",          "castle",
    "caterpillar", "cattle",        "chair",     "chimpanzee", "clock",        "cloud",
    "cockroach",   "couch",         "crab",      "crocodile",  "cup",          "dinosaur",
    "dolphin",     "elephant",      "flatfish",  "forest",     "fox",          "girl",
    "hamster",     "house",         "kangaroo",  "keyboard",   "lamp",         "lawn_mower",
    "leopard",     "lion",          "lizard",    "lobster",    "man",          "maple_tree",
    "motorcycle",  "mountain",      "mouse",     "mushroom",   "oak_tree",     "orange",
    "orchid",      "otter",         "palm_tree", "pear",       "pickup_truck", "pine_tree",
    "plain",       "plate",         "poppy",     "porcupine",  "possum",       "rabbit",
    "raccoon",     "ray",           "road",      "rocket",     "rose",         "sea",
    "seal",        "shark",         "shrew",     "skunk",      "skyscraper",   "snail",
    "snake",       "spider",        "squirrel",  "streetcar",  "sunflower",    "sweet_pepper",
    "table",       "tank",          "telephone", "television", "tiger",        "tractor",
    "train",       "trout",         "tulip",     "turtle",     "wardrobe",     "whale",
    "willow_tree", "wolf",          "woman",     "worm"};

static const char *const coarse_names[] = {"aquatic_mammals",
                                           "fish",
                                           "flowers",
                                           "food_containers",
                                           "fruit_and_vegetables",
                                           "household_electrical_devices",
                                           "household_furniture",
                                           "insects",
                                           "large_carnivores",
                                           "large_man-made_outdoor_things",
                                           "large_natural_outdoor_scenes",
                                           "large_omnivores_and_herbivores",
                                           "medium_mammals",
                                           "non-insect_invertebrates",
                                           "people",
                                           "reptiles",
                                           "small_mammals",
                                           "trees",
                                           "vehicles_1",
                                           "vehicles_2"};

#define BATCH(n) "data_batch_" #n ".bin"

static const struct layout layouts[] = {
    [CIFAR_10] = {.title = "CIFAR-10",
                  .folder = "cifar-10-batches-bin",
                  .python = "data_batch_1",
                  .labels = 1,
                  .classes = 10,
                  .files = {BATCH(1), BATCH(2), BATCH(3), BATCH(4), BATCH(5), "test_batch.bin"},
                  .names = "batches.meta.txt",
                  .published = cifar10_names},
    [CIFAR_100_FINE] = {.title = "CIFAR-100",
                        .folder = "cifar-100-binary",
                        .python = "meta",
                        .labels = 2,
                        .label = 1,
                        .classes = 100,
                        .files = {"train.bin", "test.bin"},
                        .names = "fine_label_names.txt",
                        .published = fine_names},
    [CIFAR_100_COARSE] = {.title = "CIFAR-100",
                          .folder = "cifar-100-binary",
                          .python = "meta",
                          .labels = 2,
                          .label = 0,
                          .classes = 20,
                          .files = {"train.bin", "test.bin"},
                          .names = "coarse_label_names.txt",
                          .published = coarse_names}};

/* ---- one file ---- */

basin_status cifar_count(const char *name, size_t length, enum cifar_kind kind, size_t *count)
{
    size_t record = layouts[kind].labels + PIXELS;
    *count = length / record;
    if (length && length % record == 0) return BASIN_OK;
    error_raise(BASIN_DATA,
                "%s has %zu bytes, which is no whole number of records of %s, %zu bytes each", name,
                length, layouts[kind].title, record);
    error_byte(name, (long long)(*count * record));
    error_hint("a copy that ended early? Copy it again; CIFAR-10 has records of 3073 bytes, "
               "CIFAR-100 of 3074");
    return BASIN_DATA;
}

static basin_status refuse_cifar_label(const char *name, size_t byte, size_t record, unsigned label,
                                       const struct layout *layout)
{
    error_raise(BASIN_DATA, "%s: label %u of record %zu is not a class of %s, 0 to %zu (byte %zu)",
                name, label, record, layout->title, layout->classes - 1, byte);
    error_byte(name, (long long)byte);
    error_expected("0 to %zu", layout->classes - 1);
    error_found("%u", label);
    return BASIN_DATA;
}

basin_status cifar_decode(const char *name, const uint8_t *bytes, size_t count,
                          enum cifar_kind kind, uint8_t *x, int64_t *y)
{
    const struct layout *layout = &layouts[kind];
    for (size_t i = 0; i < count; i++, bytes += PIXELS, x += PIXELS) {
        unsigned label = bytes[layout->label];
        if (label >= layout->classes)
            return refuse_cifar_label(name, i * (layout->labels + PIXELS) + layout->label, i, label,
                                      layout);
        y[i] = label;
        bytes += layout->labels;
        for (size_t k = 0; k < PIXELS; k++) x[k] = bytes[k % 3 * PLANE + k / 3];
    }
    return BASIN_OK;
}

/* ---- all files of a data set ---- */

struct cifar_file {
    const char *name; /* of the file, then of messages */
    const uint8_t *bytes;
    size_t length, count;
    uint8_t *owned; /* what was read from a folder */
};

/* Those that are there come first and in order: training batches, the test batch, names. */
struct cifar_files {
    const char *path;
    const struct layout *layout;
    struct cifar_file batches[8], names;
    size_t batch_count, test; /* test: which of the batches */
    struct archived archived;
};

static void cifar_files_free(struct cifar_files *files)
{
    for (size_t i = 0; i < files->batch_count; i++) memory_free(files->batches[i].owned);
    memory_free(files->names.owned);
    archived_free(&files->archived);
}

static basin_status cifar_refuse_missing(const struct cifar_files *files, const char *name)
{
    const struct layout *layout = files->layout;
    error_raise(BASIN_DATA, "%s has no file %s, which belongs to %s", files->path, name,
                layout->title);
    error_place(files->path, 0, 0);
    error_hint("the binary version is wanted: cifar-%s-binary.tar.gz of "
               "https://www.cs.toronto.edu/~kriz/cifar.html, as it is or unpacked",
               layout->labels == 1 ? "10" : "100");
    return BASIN_DATA;
}

/* The last training batches may be missing; nothing else. */
static basin_status check_batches(const struct cifar_files *files, const bool *is_there)
{
    const struct layout *layout = files->layout;
    for (size_t i = 0; i < files->batch_count; i++) {
        bool later = false;
        for (size_t k = i + 1; k < files->test; k++) later = later || is_there[k];
        if (!is_there[i] && (i == 0 || i == files->test || later))
            return cifar_refuse_missing(files, layout->files[i]);
    }
    return BASIN_OK;
}

/* ---- from an archive ---- */

static basin_status read_cifar_archive(struct cifar_files *files, double most, struct arena *arena)
{
    struct archived *archived = &files->archived;
    const struct layout *layout = files->layout;
    bool is_there[8];
    for (size_t i = 0; i < files->batch_count; i++)
        archived->members[archived->count++].name = layout->files[i];
    archived->members[archived->count++].name = layout->names;
    TRY(archived_read(files->path, ARCHIVED_LAST, most, archived));
    for (size_t i = 0; i < files->batch_count; i++) is_there[i] = archived->members[i].is_there;
    TRY(check_batches(files, is_there));
    for (size_t i = 0; i <= files->batch_count; i++) {
        const struct archived_member *member = &archived->members[i];
        struct cifar_file *file = i == files->batch_count ? &files->names : &files->batches[i];
        if (!member->is_there) continue;
        file->name = arena_format(arena, "%s: %s", files->path, member->name);
        if (!file->name) return BASIN_MEMORY;
        file->bytes = member->bytes;
        file->length = member->length;
    }
    return BASIN_OK;
}

/* ---- from a folder ---- */

static bool is_cifar_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static bool is_there_in(const char *folder, const char *name, struct arena *arena)
{
    struct stat about;
    const char *path = arena_format(arena, "%s/%s", folder, name);
    return path && stat(path, &about) == 0;
}

static basin_status read_batch(const char *path, double *most, struct cifar_file *file)
{
    TRY(store_array_bytes(path, "a file of CIFAR", *most, &file->owned, &file->length));
    *most -= (double)file->length;
    file->name = path;
    file->bytes = file->owned;
    return BASIN_OK;
}

static basin_status read_cifar_folder(struct cifar_files *files, double most, struct arena *arena)
{
    const struct layout *layout = files->layout;
    bool is_there[8];
    const char *folder = files->path;
    if (is_there_in(folder, layout->folder, arena))
        folder = arena_format(arena, "%s/%s", folder, layout->folder);
    if (!folder) return BASIN_MEMORY;
    files->path = folder;
    for (size_t i = 0; i < files->batch_count; i++)
        is_there[i] = is_there_in(folder, layout->files[i], arena);
    if (!is_there[0] && is_there_in(folder, layout->python, arena)) {
        error_raise(BASIN_DATA, "%s is the Python version of %s, which is pickles", folder,
                    layout->title);
        error_place(folder, 0, 0);
        error_hint("get the binary version from https://www.cs.toronto.edu/~kriz/cifar.html");
        return BASIN_DATA;
    }
    TRY(check_batches(files, is_there));
    for (size_t i = 0; i <= files->batch_count; i++) {
        bool is_names = i == files->batch_count;
        const char *name = is_names ? layout->names : layout->files[i];
        if (is_names ? !is_there_in(folder, name, arena) : !is_there[i]) continue;
        const char *path = arena_format(arena, "%s/%s", folder, name);
        if (!path) return BASIN_MEMORY;
        TRY(read_batch(path, &most, is_names ? &files->names : &files->batches[i]));
    }
    return BASIN_OK;
}

/* ---- names of classes ---- */

/* A line of the file of names, which ends in empty ones. */
static const char *take_name_line(const char **at, const char *end, struct arena *arena)
{
    const char *start = *at, *stop = memchr(start, '\n', (size_t)(end - start));
    *at = stop ? stop + 1 : end;
    if (!stop) stop = end;
    while (stop > start && (stop[-1] == '\r' || stop[-1] == ' ')) stop--;
    return arena_text_n(arena, start, (size_t)(stop - start));
}

static basin_status refuse_class_names(const struct cifar_files *files, size_t found)
{
    error_raise(BASIN_DATA, "%s has %zu names of classes; %s has %zu", files->names.name, found,
                files->layout->title, files->layout->classes);
    error_place(files->names.name, 0, 0);
    error_hint("one name a line; without the file the published names are taken");
    return BASIN_DATA;
}

static basin_status read_class_names(const struct cifar_files *files, struct arena *arena,
                                     struct cifar *cifar)
{
    const char *at = (const char *)files->names.bytes, *end = at + files->names.length;
    const char **names = arena_array(arena, const char *, CLASSES_MOST + 1);
    size_t count = 0, bad;
    if (!names) return BASIN_MEMORY;
    if (!text_valid_utf8(at, files->names.length, &bad) || memchr(at, 0, files->names.length)) {
        error_raise(BASIN_DATA, "%s is no text in UTF-8", files->names.name);
        error_place(files->names.name, 0, 0);
        return BASIN_DATA;
    }
    while (at < end && count <= CLASSES_MOST) {
        const char *line = take_name_line(&at, end, arena);
        if (!line) return BASIN_MEMORY;
        if (*line) names[count++] = line;
    }
    if (count != files->layout->classes) return refuse_class_names(files, count);
    cifar->classes = names;
    return BASIN_OK;
}

/* ---- arrays ---- */

/* Batches `from` up to `to` become one part. */
static basin_status make_cifar_part(struct cifar_files *files, enum cifar_kind kind, size_t from,
                                    size_t to, double most, struct store_array *x,
                                    struct store_array *y)
{
    size_t count = 0, done = 0;
    for (size_t i = from; i < to; i++) {
        struct cifar_file *file = &files->batches[i];
        if (!file->name) continue;
        TRY(cifar_count(file->name, file->length, kind, &file->count));
        count += file->count;
    }
    TRY(store_array_room(files->path, NULL, (double)count * (PIXELS + sizeof(int64_t)), most));
    *x = (struct store_array){RECORD_BYTE, 4, {count, SIDE, SIDE, 3}};
    *y = (struct store_array){RECORD_INTEGER, 1, {count}};
    x->data = memory_allocate(count * PIXELS);
    y->data = memory_allocate(count * sizeof(int64_t));
    if (!x->data || !y->data) return BASIN_MEMORY;
    for (size_t i = from; i < to; i++) {
        struct cifar_file *file = &files->batches[i];
        TRY(cifar_decode(file->name, file->bytes, file->count, kind,
                         (uint8_t *)x->data + done * PIXELS, (int64_t *)y->data + done));
        done += file->count;
    }
    return BASIN_OK;
}

static basin_status make_cifar_parts(struct cifar_files *files, enum cifar_kind kind, double most,
                                     struct cifar *cifar)
{
    size_t test = files->test;
    cifar->files[CIFAR_TRAIN] = files->batches[0].name;
    cifar->files[CIFAR_TEST] = files->batches[test].name;
    TRY(make_cifar_part(files, kind, 0, test, most, &cifar->x[CIFAR_TRAIN],
                        &cifar->y[CIFAR_TRAIN]));
    return make_cifar_part(files, kind, test, test + 1, most, &cifar->x[CIFAR_TEST],
                           &cifar->y[CIFAR_TEST]);
}

static basin_status read_cifar_files(struct cifar_files *files, enum cifar_kind kind, double most,
                                     struct arena *arena, struct cifar *cifar)
{
    TRY(is_cifar_folder(files->path) ? read_cifar_folder(files, most, arena)
                                     : read_cifar_archive(files, most, arena));
    if (files->names.name && files->names.length) TRY(read_class_names(files, arena, cifar));
    return make_cifar_parts(files, kind, most, cifar);
}

basin_status cifar_read(const char *path, enum cifar_kind kind, double most, struct arena *arena,
                        struct cifar *cifar)
{
    const struct layout *layout = &layouts[kind];
    struct cifar_files files = {.path = path, .layout = layout};
    *cifar = (struct cifar){.classes = layout->published, .class_count = layout->classes};
    while (layout->files[files.batch_count]) files.batch_count++;
    files.test = files.batch_count - 1;
    basin_status status = read_cifar_files(&files, kind, store_array_most(most), arena, cifar);
    cifar_files_free(&files);
    return status;
}

void cifar_free(struct cifar *cifar)
{
    for (int part = 0; part < CIFAR_PARTS; part++) {
        store_array_free(&cifar->x[part]);
        store_array_free(&cifar->y[part]);
    }
}
