/* folder/log.c: what is said of a run, and no file where nothing is. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "folder/folder.h"
#include "folder/log.h"

#define RUN "0123456789abcdef"

static char folder[64], path[FOLDER_PATH];

static void start(void)
{
    snprintf(folder, sizeof folder, "/tmp/basin-log-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
}

static void stop(void)
{
    char command[160];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(log, .init = start, .fini = stop, .timeout = 60);

static const char *read_log(char text[2048])
{
    FILE *file = fopen(log_file(folder, RUN, path), "r");
    cr_assert_not_null(file, "%s", path);
    text[fread(text, 1, 2047, file)] = 0;
    fclose(file);
    return text;
}

Test(log, lines_are_added)
{
    char text[2048], host[128], expected[256];
    basin_error error = {
        .status = BASIN_IO, .message = "the disk is full", .hint = "free some space"};
    gethostname(host, sizeof host);
    log_warning(folder, RUN, "damaged: %s", "x.h5");
    log_error(folder, RUN, &error);
    read_log(text);
    snprintf(expected, sizeof expected, "Z %s-%ld warning: damaged: x.h5\n", host, (long)getpid());
    cr_assert_not_null(strstr(text, expected), "%s", text);
    cr_assert_not_null(strstr(text, " error: the disk is full\n  hint: free some space\n"), "%s",
                       text);
    cr_assert_eq(text[10], 'T');
}

/* Another name (a copy of the folder that was made of hard links) keeps what it has. */
Test(log, what_has_several_names_is_written_under_its_own)
{
    char text[2048], copy[FOLDER_PATH];
    struct stat here, there;
    log_warning(folder, RUN, "before");
    snprintf(copy, sizeof copy, "%s/copy", folder);
    cr_assert_eq(chmod(log_file(folder, RUN, path), 0640), 0);
    cr_assert_eq(link(path, copy), 0);
    log_warning(folder, RUN, "after");
    read_log(text);
    cr_assert_not_null(strstr(text, "warning: before\n"), "%s", text);
    cr_assert_not_null(strstr(text, "warning: after\n"), "%s", text);
    cr_assert_eq(stat(path, &here), 0);
    cr_assert_eq(stat(copy, &there), 0);
    cr_assert_neq(here.st_ino, there.st_ino);
    cr_assert_eq(here.st_mode & 0777, 0640);
    cr_assert_lt(there.st_size, here.st_size);
}

Test(log, without_a_place_nothing_happens)
{
    log_warning("/tmp/basin-no-such-folder", RUN, "lost");
    cr_assert_not(folder_exists("/tmp/basin-no-such-folder"));
}
