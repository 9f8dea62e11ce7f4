/* What the disk takes for the bare steps of a safe file: write, fsync, rename. */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int write_one(const char *folder, int index, const void *bytes, size_t count)
{
    char temporary[1024], name[1024];
    snprintf(temporary, sizeof temporary, "%s/%d.tmp", folder, index);
    snprintf(name, sizeof name, "%s/%d", folder, index);
    int file = open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (file < 0) return errno;
    int failed = write(file, bytes, count) != (ssize_t)count || fsync(file) != 0 ? errno : 0;
    if (close(file) != 0 && !failed) failed = errno;
    if (!failed && rename(temporary, name) != 0) failed = errno;
    return failed;
}

basin_status bench_files(const char *folder, int count, int bytes, int threads)
{
    void *data = memory_allocate((size_t)bytes);
    int failed = 0;
    if (!data) return BASIN_MEMORY;
    memset(data, 0x5a, (size_t)bytes);
    double start = now();
#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (int i = 0; i < count; i++) {
        int error = write_one(folder, i, data, (size_t)bytes);
        if (error) {
#pragma omp atomic write
            failed = error;
        }
    }
    double passed = now() - start;
    memory_free(data);
    if (failed) return error_raise(BASIN_IO, "cannot write in %s: %s", folder, strerror(failed));
    printf("%.6g\n", passed);
    return BASIN_OK;
}
