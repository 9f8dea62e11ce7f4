/* Gives any image the trailer of a result file: seal IMAGE FILE. For tests whose content is wrong
 * and whose digest is right. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include "base/arena.h"
#include "store/file.h"
#include "store/trailer.h"

int main(int count, char **words)
{
    uint8_t *image, *file;
    size_t length;
    if (count != 3 || file_read(words[1], &image, &length) != BASIN_OK) return 2;
    if (!(file = memory_allocate(length + TRAILER_LENGTH))) return 2;
    memcpy(file, image, length);
    basin_status status = trailer_write(file, length + TRAILER_LENGTH);
    if (status == BASIN_OK) status = store_write_file(words[2], file, length + TRAILER_LENGTH);
    if (status != BASIN_OK) fprintf(stderr, "%s\n", basin_error_last()->message);
    memory_free(image);
    memory_free(file);
    return status == BASIN_OK ? 0 : 1;
}
