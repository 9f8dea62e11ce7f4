/* images: folders of PNG and JPEG files, one folder a class, or with a CSV file of labels. */
#include <string.h>
#include "data/assemble.h"
#include "formats/image_folder.h"
#include "formats/image_labels.h"
#include "formats/image_list.h"

struct images_settings {
    struct data_settings common;
    const char *path, *test_path, *labels, *test_labels; /* the last three: NULL if absent */
    struct setting_pair size;
    int color;
};

static const char *const image_colors[] = {
    [IMAGE_AUTO] = "auto", [IMAGE_GREY] = "grey", [IMAGE_RGB] = "rgb", NULL};

/* One of training and test data. */
struct images_part {
    const char *folder, *labels;         /* labels NULL: folders of classes */
    const char *folder_key, *labels_key; /* of the block, to be blamed */
    int x, y;                            /* which arrays */
};

/* The names of folders as labels, one for each picture. */
static basin_status label_by_folder(const struct image_folder *folder, struct store_array *y)
{
    size_t width = 1;
    for (size_t i = 0; i < folder->class_count; i++) {
        size_t length = strlen(folder->classes[i].name) + 1;
        if (length > width) width = length;
    }
    char *texts = memory_allocate(folder->count * width);
    if (!texts) return BASIN_MEMORY;
    for (size_t i = 0; i < folder->class_count; i++) {
        const struct image_class *class = &folder->classes[i];
        for (size_t k = class->first; k < class->first + class->count; k++)
            memcpy(texts + k * width, class->name, strlen(class->name));
    }
    *y = (struct store_array){
        .type = RECORD_TEXT, .rank = 1, .dims = {folder->count}, .width = width, .data = texts};
    return BASIN_OK;
}

static basin_status read_pictures(const struct images_settings *settings, const char *folder,
                                  const char *const *paths, size_t count, double most,
                                  struct store_array *x)
{
    struct image_list list = {
        .folder = folder, .paths = paths, .count = count, .color = settings->color};
    if (settings->size.first != SETTING_ABSENT) {
        list.height = (size_t)settings->size.first;
        list.width = (size_t)settings->size.second;
    }
    return image_list_read(&list, most, x);
}

static basin_status read_class_folders(const struct images_settings *settings,
                                       const struct images_part *part, double most,
                                       struct arena *arena, struct source_input *input)
{
    struct image_folder folder;
    TRY(image_folder_list(part->folder, arena, &folder));
    TRY(label_by_folder(&folder, &input->arrays[part->y].array));
    return read_pictures(settings, part->folder, folder.paths, folder.count,
                         most - source_input_bytes(input), &input->arrays[part->x].array);
}

static basin_status read_labelled(const struct images_settings *settings,
                                  const struct images_part *part, double most, struct arena *arena,
                                  struct source_input *input)
{
    struct image_labels labels;
    struct source_array *y = &input->arrays[part->y];
    y->file = part->labels;
    y->key = part->labels_key;
    basin_status status = image_labels_read(part->labels, part->folder, arena, &labels);
    if (status == BASIN_DATA) error_key("%s", part->labels_key);
    TRY(status);
    y->array = labels.labels;
    return read_pictures(settings, part->folder, labels.paths, labels.count,
                         most - source_input_bytes(input), &input->arrays[part->x].array);
}

static basin_status read_images_part(const struct images_settings *settings,
                                     const struct images_part *part, double most,
                                     struct arena *arena, struct source_input *input)
{
    input->arrays[part->x].file = input->arrays[part->y].file = part->folder;
    input->arrays[part->x].name = "pictures";
    input->arrays[part->y].name = "labels";
    input->arrays[part->x].key = input->arrays[part->y].key = part->folder_key;
    basin_status status = part->labels ? read_labelled(settings, part, most, arena, input)
                                       : read_class_folders(settings, part, most, arena, input);
    if (status == BASIN_DATA && !basin_error_last()->key[0]) error_key("%s", part->folder_key);
    return status;
}

