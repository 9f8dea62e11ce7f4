/* A folder of pictures: which files there are, and which class each belongs to.
 *
 *     pictures/cat/0001.png
 *     pictures/cat/0002.png
 *     pictures/dog/a.jpg
 *
 * Promise.  Classes, and files within a class, are in the order of the bytes of their names,
 * whatever the file system gives. Names that begin with a dot are passed over. Links count as what
 * they lead to, files and folders alike, since it is the user who points at the folder. Everything
 * else is refused, so that no file is left out unseen: files beside the folders of classes, folders
 * inside them, classes without files, names that are no UTF-8. What is inside the files is for
 * image_list.h.
 * Ownership.  All of it belongs to the arena.
 * Errors.  BASIN_DATA with the file or folder; BASIN_MEMORY.
 */
#ifndef BASIN_FORMATS_IMAGE_FOLDER_H
#define BASIN_FORMATS_IMAGE_FOLDER_H

#include <stddef.h>
#include "base/arena.h"

struct image_class {
    const char *name;
    size_t first, count; /* its files */
};

struct image_folder {
    const struct image_class *classes;
    size_t class_count;
    const char *const *paths; /* (count) of all files, class after class */
    size_t count;
};

basin_status image_folder_list(const char *path, struct arena *arena, struct image_folder *folder);

#endif
