#include "formats/content.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "store/array.h"

basin_status content_open(const char *path, const char *what, struct content *content)
{
    struct stat about;
    TRY(store_array_file(path, what));
    *content =
        (struct content){.path = path, .file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (content->file >= 0 && fstat(content->file, &about) == 0) {
        content->length = (size_t)about.st_size;
        return BASIN_OK;
    }
    error_raise(BASIN_DATA, "cannot open %s: %s", path, strerror(errno));
    error_place(path, 0, 0);
    content_close(content);
    return BASIN_DATA;
}

void content_close(struct content *content)
{
    if (!content->bytes && content->file >= 0) close(content->file);
    content->file = -1;
}

basin_status content_view(const struct content *content, size_t at, size_t length, uint8_t *buffer,
                          const uint8_t **view)
{
    *view = content->bytes ? content->bytes + at : buffer;
    if (content->bytes) return BASIN_OK;
    for (size_t done = 0; done < length;) {
        ssize_t n = pread(content->file, buffer + done, length - done, (off_t)(at + done));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            error_raise(BASIN_DATA, "cannot be read: %s", n ? strerror(errno) : "it ends early");
            return content_blame(content, at + done);
        }
        done += (size_t)n;
    }
    return BASIN_OK;
}

basin_status content_blame(const struct content *content, size_t byte)
{
    if (content->member)
        error_prefix("%s: member \"%s\"", content->path, content->member);
    else
        error_prefix("%s", content->path);
    if (content->member)
        error_place(content->path, 0, 0);
    else
        error_byte(content->path, (long long)byte);
    return BASIN_DATA;
}
