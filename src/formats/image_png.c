/* The decoder of PNG files, on libpng. */
#include "formats/image_file.h"

#include <png.h>
#include <setjmp.h>
#include <string.h>
#include "base/arena.h"
#include "store/array.h"

struct png_reader {
    const struct image_source *source;
    size_t at; /* byte of the file */
    png_structp png;
    png_infop info;
    size_t width, height, samples, sample_bytes; /* samples of a pixel, alpha too */
    uint8_t *raw;                                /* (height, width, samples), as libpng gives it */
    png_colorp palette;                          /* NULL: pixels are no indices; else of `colors` */
    int colors;
    bool is_short; /* of memory */
    basin_status status;
};

/* ---- what libpng calls ---- */

static basin_status refuse_png(const struct png_reader *reader, const char *what)
{
    error_raise(BASIN_DATA, "%s is a damaged PNG file: %s (byte %zu)", reader->source->name, what,
                reader->at);
    error_byte(reader->source->name, (long long)reader->at);
    error_hint("copy it again, or make it again");
    return BASIN_DATA;
}

static void on_png_error(png_structp png, png_const_charp message)
{
    struct png_reader *reader = png_get_error_ptr(png);
    reader->status = reader->is_short ? BASIN_MEMORY : refuse_png(reader, message);
    png_longjmp(png, 1);
}

/* Of what does not touch the pixels; errors that libpng could go on after are errors here
 * (png_set_benign_errors). */
static void on_png_warning(png_structp png, png_const_charp message)
{
    (void)png, (void)message;
}

static void on_png_read(png_structp png, png_bytep out, png_size_t length)
{
    struct png_reader *reader = png_get_io_ptr(png);
    if (length > reader->source->length - reader->at) {
        reader->at = reader->source->length;
        png_error(png, "the file ends early");
    }
    memcpy(out, reader->source->bytes + reader->at, length);
    reader->at += length;
}

static png_voidp take_for_png(png_structp png, png_alloc_size_t bytes)
{
    struct png_reader *reader = png_get_mem_ptr(png);
    void *memory = memory_allocate(bytes);
    if (!memory) reader->is_short = true;
    return memory;
}

static void give_from_png(png_structp png, png_voidp memory)
{
    (void)png;
    memory_free(memory);
}

/* ---- reading ---- */

/* Chunks that say nothing about pixels as stored are skipped, so that none of them can unpack to
 * gigabytes; their CRC is looked at. */
static void set_png_strict(png_structp png)
{
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* image_check_size says more */
    png_set_benign_errors(png, 0);
    png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
}

/* Up to the pixels. */
static basin_status read_png_head(struct png_reader *reader, struct image *image)
{
    png_structp png = reader->png;
    png_read_info(png, reader->info);
    image->width = reader->width = png_get_image_width(png, reader->info);
    image->height = reader->height = png_get_image_height(png, reader->info);
    int kind = png_get_color_type(png, reader->info), depth = png_get_bit_depth(png, reader->info);
    bool is_keyed = png_get_valid(png, reader->info, PNG_INFO_tRNS) != 0;
    image->channels = kind & PNG_COLOR_MASK_COLOR ? 3 : 1;
    reader->samples = image->channels + (is_keyed || kind & PNG_COLOR_MASK_ALPHA ? 1 : 0);
    reader->sample_bytes = depth == 16 ? 2 : 1;
    if (kind == PNG_COLOR_TYPE_PALETTE) {
        png_get_PLTE(png, reader->info, &reader->palette, &reader->colors);
        reader->samples = 1;
    }
    return image_check_size(reader->source, image,
                            depth * png_get_channels(png, reader->info) / 1032.0); /* deflate's */
}

static double png_bytes_taken(const struct png_reader *reader)
{
    return (double)reader->height * (double)reader->width *
           (reader->palette ? 3 : (double)(reader->samples * reader->sample_bytes));
}

/* Indices are read to the end of their colours, which then overtake none that is still wanted. */
static size_t indices_start(const struct png_reader *reader)
{
    return reader->palette ? 2 * reader->height * reader->width : 0;
}

/* Every row of every pass of an interlaced file goes to its place. */
static void read_png_rows(struct png_reader *reader)
{
    png_structp png = reader->png;
    size_t row = png_get_rowbytes(png, reader->info);
    uint8_t *start = reader->raw + indices_start(reader);
    for (int pass = png_set_interlace_handling(png); pass > 0; pass--)
        for (size_t y = 0; y < reader->height; y++) png_read_row(png, start + y * row, NULL);
    png_read_end(png, NULL);
}

