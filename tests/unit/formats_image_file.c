/* formats/image_file.c, image_png.c, image_jpeg.c: pictures of every kind against pixels that are
 * known, and files that are no pictures. */
#include "formats/image_file.h"
#include "pictures.h"
#include "png_files.h"

TestSuite(image_file, .init = data_start, .fini = data_stop);

enum { HEIGHT = 6, WIDTH = 11, PIXELS = HEIGHT * WIDTH };

/* 5 colours, and so many entries as the depth can name, that all exist. */
static const uint8_t palette[16 * 3] = {250, 1,  2,  3,  240, 5,   6,  7,  230, 8,  9,
                                        10,  90, 80, 70, 60,  250, 40, 30, 20,  10, 0};

static void check_pixels(const struct png_bytes *png, size_t channels, const uint8_t *want,
                         const char *what)
{
    struct image image;
    double memory;
    OK(image_measure("a.png", png->bytes, png->length, &image, &memory));
    cr_assert(image.height == HEIGHT && image.width == WIDTH && image.channels == channels, "%s",
              what);
    cr_assert_null(image.pixels);
    OK(image_decode("a.png", png->bytes, png->length, INFINITY, &image));
    cr_assert(image.height == HEIGHT && image.width == WIDTH && image.channels == channels);
    for (size_t i = 0; i < PIXELS * channels; i++)
        cr_assert_eq(image.pixels[i], want[i], "%s: %zu", what, i);
    image_free(&image);
}

/* What sample i of a channel is as a byte, by the standard: spread evenly over 0 ... 255. */
static uint8_t as_byte(const struct png_spec *spec, size_t i)
{
    return (uint8_t)(spec->samples[i] * 255 / ((1u << spec->depth) - 1));
}

static void check_kind(unsigned kind, unsigned depth, bool interlaced)
{
    uint16_t samples[PIXELS * 4];
    uint8_t want[PIXELS * 3];
    struct png_bytes png;
    unsigned all = png_channels(kind), color = kind == 2 || kind == 6 ? 3 : 1,
             highest = 1u << depth;
    struct png_spec spec = {WIDTH, HEIGHT, depth, kind, interlaced, samples};
    for (size_t i = 0; i < PIXELS * all; i++) {
        unsigned value = (unsigned)(i * 37 + i / 7) % 256;
        samples[i] = (uint16_t)(depth == 16 ? value * 257 : value % highest);
        if (all > color && i % all == color) samples[i] = (uint16_t)(highest - 1); /* opaque */
    }
    for (size_t i = 0; i < PIXELS; i++)
        for (size_t c = 0; c < color; c++) want[i * color + c] = as_byte(&spec, i * all + c);
    png_write(&spec, &png);
    char what[64];
    snprintf(what, sizeof what, "kind %u, %u bits%s", kind, depth,
             interlaced ? ", interlaced" : "");
    check_pixels(&png, color, want, what);
}

