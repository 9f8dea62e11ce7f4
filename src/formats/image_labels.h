/* Labels of pictures in a CSV file: two columns, the name of a file and its label.
 *
 *     file,label
 *     2024/0001.png,cat
 *     2024/0002.jpg,dog
 *
 * Promise.  Names are relative to the folder of the pictures and stay inside it: absolute ones and
 * ones with `..` are refused. The first row is a header where its first cell is no file that is
 * there. Files that the table does not name are not looked at.
 * Labels.  Whole numbers are RECORD_INTEGER, other numbers RECORD_FLOAT64, texts RECORD_TEXT;
 * numbers and texts in one file are refused, not guessed at.
 * Ownership.  Paths are the arena's; `labels->data` is from memory_allocate.
 * Errors.  BASIN_DATA with file and line; BASIN_MEMORY.
 */
#ifndef BASIN_FORMATS_IMAGE_LABELS_H
#define BASIN_FORMATS_IMAGE_LABELS_H

#include "base/arena.h"
#include "store/array.h"

struct image_labels {
    const char *const *paths; /* (count) with the folder in front */
    size_t count;
    struct store_array labels; /* (count) */
};

basin_status image_labels_read(const char *path, const char *folder, struct arena *arena,
                               struct image_labels *labels);

#endif
