#include "formats/image_list.h"

#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "store/file.h"
#include "store/foreign.h"
#include "store/handover.h"

/* Seconds of CPU: far more than reading takes, so that only a loop reaches them. */
enum { LEAST_SECONDS = 20, BYTES_PER_SECOND = 4 << 20, FILES_PER_SECOND = 20 };

/* Bytes of memory that a child has for a picture without asking for more. */
enum { SMALL_PICTURE = 64 << 20 };

/* What the child is asked for, and where it is. */
struct images_wanted {
    const struct image_list *list;
    double most;
    volatile size_t *at; /* shared with the parent */
};

/* What the first picture decides. */
struct first {
    size_t height, width, channels;
    uint8_t *pixels; /* of all */
};

/* ---- in a child ---- */

static basin_status place_image(const char *path)
{
    error_place(path, 0, 0);
    return BASIN_DATA;
}

static basin_status refuse_size(const struct image_list *list, size_t i, const struct image *image,
                                const struct first *first)
{
    error_raise(BASIN_DATA, "%s has %zu x %zu pixels, but %s has %zu x %zu", list->paths[i],
                image->height, image->width, list->paths[0], first->height, first->width);
    error_hint("size: [%zu, %zu] resizes all pictures to the first one's height and width",
               first->height, first->width);
    return place_image(list->paths[i]);
}

static basin_status refuse_color(const struct image_list *list, size_t i, const struct image *image)
{
    bool is_grey = image->channels == 1;
    error_raise(BASIN_DATA, "%s is %s, but %s is %s", list->paths[i], is_grey ? "grey" : "coloured",
                list->paths[0], is_grey ? "coloured" : "grey");
    error_hint("color: rgb reads all pictures as colour, color: grey as grey");
    return place_image(list->paths[i]);
}

/* Of a picture before it is decoded. */
static basin_status check_like_first(const struct image_list *list, size_t i,
                                     const struct image *image, const struct first *first)
{
    if (!list->height && (image->height != first->height || image->width != first->width))
        return refuse_size(list, i, image, first);
    if (list->color == IMAGE_AUTO && image->channels != first->channels)
        return refuse_color(list, i, image);
    return BASIN_OK;
}

/* Asks for the memory of all before it is taken. */
static basin_status take_first(const struct images_wanted *wanted, const struct image *image,
                               int shared, struct first *first, struct store_array *array)
{
    const struct image_list *list = wanted->list;
    void *pixels;
    first->height = list->height ? list->height : image->height;
    first->width = list->width ? list->width : image->width;
    first->channels = list->color == IMAGE_AUTO  ? image->channels
                      : list->color == IMAGE_RGB ? 3
                                                 : 1;
    double bytes = (double)list->count * (double)first->height * (double)first->width *
                   (double)first->channels;
    TRY(store_array_room(list->folder, NULL, bytes, wanted->most));
    foreign_allow(bytes);
    TRY(handover_room(shared, (size_t)bytes, &pixels));
    first->pixels = pixels;
    *array = (struct store_array){.type = RECORD_BYTE,
                                  .rank = first->channels == 3 ? 4 : 3,
                                  .dims = {list->count, first->height, first->width, 3},
                                  .data = pixels};
    if (first->channels == 1) array->dims[3] = 0;
    return BASIN_OK;
}

static basin_status put_image(const struct images_wanted *wanted, size_t i, const uint8_t *bytes,
                              size_t length, const struct first *first)
{
    const struct image_list *list = wanted->list;
    size_t size = first->height * first->width * first->channels;
    struct image image;
    TRY(image_decode(list->paths[i], bytes, length, wanted->most, &image));
    basin_status status = image_recolor(&image, list->color);
    if (status == BASIN_OK) status = image_resize(&image, first->height, first->width);
    if (status == BASIN_OK) memcpy(first->pixels + i * size, image.pixels, size);
    image_free(&image);
    return status;
}

static basin_status add_image(const struct images_wanted *wanted, size_t i, const uint8_t *bytes,
                              size_t length, int shared, struct first *first,
                              struct store_array *array)
{
    struct image image;
    double memory;
    TRY(image_measure(wanted->list->paths[i], bytes, length, &image, &memory));
    if (!first->pixels) TRY(take_first(wanted, &image, shared, first, array));
    TRY(check_like_first(wanted->list, i, &image, first));
    if (memory > SMALL_PICTURE) foreign_allow(3 * memory);
    return put_image(wanted, i, bytes, length, first);
}

static basin_status images_in_child(const void *context, void *result, int shared)
{
    const struct images_wanted *wanted = context;
    struct first first = {0};
    for (size_t i = 0; i < wanted->list->count; i++) {
        uint8_t *bytes;
        size_t length;
        *wanted->at = i;
        TRY(file_read(wanted->list->paths[i], &bytes, &length));
        basin_status status = add_image(wanted, i, bytes, length, shared, &first, result);
        memory_free(bytes);
        TRY(status);
    }
    return BASIN_OK;
}

/* ---- in the parent ---- */

/* The child may have left anything. */
static const char *culprit(const void *context)
{
    const struct images_wanted *wanted = context;
    size_t at = *wanted->at;
    return at < wanted->list->count ? wanted->list->paths[at] : wanted->list->folder;
}

/* Files that are none are told of before a child is made; `*bytes` counts all. */
static basin_status check_files(const struct image_list *list, double most, double *bytes)
{
    *bytes = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct stat about = {0};
        TRY(store_array_file(list->paths[i], "a picture"));
        stat(list->paths[i], &about);
        TRY(store_array_room(list->paths[i], NULL, (double)about.st_size, most));
        *bytes += (double)about.st_size;
    }
    return BASIN_OK;
}

static basin_status images_read_with(struct images_wanted *wanted, double bytes,
                                     struct store_array *array)
{
    const struct image_list *list = wanted->list;
    double seconds =
        LEAST_SECONDS + bytes / BYTES_PER_SECOND + (double)list->count / FILES_PER_SECOND;
    struct foreign foreign = {.path = list->folder,
                              .at = culprit,
                              .library = "the decoder of pictures",
                              .read = images_in_child,
                              .context = wanted,
                              .result_size = sizeof *array,
                              .seconds = (unsigned)fmin(seconds, 1e8)};
    struct store_array read = {0};
    int shared;
    TRY(foreign_read(&foreign, &read, &shared));
    TRY(handover_take(list->folder, "its pictures", foreign.library, shared, &read));
    *array = read;
    return BASIN_OK;
}

basin_status image_list_read(const struct image_list *list, double most, struct store_array *array)
{
    struct images_wanted wanted = {.list = list, .most = store_array_most(most)};
    double bytes;
    *array = (struct store_array){0};
    TRY(check_files(list, wanted.most, &bytes));
    void *page =
        mmap(NULL, sizeof *wanted.at, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return error_memory(sizeof *wanted.at);
    wanted.at = page;
    basin_status status = images_read_with(&wanted, bytes, array);
    munmap(page, sizeof *wanted.at);
    return status;
}
