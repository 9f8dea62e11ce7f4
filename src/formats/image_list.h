/* Many pictures as one array: what a folder of PNG and JPEG files becomes.
 *
 * Promise.  One child process with limits (store/foreign.h) decodes all of them, since a damaged
 * file can crash a decoder; the file at which it crashed is named. Every picture has the size and
 * the channels of the first, or those that were asked for, or two files that differ are named.
 * Errors.  BASIN_DATA with the file; BASIN_MEMORY.
 */
#ifndef BASIN_FORMATS_IMAGE_LIST_H
#define BASIN_FORMATS_IMAGE_LIST_H

#include "formats/image_file.h"
#include "store/array.h"

struct image_list {
    const char *folder; /* what messages on all files together name */
    const char *const *paths;
    size_t count; /* at least 1 */
    enum image_color color;
    size_t height, width; /* 0: those of the first file */
};

/* RECORD_BYTE (count, height, width) or (count, height, width, 3), of at most `most` bytes
 * (INFINITY: what the machine has), asked for as soon as the first file is known. */
basin_status image_list_read(const struct image_list *list, double most, struct store_array *array);

#endif
