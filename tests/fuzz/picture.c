/* The decoders of pictures (src/formats/image_file.h).
 *
 * First byte: what is done with the rest. Bits 0 and 1: it is decoded as it is; as a PNG whose
 * checksums are put right, since no mutation would pass them; or it is six bytes of a header
 * (width, height, depth, colour type, interlaced, colours of a palette) and the rows, which are put
 * into a PNG. Bits 2 and 3 choose the colours, the others the size to which it is resized. */
#include <math.h>
#include <zlib.h>
#include "formats/image_file.h"
#include "fuzz.h"

enum { LENGTH_MOST = 4096, MEMORY_MOST = 1 << 24, SIGNATURE = 8, CHUNK = 12 };

struct file {
    uint8_t bytes[LENGTH_MOST + 1024];
    size_t length;
};

static uint32_t get_big(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put_big(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void mend_checksums(struct file *file)
{
    for (size_t at = SIGNATURE; at + CHUNK <= file->length;) {
        size_t length = get_big(file->bytes + at);
        if (length > file->length - at - CHUNK) return;
        put_big(file->bytes + at + 8 + length,
                (uint32_t)crc32(0, file->bytes + at + 4, (uInt)length + 4));
        at += CHUNK + length;
    }
}

static void add_chunk(struct file *file, const char *type, const void *data, size_t length)
{
    uint8_t *at = file->bytes + file->length;
    put_big(at, (uint32_t)length);
    memcpy(at + 4, type, 4);
    if (length) memcpy(at + 8, data, length);
    put_big(at + 8 + length, (uint32_t)crc32(0, at + 4, (uInt)length + 4));
    file->length += CHUNK + length;
}

static void make_png(struct input *input, struct file *file)
{
    uint8_t head[13] = {0}, palette[768], packed[LENGTH_MOST + 256];
    uLongf length = sizeof packed;
    head[3] = input_byte(input), head[7] = input_byte(input);
    head[8] = input_byte(input), head[9] = input_byte(input), head[12] = input_byte(input) & 1;
    size_t colors = input_byte(input);
    for (size_t i = 0; i < sizeof palette; i++) palette[i] = (uint8_t)(7 * i);
    memcpy(file->bytes, "\x89PNG\r\n\x1a\n", SIGNATURE);
    file->length = SIGNATURE;
    add_chunk(file, "IHDR", head, sizeof head);
    if (colors) add_chunk(file, "PLTE", palette, 3 * (colors % 64));
    CHECK(compress(packed, &length, input->at, input->left) == Z_OK);
    add_chunk(file, "IDAT", packed, length);
    add_chunk(file, "IEND", NULL, 0);
}

/* Decoding gives what was measured; twice the same. */
static void check_decoded(const struct file *file, const struct image *measured, double memory,
                          const struct image *image)
{
    struct image again;
    CHECK(image->height == measured->height && image->width == measured->width &&
          image->channels == measured->channels && image->pixels);
    CHECK(image->channels == 1 || image->channels == 3);
    size_t bytes = image->height * image->width * image->channels;
    CHECK((double)bytes <= memory && memory <= MEMORY_MOST);
    CHECK(image_decode("again", file->bytes, file->length, MEMORY_MOST, &again) == BASIN_OK);
    CHECK(memcmp(again.pixels, image->pixels, bytes) == 0);
    image_free(&again);
}

static void check_changed(struct image *image, enum image_color color, size_t height, size_t width)
{
    uint8_t low = 255, high = 0;
    CHECK(image_recolor(image, color) == BASIN_OK);
    CHECK(color == IMAGE_AUTO || image->channels == (color == IMAGE_GREY ? 1 : 3));
    for (size_t i = 0; i < image->height * image->width * image->channels; i++) {
        if (image->pixels[i] < low) low = image->pixels[i];
        if (image->pixels[i] > high) high = image->pixels[i];
    }
    CHECK(image_resize(image, height, width) == BASIN_OK);
    CHECK(image->height == height && image->width == width);
    for (size_t i = 0; i < height * width * image->channels; i++) /* means of pixels */
        CHECK(image->pixels[i] >= low && image->pixels[i] <= high);
}

static void decode(const struct file *file, enum image_color color, size_t size)
{
    struct image measured, image;
    double memory = 0;
    basin_status status = image_measure("file", file->bytes, file->length, &measured, &memory);
    CHECK(!measured.pixels);
    if (status == BASIN_OK && memory > MEMORY_MOST) return;
    basin_status decoded = image_decode("file", file->bytes, file->length, MEMORY_MOST, &image);
    CHECK(decoded == BASIN_OK || (decoded == BASIN_DATA && basin_error_last()->message[0]));
    CHECK(status == BASIN_OK || decoded != BASIN_OK);
    if (decoded != BASIN_OK) {
        CHECK(!image.pixels);
        return;
    }
    check_decoded(file, &measured, memory, &image);
    if (memory < 1 << 18) check_changed(&image, color, 1 + size % 4, 1 + size / 4 * 3);
    image_free(&image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct file file;
    struct input input = {data, size};
    unsigned way = input_byte(&input);
    if (input.left > LENGTH_MOST) return 0;
    if ((way & 3) == 3) {
        make_png(&input, &file);
    } else {
        memcpy(file.bytes, input.at, input.left);
        file.length = input.left;
        if ((way & 3) == 1) mend_checksums(&file);
    }
    decode(&file, (way >> 2) % 3, way >> 4);
    return 0;
}