Test(image_file, png_of_every_kind_and_depth)
{
    static const struct {
        unsigned kind, depth;
    } kinds[] = {{0, 1},  {0, 2}, {0, 4},  {0, 8}, {0, 16}, {2, 8},
                 {2, 16}, {4, 8}, {4, 16}, {6, 8}, {6, 16}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        for (int interlaced = 0; interlaced < 2; interlaced++)
            check_kind(kinds[i].kind, kinds[i].depth, interlaced);
}

static void make_palette(struct png_bytes *png, unsigned depth, bool interlaced, size_t colors,
                         const uint8_t *trns, uint8_t *want)
{
    static uint16_t samples[PIXELS];
    unsigned most = (1u << depth) < 5 ? 1u << depth : 5;
    for (size_t i = 0; i < PIXELS; i++) {
        samples[i] = (uint16_t)((i * 7 + i / 5) % most);
        if (want) memcpy(want + 3 * i, palette + 3 * samples[i], 3);
    }
    png_write(&(struct png_spec){WIDTH, HEIGHT, depth, 3, interlaced, samples, palette, colors,
                                 trns, trns ? 2 : 0},
              png);
}

Test(image_file, png_of_a_palette)
{
    uint8_t want[PIXELS * 3];
    struct png_bytes png;
    for (unsigned depth = 1; depth <= 8; depth *= 2)
        for (int interlaced = 0; interlaced < 2; interlaced++) {
            size_t colors = depth < 3 ? 1u << depth : 7;
            make_palette(&png, depth, interlaced, colors, NULL, want);
            check_pixels(&png, 3, want, "palette");
            make_palette(&png, depth, interlaced, colors, (const uint8_t *)"\xff\xff", want);
            check_pixels(&png, 3, want, "palette with tRNS that is opaque");
        }
}

static void refuse_bytes(const void *bytes, size_t length, const char *text)
{
    struct image image;
    check_message(image_decode("dir/a.png", bytes, length, INFINITY, &image), BASIN_DATA,
                  (const char *const[]){text, "dir/a.png", NULL});
    cr_assert_null(image.pixels);
    cr_assert_str_eq(basin_error_last()->file, "dir/a.png");
}

/* A grey picture of 2 x 2 with one sample of the last pixel. */
static void refuse_sample(unsigned kind, unsigned depth, uint16_t value, unsigned channel,
                          const uint8_t *trns, const char *text)
{
    uint16_t samples[16];
    struct png_bytes png;
    unsigned channels = png_channels(kind);
    for (int i = 0; i < 16; i++) samples[i] = (uint16_t)((1u << depth) - 1);
    samples[3 * channels + channel] = value;
    png_write(&(struct png_spec){2, 2, depth, kind, false, samples, NULL, 0, trns,
                                 trns ? (kind == 2 ? 6 : 2) : 0},
              &png);
    refuse_bytes(png.bytes, png.length, text);
}

Test(image_file, what_pixels_would_lose_is_refused)
{
    const uint8_t *key = (const uint8_t *)"\0\x07";
    refuse_sample(4, 8, 254, 1, NULL, "row 1, column 1: alpha is 254, but only opaque pictures");
    refuse_sample(6, 8, 0, 3, NULL, "row 1, column 1: alpha is 0");
    refuse_sample(6, 16, 65534, 3, NULL, "alpha is 65534");
    refuse_sample(0, 8, 7, 0, key, "row 1, column 1: alpha is 0");
    refuse_sample(0, 16, 1000, 0, NULL, "row 1, column 1: the 16-bit sample 1000 does not fit");
    refuse_sample(2, 16, 256, 1, NULL, "the 16-bit sample 256 does not fit");
    struct png_bytes png;
    make_palette(&png, 2, false, 4, (const uint8_t *)"\xff\x80", NULL);
    refuse_bytes(png.bytes, png.length, "row 0, column 3: alpha is 128");
}

Test(image_file, a_key_that_no_pixel_has_is_opaque)
{
    uint16_t samples[PIXELS];
    uint8_t want[PIXELS];
    struct png_bytes png;
    for (size_t i = 0; i < PIXELS; i++) want[i] = (uint8_t)(samples[i] = (uint16_t)(i + 9));
    png_write(&(struct png_spec){WIDTH, HEIGHT, 8, 0, false, samples, NULL, 0,
                                 (const uint8_t *)"\0\x07", 2},
              &png);
    check_pixels(&png, 1, want, "key");
}

Test(image_file, a_palette_index_beyond_the_palette_is_refused)
{
    struct png_bytes png;
    make_palette(&png, 4, false, 3, NULL, NULL);
    refuse_bytes(png.bytes, png.length, "palette");
}

/* ---- damage ---- */

static void make_small(struct png_bytes *png)
{
    static const uint16_t samples[] = {1, 2, 3, 4, 5, 6};
    png_write(&(struct png_spec){3, 2, 8, 0, false, samples}, png);
}

Test(image_file, every_truncation_of_a_png_is_refused)
{
    struct png_bytes png;
    make_small(&png);
    for (size_t cut = 0; cut < png.length; cut++)
        refuse_bytes(png.bytes, cut, cut == 0 ? "is empty" : cut < 4 ? "of another kind" : "PNG");
    refuse_bytes(png.bytes, png.length - 1, "the file ends early (byte");
}

Test(image_file, every_flipped_bit_of_a_png_is_refused)
{
    struct png_bytes png;
    make_small(&png);
    for (size_t bit = 0; bit < 8 * png.length; bit++) {
        struct image image;
        png.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        cr_assert_eq(image_decode("a", png.bytes, png.length, INFINITY, &image), BASIN_DATA,
                     "bit %zu of byte %zu", bit % 8, bit / 8);
        png.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

Test(image_file, a_wrong_checksum_is_told_with_its_byte)
{
    struct png_bytes png;
    make_small(&png);
    png.bytes[png.length - 13] ^= 1; /* the CRC of IDAT */
    refuse_bytes(png.bytes, png.length, "is a damaged PNG file: IDAT: CRC error (byte ");
    cr_assert_eq(basin_error_last()->byte, png.length - 12);
}

/* A chunk that nobody needs, but for which its checksum says that the file was damaged. */
Test(image_file, ancillary_chunks_are_checked_and_skipped)
{
    struct png_bytes png;
    uint8_t want[PIXELS];
    uint16_t samples[PIXELS];
    struct png_bytes whole;
    for (size_t i = 0; i < PIXELS; i++) want[i] = (uint8_t)(samples[i] = (uint16_t)(3 * i));
    png_write(&(struct png_spec){WIDTH, HEIGHT, 8, 0, false, samples}, &whole);
    png_start(&png, WIDTH, HEIGHT, 8, 0, false);
    size_t at = png.length;
    png_chunk(&png, "gAMA", "\0\0\x10\0", 4);
    png_chunk(&png, "iCCP", "x\0\0nonsense", 10);
    memcpy(png.bytes + png.length, whole.bytes + at, whole.length - at);
    png.length += whole.length - at;
    check_pixels(&png, 1, want, "gamma and profile");
    png.bytes[at + 9] ^= 1;
    refuse_bytes(png.bytes, png.length, "CRC error");
}

Test(image_file, absurd_sizes_take_no_memory)
{
    struct png_bytes png;
    png_start(&png, 100000, 100000, 8, 2, false);
    png_chunk(&png, "IDAT", "nonsense", 8);
    memory_peak_start();
    refuse_bytes(png.bytes, png.length,
                 "claims 100000 x 100000 pixels, more than a file of 53 bytes");
    png_start(&png, 0x7fffffff, 0x7fffffff, 1, 0, true);
    png_chunk(&png, "IDAT", "nonsense", 8);
    refuse_bytes(png.bytes, png.length, "claims 2147483647 x 2147483647 pixels");
    uint8_t jpeg[sizeof jpeg_color];
    memcpy(jpeg, jpeg_color, sizeof jpeg);
    for (size_t i = 0; i + 8 < sizeof jpeg; i++)
        if (jpeg[i] == 0xff && jpeg[i + 1] == 0xc0) memset(jpeg + i + 5, 0xfe, 4);
    refuse_bytes(jpeg, sizeof jpeg, "claims 65278 x 65278 pixels");
    cr_assert_lt(memory_peak(), 1 << 20);
}

Test(image_file, a_picture_needs_room)
{
    struct image image;
    struct png_bytes png;
    make_small(&png);
    cr_assert_eq(image_decode("a.png", png.bytes, png.length, 5, &image), BASIN_DATA);
    cr_assert(strstr(basin_error_last()->message, "a.png takes 6 B of memory"), "%s",
              basin_error_last()->message);
}

Test(image_file, a_shortage_of_memory_is_an_error)
{
    struct png_bytes png;
    make_small(&png);
    for (long n = 1, ended = 0; !ended; n++) {
        struct image image;
        memory_fail_at(n);
        basin_status status = image_decode("a.png", png.bytes, png.length, INFINITY, &image);
        ended = memory_fail_left() > 0;
        memory_fail_at(0);
        cr_assert_eq(status, ended ? BASIN_OK : BASIN_MEMORY, "allocation %ld", n);
        image_free(&image);
    }
}

/* ---- JPEG ---- */

static void check_jpeg(const uint8_t *file, size_t length, enum image_color color, size_t height,
                       size_t width, size_t channels, const uint8_t *want)
{
    struct image image;
    OK(image_decode("a.jpg", file, length, INFINITY, &image));
    OK(image_recolor(&image, color));
    cr_assert(image.height == height && image.width == width && image.channels == channels);
    for (size_t i = 0; i < height * width * channels; i++) cr_assert_eq(image.pixels[i], want[i]);
    image_free(&image);
}

Test(image_file, jpeg_gives_the_pixels_that_pillow_gives)
{
    check_jpeg(jpeg_color, sizeof jpeg_color, IMAGE_AUTO, 11, 13, 3, jpeg_color_pixels);
    check_jpeg(jpeg_color, sizeof jpeg_color, IMAGE_RGB, 11, 13, 3, jpeg_color_pixels);
    check_jpeg(jpeg_progressive, sizeof jpeg_progressive, IMAGE_GREY, 11, 13, 1,
               jpeg_progressive_grey);
    check_jpeg(jpeg_grey, sizeof jpeg_grey, IMAGE_AUTO, 5, 9, 1, jpeg_grey_pixels);
}

Test(image_file, jpeg_in_four_inks_is_refused)
{
    refuse_bytes(jpeg_cmyk, sizeof jpeg_cmyk, "is a JPEG file of 4 channels (CMYK)");
}

static void cut_jpeg(const uint8_t *file, size_t length)
{
    for (size_t cut = 3; cut < length; cut++) refuse_bytes(file, cut, "is a damaged JPEG file");
}

Test(image_file, every_truncation_of_a_jpeg_is_refused)
{
    cut_jpeg(jpeg_color, sizeof jpeg_color);
    cut_jpeg(jpeg_progressive, sizeof jpeg_progressive);
    cut_jpeg(jpeg_grey, sizeof jpeg_grey);
}

/* Cameras leave some; everywhere else libjpeg would go on with what it made up. */
Test(image_file, bytes_left_over_before_the_end_of_a_jpeg_are_allowed)
{
    uint8_t bytes[sizeof jpeg_color + 4];
    size_t end = sizeof jpeg_color - 2;
    memcpy(bytes, jpeg_color, end);
    memcpy(bytes + end, "abc\xff\xd9", 5);
    check_jpeg(bytes, end + 5, IMAGE_AUTO, 11, 13, 3, jpeg_color_pixels);
}

Test(image_file, files_of_other_kinds_are_told_by_their_name)
{
    refuse_bytes("GIF89a", 6, "is a GIF file, not a PNG or JPEG picture");
    refuse_bytes("RIFF\0\0\0\0WEBPVP8 ", 16, "is a WebP file");
    refuse_bytes("file,label\n", 11, "is of another kind, not");
    refuse_bytes("\x89PNG\n\x1a\n....", 12, "is a PNG file with a damaged signature");
}