static basin_status read_png_pixels(struct png_reader *reader)
{
    png_structp png = reader->png;
    if (reader->palette)
        png_set_packing(png); /* indices of 1, 2, 4 bits to bytes */
    else
        png_set_expand(png); /* 1, 2, 4 bits to 8, tRNS to alpha */
    png_set_interlace_handling(png);
    png_read_update_info(png, reader->info);
    size_t wanted = reader->width * reader->samples * reader->sample_bytes;
    if (png_get_rowbytes(png, reader->info) != wanted)
        return refuse_png(reader, "its rows are not as long as its header says");
    TRY(store_array_room(reader->source->name, NULL, png_bytes_taken(reader),
                         reader->source->most));
    reader->raw = memory_allocate((size_t)png_bytes_taken(reader));
    if (!reader->raw) return BASIN_MEMORY;
    read_png_rows(reader);
    return BASIN_OK;
}

/* ---- what libpng gives, as pixels ---- */

/* Adds the place and the hint to the error that was raised. */
static basin_status refuse_png_pixel(const struct png_reader *reader, size_t pixel,
                                     const char *hint)
{
    error_prefix("%s: row %zu, column %zu", reader->source->name, pixel / reader->width,
                 pixel % reader->width);
    error_place(reader->source->name, 0, 0);
    error_hint("%s", hint);
    return BASIN_DATA;
}

static basin_status refuse_alpha(const struct png_reader *reader, size_t pixel, unsigned alpha)
{
    error_raise(BASIN_DATA, "alpha is %u, but only opaque pictures can be read", alpha);
    return refuse_png_pixel(
        reader, pixel, "lay it on a background: convert IN.png -background white -flatten OUT.png");
}

static basin_status refuse_depth(const struct png_reader *reader, size_t pixel, unsigned value)
{
    error_raise(BASIN_DATA, "the 16-bit sample %u does not fit into 8 bits", value);
    return refuse_png_pixel(reader, pixel,
                            "reduce the picture (convert IN.png -depth 8 OUT.png), or bring its "
                            "numbers in full as a NumPy or HDF5 array");
}

static basin_status look_up_png(const struct png_reader *reader)
{
    const uint8_t *index = reader->raw + indices_start(reader);
    uint8_t *to = reader->raw;
    png_bytep alpha = NULL;
    int alphas = 0;
    png_get_tRNS(reader->png, reader->info, &alpha, &alphas, NULL);
    for (size_t i = 0; i < reader->height * reader->width; i++, to += 3) {
        unsigned at = index[i];
        if ((int)at >= reader->colors) return refuse_png(reader, "a colour beyond its palette");
        if (alpha && (int)at < alphas && alpha[at] != 255)
            return refuse_alpha(reader, i, alpha[at]);
        to[0] = reader->palette[at].red;
        to[1] = reader->palette[at].green;
        to[2] = reader->palette[at].blue;
    }
    return BASIN_OK;
}

/* Bytes of 8 or 16 bits, alpha too, become bytes without it, where they stand. */
static basin_status compact_png(const struct png_reader *reader, size_t channels)
{
    const uint8_t *from = reader->raw;
    uint8_t *to = reader->raw;
    size_t wide = reader->sample_bytes;
    for (size_t i = 0; i < reader->height * reader->width; i++)
        for (size_t k = 0; k < reader->samples; k++, from += wide) {
            unsigned value = wide == 2 ? (unsigned)(from[0] << 8 | from[1]) : from[0];
            if (k == channels && value != (wide == 2 ? 65535 : 255))
                return refuse_alpha(reader, i, value);
            if (wide == 2 && from[0] != from[1]) return refuse_depth(reader, i, value);
            if (k < channels) *to++ = from[0];
        }
    return BASIN_OK;
}

static basin_status read_png_all(struct png_reader *reader, bool measure, struct image *image,
                                 double *memory)
{
    set_png_strict(reader->png);
    TRY(read_png_head(reader, image));
    *memory = png_bytes_taken(reader);
    if (measure) return BASIN_OK;
    TRY(read_png_pixels(reader));
    return reader->palette ? look_up_png(reader) : compact_png(reader, image->channels);
}

/* Where libpng gives up it comes back to setjmp; all that is known then is in `reader`. */
static basin_status read_png_guarded(struct png_reader *reader, bool measure, struct image *image,
                                     double *memory)
{
    if (setjmp(png_jmpbuf(reader->png))) return reader->status;
    png_set_read_fn(reader->png, reader, on_png_read);
    return read_png_all(reader, measure, image, memory);
}

basin_status image_png(const struct image_source *source, bool measure, struct image *image,
                       double *memory)
{
    struct png_reader reader = {.source = source};
    basin_status status = BASIN_MEMORY;
    reader.png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &reader, on_png_error,
                                          on_png_warning, &reader, take_for_png, give_from_png);
    if (reader.png) reader.info = png_create_info_struct(reader.png);
    if (reader.info) status = read_png_guarded(&reader, measure, image, memory);
    png_destroy_read_struct(&reader.png, &reader.info, NULL);
    if (status == BASIN_OK)
        image->pixels = reader.raw;
    else
        memory_free(reader.raw);
    return status;
}

const char *image_png_library(void)
{
    return png_get_libpng_ver(NULL);
}
