/* Feeds each file of the folders that are named to the target that this is linked with, without
 * libFuzzer: so the corpus is a test of every build, whatever compiler made it. */
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>
#include "fuzz.h"

static char path[4096]; /* of the file that is fed, for name_culprit */

static void name_culprit(int number)
{
    ssize_t written = write(STDERR_FILENO, path, strlen(path)) + write(STDERR_FILENO, "\n", 1);
    (void)written;
    signal(number, SIG_DFL);
    raise(number);
}

/* Into memory of exactly its size: a sanitizer then sees one byte too many. */
static uint8_t *read_file(FILE *file, size_t *length)
{
    if (fseek(file, 0, SEEK_END) != 0 || ftell(file) < 0) return NULL;
    *length = (size_t)ftell(file);
    rewind(file);
    uint8_t *bytes = malloc(*length ? *length : 1);
    if (bytes && fread(bytes, 1, *length, file) == *length) return bytes;
    free(bytes);
    return NULL;
}

static bool replay_file(void)
{
    size_t length;
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = file ? read_file(file, &length) : NULL;
    if (file) fclose(file);
    if (bytes) LLVMFuzzerTestOneInput(bytes, length);
    free(bytes);
    return bytes != NULL;
}

/* How many files there are; 0 where one cannot be read. */
static int replay_folder(const char *folder)
{
    DIR *directory = opendir(folder);
    int count = 0;
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (!replay_file()) {
            fprintf(stderr, "cannot read %s\n", path);
            count = 0;
            break;
        }
        count++;
    }
    if (directory) closedir(directory);
    return count;
}

int main(int argc, char **argv)
{
    static const int deadly[] = {SIGABRT, SIGSEGV, SIGFPE, SIGBUS};
    int all = 0;
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++) signal(deadly[i], name_culprit);
    for (int i = 1; i < argc; i++) {
        int count = replay_folder(argv[i]);
        if (count == 0) {
            fprintf(stderr, "%s: no corpus\n", argv[i]);
            return 1;
        }
        all += count;
    }
    printf("%d inputs\n", all);
    return 0;
}