static basin_status read_images(const struct images_settings *settings, double most,
                                struct arena *arena, struct source_input *input)
{
    struct images_part train = {.folder = settings->path,
                                .labels = settings->labels,
                                .folder_key = "path",
                                .labels_key = "labels",
                                .x = ARRAY_X,
                                .y = ARRAY_Y};
    struct images_part test = {.folder = settings->test_path ? settings->test_path : settings->path,
                               .labels = settings->test_labels,
                               .folder_key = settings->test_path ? "test_path" : "path",
                               .labels_key = "test_labels",
                               .x = ARRAY_X_TEST,
                               .y = ARRAY_Y_TEST};
    TRY(read_images_part(settings, &train, most, arena, input));
    if (!settings->test_path && !settings->test_labels) return BASIN_OK;
    return read_images_part(settings, &test, most, arena, input);
}

static basin_status images_load(const void *settings, struct source *source)
{
    struct source_input input = {0};
    struct arena *arena;
    TRY(arena_create(&arena));
    basin_status status = read_images(settings, source->most, arena, &input);
    if (status == BASIN_OK) status = source_from_input(source, &input, settings);
    source_input_free(&input);
    arena_destroy(arena);
    return status;
}

static const struct schema_row images_parameters[] = {
    {.key = "path",
     SETTING(struct images_settings, path),
     .type = SCHEMA_PATH,
     .flags = SCHEMA_REQUIRED,
     .doc = "Folder with one folder of pictures for each class, whose name is the label (or see "
            "labels). Pictures "
            "are PNG or JPEG files, told by their content, in the order of the bytes of their "
            "names. Names that begin with a dot are passed over, links are followed, and every "
            "other file is an error. With 8 bits a sample and without transparency: pictures that "
            "would lose something are refused. No gamma, colour profile or orientation of EXIF is "
            "applied.",
     .aliases = (const char *const[]){"folder", "root", "train_path", NULL}},
    {.key = "test_path",
     SETTING(struct images_settings, test_path),
     .type = SCHEMA_PATH,
     .flags = SCHEMA_OPTIONAL,
     .doc = "The same of the test pictures; if absent, test_fraction says how many of the "
            "pictures test.",
     .aliases = (const char *const[]){"test_folder", NULL}},
    {.key = "labels",
     SETTING(struct images_settings, labels),
     .type = SCHEMA_PATH,
     .flags = SCHEMA_OPTIONAL,
     .doc = "CSV file of two columns, the name of a picture relative to `path` and its label, in "
            "place of folders of classes. Names stay inside the folder. Labels are texts, whole "
            "numbers or other numbers (then the task is a regression). The first row is a header "
            "unless it names a picture. Pictures that it does not name are not read.",
     .aliases = (const char *const[]){"csv", "label_file", NULL}},
    {.key = "test_labels",
     SETTING(struct images_settings, test_labels),
     .type = SCHEMA_PATH,
     .flags = SCHEMA_OPTIONAL,
     .doc = "The same of the test pictures, relative to test_path, or to path where that is "
            "absent."},
    {.key = "size",
     SETTING(struct images_settings, size),
     .type = SCHEMA_PAIR,
     .unit = "pixels",
     .minimum = 1,
     .maximum = 4096,
     .flags = SCHEMA_OPTIONAL,
     .doc =
         "Resizes every picture to [height, width] (one number: both), bilinear and antialiased, "
         "by the integers of Pillow's resize (rows first, as up to Pillow 11), after colours "
         "are converted. If absent, all pictures must have one size.",
     .aliases = (const char *const[]){"resize", "image_size", NULL}},
    {.key = "color",
     SETTING(struct images_settings, color),
     .type = SCHEMA_CHOICE,
     .choices = image_colors,
     .fallback = "auto",
     .doc =
         "grey: (N, height, width), of colours 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601) by the "
         "integers of Pillow's convert(\"L\"). rgb: (N, height, width, 3), of grey pictures "
         "three equal channels. auto: as the files are; grey and coloured ones together are "
         "refused, and a palette counts as colours.",
     .aliases = (const char *const[]){"channels", "colour", "mode", "grayscale", NULL}},
    DATA_FILE_ROWS,
    DATA_TEST_FRACTION,
    DATA_TASK,
    {0}};

const struct entry images_entry = {
    .name = "images",
    .doc = "PNG and JPEG files in one folder for each class, or with a CSV file of labels.",
    .parameters = images_parameters,
    .implementation = &(const struct dataset){.load = images_load, .is_own = true},
    .aliases = (const char *const[]){"image_folder", "imagefolder", "folder", "png", "jpeg", NULL},
    .settings_size = sizeof(struct images_settings)};
