/* Pictures: PNG and JPEG files as bytes of pixels.
 *
 * Purpose.  A file, told by its first bytes and not by its name, becomes (height, width) grey or
 * (height, width, 3) red, green, blue, 0 ... 255, as stored: no gamma, no colour profile, no
 * orientation of EXIF is applied (torchvision's ImageFolder applies none either).
 * PNG.  All colour types, interlaced or not. Grey of 1, 2 and 4 bits is spread over 0 ... 255; a
 * palette gives colours. What 8 bits cannot hold is refused, not rounded: samples of 16 bits are
 * read where each is a byte times 257. Nor is transparency dropped: alpha and tRNS are read where
 * every pixel is opaque. A wrong CRC in any chunk is an error. Bytes behind IEND are not looked at.
 * JPEG.  Grey and colour, baseline and progressive, by libjpeg-turbo's accurate integer DCT and
 * smooth upsampling, its defaults, so that pixels are those of PIL. CMYK is refused. Whatever
 * libjpeg would only warn of is an error (a file that ends early would be grey at the bottom), but
 * for bytes left over in front of the end, which some cameras write.
 * Errors.  BASIN_DATA with the file and, of a PNG, the byte. Sizes are compared with what a file of
 * this length can hold, with IMAGE_PIXELS_MOST and with `most` before memory is taken.
 * Ownership.  `pixels` is from memory_allocate; image_free.
 * Both libraries are for a child process (image_list.h); here is what it does there.
 */
#ifndef BASIN_FORMATS_IMAGE_FILE_H
#define BASIN_FORMATS_IMAGE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/error.h"

enum { IMAGE_PIXELS_MOST = 1 << 28 };

/* IMAGE_AUTO: as it is in the file. */
enum image_color { IMAGE_AUTO, IMAGE_GREY, IMAGE_RGB };

struct image {
    size_t height, width, channels; /* 1 or 3 */
    uint8_t *pixels;                /* (height, width, channels) */
};

/* Only the sizes; `*memory` is what decoding will take. `name` is what messages call the file. */
basin_status image_measure(const char *name, const uint8_t *bytes, size_t length,
                           struct image *image, double *memory);
basin_status image_decode(const char *name, const uint8_t *bytes, size_t length, double most,
                          struct image *image);
void image_free(struct image *image);

/* Grey is 0.299 red + 0.587 green + 0.114 blue (ITU-R BT.601) in the integers of PIL's
 * convert("L"): (19595 red + 38470 green + 7471 blue + 32768) / 65536, rounded down. Grey becomes
 * colour by three equal channels. BASIN_MEMORY. */
basin_status image_recolor(struct image *image, enum image_color color);

/* Bilinear, antialiased where it shrinks (a triangle as wide as two pixels of the smaller picture),
 * each axis by itself: rows first, rounded to bytes, then columns. In the integers of PIL's
 * resize((width, height), BILINEAR), which is what torchvision's Resize does to pictures: the same
 * bytes. */
basin_status image_resize(struct image *image, size_t height, size_t width);

const char *image_png_library(void);  /* the version of libpng */
const char *image_jpeg_library(void); /* the version of libjpeg-turbo */

/* ---- inside: one decoder a file ---- */

/* What a decoder reads; `measure`: only the sizes. */
struct image_source {
    const char *name;
    const uint8_t *bytes;
    size_t length;
    double most;
};

basin_status image_png(const struct image_source *source, bool measure, struct image *image,
                       double *memory);
basin_status image_jpeg(const struct image_source *source, bool measure, struct image *image,
                        double *memory);
/* May a picture be so large? `least` bits of a file hold a pixel at the least. */
basin_status image_check_size(const struct image_source *source, const struct image *image,
                              double least);

#endif
