/* The decoder of JPEG files, on libjpeg-turbo. */
#include "formats/image_file.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <jpeglib.h>
#include "base/arena.h"
#include "store/array.h"

/* More scans than any program writes: each is a pass over all of a picture, and a few bytes of file
 * make one. */
enum { SCANS_MOST = 500 };

struct jpeg_reader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf back;
    const struct image_source *source;
    uint8_t *pixels;
    basin_status status;
};

/* ---- what libjpeg calls ---- */

static basin_status refuse_jpeg(const char *name, const char *what)
{
    error_raise(BASIN_DATA, "%s is a damaged JPEG file: %s", name, what);
    error_place(name, 0, 0);
    error_hint("copy it again, or make it again");
    return BASIN_DATA;
}

static _Noreturn void on_jpeg_error(j_common_ptr jpeg)
{
    struct jpeg_reader *reader = jpeg->client_data;
    char what[JMSG_LENGTH_MAX];
    jpeg->err->format_message(jpeg, what);
    reader->status = strncmp(what, "Insufficient memory", 19) == 0
                         ? error_memory(0)
                         : refuse_jpeg(reader->source->name, what);
    longjmp(reader->back, 1);
}

/* Levels below 0 are warnings: libjpeg goes on with pixels that it made up. Messages are told by
 * their text, since jerror.h, which has their numbers, uses what base/banned.h bans. */
static void on_jpeg_message(j_common_ptr jpeg, int level)
{
    char what[JMSG_LENGTH_MAX];
    if (level >= 0) return;
    jpeg->err->format_message(jpeg, what);
    if (!strstr(what, "extraneous bytes before marker 0xd9")) on_jpeg_error(jpeg);
}

static void on_jpeg_output(j_common_ptr jpeg)
{
    (void)jpeg;
}

static void on_jpeg_progress(j_common_ptr jpeg)
{
    struct jpeg_reader *reader = jpeg->client_data;
    if (reader->jpeg.input_scan_number <= SCANS_MOST) return;
    reader->status = refuse_jpeg(reader->source->name, "it has more than 500 scans");
    longjmp(reader->back, 1);
}

/* ---- reading ---- */

static basin_status refuse_jpeg_color(const struct jpeg_reader *reader)
{
    const char *name = reader->source->name;
    error_raise(BASIN_DATA, "%s is a JPEG file of %d channels (%s); grey and colour can be read",
                name, reader->jpeg.num_components,
                reader->jpeg.num_components == 4 ? "CMYK" : "of unknown colours");
    error_place(name, 0, 0);
    error_hint("convert it: convert IN.jpg -colorspace sRGB OUT.jpg");
    return BASIN_DATA;
}

/* An entropy coder spends a bit on a block of 64 pixels at the least, and three components may be
 * sampled so that there are but half as many blocks; arithmetic coding may spend less. */
static double least_bits(const struct jpeg_decompress_struct *jpeg)
{
    return jpeg->arith_code ? 0 : 1.0 / 128;
}

static basin_status read_jpeg_head(struct jpeg_reader *reader, struct image *image, double *memory)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    jpeg_mem_src(jpeg, reader->source->bytes, reader->source->length);
    jpeg_read_header(jpeg, TRUE);
    image->height = jpeg->image_height;
    image->width = jpeg->image_width;
    J_COLOR_SPACE space = jpeg->jpeg_color_space;
    if (space != JCS_GRAYSCALE && space != JCS_YCbCr && space != JCS_RGB)
        return refuse_jpeg_color(reader);
    image->channels = space == JCS_GRAYSCALE ? 1 : 3;
    jpeg->out_color_space = space == JCS_GRAYSCALE ? JCS_GRAYSCALE : JCS_RGB;
    /* Pixels, and of a file of several scans all coefficients, which are twice as wide; components
     * may be sampled up to whole blocks. */
    *memory = 4.0 * (double)image->height * (double)image->width * (double)image->channels;
    return image_check_size(reader->source, image, least_bits(jpeg));
}

static basin_status read_jpeg_pixels(struct jpeg_reader *reader, const struct image *image,
                                     double memory)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    size_t row = image->width * image->channels;
    TRY(store_array_room(reader->source->name, NULL, memory, reader->source->most));
    reader->pixels = memory_allocate(row * image->height);
    if (!reader->pixels) return BASIN_MEMORY;
    jpeg_start_decompress(jpeg);
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW to = reader->pixels + row * jpeg->output_scanline;
        jpeg_read_scanlines(jpeg, &to, 1);
    }
    jpeg_finish_decompress(jpeg);
    return BASIN_OK;
}

/* Where libjpeg gives up it comes back to setjmp; all that is known then is in `reader`. */
static basin_status read_jpeg_guarded(struct jpeg_reader *reader, bool measure, struct image *image,
                                      double *memory)
{
    if (setjmp(reader->back)) return reader->status;
    jpeg_create_decompress(&reader->jpeg);
    reader->jpeg.progress = &reader->progress;
    TRY(read_jpeg_head(reader, image, memory));
    return measure ? BASIN_OK : read_jpeg_pixels(reader, image, *memory);
}

basin_status image_jpeg(const struct image_source *source, bool measure, struct image *image,
                        double *memory)
{
    struct jpeg_reader reader = {.source = source};
    reader.jpeg.err = jpeg_std_error(&reader.errors);
    reader.jpeg.client_data = &reader;
    reader.errors.error_exit = on_jpeg_error;
    reader.errors.emit_message = on_jpeg_message;
    reader.errors.output_message = on_jpeg_output;
    reader.progress.progress_monitor = on_jpeg_progress;
    basin_status status = read_jpeg_guarded(&reader, measure, image, memory);
    jpeg_destroy_decompress(&reader.jpeg);
    if (status == BASIN_OK)
        image->pixels = reader.pixels;
    else
        memory_free(reader.pixels);
    return status;
}

#define VERSION_TEXT(version) #version
#define VERSION_OF(version) VERSION_TEXT(version)

/* That of its header: the library does not say. */
const char *image_jpeg_library(void)
{
    return VERSION_OF(LIBJPEG_TURBO_VERSION);
}
