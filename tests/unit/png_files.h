/* PNG files for tests, written from the standard (W3C PNG, third edition) with zlib and no libpng:
 * any colour type and depth, interlaced or not. */
#ifndef BASIN_TESTS_PNG_FILES_H
#define BASIN_TESTS_PNG_FILES_H

#include <zlib.h>
#include "data_files.h"

struct png_spec {
    unsigned width, height, depth;
    unsigned kind; /* 0 grey, 2 colour, 3 palette, 4 grey with alpha, 6 colour with alpha */
    bool interlaced;
    const uint16_t *samples; /* (height, width, channels) */
    const uint8_t *palette;  /* (colors, 3); NULL: none */
    size_t colors;
    const uint8_t *trns; /* content of tRNS; NULL: none */
    size_t trns_length;
};

struct png_bytes {
    uint8_t bytes[4096];
    size_t length;
};

static inline unsigned png_channels(unsigned kind)
{
    return kind == 2 ? 3 : kind == 4 ? 2 : kind == 6 ? 4 : 1;
}

static inline void put_big(uint8_t *out, uint32_t value)
{
    for (int k = 0; k < 4; k++) out[k] = (uint8_t)(value >> (24 - 8 * k));
}

static inline void png_chunk(struct png_bytes *png, const char *type, const void *data,
                             size_t length)
{
    uint8_t *at = png->bytes + png->length;
    cr_assert_leq(png->length + length + 12, sizeof png->bytes);
    put_big(at, (uint32_t)length);
    memcpy(at + 4, type, 4);
    if (length) memcpy(at + 8, data, length);
    put_big(at + 8 + length, (uint32_t)crc32(0, at + 4, (uInt)length + 4));
    png->length += length + 12;
}

static inline void png_start(struct png_bytes *png, uint32_t width, uint32_t height, unsigned depth,
                             unsigned kind, bool interlaced)
{
    uint8_t header[13] = {0};
    put_big(header, width);
    put_big(header + 4, height);
    header[8] = (uint8_t)depth, header[9] = (uint8_t)kind, header[12] = interlaced;
    memcpy(png->bytes, "\x89PNG\r\n\x1a\n", 8);
    png->length = 8;
    png_chunk(png, "IHDR", header, sizeof header);
}

/* Rows of the pixels (x0 + i dx, y0 + j dy), each behind a filter byte 0. */
static inline size_t png_pass(const struct png_spec *spec, const unsigned pass[4], uint8_t *out)
{
    unsigned channels = png_channels(spec->kind);
    size_t at = 0;
    for (unsigned y = pass[1]; y < spec->height && pass[0] < spec->width; y += pass[3]) {
        size_t bit = 0;
        out[at++] = 0;
        for (unsigned x = pass[0]; x < spec->width; x += pass[2])
            for (unsigned c = 0; c < channels; c++)
                for (unsigned b = spec->depth; b-- > 0; bit++)
                    if (spec->samples[(y * spec->width + x) * channels + c] >> b & 1)
                        out[at + bit / 8] |= (uint8_t)(0x80 >> bit % 8);
        at += (bit + 7) / 8;
    }
    return at;
}

static inline void png_write(const struct png_spec *spec, struct png_bytes *png)
{
    static const unsigned adam7[7][4] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                                         {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
    static const unsigned whole[4] = {0, 0, 1, 1};
    uint8_t raw[4096] = {0}, packed[4096];
    uLongf length = sizeof packed;
    size_t at = 0;
    png_start(png, spec->width, spec->height, spec->depth, spec->kind, spec->interlaced);
    if (spec->palette) png_chunk(png, "PLTE", spec->palette, 3 * spec->colors);
    if (spec->trns) png_chunk(png, "tRNS", spec->trns, spec->trns_length);
    if (!spec->interlaced) at = png_pass(spec, whole, raw);
    for (int i = 0; spec->interlaced && i < 7; i++) at += png_pass(spec, adam7[i], raw + at);
    cr_assert_eq(compress(packed, &length, raw, at), Z_OK);
    png_chunk(png, "IDAT", packed, length);
    png_chunk(png, "IEND", NULL, 0);
}

/* A picture of bytes: 1 or 3 channels. */
static inline void png_write_file(const char *name, unsigned height, unsigned width,
                                  unsigned channels, const uint8_t *pixels)
{
    uint16_t samples[1024];
    struct png_bytes png;
    for (size_t i = 0; i < (size_t)height * width * channels; i++) samples[i] = pixels[i];
    png_write(&(struct png_spec){.width = width,
                                 .height = height,
                                 .depth = 8,
                                 .kind = channels == 3 ? 2 : 0,
                                 .samples = samples},
              &png);
    write_plain(name, png.bytes, png.length);
}

#endif
