#include "formats/image_file.h"

#include <string.h>
#include "base/arena.h"
#include "base/text.h"

/* ---- which decoder ---- */

struct decoder {
    const char *magic;
    size_t length;
    basin_status (*read)(const struct image_source *source, bool measure, struct image *image,
                         double *memory);
};

static const struct decoder decoders[] = {{"\x89PNG\r\n\x1a\n", 8, image_png},
                                          {"\xff\xd8\xff", 3, image_jpeg}};

/* Formats that users bring too, so that a message can say what a file is. */
static const struct {
    const char *magic, *name;
    size_t at, length;
} others[] = {
    {"GIF8", "a GIF file", 0, 4},        {"BM", "a BMP file", 0, 2},
    {"II*\0", "a TIFF file", 0, 4},      {"MM\0*", "a TIFF file", 0, 4},
    {"WEBP", "a WebP file", 8, 4},       {"ftypavif", "an AVIF file", 4, 8},
    {"ftyphei", "a HEIC file", 4, 7},    {"P5", "a PGM file", 0, 2},
    {"P6", "a PPM file", 0, 2},          {"%PDF", "a PDF file", 0, 4},
    {"PK\3\4", "a zip archive", 0, 4},   {"\x1f\x8b", "a gzip file", 0, 2},
    {"\x89HDF", "an HDF5 file", 0, 4},   {"<svg", "an SVG file", 0, 4},
    {"\x93NUMPY", "a NumPy file", 0, 6}, {"\x89PNG", "a PNG file with a damaged signature", 0, 4}};

static basin_status refuse_kind(const struct image_source *source)
{
    const char *what = source->length ? "of another kind" : "empty";
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (source->length >= others[i].at + others[i].length &&
            memcmp(source->bytes + others[i].at, others[i].magic, others[i].length) == 0) {
            what = others[i].name;
            break;
        }
    error_raise(BASIN_DATA, "%s is %s, not a PNG or JPEG picture", source->name, what);
    error_place(source->name, 0, 0);
    error_hint("convert it, move it elsewhere, or hide it by a name that begins with a dot");
    return BASIN_DATA;
}

static basin_status read_by_magic(const struct image_source *source, bool measure,
                                  struct image *image, double *memory)
{
    *image = (struct image){0};
    for (size_t i = 0; i < sizeof decoders / sizeof *decoders; i++) {
        const struct decoder *decoder = &decoders[i];
        if (source->length < decoder->length ||
            memcmp(source->bytes, decoder->magic, decoder->length) != 0)
            continue;
        basin_status status = decoder->read(source, measure, image, memory);
        if (status != BASIN_OK) image_free(image);
        return status;
    }
    return refuse_kind(source);
}

basin_status image_measure(const char *name, const uint8_t *bytes, size_t length,
                           struct image *image, double *memory)
{
    struct image_source source = {.name = name, .bytes = bytes, .length = length};
    return read_by_magic(&source, true, image, memory);
}

basin_status image_decode(const char *name, const uint8_t *bytes, size_t length, double most,
                          struct image *image)
{
    struct image_source source = {.name = name, .bytes = bytes, .length = length, .most = most};
    double memory;
    return read_by_magic(&source, false, image, &memory);
}

void image_free(struct image *image)
{
    memory_free(image->pixels);
    image->pixels = NULL;
}

/* ---- sizes ---- */

basin_status image_check_size(const struct image_source *source, const struct image *image,
                              double least)
{
    double pixels = (double)image->height * (double)image->width;
    if (pixels * least > 8 * (double)source->length)
        error_raise(BASIN_DATA,
                    "%s claims %zu x %zu pixels, more than a file of %zu bytes can hold",
                    source->name, image->height, image->width, source->length);
    else if (pixels > IMAGE_PIXELS_MOST)
        error_raise(BASIN_DATA, "%s has %zu x %zu pixels; at most %d can be read", source->name,
                    image->height, image->width, IMAGE_PIXELS_MOST);
    else
        return BASIN_OK;
    error_place(source->name, 0, 0);
    return BASIN_DATA;
}

/* ---- colours ---- */

static uint8_t grey_of(const uint8_t *rgb)
{
    return (uint8_t)((rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + 32768) >> 16);
}

basin_status image_recolor(struct image *image, enum image_color color)
{
    size_t count = image->height * image->width, channels = color == IMAGE_GREY ? 1 : 3;
    if (color == IMAGE_AUTO || channels == image->channels) return BASIN_OK;
    uint8_t *pixels = memory_allocate(count * channels);
    if (!pixels) return BASIN_MEMORY;
    for (size_t i = 0; i < count; i++)
        if (channels == 1)
            pixels[i] = grey_of(image->pixels + 3 * i);
        else
            memset(pixels + 3 * i, image->pixels[i], 3);
    memory_free(image->pixels);
    image->pixels = pixels;
    image->channels = channels;
    return BASIN_OK;
}
