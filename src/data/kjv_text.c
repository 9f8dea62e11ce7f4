/* kjv-text: the King James Bible as Debian's program `bible` prints it. */
#include <errno.h>
#include <string.h>
#include "data/text.h"

enum {
    KJV_LEAST = 1 << 20,
    KJV_MOST = 1 << 26
}; /* bytes: less is not the whole of it, and more is something else */

static basin_status kjv_load(const void *settings, struct source *source)
{
    static const char name[] = "the King James text";
    struct text_bytes bytes = {0};
    FILE *pipe = popen("bible -f 'gen1:1-rev22:21' 2>/dev/null", "re");
    if (!pipe) return error_raise(BASIN_IO, "cannot run bible: %s", strerror(errno));
    basin_status status = text_read_pipe(pipe, name, KJV_MOST, &bytes);
    int ended = pclose(pipe);
    if (status == BASIN_OK && (ended != 0 || bytes.count < KJV_LEAST))
        status = text_fail(name, "apt-get install bible-kjv bible-kjv-text",
                           "the program `bible` is missing, or does not print it");
    if (status == BASIN_OK)
        status = source_from_text(source, bytes.data, bytes.count, settings, name);
    memory_free(bytes.data);
    return status;
}

static const struct schema_row kjv_parameters[] = {TEXT_ROWS, {0}};

const struct entry kjv_text_entry = {
    .name = "kjv-text",
    .doc = "The King James Bible, 4.4 million characters, for language models (Debian packages "
           "bible-kjv, bible-kjv-text).",
    .parameters = kjv_parameters,
    .implementation = &(const struct dataset){.load = kjv_load},
    .settings_size = sizeof(struct text_settings)};
